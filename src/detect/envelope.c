/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/envelope.h"

#include "base/alloc.h"
#include "dsp/decimate.h"
#include "dsp/fft.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum {
    MIN_LOG2 = 4,     /* shortest inverse transform: 16 */
    MAX_LOG2 = 13,    /* longest transform */
    WINDOW_LOG2 = 10, /* least samples of a window */
    WINDOW_MAX_LOG2 = 16,
    LEAST_LOG2 = 8,         /* shortest forward transform, of a window at a lower rate */
    BAND_BINS = 32,         /* the band covers at least this many bins of the window's spectrum */
    CHUNK = 256,            /* samples at a lower rate that are made at a time */
    FRESH = CHUNK * 8 + 64, /* samples that a chunk is made of, at most */
    DIRECT = 8192,          /* samples converted at a time where no filter is needed */
};

#define FULL_BAND 0.7  /* share of the rate from which on no filter is used */
#define TAPER     0.25 /* of the band's width, at each side, outside of it */

struct g20_envelope_maker {
    struct g20_fft *forward[MAX_LOG2 + 1], *inverse[MAX_LOG2 + 1];
    float complex *in, *spec, *part, *out; /* (1 << MAX_LOG2) each */
    float complex *fresh;                  /* (FRESH) */
    int16_t *fresh_ci16;                   /* (FRESH) pairs, as they came in */
    struct g20_decimation_ci16 turned;     /* of the band that is being cut out */
    float *weight;                         /* (1 << MAX_LOG2) */
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
    m->in = g20_alloc_aligned(1u << MAX_LOG2, sizeof(*m->in));
    m->spec = g20_alloc_aligned(1u << MAX_LOG2, sizeof(*m->spec));
    m->part = g20_alloc_aligned(1u << MAX_LOG2, sizeof(*m->part));
    m->out = g20_alloc_aligned(1u << MAX_LOG2, sizeof(*m->out));
    m->fresh = g20_alloc_aligned(FRESH, sizeof(*m->fresh));
    m->fresh_ci16 = g20_alloc_aligned(FRESH, 2 * sizeof(*m->fresh_ci16));
    m->weight = g20_alloc_aligned(1u << MAX_LOG2, sizeof(*m->weight));
    if (!m->in || !m->spec || !m->part || !m->out || !m->fresh || !m->fresh_ci16 || !m->weight)
        goto fail;
    for (int k = MIN_LOG2; k <= MAX_LOG2; k++) {
        r = g20_fft_create(&m->inverse[k], 1u << k, G20_FFT_INVERSE, NULL, e);
        if (r < 0)
            goto fail;
        if (k < LEAST_LOG2)
            continue;
        r = g20_fft_create(&m->forward[k], 1u << k, G20_FFT_FORWARD, NULL, e);
        if (r < 0)
            goto fail;
    }
    r = -ENOMEM;
    m->power = g20_alloc_aligned(max_samples, sizeof(*m->power));
    if (!m->power)
        goto fail;
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
    g20_free(m->fresh_ci16);
    g20_free(m->fresh);
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

G20_WIDE static void put(struct sink *s, const float complex *x, size_t n, float scale,
                         float complex turn)
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
        g20_history_read(h, (int64_t)(start + done), k, m->in);
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

/* The band of one envelope, and how it is cut out. */
struct plan {
    const struct g20_decimation *lower; /* NULL: at the stream's own rate */
    uint32_t window;                    /* samples */
    int log_n;                          /* of the forward transform */
    int log_m, log_d;                   /* of the inverse one; of the step between values */
    int64_t centre;                     /* bin of the window's spectrum */
    float flat_lo, flat_hi;             /* the band, in bins of the inverse transform */
};

static struct plan plan_for(double f_lo, double f_hi, double width, double keep)
{
    int log_w = WINDOW_LOG2, log_m = MIN_LOG2;

    while (log_w < WINDOW_MAX_LOG2 && width * (1 << log_w) < BAND_BINS)
        log_w++;
    while (log_m < log_w && keep * (1 << log_w) > (1 << log_m))
        log_m++;
    const uint32_t w = 1u << log_w;
    const int64_t centre = llround(0.5 * (f_lo + f_hi) * w), half = 1 << (log_m - 1);
    struct plan p = {.lower = g20_decimation_for((double)(1u << log_m) / w),
                     .window = w,
                     .log_n = log_w,
                     .log_m = log_m,
                     .log_d = log_w - log_m,
                     .centre = centre,
                     .flat_lo = (float)(f_lo * w - (double)(centre - half)),
                     .flat_hi = (float)(f_hi * w - (double)(centre - half))};
    for (uint32_t by = p.lower ? p.lower->by : 1; by > 1; by /= 2)
        p.log_n--;
    return p;
}

/* The band's weights; the sum of their squares. What a filter weakens is made good by them. */
static float weigh(const struct plan *p, float *weight)
{
    const int nb = 1 << p->log_m;
    float sum = 0.0f;

    for (int k = 0; k < nb; k++) {
        weight[k] = taper(k, nb, p->flat_lo, p->flat_hi);
        sum += weight[k] * weight[k];
        if (p->lower)
            weight[k] /= g20_decimation_gain(p->lower, (double)(k - nb / 2) / p->window);
    }
    return sum;
}

/* The window from sample @start on as its spectrum around the band; the bin that is its centre. */
static int64_t transform(struct g20_envelope_maker *m, const struct g20_history *h,
                         const struct plan *p, int64_t start)
{
    const struct g20_decimation *l = p->lower;
    const size_t n = (size_t)1 << p->log_n;
    int64_t centre = p->centre;

    if (l) {
        for (size_t i = 0; i < n; i += CHUNK) {
            const int64_t at = (int64_t)(i * l->by) - l->taps / 2;
            const size_t reads = (CHUNK - 1) * l->by + l->read;
            const int16_t *ci16 = g20_history_ci16(h, start + at, reads, m->fresh_ci16);
            if (ci16) {
                g20_decimate_ci16(&m->turned, ci16, CHUNK, (double)at, m->in + i);
                continue;
            }
            g20_history_read(h, start + at, reads, m->fresh);
            g20_decimate(l, m->fresh, CHUNK, (double)centre / p->window, (double)at, m->in + i);
        }
        centre = 0;
    } else {
        g20_history_read(h, start, n, m->in);
    }
    g20_fft_execute(m->forward[p->log_n], m->in, m->spec);
    return centre;
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

    const struct plan p = plan_for(f_lo, f_hi, width, keep);
    const int nb = 1 << p.log_m;
    const int64_t w = p.window;
    const float wsum = weigh(&p, m->weight);

    if (p.lower)
        g20_decimation_turn(&m->turned, p.lower, (double)p.centre / p.window);
    /* The taper's response dies away within an eighth. */
    for (uint64_t at = start; at < start + n && s->have < s->cap; at += p.window / 4 * 3) {
        const int64_t bin = transform(m, h, &p, (int64_t)at - w / 8);
        cut(m->spec, 1u << p.log_n, bin, m->weight, nb, m->part);
        g20_fft_execute(m->inverse[p.log_m], m->part, m->out);
        /* Each window has a phase of its own, that of the band's centre at its start. */
        const double turn =
            -(double)((uint64_t)(p.centre + w) * (at - start) % p.window) / (double)w;
        put(s, m->out + nb / 8, (size_t)nb / 8 * 6, 1.0f / (float)(1 << p.log_n),
            (float complex)cexp(2.0 * M_PI * turn * I));
    }
    const size_t have = G20_MIN(s->have, (n + (1u << p.log_d) - 1) >> p.log_d);
    const double mid = 0.5 * (f_lo + f_hi), half = 0.5 * (double)wsum / (double)w;
    *ret = (struct g20_envelope){.power = s->power,
                                 .n = have,
                                 .start = start,
                                 .step = 1u << p.log_d,
                                 .centre = (double)p.centre / (double)w,
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
