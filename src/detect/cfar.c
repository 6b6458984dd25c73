/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/cfar.h"

#include "base/alloc.h"
#include "detect/stats.h"

#include <errno.h>
#include <math.h>
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
    float *x;    /* (B) mean power over quiet, then with what was found taken out */
    double *sum; /* (B + 1) prefix sums of x */
};

static float threshold(double shape, double z)
{
    return (float)(g20_stats_gamma_quantile(shape, z) * FLOOR_MARGIN);
}

int g20_cfar_create(struct g20_cfar **ret, double pfa)
{
    struct g20_cfar *c = g20_calloc(1, sizeof(*c));

    if (!c)
        return -ENOMEM;
    /* About 2 B tests a row. */
    c->z = g20_stats_normal_tail(pfa / (2.0 * B));
    for (int n = 1; n <= G20_TILE_GROUPS; n++)
        c->group_limit[n] = threshold(n * G20_TILE_GROUP / HANN_ENBW, c->z);
    c->inverse = g20_calloc_aligned(B, sizeof(*c->inverse));
    c->x = g20_calloc_aligned(B, sizeof(*c->x));
    c->sum = g20_calloc_aligned(B + 1, sizeof(*c->sum));
    if (!c->inverse || !c->x || !c->sum) {
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
    g20_free(c->sum);
    g20_free(c->x);
    g20_free(c->inverse);
    g20_free(c);
}

static void prefix(struct g20_cfar *c)
{
    double sum = 0.0;

    c->sum[0] = 0.0;
    for (int b = 0; b < B; b++) {
        sum += c->x[b];
        c->sum[b + 1] = sum;
    }
}

/* Single bins: the row's mean for steady signals, its maximum for bursts of one frame. */
static void mark_bins(struct g20_cfar *c, const float *mean, const float *max, uint32_t frames,
                      uint8_t *cell)
{
    const float t_mean = threshold(g20_floor_row_shape(frames), c->z);
    const float t_max = threshold(1.0, c->z) + logf((float)frames);

    for (int b = 0; b < B; b++) {
        const float x = mean[b] * c->inverse[b], top = max[b] * c->inverse[b];
        c->x[b] = x;
        cell[b] = (uint8_t)((x > t_mean) | (top > t_max)) * (uint8_t)G20_CELL_SEED;
    }
}

/* Cells found so far (seeds, or nothing yet) and their neighbours count as plain noise from here
 * on. Branch-free, so that it vectorises. */
static void take_out(struct g20_cfar *c, const uint8_t *cell)
{
    uint8_t near[B + 2 * GUARD];

    memset(near, 0, sizeof(near));
    for (int shift = 0; shift <= 2 * GUARD; shift++)
        for (int b = 0; b < B; b++)
            near[b + shift] |= cell[b];
    for (int b = 0; b < B; b++)
        c->x[b] = near[b + GUARD] ? 1.0f : c->x[b];
}

static void mark_scale(struct g20_cfar *c, int width, uint32_t frames, uint8_t *cell)
{
    const float t = threshold(g20_floor_row_shape(frames) * width / HANN_ENBW, c->z);
    const int step = width / 2;

    for (int b = 0; b + width <= B; b += step)
        if (c->sum[b + width] - c->sum[b] > (double)t * width)
            memset(cell + b, G20_CELL_SEED, (size_t)width);
}

/* Neighbours of a seed count from a lower level on: the mean of three bins. */
static void mark_grow(const struct g20_cfar *c, const float *mean, uint32_t frames, uint8_t *cell)
{
    const float t = (float)(3.0 * g20_stats_gamma_quantile(
                                      g20_floor_row_shape(frames) * 3.0 / HANN_ENBW, GROW_Z));
    const float *w = c->inverse;

    for (int b = 1; b < B - 1; b++) {
        const float sum = mean[b - 1] * w[b - 1] + mean[b] * w[b] + mean[b + 1] * w[b + 1];
        cell[b] = cell[b] == G20_CELL_NOISE && sum > t ? G20_CELL_GROW : cell[b];
    }
}

/* Wide bursts of a single frame: sums over 1, 4, 16 and all groups in which nothing was found. */
static void mark_frames(const struct g20_cfar *c, const float *group, const float *quiet_group,
                        uint32_t frames, uint8_t *cell)
{
    bool taken[G20_TILE_GROUPS] = {false}, hit[G20_TILE_GROUPS] = {false};

    for (int g = 0; g < G20_TILE_GROUPS; g++)
        taken[g] = memchr(cell + g * G20_TILE_GROUP, G20_CELL_SEED, G20_TILE_GROUP);
    for (uint32_t f = 0; f < frames; f++, group += G20_TILE_GROUPS)
        for (int width = 1; width <= G20_TILE_GROUPS; width *= 4)
            for (int g = 0; g + width <= G20_TILE_GROUPS; g += G20_MAX(width / 2, 1)) {
                double sum = 0.0;
                int n = 0;
                for (int i = g; i < g + width; i++)
                    if (!taken[i]) {
                        sum += group[i] / quiet_group[i];
                        n++;
                    }
                if (2 * n < width || sum <= n * (double)c->group_limit[n])
                    continue;
                for (int i = g; i < g + width; i++)
                    hit[i] |= !taken[i];
            }
    for (int g = 0; g < G20_TILE_GROUPS; g++)
        if (hit[g])
            memset(cell + g * G20_TILE_GROUP, G20_CELL_SEED, G20_TILE_GROUP);
}

void g20_cfar_mark(struct g20_cfar *c, const struct g20_tile *t, const struct g20_floor *f,
                   uint8_t *cells)
{
    float quiet_group[G20_TILE_GROUPS];

    for (int g = 0; g < G20_TILE_GROUPS; g++) {
        float sum = 0.0f;
        for (int i = 0; i < G20_TILE_GROUP; i++)
            sum += f->quiet[g * G20_TILE_GROUP + i];
        quiet_group[g] = sum / G20_TILE_GROUP;
    }
    for (int b = 0; b < B; b++)
        c->inverse[b] = 1.0f / f->quiet[b];
    for (uint32_t r = g20_tile_from(t); r < t->rows; r++) {
        const float *mean = t->mean + (size_t)r * B, *max = t->max + (size_t)r * B;
        uint8_t *cell = cells + (size_t)r * B;
        const uint32_t frames = t->row[r].frames;

        mark_bins(c, mean, max, frames, cell);
        for (int width = 4; width <= B; width *= 4) {
            take_out(c, cell);
            prefix(c);
            mark_scale(c, width, frames, cell);
        }
        mark_frames(c, t->group + (size_t)r * G20_TILE_FOLD * G20_TILE_GROUPS, quiet_group, frames,
                    cell);
        mark_grow(c, mean, frames, cell);
    }
}
