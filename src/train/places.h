/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* places: training of the trunk (detect/trunk.h): looks at one kind of signal come to lie together
 * and away from the others, by the angle between a look's place and a place learnt for each kind
 * (Wang et al., "NormFace", ACM MM 2017; Movshovitz-Attias et al., "No fuss distance metric
 * learning using proxies", ICCV 2017). Kinds that were never shown get places of their own that
 * way.
 *
 * Everything is drawn from the seed, so a training that was stopped and resumed ends with the same
 * weights as one that ran through, for a seed, a number of threads and an instruction set. */
#ifndef G20_TRAIN_PLACES_H
#define G20_TRAIN_PLACES_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct g20_places_cfg {
    uint64_t seed, steps;
    uint32_t scenes, validation; /* scenes that examples come from; some 15 each */
    uint32_t batch, threads;
    double rate;          /* learning rate at its highest */
    uint64_t check_every; /* steps */
    const char *without;  /* a kind that is not shown; NULL: none is left out */
    const char *path;     /* of the checkpoint */
};

void g20_places_cfg_default(struct g20_places_cfg *cfg);

struct g20_places_report {
    uint64_t step, steps;
    double train_loss, loss; /* means an example */
    double right;            /* share of validation's examples that lie nearest to their own kind */
    double rate, steps_per_s;
    uint32_t examples, validation;
};

/* false: stop with a checkpoint. Called from the caller's thread. */
typedef bool g20_places_fn(const struct g20_places_report *r, void *user);

/* -ECANCELED: stopped. @on_step: after every step, with step and steps; may be NULL. */
G20_MUST_USE int g20_places_train(const struct g20_places_cfg *cfg, g20_places_fn *on_step,
                                  g20_places_fn *on_report, void *user, struct g20_err *e);

/* The trunk that checkpoint @path holds, as a model; g20_model_fini() it. */
struct g20_model;
G20_MUST_USE int g20_places_model(struct g20_model *ret, const char *path, struct g20_err *e);

#endif
