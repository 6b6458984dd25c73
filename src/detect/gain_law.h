/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* gain_law: how a step of a receiver's gain (gain.h) changes the power of groups of bins, and do
 * they change so. Powers are mean ones of G20_TILE_GROUPS groups, above 0. Pure functions. */
#ifndef G20_DETECT_GAIN_LAW_H
#define G20_DETECT_GAIN_LAW_H

#include "detect/tile.h"

#define G20_GAIN_DB(ratio) (10.0f * log10f(ratio))

/* A filter's skirt is under so much of the band's middle, with the gain high or low. */
#define G20_GAIN_SKIRT 0.25f

/* What comes in changes by .gain, what the converter adds not at all. */
struct g20_gain_law {
    float gain, own; /* ratio; power per bin */
};

/* The middle of the groups' powers, and of their ratios of @after to @before. */
float g20_gain_middle(const float *power);
float g20_gain_ratio(const float *after, const float *before);

/* The law by the band's middle and, where there are any, by groups well under that: these say what
 * is the converter's. No less than its noise is ever there. */
struct g20_gain_law g20_gain_law_fit(const float *before, const float *after);

/* The ratio by which what was @before changes. */
float g20_gain_law_at(const struct g20_gain_law *k, float before);

/* Do the groups follow the law to @tolerance dB, and stay but few as they were? */
bool g20_gain_law_holds(const struct g20_gain_law *k, const float *before, const float *after,
                        float tolerance);

#endif
