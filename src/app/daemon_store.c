/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The database as a part of the daemon, and the thread that hands it what the hub publishes: the
 * hub's mailbox must be emptied while the database waits for a slow disk. */
#include "app/daemon.h"

#include "app/ports.h"
#include "base/alloc.h"
#include "base/thread.h"

#include <errno.h>
#include <stdio.h>

enum { EVENTS = 2048 };

struct g20_keeper {
    struct g20_store *store;
    struct g20_hub_sub *sub;
    struct g20_thread thread;
    uint64_t missed;

    pthread_mutex_t lock; /* of the rest */
    pthread_cond_t woken;
    bool has_more, stopping;
};

/* On a publisher's thread. */
static void wake(void *user)
{
    struct g20_keeper *k = user;

    pthread_mutex_lock(&k->lock);
    k->has_more = true;
    pthread_cond_signal(&k->woken);
    pthread_mutex_unlock(&k->lock);
}

static void hand_over(struct g20_keeper *k)
{
    struct g20_hub_sub_stats st;
    struct g20_hub_event *ev;

    while ((ev = g20_hub_take_event(k->sub))) {
        g20_store_emission(k->store, ev->kind, &ev->em);
        g20_hub_event_unref(ev);
    }
    g20_hub_sub_stats(k->sub, &st);
    if (st.events_dropped > k->missed) {
        g20_store_missed(k->store, st.events_dropped - k->missed);
        k->missed = st.events_dropped;
    }
}

static void *keeper_main(void *arg)
{
    struct g20_keeper *k = arg;

    for (bool stopping = false; !stopping;) {
        pthread_mutex_lock(&k->lock);
        while (!k->has_more && !k->stopping)
            pthread_cond_wait(&k->woken, &k->lock);
        k->has_more = false;
        stopping = k->stopping;
        pthread_mutex_unlock(&k->lock);
        hand_over(k);
    }
    return NULL;
}

static int start_keeper(struct g20_daemon *d, struct g20_err *e)
{
    struct g20_keeper *k = g20_calloc(1, sizeof(*k));

    if (!k)
        return g20_fail(e, -ENOMEM, "out of memory");
    k->store = d->store;
    pthread_mutex_init(&k->lock, NULL);
    pthread_cond_init(&k->woken, NULL);
    d->keeper = k; /* stopped also when the rest fails */
    const struct g20_hub_sub_cfg sub = {.events = EVENTS, .wake = wake, .user = k};
    const int r = g20_hub_subscribe(d->hub, &sub, &k->sub);
    return r < 0 ? g20_fail(e, r, "%s", g20_strerror(r))
                 : g20_thread_start(&k->thread, "g20-keeper", keeper_main, k, e);
}

static void stop_keeper(struct g20_daemon *d)
{
    struct g20_keeper *k = d->keeper;

    if (!k)
        return;
    pthread_mutex_lock(&k->lock);
    k->stopping = true;
    pthread_cond_signal(&k->woken);
    pthread_mutex_unlock(&k->lock);
    g20_thread_join(&k->thread);
    g20_hub_unsubscribe(d->hub, k->sub);
    pthread_cond_destroy(&k->woken);
    pthread_mutex_destroy(&k->lock);
    g20_free(k);
    d->keeper = NULL;
}

static void say(enum g20_log_level level, const char *message, const char *detail, void *user)
{
    (void)user;
    if (detail[0])
        g20_log(level, "storage", message, G20_F_STR("detail", detail));
    else
        g20_log(level, "storage", message);
}

int g20_daemon_start_store(void *user, struct g20_err *e)
{
    struct g20_daemon *d = user;
    char path[G20_CONFIG_PATH_MAX + 16];
    const struct g20_store_cfg cfg = {.path = path,
                                      .retention_days = d->cfg.storage.retention_days,
                                      .max_bytes = (uint64_t)d->cfg.storage.max_bytes,
                                      .say = say};
    int r = g20_ports_folder(d->cfg.paths.data_dir, e);

    if (r < 0)
        return r;
    snprintf(path, sizeof(path), "%s/g20.db", d->cfg.paths.data_dir);
    r = g20_store_create(&d->store, &cfg, e);
    return r < 0 ? r : start_keeper(d, e);
}

void g20_daemon_stop_store(void *user)
{
    struct g20_daemon *d = user;

    stop_keeper(d);
    g20_store_destroy(d->store);
    d->store = NULL;
}
