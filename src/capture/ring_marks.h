/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* ring_marks: what lies where in a ring of IQ: runs of samples in a row, oldest first, and their
 * form on a disk. Private to ring*.c. One thread at a time; the text parser is pure. */
#ifndef G20_CAPTURE_RING_MARKS_H
#define G20_CAPTURE_RING_MARKS_H

#include "base/block.h"

/* Positions count bytes since the ring was new and never go back; where one lies is its remainder.
 */
struct g20_ring_mark {
    uint64_t pos; /* of its first sample */
    uint64_t samples, first_sample, time_us;
    double center_hz, rate_hz;
    uint32_t format; /* enum g20_sample_format */
    uint32_t flags;  /* G20_BLOCK_*; 0: follows on from the mark before, which had another clock */
};

uint64_t g20_ring_mark_end(const struct g20_ring_mark *m); /* position behind its last sample */
uint64_t g20_ring_mark_time(const struct g20_ring_mark *m, uint64_t sample); /* UTC us */

struct g20_ring_marks {
    struct g20_ring_mark *mark; /* (cap) */
    uint32_t cap, first, count;
};

G20_MUST_USE int g20_ring_marks_init(struct g20_ring_marks *m, uint32_t cap);
void g20_ring_marks_fini(struct g20_ring_marks *m);
/* The i-th, oldest first; i < count. */
struct g20_ring_mark *g20_ring_marks_at(const struct g20_ring_marks *m, uint32_t i);
/* The oldest goes when it is full. */
void g20_ring_marks_add(struct g20_ring_marks *m, const struct g20_ring_mark *mark);
/* All that end at or before @pos go. */
void g20_ring_marks_drop(struct g20_ring_marks *m, uint64_t pos);
/* The mark that has @pos, else the next one; count: none. */
uint32_t g20_ring_marks_find(const struct g20_ring_marks *m, uint64_t pos);

/* --- on a disk: a header and the marks, little-endian --- */

enum { G20_RING_INDEX_MOST = 16384, G20_RING_INDEX_HEAD = 64, G20_RING_INDEX_MARK = 56 };

struct g20_ring_index {
    uint64_t generation, cap; /* counts up; bytes of the samples' room */
    uint64_t tail, head;      /* positions held, but for what no mark is about */
};

/* Bytes of an index of @n marks. */
size_t g20_ring_index_bytes(uint32_t n);
void g20_ring_index_write(const struct g20_ring_index *x, const struct g20_ring_marks *marks,
                          uint8_t *ret);
/* -ENODATA: no index at all; G20_EVERSION; G20_EFORMAT: torn or damaged, the message says where.
 * Marks are added to @ret_marks. This is the fuzz target. */
G20_MUST_USE int g20_ring_index_read(const uint8_t *data, size_t len, struct g20_ring_index *ret,
                                     struct g20_ring_marks *ret_marks, struct g20_err *e);
/* The sum over @len bytes at @data that the header holds, its own place counted as 0. */
uint64_t g20_ring_index_sum(const uint8_t *data, size_t len);

#endif
