/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "source/scene_faults.h"

#include "base/alloc.h"
#include "base/rng.h"
#include "source/scene_math.h"

#include <errno.h>
#include <math.h>

#define BLOCK G20_SCENE_BLOCK
#define TWOPI 6.283185307179586

struct g20_scene_faults {
    /* Spurs are multiples of rate / BLOCK: one block of them repeats exactly. */
    _Alignas(G20_ALIGN) float spur_re[BLOCK], spur_im[BLOCK];
    struct g20_rng rng;
    struct g20_scene_fault_levels level;
    float image_re, image_im;         /* factor of the conjugate */
    double dc_re, dc_im;              /* mean */
    double drift_re, drift_im, drift; /* now; rms of one component */
};

int g20_scene_faults_create(struct g20_scene_faults **ret, uint64_t seed,
                            const struct g20_scene_noise *z)
{
    struct g20_scene_faults *f = g20_calloc_aligned(1, sizeof(*f));
    double spur_re[BLOCK] = {0}, spur_im[BLOCK] = {0};

    if (!f)
        return -ENOMEM;
    struct g20_rng *r = &f->rng;
    g20_rng_init(r, seed);

    f->level.image_dbc = g20_rng_range(r, -60, -40);
    const double turn = g20_rng_range(r, 0, TWOPI), image = pow(10, 0.05 * f->level.image_dbc);
    f->image_re = (float)(image * cos(turn));
    f->image_im = (float)(image * sin(turn));

    /* 15 to 35 dB over the noise in a bin of 1/4096 of the rate; a tenth of the power wanders. */
    const double bin = g20_scene_noise_density(z, 0) / 4096;
    f->level.dc_power = bin * pow(10, g20_rng_range(r, 1.5, 3.5));
    const double at = g20_rng_range(r, 0, TWOPI), dc = sqrt(0.9 * f->level.dc_power);
    f->dc_re = dc * cos(at);
    f->dc_im = dc * sin(at);
    f->drift = sqrt(0.05 * f->level.dc_power);

    for (int i = 0; i < G20_SCENE_SPURS; i++) {
        const uint64_t k = 200 + g20_rng_below(r, BLOCK / 2 - 400);
        const bool below = g20_rng_below(r, 2);
        const double freq = (below ? -(double)k : (double)k) / BLOCK;
        const double power = bin * pow(10, g20_rng_range(r, 0.6, 1.8)), phase = g20_rng_uniform(r);

        f->level.spur[i] = power;
        f->level.spur_freq[i] = freq;
        for (uint32_t n = 0; n < BLOCK; n++) {
            spur_re[n] += sqrt(power) * cos(TWOPI * (phase + freq * n));
            spur_im[n] += sqrt(power) * sin(TWOPI * (phase + freq * n));
        }
    }
    for (uint32_t n = 0; n < BLOCK; n++) {
        f->spur_re[n] = (float)spur_re[n];
        f->spur_im[n] = (float)spur_im[n];
    }
    *ret = f;
    return 0;
}

void g20_scene_faults_destroy(struct g20_scene_faults *f)
{
    g20_free(f);
}

void g20_scene_faults_levels(const struct g20_scene_faults *f, struct g20_scene_fault_levels *ret)
{
    *ret = f->level;
}

void g20_scene_faults_boxes(const struct g20_scene_faults *f, struct g20_scene_boxes *b,
                            double rate_hz)
{
    /* A line has no width: the box is two bins of 1/4096 wide, what an STFT can show of it. */
    for (int i = 0; i < G20_SCENE_SPURS; i++) {
        struct g20_scene_box box = {.sample_count = UINT64_MAX,
                                    .f_lo_hz = (f->level.spur_freq[i] - 1.0 / 4096) * rate_hz,
                                    .f_hi_hz = (f->level.spur_freq[i] + 1.0 / 4096) * rate_hz,
                                    .kind = "spur",
                                    .ignore = true};
        g20_scene_boxes_add(b, &box);
    }
}

struct line {
    float at, step;
};

G20_INLINE void apply(const struct g20_scene_faults *f, struct line dr, struct line di,
                      const float *restrict re, const float *restrict im, float *restrict out)
{
    const float kr = f->image_re, ki = f->image_im;

    for (int32_t n = 0; n < BLOCK; n++) {
        const float x = re[n] + f->spur_re[n], y = im[n] + f->spur_im[n], t = (float)n;

        out[2 * n] = x + kr * x + ki * y + (dr.at + dr.step * t);
        out[2 * n + 1] = y + ki * x - kr * y + (di.at + di.step * t);
    }
}

G20_SCENE_AVX2 static void apply_avx2(const struct g20_scene_faults *f, struct line dr,
                                      struct line di, const float *re, const float *im, float *out)
{
    apply(f, dr, di, re, im, out);
}

static void apply_plain(const struct g20_scene_faults *f, struct line dr, struct line di,
                        const float *re, const float *im, float *out)
{
    apply(f, dr, di, re, im, out);
}

/* The wandering part of DC: a first-order process of about 50 blocks, joined by straight lines. */
static struct line wander(struct g20_scene_faults *f, double mean, double *drift)
{
    const double from = mean + *drift, keep = 0.98;

    *drift = keep * *drift + f->drift * sqrt(1 - keep * keep) * g20_rng_normal(&f->rng);
    return (struct line){.at = (float)from, .step = (float)((mean + *drift - from) / BLOCK)};
}

void g20_scene_faults_apply(struct g20_scene_faults *f, const float *re, const float *im,
                            float complex *out)
{
    float *iq = (float *)out;

    if (!f) {
        for (uint32_t n = 0; n < BLOCK; n++) {
            iq[2 * n] = re[n];
            iq[2 * n + 1] = im[n];
        }
        return;
    }
    const struct line dr = wander(f, f->dc_re, &f->drift_re);
    const struct line di = wander(f, f->dc_im, &f->drift_im);
    if (G20_HAVE_AVX2)
        apply_avx2(f, dr, di, re, im, iq);
    else
        apply_plain(f, dr, di, re, im, iq);
}
