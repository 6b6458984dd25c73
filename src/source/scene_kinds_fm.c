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

/* Frequency-shift keying. The frequency pulse of a symbol is kept in .re as PULSE points over each
 * of three symbols: one symbol of constant frequency, or that through a Gaussian filter. */
#define PULSE 64

/* @h: modulation index; @bt: bandwidth-time product of the Gaussian, 0: no filter. Symbol rate and
 * index share the wanted bandwidth by Carson's rule. */
static void init_fsk(struct g20_gen *g, double h, double bt)
{
    g->dt = g->bw / (h + 1); /* symbols a sample */
    for (int i = 0; i < 3 * PULSE; i++) {
        const double t = (i + 0.5) / PULSE - 1.5, k = 7.546287 * bt; /* 2 pi bt / sqrt(ln 2) */
        const double p = bt > 0
                             ? 0.5 * (erf(k * (t + 0.5) / sqrt(2)) - erf(k * (t - 0.5) / sqrt(2)))
                             : fabs(t) < 0.5;

        g->re[i] = (float)(0.5 * h * g->dt * 4294967296.0 * p);
    }
    for (int i = 0; i < 3; i++)
        g->level[i] = g20_rng_below(&g->rng, 2) ? 1 : -1;
}

void g20_gen_init_fsk(struct g20_gen *g)
{
    init_fsk(g, g20_rng_range(&g->rng, 0.7, 3), 0);
}

void g20_gen_init_gfsk(struct g20_gen *g)
{
    init_fsk(g, g20_rng_range(&g->rng, 0.4, 1), 0.5);
}

void g20_gen_init_msk(struct g20_gen *g)
{
    init_fsk(g, 0.5, 0);
}

void g20_gen_init_gmsk(struct g20_gen *g)
{
    init_fsk(g, 0.5, 0.3);
}

void g20_gen_fill_fsk(struct g20_gen *g, float *re, float *im, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t at = (uint32_t)(int32_t)(g->t * PULSE);
        const double step = g->level[0] * (double)g->re[at + 2 * PULSE] +
                            g->level[1] * (double)g->re[at + PULSE] +
                            g->level[2] * (double)g->re[at];

        g20_turn(g->phase, &re[i], &im[i]);
        g->phase += (uint32_t)(int32_t)step;
        g->t += g->dt;
        if (g->t >= 1) {
            g->t -= 1;
            g->level[0] = g->level[1];
            g->level[1] = g->level[2];
            g->level[2] = g20_rng_below(&g->rng, 2) ? 1 : -1;
        }
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

/* Sweeps from edge to edge without a pause, one after the other. */
void g20_gen_init_fmcw(struct g20_gen *g)
{
    const double sweep = g20_rng_log_range(&g->rng, 100, 3000) / g->bw;

    g20_gen_init_chirp(g);
    g->dt *= (double)G20_MAX(g->count, 1u) / sweep;
}

void g20_gen_fill_chirp(struct g20_gen *g, float *re, float *im, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        g20_turn(g->phase, &re[i], &im[i]);
        g->phase += turns(g->t);
        g->t += g->dt;
        if (fabs(g->t) > 0.5 * g->bw && g->t * g->dt > 0)
            g->t -= copysign(g->bw, g->t);
    }
}

/* Frequency-modulated television: lines with a synchronising pulse and a porch, then a picture of
 * patches and a colour carrier; the deviation goes with the level. .level: 0 picture, 1 its goal,
 * 2 lines a sample, 3 deviation; .t place in the line. */
void g20_gen_init_video(struct g20_gen *g)
{
    g->level[2] = g->bw / g20_rng_range(&g->rng, 400, 1000);
    g->level[3] = g20_rng_range(&g->rng, 0.25, 0.4) * g->bw;
    g->step = turns(0.28 * g->bw);             /* of the colour carrier */
    g->dt = g20_rng_range(&g->rng, 0.02, 0.1); /* its strength */
}

void g20_gen_fill_video(struct g20_gen *g, float *re, float *im, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        float c, s;

        if (g20_rng_below(&g->rng, 64) == 0)
            g->level[1] = g20_rng_range(&g->rng, 0, 1);
        g->level[0] += 0.2 * (g->level[1] - g->level[0]);
        g20_turn(g->at, &c, &s);
        g->at += g->step;
        const double picture = 1.4 * g->level[0] - 0.4 + g->dt * (double)c;
        const double level = g->t < 0.075 ? -1 : g->t < 0.16 ? -0.4 : picture;
        g20_turn(g->phase, &re[i], &im[i]);
        g->phase += turns(g->level[3] * level);
        g->t += g->level[2];
        if (g->t >= 1)
            g->t -= 1;
    }
}

/* LoRa-like: symbols of 2^SF chips, each one sweep over the band from a start that is the symbol;
 * eight plain sweeps come first. */
void g20_gen_init_lora(struct g20_gen *g)
{
    g->len = 1u << (7 + g20_rng_below(&g->rng, 4));
    g->dt = g->bw / g->len; /* symbols a sample */
    g->level[0] = 0;
}

void g20_gen_fill_lora(struct g20_gen *g, float *re, float *im, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        double x = g->level[0] + g->t;

        x -= floor(x);
        g20_turn(g->phase, &re[i], &im[i]);
        g->phase += turns(g->bw * (x - 0.5));
        g->t += g->dt;
        if (g->t >= 1) {
            g->t -= 1;
            if (++g->at >= 8)
                g->level[0] = (double)g20_rng_below(&g->rng, g->len) / g->len;
        }
    }
}
