/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/feed.h"

#include "base/alloc.h"

#include <errno.h>
#include <pthread.h>

struct g20_feed {
    pthread_mutex_t lock; /* of all below but refs */
    struct g20_outbox box;
    void (*wake)(void *user);
    void *user;
    bool woken, closed;
    uint64_t pushed;
    atomic_uint refs;
};

int g20_feed_create(struct g20_feed **ret, uint32_t cap, void (*wake)(void *user), void *user)
{
    struct g20_feed *f = g20_calloc(1, sizeof(*f));
    const int r = f ? g20_outbox_init(&f->box, cap) : -1;

    if (!f || r < 0) {
        g20_free(f);
        return -ENOMEM;
    }
    pthread_mutex_init(&f->lock, NULL);
    atomic_init(&f->refs, 1);
    f->wake = wake;
    f->user = user;
    *ret = f;
    return 0;
}

struct g20_feed *g20_feed_ref(struct g20_feed *f)
{
    atomic_fetch_add(&f->refs, 1);
    return f;
}

void g20_feed_unref(struct g20_feed **at)
{
    struct g20_feed *f = *at;

    *at = NULL;
    if (!f || atomic_fetch_sub(&f->refs, 1) != 1)
        return;
    g20_outbox_fini(&f->box);
    pthread_mutex_destroy(&f->lock);
    g20_free(f);
}

bool g20_feed_push(struct g20_feed *f, struct g20_msg *m)
{
    if (!m)
        return true;
    pthread_mutex_lock(&f->lock);
    const bool open = !f->closed;
    if (open) {
        g20_outbox_push(&f->box, m);
        f->pushed++;
        if (!f->woken && f->wake) {
            f->woken = true;
            f->wake(f->user);
        }
    }
    pthread_mutex_unlock(&f->lock);
    g20_msg_unref(m);
    return open;
}

struct g20_msg *g20_feed_take(struct g20_feed *f)
{
    pthread_mutex_lock(&f->lock);
    struct g20_msg *m = g20_outbox_pop(&f->box);
    f->woken = false;
    pthread_mutex_unlock(&f->lock);
    return m;
}

void g20_feed_close(struct g20_feed *f)
{
    pthread_mutex_lock(&f->lock);
    f->closed = true;
    for (struct g20_msg *m; (m = g20_outbox_pop(&f->box));)
        g20_msg_unref(m);
    pthread_mutex_unlock(&f->lock);
}

void g20_feed_stats(struct g20_feed *f, struct g20_feed_stats *ret)
{
    pthread_mutex_lock(&f->lock);
    *ret = (struct g20_feed_stats){
        .len = f->box.len, .pushed = f->pushed, .dropped = f->box.dropped, .closed = f->closed};
    pthread_mutex_unlock(&f->lock);
}
