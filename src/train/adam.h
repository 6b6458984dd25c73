/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* adam: one step of the optimiser. Loshchilov and Hutter, "Decoupled weight decay regularization",
 * ICLR 2019; the gradient's length is limited first. Pure functions of their arguments. */
#ifndef G20_TRAIN_ADAM_H
#define G20_TRAIN_ADAM_H

#include "base/base.h"

#include <stddef.h>
#include <stdint.h>

struct g20_adam {
    float rate, decay; /* learning rate, weight decay a step as a part of the rate */
    float longest;     /* the gradient is scaled down to this length */
};

/* Step number @step (1 is the first). @moments (2, n): running means of gradient and square, zero
 * at the start. @grad is used up. Returns the gradient's length as it came. */
double g20_adam_step(const struct g20_adam *a, uint64_t step, size_t n, float *params, float *grad,
                     float *moments);

/* Learning rate over the steps: up in a line for @warm steps, down along half a cosine to @least of
 * it at @total. */
float g20_adam_rate(float rate, float least, uint64_t step, uint64_t warm, uint64_t total);

#endif
