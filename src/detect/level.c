/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/level.h"

#include "base/alloc.h"
#include "detect/stats.h"
#include "dsp/fft.h"

#include <errno.h>
#include <math.h>

enum {
    N = 64,   /* of a short transform */
    HOP = 16, /* samples between two */
    SPAN = 3 * G20_TILE_HOP,
    SHORTS = (SPAN - N) / HOP + 1,
    EACH = 8,       /* at least on each side of a step */
    BOTH = N / HOP, /* that see both sides of it */
    FOLD = G20_TILE_FOLD,
    MOST_STEPS = 32,       /* after which rows are not gone through again */
    AGAIN = G20_GAIN_WAIT, /* rows at the end that are judged again with those behind them */
};

struct g20_leveller {
    struct g20_fft *fft;
    float complex *in, *out; /* (SPAN), (N) */
    float *level;            /* (SHORTS) the middle of a short transform's bins, log power */
    uint64_t judged;         /* rows before this sample were looked at */
};

int g20_leveller_create(struct g20_leveller **ret, struct g20_err *e)
{
    struct g20_leveller *l = g20_calloc(1, sizeof(*l));
    int r = -ENOMEM;

    if (!l)
        return g20_fail(e, r, "level: out of memory");
    l->in = g20_calloc_aligned(SPAN + N, sizeof(*l->in));
    l->out = g20_calloc_aligned(N, sizeof(*l->out));
    l->level = g20_calloc(SHORTS, sizeof(*l->level));
    if (!l->in || !l->out || !l->level) {
        g20_leveller_destroy(l);
        return g20_fail(e, r, "level: out of memory");
    }
    if ((r = g20_fft_create(&l->fft, N, G20_FFT_FORWARD, NULL, e)) < 0) {
        g20_leveller_destroy(l);
        return r;
    }
    *ret = l;
    return 0;
}

void g20_leveller_destroy(struct g20_leveller *l)
{
    if (!l)
        return;
    g20_fft_destroy(l->fft);
    g20_free(l->level);
    g20_free(l->out);
    g20_free(l->in);
    g20_free(l);
}

void g20_leveller_reset(struct g20_leveller *l)
{
    l->judged = 0;
}

/* The noise over time from sample @start on, robust against signals narrower than half the band. */
static void take_levels(struct g20_leveller *l, const struct g20_history *h, uint64_t start)
{
    _Alignas(G20_ALIGN) float complex x[N];
    float power[N];

    g20_history_read(h, (int64_t)start, SPAN, l->in);
    for (uint32_t i = 0; i < SHORTS; i++) {
        for (uint32_t k = 0; k < N; k++) /* Hann */
            x[k] = l->in[i * HOP + k] *
                   (0.5f - 0.5f * cosf(2.0f * (float)M_PI * ((float)k + 0.5f) / N));
        g20_fft_execute(l->fft, x, l->out);
        for (uint32_t k = 0; k < N; k++)
            power[k] =
                crealf(l->out[k]) * crealf(l->out[k]) + cimagf(l->out[k]) * cimagf(l->out[k]);
        l->level[i] = logf(fmaxf(g20_stats_select(power, N, N / 2), 1e-30f));
    }
}

/* The sample between @start and @start + SPAN at which the level changes: least squares. */
static uint64_t place(struct g20_leveller *l, const struct g20_history *h, uint64_t start)
{
    double sum = 0.0, left = 0.0, most = -1.0;
    uint32_t best = SHORTS / 2;

    take_levels(l, h, start);
    for (uint32_t i = 0; i < SHORTS; i++)
        sum += (double)l->level[i];
    /* What is left of the squares is least where the squares of the two means weigh most. */
    for (uint32_t i = 0; i + BOTH + EACH < SHORTS; left += (double)l->level[i++]) {
        double both = 0.0;
        for (uint32_t k = i; k < i + BOTH; k++)
            both += (double)l->level[k];
        const double n = i, m = SHORTS - BOTH - i, right = sum - left - both;
        const double apart = i < EACH ? 0.0 : left / n - right / m;
        const double weight = apart * apart * n * m / (n + m);
        if (weight > most) {
            most = weight;
            best = i;
        }
    }
    return start + (uint64_t)best * HOP + N - HOP / 2;
}

static uint64_t sample_of(const struct g20_tile *t, uint32_t frame)
{
    return t->row[frame / FOLD].first_sample + (uint64_t)(frame % FOLD) * G20_TILE_HOP;
}

void g20_leveller_level(struct g20_leveller *l, struct g20_tile *t, struct g20_history *h)
{
    struct g20_gain_step step;
    uint32_t row = 1, steps = 0;

    while (row < t->rows && t->row[row].first_sample < l->judged)
        row++;
    for (; row + 1 < t->rows; row++) {
        if (!g20_gain_is_step(t, row, &step))
            continue;
        g20_history_scale(h, place(l, h, sample_of(t, step.frame)), step.ratio);
        g20_tile_level(t, step.frame, step.group, step.cell);
        if (++steps < MOST_STEPS)
            row = row > 3 ? row - 3 : 0; /* there may be another one close by */
    }
    l->judged = t->row[t->rows > AGAIN ? t->rows - AGAIN : 0].first_sample;
}

bool g20_leveller_waits(const struct g20_tile *t)
{
    if (t->rows < 2)
        return false;
    for (uint32_t i = 2; i <= AGAIN && i < t->rows; i++)
        if (g20_gain_change(t, t->rows - i - 1, t->rows - i + 1) != 0.0f)
            return true;
    return g20_gain_change(t, t->rows - 2, t->rows - 1) != 0.0f;
}
