/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* net: a convolutional network as a list of layers over one block of parameters.
 *
 * A layer names the earlier layers it reads. Channels are multiples of 16 everywhere (conv.h), so
 * every tensor has the same layout and nothing is ever reordered. The description is immutable and
 * may be shared; a run holds the tensors of one image and is used by one thread. */
#ifndef G20_NN_NET_H
#define G20_NN_NET_H

#include "base/err.h"
#include "nn/conv.h"

enum { G20_NET_LAYERS = 64, G20_NET_CHANNELS = 1024 };

enum g20_net_kind {
    G20_NET_INPUT, /* layer 0 and no other */
    G20_NET_CONV,  /* kh x kw odd, stride 1, zero padding: as high and wide as its input */
    G20_NET_PATCH, /* kh x kw = its own stride: each input pixel is looked at once */
    G20_NET_ADD,   /* .from + .with */
    G20_NET_UP,    /* .from + .with, each pixel of .with twice in both directions */
};

struct g20_net_layer {
    enum g20_net_kind kind;
    uint32_t from, with;
    uint32_t channels; /* of INPUT, CONV and PATCH; the others take their input's */
    uint32_t kh, kw;
    bool relu; /* of CONV and PATCH */
};

struct g20_net {
    uint32_t count;
    struct g20_net_layer layer[G20_NET_LAYERS];
    uint32_t channels[G20_NET_LAYERS];
    size_t weight[G20_NET_LAYERS], bias[G20_NET_LAYERS]; /* where in the parameters */
    size_t params; /* floats, each layer's weights (out block, in block, tap, 16 in, 16 out) */
};

/* -EINVAL names the layer that does not fit. */
G20_MUST_USE int g20_net_init(struct g20_net *net, const struct g20_net_layer *layer,
                              uint32_t count, struct g20_err *e);

/* Is layer @i a convolution whose result only the next layer reads, to add it to an earlier one? */
bool g20_net_joins(const struct g20_net *net, uint32_t i);

/* Of the last layer's output, for an input of @height x @width. */
void g20_net_size(const struct g20_net *net, uint32_t height, uint32_t width, uint32_t *ret_height,
                  uint32_t *ret_width);

/* Multiplications with one sum each that an input of @height x @width takes. */
uint64_t g20_net_macs(const struct g20_net *net, uint32_t height, uint32_t width);

/* Weights drawn for rectifiers (He et al., ICCV 2015), biases 0. */
void g20_net_draw(const struct g20_net *net, uint64_t seed, float *params);

/* Weights of @from's layers for those of @net of the same kind, kernel, channels and scale that
 * read the input as they do or not, in their order; the others' stay. Which layers were carried
 * over is set in @ret_carried; how many. */
uint32_t g20_net_carry(const struct g20_net *net, float *params, const struct g20_net *from,
                       const float *weights, bool ret_carried[G20_NET_LAYERS]);

struct g20_image { /* (blocks, height + 2, width + 2, 16): a margin of zeros all round */
    uint32_t blocks, height, width;
    float *data;
};

static inline size_t g20_image_stride(const struct g20_image *m) /* floats of a row */
{
    return ((size_t)m->width + 2) * G20_NN_BLOCK;
}

static inline size_t g20_image_block(const struct g20_image *m) /* floats of a block of channels */
{
    return ((size_t)m->height + 2) * g20_image_stride(m);
}

/* First pixel of row @y in block @b. */
static inline float *g20_image_row(const struct g20_image *m, uint32_t b, uint32_t y)
{
    return m->data + b * g20_image_block(m) + (y + 1u) * g20_image_stride(m) + G20_NN_BLOCK;
}

struct g20_net_run;

/* @height, @width: of the input; every PATCH and UP must divide them. @with_gradients: for
 * backward(). */
G20_MUST_USE int g20_net_run_create(struct g20_net_run **ret, const struct g20_net *net,
                                    uint32_t height, uint32_t width, bool with_gradients,
                                    struct g20_err *e);
void g20_net_run_destroy(struct g20_net_run *r);

const struct g20_image *g20_net_input(struct g20_net_run *r); /* to be filled, margin untouched */
const struct g20_image *g20_net_output(const struct g20_net_run *r); /* of the last layer */
const struct g20_image *g20_net_output_grad(struct g20_net_run *r);  /* to be filled */

void g20_net_forward(struct g20_net_run *r, const float *params);

/* After forward() and once output_grad holds the loss's gradient: adds the gradient by the
 * parameters to @grad (params floats). @turned: from g20_net_turn(). */
void g20_net_backward(struct g20_net_run *r, const float *turned, float *grad);

/* The weights as backward() wants them: (in block, out block, tap, 16 out, 16 in), taps of CONV in
 * reverse. @turned: params floats. */
void g20_net_turn(const struct g20_net *net, const float *params, float *turned);

#endif
