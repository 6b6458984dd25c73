/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "capture/tap.h"

#include "base/alloc.h"
#include "base/thread.h"

#include <errno.h>
#include <pthread.h>

enum { EVENTS = 256 };

struct g20_tap {
    struct g20_hub *hub;
    struct g20_hub_sub *sub;
    struct g20_thread thread;
    pthread_mutex_t wake_lock; /* of the two below; the hub's lock is held when it is taken */
    pthread_cond_t woken;
    bool pending, stopping;
    pthread_mutex_t sinks_lock; /* held while sinks are called */
    struct g20_tap_sink *sinks;
};

static void on_wake(void *user)
{
    struct g20_tap *t = user;

    pthread_mutex_lock(&t->wake_lock);
    t->pending = true;
    pthread_cond_signal(&t->woken);
    pthread_mutex_unlock(&t->wake_lock);
}

static void give_block(struct g20_tap *t, const struct g20_block *b)
{
    pthread_mutex_lock(&t->sinks_lock);
    for (struct g20_tap_sink *s = t->sinks; s; s = s->next) {
        if (s->block)
            s->block(b, s->user);
    }
    pthread_mutex_unlock(&t->sinks_lock);
}

static void give_event(struct g20_tap *t, const struct g20_hub_event *ev)
{
    pthread_mutex_lock(&t->sinks_lock);
    for (struct g20_tap_sink *s = t->sinks; s; s = s->next) {
        if (s->event)
            s->event(ev, s->user);
    }
    pthread_mutex_unlock(&t->sinks_lock);
}

static bool wait_for_more(struct g20_tap *t)
{
    pthread_mutex_lock(&t->wake_lock);
    while (!t->pending && !t->stopping)
        pthread_cond_wait(&t->woken, &t->wake_lock);
    const bool go_on = !t->stopping;
    t->pending = false;
    pthread_mutex_unlock(&t->wake_lock);
    return go_on;
}

static void *tap_main(void *arg)
{
    struct g20_tap *t = arg;
    struct g20_block *b;
    struct g20_hub_event *ev;

    while (wait_for_more(t)) {
        while ((b = g20_hub_take_block(t->sub))) {
            give_block(t, b);
            g20_block_unref(&b);
        }
        while ((ev = g20_hub_take_event(t->sub))) {
            give_event(t, ev);
            g20_hub_event_unref(ev);
        }
    }
    return NULL;
}

void g20_tap_destroy(struct g20_tap *t)
{
    if (!t)
        return;
    pthread_mutex_lock(&t->wake_lock);
    t->stopping = true;
    pthread_cond_signal(&t->woken);
    pthread_mutex_unlock(&t->wake_lock);
    g20_thread_join(&t->thread);
    g20_hub_unsubscribe(t->hub, t->sub);
    pthread_cond_destroy(&t->woken);
    pthread_mutex_destroy(&t->wake_lock);
    pthread_mutex_destroy(&t->sinks_lock);
    g20_free(t);
}

int g20_tap_create(struct g20_tap **ret, struct g20_hub *hub, uint32_t blocks, struct g20_err *e)
{
    struct g20_tap *t = g20_calloc(1, sizeof(*t));

    if (!t)
        return g20_fail(e, -ENOMEM, "out of memory");
    const struct g20_hub_sub_cfg cfg = {
        .blocks = blocks, .events = EVENTS, .wake = on_wake, .user = t};
    t->hub = hub;
    pthread_mutex_init(&t->wake_lock, NULL);
    pthread_mutex_init(&t->sinks_lock, NULL);
    pthread_cond_init(&t->woken, NULL);
    int r = g20_hub_subscribe(hub, &cfg, &t->sub);
    if (r >= 0)
        r = g20_thread_start(&t->thread, "g20-tap", tap_main, t, e);
    else
        g20_fail(e, r, "%s", g20_strerror(r));
    if (r < 0) {
        g20_tap_destroy(t);
        return r;
    }
    *ret = t;
    return 0;
}

void g20_tap_add(struct g20_tap *t, struct g20_tap_sink *sink)
{
    pthread_mutex_lock(&t->sinks_lock);
    sink->next = t->sinks;
    t->sinks = sink;
    pthread_mutex_unlock(&t->sinks_lock);
}

void g20_tap_remove(struct g20_tap *t, struct g20_tap_sink *sink)
{
    pthread_mutex_lock(&t->sinks_lock);
    for (struct g20_tap_sink **at = &t->sinks; *at; at = &(*at)->next) {
        if (*at == sink) {
            *at = sink->next;
            break;
        }
    }
    pthread_mutex_unlock(&t->sinks_lock);
}
