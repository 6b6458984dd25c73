/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* region: marked cells joined into candidate signals, each a span of rows and a span of bins.
 *
 * A region is a hint where to look: refine.h measures what is there on the samples. Where one is
 * narrow for some rows, those are a region of their own beside it: a wide burst that touches a
 * narrow signal would hide it. */
#ifndef G20_DETECT_REGION_H
#define G20_DETECT_REGION_H

#include "detect/cfar.h"

struct g20_region {
    uint32_t row0, row1; /* rows row0 .. row1 - 1 */
    uint32_t bin0, bin1; /* bins bin0 .. bin1 - 1: 99 % of the excess power */
    uint32_t core;       /* bins that hold the middle half of the excess power: 1 for a carrier */
    float excess;        /* power over the quiet level, summed over its cells */
    bool is_whole;       /* from floor.h: never cut in time */
    bool is_steady;      /* from floor.h: on throughout the tile */
    bool is_across;      /* the whole band, where most of it rises at once: short bursts only */
};

struct g20_regions {
    uint32_t count, cap;
    struct g20_region *item; /* (count) strongest first */
    struct g20_run *run;     /* private: horizontal runs of marked cells */
    uint32_t nruns;
    struct g20_strip *strip;  /* private: of each region */
    struct g20_region *found; /* private: all of them, before the strongest are kept */
    float *spectrum;          /* (BINS) private */
};

/* At most @cap regions are kept: the strongest. */
G20_MUST_USE int g20_regions_create(struct g20_regions **ret, uint32_t cap);
void g20_regions_destroy(struct g20_regions *s);

/* Of the rows from g20_tile_from() on. */
void g20_regions_find(struct g20_regions *s, const struct g20_tile *t, const struct g20_floor *f,
                      const uint8_t *cells);

#endif
