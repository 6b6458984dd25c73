/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/segment.h"

#include "base/alloc.h"
#include "detect/cutter.h"
#include "detect/stats.h"

#include <errno.h>
#include <math.h>

enum {
    FIRST_WIDTH = 8, /* values averaged for a strong signal */
    EDGE_WIDTH = 4,
};

#define ON_Z  4.5 /* normal score of the threshold against noise */
#define OFF_Z 2.0
#define CLEAR 2.0 /* the strongest average must stand this far over the threshold */

struct g20_segmenter {
    double *sum; /* (max_values + 1) prefix sums of the envelope */
    size_t max_values;
};

struct view { /* one envelope under study */
    const double *sum;
    size_t n, width; /* values, and how many are averaged: a power of two */
    double share;    /* 1 / width, without error */
};

int g20_segmenter_create(struct g20_segmenter **ret, size_t max_values)
{
    struct g20_segmenter *s = g20_calloc(1, sizeof(*s));

    if (!s)
        return -ENOMEM;
    s->max_values = max_values;
    s->sum = g20_alloc_aligned(max_values + 1, sizeof(*s->sum));
    if (!s->sum) {
        g20_free(s);
        return -ENOMEM;
    }
    *ret = s;
    return 0;
}

void g20_segmenter_destroy(struct g20_segmenter *s)
{
    if (!s)
        return;
    g20_free(s->sum);
    g20_free(s);
}

static void set_width(struct view *v, size_t width)
{
    v->width = width;
    v->share = 1.0 / (double)width;
}

/* Average over about @v->width values around @i. */
static double average(const struct view *v, size_t i)
{
    const size_t half = v->width / 2;
    const size_t lo = i > half ? i - half : 0, hi = G20_MIN(i + half, v->n);
    const double sum = v->sum[hi] - v->sum[lo];

    return hi - lo == v->width ? sum * v->share : sum / (double)G20_MAX(hi - lo, (size_t)1);
}

static double span_mean(const struct view *v, size_t lo, size_t hi)
{
    return hi > lo ? (v->sum[hi] - v->sum[lo]) / (double)(hi - lo) : 0.0;
}

/* The least averaging at which the strongest part stands clear of the noise. */
static double choose_width(struct view *v, double noise)
{
    for (set_width(v, FIRST_WIDTH);; set_width(v, 2 * v->width)) {
        const double on =
            noise * g20_stats_gamma_quantile(G20_CUTTER_INDEPENDENT * (double)v->width, ON_Z);
        if (v->width * 4 > v->n)
            return on;
        for (size_t i = v->width / 2; i + v->width / 2 <= v->n; i += v->width / 4)
            if (average(v, i) > CLEAR * on - noise * (CLEAR - 1.0))
                return on;
    }
}

/* Move both ends of [lo, hi) to where the average over a few values passes half its level, not
 * beyond a pause: another burst may lie there. */
static void sharpen(const struct view *v, double noise, size_t *lo, size_t *hi)
{
    const size_t reach = v->width;
    const double level = span_mean(v, *lo, *hi);
    const double half = noise + 0.5 * G20_MAX(level - noise, 0.0);
    struct view fine = *v;
    const size_t first = *lo > reach ? *lo - reach : 0, end = G20_MIN(*hi + reach, v->n);
    size_t a = *lo, b = *hi;

    set_width(&fine, G20_MIN(v->width, G20_MAX((size_t)EDGE_WIDTH, v->width / 2)));
    while (a > first && average(&fine, a) >= half)
        a--;
    while (a + 1 < *hi && average(&fine, a) < half)
        a++;
    while (b < end && average(&fine, b - 1) >= half)
        b++;
    while (b > a + 1 && average(&fine, b - 1) < half)
        b--;
    *lo = a;
    *hi = b;
}

/* The power in the envelope's pauses, where something that is on most of the time has got into
 * the reference: its lower tenth, corrected for the bias that this has in noise. */
static double pause_noise(struct g20_segmenter *s, const struct view *v,
                          const struct g20_segment_cfg *cfg)
{
    enum { WIDTH = 16, SAMPLES = 1024 };
    const size_t step = G20_MAX(v->n / SAMPLES, (size_t)WIDTH / 2);
    const struct view w = {.sum = s->sum, .n = v->n, .width = WIDTH, .share = 1.0 / WIDTH};
    float low[2 * SAMPLES];
    size_t n = 0;

    if (cfg->noise <= 1.25 * cfg->noise_min)
        return cfg->noise;
    for (size_t i = WIDTH / 2; i + WIDTH / 2 <= v->n && n < G20_COUNT_OF(low); i += step)
        low[n++] = (float)average(&w, i);
    if (n == 0)
        return cfg->noise;
    const double pause = (double)g20_stats_select(low, n, n / 10) /
                         g20_stats_gamma_quantile(G20_CUTTER_INDEPENDENT * WIDTH, -1.28);
    return G20_CLAMP(pause, cfg->noise_min, cfg->noise);
}

size_t g20_segment(struct g20_segmenter *s, const struct g20_envelope *env,
                   const struct g20_segment_cfg *cfg, struct g20_burst *out, size_t cap)
{
    struct view v = {.sum = s->sum, .n = G20_MIN(env->n, s->max_values)};

    s->sum[0] = 0.0;
    for (size_t i = 0; i < v.n; i++)
        s->sum[i + 1] = s->sum[i] + (double)env->power[i];
    const double noise = pause_noise(s, &v, cfg);
    const double on = choose_width(&v, noise);
    const double off =
        noise * g20_stats_gamma_quantile(G20_CUTTER_INDEPENDENT * (double)v.width, OFF_Z);
    struct g20_cutter c = {.env = env,
                           .cfg = cfg,
                           .sum = s->sum,
                           .noise = noise,
                           .width = v.width,
                           .out = out,
                           .cap = cap};

    for (size_t i = 0; i < v.n; i++) {
        if (average(&v, i) < on)
            continue;
        size_t lo = i, hi = i + 1;
        while (lo > c.now.hi && average(&v, lo - 1) > off)
            lo--;
        while (hi < v.n && average(&v, hi) > off)
            hi++;
        i = hi;
        sharpen(&v, noise, &lo, &hi);
        lo = G20_MAX(lo, c.now.hi);
        if (hi > lo)
            g20_cutter_take(&c, lo, hi);
    }
    return g20_cutter_end(&c);
}
