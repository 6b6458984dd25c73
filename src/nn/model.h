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

struct g20_model {
    struct g20_net net;
    float *params;          /* (net.params) owned */
    uint32_t height, width; /* of the input image, pixels */
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

/* Numbers of 16 bits (IEEE 754 binary16), rounded to nearest even. */
uint16_t g20_half_of(float x);
float g20_half_to(uint16_t h);

#endif
