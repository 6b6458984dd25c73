/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Words of the memory are atomic, so that a reader may copy while the writer comes round: the
 * writer moves the tail first and then stores with release; a reader loads with acquire and looks
 * at the tail after that. Whoever saw a new word sees the new tail, and throws its copy away. */
#include "capture/ring_own.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define CLOCK_STEP_US 50.0 /* further from the run's own clock, a block gets a mark of its own */

/* ---- memory ---- */

/* A division, so not for each word of many. */
static atomic_uint_least64_t *word_at(struct g20_ring *r, uint64_t pos)
{
    return &r->word[pos / 8 % (r->cap / 8)];
}

static atomic_uint_least64_t *word_behind(struct g20_ring *r, atomic_uint_least64_t *w)
{
    return w + 1 < r->word + r->cap / 8 ? w + 1 : r->word;
}

/* The only writer may read a word, change a part of it and store it. */
static void store_part(struct g20_ring *r, uint64_t pos, const uint8_t *src, size_t n)
{
    atomic_uint_least64_t *w = word_at(r, pos);
    uint64_t v = atomic_load_explicit(w, memory_order_relaxed);

    memcpy((uint8_t *)&v + pos % 8, src, n);
    atomic_store_explicit(w, v, memory_order_release);
}

static void copy_in(struct g20_ring *r, uint64_t pos, const uint8_t *src, size_t n)
{
    const size_t first = G20_MIN((8 - pos % 8) % 8, n);

    if (first > 0)
        store_part(r, pos, src, first);
    pos += first;
    src += first;
    n -= first;
    atomic_uint_least64_t *w = word_at(r, pos);
    for (; n >= 8; n -= 8, pos += 8, src += 8, w = word_behind(r, w)) {
        uint64_t v;
        memcpy(&v, src, 8);
        atomic_store_explicit(w, v, memory_order_release);
    }
    if (n > 0)
        store_part(r, pos, src, n);
}

bool g20_ring_copy(struct g20_ring *r, uint64_t pos, size_t n, void *dst)
{
    const uint64_t from = pos;
    uint8_t *out = dst;

    for (atomic_uint_least64_t *w = word_at(r, pos); n > 0; w = word_behind(r, w)) {
        const uint64_t v = atomic_load_explicit(w, memory_order_acquire);
        const size_t k = G20_MIN(8 - pos % 8, n);

        if (k == 8)
            memcpy(out, &v, 8);
        else
            memcpy(out, (const uint8_t *)&v + pos % 8, k);
        pos += k;
        out += k;
        n -= k;
    }
    return atomic_load_explicit(&r->tail, memory_order_acquire) <= from;
}

/* ---- the writer ---- */

static struct g20_ring_mark *newest(struct g20_ring *r)
{
    return r->marks.count > 0 ? g20_ring_marks_at(&r->marks, r->marks.count - 1) : NULL;
}

/* The mark that @b goes on with, or a new one; with the lock. */
static struct g20_ring_mark *mark_for(struct g20_ring *r, const struct g20_block *b)
{
    struct g20_ring_mark *m = newest(r);
    struct g20_ring_mark fresh = {.pos = (r->head + 7) / 8 * 8,
                                  .first_sample = b->first_sample,
                                  .time_us = b->time_us,
                                  .center_hz = b->center_hz,
                                  .rate_hz = b->rate_hz,
                                  .format = b->format,
                                  .flags = b->flags};

    if (!r->has_next)
        fresh.flags |= G20_BLOCK_NEW_SEGMENT;
    else if (b->first_sample != r->next)
        fresh.flags |= G20_BLOCK_GAP;
    if (r->has_next && m &&
        (m->rate_hz != b->rate_hz || m->center_hz != b->center_hz ||
         m->format != (uint32_t)b->format))
        fresh.flags |= G20_BLOCK_RETUNED;
    if (r->has_next && b->first_sample > r->next)
        r->lost += b->first_sample - r->next;
    if (fresh.flags == 0 && m) {
        const double off = (double)b->time_us - (double)g20_ring_mark_time(m, m->samples);
        if (fabs(off) <= CLOCK_STEP_US)
            return m;
        fresh.pos = r->head;
    }
    g20_ring_marks_add(&r->marks, &fresh);
    return newest(r);
}

/* The oldest position that anything may be asked about. */
static void forget(struct g20_ring *r, uint64_t memory_tail)
{
    uint64_t bytes, oldest = memory_tail;

    if (r->file)
        oldest = G20_MIN(oldest, g20_ring_file_held(r->file, 0, &bytes));
    g20_ring_marks_drop(&r->marks, oldest);
    const uint64_t first = r->marks.count > 0 ? g20_ring_marks_at(&r->marks, 0)->pos : 0;
    if (r->file && first > oldest) /* there were more marks than fit */
        g20_ring_file_forget(r->file, first);
}

void g20_ring_push(struct g20_ring *r, const struct g20_block *b)
{
    const size_t bytes = (size_t)b->len * g20_sample_bytes(b->format);

    if (bytes == 0 || bytes > r->cap / 2)
        return;
    pthread_mutex_lock(&r->lock);
    struct g20_ring_mark *m = mark_for(r, b);
    const uint64_t pos = g20_ring_mark_end(m), end = pos + bytes;
    uint64_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
    if (end > r->cap && end - r->cap > tail) {
        tail = end - r->cap;
        atomic_store_explicit(&r->tail, tail, memory_order_release);
    }
    pthread_mutex_unlock(&r->lock);

    copy_in(r, pos, b->data, bytes);

    pthread_mutex_lock(&r->lock);
    newest(r)->samples += b->len;
    r->head = end;
    r->taken += b->len;
    forget(r, tail);
    g20_ring_ahead_tell(r);
    pthread_cond_broadcast(&r->grown);
    pthread_mutex_unlock(&r->lock);
    r->next = b->first_sample + b->len;
    r->has_next = true;
}

static void on_block(const struct g20_block *b, void *user)
{
    g20_ring_push(user, b);
}

/* ---- its life ---- */

void g20_ring_destroy(struct g20_ring *r)
{
    if (!r)
        return;
    if (r->tap)
        g20_tap_remove(r->tap, &r->sink);
    g20_ring_file_destroy(r->file);
    g20_ring_ahead_stop(r);
    g20_ring_marks_fini(&r->marks);
    g20_free(r->word);
    pthread_cond_destroy(&r->ahead.near);
    pthread_cond_destroy(&r->grown);
    pthread_mutex_destroy(&r->lock);
    g20_free(r);
}

static void init_grown(struct g20_ring *r)
{
    pthread_condattr_t attr;

    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&r->grown, &attr);
    pthread_condattr_destroy(&attr);
}

int g20_ring_create(struct g20_ring **ret, const struct g20_ring_cfg *cfg, struct g20_tap *tap,
                    struct g20_err *e)
{
    const bool has_file = cfg->path && cfg->path[0];

    if (cfg->bytes < G20_RING_LEAST || (has_file && cfg->path_bytes < G20_RING_LEAST))
        return g20_fail(e, -EINVAL, "ring: want at least %d bytes", G20_RING_LEAST);
    struct g20_ring *r = g20_calloc(1, sizeof(*r));
    if (!r)
        return g20_fail(e, -ENOMEM, "ring: out of memory");
    pthread_mutex_init(&r->lock, NULL);
    init_grown(r);
    pthread_cond_init(&r->ahead.near, NULL);
    r->cap = cfg->bytes / G20_ALIGN * G20_ALIGN;
    r->word = g20_alloc_aligned(r->cap / 8, 8);
    if (!r->word || g20_ring_marks_init(&r->marks, G20_RING_MARKS) < 0) {
        g20_ring_destroy(r);
        return g20_fail(e, -ENOMEM, "ring: no room for %llu bytes", (unsigned long long)cfg->bytes);
    }
    /* Far fewer page faults on the first way round; an advice only. */
    (void)madvise(r->word, r->cap, MADV_HUGEPAGE);
    int rc = has_file ? g20_ring_file_create(&r->file, r, cfg->path, cfg->path_bytes, e) : 0;
    if (rc >= 0)
        rc = g20_ring_ahead_start(r, e);
    if (rc < 0) {
        g20_ring_destroy(r);
        return rc;
    }
    if (tap) {
        r->tap = tap;
        r->sink = (struct g20_tap_sink){.block = on_block, .user = r};
        g20_tap_add(tap, &r->sink);
    }
    *ret = r;
    return 0;
}
