/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Kinds of constant amplitude: all of the signal is in the phase, an unsigned fraction of a turn.
 */
#include "source/scene_kind.h"
#include "source/scene_math.h"

#include <math.h>

static uint32_t turns(double t)
{
    return (uint32_t)(int64_t)floor(t * 4294967296.0 + 0.5);
}

/* 2-FSK: rate and modulation index share the wanted bandwidth by Carson's rule. */
void g20_gen_init_fsk(struct g20_gen *g)
{
    const double h = g20_rng_range(&g->rng, 0.7, 3);

    g->dt = g->bw / (h + 1); /* symbols a sample */
    g->level[0] = 0.5 * h * g->dt;
    g->t = 1;
}

void g20_gen_fill_fsk(struct g20_gen *g, float *re, float *im, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (g->t >= 1) {
            g->t -= 1;
            g->step = turns(g20_rng_below(&g->rng, 2) ? g->level[0] : -g->level[0]);
        }
        g20_turn(g->phase, &re[i], &im[i]);
        g->phase += g->step;
        g->t += g->dt;
    }
}

/* An oscillator with close-in noise: its frequency wanders about zero. */
void g20_gen_init_carrier(struct g20_gen *g)
{
    g->level[1] = 0.02 * g->bw; /* one over the correlation time */
    g->level[2] = 0.19 * g->bw; /* rms deviation */
    g->level[0] = g->level[2] * g20_rng_normal(&g->rng);
}

void g20_gen_fill_carrier(struct g20_gen *g, float *re, float *im, uint32_t n)
{
    const double keep = 1 - g->level[1], add = g->level[2] * sqrt(1 - keep * keep);

    for (uint32_t i = 0; i < n; i++) {
        g20_turn(g->phase, &re[i], &im[i]);
        g->level[0] = keep * g->level[0] + add * g20_rng_normal(&g->rng);
        g->phase += turns(g->level[0]);
    }
}

/* One linear sweep, up or down, from edge to edge over the whole burst. */
void g20_gen_init_chirp(struct g20_gen *g)
{
    const double dir = g20_rng_below(&g->rng, 2) ? 1 : -1;

    g->t = -0.5 * dir * g->bw;
    g->dt = dir * g->bw / (double)G20_MAX(g->count, 1u);
}

void g20_gen_fill_chirp(struct g20_gen *g, float *re, float *im, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        g20_turn(g->phase, &re[i], &im[i]);
        g->phase += turns(g->t);
        g->t += g->dt;
    }
}
