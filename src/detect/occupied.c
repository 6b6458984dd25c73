/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/occupied.h"

#include "base/alloc.h"
#include "detect/tile.h"
#include "dsp/fft.h"
#include "dsp/window.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define FAR_DB                                                                         \
    30.0 /* under the peak, what is visible is the receiver's splatter, not the signal \
          */

enum {
    MIN_LOG2 = 6,
    MAX_LOG2 = 12,
    MAX_N = 1 << MAX_LOG2,
    MAX_FRAMES = 96, /* enough to average; a longer burst is sampled evenly */
    SMOOTH_HALF = 1,
    LINE_PART = 8, /* of the width: what a line does not fill */
};

#define VISIBLE   4.0   /* 6 dB over the noise */
#define GAP_PART  0.15  /* of the width so far that may be dark inside a signal */
#define TAIL      0.005 /* of the power left outside at each edge: 99 % inside */
#define HANN_ENBW 1.5

struct g20_occupied_meter {
    struct g20_fft *fft[MAX_LOG2 + 1];
    float *window[MAX_LOG2 + 1];
    float complex *in, *out; /* (MAX_N) */
    float *power, *noise;    /* (MAX_N) mean power and noise per bin; they sum to total power */
    float *most;             /* (MAX_N) largest value of any frame, as a tone's power */
    float *smooth;           /* (MAX_N) */
};

int g20_occupied_create(struct g20_occupied_meter **ret, struct g20_err *e)
{
    struct g20_occupied_meter *m = g20_calloc(1, sizeof(*m));
    int r = -ENOMEM;

    if (!m)
        goto fail;
    m->in = g20_calloc_aligned(MAX_N, sizeof(*m->in));
    m->out = g20_calloc_aligned(MAX_N, sizeof(*m->out));
    m->power = g20_calloc_aligned(MAX_N, sizeof(*m->power));
    m->noise = g20_calloc_aligned(MAX_N, sizeof(*m->noise));
    m->most = g20_calloc_aligned(MAX_N, sizeof(*m->most));
    m->smooth = g20_calloc_aligned(MAX_N, sizeof(*m->smooth));
    if (!m->in || !m->out || !m->power || !m->noise || !m->most || !m->smooth)
        goto fail;
    for (int k = MIN_LOG2; k <= MAX_LOG2; k++) {
        m->window[k] = g20_calloc_aligned(1u << k, sizeof(float));
        if (!m->window[k])
            goto fail;
        g20_window_fill(G20_WINDOW_HANN, m->window[k], 1u << k);
        r = g20_fft_create(&m->fft[k], 1u << k, G20_FFT_FORWARD, NULL, e);
        if (r < 0)
            goto fail;
        r = -ENOMEM;
    }
    *ret = m;
    return 0;

fail:
    g20_occupied_destroy(m);
    return r == -ENOMEM ? g20_fail(e, r, "occupied bandwidth: out of memory") : r;
}

void g20_occupied_destroy(struct g20_occupied_meter *m)
{
    if (!m)
        return;
    for (int k = MIN_LOG2; k <= MAX_LOG2; k++) {
        g20_fft_destroy(m->fft[k]);
        g20_free(m->window[k]);
    }
    g20_free(m->smooth);
    g20_free(m->noise);
    g20_free(m->most);
    g20_free(m->power);
    g20_free(m->out);
    g20_free(m->in);
    g20_free(m);
}

/* Averaged periodogram, lowest frequency first; the bins sum to the mean power. Beside it the
 * largest value that each bin had in any frame, as a tone's power. */
static void average_spectrum(struct g20_occupied_meter *m, const struct g20_history *h,
                             uint64_t start, uint64_t stop, int log_n)
{
    const uint32_t n = 1u << log_n;
    const float *w = m->window[log_n];
    const uint64_t len = stop - start;
    uint64_t frames = len > n ? (len - n) / (n / 2) + 1 : 1;
    double sum2 = 0.0, sum = 0.0;

    frames = G20_MIN(frames, (uint64_t)MAX_FRAMES);
    for (uint32_t i = 0; i < n; i++) {
        sum += w[i];
        sum2 += (double)w[i] * w[i];
    }
    memset(m->power, 0, n * sizeof(*m->power));
    memset(m->most, 0, n * sizeof(*m->most));
    for (uint64_t f = 0; f < frames; f++) {
        uint64_t at = frames > 1 ? start + f * (len - n) / (frames - 1) : start;
        if (frames == 1 && len < n) /* shorter than the transform: keep it in the middle */
            at = start > (n - len) / 2 ? start - (n - len) / 2 : 0;
        g20_history_read(h, at, n, m->in);
        float *in = (float *)m->in;
        for (uint32_t i = 0; i < n; i++) {
            in[2 * i] *= w[i];
            in[2 * i + 1] *= w[i];
        }
        g20_fft_execute(m->fft[log_n], m->in, m->out);
        for (uint32_t half = 0; half < 2; half++) { /* lowest frequency first */
            const float *x = (const float *)(m->out + (1 - half) * (n / 2));
            float *p = m->power + half * (n / 2), *most = m->most + half * (n / 2);
            for (uint32_t i = 0; i < n / 2; i++) {
                const float v = x[2 * i] * x[2 * i] + x[2 * i + 1] * x[2 * i + 1];
                p[i] += v;
                most[i] = v > most[i] ? v : most[i];
            }
        }
    }
    const float scale = (float)(1.0 / ((double)frames * n * sum2));
    const float tone = (float)(1.0 / (sum * sum));
    for (uint32_t i = 0; i < n; i++) {
        m->power[i] *= scale;
        m->most[i] *= tone;
    }
}

/* Noise per bin of an n-point spectrum in the same scale. */
static void scale_noise(struct g20_occupied_meter *m, const float *noise, uint32_t n)
{
    const uint32_t per = G20_TILE_BINS / n;

    for (uint32_t i = 0; i < n; i++) {
        double sum = 0.0;
        /* Bin i is centred on tile bin i x per. */
        for (uint32_t j = 0; j < per; j++) {
            const int64_t at = (int64_t)i * per + j - per / 2;
            sum += noise[G20_CLAMP(at, 0, G20_TILE_BINS - 1)];
        }
        /* A bin's tone-scaled power over the window's noise bandwidth, times the bins it covers. */
        m->noise[i] = (float)(sum / HANN_ENBW);
    }
}

static void smooth_ratio(struct g20_occupied_meter *m, int n)
{
    for (int i = 0; i < n; i++) {
        float p = 0.0f, q = 0.0f;
        for (int j = G20_MAX(i - SMOOTH_HALF, 0); j <= G20_MIN(i + SMOOTH_HALF, n - 1); j++) {
            p += m->power[j];
            q += m->noise[j];
        }
        m->smooth[i] = p / q;
    }
}

/* Most of the ratio of power to noise within @lo .. @hi, as means of an eighth of them: a line (a
 * carrier between its sidebands) is no measure of how far those reach. */
static float density(const struct g20_occupied_meter *m, int lo, int hi)
{
    const int width = G20_MAX((hi - lo + 1) / LINE_PART, 2 * SMOOTH_HALF + 1);
    float p = 0.0f, q = 0.0f, most = 0.0f;

    for (int i = lo; i <= hi; i++) {
        p += m->power[i];
        q += m->noise[i];
        if (i - width >= lo) {
            p -= m->power[i - width];
            q -= m->noise[i - width];
        }
        if (i - lo + 1 >= G20_MIN(width, hi - lo + 1))
            most = fmaxf(most, p / q);
    }
    return most;
}

/* Walk from @at in direction @dir while the spectrum stays visible, over gaps in proportion. */
static int walk(const float *ratio, int n, int at, int dir, int width, float least)
{
    int end = at, dark = 0;

    for (int i = at; i >= 0 && i < n; i += dir) {
        if (ratio[i] > least) {
            end = i;
            dark = 0;
        } else if (++dark > G20_MAX(2, (int)(GAP_PART * G20_MAX(width, dir * (end - at))))) {
            break;
        }
    }
    return end;
}

/* Edge, in bins, outside of which @TAIL of the excess lies; interpolated within the bin. */
static double edge(const struct g20_occupied_meter *m, int from, int to, int dir, double total)
{
    double part = 0.0;

    for (int i = from; i != to + dir; i += dir) {
        const double x = (double)m->power[i] - (double)m->noise[i];
        if (part + x >= TAIL * total)
            return i + 0.5 - dir * 0.5 + dir * (x > 0.0 ? (TAIL * total - part) / x : 0.0);
        part += x;
    }
    return to + 0.5 + dir * 0.5;
}

void g20_occupied_measure(struct g20_occupied_meter *m, const struct g20_history *h, uint64_t start,
                          uint64_t stop, double hint_lo, double hint_hi, const float *noise,
                          struct g20_occupied *ret)
{
    int log_n = MIN_LOG2;

    while (log_n < MAX_LOG2 && (2ull << log_n) <= (stop - start))
        log_n++;
    const int n = 1 << log_n;
    average_spectrum(m, h, start, stop, log_n);
    scale_noise(m, noise, (uint32_t)n);
    smooth_ratio(m, n);

    int lo = G20_CLAMP((int)floor((hint_lo + 0.5) * n + 0.5), 0, n - 1);
    int hi = G20_CLAMP((int)ceil((hint_hi + 0.5) * n - 0.5), lo, n - 1), top = lo;
    for (int i = lo; i <= hi; i++)
        if (m->power[i] - m->noise[i] > m->power[top] - m->noise[top])
            top = i;
    const float least = fmaxf((float)VISIBLE, density(m, lo, hi) * (float)pow(10.0, -0.1 * FAR_DB));
    const int vlo = walk(m->smooth, n, top, -1, hi - lo, least);
    const int vhi = walk(m->smooth, n, top, +1, hi - lo, least);
    lo = G20_MIN(lo, vlo);
    hi = G20_MAX(hi, vhi);

    double total = 0.0;
    for (int i = lo; i <= hi; i++)
        total += (double)m->power[i] - (double)m->noise[i];
    double a = edge(m, lo, hi, +1, total), b = edge(m, hi, lo, -1, total);
    if (total <= 0.0 || b <= a) {
        a = lo;
        b = hi + 1;
    }
    ret->power = ret->noise = ret->peak = 0.0;
    for (int i = (int)a; i < (int)ceil(b); i++) {
        ret->power += m->power[i];
        ret->noise += m->noise[i];
        ret->peak = fmax(ret->peak, m->most[i]);
    }
    /* Bin i covers i - 1/2 .. i + 1/2; bin n / 2 is zero. */
    ret->f_lo = G20_MAX((a - 0.5) / n - 0.5, -0.5);
    ret->f_hi = G20_MIN((b - 0.5) / n - 0.5, 0.5);
    ret->visible_lo = (G20_MIN(vlo, (int)a) - 0.5) / n - 0.5;
    ret->visible_hi = (G20_MAX(vhi, (int)b) + 0.5) / n - 0.5;
}
