/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* examples: looks at emissions whose kind is known, from scenes of the generator. */
#ifndef G20_TRAIN_EXAMPLES_H
#define G20_TRAIN_EXAMPLES_H

#include "detect/look.h"

#include "base/err.h"

struct g20_example {
    uint8_t picture[G20_LOOK_PICTURES][G20_LOOK_SIDE][G20_LOOK_SIDE]; /* 0..1.3 in bytes */
    float number[G20_LOOK_NUMBERS];
    uint32_t kind; /* of g20_scene_kind_at() */
};

/* A box as a detector might have it: samples and fractions of the rate. */
struct g20_edges {
    double start, stop, f_lo, f_hi;
};
struct g20_rng;
struct g20_edges g20_example_edges(const struct g20_edges *truth, struct g20_rng *rng);

void g20_example_pack(const struct g20_look *look, uint32_t kind, struct g20_example *ret);
void g20_example_unpack(const struct g20_example *x, struct g20_look *ret);

struct g20_example_maker;
G20_MUST_USE int g20_example_maker_create(struct g20_example_maker **ret, struct g20_err *e);
void g20_example_maker_destroy(struct g20_example_maker *m);

/* Up to @cap examples from scene number @number of @seed, with edges as a detector would have them;
 * kinds called @without (NULL: none) are left out. The same every time. The count, or < 0. */
G20_MUST_USE int g20_example_maker_make(struct g20_example_maker *m, uint64_t seed, uint64_t number,
                                        const char *without, struct g20_example *ret, uint32_t cap,
                                        struct g20_err *e);

#endif
