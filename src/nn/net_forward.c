/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/alloc.h"
#include "nn/net_run.h"

#include <errno.h>

enum { S = G20_NN_BLOCK };

static int take(struct g20_image *m, uint32_t channels, uint32_t h, uint32_t w)
{
    *m = (struct g20_image){.blocks = channels / S, .height = h, .width = w};
    m->data = g20_calloc_aligned(m->blocks * g20_image_block(m), sizeof(float));
    return m->data ? 0 : -ENOMEM;
}

static bool fits(const struct g20_net_layer *l, const struct g20_image *all)
{
    const struct g20_image *a = &all[l->from], *b = &all[l->with];

    switch (l->kind) {
    case G20_NET_PATCH:
        return a->height % l->kh == 0 && a->width % l->kw == 0;
    case G20_NET_ADD:
        return a->height == b->height && a->width == b->width;
    case G20_NET_UP:
        return a->height == 2 * b->height && a->width == 2 * b->width;
    default:
        return true;
    }
}

int g20_net_run_create(struct g20_net_run **ret, const struct g20_net *net, uint32_t height,
                       uint32_t width, bool with_gradients, struct g20_err *e)
{
    struct g20_net_run *r = g20_calloc(1, sizeof(*r));
    uint32_t h = height, w = width;

    if (!r)
        goto fail;
    r->net = net;
    for (uint32_t i = 0; i < net->count; i++) {
        if (i > 0 && !fits(&net->layer[i], r->out)) {
            g20_net_run_destroy(r);
            return g20_fail(e, -EINVAL, "network: layer %u does not fit an input of %u x %u", i,
                            height, width);
        }
        if (i > 0)
            g20_net_shape(net, i, r->out, &h, &w);
        if (take(&r->out[i], net->channels[i], h, w) < 0 ||
            (with_gradients && take(&r->grad[i], net->channels[i], h, w) < 0))
            goto fail;
    }
    *ret = r;
    return 0;

fail:
    g20_net_run_destroy(r);
    return g20_fail(e, -ENOMEM, "network: out of memory");
}

void g20_net_run_destroy(struct g20_net_run *r)
{
    if (!r)
        return;
    for (uint32_t i = 0; i < G20_NET_LAYERS; i++) {
        g20_free(r->out[i].data);
        g20_free(r->grad[i].data);
    }
    g20_free(r);
}

const struct g20_image *g20_net_input(struct g20_net_run *r)
{
    return &r->out[0];
}

const struct g20_image *g20_net_output(const struct g20_net_run *r)
{
    return &r->out[r->net->count - 1];
}

const struct g20_image *g20_net_output_grad(struct g20_net_run *r)
{
    return &r->grad[r->net->count - 1];
}

uint32_t g20_net_taps(const struct g20_net_run *r, uint32_t i, ptrdiff_t *tap)
{
    const struct g20_net_layer *l = &r->net->layer[i];
    const ptrdiff_t stride = (ptrdiff_t)g20_image_stride(&r->out[l->from]);
    const ptrdiff_t cy = l->kind == G20_NET_CONV ? l->kh / 2 : 0;
    const ptrdiff_t cx = l->kind == G20_NET_CONV ? l->kw / 2 : 0;
    uint32_t n = 0;

    for (ptrdiff_t y = 0; y < (ptrdiff_t)l->kh; y++)
        for (ptrdiff_t x = 0; x < (ptrdiff_t)l->kw; x++)
            tap[n++] = (y - cy) * stride + (x - cx) * S;
    return n;
}

static void convolve(struct g20_net_run *r, uint32_t i, const float *params)
{
    const struct g20_net_layer *l = &r->net->layer[i];
    const struct g20_image *in = &r->out[l->from], *out = &r->out[i];
    const uint32_t sy = l->kind == G20_NET_PATCH ? l->kh : 1;
    const uint32_t sx = l->kind == G20_NET_PATCH ? l->kw : 1;
    ptrdiff_t tap[G20_NN_TAPS];
    struct g20_conv_row row = {
        .in_step = (ptrdiff_t)sx * S,
        .in_block = (ptrdiff_t)g20_image_block(in),
        .in_blocks = in->blocks,
        .tap = tap,
        .taps = g20_net_taps(r, i, tap),
        .weight = params + r->net->weight[i],
        .bias = params + r->net->bias[i],
        .out_step = S,
        .out_block = (ptrdiff_t)g20_image_block(out),
        .out_blocks = out->blocks,
        .count = out->width,
        .relu = l->relu,
    };

    for (uint32_t y = 0; y < out->height; y++) {
        row.in = g20_image_row(in, 0, y * sy);
        row.out = g20_image_row(out, 0, y);
        g20_conv()->row(&row);
    }
}

/* One row: out = a + b, each pixel of b @times times. */
static void add_row(float *restrict out, const float *restrict a, const float *restrict b,
                    uint32_t width, uint32_t times)
{
    for (uint32_t x = 0; x < width; x++)
        for (uint32_t c = 0; c < S; c++)
            out[x * S + c] = a[x * S + c] + b[x / times * S + c];
}

static void add(struct g20_net_run *r, uint32_t i)
{
    const struct g20_net_layer *l = &r->net->layer[i];
    const struct g20_image *out = &r->out[i];
    const uint32_t times = l->kind == G20_NET_UP ? 2 : 1;

    for (uint32_t b = 0; b < out->blocks; b++)
        for (uint32_t y = 0; y < out->height; y++)
            add_row(g20_image_row(out, b, y), g20_image_row(&r->out[l->from], b, y),
                    g20_image_row(&r->out[l->with], b, y / times), out->width, times);
}

void g20_net_forward(struct g20_net_run *r, const float *params)
{
    for (uint32_t i = 1; i < r->net->count; i++) {
        if (r->net->layer[i].kind == G20_NET_CONV || r->net->layer[i].kind == G20_NET_PATCH)
            convolve(r, i, params);
        else
            add(r, i);
    }
}
