/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "dsp/decimate.h"

#include "base/base.h"
#include "dsp/kernels.h"

#include <math.h>
#include <string.h>

typedef float lanes __attribute__((vector_size(32))); /* four samples */
enum { LANES = sizeof(lanes) / sizeof(float), IN_LANES = LANES / 2 };

#define TWICE(x) (x), (x)

/* (1 + z + z2 + z3)^6 / 4^6 */
#define S4(x) TWICE((x) / 4096.0f)
static const float by_4[48] = {
    S4(1),   S4(6),   S4(21),  S4(56),  S4(120), S4(216), S4(336), S4(456), S4(546), S4(580),
    S4(546), S4(456), S4(336), S4(216), S4(120), S4(56),  S4(21),  S4(6),   S4(1),
};

/* (1 + z + ... + z7)^4 / 8^4 */
static const float by_8[64] = {
    S4(1),   S4(4),   S4(10),  S4(20),  S4(35),  S4(56),  S4(84),  S4(120), S4(161), S4(204),
    S4(246), S4(284), S4(315), S4(336), S4(344), S4(336), S4(315), S4(284), S4(246), S4(204),
    S4(161), S4(120), S4(84),  S4(56),  S4(35),  S4(20),  S4(10),  S4(4),   S4(1),
};

static const struct g20_decimation all[] = {
    {.by = 8, .taps = 29, .read = 32, .part = 1.0 / 64, .tap = by_8},
    {.by = 4, .taps = 19, .read = 24, .part = 1.0 / 16, .tap = by_4},
};

const struct g20_decimation *g20_decimation_for(double part)
{
    for (size_t i = 0; i < G20_COUNT_OF(all); i++)
        if (part <= all[i].part)
            return &all[i];
    return NULL;
}

float g20_decimation_gain(const struct g20_decimation *d, double f)
{
    const double across = d->by * sin(M_PI * f);
    const double one = fabs(across) > 1e-9 ? sin(M_PI * f * d->by) / across : 1.0;
    const double three = one * one * one;

    /* Each of its moving sums of (by) samples leaves one share: six or four of them. */
    return (float)(d->by == 4 ? three * three : three * one);
}

/* Four samples times four phasors, whose imaginary parts' signs alternate as the product wants. */
static inline __attribute__((always_inline)) void turn_four(float *x, const lanes *c,
                                                            const lanes *s)
{
    lanes v;

    memcpy(&v, x, sizeof(v));
    v = v * *c + __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6) * *s;
    memcpy(x, &v, sizeof(v));
}

/* By @turns at the first of @n samples, a multiple of four, and @f more at each; all times @level.
 * A phasor follows from the one SIDE vectors before: one alone would wait for itself at each step.
 */
G20_WIDE static void turn(float *x, size_t n, double f, double turns, double level)
{
    enum { SIDE = 4 };
    const double angle = 2.0 * M_PI * (turns - floor(turns));
    const double step_re = cos(2.0 * M_PI * f), step_im = sin(2.0 * M_PI * f);
    double re = level * cos(angle), im = level * sin(angle);
    lanes c[SIDE], s[SIDE], step_s; /* s: of the second factor's sign in re x im */
    const float step_c = (float)cos(2.0 * M_PI * f * SIDE * IN_LANES);
    const float step = (float)sin(2.0 * M_PI * f * SIDE * IN_LANES);
    size_t i = 0;

    for (int k = 0; k < SIDE * LANES; k += 2) {
        const int lane = k % LANES;
        const double last = re;
        c[k / LANES][lane] = c[k / LANES][lane + 1] = (float)re;
        s[k / LANES][lane] = (float)im;
        s[k / LANES][lane + 1] = (float)-im;
        step_s[lane] = step;
        step_s[lane + 1] = -step;
        re = re * step_re - im * step_im;
        im = im * step_re + last * step_im;
    }
    for (; i + SIDE * IN_LANES <= n; i += SIDE * IN_LANES)
        for (int k = 0; k < SIDE; k++, x += LANES) {
            turn_four(x, &c[k], &s[k]);
            const lanes last = c[k];
            c[k] = c[k] * step_c - s[k] * step_s;
            s[k] = s[k] * step_c + last * step_s;
        }
    for (int k = 0; i < n; i += IN_LANES, k++, x += LANES)
        turn_four(x, &c[k], &s[k]);
}

/* @vectors of four taps. */
static inline __attribute__((always_inline)) void
filter(const float *x, size_t n, uint32_t by, const float *tap, const int vectors, float *out)
{
    for (size_t m = 0; m < n; m++, x += (size_t)2 * by) {
        lanes sum[2] = {{0}, {0}};
        for (int i = 0; i < vectors; i++) {
            lanes v, t;
            memcpy(&v, x + i * LANES, sizeof(v));
            memcpy(&t, tap + i * LANES, sizeof(t));
            sum[i % 2] += v * t;
        }
        const lanes s = sum[0] + sum[1];
        out[2 * m] = (s[0] + s[4]) + (s[2] + s[6]);
        out[2 * m + 1] = (s[1] + s[5]) + (s[3] + s[7]);
    }
}

G20_WIDE static void filter_by_4(const float *x, size_t n, float *out)
{
    filter(x, n, 4, by_4, G20_COUNT_OF(by_4) / LANES, out);
}

G20_WIDE static void filter_by_8(const float *x, size_t n, float *out)
{
    filter(x, n, 8, by_8, G20_COUNT_OF(by_8) / LANES, out);
}

void g20_decimate(const struct g20_decimation *d, float complex *in, size_t n, double f, double at,
                  float complex *out)
{
    if (n == 0)
        return;
    turn((float *)in, (n - 1) * d->by + d->read, f, f * at, 1.0);
    (d->by == 8 ? filter_by_8 : filter_by_4)((const float *)in, n, (float *)out);
}

#define MOST_TAP 31000.0 /* eighths of the sums of all taps x samples stay within 32 bits */

void g20_decimation_turn(struct g20_decimation_ci16 *t, const struct g20_decimation *d, double f)
{
    const double most = (double)d->tap[d->taps - 1], scale = MOST_TAP / most; /* the middle one */

    t->d = d;
    t->f = f;
    t->scale = 1.0 / (scale * 32768.0);
    for (uint32_t k = 0; k < d->read; k++) {
        const double tap = scale * (double)d->tap[2 * k], angle = 2.0 * M_PI * f * k;
        const int16_t re = (int16_t)lround(tap * cos(angle)),
                      im = (int16_t)lround(tap * sin(angle));
        int16_t *to = t->tap + 2 * (size_t)k, *across = to + 2 * (size_t)d->read;
        to[0] = across[1] = re;
        to[1] = im; /* turned backwards: minus the imaginary part of the tap */
        across[0] = (int16_t)-im;
    }
}

void g20_decimate_ci16(const struct g20_decimation_ci16 *t, const int16_t *in, size_t n, double at,
                       float complex *out)
{
    const uint32_t by = t->d->by;

    g20_kernels()->fir_ci16((float *)out, in, t->tap, t->d->read, by, n);
    turn((float *)out, n, t->f * by, t->f * at, t->scale);
}
