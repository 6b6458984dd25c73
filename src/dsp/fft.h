/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* fft: complex single-precision transforms. The only caller of FFTW.
 *
 * A plan is chosen as the fastest of several measured ones and remembered as wisdom in a cache
 * folder, because FFTW's MEASURE is a lottery on a busy machine (docs/decisions/fftw.md).
 * Creating and destroying take a global lock; executing is thread-safe and never allocates. */
#ifndef G20_DSP_FFT_H
#define G20_DSP_FFT_H

#include "base/cancel.h"
#include "base/err.h"

#include <complex.h>
#include <stdint.h>

struct g20_fft;

enum g20_fft_dir { G20_FFT_FORWARD = -1, G20_FFT_INVERSE = +1 }; /* neither direction scales */

/* @wisdom_dir: cache folder, created when missing; NULL: nothing is timed or remembered, and
 * machines with the same instruction set get the same plan (fft_plans.h, or FFTW's estimate).
 * @n: 2 .. 1048576; powers of two are fast. */
G20_MUST_USE int g20_fft_create(struct g20_fft **ret, uint32_t n, enum g20_fft_dir dir,
                                const char *wisdom_dir, struct g20_err *e);

/* The same; -ECANCELED: @cancel was set, which is looked at before each try of a plan. */
G20_MUST_USE int g20_fft_create_unless(struct g20_fft **ret, uint32_t n, enum g20_fft_dir dir,
                                       const char *wisdom_dir, const struct g20_cancel *cancel,
                                       struct g20_err *e);

/* (n) in, (n) out, both G20_ALIGN-aligned and not overlapping; @in is left unchanged. */
void g20_fft_execute(const struct g20_fft *f, const float complex *in, float complex *out);

void g20_fft_destroy(struct g20_fft *f);

#endif
