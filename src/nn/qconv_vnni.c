/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* For AVX-512 with VNNI: VPDPBUSD sums four products in each of 16 lanes. */
#include "nn/qconv_last.h"

#include <immintrin.h>

enum { PX = 8, OB = 2 };

QCONV_INLINE void tile(const struct g20_qconv_row *r, uint32_t pixel, uint32_t block,
                       const uint32_t px, const uint32_t ob)
{
    const size_t filter = filter_bytes(r);
    __m512i acc[OB][PX];

    for (uint32_t o = 0; o < ob; o++)
        for (uint32_t p = 0; p < px; p++)
            acc[o][p] = _mm512_loadu_si512(r->start + (size_t)(block + o) * O);
    for (uint32_t k = 0; k < r->runs; k++) {
        const uint8_t *in = r->in + (ptrdiff_t)pixel * r->in_step + (ptrdiff_t)k * r->in_run;
        const int8_t *w = r->weight + (size_t)block * filter +
                          (size_t)k * g20_qconv_slices(r->run) * G20_QCONV_SLICE * O;
        for (uint32_t i = 0; i < r->run; i += 4, w += 4 * O) {
            __m512i y[OB];
            for (uint32_t o = 0; o < ob; o++)
                y[o] = _mm512_load_si512(w + o * filter);
            for (uint32_t p = 0; p < px; p++) {
                int32_t four;
                memcpy(&four, in + (ptrdiff_t)p * r->in_step + i, sizeof(four));
                const __m512i x = _mm512_set1_epi32(four);
                for (uint32_t o = 0; o < ob; o++)
                    acc[o][p] = _mm512_dpbusd_epi32(acc[o][p], x, y[o]);
            }
        }
    }
    for (uint32_t o = 0; o < ob; o++)
        for (uint32_t p = 0; p < px; p++) {
            int32_t sum[O];
            _mm512_storeu_si512(sum, acc[o][p]);
            finish(r, sum, pixel + p, block + o);
        }
}

QCONV_ROW(tile, PX, OB)

const struct g20_qconv g20_qconv_vnni = {"avx512-vnni", false, row, NULL, add};
