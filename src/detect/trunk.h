/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* trunk: what a look (look.h) comes to: a point in a space where kinds of signals lie apart, also
 * such that nobody taught it. A small network trained once (train/places.h); heads tell signals
 * apart by these points. */
#ifndef G20_DETECT_TRUNK_H
#define G20_DETECT_TRUNK_H

#include "detect/look.h"
#include "nn/model.h"

enum {
    G20_TRUNK_PLACES = 64,                                    /* of the network's output */
    G20_TRUNK_FEATURES = G20_TRUNK_PLACES + G20_LOOK_NUMBERS, /* and the look's numbers */
    G20_TRUNK_INPUT = 32,                                     /* channels of its input, */
    G20_TRUNK_SIDE = G20_LOOK_SIDE / 4,                       /* this high and wide */
};

G20_MUST_USE int g20_trunk_net(struct g20_net *net, struct g20_err *e);
void g20_trunk_input(const struct g20_look *look, const struct g20_image *in);

/* As in hydra_model.h: what a file must say. */
G20_MUST_USE int g20_trunk_describe(struct g20_model *m, struct g20_err *e);

struct g20_trunk;
/* -ENOENT, -EBADMSG, G20_EUNSUPPORTED, G20_ELOCKED, G20_ESHAPE: the message names what. */
G20_MUST_USE int g20_trunk_load(struct g20_trunk **ret, const char *path, struct g20_err *e);
void g20_trunk_destroy(struct g20_trunk *t);

/* One thread at a time. Places have length 4 together. */
void g20_trunk_embed(struct g20_trunk *t, const struct g20_look *look,
                     float features[G20_TRUNK_FEATURES]);

/* A hash of its weights: heads belong to the trunk they were trained on. */
uint64_t g20_trunk_hash(const struct g20_trunk *t);

#endif
