/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Analogue modulations of something like speech or music: noise through two formants and a
 * low-pass, with syllables and pauses (speech) or without (music). */
#include "source/scene_kind.h"
#include "source/scene_math.h"

#include <math.h>

#define TWOPI 6.283185307179586

/* Second-order sections in .re: b0 b1 b2 a1 a2 of each; their states in .im, twice (real and
 * imaginary audio). .level: 0 audio bandwidth, 1 envelope, 2 depth of syllables, 3 and 4 the kind's
 * own, 5 gain; .t time within a syllable, .dt syllables a sample. */
enum { SECTIONS = 4, COEFS = 5, STATES = 2 };

static void section(struct g20_gen *g, uint32_t i, double b0, double b1, double b2, double a1,
                    double a2)
{
    const double c[COEFS] = {b0, b1, b2, a1, a2};

    for (int k = 0; k < COEFS; k++)
        g->re[i * COEFS + (uint32_t)k] = (float)c[k];
}

/* Butterworth low-pass section of quality @q at @f cycles a sample (bilinear transform). */
static void low_pass(struct g20_gen *g, uint32_t i, double f, double q)
{
    const double w = TWOPI * f, alpha = sin(w) / (2 * q), c = cos(w), a0 = 1 + alpha;

    section(g, i, (1 - c) / 2 / a0, (1 - c) / a0, (1 - c) / 2 / a0, -2 * c / a0, (1 - alpha) / a0);
}

/* A peak of 4 (12 dB) around @f: the cookbook's peaking section. */
static void formant(struct g20_gen *g, uint32_t i, double f)
{
    const double w = TWOPI * f, alpha = sin(w) / (2 * 1.5), a = 2, a0 = 1 + alpha / a;

    section(g, i, (1 + alpha * a) / a0, -2 * cos(w) / a0, (1 - alpha * a) / a0, -2 * cos(w) / a0,
            (1 - alpha / a) / a0);
}

static double filter(struct g20_gen *g, float *state, double x)
{
    for (int i = 0; i < SECTIONS; i++) {
        const float *c = g->re + i * COEFS;
        float *z = state + i * STATES;
        const double y = (double)c[0] * x + (double)z[0];

        z[0] = (float)((double)c[1] * x - (double)c[3] * y + (double)z[1]);
        z[1] = (float)((double)c[2] * x - (double)c[4] * y);
        x = y;
    }
    return x;
}

static double noise(struct g20_gen *g)
{
    return (g20_rng_uniform(&g->rng) - 0.5) *
           3.4641016; /* unit variance; filters make it Gaussian */
}

/* Loudness: raised-cosine syllables of random strength, one in six a pause. */
static double envelope(struct g20_gen *g)
{
    g->t += g->dt;
    if (g->t >= 1) {
        g->t -= 1;
        g->level[1] = g20_rng_below(&g->rng, 6) ? g20_rng_range(&g->rng, 0.5, 1.5) : 0;
    }
    return 1 - g->level[2] + g->level[2] * g->level[1] * (1 - cos(TWOPI * g->t));
}

static double audio(struct g20_gen *g)
{
    return g->level[5] * envelope(g) * filter(g, g->im, noise(g));
}

/* @w: highest frequency, cycles a sample; @speech: syllables and pauses. Ends with the gain that
 * makes the audio's rms 1, and with filters that have settled. */
static void init_audio(struct g20_gen *g, double w, double speech)
{
    double power = 0;

    formant(g, 0, 0.2 * w);
    formant(g, 1, 0.5 * w);
    low_pass(g, 2, w, 0.541196);
    low_pass(g, 3, w, 1.306563);
    g->level[0] = w;
    g->level[1] = 1;
    g->level[2] = 0;
    g->level[5] = 1;
    g->dt = w / 300; /* speech of 3 kHz: ten syllables a second */
    for (int i = 0; i < 4096; i++) {
        const double a = audio(g);
        power += a * a / 4096;
    }
    /* Mean square of envelope(): its strength is 0 in a sixth of the syllables, else 0.5..1.5. */
    const double d = speech, square = (1 - d) * (1 - d) + 2 * (1 - d) * d * 0.8333 + d * d * 1.354;

    g->level[2] = speech;
    g->level[5] = 1 / sqrt(G20_MAX(power, 1e-3) * square);
}

/* Highest audio frequency and deviation share the bandwidth by Carson's rule; @index: peak
 * deviation over highest frequency, the peak being 2.5 times the rms. */
static void init_fm(struct g20_gen *g, double index, double speech)
{
    const double w = 0.5 * g->bw / (1 + index);

    init_audio(g, w, speech);
    g->level[3] = index * w / 2.5;
}

void g20_gen_init_nbfm(struct g20_gen *g)
{
    init_fm(g, g20_rng_range(&g->rng, 0.8, 1.7), 0.9);
}

void g20_gen_init_wbfm(struct g20_gen *g)
{
    init_fm(g, g20_rng_range(&g->rng, 4, 6), 0.3);
}

void g20_gen_fill_fm(struct g20_gen *g, float *re, float *im, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const double step = G20_CLAMP(g->level[3] * audio(g), -0.45, 0.45);

        g20_turn(g->phase, &re[i], &im[i]);
        g->phase += (uint32_t)(int32_t)(step * 4294967296.0);
    }
}

/* Double-sideband AM with full carrier; over-modulation is limited as in a transmitter. */
void g20_gen_init_am(struct g20_gen *g)
{
    init_audio(g, 0.5 * g->bw, 0.8);
    g->level[3] = g20_rng_range(&g->rng, 0.25, 0.4);
    g->level[4] = 1 / sqrt(1 + g->level[3] * g->level[3]);
}

void g20_gen_fill_am(struct g20_gen *g, float *re, float *im, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const double m = G20_CLAMP(g->level[3] * audio(g), -0.95, 1.5);

        re[i] = (float)(g->level[4] * (1 + m));
        im[i] = 0;
    }
}

/* Upper or lower sideband: complex audio of half the bandwidth, moved to one side. */
void g20_gen_init_ssb(struct g20_gen *g)
{
    init_audio(g, 0.5 * g->bw, 0.7);
    g->step = (uint32_t)(int32_t)(0.55 * g->bw * 4294967296.0);
    if (g20_rng_below(&g->rng, 2))
        g->step = 0u - g->step;
}

void g20_gen_fill_ssb(struct g20_gen *g, float *re, float *im, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const double e = envelope(g) * g->level[5] * 0.70710678;
        const float x = (float)(e * filter(g, g->im, noise(g)));
        const float y = (float)(e * filter(g, g->im + SECTIONS * STATES, noise(g)));
        float c, s;

        g20_turn(g->phase, &c, &s);
        re[i] = x * c - y * s;
        im[i] = x * s + y * c;
        g->phase += g->step;
    }
}
