/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* kernels_avx512: the kernel of kernels_fast.h that gcc makes half as fast again as AVX-512 could.
 */
#ifndef G20_DSP_KERNELS_AVX512_H
#define G20_DSP_KERNELS_AVX512_H

#include "dsp/kernels_sets.h"

#include <immintrin.h>

/* As power_to_u8(), for as many of @n as are a multiple of 16: their number. By the steps of
 * avx2_codes(); what is less than 0 ends there, and more than 255 on the way to bytes. */
static inline size_t avx512_power_to_u8(uint8_t *restrict out, const float *restrict p, size_t n,
                                        float slope, float offset, const float l[4])
{
    const __m512i mantissa = _mm512_set1_epi32(0x007fffff), one = _mm512_set1_epi32(0x3f800000);
    const __m512 least = _mm512_set1_ps(G20_POWER_MIN); /* of NaN, too */
    const __m512 per_bit = _mm512_set1_ps(slope / 8388608.0f);
    const float linear = l[0] - 1.0f; /* the bits hold m - 1 already */
    const __m512 c0 = _mm512_set1_ps(offset - slope * (127.0f + linear));
    const __m512 c1 = _mm512_set1_ps(slope * (linear - l[1]));
    const __m512 c2 = _mm512_set1_ps(slope * (l[1] - l[2]));
    const __m512 c3 = _mm512_set1_ps(slope * (l[2] - l[3])), c4 = _mm512_set1_ps(slope * l[3]);
    size_t i = 0;

    for (; i + 16 <= n; i += 16) {
        const __m512i bits = _mm512_castps_si512(_mm512_max_ps(_mm512_loadu_ps(p + i), least));
        const __m512 m = _mm512_castsi512_ps(
            _mm512_ternarylogic_epi32(bits, mantissa, one, 0xea)); /* bits & mantissa | one */
        __m512 y = _mm512_fmadd_ps(m, _mm512_fmadd_ps(m, c4, c3), c2);
        y = _mm512_fmadd_ps(m, _mm512_fmadd_ps(m, y, c1),
                            _mm512_fmadd_ps(_mm512_cvtepi32_ps(bits), per_bit, c0));
        const __m512i code = _mm512_cvtps_epi32(_mm512_max_ps(y, _mm512_setzero_ps()));
        _mm_storeu_si128((__m128i *)(void *)(out + i), _mm512_cvtusepi32_epi8(code));
    }
    return i;
}

#endif
