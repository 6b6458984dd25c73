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

/* One word of each generator; the compiler splits it into what the machine has. */
typedef uint32_t lanes __attribute__((vector_size(4 * LANES)));

/* @n random words, LANES at a time from generators side by side. */
G20_INLINE void fill_words(struct g20_scene_noise *z, uint32_t *restrict out, uint32_t n)
{
    lanes s[4];

    memcpy(s, z->s, sizeof(s));
    for (uint32_t at = 0; at < n; at += LANES) {
        const lanes sum = s[0] + s[3], t = s[1] << 9, word = ((sum << 7) | (sum >> 25)) + s[0];

        memcpy(out + at, &word, sizeof(word));
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = (s[3] << 11) | (s[3] >> 21);
    }
    memcpy(z->s, s, sizeof(s));
}

/* Box-Muller: two words make the two components of a sample. */
G20_INLINE void normals(const uint32_t *restrict u, const uint32_t *restrict v, float *restrict re,
                        float *restrict im, float sigma, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        /* Uniform in (0, 1]; the logarithm may come out a hair above zero. */
        const float x = ((float)(int32_t)(u[i] >> 1) + 0.5f) * 0x1p-31f;
        const float l = -2.0f * g20_log_f(x);
        const float r = sigma * sqrtf(l > 0.0f ? l : 0.0f);
        float c, s;

        g20_turn(v[i], &c, &s);
        re[i] = r * c;
        im[i] = r * s;
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
    _Alignas(G20_ALIGN) uint32_t u[G20_SCENE_BLOCK], v[G20_SCENE_BLOCK];
};

G20_INLINE void fill(struct g20_scene_noise *z, float *re, float *im, uint32_t n)
{
    struct rows w;

    fill_words(z, w.u, n);
    fill_words(z, w.v, n);
    memcpy(w.re, z->past_re, sizeof(z->past_re));
    memcpy(w.im, z->past_im, sizeof(z->past_im));
    normals(w.u, w.v, w.re + 4, w.im + 4, z->sigma, n);
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
