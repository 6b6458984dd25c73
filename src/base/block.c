/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/block.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <errno.h>
#include <pthread.h>

struct g20_pool {
    pthread_mutex_t lock;
    pthread_cond_t not_empty;
    struct g20_block *free;   /* singly linked */
    struct g20_block *blocks; /* (count) */
    void *memory;             /* (count x bytes of one block) */
    uint32_t count, nfree, cap;
    uint64_t taken, exhausted;
    bool closed;
    bool doomed; /* destroyed while blocks were out: goes with the last one */
};

size_t g20_sample_bytes(enum g20_sample_format format)
{
    static const size_t bytes[] = {[G20_CF32] = 8, [G20_CI16] = 4, [G20_CI8] = 2, [G20_CU8] = 2};

    return bytes[format];
}

static void pool_free(struct g20_pool *p)
{
    pthread_cond_destroy(&p->not_empty);
    pthread_mutex_destroy(&p->lock);
    g20_free(p->memory);
    g20_free(p->blocks);
    g20_free(p);
}

static void give_back(struct g20_pool *p, struct g20_block *b)
{
    pthread_mutex_lock(&p->lock);
    b->next = p->free;
    p->free = b;
    p->nfree++;
    const bool was_last = p->doomed && p->nfree == p->count;
    pthread_cond_signal(&p->not_empty);
    pthread_mutex_unlock(&p->lock);
    if (was_last)
        pool_free(p);
}

int g20_pool_create(struct g20_pool **ret, uint32_t count, uint32_t cap)
{
    if (count < 3 || count > 65536 || cap < 1 || cap > 1u << 26)
        return -EINVAL;

    /* A whole number of cache lines each, so that every block starts aligned. */
    const size_t each = ((size_t)cap * 8 + G20_ALIGN - 1) / G20_ALIGN * G20_ALIGN;
    struct g20_pool *p = g20_calloc(1, sizeof(*p));
    if (!p)
        return -ENOMEM;
    p->count = count;
    p->cap = cap;
    p->blocks = g20_calloc(count, sizeof(*p->blocks));
    p->memory = g20_alloc_aligned(count, each);
    if (!p->blocks || !p->memory) {
        g20_free(p->memory);
        g20_free(p->blocks);
        g20_free(p);
        return -ENOMEM;
    }

    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->not_empty, &attr);
    pthread_condattr_destroy(&attr);
    for (uint32_t i = 0; i < count; i++) {
        struct g20_block *b = &p->blocks[i];
        b->pool = p;
        b->cap = cap;
        b->data = (char *)p->memory + i * each;
        give_back(p, b);
    }
    *ret = p;
    return 0;
}

/* Wait with the lock held; false when there is no point in waiting on. */
static bool wait_free(struct g20_pool *p, int timeout_ms)
{
    struct timespec until;

    if (timeout_ms < 0) {
        while (!p->free && !p->closed)
            pthread_cond_wait(&p->not_empty, &p->lock);
        return p->free;
    }
    until = g20_clock_deadline(timeout_ms);
    while (!p->free && !p->closed && timeout_ms > 0) {
        if (pthread_cond_timedwait(&p->not_empty, &p->lock, &until) == ETIMEDOUT)
            break;
    }
    return p->free;
}

struct g20_block *g20_pool_get(struct g20_pool *p, int timeout_ms)
{
    struct g20_block *b = NULL;

    pthread_mutex_lock(&p->lock);
    if (!p->closed && wait_free(p, timeout_ms) && !p->closed) {
        b = p->free;
        p->free = b->next;
        p->nfree--;
        p->taken++;
    } else {
        p->exhausted++;
    }
    pthread_mutex_unlock(&p->lock);
    if (!b)
        return NULL;

    b->next = NULL;
    b->len = 0;
    b->flags = 0;
    b->lost = 0;
    atomic_store(&b->refs, 1);
    return b;
}

void g20_pool_close(struct g20_pool *p)
{
    pthread_mutex_lock(&p->lock);
    p->closed = true;
    pthread_cond_broadcast(&p->not_empty);
    pthread_mutex_unlock(&p->lock);
}

void g20_pool_destroy(struct g20_pool *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->closed = true;
    p->doomed = true;
    const bool all_back = p->nfree == p->count;
    pthread_mutex_unlock(&p->lock);
    if (all_back)
        pool_free(p);
}

void g20_pool_stats(struct g20_pool *p, struct g20_pool_stats *ret)
{
    pthread_mutex_lock(&p->lock);
    *ret = (struct g20_pool_stats){.count = p->count,
                                   .free = p->nfree,
                                   .cap = p->cap,
                                   .taken = p->taken,
                                   .exhausted = p->exhausted};
    pthread_mutex_unlock(&p->lock);
}

struct g20_block *g20_block_ref(struct g20_block *b)
{
    atomic_fetch_add_explicit(&b->refs, 1, memory_order_relaxed);
    return b;
}

void g20_block_unref(struct g20_block **at)
{
    struct g20_block *b = *at;

    *at = NULL;
    if (b && atomic_fetch_sub_explicit(&b->refs, 1, memory_order_acq_rel) == 1)
        give_back(b->pool, b);
}
