/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* net_run: what a run is made of; private to net.c, net_forward.c and net_backward.c. */
#ifndef G20_NN_NET_RUN_H
#define G20_NN_NET_RUN_H

#include "nn/net.h"

struct g20_net_run {
    const struct g20_net *net;
    struct g20_image out[G20_NET_LAYERS], grad[G20_NET_LAYERS]; /* grad: of CONV, no data without */
};

/* Height and width of layer @i's output from those before it in @all. */
void g20_net_shape(const struct g20_net *net, uint32_t i, const struct g20_image *all, uint32_t *h,
                   uint32_t *w);

/* The taps of layer @i on its input; their number. */
uint32_t g20_net_taps(const struct g20_net_run *r, uint32_t i, ptrdiff_t *tap);

#endif
