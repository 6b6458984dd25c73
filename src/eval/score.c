/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "eval/score.h"

#include "base/alloc.h"
#include "eval/geom.h"
#include "eval/score_ap.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW = 4096 };

struct g20_score {
    struct g20_ap ap;
    struct g20_score_total sum;
    double *iou; /* (niou of cap) of every found box */
    size_t niou, cap;
};

/* One file at work. All arrays are owned. */
struct work {
    struct g20_truth_box *whole, *box, *ignore; /* true boxes as given, joined; ignored ones */
    size_t nwhole, nbox, nignore;
    struct g20_span_box *em; /* (nem) emissions, then (njoined) emissions joined */
    size_t nem, njoined;
    bool *matched; /* (nem) */
    double *iou;   /* (niou) best of each found box */
    bool *hit;     /* (nbox) */
    size_t niou;
    struct g20_tolerance tol;
};

static void work_fini(struct work *w)
{
    g20_free(w->whole);
    g20_free(w->box);
    g20_free(w->ignore);
    g20_free(w->em);
    g20_free(w->matched);
    g20_free(w->iou);
    g20_free(w->hit);
}

static int join_emissions(struct work *w)
{
    struct g20_truth_box *b = g20_calloc(w->nem + 1, sizeof(*b));

    if (!b)
        return -ENOMEM;
    for (size_t i = 0; i < w->nem; i++) {
        const struct g20_span_box *e = &w->em[i];
        b[i] = (struct g20_truth_box){.start = e->start,
                                      .stop = e->stop,
                                      .f_lo = e->f_lo,
                                      .f_hi = e->f_hi,
                                      .vis_lo = e->f_lo,
                                      .vis_hi = e->f_hi};
    }
    w->njoined = g20_merge_boxes(b, w->nem, WINDOW);
    for (size_t i = 0; i < w->njoined; i++)
        w->em[w->nem + i] = (struct g20_span_box){b[i].start, b[i].stop, b[i].f_lo, b[i].f_hi};
    g20_free(b);
    return 0;
}

static int work_init(struct work *w, const struct g20_truth *t, const struct g20_emission *em,
                     size_t n)
{
    *w = (struct work){.nem = n, .tol = {WINDOW, 2 * t->rate_hz / WINDOW}};
    w->whole = g20_calloc(t->count + 1, sizeof(*w->whole));
    w->box = g20_calloc(t->count + 1, sizeof(*w->box));
    w->ignore = g20_calloc(t->count + 1, sizeof(*w->ignore));
    w->em = g20_calloc(2 * n + 1, sizeof(*w->em));
    w->matched = g20_calloc(n + 1, sizeof(*w->matched));
    w->iou = g20_calloc(t->count + 1, sizeof(*w->iou));
    w->hit = g20_calloc(t->count + 1, sizeof(*w->hit));
    if (!w->whole || !w->box || !w->ignore || !w->em || !w->matched || !w->iou || !w->hit)
        return -ENOMEM;
    for (size_t i = 0; i < t->count; i++) {
        if (t->box[i].ignore)
            w->ignore[w->nignore++] = t->box[i];
        else
            w->whole[w->nwhole++] = t->box[i];
    }
    memcpy(w->box, w->whole, w->nwhole * sizeof(*w->box));
    w->nbox = g20_merge_boxes(w->box, w->nwhole, WINDOW);
    for (size_t i = 0; i < n; i++) {
        const double off = em[i].center_known ? t->center_hz : 0;
        w->em[i] = (struct g20_span_box){(double)em[i].sample_start,
                                         (double)(em[i].sample_start + em[i].sample_count),
                                         em[i].f_lo_hz - off, em[i].f_hi_hz - off};
    }
    return join_emissions(w);
}

/* A box shorter than a window has no time edges to compare when an emission covers it. */
static double event_iou(const struct g20_span_box *e, const struct g20_truth_box *b,
                        struct g20_tolerance tol)
{
    double t = g20_iou_1d(e->start, e->stop, b->start, b->stop, tol.samples);

    if (b->stop - b->start < WINDOW && e->start <= b->start + WINDOW &&
        e->stop >= b->stop - WINDOW && e->stop - e->start <= 8 * WINDOW)
        t = fmax(t, 0.6);
    return t * g20_iou_freq(e, b, tol.hz);
}

static bool same(const struct g20_span_box *a, const struct g20_span_box *b)
{
    return a && b && a->start == b->start && a->stop == b->stop && a->f_lo == b->f_lo &&
           a->f_hi == b->f_hi;
}

static void match(struct work *w)
{
    for (size_t i = 0; i < w->nbox; i++) {
        const struct g20_span_box *who = NULL;
        double best = 0;
        for (size_t k = 0; k < w->nem + w->njoined; k++) {
            const double iou = event_iou(&w->em[k], &w->box[i], w->tol);
            if (iou > best) {
                best = iou;
                who = &w->em[k];
            }
        }
        if (best < 0.3)
            continue;
        w->hit[i] = true;
        w->iou[w->niou++] = best;
        for (size_t k = 0; k < w->nem; k++)
            w->matched[k] |= same(&w->em[k], who);
    }
}

static bool is_fragment(const struct work *w, size_t k)
{
    const struct g20_span_box *e = &w->em[k];
    const double dt = w->tol.samples, df = w->tol.hz;
    bool inside = false;

    for (size_t i = 0; i < w->nbox && !inside; i++) {
        const struct g20_truth_box *b = &w->box[i];
        inside = fmin(e->stop, b->stop + dt) - fmax(e->start, b->start - dt) >=
                     0.5 * (e->stop - e->start) &&
                 fmin(e->f_hi, b->vis_hi + df) - fmax(e->f_lo, b->vis_lo - df) >=
                     0.5 * (e->f_hi - e->f_lo);
    }
    if (!inside || w->matched[k])
        return false;
    for (size_t i = 0; i < w->nwhole; i++)
        if (g20_iou_box(e, &w->whole[i], w->tol) >= 0.3)
            return false; /* one of neighbours that were joined */
    return true;
}

static bool touches(const struct g20_span_box *e, const struct g20_truth_box *b,
                    struct g20_tolerance tol)
{
    return fmin(e->stop, b->stop) - fmax(e->start, b->start) > -tol.samples &&
           fmin(e->f_hi, b->vis_hi) - fmax(e->f_lo, b->vis_lo) > -tol.hz;
}

static bool is_ignored(const struct work *w, const struct g20_span_box *e)
{
    const double area = fmax(1, e->stop - e->start) * fmax(1, e->f_hi - e->f_lo);
    double covered = 0;

    for (size_t i = 0; i < w->nignore; i++) {
        const struct g20_truth_box *b = &w->ignore[i];
        covered += fmax(0, fmin(e->stop, b->stop) - fmax(e->start, b->start)) *
                   fmax(0, fmin(e->f_hi, b->vis_hi) - fmax(e->f_lo, b->vis_lo));
        if (b->f_hi - b->f_lo < 8 * w->tol.hz && touches(e, b, w->tol))
            return true; /* a narrow line: its skirts are its own */
    }
    return covered >= 0.5 * area;
}

static bool is_false(const struct work *w, size_t k)
{
    for (size_t i = 0; i < w->nbox; i++)
        if (touches(&w->em[k], &w->box[i], w->tol))
            return false;
    return !is_ignored(w, &w->em[k]);
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The upper of the two middle ones, as the reference script. */
static double median(double *v, size_t n)
{
    if (n == 0)
        return NAN;
    qsort(v, n, sizeof(*v), by_value);
    return v[n / 2];
}

static void count_kind(struct g20_score_total *t, const char *kind, bool found)
{
    size_t i = 0;

    while (i < t->kinds && strcmp(t->kind[i].name, kind) != 0)
        i++;
    if (i == t->kinds) {
        if (t->kinds == G20_COUNT_OF(t->kind))
            return; /* more kinds than a table shows; the totals have them all */
        snprintf(t->kind[t->kinds++].name, sizeof(t->kind[i].name), "%s", kind);
    }
    t->kind[i].boxes++;
    t->kind[i].found += found;
}

static void count_boxes(struct g20_score_total *t, const struct work *w)
{
    for (size_t i = 0; i < w->nbox; i++) {
        const double at = ((double)w->box[i].snr_db - G20_EVAL_SNR_LO_DB) / G20_EVAL_SNR_STEP;
        count_kind(t, w->box[i].kind, w->hit[i]);
        if (isnan(at))
            continue;
        const size_t bin = (size_t)G20_CLAMP(at, 0.0, (double)(G20_EVAL_SNR_STEPS - 1));
        t->snr_boxes[bin]++;
        t->snr_found[bin] += w->hit[i];
    }
}

static int keep_ious(struct g20_score *s, const struct work *w)
{
    if (s->niou + w->niou > s->cap) {
        const size_t cap = 2 * (s->niou + w->niou);
        double *grown = g20_realloc(s->iou, cap, sizeof(*grown));
        if (!grown)
            return -ENOMEM;
        s->iou = grown;
        s->cap = cap;
    }
    if (w->niou > 0)
        memcpy(s->iou + s->niou, w->iou, w->niou * sizeof(*w->iou));
    s->niou += w->niou;
    return 0;
}

static int collect(struct g20_score *s, const struct g20_truth *t, const struct g20_emission *em,
                   struct work *w)
{
    const struct g20_tolerance tol = {WINDOW / 2, w->tol.hz};
    int r = g20_ap_reserve(&s->ap, w->nem);

    if (r < 0)
        return r;
    bool *skip = g20_calloc(w->nem + 1, sizeof(*skip));
    float *confidence = g20_calloc(w->nem + 1, sizeof(*confidence));
    r = skip && confidence ? 0 : -ENOMEM;
    for (size_t k = 0; r == 0 && k < w->nem; k++) {
        skip[k] = t->partial || is_ignored(w, &w->em[k]);
        confidence[k] = em[k].confidence;
    }
    if (r == 0)
        r = keep_ious(s, w);
    if (r == 0) {
        r = g20_ap_add(&s->ap, w->box, w->nbox, w->em, confidence, skip, w->nem, tol);
        if (r < 0)
            s->niou -= w->niou; /* all of a file or nothing of it */
    }
    g20_free(confidence);
    g20_free(skip);
    return r;
}

static void add_up(struct g20_score_total *t, const struct g20_score_file *f)
{
    t->files++;
    t->boxes += f->boxes;
    t->found += f->found;
    t->emissions += f->emissions;
    t->fragments += f->fragments;
    t->false_count += f->false_count;
    t->noise_files += f->noise_only;
    t->noise_false += f->noise_only ? f->false_count : 0;
    if (!f->partial) {
        t->complete_s += f->seconds;
        t->complete_mhz_min += f->seconds / 60 * f->rate_hz * 1e-6;
    }
}

int g20_score_create(struct g20_score **ret)
{
    struct g20_score *s = g20_calloc(1, sizeof(*s));

    if (!s)
        return -ENOMEM;
    *ret = s;
    return 0;
}

void g20_score_destroy(struct g20_score *s)
{
    if (!s)
        return;
    g20_ap_fini(&s->ap);
    g20_free(s->iou);
    g20_free(s);
}

int g20_score_add(struct g20_score *s, const struct g20_truth *t, const struct g20_emission *em,
                  size_t n, struct g20_score_file *ret_file)
{
    struct work w;
    int r = work_init(&w, t, em, n);

    if (r == 0) {
        match(&w);
        r = collect(s, t, em, &w);
    }
    if (r < 0) {
        work_fini(&w);
        return r;
    }
    struct g20_score_file f = {.partial = t->partial,
                               .noise_only = w.nbox == 0,
                               .seconds = (double)t->samples / t->rate_hz,
                               .rate_hz = t->rate_hz,
                               .boxes = (uint32_t)w.nbox,
                               .found = (uint32_t)w.niou,
                               .emissions = (uint32_t)n};
    snprintf(f.name, sizeof(f.name), "%s", t->name);
    for (size_t k = 0; k < n; k++) {
        f.fragments += is_fragment(&w, k);
        f.false_count += !t->partial && is_false(&w, k);
    }
    f.median_iou = median(w.iou, w.niou);
    add_up(&s->sum, &f);
    count_boxes(&s->sum, &w);
    work_fini(&w);
    if (ret_file)
        *ret_file = f;
    return 0;
}

void g20_score_total(struct g20_score *s, struct g20_score_total *ret)
{
    *ret = s->sum;
    ret->recall = ret->boxes > 0 ? (double)ret->found / ret->boxes : NAN;
    ret->median_iou = median(s->iou, s->niou);
    ret->false_per_min = ret->complete_s > 0 ? ret->false_count * 60 / ret->complete_s : NAN;
    ret->false_per_mhz_min =
        ret->complete_mhz_min > 0 ? ret->false_count / ret->complete_mhz_min : NAN;
    ret->ap50 = g20_ap_at(&s->ap, 0);
    ret->ap50_95 = 0;
    for (int i = 0; i < G20_EVAL_AP_STEPS; i++)
        ret->ap50_95 += g20_ap_at(&s->ap, i) / G20_EVAL_AP_STEPS;
}
