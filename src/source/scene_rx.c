/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "source/scene_rx.h"

#include "base/alloc.h"
#include "base/rng.h"
#include "source/scene.h"
#include "source/scene_math.h"

#include <errno.h>
#include <math.h>

enum {
    BLOCK = G20_SCENE_BLOCK,
    TAPS = G20_SCENE_RX_TAPS,
    PAST = 2 * (TAPS - 1), /* floats */
    RUN = 16,              /* samples over which the oscillator's phase is a straight line */
};

#define PI 3.141592653589793

struct g20_scene_rx {
    struct g20_rng rng;
    float tap[TAPS];
    float past[PAST];
    double phase, keep, shake; /* turns; a first-order process a RUN */
    float gain, goal;
    double step_in, step_mean; /* samples to the next step of the gain; 0 mean: never */
    float levels;              /* of the converter to each side; 0: does not round */
};

/* Low-pass of @pass cycles a sample by a Hann-windowed sinc, that lets @floor of the rest through.
 */
static void design(struct g20_scene_rx *rx, double pass, double floor_gain)
{
    double h[TAPS], sum = 0;

    for (int i = 0; i < TAPS; i++) {
        const double t = i - G20_SCENE_RX_DELAY, x = 2 * PI * pass * t;
        h[i] = (i == G20_SCENE_RX_DELAY ? 1 : sin(x) / x) * (1 + cos(2 * PI * t / (TAPS + 1)));
        sum += h[i];
    }
    for (int i = 0; i < TAPS; i++)
        rx->tap[i] = (float)((1 - floor_gain) * h[i] / sum);
    rx->tap[G20_SCENE_RX_DELAY] += (float)floor_gain;
}

int g20_scene_rx_create(struct g20_scene_rx **ret, uint64_t seed, double noise)
{
    static const int bits[] = {8, 12, 16};
    struct g20_scene_rx *rx = g20_calloc(1, sizeof(*rx));

    if (!rx)
        return -ENOMEM;
    struct g20_rng *r = &rx->rng;
    g20_rng_init(r, seed);
    const double pass = g20_rng_range(r, 0.39, 0.5), rest = g20_rng_range(r, -2.5, -1);
    if (g20_rng_uniform(r) < 0.6)
        design(rx, pass, pow(10, rest));
    else
        rx->tap[G20_SCENE_RX_DELAY] = 1;

    /* Phase noise of 0.1 to 3 degrees within a loop of 1e-5 to 1e-3 of the rate. */
    const double loop = g20_rng_log_range(r, 1e-5, 1e-3);
    const double rms = g20_rng_log_range(r, 0.1, 3) / 360;
    rx->keep = exp(-2 * PI * loop * RUN);
    rx->shake = rms * sqrt(1 - rx->keep * rx->keep);

    rx->gain = rx->goal = 1;
    if (g20_rng_uniform(r) < 0.15)
        rx->step_mean = g20_rng_log_range(r, 5e5, 1e7);
    rx->step_in = rx->step_mean * g20_rng_uniform(r);

    const uint64_t first = g20_rng_below(r, 4);
    for (uint64_t i = first; i < G20_COUNT_OF(bits) && rx->levels <= 0; i++) {
        const double levels = ldexp(1, bits[i] - 1);
        if (sqrt(noise / 2) * levels > 0.5)
            rx->levels = (float)levels;
    }
    *ret = rx;
    return 0;
}

void g20_scene_rx_destroy(struct g20_scene_rx *rx)
{
    g20_free(rx);
}

/* Tap by tap, so that the inner loop runs over the samples; @x holds the past in front. */
G20_INLINE void filter(const float *tap, const float *restrict x, float *restrict y)
{
    for (int32_t i = 0; i < 2 * BLOCK; i++)
        y[i] = tap[0] * x[i + PAST];
    for (int k = 1; k < TAPS; k++)
        for (int32_t i = 0; i < 2 * BLOCK; i++)
            y[i] += tap[k] * x[i + PAST - 2 * k];
}

G20_SCENE_AVX2 static void filter_avx2(const float *tap, const float *x, float *y)
{
    filter(tap, x, y);
}

static void filter_plain(const float *tap, const float *x, float *y)
{
    filter(tap, x, y);
}

/* What the gain is over the next samples: it takes 1/64 of the way to its goal a sample. */
static float gain_of(struct g20_scene_rx *rx)
{
    if (rx->step_mean > 0 && --rx->step_in < 0) {
        rx->step_in = -rx->step_mean * log(1 - g20_rng_uniform(&rx->rng));
        rx->goal = (float)pow(10, 0.05 * g20_rng_range(&rx->rng, -12, 6));
    }
    rx->gain += (rx->goal - rx->gain) * (1.0f / 64);
    return rx->gain;
}

static void convert(struct g20_scene_rx *rx, float *iq)
{
    for (uint32_t at = 0; at < BLOCK; at += RUN) {
        const double from = rx->phase;
        rx->phase = rx->keep * rx->phase + rx->shake * g20_rng_normal(&rx->rng);
        const double step = (rx->phase - from) / RUN;
        for (uint32_t i = at; i < at + RUN; i++) {
            /* Few degrees: sine and cosine to the second order. */
            const float a = (float)(2 * PI * (from + step * (i - at)));
            const float c = 1 - 0.5f * a * a, g = gain_of(rx);
            const float x = g * (iq[2 * i] * c - iq[2 * i + 1] * a);
            const float y = g * (iq[2 * i] * a + iq[2 * i + 1] * c);
            iq[2 * i] = G20_CLAMP(x, -1.0f, 1.0f);
            iq[2 * i + 1] = G20_CLAMP(y, -1.0f, 1.0f);
        }
    }
    if (rx->levels > 0)
        for (uint32_t i = 0; i < 2 * BLOCK; i++)
            iq[i] = floorf(iq[i] * rx->levels + 0.5f) / rx->levels;
}

void g20_scene_rx_apply(struct g20_scene_rx *rx, float complex *out)
{
    _Alignas(G20_ALIGN) float x[PAST + 2 * BLOCK];
    float *iq = (float *)out;

    memcpy(x, rx->past, sizeof(rx->past));
    memcpy(x + PAST, iq, 2 * BLOCK * sizeof(*iq));
    memcpy(rx->past, x + 2 * BLOCK, sizeof(rx->past));
    if (G20_HAVE_AVX2)
        filter_avx2(rx->tap, x, iq);
    else
        filter_plain(rx->tap, x, iq);
    convert(rx, iq);
}
