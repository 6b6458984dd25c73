/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* kernels_fir: the filters of kernels_fast.h, which includes this; in vectors of
 * G20_KERNELS_LANES floats. A sum is spread over the lanes (even ones hold real, odd ones imaginary
 * parts) and folded at its end; four outputs side by side share the taps that were loaded. */
#ifndef G20_DSP_KERNELS_FIR_H
#define G20_DSP_KERNELS_FIR_H

#include "base/base.h"
#ifdef __AVX2__
#include "dsp/kernels_avx2.h"
#endif

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { FIR_LANES = G20_KERNELS_LANES, FIR_SIDE_BY_SIDE = 4 };

typedef float fir_vec __attribute__((vector_size(4 * G20_KERNELS_LANES), aligned(4), may_alias));

/* Adds the lanes up to one complex number; the same order whatever is around it. */
static inline __attribute__((always_inline)) void fir_fold(float *out, fir_vec v)
{
    float lane[FIR_LANES];

    memcpy(lane, &v, sizeof(lane));
    for (size_t w = FIR_LANES / 2; w >= 2; w /= 2)
        for (size_t k = 0; k < w; k++)
            lane[k] += lane[k + w];
    out[0] = lane[0];
    out[1] = lane[1];
}

#if G20_KERNELS_LANES == 4
#define FIR_SWAP 1, 0, 3, 2
#define FIR_EVEN 0, 0, 2, 2
#define FIR_ODD  1, 1, 3, 3
#define FIR_SIGN -1, 1, -1, 1
#elif G20_KERNELS_LANES == 8
#define FIR_SWAP 1, 0, 3, 2, 5, 4, 7, 6
#define FIR_EVEN 0, 0, 2, 2, 4, 4, 6, 6
#define FIR_ODD  1, 1, 3, 3, 5, 5, 7, 7
#define FIR_SIGN -1, 1, -1, 1, -1, 1, -1, 1
#else
#define FIR_SWAP 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14
#define FIR_EVEN 0, 0, 2, 2, 4, 4, 6, 6, 8, 8, 10, 10, 12, 12, 14, 14
#define FIR_ODD  1, 1, 3, 3, 5, 5, 7, 7, 9, 9, 11, 11, 13, 13, 15, 15
#define FIR_SIGN -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1
#endif

/* (re, im) of each pair becomes (-im, re): times j. */
static inline __attribute__((always_inline)) fir_vec fir_times_j(fir_vec v)
{
    const fir_vec sign = {FIR_SIGN};

    return __builtin_shufflevector(v, v, FIR_SWAP) * sign;
}

static inline __attribute__((always_inline)) fir_vec fir_times(fir_vec a, fir_vec b)
{
    return a * __builtin_shufflevector(b, b, FIR_EVEN) +
           fir_times_j(a) * __builtin_shufflevector(b, b, FIR_ODD);
}

/* @outs outputs; @n and @step in floats here. */
static inline __attribute__((always_inline)) void
fir_group(float *restrict out, const float *restrict in, const float *restrict taps, size_t n,
          size_t step, const size_t outs, const bool is_complex)
{
    fir_vec re[FIR_SIDE_BY_SIDE], im[FIR_SIDE_BY_SIDE];

    for (size_t o = 0; o < outs; o++)
        re[o] = im[o] = (fir_vec){0};
    for (size_t k = 0; k < n; k += FIR_LANES) {
        const fir_vec h = *(const fir_vec *)(taps + k);
        const fir_vec g = is_complex ? *(const fir_vec *)(taps + n + k) : h;
        for (size_t o = 0; o < outs; o++) {
            const fir_vec x = *(const fir_vec *)(in + o * step + k);
            re[o] += h * x;
            if (is_complex)
                im[o] += g * x;
        }
    }
    for (size_t o = 0; o < outs; o++) {
        if (is_complex)
            re[o] += fir_times_j(im[o]);
        fir_fold(out + 2 * o, re[o]);
    }
}

static inline __attribute__((always_inline)) void
fir_all(float *restrict out, const float *restrict in, const float *restrict taps, size_t n,
        size_t step, size_t count, const bool is_complex)
{
    size_t i = 0;

    for (; i + FIR_SIDE_BY_SIDE <= count; i += FIR_SIDE_BY_SIDE)
        fir_group(out + 2 * i, in + 2 * i * step, taps, 2 * n, 2 * step, FIR_SIDE_BY_SIDE,
                  is_complex);
    for (; i < count; i++)
        fir_group(out + 2 * i, in + 2 * i * step, taps, 2 * n, 2 * step, 1, is_complex);
}

static void fir(float *restrict out, const float *restrict in, const float *restrict taps, size_t n,
                size_t step, size_t count)
{
    fir_all(out, in, taps, n, step, count, false);
}

static void fir_complex(float *restrict out, const float *restrict in, const float *restrict taps,
                        size_t n, size_t step, size_t count)
{
    fir_all(out, in, taps, n, step, count, true);
}

/* One of the two sums of an output: lanes side by side, which compilers take together. */
static inline float fir_sum_ci16(const int16_t *restrict in, const int16_t *restrict taps, size_t n)
{
    int32_t sum[8] = {0};
    float lane[8];

    for (size_t k = 0; k < 2 * n; k += 16)
        for (size_t l = 0; l < 8; l++)
            sum[l] += in[k + 2 * l] * taps[k + 2 * l] + in[k + 2 * l + 1] * taps[k + 2 * l + 1];
    for (size_t l = 0; l < 8; l++)
        lane[l] = (float)sum[l];
    return ((lane[0] + lane[1]) + (lane[2] + lane[3])) +
           ((lane[4] + lane[5]) + (lane[6] + lane[7]));
}

static void fir_ci16(float *restrict out, const int16_t *restrict in, const int16_t *restrict taps,
                     size_t n, size_t step, size_t count)
{
    size_t i = 0;

#ifdef __AVX2__
    i = avx2_fir_ci16(out, in, taps, n, step, count);
#endif
    for (; i < count; i++) {
        out[2 * i] = fir_sum_ci16(in + 2 * i * step, taps, n);
        out[2 * i + 1] = fir_sum_ci16(in + 2 * i * step, taps + 2 * n, n);
    }
}

/* The rest of a length goes through the same vectors: a value is the same wherever it stands. */
static void rotate(float *restrict iq, const float *restrict turn, size_t n, float re, float im)
{
    float base[FIR_LANES], rest[2][FIR_LANES] = {{0}};
    fir_vec by;
    size_t i = 0;

    for (size_t k = 0; k < FIR_LANES; k++)
        base[k] = k % 2 ? im : re;
    memcpy(&by, base, sizeof(by));
    for (; i + FIR_LANES <= 2 * n; i += FIR_LANES)
        *(fir_vec *)(iq + i) =
            fir_times(*(const fir_vec *)(iq + i), fir_times(*(const fir_vec *)(turn + i), by));
    if (i == 2 * n)
        return;
    memcpy(rest[0], iq + i, (2 * n - i) * sizeof(float));
    memcpy(rest[1], turn + i, (2 * n - i) * sizeof(float));
    *(fir_vec *)rest[0] =
        fir_times(*(const fir_vec *)rest[0], fir_times(*(const fir_vec *)rest[1], by));
    memcpy(iq + i, rest[0], (2 * n - i) * sizeof(float));
}

#endif
