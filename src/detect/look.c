/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/look.h"

#include "base/alloc.h"
#include "base/rng.h"
#include "detect/envelope.h"
#include "detect/look_numbers.h"
#include "dsp/fft.h"
#include "dsp/kernels.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum {
    SIDE = G20_LOOK_SIDE,
    N = 256,         /* of the pictures' transforms */
    MOST = 1 << 19,  /* samples of what was cut out */
    LONG_PARTS = 32, /* window of the first picture x bandwidth */
    SHORT_PARTS = 8, /* and of the second */
    AVERAGE = 4,     /* transforms in a moment of the first, at most */
};

#define DEEP_DB   30.0f
#define NARROWEST 1e-5 /* fractions of the rate */

struct g20_looker {
    struct g20_envelope_maker *maker;
    struct g20_look_meter *meter;
    struct g20_fft *fft;
    float complex *iq, *in, *out; /* (MOST), (N), (N) */
    float power[SIDE][SIDE];
    struct g20_look_window window;
    struct { /* of each column: the bin below its frequency, or -1, and how far it is above that */
        int bin;
        float above;
    } column[SIDE];
    float noise; /* ratio; 0: none */
    struct g20_rng rng;
};

int g20_looker_create(struct g20_looker **ret, struct g20_err *e)
{
    struct g20_looker *l = g20_calloc(1, sizeof(*l));
    int r = -ENOMEM;

    if (!l)
        goto fail;
    l->iq = g20_calloc_aligned(MOST, sizeof(*l->iq));
    l->in = g20_calloc_aligned(N, sizeof(*l->in));
    l->out = g20_calloc_aligned(N, sizeof(*l->out));
    if (!l->iq || !l->in || !l->out)
        goto fail;
    if ((r = g20_envelope_create(&l->maker, 16, e)) < 0 ||
        (r = g20_fft_create(&l->fft, N, G20_FFT_FORWARD, NULL, e)) < 0 ||
        (r = g20_look_meter_create(&l->meter, e)) < 0)
        goto fail;
    *ret = l;
    return 0;

fail:
    g20_looker_destroy(l);
    return r == -ENOMEM ? g20_fail(e, r, "second look: out of memory") : r;
}

void g20_looker_destroy(struct g20_looker *l)
{
    if (!l)
        return;
    g20_look_meter_destroy(l->meter);
    g20_fft_destroy(l->fft);
    g20_envelope_destroy(l->maker);
    g20_free(l->out);
    g20_free(l->in);
    g20_free(l->iq);
    g20_free(l);
}

/* What was cut out: @n samples, the band is @bw wide around @offset (cycles a sample of them). */
struct cutting {
    size_t n;
    double bw, offset;
};

/* Frequencies from -bw to +bw around the band's middle, in SIDE steps. */
static void place_columns(struct g20_looker *l, const struct cutting *c)
{
    for (int k = 0; k < SIDE; k++) {
        const double f = c->offset + (((double)k + 0.5) / (SIDE / 2) - 1.0) * c->bw;
        const double bin = floor(f * N);
        l->column[k].bin = f < -0.5 || f >= 0.5 ? -1 : ((int)bin + N) % N;
        l->column[k].above = (float)(f * N - bin);
    }
}

static float power_of(float complex x)
{
    return crealf(x) * crealf(x) + cimagf(x) * cimagf(x);
}

/* Adds to @row the spectrum around sample @middle, by a Hann window of @window samples. */
static void add_moment(struct g20_looker *l, const struct cutting *c, double middle, double window,
                       float *row)
{
    const int len = G20_CLAMP((int)lround(window), 4, N);
    const int64_t from = llround(middle - 0.5 * len);

    const float *w = g20_look_window(&l->window, (size_t)len);
    memset(l->in, 0, N * sizeof(*l->in));
    for (int i = 0; i < len; i++) {
        const int64_t at = from + i;
        if (at >= 0 && at < (int64_t)c->n)
            l->in[i] = l->iq[at] * w[i];
    }
    g20_fft_execute(l->fft, l->in, l->out);
    for (int k = 0; k < SIDE; k++) {
        const int bin = l->column[k].bin;
        const float above = l->column[k].above;
        if (bin >= 0)
            row[k] +=
                (1.0f - above) * power_of(l->out[bin]) + above * power_of(l->out[(bin + 1) % N]);
    }
}

/* dB under the strongest but a few. */
static bool scale(struct g20_looker *l, float picture[SIDE][SIDE])
{
    float most = 0.0f;

    for (int t = 0; t < SIDE; t++) { /* the mean of the moments' strongest: robust, and not lower */
        float top = 0.0f;
        for (int k = 0; k < SIDE; k++)
            top = fmaxf(top, l->power[t][k]);
        most += top / SIDE;
    }
    if (!(most > 0.0f) || !isfinite(most))
        return false;
    for (int t = 0; t < SIDE; t++) {
        for (int k = 0; k < SIDE; k++)
            picture[t][k] = l->power[t][k] / most;
        g20_kernels()->power_to_db(picture[t], picture[t], SIDE);
        for (int k = 0; k < SIDE; k++)
            picture[t][k] = G20_CLAMP(1.0f + picture[t][k] / DEEP_DB, 0.0f, 1.3f);
    }
    return true;
}

static bool whole(struct g20_looker *l, const struct cutting *c, float picture[SIDE][SIDE])
{
    const double window = LONG_PARTS / c->bw, step = (double)c->n / SIDE;
    const int each = G20_CLAMP((int)(2.0 * step / window), 1, AVERAGE);

    memset(l->power, 0, sizeof(l->power));
    for (int t = 0; t < SIDE; t++)
        for (int k = 0; k < each; k++)
            add_moment(l, c, (t + (k + 0.5) / each) * step, window, l->power[t]);
    return scale(l, picture);
}

static bool close_by(struct g20_looker *l, const struct cutting *c, float picture[SIDE][SIDE])
{
    const double window = SHORT_PARTS / c->bw, step = 0.5 / c->bw;
    const double begin[2] = {0.0, fmax(0.0, 0.5 * (double)c->n - 0.25 * SIDE * step)};

    memset(l->power, 0, sizeof(l->power));
    for (int t = 0; t < SIDE; t++) {
        const int half = t / (SIDE / 2);
        add_moment(l, c, begin[half] + (t % (SIDE / 2) + 0.5) * step, window, l->power[t]);
    }
    return scale(l, picture);
}

void g20_looker_noise(struct g20_looker *l, float ratio, uint64_t seed)
{
    l->noise = ratio;
    g20_rng_init(&l->rng, seed);
}

static void add_noise(struct g20_looker *l, const struct cutting *c)
{
    double power = 0.0;

    if (l->noise <= 0.0f)
        return;
    for (size_t i = 0; i < c->n; i++)
        power +=
            (double)(crealf(l->iq[i]) * crealf(l->iq[i]) + cimagf(l->iq[i]) * cimagf(l->iq[i]));
    /* Per component; the samples' band is 1 wide, the signal's is c->bw of it. */
    const float sigma = (float)sqrt(0.5 * (double)l->noise * power / (double)c->n / c->bw);
    for (size_t i = 0; i < c->n; i++) {
        const float re = sigma * (float)g20_rng_normal(&l->rng);
        const float im = sigma * (float)g20_rng_normal(&l->rng);
        l->iq[i] += re + im * I;
    }
}

bool g20_looker_look(struct g20_looker *l, const struct g20_history *h, uint64_t start,
                     uint64_t stop, double f_lo, double f_hi, double rate_hz, struct g20_look *ret)
{
    const double bw = fmax(f_hi - f_lo, NARROWEST), mid = 0.5 * (f_lo + f_hi);
    const uint64_t begin = g20_history_start(h), end = g20_history_end(h);
    const double duration = (double)(stop - start) / rate_hz;
    struct g20_envelope env;

    start = G20_MAX(start, begin);
    stop = G20_MIN(stop, end);
    if (stop <= start)
        return false;
    stop = G20_MIN(stop, start + (uint64_t)(G20_LOOK_MOST / bw));
    g20_envelope_cut(l->maker, h, start, stop, fmax(mid - bw, -0.5), fmin(mid + bw, 0.5), l->iq,
                     MOST, &env);
    const struct cutting c = {
        .n = env.n, .bw = bw * env.step, .offset = (mid - env.centre) * env.step};
    if (c.n == 0)
        return false;
    memset(ret, 0, sizeof(*ret));
    ret->number[G20_LOOK_BANDWIDTH] = (float)(log10(bw * rate_hz) - 5.0);
    ret->number[G20_LOOK_DURATION] = (float)(log10(fmax(duration, 1e-7)) + 2.5);
    ret->number[G20_LOOK_PRODUCT] = (float)(log10(fmax(duration * bw * rate_hz, 0.1)) - 2.0);
    add_noise(l, &c);
    g20_look_measure(l->meter, l->iq, c.n, c.bw, c.offset, ret->number);
    place_columns(l, &c);
    return whole(l, &c, ret->picture[0]) && close_by(l, &c, ret->picture[1]);
}
