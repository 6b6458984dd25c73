/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "dsp/ddc_plan.h"

#include "dsp/fir.h"

#include <errno.h>
#include <math.h>

#define TIGHTEST 1.05  /* output rate over bandwidth that can still be filtered */
#define CHOSEN   1.25  /* the same when the rate is ours to choose */
#define BEFORE   1.5   /* a resampler's input rate over its output's, at least, where possible */
#define SAME     1e-12 /* rates that differ by less, relatively, are equal */

/* No prime factor above 13: then there are factors enough to choose from, and a number of that
 * kind lies within a few per cent of any other. */
static bool is_smooth(uint32_t n)
{
    static const uint32_t primes[] = {2, 3, 5, 7, 11, 13};

    for (size_t i = 0; i < G20_COUNT_OF(primes); i++) {
        while (n % primes[i] == 0)
            n /= primes[i];
    }
    return n == 1;
}

struct wish {
    double rate, pass, out; /* hertz; pass: half the bandwidth */
    bool resample;          /* another step follows the decimation */
};

/* The filter of a step of @down from @rate on. */
static struct g20_ddc_step step_of(const struct wish *w, double rate, uint32_t down, bool is_last)
{
    const double stop = is_last ? w->out / 2 : rate / down - w->out / 2;

    return (struct g20_ddc_step){.up = 1,
                                 .down = down,
                                 .pass = w->pass / rate,
                                 .stop = stop / rate,
                                 .taps =
                                     g20_fir_length((stop - w->pass) / rate, G20_DDC_DESIGN_DB)};
}

/* Work of a chain for each input sample, in real multiplications; a sum has a price as well. The
 * first filter's taps are complex. */
static double work(const struct wish *w, const uint32_t *down, struct g20_ddc_plan *p)
{
    double rate = w->rate, sum = 0;
    uint32_t last = 0;

    p->steps = 0;
    for (uint32_t i = 0; i < 4; i++)
        last = down[i] > 1 ? i : last;
    for (uint32_t i = 0; i <= last; i++) {
        const struct g20_ddc_step s = step_of(w, rate, down[i], i == last && !w->resample);

        if (!(s.stop > s.pass))
            return INFINITY;
        sum += rate / w->rate * (s.taps * (i == 0 ? 4.0 : 2.0) + 200.0) / s.down;
        p->step[p->steps++] = s;
        rate /= s.down;
    }
    return sum;
}

/* The cheapest chain for a decimation by @total, as up to four factors in every order. */
static void factor(const struct wish *w, uint32_t total, struct g20_ddc_plan *p)
{
    double least = INFINITY;
    struct g20_ddc_plan best = {.steps = 0};

    for (uint32_t a = 1; a <= total; a++) {
        if (total % a != 0 || (a == 1 && total > 1))
            continue;
        for (uint32_t b = 1; b <= total / a; b++) {
            if ((total / a) % b != 0)
                continue;
            for (uint32_t c = 1; c <= total / a / b; c++) {
                if ((total / a / b) % c != 0)
                    continue;
                const double cost = work(w, (const uint32_t[]){a, b, c, total / a / b / c}, p);
                if (cost < least) {
                    least = cost;
                    best = *p;
                }
            }
        }
    }
    *p = best;
}

/* The fraction nearest to @x >= 1 with a denominator of at most G20_DDC_MOST_UP (continued
 * fraction); returns its relative error. */
static double fraction(double x, uint32_t *ret_down, uint32_t *ret_up)
{
    uint64_t p0 = 1, q0 = 0, p1 = (uint64_t)x, q1 = 1;
    double rest = x - floor(x);

    for (int i = 0; i < 32 && fabs((double)p1 / (double)q1 - x) > SAME * x && rest > 0; i++) {
        const double inverse = 1 / rest;
        if (inverse > 1e9)
            break;
        const uint64_t a = (uint64_t)inverse, p2 = a * p1 + p0, q2 = a * q1 + q0;
        if (q2 > G20_DDC_MOST_UP)
            break;
        rest = inverse - (double)a;
        p0 = p1;
        q0 = q1;
        p1 = p2;
        q1 = q2;
    }
    *ret_down = (uint32_t)p1;
    *ret_up = (uint32_t)q1;
    return fabs((double)p1 / (double)q1 / x - 1);
}

/* Decimation first, then a resampler from between BEFORE and twice that many times the rate. */
static void resample(struct wish *w, struct g20_ddc_plan *p)
{
    const double ratio = w->rate / w->out;
    const uint32_t most = (uint32_t)G20_MAX(1.0, ratio / BEFORE);
    double least = INFINITY;
    uint32_t best = 1, up = 1, down = 1;

    for (uint32_t d = most; d >= G20_MAX(1u, most / 2); d--) {
        uint32_t u, m;
        if (!is_smooth(d))
            continue;
        const double error = fraction(ratio / d, &m, &u);
        /* Exact with a short table is best. */
        const double badness = G20_MAX(error, 1e-10) * (1 + u * 1e-3);
        if (badness < least) {
            least = badness;
            best = d;
            up = u;
            down = m;
        }
    }
    const double rate = w->rate / best;
    p->up = up;
    p->down = (uint64_t)best * down;
    w->out = rate * up / down;
    w->resample = true;
    if (best > 1)
        factor(w, best, p);
    else
        p->step[p->steps++] = (struct g20_ddc_step){.up = 1, .down = 1, .taps = 1};
    struct g20_ddc_step s = step_of(w, rate, 1, true);
    s.up = up;
    s.down = down;
    s.taps = g20_fir_length((s.stop - s.pass) / up, G20_DDC_DESIGN_DB);
    p->step[p->steps++] = s;
}

static int check(const struct g20_ddc_cfg *c, struct g20_err *e)
{
    const double half = c->rate_hz / 2;

    if (!(c->rate_hz > 0) || !isfinite(c->rate_hz))
        return g20_fail(e, -EINVAL, "rate_hz: want a number > 0");
    if (!(c->bandwidth_hz > 0) || !isfinite(c->bandwidth_hz))
        return g20_fail(e, -EINVAL, "bandwidth_hz: want a number > 0");
    if (!isfinite(c->offset_hz))
        return g20_fail(e, -EINVAL, "center_hz: want a number");
    if (c->bandwidth_hz * CHOSEN < c->rate_hz / G20_DDC_MOST_DOWN)
        return g20_fail(e, -EINVAL, "bandwidth_hz: want at least %.10g",
                        ceil(c->rate_hz / G20_DDC_MOST_DOWN / CHOSEN));
    if (fabs(c->offset_hz) + c->bandwidth_hz / 2 > half * (1 + 1e-9))
        return g20_fail(e, -ERANGE,
                        "center_hz, bandwidth_hz: %.10g to %.10g Hz from the centre leave the "
                        "stream's +-%.10g Hz",
                        c->offset_hz - c->bandwidth_hz / 2, c->offset_hz + c->bandwidth_hz / 2,
                        half);
    if (c->out_rate_hz == 0)
        return 0;
    if (!(c->out_rate_hz >= c->bandwidth_hz * TIGHTEST * (1 - SAME)) ||
        !(c->out_rate_hz <= c->rate_hz * (1 + SAME)))
        return g20_fail(e, -EINVAL, "rate_hz: want %.10g (1.05 times the bandwidth) to %.10g",
                        c->bandwidth_hz * TIGHTEST, c->rate_hz);
    return 0;
}

int g20_ddc_plan_make(struct g20_ddc_plan *ret, const struct g20_ddc_cfg *c, struct g20_err *e)
{
    struct g20_ddc_plan p = {.up = 1, .down = 1, .out_rate_hz = c->rate_hz};
    struct wish w = {.rate = c->rate_hz, .pass = c->bandwidth_hz / 2, .out = c->out_rate_hz};
    const int r = check(c, e);

    if (r < 0)
        return r;
    if (c->out_rate_hz == 0 && c->bandwidth_hz * TIGHTEST > c->rate_hz) {
        /* As good as all there is: nothing is left to filter off. */
        p.step[p.steps++] = (struct g20_ddc_step){.up = 1, .down = 1, .pass = 0.5, .taps = 1};
        *ret = p;
        return 0;
    }
    double whole = c->out_rate_hz > 0 ? c->rate_hz / c->out_rate_hz
                                      : floor(c->rate_hz / (c->bandwidth_hz * CHOSEN));
    uint32_t down = (uint32_t)G20_MAX(1.0, round(whole));
    while (c->out_rate_hz == 0 && !is_smooth(down))
        down--;
    if (c->out_rate_hz == 0 || (fabs(whole - down) < SAME * down && is_smooth(down))) {
        p.down = down;
        w.out = c->rate_hz / down;
        factor(&w, down, &p);
    } else {
        resample(&w, &p);
    }
    p.out_rate_hz = w.out;
    *ret = p;
    return 0;
}
