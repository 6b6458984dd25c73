/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/gain_law.h"

#include "detect/stats.h"

#include <math.h>
#include <string.h>

enum {
    GROUPS = G20_TILE_GROUPS,
    FOLLOW = GROUPS * 3 / 5, /* groups that have to follow */
    STAY = 2,                /* groups that may stay as they were */
};

#define LOW      0.5f /* of the band's middle: well under it */
#define MOST_OWN 0.8f /* of the band's middle: the converter's own noise */

float g20_gain_middle(const float *power)
{
    float x[GROUPS];

    memcpy(x, power, sizeof(x));
    return g20_stats_select(x, GROUPS, GROUPS / 2);
}

float g20_gain_ratio(const float *after, const float *before)
{
    float ratio[GROUPS];

    for (int g = 0; g < GROUPS; g++)
        ratio[g] = after[g] / before[g];
    return g20_stats_select(ratio, GROUPS, GROUPS / 2);
}

float g20_gain_law_at(const struct g20_gain_law *k, float before)
{
    const float own = fminf(k->own / fmaxf(before, 1e-30f), 1.0f);

    return k->gain + (1.0f - k->gain) * own;
}

struct g20_gain_law g20_gain_law_fit(const float *before, const float *after)
{
    const float pass = g20_gain_middle(before), ratio = g20_gain_ratio(after, before);
    float own[GROUPS], least = MOST_OWN * fminf(pass, g20_gain_middle(after));
    size_t n = 0;

    for (int g = 0; g < GROUPS; g++) {
        least = fminf(least, fminf(before[g], after[g]));
        if (before[g] > LOW * pass)
            continue;
        /* Of the ratios a line over 1 / power, through both. */
        const float slope = (after[g] / before[g] - ratio) / (1.0f / before[g] - 1.0f / pass);
        const float rest = 1.0f - ratio + slope / pass;
        own[n++] = rest != 0.0f ? slope / rest : 0.0f;
    }
    const float noise = n > 0 ? G20_CLAMP(g20_stats_select(own, n, n / 2), 0.0f, least) : 0.0f;
    const float share = noise / pass;
    return (struct g20_gain_law){fmaxf((ratio - share) / (1.0f - share), 1e-6f), noise};
}

/* Groups of a step, and which of them are a filter's skirt: under what it lets through be the gain
 * high or low, while beside what came on the band is as it was before. */
struct groups {
    float db[GROUPS]; /* ratios */
    bool is_skirt[GROUPS];
};

static void compare(struct groups *s, const float *before, const float *after)
{
    const float skirt_before = G20_GAIN_SKIRT * g20_gain_middle(before),
                skirt_after = G20_GAIN_SKIRT * g20_gain_middle(after);

    for (int g = 0; g < GROUPS; g++) {
        s->db[g] = G20_GAIN_DB(after[g] / before[g]);
        s->is_skirt[g] = before[g] < skirt_before && after[g] < skirt_after;
    }
}

/* How many groups from one end of the band, in steps of @dir, are nearer to what they were than to
 * @all dB: a strong signal's side lobes and the oscillator's noise raise them a little. */
static int stay_at_end(const struct groups *s, int end, int dir, float all)
{
    int n = 0;

    for (int g = end; g >= 0 && g < GROUPS; g += dir) {
        if (s->is_skirt[g])
            continue;
        if (s->db[g] / all > 0.5f)
            break;
        n++;
    }
    return n;
}

bool g20_gain_law_holds(const struct g20_gain_law *k, const float *before, const float *after,
                        float tolerance)
{
    const float all = G20_GAIN_DB(g20_gain_ratio(after, before));
    struct groups s;
    int follow = 0, stay = 0;

    compare(&s, before, after);
    for (int g = 0; g < GROUPS; g++) {
        const float db = s.db[g];
        if (!s.is_skirt[g] && fabsf(db) <= tolerance && fabsf(db) < fabsf(db - all))
            stay++;
        else
            follow += fabsf(db - G20_GAIN_DB(g20_gain_law_at(k, before[g]))) <= tolerance;
    }
    return follow >= FOLLOW && stay <= STAY &&
           stay_at_end(&s, 0, 1, all) + stay_at_end(&s, GROUPS - 1, -1, all) <= STAY;
}
