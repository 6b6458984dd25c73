/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* plateau: wide signals that never stop, found in the floor by their steep sides. A receiver's
 * own filter is none. */
#ifndef G20_DETECT_PLATEAU_H
#define G20_DETECT_PLATEAU_H

#include "detect/tile.h"

enum { G20_PLATEAUS_MOST = 64 };

/* Restlessness of a group over which it is no noise, 2.45 times 1.0 +- 0.01 at 32 rows and 5
 * groups: see floor.c. */
#define G20_RESTLESS 2.52f

struct g20_plateau {
    uint32_t lo, hi;         /* bins lo .. hi - 1 */
    float left_db, right_db; /* the noise at both sides */
};

/* Plateaus in @quiet (BINS), the level that each bin falls back to; @restlessness is that of each
 * group of bins (GROUPS). Their number. */
size_t g20_plateaus_find(const float *quiet, const float *restlessness,
                         struct g20_plateau ret[G20_PLATEAUS_MOST]);

#endif
