/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/widen.h"

#include <math.h>

enum {
    B = G20_TILE_BINS,
    ROUNDS = 4,            /* enough from a tenth of a sweep's band to all of it */
    LONGEST = 2 * B,       /* samples: what lasts longer several frames show as it is */
    MARGIN = G20_TILE_HOP, /* samples before and behind it: room to grow, and noise to know */
    NEAR = 64,             /* bursts there: with more it is no burst, but noise */
};

#define WIDER 1.1 /* than the band it was seen in: worth another look */
/* Of the energy that there was before: or it is another burst. There is no most: with one (twice
 * its power and its energy) ten scenes had 85 false finds, not 75. Clicks and skirts may become the
 * stronger burst that they are of, which tells them then. */
#define LEAST 0.7

static double energy(const struct g20_burst *b, const struct g20_occupied *o)
{
    return (o->power - o->noise) * (double)(b->stop - b->start);
}

/* The burst of those there that has most in common with @b; NULL: none has. */
static const struct g20_burst *same(const struct g20_burst *of, size_t n, const struct g20_burst *b)
{
    const struct g20_burst *best = NULL;
    double most = 0.0;

    for (size_t i = 0; i < n; i++) {
        const double common =
            (double)G20_MIN(of[i].stop, b->stop) - (double)G20_MAX(of[i].start, b->start);
        if (common > most) {
            most = common;
            best = &of[i];
        }
    }
    return best;
}

void g20_widen(struct g20_hand *hand, const struct g20_history *h, const struct g20_tile *t,
               const struct g20_floor *f, const float *noise, double f_lo, double f_hi,
               struct g20_burst *burst, struct g20_occupied *occupied)
{
    const uint64_t begin = g20_history_start(h), end = g20_history_end(h);

    for (int round = 0; round < ROUNDS; round++) {
        const struct g20_occupied *o = occupied;
        struct g20_burst near[NEAR];
        struct g20_envelope env;
        struct g20_occupied now;

        if (burst->stop - burst->start > LONGEST || o->power <= o->noise ||
            o->f_hi - o->f_lo < WIDER * (f_hi - f_lo))
            return;
        f_lo = fmax(o->f_lo, -0.5);
        f_hi = fmin(o->f_hi, 0.5);
        const uint64_t from = G20_MAX(burst->start > MARGIN ? burst->start - MARGIN : 0, begin);
        const uint64_t to = G20_MIN(burst->stop + MARGIN, end);
        if (to <= from)
            return;
        g20_envelope_make(hand->envelope, h, from, to, f_lo, f_hi, &env);
        const struct g20_segment_cfg cfg = {
            .noise = g20_floor_band(noise, env.pass_lo, env.pass_hi),
            .noise_min = g20_floor_band(f->noise, env.pass_lo, env.pass_hi),
            .bandwidth = 0.5 * (f_hi - f_lo),
            .width = f_hi - f_lo,
            .with_impulses = true,
        };
        const size_t n = g20_segment(hand->segmenter, &env, &cfg, near, NEAR);
        const struct g20_burst *b = same(near, n, burst);
        /* What reaches the ends of what was looked at has its edges elsewhere. */
        if (!b || n == NEAR || b->start <= from + env.step || b->stop + 2 * env.step >= to)
            return;
        g20_occupied_measure(hand->occupied, h, t, b->start, b->stop, f_lo, f_hi, f->noise, &now);
        if (now.power <= now.noise || energy(b, &now) < LEAST * energy(burst, occupied))
            return;
        *burst = *b;
        *occupied = now;
    }
}
