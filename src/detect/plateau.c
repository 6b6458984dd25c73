/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/plateau.h"

#include "detect/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    CELL = 16, /* plateaus are sought in cells of 16 bins */
    CELLS = G20_TILE_BINS / CELL,
    EDGE_CELLS = CELLS / 16, /* roll-off is expected in the outer 6 % at each end */
    STEEP_CELLS = 4,
};

#define STEEP_DB      2.5f /* within STEEP_CELLS: a filter skirt of a receiver is gentler */
#define PLATEAU_DB    3.0f
#define FILTER_DB     40.0f /* at least, down to what a decimating filter leaves beside its band */
#define SLOPE_DB_CELL (0.2f * 100.0f / CELLS) /* noise may rise by 0.2 dB per 1 % of the band */

/* Cells lo .. hi - 1. */
struct cells {
    int lo, hi;
};

/* What is beside @in and its sides, by the middle of its cells. */
static float beside(const float *db, struct cells in)
{
    float cell[CELLS];
    const size_t left = (size_t)(in.lo - STEEP_CELLS),
                 right = CELLS - (size_t)(in.hi + STEEP_CELLS);

    memcpy(cell, db, left * sizeof(*cell));
    memcpy(cell + left, db + in.hi + STEEP_CELLS, right * sizeof(*cell));
    return g20_stats_select(cell, (uint32_t)(left + right), (uint32_t)(left + right) / 2);
}

/* A receiver's filter that is narrower than its rate has steep sides as well. It stands around the
 * middle of the band, is more than half of it and far above what is beside it, and what it lets
 * through has the statistics of noise: there the noise lies. (A broadcast that fills the band and
 * never stops looks so too, but it hardly stands so far above a receiver's noise.) Other receivers
 * roll off at the ends of the band. */
static struct cells find_passband(const float *db, const float *restlessness)
{
    enum { QUARTER = CELLS / 4 };
    const struct cells all = {EDGE_CELLS, CELLS - EDGE_CELLS};
    struct cells pass = {0, CELLS};
    float middle[2 * QUARTER], calm[G20_TILE_GROUPS];

    memcpy(middle, db + QUARTER, sizeof(middle));
    const float level = g20_stats_select(middle, 2 * QUARTER, QUARTER / 2) - PLATEAU_DB;
    while (pass.lo < QUARTER && db[pass.lo] < level)
        pass.lo++;
    while (pass.hi > CELLS - QUARTER && db[pass.hi - 1] < level)
        pass.hi--;
    if (pass.lo == QUARTER || pass.hi == CELLS - QUARTER ||
        abs(pass.lo - (CELLS - pass.hi)) > STEEP_CELLS || pass.lo + STEEP_CELLS <= all.lo ||
        pass.hi - STEEP_CELLS >= all.hi || level + PLATEAU_DB - beside(db, pass) < FILTER_DB)
        return all;
    const uint32_t from = (uint32_t)pass.lo * CELL / G20_TILE_GROUP + 1;
    const uint32_t n = (uint32_t)pass.hi * CELL / G20_TILE_GROUP - from;
    memcpy(calm, restlessness + from, n * sizeof(*calm));
    if (g20_stats_select(calm, n, n / 2) > G20_RESTLESS)
        return all;
    return (struct cells){G20_MAX(all.lo, pass.lo + STEEP_CELLS),
                          G20_MIN(all.hi, pass.hi - STEEP_CELLS)};
}

/* The noise can rise only slowly over frequency: lower envelope of limited slope. */
static void slope_envelope(float *env, const float *db, struct cells in)
{
    memcpy(env, db, CELLS * sizeof(*env));
    for (int i = in.lo + 1; i < in.hi; i++)
        env[i] = fminf(env[i], env[i - 1] + SLOPE_DB_CELL);
    for (int i = in.hi - 2; i >= in.lo; i--)
        env[i] = fminf(env[i], env[i + 1] + SLOPE_DB_CELL);
}

/* Largest change outwards across STEEP_CELLS near cell @at; @dir -1: a left edge, +1: a right. */
static float steepness(const float *db, int at, int dir)
{
    float best = 0.0f;

    for (int i = at - STEEP_CELLS; i <= at + STEEP_CELLS; i++) {
        const int out = i + dir * STEEP_CELLS;
        if (i < 0 || i >= CELLS || out < 0 || out >= CELLS)
            continue;
        best = fmaxf(best, db[i] - db[out]);
    }
    return best;
}

size_t g20_plateaus_find(const float *quiet, const float *restlessness,
                         struct g20_plateau ret[G20_PLATEAUS_MOST])
{
    float db[CELLS], env[CELLS], cell[CELL];
    size_t count = 0;

    for (int i = 0; i < CELLS; i++) {
        memcpy(cell, quiet + i * CELL, sizeof(cell));
        db[i] = 10.0f * log10f(fmaxf(g20_stats_select(cell, CELL, CELL / 2), 1e-30f));
    }
    const struct cells in = find_passband(db, restlessness);
    slope_envelope(env, db, in);
    for (int i = in.lo; i < in.hi && count < G20_PLATEAUS_MOST; i++) {
        if (db[i] < env[i] + PLATEAU_DB)
            continue;
        int lo = i, hi = i + 1;
        while (lo > in.lo && db[lo - 1] > env[lo - 1] + 1.0f)
            lo--;
        while (hi < in.hi && (db[hi] > env[hi] + 1.0f ||
                              (hi + 1 < CELLS && db[hi + 1] > env[hi + 1] + PLATEAU_DB)))
            hi++;
        if (steepness(db, lo, -1) >= STEEP_DB && steepness(db, hi - 1, +1) >= STEEP_DB)
            ret[count++] = (struct g20_plateau){.lo = (uint32_t)lo * CELL,
                                                .hi = (uint32_t)hi * CELL,
                                                .left_db = db[lo > 0 ? lo - 1 : lo],
                                                .right_db = db[hi < CELLS ? hi : hi - 1]};
        i = hi;
    }
    return count;
}
