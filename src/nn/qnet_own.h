/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* qnet_own: what qnet.c (making) and qnet_run.c (a forward pass) share. */
#ifndef G20_NN_QNET_OWN_H
#define G20_NN_QNET_OWN_H

#include "nn/crew.h"
#include "nn/net_run.h"
#include "nn/qnet.h"

#include <stdatomic.h>

struct g20_qbytes { /* (height + 2, width + 2, channels): a margin that reads as 0 all round */
    uint32_t height, width, channels;
    uint8_t zero;
    uint8_t *data; /* NULL: nobody wants it */
};

struct g20_qpacked { /* of a convolution, as qconv.h wants them */
    int8_t *weight;
    int16_t *wide, *wino; /* NULL: not used */
    int32_t *start;
    float *scale, *bias, least, add_scale;
};

struct g20_qstep {
    uint32_t layer; /* a convolution or a sum */
    uint32_t out;   /* whose tensor it writes: .layer, or the sum that it makes with it */
    bool meets;     /* all rows of what it reads must be there */
};

struct g20_qnet {
    struct g20_net net;
    struct g20_quant quant;
    const struct g20_qconv *set;
    struct g20_crew *crew;
    struct g20_qbytes tensor[G20_NET_LAYERS];
    struct g20_qpacked packed[G20_NET_LAYERS];
    struct g20_image output;
    uint32_t steps;
    struct g20_qstep step[G20_NET_LAYERS];
    /* Of each tensor: */
    uint32_t wanted[G20_NET_LAYERS]; /* the rows from this one on are made, this time */
    uint32_t kept[G20_NET_LAYERS];   /* those before this one stay from the last time; 0: none */
    uint32_t right[G20_NET_LAYERS];  /* what the last time left: rows from this one on */
    bool is_scrolled;
    atomic_uint taken[G20_NET_LAYERS][(G20_CREW_MAX + 1) / 2]; /* pairs of rows: of each chain, by
                                                                  two members each */
};

static inline size_t g20_qbytes_stride(const struct g20_qbytes *t)
{
    return ((size_t)t->width + 2) * t->channels;
}

static inline uint8_t *g20_qbytes_row(const struct g20_qbytes *t, uint32_t y)
{
    return t->data + (y + 1u) * g20_qbytes_stride(t) + t->channels;
}

/* Is layer @i a sum of two tensors? */
static inline bool g20_qnet_sums(const struct g20_net *net, uint32_t i)
{
    return net->layer[i].kind == G20_NET_ADD || net->layer[i].kind == G20_NET_UP;
}

#endif
