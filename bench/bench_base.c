/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Rows of src/base: handing a sample block from thread to thread. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/queue.h"
#include "base/thread.h"
#include "bench.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

extern const struct g20_bench_row g20_bench_base_rows[];

enum { ITEMS = 2000 };

/* Two queues between two threads; an item is the time of its push. "Busy" keeps the reader awake
 * with a full queue, so the figure is the hand-over itself; "idle" includes waking it up. */
struct handover {
    struct g20_queue *there;
    struct g20_thread reader;
    uint64_t sent[ITEMS], got[ITEMS];
    atomic_uint n;
};

static void *reader_main(void *arg)
{
    struct handover *h = arg;
    uint64_t *item;

    while ((item = g20_queue_pop(h->there))) {
        h->got[item - h->sent] = g20_clock_mono_ns();
        atomic_fetch_add(&h->n, 1);
    }
    return NULL;
}

static void teardown(void *state)
{
    struct handover *h = state;

    if (!h)
        return;
    if (h->there)
        g20_queue_close(h->there);
    g20_thread_join(&h->reader);
    g20_queue_destroy(h->there);
    g20_free(h);
}

static void keep(void *item)
{
    (void)item; /* the times live in struct handover */
}

static int setup(void **ret_state, const struct g20_bench_env *env, struct g20_err *e)
{
    struct handover *h = g20_calloc(1, sizeof(*h));
    (void)env;

    if (!h)
        return -ENOMEM;
    *ret_state = h;
    int r = g20_queue_create(&h->there, ITEMS, G20_FULL_WAIT, keep);
    if (r < 0)
        return r;
    return g20_thread_start(&h->reader, "g20-bench", reader_main, h, e);
}

/* One thread pushes and pops: the cost of the queue itself, uncontended, one item through. */
static int run_through(void *state, struct g20_bench_samples *out, struct g20_err *e)
{
    struct g20_queue *q = NULL;
    int r = g20_queue_create(&q, ITEMS, G20_FULL_WAIT, keep);
    (void)state;
    (void)e;

    if (r < 0)
        return r;
    for (int i = 0; i < ITEMS && r >= 0; i++) {
        const uint64_t t0 = g20_clock_mono_ns();
        r = g20_queue_push(q, &r);
        if (r >= 0)
            (void)g20_queue_pop(q);
        g20_bench_add(out, g20_bench_ns(t0, g20_clock_mono_ns()) * 1e-3);
    }
    g20_queue_destroy(q);
    return r;
}

/* Woken reader: a sleeping thread is handed one block, as the first stage is at low rates. */
static int run_wake(void *state, struct g20_bench_samples *out, struct g20_err *e)
{
    struct handover *h = state;
    (void)e;

    atomic_store(&h->n, 0);
    for (unsigned i = 0; i < ITEMS / 20; i++) {
        g20_sleep_ns(100000); /* the reader goes to sleep, as between two blocks */
        h->sent[i] = g20_clock_mono_ns();
        const int r = g20_queue_push(h->there, &h->sent[i]);
        if (r < 0)
            return r;
        while (atomic_load(&h->n) <= i)
            g20_sleep_ns(20000);
        g20_bench_add(out, g20_bench_ns(h->sent[i], h->got[i]) * 1e-3);
    }
    return 0;
}

const struct g20_bench_row g20_bench_base_rows[] = {
    {.name = "iq_handover",
     .what = "IQ block through a queue: push and pop, no waiting",
     .unit = "us",
     .target_p99 = 1.0,
     .run = run_through},
    {.name = "iq_handover_wake",
     .what = "IQ block to a sleeping thread: push until it has it (kernel wake-up included)",
     .unit = "us",
     .setup = setup,
     .run = run_wake,
     .teardown = teardown,
     .rounds = 10},
    {.name = NULL},
};
