/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* backbone: training of the tile network (detect/hydra.h) on scenes from the generator.
 *
 * Everything that a step uses is drawn from (seed, number of the step), so a training that was
 * stopped anywhere and resumed from its checkpoint ends with the same weights, bit for bit, as one
 * that ran through: for a seed, a number of threads and an instruction set. */
#ifndef G20_TRAIN_BACKBONE_H
#define G20_TRAIN_BACKBONE_H

#include "train/loss.h"

struct g20_backbone_cfg {
    uint64_t seed;
    uint64_t steps;       /* in all */
    uint32_t width;       /* channels at the finest scale, a multiple of 16 */
    uint32_t batch;       /* windows a step */
    uint32_t rows, bins;  /* of a window: multiples of 64 and 256, up to a tile's */
    uint32_t pool;        /* tiles in memory, 2 MB each */
    uint32_t fresh_every; /* steps after which one of them is replaced by a new one */
    uint32_t threads;
    double rate;          /* learning rate at its highest */
    uint64_t check_every; /* steps between validations and checkpoints */
    uint32_t patience;    /* validations without a better one until it stops; 0: never */
    uint32_t validation;  /* tiles, of seeds that training never uses */
    const char *from; /* what it begins with: a checkpoint's weights, or those of a model in ONNX
                         for the layers that are alike; NULL: drawn */
    uint64_t hold;    /* steps for which a model's weights stay, while the other layers learn */
    const char *path; /* of the checkpoint; best weights go to path.best */
    const char *wisdom_dir;
};

void g20_backbone_cfg_default(struct g20_backbone_cfg *cfg);

struct g20_backbone_report { /* after each validation */
    uint64_t step, steps;
    double train_loss, loss; /* means a window */
    double recall, wrong;    /* of validation: share of signal cells over 0.5, of empty ones */
    double rate, steps_per_s;
    bool best;
};

/* false: stop, as if killed but with a checkpoint. Called from the caller's thread. */
typedef bool g20_backbone_fn(const struct g20_backbone_report *r, void *user);

/* @on_step: after every step, with only step and steps set; may be NULL. -ECANCELED: stopped. */
G20_MUST_USE int g20_backbone_train(const struct g20_backbone_cfg *cfg, g20_backbone_fn *on_step,
                                    g20_backbone_fn *on_report, void *user, struct g20_err *e);

#endif
