/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* qnet: a network run in INT8 (qconv.h) by one or more threads, for models that say how their
 * tensors are to be read as bytes (quantize.h, or a file).
 *
 * A residual is one pass: its sum is made where the convolution's result is still at hand. Layers
 * that look at one pixel at a time run row by row behind each other. Tensors of layers that such a
 * pass swallows do not exist. One caller at a time; nothing is allocated after create(). */
#ifndef G20_NN_QNET_H
#define G20_NN_QNET_H

#include "nn/model.h"
#include "nn/qconv.h"

struct g20_qnet;

/* @m: is_int8; not needed afterwards. @set: NULL, the fastest. -EINVAL: some layer cannot be run.
 */
G20_MUST_USE int g20_qnet_create(struct g20_qnet **ret, const struct g20_model *m, uint32_t threads,
                                 const struct g20_qconv *set, struct g20_err *e);
void g20_qnet_destroy(struct g20_qnet *q);

/* First pixel of row @y of layer @i's output; layer 0 is the input, to be filled. NULL: that tensor
 * does not exist (swallowed, or the last, whose output is float). */
uint8_t *g20_qnet_row(const struct g20_qnet *q, uint32_t i, uint32_t y);

/* The next input is the last one moved up by @rows, and new ones below: what the last forward()
 * made of those that stay is kept, where no new row changes it, for a forward() of @from. Rows at
 * the top keep what they saw of those that are gone. Returns the first row of the input to be
 * filled. */
uint32_t g20_qnet_scroll(struct g20_qnet *q, uint32_t rows, uint32_t from);

/* The output's rows from @from on; those before it hold anything. What only those need is not
 * worked out, and the tensors hold anything there too. */
void g20_qnet_forward(struct g20_qnet *q, uint32_t from);
const struct g20_image *g20_qnet_output(const struct g20_qnet *q);

#endif
