/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* model: a network, its weights and what is to be known about them, in memory. */
#ifndef G20_NN_MODEL_H
#define G20_NN_MODEL_H

#include "nn/net.h"

enum { G20_MODEL_PROPS = 48, G20_MODEL_KEY = 48, G20_MODEL_VALUE = 256 };

struct g20_model_prop {
    char key[G20_MODEL_KEY], value[G20_MODEL_VALUE];
};

/* How a tensor's bytes are to be read, layer by layer: a byte b is (b - zero) x scale. */
struct g20_quant {
    float scale[G20_NET_LAYERS]; /* > 0; of the last layer unused, its output stays float */
    uint8_t zero[G20_NET_LAYERS];
};

struct g20_model {
    struct g20_net net;
    float *params;          /* (net.params) owned */
    uint32_t height, width; /* of the input image, pixels */
    bool is_int8;           /* weights are bytes x a scale for each output; .quant is set */
    struct g20_quant quant;
    uint32_t props;
    struct g20_model_prop prop[G20_MODEL_PROPS];
};

/* Room for the weights of @m->net; -ENOMEM. */
G20_MUST_USE int g20_model_alloc(struct g20_model *m, struct g20_err *e);
void g20_model_fini(struct g20_model *m);

const char *g20_model_prop(const struct g20_model *m, const char *key); /* NULL: there is none */

/* -EOVERFLOW: too long, or too many. */
G20_MUST_USE int g20_model_set(struct g20_model *m, const char *key, const char *value,
                               struct g20_err *e);

/* Scale of the bytes of output @out of layer @i: its largest weight is 127 of them. 0: all are 0.
 */
float g20_model_weight_scale(const struct g20_model *m, uint32_t i, uint32_t out);

int8_t g20_model_weight_byte(float w, float scale);

/* Is layer @i's output bytes in a model that is_int8? Not that of the last layer, and not that of
 * one that g20_net_joins(). */
bool g20_model_has_bytes(const struct g20_model *m, uint32_t i);

/* The place in the parameters of layer @i's weight between channels @in and @out at @tap (row by
 * row). */
static inline size_t g20_model_weight_at(const struct g20_net *net, uint32_t i, uint32_t out,
                                         uint32_t in, uint32_t tap)
{
    enum { S = G20_NN_BLOCK };
    const struct g20_net_layer *l = &net->layer[i];
    const size_t block = (size_t)(out / S) * (net->channels[l->from] / S) + in / S;

    return net->weight[i] + ((block * l->kh * l->kw + tap) * S + in % S) * S + out % S;
}

/* A hash of its weights: which model something belongs to. */
uint64_t g20_model_hash(const struct g20_model *m);

/* Numbers of 16 bits (IEEE 754 binary16), rounded to nearest even. */
uint16_t g20_half_of(float x);
float g20_half_to(uint16_t h);

#endif
