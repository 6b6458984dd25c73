/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* quantize: from a model in float32 to one whose tensors are bytes, after looking at what it is to
 * work on (post-training quantization).
 *
 * Weights: symmetric, a scale for each output; what rounding adds to an output on the average is
 * taken off its bias (Nagel et al., "Data-free quantization", ICCV 2019, with means that were
 * seen). Tensors: a range chosen from their histograms. The last layer's output stays float. One
 * thread. */
#ifndef G20_NN_QUANTIZE_H
#define G20_NN_QUANTIZE_H

#include "nn/model.h"
#include "nn/qnet.h"

enum g20_quant_method { G20_QUANT_PERCENTILE, G20_QUANT_ENTROPY };

struct g20_quant_way {
    enum g20_quant_method method;
    double share; /* of PERCENTILE: values inside; 1: all */
};

struct g20_quantizer;

/* @m: float, borrowed until destroy(). @input: scale and zero of the input's bytes, which its
 * source fixes. */
G20_MUST_USE int g20_quantizer_create(struct g20_quantizer **ret, const struct g20_model *m,
                                      float input_scale, uint8_t input_zero, struct g20_err *e);
void g20_quantizer_destroy(struct g20_quantizer *z);

const struct g20_image *g20_quantizer_input(struct g20_quantizer *z); /* to be filled */
void g20_quantizer_look(struct g20_quantizer *z); /* at the input: counts all tensors' values */
/* The same, nothing is counted; the output. */
const struct g20_image *g20_quantizer_again(struct g20_quantizer *z);

/* *ret: the model in INT8, properties copied; the caller gives it to g20_model_fini(). */
G20_MUST_USE int g20_quantizer_make(const struct g20_quantizer *z, struct g20_quant_way way,
                                    struct g20_model *ret, struct g20_err *e);

struct g20_quant_error { /* of each layer: power of float values, and of the difference to them */
    double power[G20_NET_LAYERS], wrong[G20_NET_LAYERS];
    bool there[G20_NET_LAYERS]; /* false: @q has no such tensor */
};

/* Adds what @q (run on the same input, .quant of its model) makes differently. */
void g20_quantizer_compare(const struct g20_quantizer *z, const struct g20_qnet *q,
                           const struct g20_quant *quant, struct g20_quant_error *sum);

#endif
