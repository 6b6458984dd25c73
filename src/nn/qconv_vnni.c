/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* For AVX-512 with VNNI: VPDPBUSD sums four products in each of 16 lanes. */
#include "nn/qconv_last.h"

#include <immintrin.h>

enum { PX = 8, OB = 2 };

/* The sums of @px pixels in each of @ob blocks. */
QCONV_INLINE void multiply(const struct g20_qconv_row *r, uint32_t pixel, uint32_t block,
                           const uint32_t px, const uint32_t ob, int32_t (*sum)[O])
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
        for (uint32_t p = 0; p < px; p++)
            _mm512_store_si512(sum[o * px + p], acc[o][p]);
}

/* Functions of their own: GCC 12 keeps all sums in registers only where nothing else wants any. */
static __attribute__((noinline)) void multiply_tile(const struct g20_qconv_row *r, uint32_t pixel,
                                                    uint32_t block, int32_t (*sum)[O])
{
    multiply(r, pixel, block, PX, OB, sum);
}

static __attribute__((noinline)) void multiply_block(const struct g20_qconv_row *r, uint32_t pixel,
                                                     uint32_t block, int32_t (*sum)[O])
{
    multiply(r, pixel, block, PX, 1, sum);
}

static __attribute__((noinline)) void multiply_one(const struct g20_qconv_row *r, uint32_t pixel,
                                                   uint32_t block, int32_t (*sum)[O])
{
    multiply(r, pixel, block, 1, 1, sum);
}

QCONV_INLINE void tile(const struct g20_qconv_row *r, uint32_t pixel, uint32_t block,
                       const uint32_t px, const uint32_t ob)
{
    int32_t sum[OB * PX][O] __attribute__((aligned(64)));

    if (px == PX && ob == OB)
        multiply_tile(r, pixel, block, sum);
    else if (px == PX)
        multiply_block(r, pixel, block, sum);
    for (uint32_t o = 0; o < ob; o++)
        for (uint32_t p = 0; p < px; p++) {
            if (px != PX)
                multiply_one(r, pixel + p, block + o, sum + o * px + p);
            finish(r, sum[o * px + p], pixel + p, block + o);
        }
}

QCONV_ROW(tile, PX, OB)

const struct g20_qconv g20_qconv_vnni = {"avx512-vnni", false, row, NULL, add};
