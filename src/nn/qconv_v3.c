/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* For AVX2: bytes widened to 16 bits, because VPMADDUBSW saturates. Weights are kept so, bytes are
 * widened once for a chunk of pixels: the inner loop is nothing but VPMADDWD and sums. */
#include "nn/qconv_last.h"
#include "nn/qwino_v3.h"

#include <immintrin.h>

enum {
    PX = 6,     /* pixels at once: 12 sums, two vectors of weights and one of bytes: 16 registers */
    MOST = 126, /* pixels of a chunk */
    VALUES = 8192, /* of a chunk, with its weights and sums not much more than the first cache */
    PART = 1024,   /* of one pixel; longer sums are made part by part */
};

struct chunk {
    int16_t x[VALUES] __attribute__((aligned(32))); /* (pixels, part) */
    int32_t sum[MOST][O] __attribute__((aligned(32)));
};

/* Values @from to @to - 1 (multiples of 16) of what a pixel's runs are together. */
QCONV_INLINE void widen(int16_t *x, const struct g20_qconv_row *r, uint32_t pixel, uint32_t from,
                        uint32_t to)
{
    const uint8_t *in = r->in + (ptrdiff_t)pixel * r->in_step;

    for (uint32_t k = from / r->run; k * r->run < to; k++) {
        const uint8_t *run = in + (ptrdiff_t)k * r->in_run;
        const uint32_t first = k * r->run, end = G20_MIN(to - first, r->run);
        for (uint32_t i = first < from ? from - first : 0; i < end; i += 16, x += 16)
            _mm256_store_si256(
                (__m256i *)(void *)x,
                _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(const void *)(run + i))));
    }
}

/* PX pixels' sums grow by @pairs products. */
QCONV_INLINE void multiply(int32_t (*sum)[O], const int16_t *x, const int16_t *w, uint32_t pairs)
{
    __m256i acc[PX][2];

    for (int p = 0; p < PX; p++)
        for (int h = 0; h < 2; h++)
            acc[p][h] = _mm256_load_si256((const __m256i *)(const void *)(sum[p] + 8 * h));
    for (uint32_t i = 0; i < pairs; i++, w += 2 * O) {
        const __m256i y0 = _mm256_load_si256((const __m256i *)(const void *)w);
        const __m256i y1 = _mm256_load_si256((const __m256i *)(const void *)(w + O));
        for (uint32_t p = 0; p < PX; p++) {
            int32_t pair;
            memcpy(&pair, x + 2 * ((size_t)p * pairs + i), sizeof(pair));
            const __m256i both = _mm256_set1_epi32(pair);
            acc[p][0] = _mm256_add_epi32(acc[p][0], _mm256_madd_epi16(both, y0));
            acc[p][1] = _mm256_add_epi32(acc[p][1], _mm256_madd_epi16(both, y1));
        }
    }
    for (int p = 0; p < PX; p++)
        for (int h = 0; h < 2; h++)
            _mm256_store_si256((__m256i *)(void *)(sum[p] + 8 * h), acc[p][h]);
}

/* Bytes of @n pixels from @pixel on, and the last one's again up to a multiple of PX. */
QCONV_INLINE void fill(struct chunk *c, const struct g20_qconv_row *r, uint32_t pixel, uint32_t n,
                       uint32_t from, uint32_t to)
{
    for (uint32_t p = 0; p < (n + PX - 1) / PX * PX; p++)
        widen(c->x + (size_t)p * (to - from), r, pixel + G20_MIN(p, n - 1), from, to);
}

/* @n pixels from @pixel on, all outputs. */
QCONV_INLINE void work(struct chunk *c, const struct g20_qconv_row *r, uint32_t pixel, uint32_t n)
{
    const uint32_t values = r->runs * r->run;
    const bool whole = values <= PART;

    if (whole)
        fill(c, r, pixel, n, 0, values);
    for (uint32_t b = 0; b < r->out_blocks; b++) {
        const int16_t *w = r->wide + (size_t)b * values * O;
        for (uint32_t p = 0; p < (n + PX - 1) / PX * PX; p++)
            memcpy(c->sum[p], r->start + (size_t)b * O, sizeof(c->sum[p]));
        for (uint32_t from = 0; from < values; from += PART) {
            const uint32_t part = G20_MIN(values - from, (uint32_t)PART);
            if (!whole)
                fill(c, r, pixel, n, from, from + part);
            for (uint32_t p = 0; p < n; p += PX)
                multiply(c->sum + p, c->x + (size_t)p * part, w + (size_t)from * O, part / 2);
        }
        for (uint32_t p = 0; p < n; p++)
            finish(r, c->sum[p], pixel + p, b);
    }
}

static void row(const struct g20_qconv_row *given)
{
    const struct g20_qconv_row r = *given; /* a copy that no byte written could change */
    const uint32_t part = G20_MIN(r.runs * r.run, (uint32_t)PART);
    const uint32_t most = G20_MIN((uint32_t)VALUES / part / PX * PX, (uint32_t)MOST);
    struct chunk c;

    for (uint32_t p = 0; p < r.count; p += most)
        work(&c, &r, p, G20_MIN(r.count - p, most));
}

const struct g20_qconv g20_qconv_v3 = {"x86-64-v3", true, row, g20_qwino_v3, add};
