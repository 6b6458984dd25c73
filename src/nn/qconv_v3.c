/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* For AVX2: bytes widened to 16 bits, because VPMADDUBSW saturates; four pixels at a time. */
#include "nn/qconv_last.h"

#include <immintrin.h>

/* Two partial sums of four outputs in a vector, four vectors a block. */
QCONV_INLINE void tile(const struct g20_qconv_row *r, uint32_t pixel, uint32_t block,
                       const uint32_t px, const uint32_t ob)
{
    __m256i acc[2][4];

    (void)ob; /* 1 */
    for (uint32_t p = 0; p < px; p++)
        for (int v = 0; v < 4; v++)
            acc[p][v] = _mm256_setzero_si256();
    for (uint32_t k = 0; k < r->runs; k++) {
        const uint8_t *in = r->in + (ptrdiff_t)pixel * r->in_step + (ptrdiff_t)k * r->in_run;
        const int8_t *w = r->weight + (size_t)block * filter_bytes(r) +
                          (size_t)k * g20_qconv_slices(r->run) * G20_QCONV_SLICE * O;
        for (uint32_t i = 0; i < r->run; i += 4, w += 4 * O) {
            __m256i x[2];
            for (uint32_t p = 0; p < px; p++) {
                int32_t four;
                memcpy(&four, in + (ptrdiff_t)p * r->in_step + i, sizeof(four));
                x[p] = _mm256_cvtepu8_epi16(_mm_set1_epi32(four));
            }
            for (int v = 0; v < 4; v++) {
                const __m256i y = _mm256_cvtepi8_epi16(
                    _mm_load_si128((const __m128i *)(const void *)(w + v * O)));
                for (uint32_t p = 0; p < px; p++)
                    acc[p][v] = _mm256_add_epi32(acc[p][v], _mm256_madd_epi16(x[p], y));
            }
        }
    }
    for (uint32_t p = 0; p < px; p++) {
        int32_t sum[O];
        for (int v = 0; v < 4; v++) {
            int32_t half[8];
            _mm256_storeu_si256((__m256i *)(void *)half, acc[p][v]);
            for (int o = 0; o < 4; o++)
                sum[4 * v + o] =
                    half[2 * o] + half[2 * o + 1] + r->start[(size_t)block * O + 4u * v + o];
        }
        finish(r, sum, pixel + p, block);
    }
}

QCONV_ROW(tile, 2, 1)

const struct g20_qconv g20_qconv_v3 = {"x86-64-v3", row, add};
