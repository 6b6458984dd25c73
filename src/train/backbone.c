/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* A training of the tile network from its weights to its last checkpoint. */
#include "train/backbone_own.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "nn/checkpoint.h"
#include "nn/onnx.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

void g20_backbone_cfg_default(struct g20_backbone_cfg *cfg)
{
    *cfg = (struct g20_backbone_cfg){.seed = 1,
                                     .steps = 30000,
                                     .width = 32,
                                     .batch = 8,
                                     .rows = 128,
                                     .bins = 2048,
                                     .pool = 256,
                                     .fresh_every = 2,
                                     .threads = 2,
                                     .rate = 1e-3,
                                     .check_every = 500,
                                     .validation = 16,
                                     .path = "backbone.ckpt"};
}

static int check(const struct g20_backbone_cfg *c, struct g20_err *e)
{
    if (c->rows == 0 || c->rows % 64 || c->rows > G20_TILE_ROWS || c->bins == 0 || c->bins % 256 ||
        c->bins > G20_TILE_BINS)
        return g20_fail(e, -EINVAL,
                        "training: windows of %u x %u, not multiples of 64 x 256 to %d x %d",
                        c->rows, c->bins, G20_TILE_ROWS, G20_TILE_BINS);
    if (c->threads == 0 || c->threads > G20_BACKBONE_THREADS || c->batch == 0 || c->pool == 0 ||
        c->fresh_every == 0 || c->check_every == 0 || c->steps == 0 || c->validation == 0)
        return g20_fail(e, -EINVAL, "training: a setting that must not be 0 is, or over %d threads",
                        G20_BACKBONE_THREADS);
    return 0;
}

static void destroy(struct g20_backbone *t)
{
    if (!t)
        return;
    for (uint32_t i = 0; i < G20_BACKBONE_THREADS; i++) {
        g20_tile_maker_destroy(t->worker[i].maker);
        g20_net_run_destroy(t->worker[i].run);
        g20_free(t->worker[i].grad);
        g20_free(t->worker[i].owner);
    }
    g20_train_pool_destroy(&t->pool);
    g20_train_pool_destroy(&t->validation);
    g20_free(t->params);
    g20_free(t->turned);
    g20_free(t->moments);
    g20_free(t);
}

static int create_worker(struct g20_backbone *t, uint32_t i, struct g20_err *e)
{
    struct g20_backbone_worker *w = &t->worker[i];

    w->training = t;
    w->index = i;
    int r = g20_tile_maker_create(&w->maker, t->cfg.wisdom_dir, e);
    if (r < 0)
        return r;
    r = g20_net_run_create(&w->run, &t->net, t->cfg.rows / G20_HYDRA_PIXEL_ROWS,
                           t->cfg.bins / G20_HYDRA_PIXEL_BINS, true, e);
    if (r < 0)
        return r;
    w->grad = g20_calloc_aligned(t->net.params, sizeof(*w->grad));
    w->owner =
        g20_calloc((size_t)t->cfg.rows * t->cfg.bins / G20_HYDRA_CELL_BINS, sizeof(*w->owner));
    return w->grad && w->owner ? 0 : g20_fail(e, -ENOMEM, "training: out of memory");
}

/* The weights it begins with. */
static int begin(struct g20_backbone *t, struct g20_err *e)
{
    struct g20_checkpoint c = {.params = t->net.params, .weights = t->params};
    struct g20_model m = {0};
    uint64_t params;
    int r;

    g20_net_draw(&t->net, t->cfg.seed, t->params);
    if (!t->cfg.from)
        return 0;
    if (g20_checkpoint_params(t->cfg.from, &params, NULL) >= 0) {
        r = g20_checkpoint_read(&c, t->cfg.from, e);
    } else if ((r = g20_onnx_read(&m, t->cfg.from, e)) >= 0) {
        if (g20_net_carry(&t->net, t->params, &m.net, m.params, t->carried) == 0)
            r = g20_fail(e, G20_ESHAPE, "training: no layer of %s fits", t->cfg.from);
        g20_model_fini(&m);
    }
    t->origin = g20_checkpoint_hash(t->params, t->net.params * sizeof(float));
    return r < 0 ? r : 0;
}

static int create(struct g20_backbone **ret, const struct g20_backbone_cfg *cfg, struct g20_err *e)
{
    struct g20_backbone *t = g20_calloc(1, sizeof(*t));
    int r;

    if (!t) {
        g20_fail(e, -ENOMEM, "training: out of memory");
        return -ENOMEM;
    }
    t->cfg = *cfg;
    t->best_loss = INFINITY;
    if ((r = g20_hydra_net(&t->net, cfg->width, e)) < 0 ||
        (r = g20_train_pool_create(&t->pool, cfg->pool, e)) < 0 ||
        (r = g20_train_pool_create(&t->validation, cfg->validation, e)) < 0)
        goto fail;
    t->params = g20_calloc_aligned(t->net.params, sizeof(float));
    t->turned = g20_calloc_aligned(t->net.params, sizeof(float));
    t->moments = g20_calloc_aligned(t->net.params * 2, sizeof(float));
    if (!t->params || !t->turned || !t->moments) {
        r = g20_fail(e, -ENOMEM, "training: out of memory");
        goto fail;
    }
    for (uint32_t i = 0; i < cfg->threads; i++)
        if ((r = create_worker(t, i, e)) < 0)
            goto fail;
    if ((r = begin(t, e)) < 0)
        goto fail;
    *ret = t;
    return 0;

fail:
    destroy(t);
    return r;
}

/* Which settings the weights depend on. */
static uint64_t settings(const struct g20_backbone *t)
{
    const struct g20_backbone_cfg *c = &t->cfg;
    char text[400];
    const int n =
        snprintf(text, sizeof(text), "3 %llu %llu %llu %u %u %u %u %u %u %u %u %.17g %llx",
                 (unsigned long long)c->seed, (unsigned long long)c->steps,
                 (unsigned long long)c->hold, c->width, c->batch, c->rows, c->bins, c->pool,
                 c->fresh_every, c->threads, c->validation, c->rate, (unsigned long long)t->origin);

    return g20_checkpoint_hash(text, (size_t)n);
}

static struct g20_checkpoint state(struct g20_backbone *t, float *weights)
{
    return (struct g20_checkpoint){.settings = settings(t),
                                   .step = t->step,
                                   .params = t->net.params,
                                   .weights = weights,
                                   .moments = t->moments,
                                   .best = t->best_loss,
                                   .worse = t->worse};
}

static int save(struct g20_backbone *t, bool best, struct g20_err *e)
{
    const struct g20_checkpoint c = state(t, t->params);
    char path[4096];

    if (best && snprintf(path, sizeof(path), "%s.best", t->cfg.path) < (int)sizeof(path)) {
        const int r = g20_checkpoint_write(&c, path, e);
        if (r < 0)
            return r;
    }
    return g20_checkpoint_write(&c, t->cfg.path, e);
}

/* Validate, save, tell; *ret_stop: the caller wants to stop, or nothing gets better any more. */
static int take_stock(struct g20_backbone *t, const struct g20_loss *trained, uint64_t steps,
                      uint64_t since_ns, g20_backbone_fn *on_report, void *user, bool *ret_stop,
                      struct g20_err *e)
{
    int r = g20_backbone_validate(t, e);
    if (r < 0)
        return r;
    const struct g20_loss v = g20_backbone_take_sums(t);
    const double windows = 4.0 * t->validation.count;
    const struct g20_backbone_report report = {
        .step = t->step,
        .steps = t->cfg.steps,
        .train_loss =
            (trained->signal + trained->edges) / (double)G20_MAX(steps * t->cfg.batch, 1u),
        .loss = (v.signal + v.edges) / windows,
        .recall = v.cells ? (double)v.hits / (double)v.cells : 0.0,
        .wrong = v.empty ? (double)v.wrong / (double)v.empty : 0.0,
        .rate = (double)g20_backbone_rate(t),
        .steps_per_s = (double)steps / (1e-9 * (double)(g20_clock_mono_ns() - since_ns) + 1e-9),
        .best = (v.signal + v.edges) / windows < t->best_loss,
    };
    t->worse = report.best ? 0 : t->worse + 1;
    if (report.best)
        t->best_loss = report.loss;
    r = save(t, report.best, e);
    *ret_stop = !on_report(&report, user) || (t->cfg.patience > 0 && t->worse >= t->cfg.patience);
    return r;
}

static int run(struct g20_backbone *t, g20_backbone_fn *on_step, g20_backbone_fn *on_report,
               void *user, struct g20_err *e)
{
    uint64_t since_ns, since = t->step;
    int r = g20_backbone_fill(t, e);
    bool stop = false;

    since_ns = g20_clock_mono_ns();
    while (r >= 0 && !stop && t->step < t->cfg.steps) {
        r = g20_backbone_step(t, e);
        const struct g20_backbone_report at = {.step = t->step, .steps = t->cfg.steps};
        if (r >= 0 && on_step && !on_step(&at, user)) {
            r = save(t, false, e);
            return r < 0 ? r
                         : g20_fail(e, -ECANCELED, "training: stopped at step %llu",
                                    (unsigned long long)t->step);
        }
        if (r >= 0 && (t->step % t->cfg.check_every == 0 || t->step == t->cfg.steps)) {
            const struct g20_loss trained = g20_backbone_take_sums(t);
            r = take_stock(t, &trained, t->step - since, since_ns, on_report, user, &stop, e);
            since = t->step;
            since_ns = g20_clock_mono_ns();
        }
    }
    return r;
}

int g20_backbone_train(const struct g20_backbone_cfg *cfg, g20_backbone_fn *on_step,
                       g20_backbone_fn *on_report, void *user, struct g20_err *e)
{
    struct g20_backbone *t = NULL;
    int r = check(cfg, e);

    if (r >= 0)
        r = create(&t, cfg, e);
    if (r < 0 || !t)
        return r;
    struct g20_checkpoint c = state(t, t->params);
    r = g20_checkpoint_read(&c, cfg->path, e);
    if (r >= 0) {
        t->step = c.step;
        t->best_loss = c.best;
        t->worse = c.worse;
    }
    if (r >= 0 || r == -ENOENT)
        r = run(t, on_step, on_report, user, e);
    destroy(t);
    return r;
}
