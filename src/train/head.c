/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "train/head.h"

#include "base/alloc.h"
#include "base/rng.h"
#include "train/head_gate.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum {
    FOLDS = 4,
    MANY = 3, /* recordings with the signal in them from which a score is to be trusted */
    LEVELS = 200,
    NOT_TRIED = -1,
};

#define OTHERS 4.0   /* others on the air for one that is meant */
#define GAP    0.15f /* of a fold's time, at its borders, that nothing is learnt from */

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

const char *g20_head_basis_name(enum g20_head_basis b)
{
    static const char *const names[] = {[G20_HEAD_NOTHING] = "none",
                                        [G20_HEAD_TIME] = "time",
                                        [G20_HEAD_TWO] = "two_recordings",
                                        [G20_HEAD_RECORDINGS] = "recordings"};

    return names[b];
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
    const struct g20_head_set *set;
    const struct g20_head_preset *preset;
    uint64_t seed;
    g20_head_fn *fn;
    void *user;
    struct g20_head_report *report;
    struct g20_head_fit *fit;
    struct g20_head_gate gate;
    const struct g20_head_example **learn; /* (count) what is learnt from */
    int8_t *fold;                          /* (count) */
    bool *gap;                             /* (count) at the border of a fold */
    float *score;                          /* (count) by a head that did not learn it; NOT_TRIED */
    uint32_t folds;                        /* 0: nothing can be held back */
    uint32_t epochs;                       /* in all, at most */
};

/* The number of recordings with the signal; those up to MANY and more into @ret (FOLDS). */
static uint32_t list_recordings(const struct g20_head_set *s, uint32_t *ret)
{
    uint32_t n = 0;

    for (size_t i = 0; i < s->count && n < FOLDS; i++) {
        uint32_t k = 0;
        while (k < n && ret[k] != s->item[i].recording)
            k++;
        if (s->item[i].meant && k == n)
            ret[n++] = s->item[i].recording;
    }
    return n;
}

/* The same for all examples of a recording, and for one seed. */
static uint32_t lot(uint32_t recording, uint64_t seed, uint32_t folds)
{
    struct g20_rng rng;

    g20_rng_init(&rng, seed ^ ((uint64_t)recording * UINT64_C(0x9e3779b97f4a7c15)));
    return (uint32_t)g20_rng_below(&rng, folds);
}

/* Of the one recording with the signal, the times between its first and last are cut up. */
static void fold_by_time(struct training *t, uint32_t recording)
{
    float lo = INFINITY, hi = -INFINITY;

    for (size_t i = 0; i < t->set->count; i++) {
        const struct g20_head_example *x = &t->set->item[i];
        if (!x->meant)
            continue;
        lo = fminf(lo, x->time_s);
        hi = fmaxf(hi, x->time_s);
    }
    if (!(hi > lo))
        t->folds = 0;
    for (size_t i = 0; i < t->set->count && t->folds > 0; i++) {
        const struct g20_head_example *x = &t->set->item[i];
        const float at = (x->time_s - lo) / (hi - lo) * (float)t->folds;
        const float border = fabsf(at - roundf(at));
        if (x->recording != recording)
            continue;
        t->fold[i] = (int8_t)G20_CLAMP((int)floorf(at), 0, (int)t->folds - 1);
        t->gap[i] = border < GAP && roundf(at) > 0.0f && roundf(at) < (float)t->folds;
    }
}

static void choose_folds(struct training *t)
{
    uint32_t own[FOLDS];
    const uint32_t n = list_recordings(t->set, own);

    t->folds = n == 1 ? FOLDS : n;
    for (size_t i = 0; i < t->set->count && t->folds > 0; i++) {
        const uint32_t recording = t->set->item[i].recording;
        uint32_t k = 0;
        while (k < n && own[k] != recording)
            k++;
        t->fold[i] = (int8_t)(k < n ? k
                              : t->set->item[i].role == G20_HEAD_MADE
                                  ? recording % t->folds /* of few scenes some for each */
                                  : lot(recording, t->seed, t->folds));
    }
    if (n == 1)
        fold_by_time(t, own[0]);
    t->report->basis = t->folds == 0 ? G20_HEAD_NOTHING
                       : n == 1      ? G20_HEAD_TIME
                       : n < MANY    ? G20_HEAD_TWO
                                     : G20_HEAD_RECORDINGS;
}

struct counts {
    double hits, wrong, meant;
};

static double f1_of(const struct counts *c)
{
    return c->hits > 0.0 ? 2.0 * c->hits / (c->hits + c->wrong + c->meant) : 0.0;
}

/* The threshold with the best F1 on what was tried but for fold @without, if others are OTHERS
 * times as frequent as the signal, as they are on the air, however many examples there are; of a
 * range of equally good ones the middle. */
static float choose_threshold(const struct training *t, int without)
{
    struct counts all[LEVELS + 1] = {{0, 0, 0}};
    double best = -1.0, meant = 0.0, others = 0.0;
    int lo = LEVELS / 2, hi = LEVELS / 2;

    for (size_t i = 0; i < t->set->count; i++) {
        const bool counts = t->score[i] >= 0.0f && t->fold[i] != without;
        meant += counts && t->set->item[i].meant;
        others += counts && !t->set->item[i].meant;
    }
    if (!(meant > 0.0) || !(others > 0.0))
        return 0.5f;
    for (size_t i = 0; i < t->set->count; i++) {
        const struct g20_head_example *x = &t->set->item[i];
        const int level = (int)(t->score[i] * LEVELS);
        if (t->score[i] < 0.0f || t->fold[i] == without)
            continue;
        for (int k = 0; k <= LEVELS; k++) {
            all[k].meant += x->meant;
            all[k].hits += x->meant && level >= k;
            all[k].wrong += !x->meant && level >= k ? OTHERS * meant / others : 0.0;
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
    return G20_CLAMP((float)(lo + hi) / (2.0f * LEVELS), 0.02f, 0.98f); /* heads.c stretches it */
}

/* Everything that counts, each by a head and a threshold that did not know it. What could not be
 * tried was not found. */
static void judge(struct training *t)
{
    struct g20_head_report *r = t->report;
    struct counts c = {0, 0, 0};
    float threshold[FOLDS] = {0};
    double made = 0.0, made_wrong = 0.0;

    r->held_meant = r->held_others = r->held_lost = 0;
    for (uint32_t k = 0; k < t->folds; k++)
        threshold[k] = choose_threshold(t, (int)k);
    for (size_t i = 0; i < t->set->count && t->folds > 0; i++) {
        const struct g20_head_example *x = &t->set->item[i];
        const bool yes = t->score[i] >= 0.0f && t->score[i] >= threshold[t->fold[i]];
        if (x->role == G20_HEAD_TEACHES)
            continue;
        c.meant += x->meant;
        c.hits += x->meant && x->role == G20_HEAD_FOUND && yes;
        c.wrong += !x->meant && x->role == G20_HEAD_FOUND && yes;
        made += x->role == G20_HEAD_MADE;
        made_wrong += x->role == G20_HEAD_MADE && yes;
        r->held_meant += x->meant;
        r->held_lost += x->role == G20_HEAD_LOST;
        r->held_others += !x->meant;
    }
    if (made > 0.0)
        c.wrong += made_wrong / made * OTHERS * c.meant;
    if (r->basis < G20_HEAD_RECORDINGS)
        c.meant += 1.0;
    r->precision = c.hits > 0.0 ? c.hits / (c.hits + c.wrong) : 0.0;
    r->recall = c.hits / fmax(c.meant, 1.0);
    r->f1 = f1_of(&c);
}

static bool on_epoch(double loss, void *user)
{
    struct training *t = user;

    t->report->loss = loss;
    t->report->epochs++;
    return !t->fn || t->fn(t->report, t->epochs, t->user);
}

/* Learns from the first @n of .learn. */
static int learn(struct training *t, size_t n, struct g20_err *e)
{
    const int r = g20_head_fit(t->fit, t->learn, n, t->preset, t->seed, on_epoch, t, e);

    if (r < 0)
        return r;
    return g20_head_gate_make(&t->gate, t->learn, n, t->set->durations) < 0
               ? g20_fail(e, -ENOMEM, "out of memory")
               : 0;
}

static float score_of(struct training *t, const struct g20_head_example *x)
{
    const float logit = g20_head_fit_logit(t->fit, x) - g20_head_gate_closed(&t->gate, x);

    return 1.0f / (1.0f + expf(-logit));
}

/* Tries fold @k by a head that learns from the others. */
static int try_fold(struct training *t, int k, struct g20_err *e)
{
    size_t n = 0;

    for (size_t i = 0; i < t->set->count; i++)
        if (t->fold[i] != k && !t->gap[i])
            t->learn[n++] = &t->set->item[i];
    const int r = learn(t, n, e);
    if (r == -EINVAL)
        return 0; /* all there is of one side: it cannot be tried */
    for (size_t i = 0; i < t->set->count && r >= 0; i++)
        if (t->fold[i] == k)
            t->score[i] = score_of(t, &t->set->item[i]);
    return r;
}

static int learn_all(struct training *t, struct g20_err *e)
{
    struct g20_head_report *r = t->report;

    for (size_t i = 0; i < t->set->count; i++) {
        t->learn[i] = &t->set->item[i];
        r->meant += t->set->item[i].meant;
    }
    r->others = (uint32_t)t->set->count - r->meant;
    return learn(t, t->set->count, e);
}

static int run(struct training *t, struct g20_model *ret, struct g20_err *e)
{
    int r = 0;

    choose_folds(t);
    t->epochs = (t->folds + 1) * t->preset->epochs;
    for (uint32_t k = 0; k < t->folds && r >= 0; k++) {
        t->report->epochs = k * t->preset->epochs;
        r = try_fold(t, (int)k, e);
        judge(t);
    }
    t->report->epochs = t->folds * t->preset->epochs;
    if (r < 0 || (r = learn_all(t, e)) < 0)
        return r;
    if (t->folds == 0) /* by what it learnt, then */
        for (size_t i = 0; i < t->set->count; i++)
            t->score[i] = score_of(t, &t->set->item[i]);
    t->report->threshold = (double)choose_threshold(t, NOT_TRIED);
    return g20_head_gate_build(&t->gate, t->fit, ret, e);
}

int g20_head_train(const struct g20_head_set *set, const struct g20_head_preset *preset,
                   uint64_t seed, g20_head_fn *fn, void *user, struct g20_model *ret,
                   struct g20_head_report *report, struct g20_err *e)
{
    struct training t = {
        .set = set, .preset = preset, .seed = seed, .fn = fn, .user = user, .report = report};
    int r = 0;

    *ret = (struct g20_model){.params = NULL};
    *report = (struct g20_head_report){.basis = G20_HEAD_NOTHING};
    t.learn = g20_calloc(set->count + 1, sizeof(const struct g20_head_example *));
    t.fold = g20_calloc(set->count + 1, sizeof(*t.fold));
    t.gap = g20_calloc(set->count + 1, sizeof(*t.gap));
    t.score = g20_calloc(set->count + 1, sizeof(*t.score));
    if (!t.learn || !t.fold || !t.gap || !t.score)
        r = g20_fail(e, -ENOMEM, "head: out of memory");
    for (size_t i = 0; t.score && i < set->count; i++)
        t.score[i] = NOT_TRIED;
    if (r >= 0 && (r = g20_head_fit_create(&t.fit, set->count, e)) >= 0)
        r = run(&t, ret, e);
    g20_head_fit_destroy(t.fit);
    g20_free(t.learn);
    g20_free(t.fold);
    g20_free(t.gap);
    g20_free(t.score);
    return r < 0 ? r : 0;
}
