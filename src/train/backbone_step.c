/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* What a training's workers do together: fill the pools, a step, a validation. */
#include "train/backbone_own.h"

#include "base/rng.h"
#include "train/adam.h"

#include <string.h>

enum { WARM = 300 }; /* steps */

static int all_work(struct g20_backbone *t, g20_thread_fn *fn, struct g20_err *e)
{
    return g20_team_work(t->worker, sizeof(t->worker[0]), t->cfg.threads, fn, e);
}

/* Every tile of both pools, as they are at the step reached: once, at the start. */
static void *fill(void *arg)
{
    struct g20_backbone_worker *w = arg;
    struct g20_backbone *t = w->training;
    const uint64_t replaced = t->step / t->cfg.fresh_every;

    for (uint32_t i = w->index; i < t->pool.count && w->member.failed >= 0; i += t->cfg.threads)
        w->member.failed =
            g20_tile_maker_make(w->maker, t->cfg.seed, g20_train_pool_number(&t->pool, i, replaced),
                                &t->pool.tile[i], &w->member.err);
    for (uint32_t i = w->index; i < t->validation.count && w->member.failed >= 0;
         i += t->cfg.threads)
        w->member.failed = g20_tile_maker_make(w->maker, t->cfg.seed ^ G20_POOL_VALIDATION, i,
                                               &t->validation.tile[i], &w->member.err);
    return NULL;
}

static void window(struct g20_backbone_worker *w, const struct g20_train_tile *tile,
                   struct g20_rng *rng, bool learn)
{
    const struct g20_backbone_cfg *c = &w->training->cfg;
    /* Only where samples are, and on whole pixels of the coarsest scale: not needed, but as live.
     */
    const uint32_t rows = G20_MAX(tile->rows, c->rows) - c->rows;
    const uint32_t row0 = 2 * (uint32_t)g20_rng_below(rng, rows / 2 + 1);
    const uint32_t bin0 = 8 * (uint32_t)g20_rng_below(rng, (G20_TILE_BINS - c->bins) / 8 + 1);

    g20_hydra_input(tile->image, row0, bin0, g20_net_input(w->run));
    g20_net_forward(w->run, w->training->params);
    g20_loss(tile, row0, bin0 / G20_HYDRA_CELL_BINS, w->owner, g20_net_output(w->run),
             g20_net_output_grad(w->run), &w->sum);
    if (learn)
        g20_net_backward(w->run, w->training->turned, w->grad);
}

/* This worker's windows of the step; and one new tile when it is this worker's turn. */
static void *learn(void *arg)
{
    struct g20_backbone_worker *w = arg;
    struct g20_backbone *t = w->training;
    const uint64_t replaced = t->step / t->cfg.fresh_every;

    memset(w->grad, 0, t->net.params * sizeof(*w->grad));
    for (uint32_t i = w->index; i < t->cfg.batch; i += t->cfg.threads) {
        struct g20_rng rng;
        g20_rng_init(&rng, t->cfg.seed + (t->step * t->cfg.batch + i) * 2 + 1);
        /* The slot that is being replaced in this step is nobody's. */
        uint32_t slot = (uint32_t)g20_rng_below(&rng, t->pool.count);
        if (slot == replaced % t->pool.count)
            slot = (slot + 1) % t->pool.count;
        window(w, &t->pool.tile[slot], &rng, true);
    }
    if ((t->step + 1) % t->cfg.fresh_every == 0 && replaced % t->cfg.threads == w->index) {
        const uint32_t slot = (uint32_t)(replaced % t->pool.count);
        w->member.failed = g20_tile_maker_make(w->maker, t->cfg.seed,
                                               g20_train_pool_number(&t->pool, slot, replaced + 1),
                                               &t->pool.tile[slot], &w->member.err);
    }
    return NULL;
}

static void *validate(void *arg)
{
    struct g20_backbone_worker *w = arg;
    struct g20_backbone *t = w->training;

    for (uint32_t i = w->index; i < t->validation.count; i += t->cfg.threads)
        for (uint64_t k = 0; k < 4; k++) {
            struct g20_rng rng;
            g20_rng_init(&rng, i * 4 + k);
            window(w, &t->validation.tile[i], &rng, false);
        }
    return NULL;
}

struct g20_loss g20_backbone_take_sums(struct g20_backbone *t)
{
    struct g20_loss all = {0};

    for (uint32_t i = 0; i < t->cfg.threads; i++) {
        struct g20_loss *s = &t->worker[i].sum;
        all.signal += s->signal;
        all.edges += s->edges;
        all.cells += s->cells;
        all.hits += s->hits;
        all.empty += s->empty;
        all.wrong += s->wrong;
        *s = (struct g20_loss){0};
    }
    return all;
}

float g20_backbone_rate(const struct g20_backbone *t)
{
    return g20_adam_rate((float)t->cfg.rate, 0.02f, t->step, WARM, t->cfg.steps);
}

/* What was carried over is to wait until the rest has learnt to use it. */
static void hold(const struct g20_backbone *t, float *grad)
{
    for (uint32_t i = 1; i < t->net.count; i++)
        if (t->carried[i])
            memset(grad + t->net.weight[i], 0,
                   (t->net.bias[i] - t->net.weight[i] + t->net.channels[i]) * sizeof(*grad));
}

int g20_backbone_step(struct g20_backbone *t, struct g20_err *e)
{
    const struct g20_adam adam = {.rate = g20_backbone_rate(t), .decay = 1e-4f, .longest = 5.0f};
    float *sum = t->worker[0].grad;

    g20_net_turn(&t->net, t->params, t->turned);
    const int r = all_work(t, learn, e);
    if (r < 0)
        return r;
    for (uint32_t i = 1; i < t->cfg.threads; i++)
        for (size_t k = 0; k < t->net.params; k++)
            sum[k] += t->worker[i].grad[k];
    if (t->step < t->cfg.hold)
        hold(t, sum);
    t->step++;
    g20_adam_step(&adam, t->step, t->net.params, t->params, sum, t->moments);
    return 0;
}

int g20_backbone_fill(struct g20_backbone *t, struct g20_err *e)
{
    return all_work(t, fill, e);
}

int g20_backbone_validate(struct g20_backbone *t, struct g20_err *e)
{
    return all_work(t, validate, e);
}
