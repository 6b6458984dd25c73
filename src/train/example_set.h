/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* example_set: the examples of a number of scenes, listed by kind. */
#ifndef G20_TRAIN_EXAMPLE_SET_H
#define G20_TRAIN_EXAMPLE_SET_H

#include "train/examples.h"

enum { G20_EXAMPLE_KINDS = 64, G20_EXAMPLES_A_SCENE = 24 };

struct g20_example_set {
    uint32_t scenes, count;
    struct g20_example *item; /* (scenes x G20_EXAMPLES_A_SCENE), once sorted (count) */
    uint32_t *got;            /* (scenes) */
    uint32_t *of_kind[G20_EXAMPLE_KINDS], kind_count[G20_EXAMPLE_KINDS]; /* numbers of .item */
    uint32_t *index; /* (count) behind .of_kind */
};

/* @s zeroed; -ENOMEM, and it is to be freed still. */
G20_MUST_USE int g20_example_set_create(struct g20_example_set *s, uint32_t scenes);
void g20_example_set_free(struct g20_example_set *s);

/* Scene number @scene into its place; threads may make different ones. */
G20_MUST_USE int g20_example_set_make(struct g20_example_set *s, struct g20_example_maker *m,
                                      uint64_t seed, uint32_t scene, const char *without,
                                      struct g20_err *e);

/* Once all are made: together, and by kind. */
void g20_example_set_sort(struct g20_example_set *s);

#endif
