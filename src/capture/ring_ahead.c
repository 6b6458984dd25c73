/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "capture/ring_ahead.h"

#include "capture/ring_own.h"

enum {
    PAGE = 4096,     /* no system that we run on has smaller ones */
    STEP = 512 << 10 /* between two looks at where the writer is */
};

/* A zero is replaced by a zero, in one step: the writer may be there at the same time. Nothing is
 * read first: memory that is read is lent the system's page of zeros, which the write then has to
 * exchange for its own, on every processor. (An atomic addition of 0 would do, were it not that
 * compilers make a mere load of it.) */
static void touch(struct g20_ring *r, uint64_t from, uint64_t to)
{
    for (uint64_t pos = from; pos < to; pos += PAGE - pos % PAGE) {
        uint_least64_t zero = 0;

        (void)atomic_compare_exchange_strong_explicit(&r->word[pos / 8 % (r->cap / 8)], &zero, 0,
                                                      memory_order_relaxed, memory_order_relaxed);
    }
}

/* With the lock: how far the memory should have been touched. */
static uint64_t wanted(const struct g20_ring *r)
{
    return G20_MIN(r->ahead.end, r->head + G20_RING_AHEAD);
}

static void *ahead_main(void *arg)
{
    struct g20_ring *r = arg;
    struct g20_ring_ahead *a = &r->ahead;

    pthread_mutex_lock(&r->lock);
    while (!a->stopping && a->touched < a->end) {
        const uint64_t from = G20_MAX(a->touched, r->head); /* it may have been overtaken */
        const uint64_t to = G20_MIN(from + STEP, wanted(r));

        if (from >= to) {
            a->touched = from;
            if (from < a->end)
                pthread_cond_wait(&a->near, &r->lock);
            continue;
        }
        pthread_mutex_unlock(&r->lock);
        touch(r, from, to);
        pthread_mutex_lock(&r->lock);
        a->touched = to;
    }
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

void g20_ring_ahead_tell(struct g20_ring *r)
{
    if (r->ahead.touched < r->ahead.end && r->head + G20_RING_AHEAD / 2 > r->ahead.touched)
        pthread_cond_signal(&r->ahead.near);
}

int g20_ring_ahead_start(struct g20_ring *r, struct g20_err *e)
{
    r->ahead.touched = r->head;
    r->ahead.end = r->head + r->cap;
    return g20_thread_start(&r->ahead.thread, "g20-ring-ahead", ahead_main, r, e);
}

void g20_ring_ahead_stop(struct g20_ring *r)
{
    pthread_mutex_lock(&r->lock);
    r->ahead.stopping = true;
    pthread_cond_signal(&r->ahead.near);
    pthread_mutex_unlock(&r->lock);
    g20_thread_join(&r->ahead.thread);
}
