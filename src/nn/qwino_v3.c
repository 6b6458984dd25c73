/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* For AVX2: qwino.h by VPMADDWD, eight blocks of pixels at once. */
#include "nn/qwino_v3.h"

#include "nn/qconv_last.h"
#include "nn/qwino.h"

#include <immintrin.h>

enum {
    DOWN = G20_QWINO_DOWN,
    ACROSS = G20_QWINO_ACROSS,
    POINTS = G20_QWINO_POINTS,
    ROWS = G20_QWINO_ROWS,
    COLS = G20_QWINO_COLS,
    GROUP = 4, /* blocks whose sums (of 16 outputs) are in registers at once */
    BLOCKS = 2 * GROUP,
    HALF = O / 2, /* outputs of a vector */
};

#define THIRD ((int)0xaaaaaaabu) /* times 3 is 1, in 32 bits */

struct chunk {
    int16_t x[POINTS * BLOCKS * G20_QWINO_MOST] __attribute__((aligned(32))); /* (.., .., in) */
    int32_t sum[POINTS][BLOCKS][O] __attribute__((aligned(32)));
};

QCONV_INLINE __m256i widened(const uint8_t *in)
{
    return _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(const void *)in));
}

QCONV_INLINE void put(int16_t *to, __m256i v)
{
    _mm256_store_si256((__m256i *)(void *)to, v);
}

/* One of the points down, of 16 channels and six pixels side by side, to the points across. */
QCONV_INLINE void spread(int16_t *to, size_t stride, const __m256i d[ACROSS])
{
    const __m256i c = _mm256_sub_epi16(d[4], d[2]);
    const __m256i a = _mm256_sub_epi16(d[4], _mm256_slli_epi16(d[2], 2));
    const __m256i b = _mm256_sub_epi16(d[3], _mm256_slli_epi16(d[1], 2));
    const __m256i e = _mm256_slli_epi16(_mm256_sub_epi16(d[3], d[1]), 1);
    const __m256i f = _mm256_slli_epi16(_mm256_sub_epi16(d[0], d[2]), 2);
    const __m256i g = _mm256_slli_epi16(_mm256_sub_epi16(d[1], d[3]), 2);

    put(to, _mm256_add_epi16(f, c));
    put(to + stride, _mm256_add_epi16(a, b));
    put(to + 2 * stride, _mm256_sub_epi16(a, b));
    put(to + 3 * stride, _mm256_add_epi16(c, e));
    put(to + 4 * stride, _mm256_sub_epi16(c, e));
    put(to + 5 * stride, _mm256_add_epi16(g, _mm256_sub_epi16(d[5], d[3])));
}

/* The bytes around one block, @in channels of each pixel, to all points; a point's are @stride
 * after the one's before. */
QCONV_INLINE void look(int16_t *to, size_t stride, const struct g20_qconv_row *r, uint32_t pixel,
                       uint32_t in)
{
    for (uint32_t i = 0; i < in; i += 16) {
        __m256i d[DOWN][ACROSS];
        for (int x = 0; x < ACROSS; x++) {
            const uint8_t *at = r->in + (ptrdiff_t)(pixel + (uint32_t)x) * r->in_step + i;
            const __m256i p0 = widened(at), p1 = widened(at + r->in_run);
            const __m256i p2 = widened(at + 2 * r->in_run), p3 = widened(at + 3 * r->in_run);
            d[0][x] = _mm256_sub_epi16(p0, p2);
            d[1][x] = _mm256_add_epi16(p1, p2);
            d[2][x] = _mm256_sub_epi16(p2, p1);
            d[3][x] = _mm256_sub_epi16(p1, p3);
        }
        for (size_t y = 0; y < DOWN; y++)
            spread(to + y * ACROSS * stride + i, stride, d[y]);
    }
}

/* Sums of one point and 16 outputs over @pairs pairs of channels, GROUP blocks. */
QCONV_INLINE void multiply(int32_t (*sum)[O], const int16_t *x, const int16_t *w, uint32_t pairs)
{
    __m256i acc[GROUP][2];

    for (int p = 0; p < GROUP; p++)
        acc[p][0] = acc[p][1] = _mm256_setzero_si256();
    for (uint32_t i = 0; i < pairs; i++, w += 2 * O) {
        const __m256i y0 = _mm256_load_si256((const __m256i *)(const void *)w);
        const __m256i y1 = _mm256_load_si256((const __m256i *)(const void *)(w + O));
        for (uint32_t p = 0; p < GROUP; p++) {
            int32_t pair;
            memcpy(&pair, x + 2 * ((size_t)p * pairs + i), sizeof(pair));
            const __m256i both = _mm256_set1_epi32(pair);
            acc[p][0] = _mm256_add_epi32(acc[p][0], _mm256_madd_epi16(both, y0));
            acc[p][1] = _mm256_add_epi32(acc[p][1], _mm256_madd_epi16(both, y1));
        }
    }
    for (int p = 0; p < GROUP; p++)
        for (int h = 0; h < 2; h++)
            _mm256_store_si256((__m256i *)(void *)(sum[p] + HALF * h), acc[p][h]);
}

QCONV_INLINE __m256i twice(__m256i v)
{
    return _mm256_add_epi32(v, v);
}

/* @v / 3 where that is whole, and what the sum begins with. */
QCONV_INLINE void put_sum(int32_t *to, __m256i v, __m256i start)
{
    v = _mm256_add_epi32(_mm256_mullo_epi32(v, _mm256_set1_epi32(THIRD)), start);
    _mm256_store_si256((__m256i *)(void *)to, v);
}

/* The points across to the sums of four pixels, eight outputs. */
QCONV_INLINE void gather(int32_t *to, const __m256i r[ACROSS], __m256i start)
{
    const __m256i s = _mm256_add_epi32(r[1], r[2]), d = _mm256_sub_epi32(r[1], r[2]);
    const __m256i t = _mm256_add_epi32(r[3], r[4]), u = _mm256_sub_epi32(r[3], r[4]);
    const __m256i r0 = twice(_mm256_add_epi32(twice(r[0]), r[0]));
    const __m256i r5 = _mm256_add_epi32(twice(r[5]), r[5]);
    const __m256i y0 = _mm256_add_epi32(_mm256_add_epi32(r0, t), _mm256_slli_epi32(s, 2));
    const __m256i y3 = _mm256_add_epi32(d, twice(_mm256_add_epi32(u, r5)));

    put_sum(to, _mm256_srai_epi32(y0, 4), start);
    put_sum(to + O, _mm256_srai_epi32(_mm256_add_epi32(twice(d), u), 3), start);
    put_sum(to + 2 * O, _mm256_srai_epi32(_mm256_add_epi32(s, t), 2), start);
    put_sum(to + 3 * O, _mm256_srai_epi32(y3, 2), start);
}

/* Eight outputs of a block. */
QCONV_INLINE void combine(int32_t *to, const int32_t *sum, const int32_t *start)
{
    const __m256i begin = _mm256_loadu_si256((const __m256i *)(const void *)start);
    __m256i r[ROWS][ACROSS];

    for (size_t x = 0; x < ACROSS; x++) {
        __m256i m[DOWN];
        for (size_t y = 0; y < DOWN; y++)
            m[y] = _mm256_load_si256(
                (const __m256i *)(const void *)(sum + (y * ACROSS + x) * BLOCKS * O));
        r[0][x] = _mm256_add_epi32(twice(m[0]), _mm256_add_epi32(m[1], m[2]));
        r[1][x] = _mm256_sub_epi32(_mm256_sub_epi32(m[1], m[2]), twice(m[3]));
    }
    for (int y = 0; y < ROWS; y++)
        gather(to + y * COLS * O, r[y], begin);
}

/* @n blocks from @pixel on. */
QCONV_INLINE void work(const struct g20_qconv_row r[2], struct chunk *c, uint32_t pixel, uint32_t n)
{
    const uint32_t in = r->run / 3;
    const size_t stride = (size_t)BLOCKS * in;
    const int16_t *w = r->wino;

    for (uint32_t p = 0; p < n; p++)
        look(c->x + (size_t)p * in, stride, r, pixel + p * COLS, in);
    for (uint32_t b = 0; b < r->out_blocks; b++) {
        for (uint32_t i = 0; i < POINTS; i++, w += (size_t)in * O)
            for (uint32_t p = 0; p < n; p += GROUP)
                multiply(c->sum[i] + p, c->x + i * stride + (size_t)p * in, w, in / 2);
        for (uint32_t p = 0; p < n; p++) {
            int32_t sum[ROWS][COLS][O] __attribute__((aligned(32)));
            for (uint32_t h = 0; h < O; h += HALF)
                combine(&sum[0][0][h], &c->sum[0][p][h], r->start + (size_t)b * O + h);
            for (uint32_t y = 0; y < ROWS; y++)
                for (uint32_t x = 0; x < COLS; x++)
                    finish(&r[y], sum[y][x], pixel + p * COLS + x, b);
        }
    }
}

void g20_qwino_v3(const struct g20_qconv_row given[2])
{
    const struct g20_qconv_row r[2] = {given[0], given[1]}; /* that no byte written could change */
    const uint32_t blocks = r->count / COLS;
    struct chunk c;

    if (blocks % GROUP != 0)
        memset(c.x, 0, sizeof(c.x)); /* blocks behind the last: worked on, looked at by nobody */
    for (uint32_t p = 0; p < blocks; p += BLOCKS)
        work(r, &c, p * COLS, G20_MIN(blocks - p, (uint32_t)BLOCKS));
    for (int y = 0; y < ROWS && blocks * COLS < r->count; y++) {
        const struct g20_qconv_row rest = row_from(&r[y], blocks * COLS);
        g20_qconv_v3.row(&rest);
    }
}
