/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* hilbert: real samples in, the analytic signal at the same rate out.
 *
 * A tone at f in 0..rate/2 comes out at +f with the same amplitude; -f is empty: 80 dB down from
 * 2 % to 48 % of the rate, less towards 0 and rate/2, where no finite filter can tell +f from -f.
 * The delay of the filter is taken out: output n belongs to input n, and there are as many outputs
 * as inputs once flush() was called; beyond both ends the input counts as 0. One thread at a time;
 * nothing is allocated after create(). */
#ifndef G20_SOURCE_HILBERT_H
#define G20_SOURCE_HILBERT_H

#include "base/err.h"

#include <complex.h>

#define G20_HILBERT_DELAY 127 /* inputs that must follow one before its output is known */

struct g20_hilbert;

/* @chunk: the most inputs that wait inside. */
G20_MUST_USE int g20_hilbert_create(struct g20_hilbert **ret, size_t chunk);
void g20_hilbert_reset(struct g20_hilbert *h); /* as after create(): a new signal begins */

size_t g20_hilbert_room(const struct g20_hilbert *h); /* inputs that push() takes now */
void g20_hilbert_push(struct g20_hilbert *h, const float *in, size_t n); /* n <= room */
void g20_hilbert_flush(struct g20_hilbert *h); /* the end: what is inside comes out by pull() */
size_t g20_hilbert_pull(struct g20_hilbert *h, float complex *out, size_t max);
void g20_hilbert_destroy(struct g20_hilbert *h); /* NULL is fine */

#endif
