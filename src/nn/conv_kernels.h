/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The loops of conv.h, included once by each conv_<set>.c, which names them with CONV_SET.
 * CONV_PX x CONV_OB sums are kept in registers. */
#include "nn/conv.h"

#include <string.h>

typedef float v16 __attribute__((vector_size(64), aligned(64), may_alias));
typedef int32_t v16i __attribute__((vector_size(64), aligned(64), may_alias));

static inline __attribute__((always_inline)) v16 splat(float x)
{
    return (v16){x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x};
}

/* @px pixels of @ob blocks of output channels. */
static inline __attribute__((always_inline)) void pixels(const struct g20_conv_row *r,
                                                         uint32_t first, uint32_t block,
                                                         const uint32_t px, const uint32_t ob)
{
    const size_t filter = (size_t)r->in_blocks * r->taps * G20_NN_BLOCK; /* v16s of a block */
    const v16 *w = (const v16 *)r->weight + block * filter;
    float *out = r->out + (ptrdiff_t)block * r->out_block + (ptrdiff_t)first * r->out_step;
    v16 acc[CONV_OB][CONV_PX];

    for (uint32_t o = 0; o < ob; o++)
        for (uint32_t p = 0; p < px; p++)
            acc[o][p] = r->bias ? ((const v16 *)r->bias)[block + o]
                                : *(const v16 *)(out + (ptrdiff_t)o * r->out_block +
                                                 (ptrdiff_t)p * r->out_step);
    for (uint32_t b = 0; b < r->in_blocks; b++) {
        const float *at = r->in + (ptrdiff_t)b * r->in_block + (ptrdiff_t)first * r->in_step;
        for (uint32_t t = 0; t < r->taps; t++) {
            const float *in = at + r->tap[t];
            for (uint32_t i = 0; i < G20_NN_BLOCK; i++, w++) {
                for (uint32_t p = 0; p < px; p++) {
                    const v16 x = splat(in[(ptrdiff_t)p * r->in_step + i]);
                    for (uint32_t o = 0; o < ob; o++)
                        acc[o][p] += x * w[o * filter];
                }
            }
        }
    }
    for (uint32_t o = 0; o < ob; o++)
        for (uint32_t p = 0; p < px; p++) {
            v16 y = acc[o][p];
            if (r->relu)
                y = (v16)((v16i)y & (y > splat(0.0f)));
            *(v16 *)(out + (ptrdiff_t)o * r->out_block + (ptrdiff_t)p * r->out_step) = y;
        }
}

static void row(const struct g20_conv_row *r)
{
    uint32_t block = 0;

    for (; block + CONV_OB <= r->out_blocks; block += CONV_OB) {
        uint32_t p = 0;
        for (; p + CONV_PX <= r->count; p += CONV_PX)
            pixels(r, p, block, CONV_PX, CONV_OB);
        for (; p < r->count; p++)
            pixels(r, p, block, 1, CONV_OB);
    }
    for (; block < r->out_blocks; block++) {
        uint32_t p = 0;
        for (; p + CONV_PX <= r->count; p += CONV_PX)
            pixels(r, p, block, CONV_PX, 1);
        for (; p < r->count; p++)
            pixels(r, p, block, 1, 1);
    }
}

/* Input channels @i0 .. @i0 + CONV_GI - 1 of one tap against one block of output channels. */
static inline __attribute__((always_inline)) void
weights(const struct g20_conv_grad *g, const float *in, const float *grad, v16 *w)
{
    v16 acc[CONV_GI];

    for (uint32_t i = 0; i < CONV_GI; i++)
        acc[i] = w[i];
    for (uint32_t p = 0; p < g->count; p++) {
        const v16 d = *(const v16 *)(grad + (size_t)p * G20_NN_BLOCK);
        for (uint32_t i = 0; i < CONV_GI; i++)
            acc[i] += splat(in[(ptrdiff_t)p * g->in_step + i]) * d;
    }
    for (uint32_t i = 0; i < CONV_GI; i++)
        w[i] = acc[i];
}

static void grad(const struct g20_conv_grad *g)
{
    v16 *w = (v16 *)g->weight;

    for (uint32_t o = 0; o < g->out_blocks; o++) {
        const float *d = g->grad + (ptrdiff_t)o * g->grad_block;
        v16 sum = ((v16 *)g->bias)[o];
        for (uint32_t p = 0; p < g->count; p++)
            sum += *(const v16 *)(d + (size_t)p * G20_NN_BLOCK);
        ((v16 *)g->bias)[o] = sum;
        for (uint32_t b = 0; b < g->in_blocks; b++)
            for (uint32_t t = 0; t < g->taps; t++, w += G20_NN_BLOCK)
                for (uint32_t i = 0; i < G20_NN_BLOCK; i += CONV_GI)
                    weights(g, g->in + (ptrdiff_t)b * g->in_block + g->tap[t] + i, d, w + i);
    }
}

const struct g20_conv CONV_SET = {.name = CONV_NAME, .row = row, .grad = grad};
