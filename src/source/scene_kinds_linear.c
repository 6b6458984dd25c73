/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Linear modulations: pulse-shaped symbols on one carrier, and OFDM. */
#include "source/scene_kind.h"

#include <math.h>
#include <string.h>

#define SPAN 8 /* symbols that a pulse lasts */
#define PI   3.141592653589793

/* Root-raised-cosine pulse, @t in symbols, roll-off @b; 1 at t = 0 up to a factor. */
static double rrc(double t, double b)
{
    if (fabs(t) < 1e-9)
        return 1 - b + 4 * b / PI;
    if (fabs(fabs(4 * b * t) - 1) < 1e-6)
        return b / sqrt(2) * ((1 + 2 / PI) * sin(PI / (4 * b)) + (1 - 2 / PI) * cos(PI / (4 * b)));
    return (sin(PI * t * (1 - b)) + 4 * b * t * cos(PI * t * (1 + b))) /
           (PI * t * (1 - 16 * b * b * t * t));
}

/* .span: samples a symbol; .len: points of the constellation on an axis; .re: (span, SPAN) pulse;
 * .im: (2, SPAN) the symbols under it, newest last; .at: sample within the symbol. */
static void init_linear(struct g20_gen *g, uint32_t points, bool quadrature)
{
    const double roll = g20_rng_range(&g->rng, 0.2, 0.5);
    double power = 0;

    g->span = (uint32_t)G20_CLAMP((1 + roll) / g->bw + 0.5, 2.0, (double)(G20_GEN_TABLE / SPAN));
    g->len = points;
    g->level[0] = sqrt(3.0 / (points * points - 1) / (quadrature ? 2 : 1)); /* unit power */
    g->level[1] = quadrature;
    for (uint32_t p = 0; p < g->span; p++) {
        for (uint32_t k = 0; k < SPAN; k++) {
            const double h = rrc((double)p / g->span + (double)(SPAN / 2) - 1 - k, roll);

            g->re[p * SPAN + k] = (float)h;
            power += h * h;
        }
    }
    for (uint32_t i = 0; i < g->span * SPAN; i++)
        g->re[i] *= (float)sqrt(g->span / power);
    g->at = g->span;
}

void g20_gen_init_bpsk(struct g20_gen *g)
{
    init_linear(g, 2, false);
}

void g20_gen_init_qpsk(struct g20_gen *g)
{
    init_linear(g, 2, true);
}

/* Eight phases: .len 0 stands for them. */
void g20_gen_init_psk8(struct g20_gen *g)
{
    init_linear(g, 2, true);
    g->len = 0;
}

void g20_gen_init_qam64(struct g20_gen *g)
{
    init_linear(g, 8, true);
}

void g20_gen_init_qam16(struct g20_gen *g)
{
    init_linear(g, 4, true);
}

static float level_of(struct g20_gen *g)
{
    const double level = 2 * (double)g20_rng_below(&g->rng, g->len) - (double)(g->len - 1);

    return (float)(g->level[0] * level);
}

/* The next symbol, as number @k of those under the pulse. */
static void symbol(struct g20_gen *g, uint32_t k)
{
    if (g->len == 0) {
        const double turn = PI / 4 * (double)g20_rng_below(&g->rng, 8);
        g->im[k] = (float)cos(turn);
        g->im[SPAN + k] = (float)sin(turn);
        return;
    }
    g->im[k] = level_of(g);
    g->im[SPAN + k] = g->level[1] > 0 ? level_of(g) : 0;
}

void g20_gen_fill_linear(struct g20_gen *g, float *re, float *im, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        float r = 0, m = 0;

        if (g->at == g->span) {
            g->at = 0;
            memmove(g->im, g->im + 1, (2 * SPAN - 1) * sizeof(*g->im));
            symbol(g, SPAN - 1);
            if (g->phase == 0) { /* the very first: the pulses before it are on their way */
                for (uint32_t k = 0; k < SPAN - 1; k++)
                    symbol(g, k);
                g->phase = 1;
            }
        }
        const float *h = g->re + g->at * SPAN;
        for (uint32_t k = 0; k < SPAN; k++) {
            r += h[k] * g->im[k];
            m += h[k] * g->im[SPAN + k];
        }
        re[i] = r;
        im[i] = m;
        g->at++;
    }
}

/* OFDM: 64 to 1024 carriers' worth of transform, filled as far as the wanted bandwidth goes but
 * for the one in the middle, QPSK or 16-QAM on each, cyclic prefix of 1/4 to 1/16. .span: size of
 * the transform; the twiddle factors live behind the longest symbol. */
#define FACTORS 1280

void g20_gen_init_ofdm(struct g20_gen *g)
{
    g->span = 64u << g20_rng_below(&g->rng, 5);
    while (g->span > 64 && g->count < 4 * g->span) /* a burst holds a few symbols */
        g->span /= 2;
    g->len = g->span + (g->span >> (2 + g20_rng_below(&g->rng, 3)));
    g->at = g->len;
    g->step = (uint32_t)G20_CLAMP(0.5 * g->bw * g->span, 1, 0.5 * g->span - 1); /* to each side */
    g->level[1] = g20_rng_below(&g->rng, 2) ? 4 : 2;
    g->level[0] = sqrt(3.0 / (g->level[1] * g->level[1] - 1) / 2 / (2 * g->step));
    g20_scene_fft_factors(g->re + FACTORS, g->im + FACTORS, g->span);
}

/* SC-FDMA: QPSK through a transform over the carriers in use, so that their number is a power of
 * two; .level[2] marks it. */
void g20_gen_init_scfdma(struct g20_gen *g)
{
    g20_gen_init_ofdm(g);
    uint32_t half = 1;
    while (2 * half <= g->step)
        half *= 2;
    g->step = half;
    g->level[1] = 2;
    g->level[2] = 1;
    g->level[0] = sqrt(1.0 / 2 / (2 * half));
}

/* Symbols of carriers -.step .. -1 and 1 .. .step, spread over all of them. */
static void spread(struct g20_gen *g, float *re, float *im, uint32_t n)
{
    float x[2][G20_GEN_TABLE / 2];
    uint32_t m = 2, every = n / 2;

    for (; m < 2 * g->step && every > 1; every /= 2)
        m *= 2;
    const float scale = (float)g->level[0] / sqrtf((float)m);

    for (uint32_t k = 0; k < m; k++) {
        const uint64_t bits = g20_rng_u64(&g->rng);
        x[0][k] = bits & 1 ? scale : -scale;
        x[1][k] = bits & 2 ? scale : -scale;
    }
    g20_scene_fft(x[0], x[1], m, g->re + FACTORS, g->im + FACTORS, every);
    for (uint32_t k = 0; k < m; k++) {
        const uint32_t to = k < g->step ? k + 1 : n - m + k;
        re[to] = x[0][k];
        im[to] = x[1][k];
    }
}

static void make_symbol(struct g20_gen *g)
{
    const uint32_t n = g->span, prefix = g->len - n, points = (uint32_t)(int32_t)g->level[1];
    const float scale = (float)g->level[0];
    float *re = g->re + prefix, *im = g->im + prefix;

    memset(re, 0, n * sizeof(*re));
    memset(im, 0, n * sizeof(*im));
    if (g->level[2] > 0)
        spread(g, re, im, n);
    for (uint32_t k = 1; k <= g->step && g->level[2] <= 0; k++) {
        const uint64_t bits = g20_rng_u64(&g->rng);
        const int top = (int)points - 1, mask = top;

        re[k] = scale * (float)(2 * (int)(bits & 3 & (uint64_t)mask) - top);
        im[k] = scale * (float)(2 * (int)(bits >> 2 & 3 & (uint64_t)mask) - top);
        re[n - k] = scale * (float)(2 * (int)(bits >> 4 & 3 & (uint64_t)mask) - top);
        im[n - k] = scale * (float)(2 * (int)(bits >> 6 & 3 & (uint64_t)mask) - top);
    }
    g20_scene_fft(re, im, n, g->re + FACTORS, g->im + FACTORS, 1);
    memcpy(g->re, g->re + n, prefix * sizeof(*re));
    memcpy(g->im, g->im + n, prefix * sizeof(*im));
    g->at = 0;
}

void g20_gen_fill_ofdm(struct g20_gen *g, float *re, float *im, uint32_t n)
{
    for (uint32_t i = 0; i < n;) {
        if (g->at == g->len)
            make_symbol(g);
        const uint32_t len = G20_MIN(n - i, g->len - g->at);

        memcpy(re + i, g->re + g->at, len * sizeof(*re));
        memcpy(im + i, g->im + g->at, len * sizeof(*im));
        g->at += len;
        i += len;
    }
}
