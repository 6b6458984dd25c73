/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* kernels_avx2: the kernels of kernels_fast.h and kernels_fir.h that gcc makes twice as slow as
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

/* The sums of @re and @im, of two outputs: two complex numbers. */
static inline __m128 avx2_two_sums(const __m256i re[2], const __m256i im[2])
{
    const __m256 a = _mm256_hadd_ps(_mm256_cvtepi32_ps(re[0]), _mm256_cvtepi32_ps(im[0]));
    const __m256 b = _mm256_hadd_ps(_mm256_cvtepi32_ps(re[1]), _mm256_cvtepi32_ps(im[1]));
    const __m256 s = _mm256_hadd_ps(a, b);

    return _mm_add_ps(_mm256_castps256_ps128(s), _mm256_extractf128_ps(s, 1));
}

/* As fir_ci16(), for as many of @count as are a multiple of 4: their number. */
static inline size_t avx2_fir_ci16(float *restrict out, const int16_t *restrict in,
                                   const int16_t *restrict taps, size_t n, size_t step,
                                   size_t count)
{
    size_t i = 0;

    for (; i + 4 <= count; i += 4, in += 8 * step) {
        __m256i re[4], im[4];
        for (size_t o = 0; o < 4; o++)
            re[o] = im[o] = _mm256_setzero_si256();
        for (size_t k = 0; k < 2 * n; k += 16) {
            const __m256i a = _mm256_loadu_si256((const void *)(taps + k));
            const __m256i b = _mm256_loadu_si256((const void *)(taps + 2 * n + k));
            for (size_t o = 0; o < 4; o++) {
                const __m256i x = _mm256_loadu_si256((const void *)(in + 2 * o * step + k));
                re[o] = _mm256_add_epi32(re[o], _mm256_madd_epi16(x, a));
                im[o] = _mm256_add_epi32(im[o], _mm256_madd_epi16(x, b));
            }
        }
        _mm_storeu_ps(out + 2 * i, avx2_two_sums(re, im));
        _mm_storeu_ps(out + 2 * i + 4, avx2_two_sums(re + 2, im + 2));
    }
    return i;
}

#endif
