/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* For AVX2: bytes widened to 16 bits, because VPMADDUBSW saturates. Bytes and weights are widened
 * once for a chunk of pixels, so that the inner loop is nothing but VPMADDWD and sums. */
#include "nn/qconv_last.h"

#include <immintrin.h>

enum {
    SLICE = G20_QCONV_SLICE,
    PX = 6, /* pixels at once: 12 sums, two vectors of weights and one of bytes fill 16 registers */
    CHUNK = 10 * PX, /* pixels: all that is on the stack stays in the first cache */
    OB = 2,          /* blocks of outputs that share widened bytes */
};

/* A slice of weights as pairs of 16 bits: (pairs, 16 out, 2 in). */
struct weights {
    int16_t at[SLICE / 2][O][2] __attribute__((aligned(32)));
};

struct chunk {
    int16_t x[CHUNK][SLICE] __attribute__((aligned(32))); /* bytes of a slice of each pixel */
    struct weights w[OB];
    int32_t sum[OB][CHUNK][O] __attribute__((aligned(32)));
};

QCONV_INLINE __m256i widened(const int8_t *w)
{
    return _mm256_cvtepi8_epi16(_mm_load_si128((const __m128i *)(const void *)w));
}

/* Every other pair of two vectors of 4 outputs x 4 in: 8 outputs in order. */
#define EVERY_OTHER(a, b, which)                                                          \
    _mm256_permute4x64_epi64(_mm256_castps_si256(_mm256_shuffle_ps(                       \
                                 _mm256_castsi256_ps(a), _mm256_castsi256_ps(b), which)), \
                             0xd8)

/* (fours, 16 out, 4 in) bytes from @w on. */
QCONV_INLINE void widen_weights(struct weights *to, const int8_t *w, uint32_t fours)
{
    for (uint32_t i = 0; i < fours; i++)
        for (uint32_t half = 0; half < 2; half++, w += 2 * O) {
            const __m256i a = widened(w), b = widened(w + O);
            _mm256_store_si256((__m256i *)(void *)to->at[2 * i][8 * half], EVERY_OTHER(a, b, 0x88));
            _mm256_store_si256((__m256i *)(void *)to->at[2 * i + 1][8 * half],
                               EVERY_OTHER(a, b, 0xdd));
        }
}

/* @bytes (a multiple of 16) of each of @n pixels. */
QCONV_INLINE void widen_bytes(int16_t (*to)[SLICE], const uint8_t *in, ptrdiff_t step, uint32_t n,
                              uint32_t bytes)
{
    for (uint32_t p = 0; p < n; p++, in += step)
        for (uint32_t i = 0; i < bytes; i += 16)
            _mm256_store_si256(
                (__m256i *)(void *)(to[p] + i),
                _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(const void *)(in + i))));
}

/* PX pixels' sums of one block grow by @pairs products. */
QCONV_INLINE void multiply(int32_t (*sum)[O], const int16_t *x, const struct weights *w,
                           uint32_t pairs)
{
    __m256i acc[PX][2];

    for (int p = 0; p < PX; p++)
        for (int h = 0; h < 2; h++)
            acc[p][h] = _mm256_load_si256((const __m256i *)(const void *)(sum[p] + 8 * h));
    for (uint32_t i = 0; i < pairs; i++) {
        const __m256i y0 = _mm256_load_si256((const __m256i *)(const void *)w->at[i][0]);
        const __m256i y1 = _mm256_load_si256((const __m256i *)(const void *)w->at[i][8]);
        for (int p = 0; p < PX; p++) {
            int32_t pair;
            memcpy(&pair, x + p * SLICE + 2 * (size_t)i, sizeof(pair));
            const __m256i both = _mm256_set1_epi32(pair);
            acc[p][0] = _mm256_add_epi32(acc[p][0], _mm256_madd_epi16(both, y0));
            acc[p][1] = _mm256_add_epi32(acc[p][1], _mm256_madd_epi16(both, y1));
        }
    }
    for (int p = 0; p < PX; p++)
        for (int h = 0; h < 2; h++)
            _mm256_store_si256((__m256i *)(void *)(sum[p] + 8 * h), acc[p][h]);
}

/* @n pixels from @pixel on, @blocks blocks of outputs from @block on. What lies behind the last
 * pixel in the chunk is worked on too, and nobody looks at it. */
QCONV_INLINE void work(const struct g20_qconv_row *r, struct chunk *c, uint32_t pixel, uint32_t n,
                       uint32_t block, uint32_t blocks)
{
    const size_t filter = filter_bytes(r), run = (size_t)g20_qconv_slices(r->run) * SLICE * O;

    for (uint32_t b = 0; b < blocks; b++)
        for (uint32_t p = 0; p < CHUNK; p++)
            memcpy(c->sum[b][p], r->start + (size_t)(block + b) * O, sizeof(c->sum[b][p]));
    for (uint32_t k = 0; k < r->runs; k++)
        for (uint32_t i = 0; i < r->run; i += SLICE) {
            const uint32_t bytes = G20_MIN(r->run - i, (uint32_t)SLICE);
            const int8_t *w = r->weight + block * filter + k * run + (size_t)i * O;
            widen_bytes(c->x, r->in + (ptrdiff_t)pixel * r->in_step + (ptrdiff_t)k * r->in_run + i,
                        r->in_step, n, bytes);
            for (uint32_t b = 0; b < blocks; b++) {
                widen_weights(&c->w[b], w + b * filter, bytes / 4);
                for (uint32_t p = 0; p < n; p += PX)
                    multiply(c->sum[b] + p, c->x[p], &c->w[b], bytes / 2);
            }
        }
    for (uint32_t b = 0; b < blocks; b++)
        for (uint32_t p = 0; p < n; p++)
            finish(r, c->sum[b][p], pixel + p, block + b);
}

static void row(const struct g20_qconv_row *r)
{
    struct chunk c;

    memset(c.x, 0, sizeof(c.x)); /* pixels behind the last */
    for (uint32_t p = 0; p < r->count; p += CHUNK)
        for (uint32_t b = 0; b < r->out_blocks; b += OB)
            work(r, &c, p, G20_MIN(r->count - p, (uint32_t)CHUNK), b,
                 G20_MIN(r->out_blocks - b, (uint32_t)OB));
}

const struct g20_qconv g20_qconv_v3 = {"x86-64-v3", row, add};
