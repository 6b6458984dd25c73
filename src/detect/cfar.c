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
    GROW_HALF = 1,
    GUARD = 2, /* bins beside a found cell that wider scales leave out too */
};

/* The floor is an estimate: over a wide average its error, not the noise, sets the limit. */
#define FLOOR_MARGIN 1.15
#define HANN_ENBW    1.5 /* neighbouring bins of a Hann spectrum are not independent */
#define GROW_Z       3.0

struct g20_cfar {
    double z;
    float *x;    /* (B) mean power over quiet, then with what was found taken out */
    double *sum; /* (B + 1) prefix sums of x */
};

int g20_cfar_create(struct g20_cfar **ret, double pfa)
{
    struct g20_cfar *c = g20_calloc(1, sizeof(*c));

    if (!c)
        return -ENOMEM;
    /* About 2 B tests a row. */
    c->z = g20_stats_normal_tail(pfa / (2.0 * B));
    c->x = g20_calloc_aligned(B, sizeof(*c->x));
    c->sum = g20_calloc_aligned(B + 1, sizeof(*c->sum));
    if (!c->x || !c->sum) {
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
    g20_free(c);
}

static float threshold(double shape, double z)
{
    return (float)(g20_stats_gamma_quantile(shape, z) * FLOOR_MARGIN);
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
static void mark_bins(struct g20_cfar *c, const float *mean, const float *max, const float *quiet,
                      uint32_t frames, uint8_t *cell)
{
    const float t_mean = threshold(g20_floor_row_shape(frames), c->z);
    const float t_max = threshold(1.0, c->z) + logf((float)frames);

    for (int b = 0; b < B; b++) {
        c->x[b] = mean[b] / quiet[b];
        cell[b] = c->x[b] > t_mean || max[b] > t_max * quiet[b] ? G20_CELL_SEED : G20_CELL_NOISE;
    }
}

/* Cells found so far and their neighbours count as plain noise from here on. */
static void take_out(struct g20_cfar *c, const uint8_t *cell)
{
    int last = -B;

    for (int b = 0; b < B; b++)
        if (cell[b] == G20_CELL_SEED) {
            for (int i = G20_MAX(G20_MAX(b - GUARD, last + 1), 0); i <= b; i++)
                c->x[i] = 1.0f;
            last = b;
        } else if (b - last <= GUARD) {
            c->x[b] = 1.0f;
        }
}

static void mark_scale(struct g20_cfar *c, int width, uint32_t frames, uint8_t *cell)
{
    const float t = threshold(g20_floor_row_shape(frames) * width / HANN_ENBW, c->z);
    const int step = width / 2;

    for (int b = 0; b + width <= B; b += step)
        if (c->sum[b + width] - c->sum[b] > (double)t * width)
            memset(cell + b, G20_CELL_SEED, (size_t)width);
}

static void mark_grow(const struct g20_cfar *c, const float *mean, const float *quiet,
                      uint32_t frames, uint8_t *cell)
{
    const int width = 2 * GROW_HALF + 1;
    const float t =
        (float)g20_stats_gamma_quantile(g20_floor_row_shape(frames) * width / HANN_ENBW, GROW_Z) *
        (float)width;

    (void)c;
    for (int b = GROW_HALF; b < B - GROW_HALF; b++) {
        if (cell[b] != G20_CELL_NOISE)
            continue;
        float sum = 0.0f;
        for (int i = b - GROW_HALF; i <= b + GROW_HALF; i++)
            sum += mean[i] / quiet[i];
        if (sum > t)
            cell[b] = G20_CELL_GROW;
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
                if (2 * n < width ||
                    sum <= n * (double)threshold(n * G20_TILE_GROUP / HANN_ENBW, c->z))
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
    for (uint32_t r = 0; r < t->rows; r++) {
        const float *mean = t->mean + (size_t)r * B, *max = t->max + (size_t)r * B;
        uint8_t *cell = cells + (size_t)r * B;
        const uint32_t frames = t->row[r].frames;

        mark_bins(c, mean, max, f->quiet, frames, cell);
        for (int width = 4; width <= B; width *= 4) {
            take_out(c, cell);
            prefix(c);
            mark_scale(c, width, frames, cell);
        }
        mark_frames(c, t->group + (size_t)r * G20_TILE_FOLD * G20_TILE_GROUPS, quiet_group, frames,
                    cell);
        mark_grow(c, mean, f->quiet, frames, cell);
    }
}
