/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "nn/net_run.h"

#include <string.h>

enum { S = G20_NN_BLOCK };

/* What a rectifier let through: nothing where its output is 0. */
static void mask(const struct g20_image *out, const struct g20_image *grad)
{
    const size_t n = out->blocks * g20_image_block(out);

    for (size_t k = 0; k < n; k++)
        grad->data[k] = out->data[k] > 0.0f ? grad->data[k] : 0.0f;
}

static void by_weights(struct g20_net_run *r, uint32_t i, float *grad)
{
    const struct g20_net_layer *l = &r->net->layer[i];
    const struct g20_image *in = &r->out[l->from], *out = &r->grad[i];
    const uint32_t sy = l->kind == G20_NET_PATCH ? l->kh : 1;
    const uint32_t sx = l->kind == G20_NET_PATCH ? l->kw : 1;
    ptrdiff_t tap[G20_NN_TAPS];
    struct g20_conv_grad g = {
        .in_step = (ptrdiff_t)sx * S,
        .in_block = (ptrdiff_t)g20_image_block(in),
        .in_blocks = in->blocks,
        .tap = tap,
        .taps = g20_net_taps(r, i, tap),
        .grad_block = (ptrdiff_t)g20_image_block(out),
        .out_blocks = out->blocks,
        .weight = grad + r->net->weight[i],
        .bias = grad + r->net->bias[i],
        .count = out->width,
    };

    for (uint32_t y = 0; y < out->height; y++) {
        g.in = g20_image_row(in, 0, y * sy);
        g.grad = g20_image_row(out, 0, y);
        g20_conv()->grad(&g);
    }
}

/* A convolution's gradient by its input is a convolution of the gradient by its output. */
static void by_input(struct g20_net_run *r, uint32_t i, const float *turned)
{
    const struct g20_net_layer *l = &r->net->layer[i];
    const struct g20_image *in = &r->grad[l->from], *out = &r->grad[i];
    const bool patch = l->kind == G20_NET_PATCH;
    const uint32_t taps = l->kh * l->kw;
    const size_t filter = (size_t)in->blocks * out->blocks * S * S; /* of one tap */
    const ptrdiff_t stride = (ptrdiff_t)g20_image_stride(out), here = 0;
    ptrdiff_t tap[G20_NN_TAPS];
    struct g20_conv_row row = {
        .in_step = S,
        .in_block = (ptrdiff_t)g20_image_block(out),
        .in_blocks = out->blocks,
        .tap = patch ? &here : tap,
        .taps = patch ? 1 : taps,
        .out_step = (ptrdiff_t)(patch ? l->kw : 1) * S,
        .out_block = (ptrdiff_t)g20_image_block(in),
        .out_blocks = in->blocks,
        .count = out->width,
    };

    for (uint32_t t = 0; t < taps; t++)
        tap[t] = ((ptrdiff_t)(t / l->kw) - l->kh / 2) * stride +
                 ((ptrdiff_t)(t % l->kw) - l->kw / 2) * S;
    for (uint32_t y = 0; y < out->height; y++) {
        row.in = g20_image_row(out, 0, y);
        for (uint32_t t = 0; t < (patch ? taps : 1); t++) {
            row.weight = turned + r->net->weight[i] + t * filter;
            row.out = patch ? g20_image_row(in, 0, y * l->kh + t / l->kw) + (size_t)(t % l->kw) * S
                            : g20_image_row(in, 0, y);
            g20_conv()->row(&row);
        }
    }
}

/* @to += @from, @times x @times pixels of it falling on each. */
static void add_grad(const struct g20_image *to, const struct g20_image *from, uint32_t times)
{
    for (uint32_t b = 0; b < from->blocks; b++)
        for (uint32_t y = 0; y < from->height; y++) {
            const float *restrict f = g20_image_row(from, b, y);
            float *restrict t = g20_image_row(to, b, y / times);
            for (uint32_t x = 0; x < from->width; x++)
                for (uint32_t c = 0; c < S; c++)
                    t[x / times * S + c] += f[x * S + c];
        }
}

void g20_net_backward(struct g20_net_run *r, const float *turned, float *grad)
{
    const uint32_t last = r->net->count - 1;

    for (uint32_t i = 0; i < last; i++)
        memset(r->grad[i].data, 0,
               r->grad[i].blocks * g20_image_block(&r->grad[i]) * sizeof(float));
    for (uint32_t i = last; i > 0; i--) {
        const struct g20_net_layer *l = &r->net->layer[i];

        if (l->kind == G20_NET_ADD || l->kind == G20_NET_UP) {
            add_grad(&r->grad[l->from], &r->grad[i], 1);
            add_grad(&r->grad[l->with], &r->grad[i], l->kind == G20_NET_UP ? 2 : 1);
            continue;
        }
        if (l->relu)
            mask(&r->out[i], &r->grad[i]);
        by_weights(r, i, grad);
        if (l->from > 0) /* nobody asks for the input's */
            by_input(r, i, turned);
    }
}
