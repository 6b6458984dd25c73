/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "train/head_fit.h"

#include "base/alloc.h"
#include "base/rng.h"
#include "detect/heads.h"
#include "train/adam.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum {
    BATCH = 32,
    EPOCH = 10000, /* examples at most, drawn anew each time: of many scenes all are seen in turn */
};

#define RATE  4e-3f
#define HARD  8.0f
#define DECAY 2e-2f /* few examples: the plainest head that tells them apart */

struct g20_head_fit {
    struct g20_net net;
    struct g20_net_run *run;
    float *param, *turned, *grad, *moments;
    const struct g20_head_example *const *learn;
    size_t learns;
    float weight[2]; /* of an example that is not meant, and of one that is */
    uint32_t *order; /* (most) */
    uint64_t steps;
};

int g20_head_fit_create(struct g20_head_fit **ret, size_t most, struct g20_err *e)
{
    struct g20_head_fit *t = g20_calloc(1, sizeof(*t));
    int r;

    if (!t)
        return g20_fail(e, -ENOMEM, "head: out of memory");
    if ((r = g20_head_net(&t->net, e)) < 0 ||
        (r = g20_net_run_create(&t->run, &t->net, 1, 1, true, e)) < 0) {
        g20_head_fit_destroy(t);
        return r;
    }
    t->param = g20_calloc_aligned(t->net.params, sizeof(float));
    t->turned = g20_calloc_aligned(t->net.params, sizeof(float));
    t->grad = g20_calloc_aligned(t->net.params, sizeof(float));
    t->moments = g20_calloc_aligned(2 * t->net.params, sizeof(float));
    t->order = g20_calloc(most + 1, sizeof(*t->order));
    if (!t->param || !t->turned || !t->grad || !t->moments || !t->order) {
        g20_head_fit_destroy(t);
        return g20_fail(e, -ENOMEM, "head: out of memory");
    }
    *ret = t;
    return 0;
}

void g20_head_fit_destroy(struct g20_head_fit *t)
{
    if (!t)
        return;
    g20_net_run_destroy(t->run);
    g20_free(t->param);
    g20_free(t->turned);
    g20_free(t->grad);
    g20_free(t->moments);
    g20_free(t->order);
    g20_free(t);
}

float g20_head_fit_logit(struct g20_head_fit *t, const struct g20_head_example *x)
{
    const struct g20_image *in = g20_net_input(t->run);

    for (uint32_t i = 0; i < G20_TRUNK_FEATURES; i++)
        g20_image_row(in, i / G20_NN_BLOCK, 0)[i % G20_NN_BLOCK] = x->features[i];
    g20_net_forward(t->run, t->param);
    return g20_image_row(g20_net_output(t->run), 0, 0)[0];
}

static float score_of(float logit)
{
    return 1.0f / (1.0f + expf(-logit));
}

const struct g20_net *g20_head_fit_net(const struct g20_head_fit *t)
{
    return &t->net;
}

const float *g20_head_fit_params(const struct g20_head_fit *t)
{
    return t->param;
}

static float loss_of(float logit, bool meant)
{
    const float z = meant ? -logit : logit;

    return z > 20.0f ? z : log1pf(expf(z));
}

static double learn_from(struct g20_head_fit *t, const struct g20_head_example *x)
{
    const struct g20_image *back = g20_net_output_grad(t->run);
    const float logit = g20_head_fit_logit(t, x),
                weight = t->weight[x->meant] * (x->hard ? HARD : 1.0f);

    memset(g20_image_row(back, 0, 0), 0, G20_NN_BLOCK * sizeof(float));
    g20_image_row(back, 0, 0)[0] = weight * (score_of(logit) - (x->meant ? 1.0f : 0.0f)) / BATCH;
    g20_net_backward(t->run, t->turned, t->grad);
    return (double)(weight * loss_of(logit, x->meant));
}

/* The mean loss. */
static double epoch(struct g20_head_fit *t, struct g20_rng *rng, uint64_t total)
{
    const size_t n = G20_MIN(t->learns, (size_t)EPOCH);
    double loss = 0.0;

    for (size_t i = t->learns; i > 1; i--) { /* Fisher and Yates */
        const size_t k = g20_rng_below(rng, i);
        const uint32_t x = t->order[i - 1];
        t->order[i - 1] = t->order[k];
        t->order[k] = x;
    }
    for (size_t at = 0; at < n; at += BATCH) {
        const struct g20_adam adam = {.rate = g20_adam_rate(RATE, 0.05f, t->steps, 20, total),
                                      .decay = DECAY,
                                      .longest = 5.0f};
        memset(t->grad, 0, t->net.params * sizeof(*t->grad));
        g20_net_turn(&t->net, t->param, t->turned);
        for (size_t i = at; i < G20_MIN(at + BATCH, n); i++)
            loss += learn_from(t, t->learn[t->order[i]]);
        g20_adam_step(&adam, ++t->steps, t->net.params, t->param, t->grad, t->moments);
    }
    return loss / (double)n;
}

static int begin(struct g20_head_fit *t, const struct g20_head_example *const *learn, size_t count,
                 uint64_t seed, struct g20_err *e)
{
    size_t meant = 0;

    for (size_t i = 0; i < count; i++)
        meant += learn[i]->meant;
    if (meant == 0 || meant == count)
        return g20_fail(e, -EINVAL,
                        "head: %zu examples of the signal and %zu of others to learn from", meant,
                        count - meant);
    t->weight[1] = 0.5f * (float)count / (float)meant;
    t->weight[0] = 0.5f * (float)count / (float)(count - meant);
    t->learn = learn;
    t->learns = count;
    t->steps = 0;
    for (uint32_t i = 0; i < count; i++)
        t->order[i] = i;
    memset(t->moments, 0, 2 * t->net.params * sizeof(*t->moments));
    g20_net_draw(&t->net, seed, t->param);
    return 0;
}

int g20_head_fit(struct g20_head_fit *t, const struct g20_head_example *const *learn, size_t count,
                 const struct g20_head_preset *preset, uint64_t seed, g20_head_epoch_fn *fn,
                 void *user, struct g20_err *e)
{
    const uint64_t steps = (G20_MIN(count, (size_t)EPOCH) + BATCH - 1) / BATCH;
    const uint64_t total = steps * preset->epochs;
    struct g20_rng rng;
    double best = INFINITY;
    uint32_t worse = 0;
    const int r = begin(t, learn, count, seed, e);

    if (r < 0)
        return r;
    g20_rng_init(&rng, seed + 1);
    for (uint32_t n = 0; n < preset->epochs && worse < preset->patience; n++) {
        const double loss = epoch(t, &rng, total);
        worse = loss < best ? 0 : worse + 1;
        best = fmin(best, loss);
        if (!fn(loss, user))
            return g20_fail(e, -ECANCELED, "head: stopped after %u epochs", n + 1);
    }
    return 0;
}
