/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* head: training of one head (detect/heads.h) on features that were made once: cross-entropy, both
 * sides weighing the same, in seconds on any CPU. Deterministic for a seed. */
#ifndef G20_TRAIN_HEAD_H
#define G20_TRAIN_HEAD_H

#include "detect/trunk.h"

struct g20_head_preset {
    const char *name; /* "quick" */
    uint32_t epochs, patience;
    uint32_t variants; /* of each labelled emission, with other edges and more noise */
    uint32_t scenes;   /* of a second, from the generator, for signals that are not meant */
};

/* quick, balanced, quality; NULL: no such preset. */
const struct g20_head_preset *g20_head_preset(const char *name);

struct g20_head_example {
    float features[G20_TRUNK_FEATURES];
    bool meant;      /* it is the signal that is taught */
    uint32_t origin; /* recording, and emission within it: what has the same is never split up */
    uint32_t recording;
};

struct g20_head_set {
    struct g20_head_example *item; /* (count) */
    size_t count, cap;
};
G20_MUST_USE int g20_head_set_add(struct g20_head_set *s, const struct g20_head_example *x);
void g20_head_set_free(struct g20_head_set *s);

struct g20_head_report {              /* of a head's training */
    uint32_t meant, others;           /* examples it learnt from */
    uint32_t held_meant, held_others; /* and that it was tried on, never shown */
    bool by_recording; /* whole recordings were held back; false: too few, single emissions were */
    double precision, recall, f1; /* on those, at the threshold chosen */
    double threshold, loss;
    uint32_t epochs;
};

/* @set is reordered. -EINVAL: no example of one side; -ECANCELED: @stop (may be NULL) said so. On
 * success *ret has the layers and weights; g20_head_describe() it, g20_model_fini() it. */
G20_MUST_USE int g20_head_train(struct g20_head_set *set, const struct g20_head_preset *preset,
                                uint64_t seed, bool (*stop)(void), struct g20_model *ret,
                                struct g20_head_report *report, struct g20_err *e);

#endif
