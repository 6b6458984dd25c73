/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* region_own: what region.c (cells to regions) and region_strips.c (narrow parts of these) share.
 */
#ifndef G20_DETECT_REGION_OWN_H
#define G20_DETECT_REGION_OWN_H

#include "detect/region.h"

enum {
    G20_REGION_STRIPS = 1024, /* of a tile, at most */
    G20_REGION_BRIDGE = 1,    /* rows without a run that do not end a region */
};

struct g20_run {
    uint32_t row, lo, hi; /* bins lo .. hi - 1 */
    uint32_t parent;      /* union-find: the first run of the region is its root */
    uint32_t region;      /* of a root with a seed: index into found */
    bool has_seed;        /* of a root: in the region */
};

/* Rows of a region, one after the other, in which it is narrow. */
struct g20_strip {
    uint32_t row0, row1, lo, hi;
    uint32_t row, row_lo, row_hi; /* its runs in the row that is being read */
    bool has_seed, row_has_seed;
};

static inline uint32_t g20_run_root(struct g20_run *run, uint32_t i)
{
    while (run[i].parent != i) {
        run[i].parent = run[run[i].parent].parent; /* path halving */
        i = run[i].parent;
    }
    return i;
}

/* Where the first @n of .found are narrow for some rows they are a region of their own too: what a
 * wide burst that touches it would hide. These come after the @n; how many there are then. */
uint32_t g20_region_strips(struct g20_regions *s, uint32_t n);

#endif
