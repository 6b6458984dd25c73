/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* head: training of one head (detect/heads.h) on features that were made once: cross-entropy, both
 * sides weighing the same, in seconds on any CPU. Deterministic for a seed.
 *
 * What it would score is measured first: the examples are cut into folds, each is tried on a head
 * that learnt from the others, and only then does the head learn from all of them. */
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

enum g20_head_role {
    G20_HEAD_TEACHES, /* to learn from only: an annotation, or a variant of something */
    G20_HEAD_FOUND,   /* a find of the detector's own: what the head will be asked about; counts */
    G20_HEAD_LOST,    /* an annotation that no find stands for: counts as missed */
    G20_HEAD_MADE,    /* a find in a scene of the generator */
};

struct g20_head_example {
    float features[G20_TRUNK_FEATURES];
    bool meant; /* it is the signal that is taught */
    bool hard;  /* a person said that it is not: it weighs more */
    bool loose; /* it teaches the classifier alone, not the gate (head_gate.h) */
    uint8_t role;
    uint32_t recording; /* what has the same is never split up when there are two with the signal */
    float time_s;       /* its middle, from the recording's begin */
};

/* Of what the detector will ask about, if it is the signal. */
enum g20_head_durations {
    G20_HEAD_ANY,       /* pieces, and several as one */
    G20_HEAD_OR_LONGER, /* the signal's own, and several as one */
    G20_HEAD_OWN,
};

struct g20_head_set {
    struct g20_head_example *item; /* (count) */
    size_t count, cap;
    enum g20_head_durations durations;
};
G20_MUST_USE int g20_head_set_add(struct g20_head_set *s, const struct g20_head_example *x);
void g20_head_set_free(struct g20_head_set *s);

enum g20_head_basis { /* what was held back, from the least to the most to be trusted */
                      G20_HEAD_NOTHING, /* there was not enough */
                      G20_HEAD_TIME, /* stretches of time of the one recording with the signal, with
                                        a gap */
                      G20_HEAD_TWO,  /* one of two recordings */
                      G20_HEAD_RECORDINGS, /* whole ones, of three or more */
};

/* "none", "time", "two_recordings", "recordings". */
const char *g20_head_basis_name(enum g20_head_basis b);

struct g20_head_report {              /* of a head's training */
    uint32_t meant, others;           /* examples it learnt from */
    uint32_t held_meant, held_others; /* emissions that it was tried on before it learnt them */
    uint32_t held_lost; /* of .held_meant: those that the detector does not find, whoever names */
    enum g20_head_basis basis;
    /* Over those: a find is right, or wrongly named, or missed; an annotation that the detector
     * does not find is missed. Wrong names in scenes count as if others were four times as frequent
     * as the signal. With fewer than three recordings there is one miss more than was seen. */
    double precision, recall, f1;
    double threshold, loss;
    uint32_t epochs;
};

/* After each epoch: .epochs of @epochs done, .loss the epoch's, .f1 of what was tried so far.
 * false: stop. */
typedef bool g20_head_fn(const struct g20_head_report *r, uint32_t epochs, void *user);

/* -EINVAL: no example of one side; -ECANCELED: @fn (may be NULL) said so. On success *ret has the
 * layers and weights; g20_head_describe() it, g20_model_fini() it. */
G20_MUST_USE int g20_head_train(const struct g20_head_set *set,
                                const struct g20_head_preset *preset, uint64_t seed,
                                g20_head_fn *fn, void *user, struct g20_model *ret,
                                struct g20_head_report *report, struct g20_err *e);

#endif
