/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "train/head.h"

#include "base/alloc.h"
#include "base/rng.h"
#include "detect/heads.h"
#include "train/adam.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 32, HELD_PART = 4, LEAST_RECORDINGS = 3, LEVELS = 200 };

#define OTHERS 4.0 /* others on the air for one that is meant */
#define RATE   4e-3f
#define DECAY  2e-2f /* few examples: the plainest head that tells them apart */

static const struct g20_head_preset presets[] = {
    {"quick", 40, 8, 12, 12},
    {"balanced", 120, 20, 30, 40},
    {"quality", 400, 50, 60, 120},
};

const struct g20_head_preset *g20_head_preset(const char *name)
{
    for (size_t i = 0; i < G20_COUNT_OF(presets); i++)
        if (strcmp(presets[i].name, name) == 0)
            return &presets[i];
    return NULL;
}

int g20_head_set_add(struct g20_head_set *s, const struct g20_head_example *x)
{
    if (s->count == s->cap) {
        const size_t cap = s->cap ? 2 * s->cap : 512;
        void *grown = g20_realloc(s->item, cap, sizeof(*s->item));
        if (!grown)
            return -ENOMEM;
        s->item = grown;
        s->cap = cap;
    }
    s->item[s->count++] = *x;
    return 0;
}

void g20_head_set_free(struct g20_head_set *s)
{
    g20_free(s->item);
    *s = (struct g20_head_set){.item = NULL};
}

struct training {
    struct g20_net net;
    struct g20_net_run *run;
    float *param, *best, *turned, *grad, *moments;
    const struct g20_head_example *learn, *held;
    size_t learns, helds;
    float weight[2]; /* of an example that is not meant, and of one that is */
    uint32_t *order; /* (learns) */
    uint64_t steps;
};

static float logit_of(struct training *t, const struct g20_head_example *x)
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

static float loss_of(float logit, bool meant)
{
    const float z = meant ? -logit : logit;

    return z > 20.0f ? z : log1pf(expf(z));
}

static void learn_from(struct training *t, const struct g20_head_example *x)
{
    const struct g20_image *back = g20_net_output_grad(t->run);
    const float logit = logit_of(t, x), weight = t->weight[x->meant];

    memset(g20_image_row(back, 0, 0), 0, G20_NN_BLOCK * sizeof(float));
    g20_image_row(back, 0, 0)[0] = weight * (score_of(logit) - (x->meant ? 1.0f : 0.0f)) / BATCH;
    g20_net_backward(t->run, t->turned, t->grad);
}

static void epoch(struct training *t, struct g20_rng *rng, uint64_t total)
{
    for (size_t i = t->learns; i > 1; i--) { /* Fisher and Yates */
        const size_t k = g20_rng_below(rng, i);
        const uint32_t x = t->order[i - 1];
        t->order[i - 1] = t->order[k];
        t->order[k] = x;
    }
    for (size_t at = 0; at < t->learns; at += BATCH) {
        const struct g20_adam adam = {.rate = g20_adam_rate(RATE, 0.05f, t->steps, 20, total),
                                      .decay = DECAY,
                                      .longest = 5.0f};
        memset(t->grad, 0, t->net.params * sizeof(*t->grad));
        g20_net_turn(&t->net, t->param, t->turned);
        for (size_t i = at; i < G20_MIN(at + BATCH, t->learns); i++)
            learn_from(t, &t->learn[t->order[i]]);
        g20_adam_step(&adam, ++t->steps, t->net.params, t->param, t->grad, t->moments);
    }
}

static double held_loss(struct training *t)
{
    double sum = 0.0;

    for (size_t i = 0; i < t->helds; i++)
        sum += (double)(t->weight[t->held[i].meant] *
                        loss_of(logit_of(t, &t->held[i]), t->held[i].meant));
    return sum / (double)G20_MAX(t->helds, (size_t)1);
}

struct counts {
    double hits, wrong, meant;
};

static double f1_of(const struct counts *c)
{
    return c->hits > 0.0 ? 2.0 * c->hits / (c->hits + c->wrong + c->meant) : 0.0;
}

/* The threshold with the best F1 on what was held back and on what was learnt from together (those
 * held back are few), if others are OTHERS times as frequent as the signal, as they are on the air,
 * however many examples there are; of a range of equally good ones the middle. */
static float choose_threshold(struct training *t)
{
    struct counts all[LEVELS + 1] = {{0, 0, 0}};
    const double other = OTHERS * (double)(t->weight[0] / t->weight[1]);
    double best = -1.0;
    int lo = LEVELS / 2, hi = LEVELS / 2;

    for (size_t i = 0; i < t->learns + t->helds; i++) {
        const struct g20_head_example *x = i < t->learns ? &t->learn[i] : &t->held[i - t->learns];
        const int level = (int)(score_of(logit_of(t, x)) * LEVELS);
        for (int k = 0; k <= LEVELS; k++) {
            all[k].meant += x->meant;
            all[k].hits += x->meant && level >= k;
            all[k].wrong += !x->meant && level >= k ? other : 0.0;
        }
    }
    for (int k = 1; k < LEVELS; k++) {
        const double f1 = f1_of(&all[k]);
        if (f1 > best) {
            best = f1;
            lo = hi = k;
        } else if (f1 >= best && k == hi + 1) {
            hi = k;
        }
    }
    return (float)(lo + hi) / (2.0f * LEVELS);
}

static void judge(struct training *t, float threshold, struct g20_head_report *r)
{
    struct counts c = {0, 0, 0};

    for (size_t i = 0; i < t->helds; i++) {
        const bool yes = score_of(logit_of(t, &t->held[i])) >= threshold;
        c.meant += t->held[i].meant;
        c.hits += yes && t->held[i].meant;
        c.wrong += yes && !t->held[i].meant;
    }
    r->threshold = (double)threshold;
    r->precision = c.hits > 0.0 ? c.hits / (c.hits + c.wrong) : 0.0;
    r->recall = c.meant > 0.0 ? c.hits / c.meant : 0.0;
    r->f1 = f1_of(&c);
    r->held_meant = (uint32_t)c.meant;
    r->held_others = (uint32_t)t->helds - r->held_meant;
}

/* A number that is the same for all examples that must stay together. */
static uint64_t lot(const struct g20_head_example *x, bool by_recording, uint64_t seed)
{
    struct g20_rng rng;

    g20_rng_init(
        &rng,
        seed ^
            ((uint64_t)(by_recording ? x->recording : x->origin) * UINT64_C(0x9e3779b97f4a7c15)) ^
            (by_recording ? 0 : 1) ^ ((uint64_t)(by_recording ? 0 : x->recording) << 32));
    return g20_rng_u64(&rng);
}

/* Recordings with the signal in them: are there enough to hold whole ones back? */
static bool many_recordings(const struct g20_head_set *s)
{
    uint32_t seen[LEAST_RECORDINGS], n = 0;

    for (size_t i = 0; i < s->count && n < LEAST_RECORDINGS; i++) {
        uint32_t k = 0;
        while (k < n && seen[k] != s->item[i].recording)
            k++;
        if (s->item[i].meant && k == n)
            seen[n++] = s->item[i].recording;
    }
    return n == LEAST_RECORDINGS;
}

/* Moves the examples held back behind the others; how many are left in front. */
static size_t split(struct g20_head_set *s, bool by_recording, uint64_t seed)
{
    uint64_t limit = UINT64_MAX / HELD_PART, least = UINT64_MAX;
    size_t n = 0;

    for (size_t i = 0; i < s->count; i++) /* one lot of the meant ones at least */
        if (s->item[i].meant)
            least = G20_MIN(least, lot(&s->item[i], by_recording, seed));
    limit = G20_MAX(limit, least);
    for (size_t i = 0; i < s->count; i++) {
        const struct g20_head_example x = s->item[i];
        if (lot(&x, by_recording, seed) <= limit)
            continue;
        s->item[i] = s->item[n];
        s->item[n++] = x;
    }
    return n;
}

static int create(struct training *t, const struct g20_head_set *s, size_t learns, uint64_t seed,
                  struct g20_err *e)
{
    size_t meant = 0;

    t->learn = s->item;
    t->learns = learns;
    t->held = s->item + learns;
    t->helds = s->count - learns;
    for (size_t i = 0; i < learns; i++)
        meant += s->item[i].meant;
    if (meant == 0 || meant == learns)
        return g20_fail(e, -EINVAL,
                        "head: %zu examples of the signal and %zu of others to learn from", meant,
                        learns - meant);
    t->weight[1] = 0.5f * (float)learns / (float)meant;
    t->weight[0] = 0.5f * (float)learns / (float)(learns - meant);
    int r = g20_head_net(&t->net, e);
    if (r < 0 || (r = g20_net_run_create(&t->run, &t->net, 1, 1, true, e)) < 0)
        return r;
    t->param = g20_calloc_aligned(t->net.params, sizeof(float));
    t->best = g20_calloc_aligned(t->net.params, sizeof(float));
    t->turned = g20_calloc_aligned(t->net.params, sizeof(float));
    t->grad = g20_calloc_aligned(t->net.params, sizeof(float));
    t->moments = g20_calloc_aligned(2 * t->net.params, sizeof(float));
    t->order = g20_calloc(learns, sizeof(*t->order));
    if (!t->param || !t->best || !t->turned || !t->grad || !t->moments || !t->order)
        return g20_fail(e, -ENOMEM, "head: out of memory");
    for (uint32_t i = 0; i < learns; i++)
        t->order[i] = i;
    g20_net_draw(&t->net, seed, t->param);
    return 0;
}

static void destroy(struct training *t)
{
    g20_net_run_destroy(t->run);
    g20_free(t->param);
    g20_free(t->best);
    g20_free(t->turned);
    g20_free(t->grad);
    g20_free(t->moments);
    g20_free(t->order);
}

static int run(struct training *t, const struct g20_head_preset *preset, uint64_t seed,
               bool (*stop)(void), struct g20_head_report *report, struct g20_err *e)
{
    const uint64_t total = (uint64_t)preset->epochs * ((t->learns + BATCH - 1) / BATCH);
    const size_t bytes = t->net.params * sizeof(float);
    struct g20_rng rng;
    uint32_t worse = 0;

    g20_rng_init(&rng, seed + 1);
    report->loss = INFINITY;
    while (report->epochs < preset->epochs && worse < preset->patience) {
        if (stop && stop())
            return g20_fail(e, -ECANCELED, "head: stopped after %u epochs", report->epochs);
        epoch(t, &rng, total);
        report->epochs++;
        const double loss = held_loss(t);
        worse = loss < report->loss ? 0 : worse + 1;
        if (loss < report->loss) {
            report->loss = loss;
            memcpy(t->best, t->param, bytes);
        }
    }
    memcpy(t->param, t->best, bytes);
    judge(t, choose_threshold(t), report);
    return 0;
}

int g20_head_train(struct g20_head_set *set, const struct g20_head_preset *preset, uint64_t seed,
                   bool (*stop)(void), struct g20_model *ret, struct g20_head_report *report,
                   struct g20_err *e)
{
    struct training t = {.steps = 0};

    *ret = (struct g20_model){.params = NULL};
    *report = (struct g20_head_report){.by_recording = many_recordings(set)};
    const size_t learns = split(set, report->by_recording, seed);
    int r = create(&t, set, learns, seed, e);
    if (r < 0 || !t.param || !t.grad || !t.best) {
        destroy(&t);
        return r < 0 ? r : -ENOMEM;
    }
    r = run(&t, preset, seed, stop, report, e);
    if (r >= 0) {
        for (size_t i = 0; i < learns; i++)
            report->meant += set->item[i].meant;
        report->others = (uint32_t)learns - report->meant;
        ret->net = t.net;
        r = g20_model_alloc(ret, e);
    }
    if (r >= 0 && ret->params)
        memcpy(ret->params, t.param, t.net.params * sizeof(float));
    destroy(&t);
    return r < 0 ? r : 0;
}
