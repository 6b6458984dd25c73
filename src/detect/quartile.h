/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* quartile: the level that each bin of a tile falls back to, by order statistics over its rows. */
#ifndef G20_DETECT_QUARTILE_H
#define G20_DETECT_QUARTILE_H

#include "detect/tile.h"
#include "nn/crew.h"

enum {
    G20_QUARTILE_POOL = 16, /* bins */
    G20_QUARTILE_POOLS = G20_TILE_BINS / G20_QUARTILE_POOL,
};

/* Lower quartile over rows of each bin's quietest pair of frames, divided by what that statistic
 * reads in noise of mean 1, into @q (BINS); the plain mean over the same rows into @average (BINS);
 * and the quartile of pools of bins, into @pooled (POOLS), as it is in the rows that are not far
 * over it. The number of frames looked at. */
uint32_t g20_quartiles_measure(const struct g20_tile *t, float *q, float *average, float *pooled,
                               struct g20_crew *crew);

#endif
