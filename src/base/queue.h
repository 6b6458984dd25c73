/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* queue: a bounded hand-off of owned pointers between threads. What happens when the reader is
 * slow is chosen at creation: a file replay waits, a live receiver drops what waits and counts it.
 *
 * Any number of threads may push and pop. All memory is taken by create(). */
#ifndef G20_BASE_QUEUE_H
#define G20_BASE_QUEUE_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct g20_queue;

enum g20_full {
    G20_FULL_WAIT,   /* push blocks until there is room or the queue is closed */
    G20_FULL_REJECT, /* push returns -EAGAIN; the caller still owns the item */
    /* All that waits is freed and counted, the new one goes in: the reader of a stream has one gap
     * instead of one at each item, and what is newest after it. */
    G20_FULL_DROP_ALL,
};

typedef void g20_item_free_fn(void *item);

/* @cap >= 1 items. @free_item disposes of items dropped, and of those left at destroy. */
G20_MUST_USE int g20_queue_create(struct g20_queue **ret, size_t cap, enum g20_full when_full,
                                  g20_item_free_fn *free_item);

/* 0: the queue owns @item now. -EAGAIN (full) or -ESHUTDOWN (closed): the caller still does. */
G20_MUST_USE int g20_queue_push(struct g20_queue *q, void *item);

void *g20_queue_pop(struct g20_queue *q); /* waits; NULL once closed and drained */

/* Like pop but gives up after @timeout_ms; then *ret_closed tells a time-out from the end. */
void *g20_queue_pop_for(struct g20_queue *q, int timeout_ms, bool *ret_closed);

void g20_queue_close(struct g20_queue *q);   /* wakes every waiter, may be called twice */
void g20_queue_destroy(struct g20_queue *q); /* no thread may be inside; frees what is left */

struct g20_queue_stats {
    size_t len, cap;
    uint64_t pushed, dropped;
};
void g20_queue_stats(struct g20_queue *q, struct g20_queue_stats *ret);

#endif
