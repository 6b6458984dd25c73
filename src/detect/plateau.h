/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* plateau: wide signals that never stop, found in the floor by their steep sides. A receiver's
 * own filter is none (passband.h). */
#ifndef G20_DETECT_PLATEAU_H
#define G20_DETECT_PLATEAU_H

#include "detect/passband.h"

enum { G20_PLATEAUS_MOST = 64 };

struct g20_plateau {
    uint32_t lo, hi;         /* bins lo .. hi - 1 */
    float left_db, right_db; /* the noise at both sides */
};

/* Plateaus in @quiet (BINS), the level that each bin falls back to in @t; @restlessness is that of
 * each group of bins (GROUPS); @passband is kept from tile to tile. Their number. */
size_t g20_plateaus_find(const float *quiet, const float *restlessness, const struct g20_tile *t,
                         struct g20_passband *passband, struct g20_plateau ret[G20_PLATEAUS_MOST]);

#endif
