/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* head_gate: a head says yes only near what it was shown.
 *
 * A classifier that learnt from a few examples and from signals of a generator says yes to much
 * that neither side resembles. So places of examples (the trunk's, those farthest from each other
 * first) are kept as prototypes, and what is not as near to one of them as most emissions of the
 * signal are to those of other recordings (or of other times) is not named; nor is what is wider,
 * longer or otherwise more of what the look's numbers say than anything that was shown, with a room
 * that is the larger the fewer emissions there were. Pieces that were cut out of examples teach the
 * classifier alone (a half of one signal looks like another one), and so does whatever is loose.
 * The gate is two more layers of the head's network: a head is one plain ONNX model still. */
#ifndef G20_TRAIN_HEAD_GATE_H
#define G20_TRAIN_HEAD_GATE_H

#include "train/head_fit.h"

enum { G20_HEAD_PROTOTYPES = 64 };

struct g20_head_gate {
    uint32_t count;
    float least;                                      /* cosine that lets through */
    float lo[G20_LOOK_NUMBERS], hi[G20_LOOK_NUMBERS]; /* numbers of a look that are let through */
    const struct g20_head_example *prototype[G20_HEAD_PROTOTYPES]; /* (count) borrowed */
};

/* From the examples that are meant among @learn (count). -ENOMEM. */
G20_MUST_USE int g20_head_gate_make(struct g20_head_gate *g,
                                    const struct g20_head_example *const *learn, size_t count,
                                    enum g20_head_durations durations);

/* What is taken off the logit: 0, it lets through, .. 20. */
float g20_head_gate_closed(const struct g20_head_gate *g, const struct g20_head_example *x);

/* The classifier of @t behind the gate. *ret as of g20_head_train(). */
G20_MUST_USE int g20_head_gate_build(const struct g20_head_gate *g, const struct g20_head_fit *t,
                                     struct g20_model *ret, struct g20_err *e);

#endif
