/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Kinds that switch a carrier on and off. A packet is a list of marks; an edge is a raised cosine
 * whose half-amplitude point is where the mark begins or ends, so that a packet's first and last
 * edges are known to the sample. re[i] and im[i] are the start and end of mark i, in baseband
 * samples from the half-amplitude point of the first. */
#include "source/scene_kind.h"

#include <math.h>

/* Key down or up for @len samples; .t is the time so far. */
static void key(struct g20_gen *g, bool down, double len)
{
    if (down && g->len && (double)g->im[g->len - 1] >= g->t) {
        g->im[g->len - 1] = (float)(g->t + len); /* goes on without an edge */
    } else if (down && g->len < G20_GEN_TABLE) {
        g->re[g->len] = (float)g->t;
        g->im[g->len++] = (float)(g->t + len);
    }
    g->t += len;
}

/* The waveform runs from half an edge before the first mark to half an edge after the last. */
static void end_packet(struct g20_gen *g)
{
    const double skip = (double)g->re[0];

    for (uint32_t i = 0; i < g->len; i++) {
        g->re[i] = (float)((double)g->re[i] - skip);
        g->im[i] = (float)((double)g->im[i] - skip);
    }
    g->count = (uint64_t)g->im[g->len - 1] + g->edge;
    g->t = -0.5 * g->edge;
}

/* A remote control's packet: a preamble, then bits in Manchester code or as short and long marks
 * (PWM), the whole repeated one to twelve times with gaps of 4 to 30 chips. */
void g20_gen_init_ook(struct g20_gen *g)
{
    const double chip = floor(1.0 / g->bw + 0.5);
    const uint32_t bits = 12 + (uint32_t)g20_rng_below(&g->rng, 53);
    const uint32_t repeats = (uint32_t)g20_rng_log_range(&g->rng, 1, 13);
    const double gap = g20_rng_log_range(&g->rng, 4, 30) * chip;
    const bool manchester = g20_rng_below(&g->rng, 2);
    const uint64_t word = g20_rng_u64(&g->rng);

    g->edge = (uint32_t)(chip / 3) + 1;
    for (uint32_t r = 0; r < repeats; r++) {
        for (uint32_t i = 0; i < 8; i++)
            key(g, i % 2 == 0, chip);
        for (uint32_t i = 0; i < bits; i++) {
            const bool one = word >> i & 1;

            key(g, manchester ? one : true, manchester || !one ? chip : 3 * chip);
            key(g, manchester ? !one : false, manchester || one ? chip : 3 * chip);
        }
        key(g, false, gap);
    }
    end_packet(g);
}

/* A short message at a high rate, as transponders send it: a preamble of four pulses, then bits
 * each a pulse in the first or second half of its time. */
void g20_gen_init_ppm(struct g20_gen *g)
{
    const double chip = floor(1.0 / g->bw + 0.5);
    const uint32_t bits = g20_rng_below(&g->rng, 2) ? 56 : 112;
    static const double pause[4] = {1, 4, 1, 6};

    g->edge = (uint32_t)(chip / 3) + 1;
    for (int i = 0; i < 4; i++) {
        key(g, true, chip);
        key(g, false, pause[i] * chip);
    }
    for (uint32_t i = 0; i < bits; i++) {
        const bool one = g20_rng_below(&g->rng, 2);

        key(g, one, chip);
        key(g, !one, chip);
    }
    end_packet(g);
}

/* Letters of one to four dots (1 unit) and dashes (3), with the gaps of Morse code: 1 unit within a
 * letter, 3 between letters, 7 between words. */
void g20_gen_init_morse(struct g20_gen *g)
{
    const double unit = floor(2.0 / g->bw + 0.5);
    const uint32_t words = 1 + (uint32_t)g20_rng_below(&g->rng, 4);

    g->edge = (uint32_t)(unit / 6) + 1;
    for (uint32_t w = 0; w < words; w++) {
        for (uint64_t letters = 2 + g20_rng_below(&g->rng, 5); letters > 0; letters--) {
            for (uint64_t marks = 1 + g20_rng_below(&g->rng, 4); marks > 0; marks--) {
                key(g, true, g20_rng_below(&g->rng, 2) ? 3 * unit : unit);
                key(g, false, unit);
            }
            key(g, false, 2 * unit);
        }
        key(g, false, 4 * unit);
    }
    end_packet(g);
}

/* One plain pulse. */
void g20_gen_init_pulse(struct g20_gen *g)
{
    const double len = floor(1.0 / g->bw + 0.5);

    g->edge = (uint32_t)(len * g20_rng_range(&g->rng, 0.1, 0.3)) + 1;
    key(g, true, len);
    end_packet(g);
}

/* Share of the amplitude at @x edges after the middle of an edge. */
static double rise(double x)
{
    return x <= -0.5 ? 0 : x >= 0.5 ? 1 : 0.5 + 0.5 * sin(3.141592653589793 * x);
}

void g20_gen_fill_keyed(struct g20_gen *g, float *re, float *im, uint32_t n)
{
    const double e = 1.0 / g->edge;

    for (uint32_t i = 0; i < n; i++, g->t += 1) {
        while (g->at < g->len && (g->t - (double)g->im[g->at]) * e >= 0.5)
            g->at++;
        re[i] = 0;
        im[i] = 0;
        if (g->at < g->len)
            re[i] = (float)G20_MIN(rise((g->t - (double)g->re[g->at]) * e),
                                   rise(((double)g->im[g->at] - g->t) * e));
    }
}
