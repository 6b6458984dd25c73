/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* conv: the two inner loops of every convolution, forward and backward, in float32.
 *
 * Tensors are split into blocks of 16 channels, a pixel's 16 values side by side (the layout that
 * oneDNN calls nChw16c), so that one vector holds one pixel's block and channels need no shuffles.
 * A convolution is a sum over taps: a tap is the distance in floats from an output pixel's place in
 * the input to one that its kernel looks at. Padding is a margin of zeros around every image, so
 * neither loop knows of borders; strides are distances between pixels. The gradient by the input is
 * the first loop again over the gradient by the output, with the weights turned round.
 *
 * The same C is compiled for several instruction sets, and the best for this CPU is chosen at run
 * time. Sums are in a fixed order for a set: the same weights and inputs give the same bits. */
#ifndef G20_NN_CONV_H
#define G20_NN_CONV_H

#include "base/base.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { G20_NN_BLOCK = 16, G20_NN_TAPS = 64 };

struct g20_conv_row {   /* one row of pixels; all pointers aligned to 64 bytes */
    const float *in;    /* first pixel's place in the first block */
    ptrdiff_t in_step;  /* floats from one pixel's place to the next */
    ptrdiff_t in_block; /* floats from one block of channels to the next */
    uint32_t in_blocks;
    const ptrdiff_t *tap; /* (taps) */
    uint32_t taps;
    const float *weight; /* (out_blocks, in_blocks, taps, 16 in, 16 out) */
    const float *bias;   /* (out_blocks, 16); NULL: add to what is in out */
    float *out;
    ptrdiff_t out_step, out_block;
    uint32_t out_blocks;
    uint32_t count; /* pixels */
    bool relu;      /* negative results become 0 */
};

struct g20_conv_grad { /* gradient by the weights, of one row of pixels */
    const float *in;
    ptrdiff_t in_step, in_block;
    uint32_t in_blocks;
    const ptrdiff_t *tap;
    uint32_t taps;
    const float *grad;    /* gradient by the output, first pixel, first block */
    ptrdiff_t grad_block; /* its pixels lie side by side */
    uint32_t out_blocks;
    float *weight; /* (out_blocks, in_blocks, taps, 16, 16) is added to */
    float *bias;   /* (out_blocks, 16) is added to */
    uint32_t count;
};

struct g20_conv {
    const char *name; /* of the instruction set */
    void (*row)(const struct g20_conv_row *r);
    void (*grad)(const struct g20_conv_grad *g);
};

extern const struct g20_conv g20_conv_baseline;
#ifdef __x86_64__
extern const struct g20_conv g20_conv_v3, g20_conv_v4;
#endif

/* Those this CPU can run, slowest first; at most @cap, their number is returned. */
size_t g20_conv_all(const struct g20_conv **sets, size_t cap);
const struct g20_conv *g20_conv(void); /* the fastest */

#endif
