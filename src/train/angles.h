/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* angles: the loss of places.h for one example, and its gradient: cross-entropy of a softmax over
 * the cosines between an example's place and each kind's. Pure function. */
#ifndef G20_TRAIN_ANGLES_H
#define G20_TRAIN_ANGLES_H

#include "detect/trunk.h"

struct g20_angles {
    const float *place; /* (G20_TRUNK_PLACES), of any length */
    uint32_t kinds;     /* up to 64 */
    const float *kind;  /* (kinds, G20_TRUNK_PLACES), of any length */
    uint32_t right;     /* the example's kind */
    float *grad;        /* (G20_TRUNK_PLACES) by the place: written */
    float *kind_grad;   /* (kinds, G20_TRUNK_PLACES) is added to; NULL: not wanted */
};

/* *ret_nearest: is its own kind the nearest? */
double g20_angles_loss(const struct g20_angles *a, bool *ret_nearest);

#endif
