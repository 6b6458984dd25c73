/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* scene_noise: complex Gaussian noise, fast, with the gentle slope and roll-off of a receiver. */
#ifndef G20_SOURCE_SCENE_NOISE_H
#define G20_SOURCE_SCENE_NOISE_H

#include "base/base.h"

#include <stdint.h>

#define G20_NOISE_LANES 16

/* Private to scene_noise.c, public for its size. */
struct g20_scene_noise {
    _Alignas(G20_ALIGN) uint32_t s[4][G20_NOISE_LANES]; /* 16 generators side by side */
    float sigma;                                        /* of one component before the filter */
    float a0, c1, c2, s1, s2; /* response a0 + 2 c1 cos w + 2 c2 cos 2w + 2 s1 sin w + ... */
    float past_re[4], past_im[4];
};

/* @power: mean of |x|^2 over the band. @coloured: shaped as g20_scene_noise_density() says. */
void g20_scene_noise_init(struct g20_scene_noise *z, uint64_t seed, double power, int coloured);

/* The next @n samples, a multiple of G20_NOISE_LANES and at most G20_SCENE_BLOCK. */
void g20_scene_noise_fill(struct g20_scene_noise *z, float *re, float *im, uint32_t n);

/* Power a sample in an infinitesimal band at @f cycles a sample (-0.5 .. 0.5), times the rate: the
 * mean over the band is the power. */
double g20_scene_noise_density(const struct g20_scene_noise *z, double f);

#endif
