/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/plateau.h"

#include "detect/stats.h"

#include <math.h>
#include <string.h>

enum {
    CELL = G20_BAND_CELL,
    CELLS = G20_BAND_CELLS,
    STEEP_CELLS = G20_STEEP_CELLS,
    BROAD_CELLS = 2 * STEEP_CELLS, /* between its shoulders, and it is more than a peak */
    LONG_ROWS = 64,
};

#define STEEP_DB      2.5f /* within STEEP_CELLS: a filter skirt of a receiver is gentler */
#define SHOULDER_DB   6.0f
#define CELL_VALUES   10.0 /* a cell's level varies like the mean of so many values of a frame */
#define SURE          6.0  /* deviations */
#define SLOPE_DB_CELL (0.2f * 100.0f / CELLS) /* noise may rise by 0.2 dB per 1 % of the band */

/* The noise can rise only slowly over frequency: lower envelope of limited slope. */
static void slope_envelope(float *env, const float *db, struct g20_cells in)
{
    memcpy(env, db, CELLS * sizeof(*env));
    for (int i = in.lo + 1; i < in.hi; i++)
        env[i] = fminf(env[i], env[i - 1] + SLOPE_DB_CELL);
    for (int i = in.hi - 2; i >= in.lo; i--)
        env[i] = fminf(env[i], env[i + 1] + SLOPE_DB_CELL);
}

/* Largest change outwards across STEEP_CELLS from cell @foot up to cell @top or a little further;
 * @dir -1: a left edge, +1: a right. */
static float steepness(const float *db, int foot, int top, int dir)
{
    float best = 0.0f;

    for (int i = G20_MIN(foot, top) - STEEP_CELLS; i <= G20_MAX(foot, top) + STEEP_CELLS; i++) {
        const int out = i + dir * STEEP_CELLS;
        if (i < 0 || i >= CELLS || out < 0 || out >= CELLS)
            continue;
        best = fmaxf(best, db[i] - db[out]);
    }
    return best;
}

/* The cell from @foot on, in steps of @dir, that is hardly under the strongest up to @end. */
static int shoulder(const float *db, int foot, int end, int dir)
{
    float most = db[foot];

    for (int i = foot; i != end; i += dir)
        most = fmaxf(most, db[i]);
    while (foot != end && db[foot] < most - SHOULDER_DB)
        foot += dir;
    return foot;
}

/* Over its surroundings a plateau stands by so much: what noise seldom does, in few frames. */
static float least_height(const struct g20_tile *t)
{
    double frames = 0.0;

    for (uint32_t r = 0; r < t->rows; r++)
        frames += t->row[r].frames;
    return G20_PLATEAU_DB +
           10.0f * log10f((float)g20_stats_gamma_quantile(CELL_VALUES * frames, SURE));
}

size_t g20_plateaus_find(const float *quiet, const float *restlessness, const struct g20_tile *t,
                         struct g20_passband *passband, struct g20_plateau ret[G20_PLATEAUS_MOST])
{
    float db[CELLS], env[CELLS], cell[CELL];
    const float least = least_height(t);
    size_t count = 0;

    for (int i = 0; i < CELLS; i++) {
        memcpy(cell, quiet + i * CELL, sizeof(cell));
        db[i] = 10.0f * log10f(fmaxf(g20_stats_select(cell, CELL, CELL / 2), 1e-30f));
    }
    const struct g20_cells in = g20_passband_find(passband, db, quiet, restlessness, t);
    slope_envelope(env, db, in);
    for (int i = in.lo; i < in.hi && count < G20_PLATEAUS_MOST; i++) {
        if (db[i] < env[i] + least)
            continue;
        int lo = i, hi = i + 1;
        while (lo > in.lo && db[lo - 1] > env[lo - 1] + 1.0f)
            lo--;
        while (hi < in.hi && (db[hi] > env[hi] + 1.0f ||
                              (hi + 1 < CELLS && db[hi + 1] > env[hi + 1] + G20_PLATEAU_DB)))
            hi++;
        /* What a receiver's oscillator adds at the foot is gentle too. A peak that was not seen
         * for long may be a packet's, which has its pauses yet to come. */
        int left = shoulder(db, lo, hi - 1, 1), right = shoulder(db, hi - 1, lo, -1);
        if (right - left < BROAD_CELLS && t->rows < LONG_ROWS)
            left = lo, right = hi - 1;
        if (steepness(db, lo, left, -1) >= STEEP_DB && steepness(db, hi - 1, right, +1) >= STEEP_DB)
            ret[count++] = (struct g20_plateau){.lo = (uint32_t)lo * CELL,
                                                .hi = (uint32_t)hi * CELL,
                                                .left_db = db[lo > 0 ? lo - 1 : lo],
                                                .right_db = db[hi < CELLS ? hi : hi - 1]};
        i = hi;
    }
    return count;
}
