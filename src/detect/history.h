/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* history: the sample blocks of the recent past, kept by reference so that an emission can be
 * measured on its own samples. Used by one thread; nothing is allocated after create(). */
#ifndef G20_DETECT_HISTORY_H
#define G20_DETECT_HISTORY_H

#include "base/block.h"

#include <complex.h>

struct g20_history;

/* @max_blocks: blocks referenced at most; older ones are let go first. */
G20_MUST_USE int g20_history_create(struct g20_history **ret, uint32_t max_blocks);
void g20_history_destroy(struct g20_history *h);

void g20_history_push(struct g20_history *h, struct g20_block *b); /* takes a reference */
void g20_history_trim(struct g20_history *h, uint64_t before);     /* let go what ends before */
void g20_history_clear(struct g20_history *h);

/* Let @to hold what @from holds, by references of its own, instead of what it held; of the same
 * @max_blocks. Each may then be used by a thread of its own. */
void g20_history_copy(struct g20_history *to, const struct g20_history *from);

uint64_t g20_history_start(const struct g20_history *h); /* first sample held */
uint64_t g20_history_end(const struct g20_history *h);   /* one behind the last */

/* From now on the samples before number @at read as if their power were @ratio times what it is:
 * the receiver's gain stepped by so much there. What g20_history_power() says of a sample is the
 * product of these. Let go with the samples; many of them, and the oldest are forgotten. */
void g20_history_scale(struct g20_history *h, uint64_t at, float ratio);
float g20_history_power(const struct g20_history *h, uint64_t sample);

/* Samples start .. start + n - 1 as floats, full scale 1; what is not held (before the first, lost
 * ones) reads 0, and so does a component that is not finite. */
void g20_history_read(const struct g20_history *h, int64_t start, size_t n, float complex *out);

/* The same as they came in, pairs of ci16, what is not held as 0: where they lie, good until the
 * history is changed, or copied to @room (n pairs). NULL: not all are ci16, or some read scaled. */
const int16_t *g20_history_ci16(const struct g20_history *h, int64_t start, size_t n,
                                int16_t *room);

#endif
