/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* kernels: the inner loops, one table of them per instruction set.
 *
 * kernels_generic.c is written to be read and is the oracle. kernels_fast.h is plain C that
 * compilers vectorise; it is compiled once for each instruction set, and the best one the CPU has
 * is chosen once, at the first call. All are pure, allocate nothing and take any alignment and
 * length; inputs and outputs do not overlap. docs/decisions/dsp-kernels.md has the measurements. */
#ifndef G20_DSP_KERNELS_H
#define G20_DSP_KERNELS_H

#include "base/base.h"

#include <stdbool.h>
#include <stdint.h>

/* A sample component that is NaN, infinite or beyond this counts as 0: its square summed over the
 * longest transform still fits a float. Full scale is 1. */
#define G20_SAMPLE_LIMIT 1e9f

/* The least power, -180 dBFS: what 0 (and anything below, and NaN) reads in decibels. */
#define G20_POWER_MIN    1e-18f
#define G20_POWER_MIN_DB (-180.0f)

struct g20_kernels {
    const char *name; /* "generic", "baseline", "neon", "x86-64-v3", "x86-64-v4" */

    /* out[k] = in[k] w[k] for k of 2n components, in converted to float but not scaled: multiply
     * the transform by g20_kernels_scale(). Index: enum g20_sample_format. @w (2n) holds each
     * window value twice. True when a component counted as 0 (only cf32). */
    bool (*window[4])(float *out, const void *in, const float *w, size_t n);

    /* out[i] = (re^2 + im^2) scale, of n interleaved complex values */
    void (*power)(float *out, const float *iq, size_t n, float scale);

    /* sum[i] += p[i], max[i] = max(max[i], p[i]) */
    void (*fold)(float *sum, float *max, const float *p, size_t n);
    void (*fold_max)(float *max, const float *p, size_t n);

    /* db[i] = 10 log10(max(p[i], G20_POWER_MIN)), within 0.001 dB;
     * NaN gives G20_POWER_MIN_DB */
    void (*power_to_db)(float *db, const float *p, size_t n);

    /* out[i] = round(255 (db[i] - db_min) / (db_max - db_min)), clamped; NaN gives 0. Needs
     * db_min < db_max, both finite. Sets agree but where rounding decides: then by one code. */
    void (*db_to_u8)(uint8_t *out, const float *db, size_t n, float db_min, float db_max);

    /* Both of the above in one pass: linear power in, codes out. */
    void (*power_to_u8)(uint8_t *out, const float *p, size_t n, float db_min, float db_max);

    /* The largest of n >= 1 values, none of them NaN. */
    float (*max)(const float *x, size_t n);

    /* The code of db_to_u8 looked up in @lut (256 pixels, R first in memory): 4n bytes. */
    void (*colour)(uint8_t *rgba, const float *db, size_t n, const uint32_t *lut, float db_min,
                   float db_max);

    /* Filters: for each i < count out[i] = sum over k of taps[k] in[i step + k], all complex and
     * interleaved, @n > 0 taps of which G20_FIR_MULTIPLE is a factor. fir: real taps, each stored
     * twice (2n floats). fir_complex: the real parts so, then the imaginary parts so (4n). The
     * order of the sums does not depend on @count. */
    void (*fir)(float *out, const float *in, const float *taps, size_t n, size_t step,
                size_t count);
    void (*fir_complex)(float *out, const float *in, const float *taps, size_t n, size_t step,
                        size_t count);

    /* The complex filter over ci16: 32-bit sums of every eighth product, which must not overflow,
     * and these eight as floats, neighbours first; all sets give the same bits. Each tap is stored
     * as (re, -im), then all of them as (im, re): 4n numbers. */
    void (*fir_ci16)(float *out, const int16_t *in, const int16_t *taps, size_t n, size_t step,
                     size_t count);

    /* iq[i] *= turn[i] (re + j im), n complex values */
    void (*rotate)(float *iq, const float *turn, size_t n, float re, float im);
};

enum { G20_FIR_MULTIPLE = 8 };

/* The fastest set that this CPU runs. Thread-safe. */
const struct g20_kernels *g20_kernels(void);

/* Every set that this CPU runs, generic first; returns their number (<= @cap). For tests. */
size_t g20_kernels_all(const struct g20_kernels **sets, size_t cap);

/* Factor from a format's own numbers to full scale 1.0: 1, 1 / 32768, 1 / 128, 1 / 127.5. */
float g20_kernels_scale(int format);

#endif
