/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "train/places.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/rng.h"
#include "detect/trunk.h"
#include "nn/checkpoint.h"
#include "source/scene.h"
#include "train/adam.h"
#include "train/angles.h"
#include "train/example_set.h"
#include "train/team.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MAX_THREADS = 16, WARM = 200, MOST_KINDS = G20_EXAMPLE_KINDS };

#define VALIDATION (UINT64_C(1) << 62) /* in the seed: scenes that training never sees */

struct worker {
    struct g20_team_member member;
    struct training *training;
    uint32_t index;
    struct g20_example_maker *maker;
    struct g20_net_run *run;
    float *grad; /* (params, proxies) */
    double loss;
    uint64_t examples, right;
};

struct training {
    struct g20_places_cfg cfg;
    struct g20_net net;
    uint32_t kinds, present; /* in all; those that training has examples of */
    uint32_t kind[MOST_KINDS];
    size_t params; /* of the network and of the kinds' places */
    float *param, *turned, *moments;
    struct g20_example_set learn, validation;
    struct worker worker[MAX_THREADS];
    uint64_t step;
};

void g20_places_cfg_default(struct g20_places_cfg *cfg)
{
    *cfg = (struct g20_places_cfg){.seed = 1,
                                   .steps = 6000,
                                   .scenes = 1500,
                                   .validation = 150,
                                   .batch = 64,
                                   .threads = 2,
                                   .rate = 2e-3,
                                   .check_every = 500,
                                   .path = "trunk.ckpt"};
}

static void destroy(struct training *t)
{
    if (!t)
        return;
    for (uint32_t i = 0; i < MAX_THREADS; i++) {
        g20_example_maker_destroy(t->worker[i].maker);
        g20_net_run_destroy(t->worker[i].run);
        g20_free(t->worker[i].grad);
    }
    g20_example_set_free(&t->learn);
    g20_example_set_free(&t->validation);
    g20_free(t->param);
    g20_free(t->turned);
    g20_free(t->moments);
    g20_free(t);
}

static int create_worker(struct training *t, uint32_t i, struct g20_err *e)
{
    struct worker *w = &t->worker[i];
    int r;

    w->training = t;
    w->index = i;
    w->grad = g20_calloc_aligned(t->params, sizeof(*w->grad));
    if (!w->grad)
        return g20_fail(e, -ENOMEM, "training: out of memory");
    if ((r = g20_example_maker_create(&w->maker, e)) < 0)
        return r;
    return g20_net_run_create(&w->run, &t->net, G20_TRUNK_SIDE, G20_TRUNK_SIDE, true, e);
}

static void begin(struct training *t)
{
    struct g20_rng rng;

    g20_net_draw(&t->net, t->cfg.seed, t->param);
    g20_rng_init(&rng, t->cfg.seed ^ 77);
    for (size_t i = t->net.params; i < t->params; i++)
        t->param[i] = (float)g20_rng_normal(&rng);
}

static int create(struct training **ret, const struct g20_places_cfg *cfg, struct g20_err *e)
{
    struct training *t = g20_calloc(1, sizeof(*t));
    int r;

    if (!t)
        return g20_fail(e, -ENOMEM, "training: out of memory");
    t->cfg = *cfg;
    while (t->kinds < MOST_KINDS && g20_scene_kind_at(t->kinds))
        t->kinds++;
    if ((r = g20_trunk_net(&t->net, e)) < 0)
        goto fail;
    t->params = t->net.params + (size_t)t->kinds * G20_TRUNK_PLACES;
    t->param = g20_calloc_aligned(t->params, sizeof(float));
    t->turned = g20_calloc_aligned(t->net.params, sizeof(float));
    t->moments = g20_calloc_aligned(2 * t->params, sizeof(float));
    if (!t->param || !t->turned || !t->moments ||
        g20_example_set_create(&t->learn, cfg->scenes) < 0 ||
        g20_example_set_create(&t->validation, cfg->validation) < 0) {
        r = g20_fail(e, -ENOMEM, "training: no memory for %u scenes", cfg->scenes);
        goto fail;
    }
    for (uint32_t i = 0; i < cfg->threads; i++)
        if ((r = create_worker(t, i, e)) < 0)
            goto fail;
    begin(t);
    *ret = t;
    return 0;

fail:
    destroy(t);
    return r;
}

static int all_work(struct training *t, g20_thread_fn *fn, struct g20_err *e)
{
    return g20_team_work(t->worker, sizeof(t->worker[0]), t->cfg.threads, fn, e);
}

static void fill_set(struct worker *w, struct g20_example_set *s, uint64_t seed)
{
    const struct g20_places_cfg *c = &w->training->cfg;

    for (uint32_t i = w->index; i < s->scenes && w->member.failed >= 0; i += c->threads)
        w->member.failed = g20_example_set_make(s, w->maker, seed, i, c->without, &w->member.err);
}

static void *fill(void *arg)
{
    struct worker *w = arg;
    struct training *t = w->training;

    fill_set(w, &t->learn, t->cfg.seed);
    fill_set(w, &t->validation, t->cfg.seed ^ VALIDATION);
    return NULL;
}

/* One example forward; back too when it is to learn from it. */
static void show(struct worker *w, const struct g20_example *x, bool learn)
{
    struct training *t = w->training;
    float place[G20_TRUNK_PLACES], grad[G20_TRUNK_PLACES];
    struct g20_look look;

    g20_example_unpack(x, &look);
    g20_trunk_input(&look, g20_net_input(w->run));
    g20_net_forward(w->run, t->param);
    const struct g20_image *out = g20_net_output(w->run);
    for (uint32_t i = 0; i < G20_TRUNK_PLACES; i++)
        place[i] = g20_image_row(out, i / G20_NN_BLOCK, 0)[i % G20_NN_BLOCK];
    const struct g20_angles a = {.place = place,
                                 .kinds = t->kinds,
                                 .kind = t->param + t->net.params,
                                 .right = x->kind,
                                 .grad = grad,
                                 .kind_grad = learn ? w->grad + t->net.params : NULL};
    bool nearest;
    w->loss += g20_angles_loss(&a, &nearest);
    w->examples++;
    w->right += nearest;
    if (!learn)
        return;
    const struct g20_image *back = g20_net_output_grad(w->run);
    for (uint32_t i = 0; i < G20_TRUNK_PLACES; i++)
        g20_image_row(back, i / G20_NN_BLOCK, 0)[i % G20_NN_BLOCK] = grad[i];
    g20_net_backward(w->run, t->turned, w->grad);
}

/* Every kind is shown as often as any other, however often the generator makes it. */
static void *learn(void *arg)
{
    struct worker *w = arg;
    struct training *t = w->training;

    memset(w->grad, 0, t->params * sizeof(*w->grad));
    for (uint32_t i = w->index; i < t->cfg.batch; i += t->cfg.threads) {
        struct g20_rng rng;
        g20_rng_init(&rng, t->cfg.seed + (t->step * t->cfg.batch + i) * 2 + 1);
        const uint32_t kind = t->kind[g20_rng_below(&rng, t->present)];
        const uint64_t at = g20_rng_below(&rng, t->learn.kind_count[kind]);
        show(w, &t->learn.item[t->learn.of_kind[kind][at]], true);
    }
    return NULL;
}

static void *validate(void *arg)
{
    struct worker *w = arg;
    struct training *t = w->training;

    for (uint32_t i = w->index; i < t->validation.count; i += t->cfg.threads)
        show(w, &t->validation.item[i], false);
    return NULL;
}

static void take_sums(struct training *t, double *loss, double *right)
{
    uint64_t n = 0, hits = 0;

    *loss = 0.0;
    for (uint32_t i = 0; i < t->cfg.threads; i++) {
        struct worker *w = &t->worker[i];
        *loss += w->loss;
        n += w->examples;
        hits += w->right;
        w->loss = 0.0;
        w->examples = w->right = 0;
    }
    *loss /= (double)G20_MAX(n, UINT64_C(1));
    *right = (double)hits / (double)G20_MAX(n, UINT64_C(1));
}

static float rate_of(const struct training *t)
{
    return g20_adam_rate((float)t->cfg.rate, 0.02f, t->step, WARM, t->cfg.steps);
}

static int step(struct training *t, struct g20_err *e)
{
    const struct g20_adam adam = {.rate = rate_of(t), .decay = 1e-4f, .longest = 5.0f};
    float *sum = t->worker[0].grad;

    g20_net_turn(&t->net, t->param, t->turned);
    const int r = all_work(t, learn, e);
    if (r < 0)
        return r;
    for (uint32_t i = 1; i < t->cfg.threads; i++)
        for (size_t k = 0; k < t->params; k++)
            sum[k] += t->worker[i].grad[k];
    for (size_t k = 0; k < t->params; k++)
        sum[k] /= (float)t->cfg.batch;
    t->step++;
    g20_adam_step(&adam, t->step, t->params, t->param, sum, t->moments);
    return 0;
}

static struct g20_checkpoint state(const struct training *t)
{
    const struct g20_places_cfg *c = &t->cfg;
    char text[200];
    const int n =
        snprintf(text, sizeof(text), "places 1 %llu %llu %u %u %u %u %.17g %.60s",
                 (unsigned long long)c->seed, (unsigned long long)c->steps, c->scenes,
                 c->validation, c->batch, c->threads, c->rate, c->without ? c->without : "");

    return (struct g20_checkpoint){.settings = g20_checkpoint_hash(text, (size_t)n),
                                   .step = t->step,
                                   .params = t->params,
                                   .weights = t->param,
                                   .moments = t->moments};
}

static int take_stock(struct training *t, uint64_t steps, uint64_t since_ns,
                      g20_places_fn *on_report, void *user, bool *ret_stop, struct g20_err *e)
{
    struct g20_places_report report = {.step = t->step,
                                       .steps = t->cfg.steps,
                                       .rate = (double)rate_of(t),
                                       .examples = t->learn.count,
                                       .validation = t->validation.count};
    double ignored;

    take_sums(t, &report.train_loss, &ignored);
    int r = all_work(t, validate, e);
    if (r < 0)
        return r;
    take_sums(t, &report.loss, &report.right);
    report.steps_per_s = (double)steps / (1e-9 * (double)(g20_clock_mono_ns() - since_ns) + 1e-9);
    const struct g20_checkpoint c = state(t);
    r = g20_checkpoint_write(&c, t->cfg.path, e);
    *ret_stop = !on_report(&report, user);
    return r;
}

static int prepare(struct training *t, struct g20_err *e)
{
    const int r = all_work(t, fill, e);

    if (r < 0)
        return r;
    g20_example_set_sort(&t->learn);
    g20_example_set_sort(&t->validation);
    for (uint32_t k = 0; k < t->kinds; k++)
        if (t->learn.kind_count[k] > 0)
            t->kind[t->present++] = k;
    return t->present > 1
               ? 0
               : g20_fail(e, -EINVAL, "training: %u scenes show one kind of signal", t->cfg.scenes);
}

static int run(struct training *t, g20_places_fn *on_step, g20_places_fn *on_report, void *user,
               struct g20_err *e)
{
    int r = t->step < t->cfg.steps ? prepare(t, e) : 0; /* else it is over */
    uint64_t since = t->step, since_ns = g20_clock_mono_ns();
    bool stop = false;

    while (r >= 0 && !stop && t->step < t->cfg.steps) {
        r = step(t, e);
        const struct g20_places_report at = {.step = t->step, .steps = t->cfg.steps};
        if (r >= 0 && on_step && !on_step(&at, user)) {
            const struct g20_checkpoint c = state(t);
            r = g20_checkpoint_write(&c, t->cfg.path, e);
            return r < 0 ? r
                         : g20_fail(e, -ECANCELED, "training: stopped at step %llu",
                                    (unsigned long long)t->step);
        }
        if (r >= 0 && (t->step % t->cfg.check_every == 0 || t->step == t->cfg.steps)) {
            r = take_stock(t, t->step - since, since_ns, on_report, user, &stop, e);
            since = t->step;
            since_ns = g20_clock_mono_ns();
        }
    }
    return r;
}

int g20_places_train(const struct g20_places_cfg *cfg, g20_places_fn *on_step,
                     g20_places_fn *on_report, void *user, struct g20_err *e)
{
    struct training *t = NULL;

    if (cfg->threads == 0 || cfg->threads > MAX_THREADS || cfg->batch == 0 || cfg->scenes == 0 ||
        cfg->validation == 0 || cfg->steps == 0 || cfg->check_every == 0)
        return g20_fail(e, -EINVAL, "training: a setting that must not be 0 is, or over %d threads",
                        MAX_THREADS);
    int r = create(&t, cfg, e);
    if (r < 0 || !t)
        return r;
    struct g20_checkpoint c = state(t);
    r = g20_checkpoint_read(&c, cfg->path, e);
    if (r >= 0)
        t->step = c.step;
    if (r >= 0 || r == -ENOENT)
        r = run(t, on_step, on_report, user, e);
    destroy(t);
    return r;
}

int g20_places_model(struct g20_model *ret, const char *path, struct g20_err *e)
{
    struct g20_checkpoint c = {.params = 0};
    float *all;
    char steps[32];
    int r = g20_checkpoint_params(path, &c.params, e);

    *ret = (struct g20_model){.params = NULL};
    if (r < 0 || (r = g20_trunk_net(&ret->net, e)) < 0)
        return r;
    if (c.params <= ret->net.params || (c.params - ret->net.params) % G20_TRUNK_PLACES ||
        c.params > ret->net.params + (uint64_t)MOST_KINDS * G20_TRUNK_PLACES)
        return g20_fail(e, -EBADMSG, "%s: no checkpoint of a trunk", path);
    all = g20_calloc(c.params, sizeof(*all));
    if (!all)
        return g20_fail(e, -ENOMEM, "%s: out of memory", path);
    c.weights = all;
    r = g20_checkpoint_read(&c, path, e);
    if (r >= 0 && (r = g20_model_alloc(ret, e)) >= 0) {
        memcpy(ret->params, all, ret->net.params * sizeof(*all));
        snprintf(steps, sizeof(steps), "%llu", (unsigned long long)c.step);
        if ((r = g20_trunk_describe(ret, e)) >= 0)
            r = g20_model_set(ret, "g20.steps", steps, e);
    }
    g20_free(all);
    if (r < 0)
        g20_model_fini(ret);
    return r < 0 ? r : 0;
}
