/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/tile.h"

#include "base/alloc.h"

#include <errno.h>
#include <math.h>
#include <string.h>

int g20_tile_create(struct g20_tile **ret)
{
    struct g20_tile *t = g20_calloc(1, sizeof(*t));
    /* One row more than fits, because the unfinished row lives behind the last. */
    const size_t rows = G20_TILE_ROWS + 1;

    if (!t)
        return -ENOMEM;
    t->row = g20_calloc(rows, sizeof(*t->row));
    t->mean = g20_calloc_aligned(rows * G20_TILE_BINS, sizeof(*t->mean));
    t->low = g20_calloc_aligned(rows * G20_TILE_BINS, sizeof(*t->low));
    t->pair = g20_calloc_aligned(G20_TILE_BINS, sizeof(*t->pair));
    t->max = g20_calloc_aligned(rows * G20_TILE_BINS, sizeof(*t->max));
    t->group = g20_calloc_aligned(rows * G20_TILE_FOLD * G20_TILE_GROUPS, sizeof(*t->group));
    if (!t->row || !t->mean || !t->max || !t->low || !t->pair || !t->group) {
        g20_tile_destroy(t);
        return -ENOMEM;
    }
    *ret = t;
    return 0;
}

void g20_tile_destroy(struct g20_tile *t)
{
    if (!t)
        return;
    g20_free(t->group);
    g20_free(t->max);
    g20_free(t->pair);
    g20_free(t->low);
    g20_free(t->mean);
    g20_free(t->row);
    g20_free(t);
}

static void sum_groups(float *group, const float *power)
{
    for (int g = 0; g < G20_TILE_GROUPS; g++, power += G20_TILE_GROUP) {
        float sum = 0.0f;
        for (int i = 0; i < G20_TILE_GROUP; i++)
            sum += power[i];
        group[g] = sum / G20_TILE_GROUP;
    }
}

bool g20_tile_finish_row(struct g20_tile *t)
{
    if (t->fill == 0)
        return false;

    float *mean = t->mean + (size_t)t->rows * G20_TILE_BINS;
    float *group = t->group + (size_t)t->rows * G20_TILE_FOLD * G20_TILE_GROUPS;
    const float scale = 1.0f / (float)t->fill;

    for (int b = 0; b < G20_TILE_BINS; b++)
        mean[b] *= scale;
    /* Frames that never came repeat the last one, so that readers need no special case. */
    for (uint32_t f = t->fill; f < G20_TILE_FOLD; f++)
        memcpy(group + f * G20_TILE_GROUPS, group + (t->fill - 1) * G20_TILE_GROUPS,
               G20_TILE_GROUPS * sizeof(*group));
    t->row[t->rows].frames = t->fill;
    t->rows++;
    t->new_rows++;
    t->fill = 0;
    return true;
}

/* low: the least of the means of frames 1 + 2, 3 + 4, 5 + 6; of a lone frame, its own. */
static void keep_low(struct g20_tile *t, const float *restrict p)
{
    float *restrict low = t->low + (size_t)t->rows * G20_TILE_BINS, *restrict pair = t->pair;

    if (t->fill == 0)
        memcpy(low, p, G20_TILE_BINS * sizeof(*p));
    if (t->fill % 2 == 0) {
        memcpy(pair, p, G20_TILE_BINS * sizeof(*p));
        return;
    }
    for (int b = 0; b < G20_TILE_BINS; b++) {
        const float mean = 0.5f * (pair[b] + p[b]);
        low[b] = t->fill == 1 || mean < low[b] ? mean : low[b];
    }
}

bool g20_tile_add(struct g20_tile *t, const struct g20_frame *f)
{
    bool finished = f->restarted && g20_tile_finish_row(t);
    const size_t at = t->rows;
    float *restrict mean = t->mean + at * G20_TILE_BINS;
    float *restrict max = t->max + at * G20_TILE_BINS;
    const float *restrict p = f->power;

    sum_groups(t->group + (at * G20_TILE_FOLD + t->fill) * G20_TILE_GROUPS, p);
    if (t->fill == 0) {
        t->row[at] = (struct g20_tile_row){
            .first_sample = f->first_sample, .time_us = f->time_us, .restarted = f->restarted};
        t->center_hz = f->center_hz;
        t->rate_hz = f->rate_hz;
        memcpy(mean, p, G20_TILE_BINS * sizeof(*p));
        memcpy(max, p, G20_TILE_BINS * sizeof(*p));
    } else {
        for (int b = 0; b < G20_TILE_BINS; b++) {
            mean[b] += p[b];
            max[b] = p[b] > max[b] ? p[b] : max[b];
        }
    }
    keep_low(t, p);
    t->fill++;
    if (t->fill == G20_TILE_FOLD)
        finished = g20_tile_finish_row(t);
    return finished;
}

void g20_tile_slide(struct g20_tile *t, uint32_t keep)
{
    t->new_rows = 0;
    if (t->rows <= keep)
        return;

    const size_t drop = t->rows - keep, left = keep + (t->fill > 0 ? 1 : 0);
    memmove(t->row, t->row + drop, left * sizeof(*t->row));
    memmove(t->mean, t->mean + drop * G20_TILE_BINS, left * G20_TILE_BINS * sizeof(*t->mean));
    memmove(t->max, t->max + drop * G20_TILE_BINS, left * G20_TILE_BINS * sizeof(*t->max));
    memmove(t->low, t->low + drop * G20_TILE_BINS, left * G20_TILE_BINS * sizeof(*t->low));
    memmove(t->group, t->group + drop * G20_TILE_FOLD * G20_TILE_GROUPS,
            left * G20_TILE_FOLD * G20_TILE_GROUPS * sizeof(*t->group));
    t->rows = keep;
}

uint32_t g20_tile_from(const struct g20_tile *t)
{
    const uint32_t seen = t->rows - t->new_rows;

    return seen > G20_TILE_SEEN ? seen - G20_TILE_SEEN : 0;
}

uint64_t g20_tile_sample(const struct g20_tile *t, double row)
{
    enum { SHIFT = (G20_TILE_BINS - G20_TILE_HOP) / 2 };
    const uint32_t r = (uint32_t)G20_CLAMP(row, 0.0, (double)t->rows - 1.0);

    return t->row[r].first_sample + (uint64_t)fmax(0.0, SHIFT + (row - r) * G20_TILE_ROW_SAMPLES);
}

uint64_t g20_tile_end(const struct g20_tile *t)
{
    if (t->rows == 0)
        return 0;
    const struct g20_tile_row *last = &t->row[t->rows - 1];
    return last->first_sample + (uint64_t)(last->frames - 1) * G20_TILE_HOP + G20_TILE_BINS;
}
