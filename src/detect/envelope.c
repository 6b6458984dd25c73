/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/envelope.h"

#include "base/alloc.h"
#include "dsp/fft.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum {
    MIN_LOG2 = 4,  /* shortest inverse transform: 16 */
    MAX_LOG2 = 16, /* longest forward transform: 65536 */
    FORWARD_MIN_LOG2 = 10,
    BAND_BINS = 32,   /* the band covers at least this many bins of the forward transform */
    DIRECT = 1 << 16, /* samples converted at a time where no filter is needed */
};

#define FULL_BAND 0.7  /* share of the rate from which on no filter is used */
#define TAPER     0.25 /* of the band's width, at each side, outside of it */

struct g20_envelope_maker {
    struct g20_fft *forward[MAX_LOG2 + 1], *inverse[MAX_LOG2 + 1];
    float complex *in, *spec, *part, *out; /* (65536) each */
    float *weight;                         /* (65536) */
    float *power;                          /* (max_samples) */
    size_t max_samples;
};

int g20_envelope_create(struct g20_envelope_maker **ret, size_t max_samples, struct g20_err *e)
{
    struct g20_envelope_maker *m = g20_calloc(1, sizeof(*m));
    int r = -ENOMEM;

    if (!m)
        goto fail;
    m->max_samples = max_samples;
    m->in = g20_calloc_aligned(1u << MAX_LOG2, sizeof(*m->in));
    m->spec = g20_calloc_aligned(1u << MAX_LOG2, sizeof(*m->spec));
    m->part = g20_calloc_aligned(1u << MAX_LOG2, sizeof(*m->part));
    m->out = g20_calloc_aligned(1u << MAX_LOG2, sizeof(*m->out));
    m->weight = g20_calloc_aligned(1u << MAX_LOG2, sizeof(*m->weight));
    m->power = g20_calloc_aligned(max_samples, sizeof(*m->power));
    if (!m->in || !m->spec || !m->part || !m->out || !m->weight || !m->power)
        goto fail;
    for (int k = MIN_LOG2; k <= MAX_LOG2; k++) {
        r = g20_fft_create(&m->inverse[k], 1u << k, G20_FFT_INVERSE, NULL, e);
        if (r < 0)
            goto fail;
        if (k < FORWARD_MIN_LOG2)
            continue;
        r = g20_fft_create(&m->forward[k], 1u << k, G20_FFT_FORWARD, NULL, e);
        if (r < 0)
            goto fail;
    }
    *ret = m;
    return 0;

fail:
    g20_envelope_destroy(m);
    return r == -ENOMEM ? g20_fail(e, r, "envelope: out of memory") : r;
}

void g20_envelope_destroy(struct g20_envelope_maker *m)
{
    if (!m)
        return;
    for (int k = 0; k <= MAX_LOG2; k++) {
        g20_fft_destroy(m->forward[k]);
        g20_fft_destroy(m->inverse[k]);
    }
    g20_free(m->power);
    g20_free(m->weight);
    g20_free(m->out);
    g20_free(m->part);
    g20_free(m->spec);
    g20_free(m->in);
    g20_free(m);
}

/* Where the values go: powers, or samples. */
struct sink {
    float *power;
    float complex *iq;
    size_t cap, have;
    uint64_t most; /* samples looked at */
};

static void put(struct sink *s, const float complex *x, size_t n, float scale, float complex turn)
{
    n = G20_MIN(n, s->cap - s->have);
    if (s->power) {
        float *to = s->power + s->have;
        for (size_t i = 0; i < n; i++) {
            const float re = crealf(x[i]), im = cimagf(x[i]);
            to[i] = (re * re + im * im) * scale * scale;
        }
    } else {
        for (size_t i = 0; i < n; i++)
            s->iq[s->have + i] = x[i] * (scale * turn);
    }
    s->have += n;
}

static void make_direct(struct g20_envelope_maker *m, const struct g20_history *h, uint64_t start,
                        size_t n, struct sink *s, struct g20_envelope *ret)
{
    for (size_t done = 0; done < n;) {
        const size_t k = G20_MIN(n - done, (size_t)DIRECT);
        g20_history_read(h, start + done, k, m->in);
        put(s, m->in, k, 1.0f, 1.0f);
        done += k;
    }
    *ret = (struct g20_envelope){.power = s->power,
                                 .n = s->have,
                                 .start = start,
                                 .step = 1,
                                 .pass_lo = -0.5,
                                 .pass_hi = 0.5};
}

/* Weight of bin @k of @m bins: 1 over the band, raised cosine to 0 at both ends. */
static float taper(int k, int m, float flat_lo, float flat_hi)
{
    const float x = (float)k;

    if (x >= flat_lo && x <= flat_hi)
        return 1.0f;
    const float ramp = x < flat_lo ? (flat_lo - x) / fmaxf(flat_lo, 1.0f)
                                   : (x - flat_hi) / fmaxf((float)m - flat_hi, 1.0f);
    return ramp >= 1.0f ? 0.0f : 0.5f + 0.5f * cosf((float)M_PI * ramp);
}

/* Copy bins centre - m/2 .. centre + m/2 of the spectrum (n) under the taper to inverse order. */
static void cut(const float complex *spec, uint32_t n, int64_t centre, const float *weight, int m,
                float complex *part)
{
    for (int k = 0; k < m; k++) {
        const int64_t bin = centre + k - m / 2;
        part[(k + m / 2) % m] = spec[(uint64_t)(bin + 4 * (int64_t)n) % n] * weight[k];
    }
}

static void make(struct g20_envelope_maker *m, const struct g20_history *h, uint64_t start,
                 uint64_t stop, double f_lo, double f_hi, struct sink *s, struct g20_envelope *ret)
{
    const double width = fmax(f_hi - f_lo, 1e-5), keep = width * (1.0 + 2.0 * TAPER);
    const size_t n = (size_t)G20_MIN(stop - start, (uint64_t)s->most);

    if (keep >= FULL_BAND) {
        make_direct(m, h, start, n, s, ret);
        return;
    }

    int log_n = FORWARD_MIN_LOG2, log_m = MIN_LOG2;
    while (log_n < MAX_LOG2 && width * (1 << log_n) < BAND_BINS)
        log_n++;
    while (log_m < log_n && keep * (1 << log_n) > (1 << log_m))
        log_m++;
    const uint32_t nf = 1u << log_n;
    const int nb = 1 << log_m, log_d = log_n - log_m;
    const int64_t half_bins = nb / 2;
    const int64_t centre = llround(0.5 * (f_lo + f_hi) * nf);
    const float flat_lo = (float)(f_lo * nf - (double)(centre - half_bins));
    const float flat_hi = (float)(f_hi * nf - (double)(centre - half_bins));
    float *weight = m->weight, wsum = 0.0f;

    for (int k = 0; k < nb; k++) {
        weight[k] = taper(k, nb, flat_lo, flat_hi);
        wsum += weight[k] * weight[k];
    }

    const uint32_t hop = nf / 4 * 3; /* the taper's response dies away within an eighth */
    for (uint64_t at = start; at < start + n && s->have < s->cap; at += hop) {
        const uint64_t lead = nf / 8;
        if (at >= lead) {
            g20_history_read(h, at - lead, nf, m->in);
        } else { /* the stream begins inside this window */
            memset(m->in, 0, nf * sizeof(*m->in));
            g20_history_read(h, 0, nf - (size_t)(lead - at), m->in + (lead - at));
        }
        g20_fft_execute(m->forward[log_n], m->in, m->spec);
        cut(m->spec, nf, centre, weight, nb, m->part);
        g20_fft_execute(m->inverse[log_m], m->part, m->out);
        /* Each window has a phase of its own, that of the band's centre at its start. */
        const double turn = -(double)((uint64_t)(centre + (int64_t)nf) * (at - start) % nf) / nf;
        put(s, m->out + nb / 8, (size_t)nb / 8 * 6, 1.0f / (float)nf,
            (float complex)cexp(2.0 * M_PI * turn * I));
    }
    const size_t have = G20_MIN(s->have, (n + (1u << log_d) - 1) >> log_d);
    const double mid = 0.5 * (f_lo + f_hi), half = 0.5 * (double)wsum / nf;
    *ret = (struct g20_envelope){.power = s->power,
                                 .n = have,
                                 .start = start,
                                 .step = 1u << log_d,
                                 .centre = (double)centre / nf,
                                 .pass_lo = mid - half,
                                 .pass_hi = mid + half};
}

void g20_envelope_make(struct g20_envelope_maker *m, const struct g20_history *h, uint64_t start,
                       uint64_t stop, double f_lo, double f_hi, struct g20_envelope *ret)
{
    struct sink s = {.power = m->power, .cap = m->max_samples, .most = m->max_samples};

    make(m, h, start, stop, f_lo, f_hi, &s, ret);
}

void g20_envelope_cut(struct g20_envelope_maker *m, const struct g20_history *h, uint64_t start,
                      uint64_t stop, double f_lo, double f_hi, float complex *iq, size_t cap,
                      struct g20_envelope *ret)
{
    struct sink s = {.iq = iq, .cap = cap, .most = UINT64_MAX};

    make(m, h, start, stop, f_lo, f_hi, &s, ret);
}
