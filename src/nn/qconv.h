/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* qconv: the inner loop of every convolution in INT8: bytes in, sums of 32 bits, bytes out.
 *
 * Tensors hold a pixel's channels side by side and pixels of a row behind each other, so what a
 * kernel's row looks at is one run of bytes, for which nothing has to be gathered. A byte b stands
 * for (b - zero) x scale of its tensor, weights are signed bytes with a scale for each output. Sums
 * are exact and their last steps are the same C for every instruction set, so all sets give the
 * same bytes; no set relies on instructions that saturate (VPMADDUBSW does).
 * After Jacob et al., "Quantization and training of neural networks for efficient integer-
 * arithmetic-only inference", CVPR 2018, with the last steps in float32. */
#ifndef G20_NN_QCONV_H
#define G20_NN_QCONV_H

#include "base/base.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    G20_QCONV_OUT = 16,   /* outputs side by side in the weights */
    G20_QCONV_SLICE = 64, /* bytes of a run whose weights lie together; a run may be read so far
                             behind its end, rounded up to a slice */
};

struct g20_qconv_row { /* one row of pixels */
    const uint8_t *in; /* where the first pixel's first run begins */
    ptrdiff_t in_step; /* bytes from one pixel's run to the next */
    ptrdiff_t in_run;  /* from a run to the next of the same pixel */
    uint32_t runs;
    uint32_t run; /* bytes of a run, a multiple of 16 */
    /* (out_blocks, runs, slices, 16 fours, 16 out, 4 in), zeros behind a run's end; aligned to 64
     */
    const int8_t *weight;
    const int16_t *wide;       /* the same as g20_qconv_widen() has them, for a set that asks */
    const int16_t *wino;       /* of a convolution of 3 x 3 as qwino.h has them; NULL: none */
    const int32_t *start;      /* (out_blocks, 16): what a sum begins with */
    const float *scale, *bias; /* (out_blocks, 16): y = sum x scale + bias */
    float least;               /* y is raised to it: -INFINITY, or what 0 is (a rectifier) */
    uint32_t out_blocks, count;
    const uint8_t *add; /* NULL, or bytes x add_scale are added to y then, one for each output;
                           laid out as .out */
    float add_scale;
    uint8_t *out; /* y from 0 to 255, what is behind the point dropped: to round, the bias has half
                     a step more; NULL: */
    ptrdiff_t out_step;
    float *real; /* y itself, (out_blocks, pixels, 16) */
    ptrdiff_t real_block;
};

struct g20_qconv {
    const char *name; /* of the instruction set */
    bool wide;        /* row() wants weights as .wide */
    void (*row)(const struct g20_qconv_row *r);
    /* NULL, or two rows of a convolution of 3 x 3 with .wino: the second one's .in is a row below
     * the first one's; the same bytes as by row(). */
    void (*pair)(const struct g20_qconv_row r[2]);
    /* out = a x scale[0] + b x scale[1] + offset, as .out above; each pixel of b @times times. */
    void (*add)(uint8_t *out, const uint8_t *a, const uint8_t *b, const float scale[2],
                float offset, uint32_t pixels, uint32_t channels, uint32_t times);
};

extern const struct g20_qconv g20_qconv_baseline;
#ifdef __x86_64__
extern const struct g20_qconv g20_qconv_v3, g20_qconv_vnni, g20_qconv_amx;
#endif

enum { G20_QCONV_SETS = 4 };

/* Those this CPU (and system: AMX is asked for) can run, slowest first; their number. */
size_t g20_qconv_all(const struct g20_qconv *sets[G20_QCONV_SETS]);
const struct g20_qconv *g20_qconv(void); /* the fastest */

/* Weights of one block of outputs without the gaps behind runs: (runs x run / 2, 16 out, 2 in). */
void g20_qconv_widen(int16_t *to, const int8_t *weight, uint32_t runs, uint32_t run);

static inline uint32_t g20_qconv_slices(uint32_t run)
{
    return (run + G20_QCONV_SLICE - 1) / G20_QCONV_SLICE;
}

#endif
