/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* kernels_avx2: the kernels of kernels_fast.h, which includes this, that gcc makes twice as slow as
 * AVX2 could: it orders lanes before it works on them, not after. */
#ifndef G20_DSP_KERNELS_AVX2_H
#define G20_DSP_KERNELS_AVX2_H

#include "dsp/kernels_sets.h"

#include <immintrin.h>

/* As power(), for as many of @n as are a multiple of 8: their number. */
static inline size_t avx2_power(float *restrict out, const float *restrict iq, size_t n,
                                float scale)
{
    const __m256 by = _mm256_set1_ps(scale);
    size_t i = 0;

    for (; i + 8 <= n; i += 8) {
        const __m256 a = _mm256_loadu_ps(iq + 2 * i), b = _mm256_loadu_ps(iq + 2 * i + 8);
        const __m256 re = _mm256_shuffle_ps(a, b, 0x88), im = _mm256_shuffle_ps(a, b, 0xdd);
        const __m256 s = _mm256_fmadd_ps(re, re, _mm256_mul_ps(im, im));
        const __m256d in_order = _mm256_permute4x64_pd(_mm256_castps_pd(s), 0xd8);
        _mm256_storeu_ps(out + i, _mm256_mul_ps(_mm256_castpd_ps(in_order), by));
    }
    return i;
}

/* slope x log2 of eight powers + offset, as integers. The float's bits, read as one number, are its
 * logarithm but for the mantissa: @c is slope x what a polynomial of that adds (and offset). */
static inline __m256i avx2_codes(const float *p, float per_bit, const float c[5])
{
    const __m256i mantissa = _mm256_set1_epi32(0x007fffff), one = _mm256_set1_epi32(0x3f800000);
    const __m256 least = _mm256_set1_ps(G20_POWER_MIN); /* of NaN, too */
    const __m256i bits = _mm256_castps_si256(_mm256_max_ps(_mm256_loadu_ps(p), least));
    const __m256 m = _mm256_castsi256_ps(_mm256_or_si256(_mm256_and_si256(bits, mantissa), one));
    __m256 y = _mm256_set1_ps(c[4]);

    for (int k = 3; k > 0; k--)
        y = _mm256_fmadd_ps(m, y, _mm256_set1_ps(c[k]));
    const __m256 line =
        _mm256_fmadd_ps(_mm256_cvtepi32_ps(bits), _mm256_set1_ps(per_bit), _mm256_set1_ps(c[0]));
    return _mm256_cvtps_epi32(_mm256_min_ps(_mm256_fmadd_ps(m, y, line), _mm256_set1_ps(255.0f)));
}

/* As power_to_u8(), for as many of @n as are a multiple of 32: their number. log2 m of a mantissa m
 * is (m - 1) (l[0] + l[1] m + l[2] m^2 + l[3] m^3). */
static inline size_t avx2_power_to_u8(uint8_t *restrict out, const float *restrict p, size_t n,
                                      float slope, float offset, const float l[4])
{
    const __m256i in_order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    const float linear = l[0] - 1.0f; /* the bits hold m - 1 already */
    const float c[5] = {offset - slope * (127.0f + linear), slope * (linear - l[1]),
                        slope * (l[1] - l[2]), slope * (l[2] - l[3]), slope * l[3]};
    const float per_bit = slope / 8388608.0f;
    size_t i = 0;

    for (; i + 32 <= n; i += 32) {
        const __m256i a = avx2_codes(p + i, per_bit, c), b = avx2_codes(p + i + 8, per_bit, c);
        const __m256i d = avx2_codes(p + i + 16, per_bit, c);
        const __m256i e = avx2_codes(p + i + 24, per_bit, c);
        const __m256i all = _mm256_packus_epi16(_mm256_packs_epi32(a, b), _mm256_packs_epi32(d, e));
        _mm256_storeu_si256((__m256i *)(void *)(out + i),
                            _mm256_permutevar8x32_epi32(all, in_order));
    }
    return i;
}

#endif
