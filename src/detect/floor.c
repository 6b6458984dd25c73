/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/floor.h"

#include "base/alloc.h"
#include "detect/plateau.h"
#include "detect/quartile.h"
#include "detect/stats.h"
#include "dsp/kernels.h"

#include <errno.h>
#include <math.h>
#include <stdatomic.h>
#include <string.h>

enum {
    B = G20_TILE_BINS,
    SMOOTH_HALF = 8,    /* quiet[] is a median over 17 bins */
    WIDE_HALF = 96,     /* lines stand out of a median over 193 bins */
    RESTLESS_ROWS = 32, /* fewer do not settle the median */
    CALM_GROUPS = 2,
};

#define LINE_RATIO 16.0f  /* 12 dB over its surroundings, on the average of the tile */
#define LINE_STAYS 4.0f   /* and 6 dB in its quietest quarter: it never stops */
#define RESOLUTION 1e-14f /* 140 dB under the strongest bin: what a transform resolves */
#define POOLED     1.3f   /* over its pool's level: no spread of noise, but a signal in most rows */
#define BURSTY     3.0    /* mean over quiet level: a signal that never stops varies less */

int g20_floor_create(struct g20_floor **ret)
{
    struct g20_floor *f = g20_calloc_aligned(1, sizeof(*f));

    if (!f)
        return -ENOMEM;
    f->work = g20_calloc_aligned((size_t)B * 3, sizeof(*f->work));
    if (!f->work) {
        g20_free(f);
        return -ENOMEM;
    }
    *ret = f;
    return 0;
}

void g20_floor_destroy(struct g20_floor *f)
{
    if (!f)
        return;
    g20_free(f->work);
    g20_free(f);
}

double g20_floor_row_shape(uint32_t frames)
{
    /* Neighbouring Hann frames at 50 % overlap correlate by 1/36 in power (Harris 1978, eq. 17). */
    return frames / (1.0 + 2.0 * (frames - 1.0) / frames / 36.0);
}

/* What is on in most rows, though not in all, raises the quartile of the noise that is left: the
 * least powers of one bin differ by a multiple, and of the few rows it leaves the quartile takes a
 * high one. The average over a pool of bins hardly varies from row to row. */
static void lower_to_pools(float *quiet, const float *pooled, uint32_t rows)
{
    for (uint32_t b = 0; b < B && rows >= RESTLESS_ROWS; b++)
        if (quiet[b] > POOLED * pooled[b / G20_QUARTILE_POOL])
            quiet[b] = pooled[b / G20_QUARTILE_POOL];
}

/* Where nothing makes noise, single precision does. */
static void raise_to_resolution(float *q, float *average)
{
    const float least = fmaxf(1e-30f, RESOLUTION * g20_kernels()->max(average, B));

    for (uint32_t b = 0; b < B; b++) {
        q[b] = fmaxf(q[b], least);
        average[b] = fmaxf(average[b], least);
    }
}

static void add_steady(struct g20_floor *f, uint32_t lo, uint32_t hi)
{
    double p = 0.0, n = 0.0;

    if (f->nsteady == G20_STEADY_MAX)
        return;
    for (uint32_t b = lo; b < hi; b++) {
        p += f->quiet[b];
        n += f->noise[b];
    }
    if (p > n)
        f->steady[f->nsteady++] =
            (struct g20_steady){.lo = lo, .hi = hi, .snr = (float)((p - n) / n)};
}

/* Beyond each end of the band lies its other end: is what stands at one only the alias of more that
 * stands at the other? So ends the empty half of a real recording. */
static bool is_alias(const float *average, uint32_t lo, uint32_t hi)
{
    const float *other = lo == 0 ? average + B - hi : average;
    double here = 0.0, there = 0.0;

    for (uint32_t b = lo; b < hi; b++) {
        here += average[b];
        there += other[b - lo];
    }
    return (lo == 0 || hi == B) && there > here;
}

/* Narrow lines: bins that stand out of the running median over a wide neighbourhood, surely and
 * all the time. @frames averaged: with few, noise alone reaches further. */
static void find_lines(struct g20_floor *f, const float *q, const float *average, const float *wide,
                       uint32_t frames)
{
    const float sure = (float)g20_stats_gamma_quantile(g20_floor_row_shape(frames), 6.0);
    const float ratio = fmaxf(LINE_RATIO, sure);

    for (uint32_t b = 0; b < B; b++) {
        if (average[b] < ratio * wide[b] || q[b] < LINE_STAYS * wide[b])
            continue;
        uint32_t lo = b, hi = b + 1;
        while (lo > 0 && average[lo - 1] > 2.0f * wide[lo - 1])
            lo--;
        while (hi < B && average[hi] > 2.0f * wide[hi])
            hi++;
        if (hi - lo <= WIDE_HALF && is_alias(average, lo, hi))
            memcpy(f->noise + lo, f->quiet + lo, (hi - lo) * sizeof(*f->noise));
        else if (hi - lo <= WIDE_HALF)
            add_steady(f, lo, hi);
        b = hi;
    }
}

/* A wide signal that stands all the time: the noise under it is that between its sides. */
static void take_plateau(struct g20_floor *f, const struct g20_plateau *p)
{
    for (uint32_t i = p->lo; i < p->hi; i++) {
        const float x = (float)(i - p->lo) / (float)(p->hi - p->lo);
        const float db = p->left_db + (p->right_db - p->left_db) * x;
        f->noise[i] = fminf(f->noise[i], powf(10.0f, 0.1f * db));
    }
    add_steady(f, p->lo, p->hi);
}

/* Median over rows of (largest of a row's frames over their mean), of a group of bins. In noise,
 * and in anything else with the statistics of noise, it is near 1 + 1/2 + ... + 1/6. */
static float restlessness_of(const struct g20_tile *t, uint32_t g)
{
    float x[G20_TILE_ROWS];
    uint32_t n = 0;

    for (uint32_t r = 0; r < t->rows; r++)
        if (t->row[r].frames == G20_TILE_FOLD)
            x[n++] = t->restless[(size_t)r * G20_TILE_GROUPS + g];
    return n > 0 ? g20_stats_select(x, n, n / 2) : 0.0f;
}

/* Running medians of the quartiles and the groups' restlessness, in parts that the members take one
 * after the other. */
struct parts {
    const struct g20_tile *t;
    const float *q;
    float *quiet, *wide, *ratio; /* (B), (B), (GROUPS) */
    atomic_uint next;
};

enum { WIDE, QUIET, RATIOS, RATIO_PARTS = 4, PARTS = RATIOS + RATIO_PARTS };

static void take_parts(struct g20_crew *crew, uint32_t member, uint32_t members, void *user)
{
    struct parts *p = user;
    uint32_t from, to;

    (void)crew;
    (void)member;
    (void)members;
    for (uint32_t i; (i = atomic_fetch_add(&p->next, 1)) < PARTS;) {
        if (i == WIDE)
            g20_stats_median_filter(p->q, p->wide, B, WIDE_HALF);
        if (i == QUIET)
            g20_stats_median_filter(p->q, p->quiet, B, SMOOTH_HALF);
        if (i < RATIOS)
            continue;
        g20_crew_share(G20_TILE_GROUPS, i - RATIOS, RATIO_PARTS, &from, &to);
        for (; from < to; from++)
            p->ratio[from] = restlessness_of(p->t, from);
    }
}

static bool is_restless(const float *ratio, int g, float limit)
{
    float sum = 0.0f;
    int n = 0;

    for (int i = G20_MAX(g - CALM_GROUPS, 0); i <= G20_MIN(g + CALM_GROUPS, G20_TILE_GROUPS - 1);
         i++, n++)
        sum += ratio[i];
    return sum > limit * (float)n;
}

/* A modulated signal that fills most of the band has no floor beside it to stand out of, but its
 * power is not as steady as noise: a wide span of bins in which most rows are restless, beside
 * bins that are calm, is one signal (spectral kurtosis in the form that the tile's two
 * channels give: Nita and Gary, PASP 119 (2007)). The calm bins give the noise. */
static void find_restless(struct g20_floor *f, const struct g20_tile *t, const float *average,
                          const float *ratio)
{
    int lo = 0, hi = G20_TILE_GROUPS;

    if (t->rows < RESTLESS_ROWS)
        return;
    while (lo < hi && !is_restless(ratio, lo, G20_RESTLESS))
        lo++;
    while (hi > lo && !is_restless(ratio, hi - 1, G20_RESTLESS))
        hi--;
    int wild = 0;
    for (int g = lo; g < hi; g++)
        wild += is_restless(ratio, g, G20_RESTLESS);
    const int calm = lo + G20_TILE_GROUPS - hi;
    if (hi - lo < G20_TILE_GROUPS / 4 || 4 * wild < 3 * (hi - lo) || calm < CALM_GROUPS)
        return;

    const uint32_t from = (uint32_t)lo * G20_TILE_GROUP, to = (uint32_t)hi * G20_TILE_GROUP;
    double noise = 0.0, mean = 0.0, quiet = 0.0;
    for (uint32_t b = from; b < to; b++) {
        mean += average[b];
        quiet += f->quiet[b];
    }
    if (mean > BURSTY * quiet) /* bursts that splash over the band: found as such */
        return;
    for (uint32_t b = 0; b < B; b++)
        noise += b < from || b >= to ? (double)f->quiet[b] / (calm * G20_TILE_GROUP) : 0.0;
    for (uint32_t b = from; b < to; b++)
        f->noise[b] = fminf(f->noise[b], (float)noise);
    f->nsteady = 0; /* what stands inside is a part of it */
    add_steady(f, from, to);
    if (f->nsteady > 0)
        f->steady[0].is_whole = true;
}

void g20_floor_measure(struct g20_floor *f, const struct g20_tile *t, struct g20_crew *crew)
{
    float *q = f->work, *wide = f->work + B, *average = f->work + 2 * B;
    float pooled[G20_QUARTILE_POOLS];
    const uint32_t frames = g20_quartiles_measure(t, q, average, pooled, crew);
    struct g20_plateau plateau[G20_PLATEAUS_MOST];
    float ratio[G20_TILE_GROUPS];
    struct parts parts = {.t = t, .q = q, .quiet = f->quiet, .wide = wide, .ratio = ratio};

    raise_to_resolution(q, average);
    g20_crew_run(crew, take_parts, &parts);
    lower_to_pools(f->quiet, pooled, t->rows);
    for (uint32_t b = 0; b < B; b++)
        f->quiet[b] = fmaxf(f->quiet[b], 1e-30f);
    memcpy(f->noise, f->quiet, sizeof(f->noise));
    f->nsteady = 0;
    const size_t plateaus = g20_plateaus_find(f->quiet, ratio, t, &f->passband, plateau);
    for (size_t i = 0; i < plateaus; i++)
        take_plateau(f, &plateau[i]);
    for (uint32_t i = 0; i < f->nsteady; i++) /* a plateau is no line on top of its neighbours */
        for (uint32_t b = f->steady[i].lo; b < f->steady[i].hi; b++)
            wide[b] = fmaxf(wide[b], f->quiet[b]);

    /* A line stays in the reference of bursts with its own power, not its neighbours' median; the
     * noise under it is theirs. */
    for (uint32_t b = 0; b < B; b++) {
        if (f->noise[b] > 2.0f * fmaxf(wide[b], 1e-30f))
            f->noise[b] = fmaxf(wide[b], 1e-30f);
        if (q[b] > 2.0f * f->quiet[b])
            f->quiet[b] = q[b];
    }
    find_lines(f, q, average, wide, frames);
    find_restless(f, t, average, ratio);
}

double g20_floor_band(const float *noise, double f_lo, double f_hi)
{
    const double lo = (f_lo + 0.5) * G20_TILE_BINS + 0.5, hi = (f_hi + 0.5) * G20_TILE_BINS + 0.5;
    const int first = (int)floor(lo), last = (int)ceil(hi) - 1;
    double sum = 0.0;

    for (int b = first; b <= last; b++) {
        const double part = G20_MIN(hi, b + 1.0) - G20_MAX(lo, (double)b);
        sum += (double)noise[G20_CLAMP(b, 0, G20_TILE_BINS - 1)] * part;
    }
    return sum / 1.5; /* equivalent noise bandwidth of the Hann window, bins */
}
