/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/look_numbers.h"

#include "base/alloc.h"
#include "detect/look.h"
#include "dsp/fft.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum { N = G20_LOOK_WINDOW, PARTS = 8 };

#define PAUSE 0.2 /* of the mean power, below which it is not there */

struct g20_look_meter {
    struct g20_fft *fft;
    float complex *in, *out; /* (N) */
    float sum[N];
    struct g20_look_window window;
};

int g20_look_meter_create(struct g20_look_meter **ret, struct g20_err *e)
{
    struct g20_look_meter *m = g20_calloc(1, sizeof(*m));
    int r = -ENOMEM;

    if (!m)
        return g20_fail(e, r, "second look: out of memory");
    m->in = g20_calloc_aligned(N, sizeof(*m->in));
    m->out = g20_calloc_aligned(N, sizeof(*m->out));
    if (!m->in || !m->out)
        g20_fail(e, r, "second look: out of memory");
    else
        r = g20_fft_create(&m->fft, N, G20_FFT_FORWARD, NULL, e);
    if (r < 0)
        g20_look_meter_destroy(m);
    else
        *ret = m;
    return r;
}

void g20_look_meter_destroy(struct g20_look_meter *m)
{
    if (!m)
        return;
    g20_fft_destroy(m->fft);
    g20_free(m->in);
    g20_free(m->out);
    g20_free(m);
}

const float *g20_look_window(struct g20_look_window *window, size_t len)
{
    for (size_t i = 0; i < len && window->len != len; i++)
        window->w[i] = 0.5f - 0.5f * cosf(2.0f * (float)M_PI * ((float)i + 0.5f) / (float)len);
    window->len = len;
    return window->w;
}

static float square(float complex x)
{
    return crealf(x) * crealf(x) + cimagf(x) * cimagf(x);
}

/* x times y, without C's care for infinities. */
static float complex times(float complex x, float complex y)
{
    const float parts[2] = {crealf(x) * crealf(y) - cimagf(x) * cimagf(y),
                            crealf(x) * cimagf(y) + cimagf(x) * crealf(y)};
    float complex product;

    memcpy(&product, parts, sizeof(product));
    return product;
}

static float complex power_of(float complex x, int power)
{
    switch (power) {
    case 0: /* the envelope */
        return square(x);
    case 2:
        return times(x, x);
    case 4:
        return times(times(x, x), times(x, x));
    default:
        return x;
    }
}

/* Averaged spectrum of a power of the samples (0: of their envelope, its mean taken off). */
static void spectrum(struct g20_look_meter *m, const float complex *iq, size_t n, int power)
{
    const size_t len = G20_MIN(n, (size_t)N);
    const size_t parts = n <= N ? 1 : G20_MIN((size_t)PARTS, n / N);
    const float *window = g20_look_window(&m->window, len);

    memset(m->sum, 0, sizeof(m->sum));
    for (size_t part = 0; part < parts; part++) {
        const float complex *x = iq + (parts > 1 ? part * (n - len) / (parts - 1) : 0);
        float complex mean = 0.0f;
        memset(m->in, 0, N * sizeof(*m->in));
        for (size_t i = 0; i < len; i++) {
            m->in[i] = power_of(x[i], power);
            mean += m->in[i];
        }
        mean = power == 0 ? mean / (float)len : 0.0f;
        for (size_t i = 0; i < len; i++)
            m->in[i] = (m->in[i] - mean) * window[i];
        g20_fft_execute(m->fft, m->in, m->out);
        for (int k = 0; k < N; k++)
            m->sum[k] += square(m->out[k]);
    }
}

/* The strongest line over the mean within @lo .. @hi (cycles a sample), log10; its place. */
static float line(const struct g20_look_meter *m, double lo, double hi, double *ret_at)
{
    double mean = 0.0, most = 0.0;
    const int a = (int)ceil(fmax(lo, -0.5) * N), b = (int)floor(fmin(hi, 0.499) * N);

    *ret_at = 0.0;
    for (int k = a; k <= b; k++) {
        const double p = (double)m->sum[(k + N) % N];
        mean += p / (b - a + 1);
        if (p > most) {
            most = p;
            *ret_at = (double)k / N;
        }
    }
    return mean > 0.0 ? (float)(log10(most / mean) - 1.0) : -1.0f;
}

static void measure_band(const struct g20_look_meter *m, double bw, double offset, float *number)
{
    const int a = (int)ceil(fmax(offset - 0.5 * bw, -0.5) * N);
    const int b = (int)floor(fmin(offset + 0.5 * bw, 0.499) * N);
    double sum = 0.0, logs = 0.0, moment = 0.0;

    for (int k = a; k <= b; k++) {
        const double p = (double)m->sum[(k + N) % N] + 1e-30;
        sum += p;
        logs += log(p);
        moment += p * ((double)k / N - offset);
    }
    if (b < a || !(sum > 0.0))
        return;
    const double mean = sum / (b - a + 1);
    number[G20_LOOK_FLATNESS] = (float)(logs / (b - a + 1) - log(mean)) * 0.5f + 1.0f;
    number[G20_LOOK_SKEW] = (float)(moment / sum / bw * 4.0);
}

static void measure_moments(const float complex *iq, size_t n, double bw, double offset,
                            float *number)
{
    const size_t most = G20_MIN(n, (size_t)(PARTS * N));
    const double per_turn = 1.0 / (2.0 * M_PI * bw);
    const float complex turn = cexpf(-2.0f * (float)(M_PI * offset) * I);
    double p1 = 0.0, p2 = 0.0, a1 = 0.0, f2 = 0.0, f4 = 0.0, weight = 0.0;

    for (size_t i = 0; i < most; i++) {
        const double p = (double)square(iq[i]);
        p1 += p;
        p2 += p * p;
        a1 += sqrt(p);
    }
    p1 /= (double)most;
    p2 /= (double)most;
    a1 /= (double)most;
    /* Means of a few samples, so that noise does not count as a pause. */
    const size_t run = G20_MAX((size_t)(1.0 / bw), (size_t)2);
    size_t on = 0, all = 0;
    for (size_t i = 0; i + run <= most; i += run, all++) {
        double p = 0.0;
        for (size_t k = i; k < i + run; k++)
            p += (double)square(iq[k]);
        on += p > PAUSE * p1 * (double)run;
    }
    number[G20_LOOK_DUTY] = all > 0 ? (float)(2.0 * (double)on / (double)all - 1.0) : 1.0f;
    for (size_t i = 1; i < most; i++) {
        const float complex d = times(times(iq[i], conjf(iq[i - 1])), turn);
        const double f = (double)cargf(d) * per_turn;
        const double w =
            sqrt((double)crealf(d) * (double)crealf(d) + (double)cimagf(d) * (double)cimagf(d));
        f2 += w * f * f;
        f4 += w * f * f * f * f;
        weight += w;
    }
    if (!(p1 > 0.0) || !(weight > 0.0) || !(a1 > 0.0))
        return;
    number[G20_LOOK_KURTOSIS] = (float)fmin(p2 / (p1 * p1) - 2.0, 3.0);
    number[G20_LOOK_VARIATION] = (float)(2.0 * sqrt(fmax(p1 / (a1 * a1) - 1.0, 0.0)) - 1.0);
    f2 /= weight;
    f4 /= weight;
    number[G20_LOOK_DEVIATION] = (float)fmin(2.0 * sqrt(f2) - 1.0, 3.0);
    number[G20_LOOK_FREQUENCY_KURTOSIS] =
        f2 > 0.0 ? (float)fmin(0.5 * (f4 / (f2 * f2) - 3.0), 3.0) : 0.0f;
}

void g20_look_measure(struct g20_look_meter *m, const float complex *iq, size_t n, double bw,
                      double offset, float *number)
{
    double at;

    measure_moments(iq, n, bw, offset, number);
    spectrum(m, iq, n, 1);
    measure_band(m, bw, offset, number);
    number[G20_LOOK_LINE_1] = line(m, offset - 0.5 * bw, offset + 0.5 * bw, &at);
    spectrum(m, iq, n, 2);
    number[G20_LOOK_LINE_2] = line(m, -0.5, 0.5, &at);
    spectrum(m, iq, n, 4);
    number[G20_LOOK_LINE_4] = line(m, -0.5, 0.5, &at);
    spectrum(m, iq, n, 0);
    number[G20_LOOK_LINE_ENVELOPE] = line(m, 0.1 * bw, fmin(1.5 * bw, 0.499), &at);
    number[G20_LOOK_RATE] = (float)(2.0 * at / bw - 1.0);
}
