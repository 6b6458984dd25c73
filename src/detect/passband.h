/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* passband: the part of the band that a receiver's filter lets noise through, where that is
 * narrower than the rate.
 *
 * Such a filter makes a plateau with steep sides, as a broadcast does that fills the band and never
 * stops. What parts them is what stands on it: other signals come and go on noise, not on a
 * signal; and how it ends: a filter's skirt goes on falling to the ends of the band, or falls
 * gently from a plateau that is most of it. */
#ifndef G20_DETECT_PASSBAND_H
#define G20_DETECT_PASSBAND_H

#include "detect/tile.h"

enum {
    G20_BAND_CELL = 16, /* the floor's shape is looked at in cells of so many bins */
    G20_BAND_CELLS = G20_TILE_BINS / G20_BAND_CELL,
    G20_STEEP_CELLS = 4, /* within which a plateau has its sides */
};

/* Restlessness of a group over which it is no noise, 2.45 times 1.0 +- 0.01 at 32 rows and 5
 * groups: see floor.c. */
#define G20_RESTLESS   2.52f
#define G20_PLATEAU_DB 3.0f /* over what is beside it */

struct g20_cells {
    int lo, hi; /* cells lo .. hi - 1 */
};

/* What was learnt of the receiver: all zero at first. */
struct g20_passband {
    struct g20_cells known; /* the plateau that signals stood on; hi 0: none did */
    double center_hz, rate_hz;
};

/* The cells in which plateaus are to be sought: all but the ends of the band, where every receiver
 * rolls off, or what such a filter leaves. Level of each cell in @db (CELLS); @quiet (BINS) and
 * @restlessness (GROUPS) of tile @t as the floor has them. */
struct g20_cells g20_passband_find(struct g20_passband *p, const float *db, const float *quiet,
                                   const float *restlessness, const struct g20_tile *t);

#endif
