/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* backbone_own: what backbone.c (a training's life) and backbone_step.c (what its workers do)
 * share.
 */
#ifndef G20_TRAIN_BACKBONE_OWN_H
#define G20_TRAIN_BACKBONE_OWN_H

#include "nn/net.h"
#include "train/backbone.h"
#include "train/pool.h"
#include "train/team.h"

enum { G20_BACKBONE_THREADS = 64 };

struct g20_backbone_worker {
    struct g20_team_member member;
    struct g20_backbone *training;
    uint32_t index;
    struct g20_tile_maker *maker;
    struct g20_net_run *run;
    float *grad;
    int16_t *owner;
    struct g20_loss sum;
};

struct g20_backbone {
    struct g20_backbone_cfg cfg;
    struct g20_net net;
    struct g20_train_pool pool, validation;
    float *params, *turned, *moments;
    struct g20_backbone_worker worker[G20_BACKBONE_THREADS];
    bool carried[G20_NET_LAYERS]; /* weights are those of another model */
    uint64_t step;
    uint64_t origin; /* a hash of the weights it began with, if they were given */
    double best_loss;
    uint32_t worse;
};

/* Every tile of both pools, as they are at the step reached: once, at the start. */
G20_MUST_USE int g20_backbone_fill(struct g20_backbone *t, struct g20_err *e);
/* One step on. */
G20_MUST_USE int g20_backbone_step(struct g20_backbone *t, struct g20_err *e);
float g20_backbone_rate(const struct g20_backbone *t); /* that it learns at */
/* Four windows of each tile that training never sees. */
G20_MUST_USE int g20_backbone_validate(struct g20_backbone *t, struct g20_err *e);
/* Of all windows since the last call. */
struct g20_loss g20_backbone_take_sums(struct g20_backbone *t);

#endif
