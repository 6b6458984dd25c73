/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* floor: what is noise in a tile, and what stands in it all the time.
 *
 * Two questions that a single threshold over a percentile mixes up are kept apart:
 *  - quiet[b], the level a bin falls back to (lower quartile over the tile's rows, corrected for
 *    its bias; where something is on in most rows, that of a pool of bins: quartile.h): the
 *    reference for bursts. A carrier that is always on is part of it.
 *  - noise[b], the noise alone: quiet[b] with everything that stands in it taken out. Stationary
 *    signals are found in quiet[] by their shape over frequency: narrow lines over a wide running
 *    median, wide plateaus by steep edges (plateau.h). A receiver's filter roll-off stays noise: it
 *    is not steep and lies at the ends of the band, or falls far on both sides of a band of noise.
 *
 * Powers are the mean noise power of a bin (linear, 1.0 = full-scale tone). */
#ifndef G20_DETECT_FLOOR_H
#define G20_DETECT_FLOOR_H

#include "detect/passband.h"
#include "nn/crew.h"

enum { G20_STEADY_MAX = 128 };

struct g20_steady {  /* a signal that never stops within the tile */
    uint32_t lo, hi; /* bins lo .. hi - 1 */
    float snr;       /* mean power over noise, linear */
    bool is_whole;   /* its own symbols and frames are no bursts: never cut it in time */
};

struct g20_floor {
    float quiet[G20_TILE_BINS];
    float noise[G20_TILE_BINS];
    struct g20_steady steady[G20_STEADY_MAX];
    uint32_t nsteady;
    struct g20_passband passband; /* private */
    float *work;                  /* (3, BINS) private */
};

G20_MUST_USE int g20_floor_create(struct g20_floor **ret);
void g20_floor_destroy(struct g20_floor *f);

/* Measure tile @t (rows >= 1). */
void g20_floor_measure(struct g20_floor *f, const struct g20_tile *t, struct g20_crew *crew);

/* Degrees of freedom: the mean of a row's bin is distributed as the average of this many
 * independent exponential powers (50 % overlapped Hann frames are nearly independent). */
double g20_floor_row_shape(uint32_t frames);

/* Noise power (full scale 1) between two frequencies, fractions of the rate, from the mean noise
 * power per bin @noise (BINS): quiet or noise. */
double g20_floor_band(const float *noise, double f_lo, double f_hi);

#endif
