/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The loops of conv.h, included once by each conv_<set>.c, which names them with CONV_SET.
 * CONV_PX x CONV_OB
 * sums of 16 / CONV_LANES vectors each are kept in registers. */
#include "nn/conv.h"

#include <string.h>

enum { SPLIT = G20_NN_BLOCK / CONV_LANES }; /* vectors that a block of channels takes */

typedef float vec __attribute__((vector_size(4 * CONV_LANES), aligned(4 * CONV_LANES), may_alias));
typedef int32_t veci
    __attribute__((vector_size(4 * CONV_LANES), aligned(4 * CONV_LANES), may_alias));

static inline __attribute__((always_inline)) vec splat(float x)
{
    return x - (vec){0}; /* which compilers make a broadcast */
}

/* @px pixels of @ob blocks of output channels. */
static inline __attribute__((always_inline)) void pixels(const struct g20_conv_row *r,
                                                         uint32_t first, uint32_t block,
                                                         const uint32_t px, const uint32_t ob)
{
    const size_t filter = (size_t)r->in_blocks * r->taps * G20_NN_BLOCK * SPLIT; /* of a block */
    const vec *w = (const vec *)r->weight + block * filter;
    float *out = r->out + (ptrdiff_t)block * r->out_block + (ptrdiff_t)first * r->out_step;
    vec acc[CONV_OB][CONV_PX][SPLIT];

    for (uint32_t o = 0; o < ob; o++)
        for (uint32_t p = 0; p < px; p++)
            for (uint32_t h = 0; h < SPLIT; h++)
                acc[o][p][h] = r->bias ? ((const vec *)r->bias)[(block + o) * SPLIT + h]
                                       : ((const vec *)(out + (ptrdiff_t)o * r->out_block +
                                                        (ptrdiff_t)p * r->out_step))[h];
    for (uint32_t b = 0; b < r->in_blocks; b++) {
        const float *at = r->in + (ptrdiff_t)b * r->in_block + (ptrdiff_t)first * r->in_step;
        for (uint32_t t = 0; t < r->taps; t++) {
            const float *in = at + r->tap[t];
            for (uint32_t i = 0; i < G20_NN_BLOCK; i++, w += SPLIT) {
                for (uint32_t p = 0; p < px; p++) {
                    const vec x = splat(in[(ptrdiff_t)p * r->in_step + i]);
                    for (uint32_t o = 0; o < ob; o++)
                        for (uint32_t h = 0; h < SPLIT; h++)
                            acc[o][p][h] += x * w[o * filter + h];
                }
            }
        }
    }
    for (uint32_t o = 0; o < ob; o++)
        for (uint32_t p = 0; p < px; p++)
            for (uint32_t h = 0; h < SPLIT; h++) {
                vec y = acc[o][p][h];
                if (r->relu)
                    y = (vec)((veci)y & (y > splat(0.0f)));
                ((vec *)(out + (ptrdiff_t)o * r->out_block + (ptrdiff_t)p * r->out_step))[h] = y;
            }
}

/* All pixels of @ob blocks of output channels. What CONV_PX leaves is not made one by one: a lone
 * pixel's sums wait for themselves at each step. */
static inline __attribute__((always_inline)) void blocks(const struct g20_conv_row *r,
                                                         uint32_t block, const uint32_t ob)
{
    uint32_t p = 0;

    for (; p + CONV_PX <= r->count; p += CONV_PX)
        pixels(r, p, block, CONV_PX, ob);
    for (; CONV_PX > 4 && p + 4 <= r->count; p += 4)
        pixels(r, p, block, 4, ob);
    for (; p + 2 <= r->count; p += 2)
        pixels(r, p, block, 2, ob);
    for (; p < r->count; p++)
        pixels(r, p, block, 1, ob);
}

static void row(const struct g20_conv_row *r)
{
    uint32_t block = 0;

    for (; block + CONV_OB <= r->out_blocks; block += CONV_OB)
        blocks(r, block, CONV_OB);
    for (; block < r->out_blocks; block++)
        blocks(r, block, 1);
}

/* Input channels @i0 .. @i0 + CONV_GI - 1 of one tap against one block of output channels. */
static inline __attribute__((always_inline)) void
weights(const struct g20_conv_grad *g, const float *in, const float *grad, vec *w)
{
    vec acc[CONV_GI][SPLIT];

    for (uint32_t i = 0; i < CONV_GI; i++)
        for (uint32_t h = 0; h < SPLIT; h++)
            acc[i][h] = w[i * SPLIT + h];
    for (uint32_t p = 0; p < g->count; p++) {
        const vec *d = (const vec *)(grad + (size_t)p * G20_NN_BLOCK);
        for (uint32_t i = 0; i < CONV_GI; i++) {
            const vec x = splat(in[(ptrdiff_t)p * g->in_step + i]);
            for (uint32_t h = 0; h < SPLIT; h++)
                acc[i][h] += x * d[h];
        }
    }
    for (uint32_t i = 0; i < CONV_GI; i++)
        for (uint32_t h = 0; h < SPLIT; h++)
            w[i * SPLIT + h] = acc[i][h];
}

static void grad(const struct g20_conv_grad *g)
{
    vec *w = (vec *)g->weight;

    for (uint32_t o = 0; o < g->out_blocks; o++) {
        const float *d = g->grad + (ptrdiff_t)o * g->grad_block;
        for (uint32_t h = 0; h < SPLIT; h++) {
            vec *bias = (vec *)g->bias + o * SPLIT + h, sum = *bias;
            for (uint32_t p = 0; p < g->count; p++)
                sum += ((const vec *)(d + (size_t)p * G20_NN_BLOCK))[h];
            *bias = sum;
        }
        for (uint32_t b = 0; b < g->in_blocks; b++)
            for (uint32_t t = 0; t < g->taps; t++)
                for (uint32_t i = 0; i < G20_NN_BLOCK; i += CONV_GI, w += CONV_GI * SPLIT)
                    weights(g, g->in + (ptrdiff_t)b * g->in_block + g->tap[t] + i, d, w);
    }
}

const struct g20_conv CONV_SET = {.name = CONV_NAME, .row = row, .grad = grad};
