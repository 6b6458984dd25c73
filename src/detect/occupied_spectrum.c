/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The spectrum of one burst, of its own samples or of the tile's rows, and the noise in it. */
#include "detect/occupied_own.h"

#include "base/alloc.h"
#include "dsp/fft.h"
#include "dsp/kernels.h"
#include "dsp/window.h"

#include <errno.h>
#include <string.h>

enum {
    MIN_LOG2 = 6,
    MAX_LOG2 = G20_OCCUPIED_MAX_LOG2,
    MAX_N = 1 << MAX_LOG2,
    MARGIN_PART = 4, /* of a frame, before and behind the burst */
    MAX_FRAMES = 96, /* enough to average; a longer burst is sampled evenly */
    FEW_ROWS = 15,   /* within a burst: one with fewer gets no more from MAX_FRAMES either */
    MAX_ROWS = 32,   /* a longer burst's are sampled evenly */
};

#define HANN_ENBW  1.5
#define HANN_POWER 0.375 /* mean of its squares */

/* x[i] (-1)^i has its spectrum turned by half: it comes out lowest frequency first. */
static void fill_window(struct g20_occupied_meter *m, int log_n)
{
    const uint32_t n = 1u << log_n;
    float *w = m->window[log_n];

    g20_window_fill(G20_WINDOW_HANN, m->frame, n);
    for (uint32_t i = 0; i < n; i++)
        w[2 * i] = w[2 * i + 1] = i % 2 ? -m->frame[i] : m->frame[i];
}

int g20_occupied_create(struct g20_occupied_meter **ret, struct g20_err *e)
{
    struct g20_occupied_meter *m = g20_calloc(1, sizeof(*m));
    int r = -ENOMEM;

    if (!m)
        goto fail;
    m->k = g20_kernels();
    m->raw = g20_calloc_aligned(MAX_N, sizeof(*m->raw));
    m->raw_ci16 = g20_calloc_aligned(MAX_N, 2 * sizeof(*m->raw_ci16));
    m->in = g20_calloc_aligned(MAX_N, sizeof(*m->in));
    m->frame = g20_calloc_aligned(MAX_N, sizeof(*m->frame));
    m->out = g20_calloc_aligned(MAX_N, sizeof(*m->out));
    m->power = g20_calloc_aligned(MAX_N, sizeof(*m->power));
    m->noise = g20_calloc_aligned(MAX_N, sizeof(*m->noise));
    m->most = g20_calloc_aligned(MAX_N, sizeof(*m->most));
    m->smooth = g20_calloc_aligned(MAX_N, sizeof(*m->smooth));
    if (!m->raw || !m->raw_ci16 || !m->in || !m->frame || !m->out || !m->power || !m->noise ||
        !m->most || !m->smooth)
        goto fail;
    for (int k = MIN_LOG2; k <= MAX_LOG2; k++) {
        m->window[k] = g20_calloc_aligned(2u << k, sizeof(float));
        if (!m->window[k])
            goto fail;
        fill_window(m, k);
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
    g20_free(m->frame);
    g20_free(m->in);
    g20_free(m->raw_ci16);
    g20_free(m->raw);
    g20_free(m);
}

/* Frames of @n points over a burst of @len samples: a short burst is covered from the frame whose
 * middle is its first sample to the one whose middle is its last, so that the windows add up to
 * the same weight everywhere and a sweep keeps its ends; of a longer one they are spread evenly. */
struct frames {
    uint64_t count;
    double first, step; /* relative to the burst's first sample */
};

static struct frames plan_frames(uint64_t len, uint32_t n)
{
    const uint64_t inner = len > n ? (len - n) / (n / 2) + 1 : 1;

    if (inner + 2 > MAX_FRAMES)
        return (struct frames){MAX_FRAMES, 0.0, (double)(len - n) / (MAX_FRAMES - 1)};
    const uint64_t count = (len + n / 2 - 1) / (n / 2) + 1;
    return (struct frames){count, -0.5 * n, (double)len / (double)(count - 1)};
}

/* Sum of squares of the @n values of window @w (each there twice) from @lo to @hi - 1. */
static double weight(const float *w, uint32_t n, uint32_t lo, uint32_t hi)
{
    double sum = 0.0;

    if (lo == 0 && hi == n)
        return HANN_POWER * n;
    for (uint32_t i = lo; i < hi; i++)
        sum += (double)w[2 * i] * (double)w[2 * i];
    return sum;
}

/* The @n samples from @at on under their window into .in, but for those before @from or after
 * @to - 1, which are left out. What a unit in it stands for. */
static float read_frame(struct g20_occupied_meter *m, const struct g20_history *h, int64_t at,
                        uint32_t n, const float *w, uint32_t from, uint32_t to)
{
    enum g20_sample_format format = G20_CI16;
    const void *raw = g20_history_ci16(h, at + from, to - from, m->raw_ci16);

    if (!raw) {
        g20_history_read(h, at + from, to - from, m->raw);
        format = G20_CF32;
        raw = m->raw;
    }
    memset(m->in, 0, from * sizeof(*m->in));
    (void)m->k->window[format]((float *)(m->in + from), raw, w + 2 * (size_t)from, to - from);
    memset(m->in + to, 0, (n - to) * sizeof(*m->in));
    return g20_kernels_scale((int)format);
}

/* Averaged periodogram, lowest frequency first; the bins sum to the mean power. Beside it the
 * largest value that each bin had in any frame, as a tone's power. Returns how much more of the
 * noise is in it than of the burst, which the margins have nothing of. */
static double average_spectrum(struct g20_occupied_meter *m, const struct g20_history *h,
                               uint64_t start, uint64_t stop, int log_n, uint32_t *ret_frames)
{
    const uint32_t n = 1u << log_n;
    const float *w = m->window[log_n];
    const struct frames plan = plan_frames(stop - start, n);
    const int64_t room = n / MARGIN_PART; /* an edge that is not steep needs it */
    const int64_t first = G20_MAX((int64_t)start - room, (int64_t)0), end = (int64_t)stop + room;
    double burst = 0.0, all = 0.0;

    memset(m->power, 0, n * sizeof(*m->power));
    memset(m->most, 0, n * sizeof(*m->most));
    for (uint64_t f = 0; f < plan.count; f++) {
        const int64_t at = (int64_t)start + (int64_t)(plan.first + (double)f * plan.step);
        const int64_t size = n;
        const uint32_t from = (uint32_t)G20_CLAMP(first - at, (int64_t)0, size);
        const uint32_t to = (uint32_t)G20_CLAMP(end - at, (int64_t)from, size);
        const uint32_t lo = (uint32_t)G20_CLAMP((int64_t)start - at, (int64_t)0, size);
        const uint32_t hi = (uint32_t)G20_CLAMP((int64_t)stop - at, (int64_t)lo, size);
        const float unit = read_frame(m, h, at, n, w, from, to);
        all += weight(w, n, from, to);
        burst += weight(w, n, lo, hi);
        g20_fft_execute(m->fft[log_n], m->in, m->out);
        m->k->power(m->frame, (const float *)m->out, n, unit * unit);
        m->k->fold(m->power, m->most, m->frame, n);
    }
    const float scale = (float)(1.0 / (n * burst));
    const float tone = (float)(4.0 / ((double)n * n)); /* a Hann window's mean is one half */
    for (uint32_t i = 0; i < n; i++) {
        m->power[i] *= scale;
        m->most[i] *= tone;
    }
    *ret_frames = (uint32_t)plan.count;
    return all / burst;
}

G20_WIDE static void add_row(float *restrict sum, const float *restrict row)
{
    for (int b = 0; b < MAX_N; b++)
        sum[b] += row[b];
}

/* The same from rows @row .. @end - 1 of the tile; the number of frames in them. */
static uint32_t average_rows(struct g20_occupied_meter *m, const struct g20_tile *t, uint32_t row,
                             uint32_t end)
{
    const uint32_t n = G20_MIN(end - row, (uint32_t)MAX_ROWS);

    memset(m->power, 0, MAX_N * sizeof(*m->power));
    memset(m->most, 0, MAX_N * sizeof(*m->most));
    for (uint32_t i = 0; i < n; i++) {
        const size_t at = (size_t)(row + i * (end - row - 1) / (n - 1)) * MAX_N;
        add_row(m->power, t->mean + at);
        m->k->fold_max(m->most, t->max + at, MAX_N);
    }
    const float scale = 1.0f / ((float)n * (float)HANN_ENBW);
    for (int b = 0; b < MAX_N; b++)
        m->power[b] *= scale;
    return n * G20_TILE_FOLD;
}

/* The tile's whole rows that see nothing but samples start .. stop - 1: *ret_row .. *ret_end - 1;
 * false: too few. */
static bool find_rows(const struct g20_tile *t, uint64_t start, uint64_t stop, uint32_t *ret_row,
                      uint32_t *ret_end)
{
    enum { SEEN = (G20_TILE_FOLD - 1) * G20_TILE_HOP + G20_TILE_BINS };
    uint32_t row = 0, end;

    while (row < t->rows && t->row[row].first_sample < start)
        row++;
    end = row;
    while (end < t->rows && t->row[end].frames == G20_TILE_FOLD &&
           t->row[end].first_sample + SEEN <= stop)
        end++;
    *ret_row = row;
    *ret_end = end;
    return end >= row + FEW_ROWS;
}

/* Noise per bin of an n-point spectrum in the same scale. */
static void scale_noise(struct g20_occupied_meter *m, const float *noise, uint32_t n, double share)
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
        m->noise[i] = (float)(share * sum / HANN_ENBW);
    }
}

struct g20_spectrum g20_occupied_spectrum(struct g20_occupied_meter *m, const struct g20_history *h,
                                          const struct g20_tile *t, uint64_t start, uint64_t stop,
                                          const float *noise)
{
    int log_n = MIN_LOG2;
    uint32_t row, end;

    while (log_n < MAX_LOG2 && (2ull << log_n) <= (stop - start))
        log_n++;
    struct g20_spectrum ret = {.power = m->power, .noise = m->noise, .n = 1 << log_n};
    double share = 1.0;
    if (t && find_rows(t, start, stop, &row, &end))
        ret.frames = average_rows(m, t, row, end);
    else
        share = average_spectrum(m, h, start, stop, log_n, &ret.frames);
    scale_noise(m, noise, (uint32_t)ret.n, share);
    return ret;
}
