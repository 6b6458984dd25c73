/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* block: refcounted, aligned runs of IQ samples from a fixed pool.
 *
 * A source takes a block, writes samples into it in the radio's own format and publishes it; from
 * then on the contents never change and every consumer (transform, ring, capture, refinement)
 * reads the same memory. The last unref gives it back to the pool. Nothing is ever copied, and
 * nothing is allocated after g20_pool_create(). Thread-safe. */
#ifndef G20_BASE_BLOCK_H
#define G20_BASE_BLOCK_H

#include "base/err.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Interleaved I, Q in native byte order. Full scale is 1.0 for cf32; integers are scaled so that
 * the most negative code (for cu8: 0) reads -1: ci16 / 32768, ci8 / 128, (cu8 - 127.5) / 127.5. */
enum g20_sample_format { G20_CF32, G20_CI16, G20_CI8, G20_CU8 };

/* Bytes of one complex sample: 8, 4, 2, 2. */
size_t g20_sample_bytes(enum g20_sample_format format);

enum g20_block_flag {
    G20_BLOCK_GAP = 1,         /* samples were lost before this block, @lost of them if known */
    G20_BLOCK_RETUNED = 2,     /* centre, rate or gain differ from the block before */
    G20_BLOCK_NEW_SEGMENT = 4, /* not contiguous in time with the block before (captures segment,
                                  loop of a recording); sample numbers go on counting */
};

struct g20_pool;

struct g20_block {
    enum g20_sample_format format;
    uint32_t len;          /* samples in use */
    uint32_t cap;          /* samples that fit, whatever the format */
    uint32_t flags;        /* enum g20_block_flag */
    uint64_t first_sample; /* number of data[0] since the stream began; lost ones are counted in */
    uint64_t time_us;      /* UTC of data[0], microseconds */
    double center_hz;      /* RF frequency of baseband zero; 0 when unknown */
    double rate_hz;        /* complex samples a second */
    uint64_t lost;         /* samples lost just before this block */
    uint64_t arrived_ns;   /* monotonic clock when it was published; set by the pipeline */
    void *data;            /* (len) samples, G20_ALIGN-aligned, owned by the pool */

    struct g20_pool *pool; /* private to block.c, as is all below */
    struct g20_block *next;
    atomic_uint refs;
};

/* @count >= 3 blocks (one being filled, one transformed, one inferred) of @cap samples each. */
G20_MUST_USE int g20_pool_create(struct g20_pool **ret, uint32_t count, uint32_t cap);

/* A free block with one reference, len and flags 0. Waits up to @timeout_ms (-1: for ever, 0: not
 * at all); NULL when none came free, which pool_stats counts as exhausted, or after close. */
struct g20_block *g20_pool_get(struct g20_pool *p, int timeout_ms);

void g20_pool_close(struct g20_pool *p); /* wakes every waiter of get() */

/* The memory goes when the last block is back: a subscriber may still hold some. Nobody may be in
 * g20_pool_get(). */
void g20_pool_destroy(struct g20_pool *p);

struct g20_pool_stats {
    uint32_t count, free, cap;
    uint64_t taken, exhausted;
};
void g20_pool_stats(struct g20_pool *p, struct g20_pool_stats *ret);

struct g20_block *g20_block_ref(struct g20_block *b);
void g20_block_unref(struct g20_block **at); /* clears the caller's pointer; NULL inside is fine */

#endif
