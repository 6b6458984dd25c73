/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/cfar.h"

#include "base/alloc.h"
#include "detect/stats.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

enum {
    B = G20_TILE_BINS,
    GUARD = 2, /* bins beside a found cell that wider scales leave out too */
};

/* The floor is an estimate: over a wide average its error, not the noise, sets the limit. */
#define FLOOR_MARGIN 1.15
#define HANN_ENBW    1.5 /* neighbouring bins of a Hann spectrum are not independent */
#define GROW_Z       3.0

struct g20_cfar {
    double z;
    float group_limit[G20_TILE_GROUPS + 1]; /* of a mean over so many groups of one frame */
    float *inverse;                         /* (B) 1 / quiet */
    struct g20_crew *crew;
    uint32_t members;
    struct { /* what is being looked at */
        const struct g20_tile *t;
        uint8_t *cells;
        float quiet_group[G20_TILE_GROUPS];
    } job;
    struct desk {   /* of one member */
        float *x;   /* (B) mean power over quiet, then with what was found taken out */
        float *sum; /* (B / 2) of x over half of a scale's width each */
    } desk[];       /* (members) */
};

static float threshold(double shape, double z)
{
    return (float)(g20_stats_gamma_quantile(shape, z) * FLOOR_MARGIN);
}

int g20_cfar_create(struct g20_cfar **ret, double pfa, struct g20_crew *crew)
{
    const uint32_t members = crew ? g20_crew_members(crew) : 1;
    struct g20_cfar *c = g20_calloc(1, sizeof(*c) + members * sizeof(c->desk[0]));

    if (!c)
        return -ENOMEM;
    c->crew = crew;
    c->members = members;
    /* About 2 B tests a row. */
    c->z = g20_stats_normal_tail(pfa / (2.0 * B));
    for (int n = 1; n <= G20_TILE_GROUPS; n++)
        c->group_limit[n] = threshold(n * G20_TILE_GROUP / HANN_ENBW, c->z);
    c->inverse = g20_calloc_aligned(B, sizeof(*c->inverse));
    bool complete = c->inverse;
    for (uint32_t i = 0; i < members; i++) {
        c->desk[i].x = g20_calloc_aligned(B, sizeof(*c->desk[i].x));
        c->desk[i].sum = g20_calloc_aligned(B / 2, sizeof(*c->desk[i].sum));
        complete = complete && c->desk[i].x && c->desk[i].sum;
    }
    if (!complete) {
        g20_cfar_destroy(c);
        return -ENOMEM;
    }
    *ret = c;
    return 0;
}

void g20_cfar_destroy(struct g20_cfar *c)
{
    if (!c)
        return;
    for (uint32_t i = 0; i < c->members; i++) {
        g20_free(c->desk[i].sum);
        g20_free(c->desk[i].x);
    }
    g20_free(c->inverse);
    g20_free(c);
}

/* out[i] = in[2 i] + in[2 i + 1], @n of them; @out may be @in. */
G20_WIDE static void add_pairs(float *out, const float *in, int n)
{
    enum { AT_ONCE = 64 };
    float part[AT_ONCE];

    for (int i = 0; i < n; i += AT_ONCE) {
        const int most = G20_MIN(n - i, (int)AT_ONCE);
        for (int k = 0; k < most; k++)
            part[k] = in[2 * (i + k)] + in[2 * (i + k) + 1];
        memcpy(out + i, part, (size_t)most * sizeof(*part));
    }
}

/* Sums over @half bins each, from those over @have bins (0: none) that are there. */
static void sum_halves(struct desk *d, int have, int half)
{
    if (have == 0)
        add_pairs(d->sum, d->x, B / 2);
    for (int n = G20_MAX(2 * have, 4); n <= half; n *= 2)
        add_pairs(d->sum, d->sum, B / n);
}

/* Single bins: the row's mean for steady signals, its maximum for bursts of one frame. */
G20_WIDE static void mark_bins(const struct g20_cfar *c, struct desk *d, const float *mean,
                               const float *max, uint32_t frames, uint8_t *cell)
{
    const float t_mean = threshold(g20_floor_row_shape(frames), c->z);
    const float t_max = threshold(1.0, c->z) + logf((float)frames);

    for (int b = 0; b < B; b++) {
        const float x = mean[b] * c->inverse[b], top = max[b] * c->inverse[b];
        d->x[b] = x;
        cell[b] = (uint8_t)((x > t_mean) | (top > t_max)) * (uint8_t)G20_CELL_SEED;
    }
}

/* Cells found so far (seeds, or nothing yet) and their neighbours count as plain noise from here
 * on. Branch-free, so that it vectorises. */
G20_WIDE static void take_out(struct desk *c, const uint8_t *cell)
{
    uint8_t near[B + 2 * GUARD];

    memset(near, 0, sizeof(near));
    for (int shift = 0; shift <= 2 * GUARD; shift++)
        for (int b = 0; b < B; b++)
            near[b + shift] |= cell[b];
    for (int b = 0; b < B; b++)
        c->x[b] = near[b + GUARD] ? 1.0f : c->x[b];
}

/* Was anything found? */
static bool mark_scale(const struct g20_cfar *c, const struct desk *d, int half, uint32_t frames,
                       uint8_t *cell)
{
    const int width = 2 * half;
    const float t = threshold(g20_floor_row_shape(frames) * width / HANN_ENBW, c->z);
    const float most = t * (float)width;
    bool found = false;

    for (int i = 0; i + 1 < B / half; i++)
        if (d->sum[i] + d->sum[i + 1] > most) {
            memset(cell + (ptrdiff_t)i * half, G20_CELL_SEED, (size_t)width);
            found = true;
        }
    return found;
}

/* Neighbours of a seed count from a lower level on: the mean of three bins. */
G20_WIDE static void mark_grow(const struct g20_cfar *c, const float *mean, uint32_t frames,
                               uint8_t *cell)
{
    const float t = (float)(3.0 * g20_stats_gamma_quantile(
                                      g20_floor_row_shape(frames) * 3.0 / HANN_ENBW, GROW_Z));
    const float *w = c->inverse;

    for (int b = 1; b < B - 1; b++) {
        const float sum = mean[b - 1] * w[b - 1] + mean[b] * w[b] + mean[b + 1] * w[b + 1];
        cell[b] = cell[b] == G20_CELL_NOISE && sum > t ? G20_CELL_GROW : cell[b];
    }
}

/* Spans of 1, 4, 16 and all groups, each beginning half a span (at least a group) behind the last.
 */
enum { MOST_SPANS = 2 * G20_TILE_GROUPS };

/* Sums of @x (GROUPS) over all spans, from sums over halves of them. */
static void sum_spans(const double *x, double *sum)
{
    double part[G20_TILE_GROUPS];
    int n = G20_TILE_GROUPS;

    memcpy(part, x, sizeof(part));
    memcpy(sum, x, sizeof(part));
    sum += n;
    for (int width = 4; width <= G20_TILE_GROUPS; width *= 4) {
        while (n > 2 * G20_TILE_GROUPS / width) {
            n /= 2;
            for (int i = 0; i < n; i++)
                part[i] = part[2 * i] + part[2 * i + 1];
        }
        for (int i = 0; i + 1 < n; i++)
            *sum++ = part[i] + part[i + 1];
    }
}

/* What the sum over each span must exceed, where @vacant (1 or 0) are the groups that count. */
static void limit_spans(const struct g20_cfar *c, const double *vacant, double *limit)
{
    sum_spans(vacant, limit);
    for (int width = 1; width <= G20_TILE_GROUPS; width *= 4)
        for (int g = 0; g + width <= G20_TILE_GROUPS; g += G20_MAX(width / 2, 1), limit++) {
            const int n = (int)*limit;
            *limit = 2 * n < width ? INFINITY : n * (double)c->group_limit[n];
        }
}

/* Wide bursts of a single frame: sums over spans of groups in which nothing was found. */
static void mark_frames(const struct g20_cfar *c, const float *group, const float *quiet_group,
                        uint32_t frames, uint8_t *cell)
{
    double vacant[G20_TILE_GROUPS], ratio[G20_TILE_GROUPS], limit[MOST_SPANS], sum[MOST_SPANS];
    bool hit[G20_TILE_GROUPS] = {false};

    for (int g = 0; g < G20_TILE_GROUPS; g++)
        vacant[g] = !memchr(cell + g * G20_TILE_GROUP, G20_CELL_SEED, G20_TILE_GROUP);
    limit_spans(c, vacant, limit);
    for (uint32_t f = 0; f < frames; f++, group += G20_TILE_GROUPS) {
        for (int g = 0; g < G20_TILE_GROUPS; g++)
            ratio[g] = (double)(group[g] / quiet_group[g]) * vacant[g];
        sum_spans(ratio, sum);
        for (int width = 1, at = 0; width <= G20_TILE_GROUPS; width *= 4)
            for (int g = 0; g + width <= G20_TILE_GROUPS; g += G20_MAX(width / 2, 1), at++)
                for (int i = g; sum[at] > limit[at] && i < g + width; i++)
                    hit[i] |= vacant[i] > 0.0;
    }
    for (int g = 0; g < G20_TILE_GROUPS; g++)
        if (hit[g])
            memset(cell + g * G20_TILE_GROUP, G20_CELL_SEED, G20_TILE_GROUP);
}

static void mark_row(const struct g20_cfar *c, struct desk *d, uint32_t r)
{
    const struct g20_tile *t = c->job.t;
    const float *mean = t->mean + (size_t)r * B, *max = t->max + (size_t)r * B;
    uint8_t *cell = c->job.cells + (size_t)r * B;
    const uint32_t frames = t->row[r].frames;

    mark_bins(c, d, mean, max, frames, cell);
    int have = 0; /* bins of a sum; where a scale found nothing, the next one's begin with its */
    for (int width = 4; width <= B; width *= 4) {
        if (have == 0)
            take_out(d, cell);
        sum_halves(d, have, width / 2);
        have = mark_scale(c, d, width / 2, frames, cell) ? 0 : width / 2;
    }
    mark_frames(c, t->group + (size_t)r * G20_TILE_FOLD * G20_TILE_GROUPS, c->job.quiet_group,
                frames, cell);
    mark_grow(c, mean, frames, cell);
}

static void mark_rows(struct g20_crew *crew, uint32_t member, uint32_t members, void *user)
{
    struct g20_cfar *c = user;
    const uint32_t first = g20_tile_from(c->job.t);
    uint32_t row, end;

    (void)crew;
    g20_crew_share(c->job.t->rows - first, member, members, &row, &end);
    for (; row < end; row++)
        mark_row(c, &c->desk[member], first + row);
}

void g20_cfar_mark(struct g20_cfar *c, const struct g20_tile *t, const struct g20_floor *f,
                   uint8_t *cells)
{
    for (int g = 0; g < G20_TILE_GROUPS; g++) {
        float sum = 0.0f;
        for (int i = 0; i < G20_TILE_GROUP; i++)
            sum += f->quiet[g * G20_TILE_GROUP + i];
        c->job.quiet_group[g] = sum / G20_TILE_GROUP;
    }
    for (int b = 0; b < B; b++)
        c->inverse[b] = 1.0f / f->quiet[b];
    c->job.t = t;
    c->job.cells = cells;
    g20_crew_run(c->crew, mark_rows, c);
}
