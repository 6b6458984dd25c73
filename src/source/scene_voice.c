/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "source/scene_voice.h"

#include "base/alloc.h"
#include "source/scene.h"
#include "source/scene_math.h"

#include <errno.h>
#include <math.h>

#define TAPS  G20_VOICE_TAPS
#define TWOPI 6.283185307179586

struct g20_voice_bank {
    const float *of[G20_VOICE_MAX_D1 + 1]; /* into taps */
    float taps[TAPS * G20_VOICE_MAX_D1 * (G20_VOICE_MAX_D1 + 1) / 2];
};

/* Modified Bessel function of the first kind, order 0, by its series. */
static double bessel_i0(double x)
{
    double term = 1, sum = 1;

    for (int k = 1; k < 40; k++) {
        term *= x * x / (4.0 * k * k);
        sum += term;
    }
    return sum;
}

/* Kaiser-windowed sinc at @t input samples from its middle. beta 8.5 is 84 dB; the transition it
 * needs, 0.68 of the input rate over eight taps, leaves 0.16 to both sides for the signal. */
static double kernel(double t)
{
    const double x = t / (TAPS / 2.0), beta = 8.5;

    if (fabs(x) >= 1)
        return 0;
    const double s = fabs(t) < 1e-9 ? 1 : sin(0.5 * TWOPI * t) / (0.5 * TWOPI * t);
    return s * bessel_i0(beta * sqrt(1 - x * x)) / bessel_i0(beta);
}

int g20_voice_bank_create(struct g20_voice_bank **ret)
{
    struct g20_voice_bank *b = g20_calloc(1, sizeof(*b));
    size_t at = 0;

    if (!b)
        return -ENOMEM;
    for (uint32_t d = 1; d <= G20_VOICE_MAX_D1; d++) {
        b->of[d] = b->taps + at;
        for (uint32_t p = 0; p < d; p++) {
            double sum = 0, h[TAPS];

            for (int j = 0; j < TAPS; j++) /* tap j weighs input sample i - 3 + j */
                sum += h[j] = kernel((double)p / d + 3 - j);
            for (int j = 0; j < TAPS; j++)
                b->taps[at + (size_t)j * d + p] = (float)(h[j] / sum);
        }
        at += (size_t)TAPS * d;
    }
    *ret = b;
    return 0;
}

void g20_voice_bank_destroy(struct g20_voice_bank *b)
{
    g20_free(b);
}

uint32_t g20_voice_split(uint32_t d, uint32_t *ret_d1, uint32_t *ret_d2)
{
    *ret_d1 = d <= G20_VOICE_MAX_D1 ? G20_MAX(d, 1u) : 8;
    *ret_d2 = d <= G20_VOICE_MAX_D1 ? 1 : (d + 4) / 8;
    return *ret_d1 * *ret_d2;
}

G20_INLINE float convolve(const float *x, const float *taps, uint32_t d)
{
    float sum = taps[0] * x[0];

    for (uint32_t j = 1; j < TAPS; j++)
        sum += taps[(size_t)j * d] * x[j];
    return sum;
}

/* @n input samples after the TAPS - 1 in front of them -> n x d output samples. The longer of the
 * two loops is the inner one: it becomes vector code. */
G20_INLINE void interpolate(const float *restrict x, float *restrict y, const float *restrict taps,
                            uint32_t n, uint32_t d)
{
    if (d < 16) {
        for (uint32_t p = 0; p < d; p++)
            for (uint32_t i = 0; i < n; i++)
                y[(size_t)i * d + p] = convolve(x + i, taps + p, d);
        return;
    }
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t p = 0; p < d; p++)
            y[(size_t)i * d + p] = convolve(x + i, taps + p, d);
}

G20_SCENE_AVX2 static void interpolate_avx2(const float *x, float *y, const float *taps, uint32_t n,
                                            uint32_t d)
{
    interpolate(x, y, taps, n, d);
}

static void interpolate_plain(const float *x, float *y, const float *taps, uint32_t n, uint32_t d)
{
    interpolate(x, y, taps, n, d);
}

/* Make the next piece at rate / D2. One sample more than is played is kept, as the end point of the
 * linear interpolation. */
static void refill(struct g20_voice *v)
{
    const uint32_t want = G20_VOICE_MID / v->d1;
    float x[2][TAPS + G20_VOICE_MID];

    memcpy(x[0], v->hist_re, sizeof(v->hist_re));
    memcpy(x[1], v->hist_im, sizeof(v->hist_im));
    v->kind->fill(&v->gen, x[0] + TAPS - 1, x[1] + TAPS - 1, want);
    v->mid_re[0] = v->mid_re[v->mid_len];
    v->mid_im[0] = v->mid_im[v->mid_len];
    for (int c = 0; c < 2; c++) {
        float *mid = (c ? v->mid_im : v->mid_re) + 1;

        if (G20_HAVE_AVX2)
            interpolate_avx2(x[c], mid, v->taps, want, v->d1);
        else
            interpolate_plain(x[c], mid, v->taps, want, v->d1);
    }
    memcpy(v->hist_re, x[0] + want, sizeof(v->hist_re));
    memcpy(v->hist_im, x[1] + want, sizeof(v->hist_im));
    v->mid_len = want * v->d1;
    v->mid_at = 0;
    v->sub = 0;
}

void g20_voice_start(struct g20_voice *v, const struct g20_voice_bank *bank)
{
    float x[2][TAPS / 2];

    v->taps = bank->of[v->d1];
    for (uint32_t i = 0; i < G20_VOICE_TABLE; i++) {
        v->osc_re[i] = (float)cos(TWOPI * v->freq * i);
        v->osc_im[i] = (float)sin(TWOPI * v->freq * i);
    }
    /* Silence before, and the four samples that the filter looks ahead: no delay. */
    memset(v->hist_re, 0, sizeof(v->hist_re));
    memset(v->hist_im, 0, sizeof(v->hist_im));
    v->kind->fill(&v->gen, x[0], x[1], TAPS / 2);
    memcpy(v->hist_re + TAPS / 2 - 1, x[0], sizeof(x[0]));
    memcpy(v->hist_im + TAPS / 2 - 1, x[1], sizeof(x[1]));
    v->mid_len = 0;
    v->mid_re[0] = v->mid_im[0] = 0;
    v->next = v->begin;
    v->phase = 0;
    memset(v->past_re, 0, sizeof(v->past_re));
    memset(v->past_im, 0, sizeof(v->past_im));
    refill(v);
    v->mid_at = 1; /* mid[0] lies before the beginning */
}

/* The next @n samples of the waveform, no edges yet, unit power. */
static void play(struct g20_voice *v, float *re, float *im, uint32_t n)
{
    const uint32_t d2 = v->d2;
    const float share = 1.0f / (float)d2;

    for (uint32_t at = 0; at < n;) {
        if (v->mid_at == v->mid_len)
            refill(v);
        if (d2 == 1) {
            const uint32_t len = G20_MIN(n - at, v->mid_len - v->mid_at);

            memcpy(re + at, v->mid_re + v->mid_at, len * sizeof(*re));
            memcpy(im + at, v->mid_im + v->mid_at, len * sizeof(*im));
            v->mid_at += len;
            at += len;
            continue;
        }
        const uint32_t len = G20_MIN(n - at, d2 - v->sub);
        const float r0 = v->mid_re[v->mid_at], i0 = v->mid_im[v->mid_at];
        const float dr = (v->mid_re[v->mid_at + 1] - r0) * share;
        const float di = (v->mid_im[v->mid_at + 1] - i0) * share;

        for (uint32_t k = 0; k < len; k++) {
            const float x = (float)(int32_t)(v->sub + k);
            re[at + k] = r0 + dr * x;
            im[at + k] = i0 + di * x;
        }
        v->sub += len;
        at += len;
        if (v->sub == d2) {
            v->sub = 0;
            v->mid_at++;
        }
    }
}

/* Raised-cosine edges: half the amplitude lies ramp / 2 samples inside. */
static void shape_edges(const struct g20_voice *v, float *re, float *im, uint32_t n)
{
    const double step = 0.5 * TWOPI / G20_MAX(v->ramp, 1u);

    if (v->next - v->begin < v->ramp && !v->late) {
        const uint64_t at = v->next - v->begin;

        for (uint32_t i = 0; i < n && at + i < v->ramp; i++) {
            const float g = (float)(0.5 - 0.5 * cos(step * ((double)(at + i) + 0.5)));
            re[i] *= g;
            im[i] *= g;
        }
    }
    if (v->ramp && v->next + n + v->ramp > v->end) {
        const uint64_t from = v->end - v->ramp;

        for (uint32_t i = from > v->next ? (uint32_t)(from - v->next) : 0; i < n; i++) {
            const double left = (double)(v->end - (v->next + i)) - 0.5;
            const float g = (float)(0.5 - 0.5 * cos(step * left));
            re[i] *= g;
            im[i] *= g;
        }
    }
}

static double sinc(double x)
{
    return fabs(x) < 1e-9 ? 1 : sin(0.5 * TWOPI * x) / (0.5 * TWOPI * x);
}

double g20_echo_power(const struct g20_echo *e, uint64_t samples, double lo, double hi)
{
    const double t = (double)samples, a = e->strength;
    const double turn = e->phase + 0.5 * e->step * t - 0.5 * (lo + hi) * e->delay;

    if (e->delay == 0)
        return 1;
    /* The cross term's mean over the duration and over the band. */
    const double cross = cos(TWOPI * turn) * sinc(e->step * t) * sinc((hi - lo) * e->delay);
    return fmax(1 + a * a + 2 * a * cross, 0.01);
}

/* x[n] + strength e^(i phase) x[n - delay]; the oscillator that comes after turns the echo by as
 * much as the delay is worth. */
static void add_echo(struct g20_voice *v, float *re, float *im, uint32_t n)
{
    float x[G20_ECHO_MAX + G20_SCENE_BLOCK], y[G20_ECHO_MAX + G20_SCENE_BLOCK];
    const uint32_t late = v->echo.delay;

    if (late == 0)
        return;
    memcpy(x, v->past_re, sizeof(v->past_re));
    memcpy(y, v->past_im, sizeof(v->past_im));
    memcpy(x + G20_ECHO_MAX, re, n * sizeof(*re));
    memcpy(y + G20_ECHO_MAX, im, n * sizeof(*im));
    for (uint32_t at = 0; at < n; at += G20_VOICE_TABLE) {
        const uint32_t run = G20_MIN(n - at, (uint32_t)G20_VOICE_TABLE);
        const double turn = v->echo.phase - v->freq * late;
        const float c = (float)(v->echo.strength * cos(TWOPI * turn));
        const float s = (float)(v->echo.strength * sin(TWOPI * turn));
        const float *px = x + G20_ECHO_MAX + at - late, *py = y + G20_ECHO_MAX + at - late;

        for (uint32_t i = 0; i < run; i++) {
            re[at + i] += c * px[i] - s * py[i];
            im[at + i] += c * py[i] + s * px[i];
        }
        v->echo.phase += v->echo.step * run;
    }
    v->echo.phase -= floor(v->echo.phase);
    memcpy(v->past_re, x + n, sizeof(v->past_re));
    memcpy(v->past_im, y + n, sizeof(v->past_im));
}

/* acc += x * (pr + i pi) * osc */
G20_INLINE void mix(float *restrict re, float *restrict im, const float *restrict xr,
                    const float *restrict xi, const float *restrict tr, const float *restrict ti,
                    float pr, float pi, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const float c = tr[i] * pr - ti[i] * pi, s = tr[i] * pi + ti[i] * pr;
        re[i] += xr[i] * c - xi[i] * s;
        im[i] += xr[i] * s + xi[i] * c;
    }
}

G20_SCENE_AVX2 static void mix_avx2(float *re, float *im, const float *xr, const float *xi,
                                    const float *tr, const float *ti, float pr, float pi,
                                    uint32_t n)
{
    mix(re, im, xr, xi, tr, ti, pr, pi, n);
}

static void mix_plain(float *re, float *im, const float *xr, const float *xi, const float *tr,
                      const float *ti, float pr, float pi, uint32_t n)
{
    mix(re, im, xr, xi, tr, ti, pr, pi, n);
}

void g20_voice_add(struct g20_voice *v, uint64_t first, uint32_t n, float *re, float *im)
{
    float xr[G20_SCENE_BLOCK], xi[G20_SCENE_BLOCK];

    if (v->next >= first + n || v->next >= v->end)
        return;
    const uint32_t skip = (uint32_t)(v->next - first);
    const uint32_t len = (uint32_t)G20_MIN(v->end - v->next, (uint64_t)(n - skip));

    play(v, xr, xi, len);
    shape_edges(v, xr, xi, len);
    add_echo(v, xr, xi, len);
    v->next += len;
    for (uint32_t at = 0; at < len; at += G20_VOICE_TABLE) {
        const uint32_t run = G20_MIN(len - at, (uint32_t)G20_VOICE_TABLE);
        const float pr = v->amp * (float)cos(TWOPI * v->phase);
        const float pi = v->amp * (float)sin(TWOPI * v->phase);

        if (G20_HAVE_AVX2)
            mix_avx2(re + skip + at, im + skip + at, xr + at, xi + at, v->osc_re, v->osc_im, pr, pi,
                     run);
        else
            mix_plain(re + skip + at, im + skip + at, xr + at, xi + at, v->osc_re, v->osc_im, pr,
                      pi, run);
        v->phase += (v->freq + v->drift * (double)(v->next - len + at - v->begin)) * run;
        v->phase -= floor(v->phase);
    }
}
