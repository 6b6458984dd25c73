/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "source/stream_clock.h"

#include <math.h>

enum { BACKWARDS_MOST = 8 };

static const uint64_t WINDOW_NS = 5000000000u;
static const double MISSING = 0.02;      /* of a window's samples: more than any clock is wrong */
static const double STAMP_TOL = 2.0;     /* samples */
static const double STAMP_TOL_S = 2e-6;  /* ticks that were rounded */
static const double JUMP_LATE_S = 0.01;  /* later than this at a jump is loss, not jitter */
static const double STAMP_MOST_S = 3600; /* further apart is another time base, not a gap */

void g20_stream_clock_init(struct g20_stream_clock *c, double rate_hz)
{
    *c = (struct g20_stream_clock){.rate_hz = rate_hz};
}

bool g20_stream_clock_trusts(const struct g20_stream_clock *c)
{
    return c->backwards < BACKWARDS_MOST;
}

/* Seconds from the origin to sample @n. */
static double since_origin(const struct g20_stream_clock *c, uint64_t n)
{
    return (double)(n - c->base) / c->rate_hz;
}

/* How long after its last sample, @end, the packet was here. */
static double delay_of(const struct g20_stream_clock *c, const struct g20_stream_packet *p,
                       uint64_t end)
{
    return (double)((int64_t)p->mono_ns - c->origin_ns) * 1e-9 - since_origin(c, end);
}

static void start(struct g20_stream_clock *c, const struct g20_stream_packet *p)
{
    c->started = true;
    c->origin_ns = (int64_t)p->mono_ns - llround(p->samples / c->rate_hz * 1e9);
    c->origin_us = (int64_t)p->utc_us - llround(p->samples / c->rate_hz * 1e6);
    c->window_ns = p->mono_ns;
    c->least_s = c->now_s = 0;
}

static enum g20_stream_step by_stamp(struct g20_stream_clock *c, const struct g20_stream_packet *p,
                                     uint64_t *ret_lost)
{
    const double ahead_s = (double)(p->stamp_ns - c->stamp_ns) * 1e-9;
    const double tol_s = STAMP_TOL / c->rate_hz + STAMP_TOL_S;

    if (!c->has_stamp || fabs(ahead_s) <= tol_s)
        return G20_STREAM_ON;
    if (ahead_s < 0)
        c->backwards++;
    if (ahead_s < 0 || ahead_s > STAMP_MOST_S)
        return G20_STREAM_JUMP;
    *ret_lost = (uint64_t)G20_MAX(llround(ahead_s * c->rate_hz), 1);
    return G20_STREAM_LOST;
}

/* The origin moves with the device's clock. More than a clock can be wrong is missing samples. */
static uint64_t end_window(struct g20_stream_clock *c, const struct g20_stream_packet *p)
{
    const bool stamped = c->has_stamp && g20_stream_clock_trusts(c);
    const double moved_s = c->known ? c->now_s - c->least_s : 0;
    const double window_s = (double)(p->mono_ns - c->window_ns) * 1e-9;
    uint64_t missing = 0;

    if (!stamped && moved_s > MISSING * window_s) {
        missing = (uint64_t)llround(moved_s * c->rate_hz);
    } else {
        if (!c->known)
            c->least_s = c->now_s;
        c->known = true;
        /* A new base, or the fractions of days would not fit a double's digits. */
        c->origin_ns += llround((since_origin(c, c->next) + moved_s) * 1e9);
        c->base = c->next;
        c->origin_us = (int64_t)p->utc_us - ((int64_t)p->mono_ns - c->origin_ns) / 1000;
    }
    c->window_ns = p->mono_ns;
    c->now_s = INFINITY;
    return missing;
}

enum g20_stream_step g20_stream_clock_take(struct g20_stream_clock *c,
                                           const struct g20_stream_packet *p, uint64_t *ret_lost)
{
    enum g20_stream_step step = G20_STREAM_ON;
    uint64_t lost = 0;

    if (!c->started)
        start(c, p);
    if (p->has_stamp && g20_stream_clock_trusts(c))
        step = by_stamp(c, p, &lost);
    c->has_stamp = p->has_stamp;
    c->stamp_ns = p->stamp_ns + llround(p->samples / c->rate_hz * 1e9);

    double delay_s = delay_of(c, p, c->next + lost + p->samples);
    const double least_s = c->known ? G20_MIN(c->least_s, c->now_s) : c->now_s;
    if ((p->overflow && lost == 0) || step == G20_STREAM_JUMP) {
        const double late_s = isfinite(least_s) ? delay_s - least_s : 0;
        lost = p->overflow ? 1 : 0;
        if (late_s * c->rate_hz > 1 && (p->overflow || late_s > JUMP_LATE_S))
            lost = (uint64_t)llround(late_s * c->rate_hz);
        step = step == G20_STREAM_JUMP ? step : G20_STREAM_LOST;
        delay_s = delay_of(c, p, c->next + lost + p->samples);
    }
    c->next += lost + p->samples;
    c->now_s = G20_MIN(c->now_s, delay_s);
    if (p->mono_ns - c->window_ns >= WINDOW_NS) {
        const uint64_t missing = end_window(c, p);

        c->next += missing;
        lost += missing;
        step = missing > 0 && step == G20_STREAM_ON ? G20_STREAM_LOST : step;
    }
    *ret_lost = lost;
    return step;
}

uint64_t g20_stream_clock_utc(const struct g20_stream_clock *c, uint64_t n)
{
    const double s = ((double)n - (double)c->base) / c->rate_hz;

    return (uint64_t)(c->origin_us + llround(s * 1e6));
}
