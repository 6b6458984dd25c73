/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Noise is most of a scene's cost, so: sixteen xoshiro128++ generators side by side (period
 * 2^128 - 1 each, so nothing ever repeats), Box-Muller with branch-free polynomials, and a
 * five-tap filter whose conjugate-symmetric taps make a real response. The largest deviation that
 * 31 bits reach is 6.6 sigma, once in 2^31 samples. */
#include "source/scene_noise.h"

#include "base/rng.h"
#include "source/scene.h"
#include "source/scene_math.h"

#include <math.h>

#define LANES G20_NOISE_LANES

/* Two components of noise a lane from two 32-bit words a lane. */
G20_INLINE void fill_white(struct g20_scene_noise *z, float *restrict re, float *restrict im,
                           uint32_t n)
{
    const float sigma = z->sigma;
    uint32_t word[2][LANES];

    for (uint32_t at = 0; at < n; at += LANES) {
        for (int half = 0; half < 2; half++) {
            for (int k = 0; k < LANES; k++) {
                const uint32_t s0 = z->s[0][k], s1 = z->s[1][k], s3 = z->s[3][k];
                const uint32_t sum = s0 + s3, t = s1 << 9, s2 = z->s[2][k] ^ s0, x3 = s3 ^ s1;

                word[half][k] = ((sum << 7) | (sum >> 25)) + s0;
                z->s[1][k] = s1 ^ s2;
                z->s[0][k] = s0 ^ x3;
                z->s[2][k] = s2 ^ t;
                z->s[3][k] = (x3 << 11) | (x3 >> 21);
            }
        }
        for (int k = 0; k < LANES; k++) {
            /* Uniform in (0, 1]; the logarithm may come out a hair above zero. */
            const float u = ((float)(int32_t)(word[0][k] >> 1) + 0.5f) * 0x1p-31f;
            const float l = -2.0f * g20_log_f(u);
            const float r = sigma * sqrtf(l > 0.0f ? l : 0.0f);
            float c, s;

            g20_turn(word[1][k], &c, &s);
            re[at + k] = r * c;
            im[at + k] = r * s;
        }
    }
}

/* y[n] = a0 x[n] + (c1 + i s1) x[n-1] ... around the middle tap; @re/@im hold four past samples in
 * front. The result goes where the past begins, so input may be overwritten front to back. */
G20_INLINE void colour(const struct g20_scene_noise *z, const float *restrict re,
                       const float *restrict im, float *restrict out_re, float *restrict out_im,
                       uint32_t n)
{
    const float a0 = z->a0, c1 = z->c1, c2 = z->c2, s1 = z->s1, s2 = z->s2;

    for (uint32_t i = 0; i < n; i++) {
        const float er1 = re[i + 1] + re[i + 3], ei1 = im[i + 1] + im[i + 3];
        const float dr1 = re[i + 3] - re[i + 1], di1 = im[i + 3] - im[i + 1];
        const float er2 = re[i] + re[i + 4], ei2 = im[i] + im[i + 4];
        const float dr2 = re[i + 4] - re[i], di2 = im[i + 4] - im[i];

        /* x[n+k] - x[n-k] has the spectrum 2 i sin(k w); times -i s_k it is 2 s_k sin(k w). */
        out_re[i] = a0 * re[i + 2] + c1 * er1 + c2 * er2 + s1 * di1 + s2 * di2;
        out_im[i] = a0 * im[i + 2] + c1 * ei1 + c2 * ei2 - s1 * dr1 - s2 * dr2;
    }
}

struct rows {
    _Alignas(G20_ALIGN) float re[G20_SCENE_BLOCK + 4], im[G20_SCENE_BLOCK + 4];
};

G20_INLINE void fill(struct g20_scene_noise *z, float *re, float *im, uint32_t n)
{
    struct rows w;

    memcpy(w.re, z->past_re, sizeof(z->past_re));
    memcpy(w.im, z->past_im, sizeof(z->past_im));
    fill_white(z, w.re + 4, w.im + 4, n);
    colour(z, w.re, w.im, re, im, n);
    memcpy(z->past_re, w.re + n, sizeof(z->past_re));
    memcpy(z->past_im, w.im + n, sizeof(z->past_im));
}

G20_SCENE_AVX2 static void fill_avx2(struct g20_scene_noise *z, float *re, float *im, uint32_t n)
{
    fill(z, re, im, n);
}

static void fill_plain(struct g20_scene_noise *z, float *re, float *im, uint32_t n)
{
    fill(z, re, im, n);
}

void g20_scene_noise_fill(struct g20_scene_noise *z, float *re, float *im, uint32_t n)
{
    if (G20_HAVE_AVX2)
        fill_avx2(z, re, im, n);
    else
        fill_plain(z, re, im, n);
}

void g20_scene_noise_init(struct g20_scene_noise *z, uint64_t seed, double power, int coloured)
{
    struct g20_rng rng;

    memset(z, 0, sizeof(*z));
    g20_rng_init(&rng, seed);
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < LANES; k++)
            z->s[i][k] = (uint32_t)(g20_rng_u64(&rng) >> 32);
    for (int k = 0; k < LANES; k++)
        z->s[0][k] |= 1; /* the all-zero state is the one that never moves */

    double a0 = 1, c1 = 0, c2 = 0, s1 = 0, s2 = 0;
    if (coloured) {
        /* Flat in the middle, 2.5 to 4.5 dB down at the edges, and up to 1 dB of slope. */
        c1 = g20_rng_range(&rng, 0.07, 0.11);
        c2 = -0.25 * c1;
        s1 = g20_rng_range(&rng, -0.06, 0.06);
        s2 = -0.25 * s1;
    }
    /* Parseval: the mean of the squared response is the sum of the squared taps. */
    const double mean = a0 * a0 + 2 * (c1 * c1 + c2 * c2 + s1 * s1 + s2 * s2);
    const double g = 1 / sqrt(mean);
    z->a0 = (float)(a0 * g);
    z->c1 = (float)(c1 * g);
    z->c2 = (float)(c2 * g);
    z->s1 = (float)(s1 * g);
    z->s2 = (float)(s2 * g);
    z->sigma = (float)sqrt(power / 2);
}

double g20_scene_noise_density(const struct g20_scene_noise *z, double f)
{
    const double w = 6.283185307179586 * f;
    const double h =
        z->a0 + 2 * (z->c1 * cos(w) + z->c2 * cos(2 * w) + z->s1 * sin(w) + z->s2 * sin(2 * w));

    return h * h * 2 * (double)z->sigma * (double)z->sigma;
}
