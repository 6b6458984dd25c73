/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* gain: a step of the receiver's gain (its control, an attenuator) told from what it receives.
 *
 * A step changes all of the band by one ratio, lines and signals that stand there too, within a
 * frame, and stays. What comes on, however wide, adds: it leaves the ends of the band as they
 * were, or at least the lines that stand out of it. Only what the converter's own noise fills, the
 * skirts of a filter before it, follows a step less. Pure functions of a tile. */
#ifndef G20_DETECT_GAIN_H
#define G20_DETECT_GAIN_H

#include "detect/tile.h"

enum { G20_GAIN_WAIT = 3 }; /* rows after its own until a step can be judged for sure */

struct g20_gain_step {
    uint32_t frame; /* frames of the tile; this and the next one see both sides of the step */
    float ratio;    /* power after it over before */
    /* The same of what each group and each cell holds: nearer to 1 in a filter's skirts. */
    float group[G20_TILE_GROUPS], cell[G20_TILE_CELLS];
};

/* What most groups change by from row @before to row @after, dB; 0: by less than matters. */
float g20_gain_change(const struct g20_tile *t, uint32_t before, uint32_t after);

/* Is there one in row @row, which has rows on both sides? */
G20_MUST_USE bool g20_gain_is_step(const struct g20_tile *t, uint32_t row,
                                   struct g20_gain_step *ret);

#endif
