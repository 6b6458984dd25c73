/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/queue.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <errno.h>
#include <pthread.h>

struct g20_queue {
    pthread_mutex_t lock;
    pthread_cond_t not_empty, not_full;
    enum g20_full when_full;
    g20_item_free_fn *free_item;
    bool closed;
    size_t head, len, cap;
    uint64_t pushed, dropped;
    void *slot[]; /* (cap) ring; head is the oldest */
};

int g20_queue_create(struct g20_queue **ret, size_t cap, enum g20_full when_full,
                     g20_item_free_fn *free_item)
{
    if (cap < 1 || cap > 1u << 20)
        return -EINVAL;

    struct g20_queue *q = g20_calloc(1, sizeof(*q) + cap * sizeof(void *));
    if (!q)
        return -ENOMEM;
    q->cap = cap;
    q->when_full = when_full;
    q->free_item = free_item;

    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&q->lock, NULL);
    pthread_cond_init(&q->not_empty, &attr);
    pthread_cond_init(&q->not_full, &attr);
    pthread_condattr_destroy(&attr);

    *ret = q;
    return 0;
}

static void *take_oldest(struct g20_queue *q)
{
    void *item = q->slot[q->head];

    q->head = (q->head + 1) % q->cap;
    q->len--;
    return item;
}

/* With the lock, which is given up meanwhile: what frees an item may take locks of its own. */
static void drop_all(struct g20_queue *q)
{
    while (q->len > 0 && !q->closed) {
        void *victim = take_oldest(q);

        q->dropped++;
        pthread_mutex_unlock(&q->lock);
        if (q->free_item)
            q->free_item(victim);
        pthread_mutex_lock(&q->lock);
    }
}

int g20_queue_push(struct g20_queue *q, void *item)
{
    int r = 0;

    pthread_mutex_lock(&q->lock);
    while (q->when_full == G20_FULL_WAIT && q->len == q->cap && !q->closed)
        pthread_cond_wait(&q->not_full, &q->lock);
    if (q->when_full == G20_FULL_DROP_ALL && q->len > 0 && q->len == q->cap)
        drop_all(q);

    if (q->closed) {
        r = -ESHUTDOWN;
    } else if (q->when_full == G20_FULL_REJECT && q->len == q->cap) {
        q->dropped++;
        r = -EAGAIN;
    } else {
        q->slot[(q->head + q->len++) % q->cap] = item;
        q->pushed++;
        pthread_cond_signal(&q->not_empty);
    }
    pthread_mutex_unlock(&q->lock);
    return r;
}

void *g20_queue_pop(struct g20_queue *q)
{
    void *item = NULL;

    pthread_mutex_lock(&q->lock);
    while (q->len == 0 && !q->closed)
        pthread_cond_wait(&q->not_empty, &q->lock);
    if (q->len > 0) {
        item = take_oldest(q);
        pthread_cond_signal(&q->not_full);
    }
    pthread_mutex_unlock(&q->lock);
    return item;
}

void *g20_queue_pop_for(struct g20_queue *q, int timeout_ms, bool *ret_closed)
{
    const struct timespec until = g20_clock_deadline(timeout_ms);
    void *item = NULL;

    pthread_mutex_lock(&q->lock);
    while (q->len == 0 && !q->closed) {
        if (pthread_cond_timedwait(&q->not_empty, &q->lock, &until) == ETIMEDOUT)
            break;
    }
    if (q->len > 0) {
        item = take_oldest(q);
        pthread_cond_signal(&q->not_full);
    }
    *ret_closed = !item && q->closed;
    pthread_mutex_unlock(&q->lock);
    return item;
}

void g20_queue_close(struct g20_queue *q)
{
    pthread_mutex_lock(&q->lock);
    q->closed = true;
    pthread_cond_broadcast(&q->not_empty);
    pthread_cond_broadcast(&q->not_full);
    pthread_mutex_unlock(&q->lock);
}

void g20_queue_destroy(struct g20_queue *q)
{
    if (!q)
        return;
    while (q->len > 0) {
        void *item = take_oldest(q);
        if (q->free_item)
            q->free_item(item);
    }
    pthread_cond_destroy(&q->not_full);
    pthread_cond_destroy(&q->not_empty);
    pthread_mutex_destroy(&q->lock);
    g20_free(q);
}

void g20_queue_stats(struct g20_queue *q, struct g20_queue_stats *ret)
{
    pthread_mutex_lock(&q->lock);
    *ret = (struct g20_queue_stats){
        .len = q->len, .cap = q->cap, .pushed = q->pushed, .dropped = q->dropped};
    pthread_mutex_unlock(&q->lock);
}
