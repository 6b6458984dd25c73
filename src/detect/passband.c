/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/passband.h"

#include "detect/stats.h"
#include "dsp/kernels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    CELLS = G20_BAND_CELLS,
    QUARTER = CELLS / 4,
    GROUPS = G20_TILE_GROUPS,
    GROUP = G20_TILE_GROUP,
    EDGE_CELLS = CELLS / 16,           /* roll-off is expected in the outer 6 % at each end */
    ASKEW_CELLS = 2 * G20_STEEP_CELLS, /* a tilt of the noise moves the edge on a gentle side */
    PLACES = 3,                        /* at which bursts stand on a plateau: it is noise */
};

#define FILTER_DB 10.0f /* at least, down to what a filter leaves beside its band */
#define SURE_DB   40.0f /* no broadcast stands so far over a receiver's noise */
#define STANDS    10.0f /* over the plateau, power ratio: no pilot of a broadcast does */
#define SKIRT_1   0.6f  /* of a skirt's fall, at most, in its first third, */
#define SKIRT_2   0.15f /* and at least in its second: a signal's sides are done by then */
#define WIDE      0.75f /* of the band: an analogue filter's, and more than most broadcasts' */
#define FAR_DB    8.0f  /* under the plateau: by there what is sent in channels has ended */
#define GENTLE    5     /* cells from its sides to there, 2 % of the band, and it is a filter's */
#define NARROW    4     /* a burst fills less than 1 / NARROW of the plateau: none covers it */

/* What is beside @in and its sides, by the middle of its cells. */
static float beside(const float *db, struct g20_cells in)
{
    float cell[CELLS];
    const size_t left = (size_t)(in.lo - G20_STEEP_CELLS),
                 right = CELLS - (size_t)(in.hi + G20_STEEP_CELLS);

    memcpy(cell, db, left * sizeof(*cell));
    memcpy(cell + left, db + in.hi + G20_STEEP_CELLS, right * sizeof(*cell));
    return g20_stats_select(cell, (uint32_t)(left + right), (uint32_t)(left + right) / 2);
}

/* Does @db fall from @top at @at cells from its end, in steps of @dir, all the way to the end? What
 * stands in a receiver's noise falls to that noise at once, and there it ends. */
static bool falls_to_the_end(const float *end, int dir, int at, float top)
{
    const float first = top - end[dir * (at * 2 / 3)];
    const float second = end[dir * (at * 2 / 3)] - end[dir * (at / 3)];
    const float fall = top - 0.5f * (end[0] + end[dir]);

    return at >= 3 && first <= SKIRT_1 * fall && second >= SKIRT_2 * fall;
}

/* Does @db, from the end of the band in steps of @dir, rise as slowly as a filter's skirt to where
 * it is G20_PLATEAU_DB under @top, at cell @at? */
static bool is_gentle(const float *end, int dir, int at, float top)
{
    int far = at;

    while (far > 0 && end[dir * (far - 1)] > top - FAR_DB)
        far--;
    return far > 0 && at - far >= GENTLE;
}

/* Is plateau @pass the one that bursts stood on before? */
static bool is_known(const struct g20_passband *p, struct g20_cells pass, const struct g20_tile *t)
{
    return p->known.hi > 0 && p->center_hz == t->center_hz && p->rate_hz == t->rate_hz &&
           abs(p->known.lo - pass.lo) <= G20_STEEP_CELLS &&
           abs(p->known.hi - pass.hi) <= G20_STEEP_CELLS;
}

/* Rows in which something stands in a group of bins and not in most of them. */
static void count_bursts(const struct g20_tile *t, const float *quiet, int from, int to,
                         uint32_t *count)
{
    const struct g20_kernels *k = g20_kernels();
    float limit[GROUPS];

    for (int g = from; g < to; g++)
        limit[g] = STANDS * k->max(quiet + g * GROUP, GROUP);
    for (uint32_t row = 0; row < t->rows; row++) {
        const float *mean = t->mean + (size_t)row * G20_TILE_BINS;
        bool hit[GROUPS];
        int hits = 0;
        for (int g = from; g < to; g++) {
            /* The receiver's own offset lies in the two groups in the middle. */
            hit[g] = g != GROUPS / 2 && g != GROUPS / 2 - 1 &&
                     k->max(mean + g * GROUP, GROUP) > limit[g];
            hits += hit[g];
        }
        for (int g = from; g < to && hits * NARROW < to - from; g++)
            count[g] += hit[g];
    }
}

/* Do bursts stand on plateau @pass, here and there? Lines do not count: a receiver has its own. */
static bool carries_bursts(const struct g20_tile *t, const float *quiet, struct g20_cells pass)
{
    const int from = pass.lo * G20_BAND_CELL / GROUP + 1, to = pass.hi * G20_BAND_CELL / GROUP;
    uint32_t count[GROUPS] = {0};
    int places = 0;

    count_bursts(t, quiet, from, to, count);
    for (int g = from; g < to; g++) {
        const bool is = count[g] > 0 && 2 * count[g] < t->rows;
        const bool was = g > from && count[g - 1] > 0;
        places += is && !was;
    }
    return places >= PLACES;
}

/* A receiver's filter stands around the middle of the band, is more than half of it and well above
 * what is beside it or has a filter's skirts, and what it lets through has the statistics
 * of noise. */
struct g20_cells g20_passband_find(struct g20_passband *p, const float *db, const float *quiet,
                                   const float *restlessness, const struct g20_tile *t)
{
    const struct g20_cells all = {EDGE_CELLS, CELLS - EDGE_CELLS};
    struct g20_cells pass = {0, CELLS};
    float middle[2 * QUARTER], calm[GROUPS];

    memcpy(middle, db + QUARTER, sizeof(middle));
    const float top = g20_stats_select(middle, 2 * QUARTER, QUARTER / 2);
    while (pass.lo < QUARTER && db[pass.lo] < top - G20_PLATEAU_DB)
        pass.lo++;
    while (pass.hi > CELLS - QUARTER && db[pass.hi - 1] < top - G20_PLATEAU_DB)
        pass.hi--;
    if (pass.lo == QUARTER || pass.hi == CELLS - QUARTER || pass.lo + G20_STEEP_CELLS <= all.lo ||
        pass.hi - G20_STEEP_CELLS >= all.hi)
        return all;
    const float over = top - beside(db, pass);
    const int askew = abs(pass.lo - (CELLS - pass.hi));
    const float *last = db + CELLS - 1;
    const bool skirts =
        (falls_to_the_end(db, 1, pass.lo, top) &&
         falls_to_the_end(last, -1, CELLS - pass.hi, top)) ||
        ((float)(pass.hi - pass.lo) > WIDE * CELLS && is_gentle(db, 1, pass.lo, top) &&
         is_gentle(last, -1, CELLS - pass.hi, top));
    if (askew > (skirts ? ASKEW_CELLS : G20_STEEP_CELLS))
        return all;
    const uint32_t from = (uint32_t)pass.lo * G20_BAND_CELL / GROUP + 1;
    const uint32_t n = (uint32_t)pass.hi * G20_BAND_CELL / GROUP - from;
    memcpy(calm, restlessness + from, n * sizeof(*calm));
    if ((over < FILTER_DB && !skirts) || g20_stats_select(calm, n, n / 2) > G20_RESTLESS)
        return all;
    if (over < SURE_DB && !skirts) {
        if (!is_known(p, pass, t) && !carries_bursts(t, quiet, pass))
            return all;
        *p = (struct g20_passband){pass, t->center_hz, t->rate_hz};
    }
    return (struct g20_cells){G20_MAX(all.lo, pass.lo + G20_STEEP_CELLS),
                              G20_MIN(all.hi, pass.hi - G20_STEEP_CELLS)};
}
