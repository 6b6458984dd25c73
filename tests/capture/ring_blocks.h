/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* ring_blocks: blocks pushed into a ring and read back, each sample telling its number. */
#ifndef G20_TESTS_CAPTURE_RING_BLOCKS_H
#define G20_TESTS_CAPTURE_RING_BLOCKS_H

#include "capture/ring.h"
#include "folder.h"

#define T0 1700000000000000u /* of sample 0, at 1 MS/s */

static inline void push(struct g20_ring *r, struct g20_pool *pool, uint64_t first, uint32_t len,
                        double center_hz)
{
    struct g20_block *b = numbered_block(pool, first, len);

    b->center_hz = center_hz;
    g20_ring_push(r, b);
    g20_block_unref(&b);
}

/* Each sample is the one that the block says. */
static inline void check_block(const struct g20_block *b)
{
    const int16_t *x = b->data;

    assert_int_equal(b->format, G20_CI16);
    assert_int_equal(b->time_us, T0 + b->first_sample);
    for (uint32_t i = 0; i < b->len; i++) {
        const int v = (int)((b->first_sample + i) % 20011);
        if (x[2 * i] != v || x[2 * i + 1] != -v)
            fail_msg("sample %llu holds another", (unsigned long long)(b->first_sample + i));
    }
}

/* All from @from_us to @end_us (0: what is there now): its samples, how many gaps. */
static inline uint64_t read_all(struct g20_ring *r, uint64_t from_us, uint64_t end_us,
                                uint64_t *ret_first, uint32_t *ret_gaps)
{
    struct g20_ring_reader *rd = NULL;
    struct g20_err e = {0};
    struct g20_block b;
    uint64_t n = 0, next = 0;
    int rc;

    *ret_gaps = 0;
    if (g20_ring_reader_create(&rd, r, from_us, &e) < 0)
        fail_msg("%s", e.msg);
    while ((rc = g20_ring_read(rd, end_us, 0, &b, &e)) == 1) {
        check_block(&b);
        if (n == 0)
            *ret_first = b.first_sample;
        else if (b.first_sample != next)
            ++*ret_gaps;
        next = b.first_sample + b.len;
        n += b.len;
    }
    g20_ring_reader_destroy(rd);
    return n;
}

#endif
