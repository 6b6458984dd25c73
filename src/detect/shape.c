/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/shape.h"

#include "detect/pieces.h"
#include "detect/stats.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGER      1.25 /* than drawn, or shorter, an emission may be by this factor, */
#define WIDER       1.4  /* or wider, or narrower */
#define PAUSE       1.25 /* of the longest pause that was seen */
#define BLUR        0.06 /* of the shortest: power is averaged over so long, at least */
#define SAME_BAND   0.5  /* of the wider of two pieces: they follow each other */
#define SAME_TIME   0.5  /* of the shorter of two whole ones: they are one */
#define ON_Z        4.5  /* normal score of the power's threshold against noise */
#define INDEPENDENT 0.6  /* independent powers per value of an envelope under its taper */

void g20_shape_add(struct g20_shape *drawn, double seconds, double hertz, double pause)
{
    const bool first = !(drawn->longest > 0.0);

    drawn->shortest = first ? seconds : fmin(drawn->shortest, seconds);
    drawn->longest = fmax(drawn->longest, seconds);
    drawn->narrowest = first ? hertz : fmin(drawn->narrowest, hertz);
    drawn->widest = fmax(drawn->widest, hertz);
    drawn->pause = fmax(drawn->pause, pause);
}

void g20_shape_text(const struct g20_shape *s, char buf[G20_SHAPE_TEXT])
{
    snprintf(buf, G20_SHAPE_TEXT, "%.6g %.6g %.6g %.6g %.6g", s->shortest, s->longest, s->narrowest,
             s->widest, s->pause);
}

bool g20_shape_read(struct g20_shape *s, const char *text)
{
    double x[5];

    for (size_t i = 0; i < G20_COUNT_OF(x); i++) {
        char *end;
        x[i] = strtod(text, &end);
        if (end == text || !isfinite(x[i]) || x[i] < 0.0)
            return false;
        text = end;
    }
    *s = (struct g20_shape){x[0], x[1], x[2], x[3], x[4]};
    return *text == '\0' && s->shortest > 0.0 && s->longest >= s->shortest && s->narrowest > 0.0 &&
           s->widest >= s->narrowest;
}

static double seconds(const struct g20_find *f, double rate_hz)
{
    return (double)(f->stop - f->start) / rate_hz;
}

static double hertz(const struct g20_find *f, double rate_hz)
{
    return (f->f_hi - f->f_lo) * rate_hz;
}

static bool is_long_enough(const struct g20_shape *s, const struct g20_find *f, double rate_hz)
{
    return seconds(f, rate_hz) * LONGER >= s->shortest;
}

static bool is_whole(const struct g20_shape *s, const struct g20_find *f, double rate_hz)
{
    return is_long_enough(s, f, rate_hz) && hertz(f, rate_hz) * WIDER >= s->narrowest;
}

static bool is_too_long(const struct g20_shape *s, const struct g20_find *f, double rate_hz)
{
    return seconds(f, rate_hz) > LONGER * s->longest;
}

static double common(double a0, double a1, double b0, double b1)
{
    return fmin(a1, b1) - fmax(a0, b0);
}

/* Would @a and @b together be of the shape, as far as parts can tell? Two that are whole are two
 * emissions, unless they are on at the same time. */
static bool belongs(const struct g20_shape *s, double rate_hz, const struct g20_find *a,
                    const struct g20_find *b)
{
    const double time =
        common((double)a->start, (double)a->stop, (double)b->start, (double)b->stop) / rate_hz;
    const double band = common(a->f_lo, a->f_hi, b->f_lo, b->f_hi) * rate_hz;
    const double width = fmax(hertz(a, rate_hz), hertz(b, rate_hz));
    struct g20_find both = *a;

    g20_find_join(&both, b);
    return time > -PAUSE * s->pause && !is_too_long(s, &both, rate_hz) &&
           (band > SAME_BAND * width || hertz(&both, rate_hz) <= WIDER * s->widest) &&
           (!is_whole(s, a, rate_hz) || !is_whole(s, b, rate_hz) ||
            time > SAME_TIME * fmin(seconds(a, rate_hz), seconds(b, rate_hz)));
}

size_t g20_shape_join(const struct g20_shape *s, double rate_hz, const struct g20_find *find,
                      size_t n, struct g20_candidate ret[G20_SHAPE_CANDIDATES])
{
    size_t count = 0, kept = 0;

    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        if (find[i].stop <= find[i].start || is_too_long(s, &find[i], rate_hz))
            continue;
        while (k < count &&
               (ret[k].parts == G20_SHAPE_PARTS || !belongs(s, rate_hz, &ret[k].find, &find[i])))
            k++;
        if (k == G20_SHAPE_CANDIDATES)
            continue;
        if (k < count)
            g20_find_join(&ret[k].find, &find[i]);
        else
            ret[count++] = (struct g20_candidate){.find = find[i]};
        ret[k].part[ret[k].parts++] = (uint32_t)i;
    }
    for (size_t k = 0; k < count; k++)
        if (ret[k].parts > 1 && is_whole(s, &ret[k].find, rate_hz))
            ret[kept++] = ret[k];
    return kept;
}

struct cutting {
    const struct g20_shape *shape;
    double rate_hz;
    const struct g20_find *find[G20_SHAPE_CANDIDATES]; /* that are too long */
    const struct g20_floor *floor;
    const struct g20_history *history;
};

/* What lies between two pauses, if it is as long as the shape. */
static void take(struct g20_hand *hand, const struct cutting *c, const struct g20_find *of,
                 double f_lo, double f_hi, uint64_t start, uint64_t stop)
{
    struct g20_occupied o;
    struct g20_find f = *of;

    f.start = start;
    f.stop = stop;
    f.on = stop - start;
    if (!is_long_enough(c->shape, &f, c->rate_hz) || is_too_long(c->shape, &f, c->rate_hz))
        return;
    g20_occupied_measure(hand->occupied, c->history, NULL, start, stop, f_lo, f_hi, c->floor->noise,
                         &o);
    if (o.power <= o.noise)
        return;
    f.f_lo = o.f_lo;
    f.f_hi = o.f_hi;
    f.power = o.power;
    f.noise = o.noise;
    f.peak = o.peak;
    if (is_whole(c->shape, &f, c->rate_hz))
        g20_hand_add(hand, &f);
}

static void cut(struct g20_hand *hand, uint32_t item, void *user)
{
    const struct cutting *c = user;
    const struct g20_find *f = c->find[item];
    const double taught = 0.5 * (c->shape->narrowest + c->shape->widest) / c->rate_hz;
    const double middle = 0.5 * (f->f_lo + f->f_hi);
    const bool narrow = hertz(f, c->rate_hz) * WIDER < c->shape->narrowest;
    const double f_lo = fmax(narrow ? middle - 0.5 * taught : f->f_lo, -0.5);
    const double f_hi = fmin(narrow ? middle + 0.5 * taught : f->f_hi, 0.5);
    const double blur =
        fmax(0.5 * c->shape->pause, BLUR * c->shape->shortest) * c->rate_hz; /* averaged over */
    const double pause = PAUSE * c->shape->pause * c->rate_hz + blur;
    struct g20_envelope env;

    g20_envelope_make(hand->envelope, c->history, f->start, f->stop, f_lo, f_hi, &env);
    if (env.n == 0)
        return;
    const size_t width =
        G20_CLAMP((size_t)(blur / env.step), (size_t)1, G20_MAX(env.n / 4, (size_t)1));
    const double noise = g20_floor_band(c->floor->noise, env.pass_lo, env.pass_hi);
    const double on = noise * g20_stats_gamma_quantile(INDEPENDENT * (double)width, ON_Z);
    double sum = 0.0;
    uint64_t start = 0, stop = 0; /* of what goes on */

    for (size_t i = 0; i < env.n + width; i++) {
        sum += i < env.n ? (double)env.power[i] : 0.0;
        sum -= i >= width ? (double)env.power[i - width] : 0.0;
        const size_t at = i > width / 2 ? i - width / 2 : 0;
        if (sum < on * (double)width)
            continue;
        const uint64_t now = env.start + (uint64_t)G20_MIN(at, env.n - 1) * env.step;
        if (stop == 0 || (double)(now - stop) > pause) {
            if (stop > start)
                take(hand, c, f, f_lo, f_hi, start, stop);
            start = now;
        }
        stop = now + env.step;
    }
    if (stop > start)
        take(hand, c, f, f_lo, f_hi, start, stop);
}

/* Is @f as good as one of @other (n), or of the whole ones among @find? */
static bool is_known(const struct g20_shape *s, double rate_hz, const struct g20_find *f,
                     const struct g20_find *other)
{
    const double time =
        common((double)f->start, (double)f->stop, (double)other->start, (double)other->stop) /
        rate_hz;
    const double band = common(f->f_lo, f->f_hi, other->f_lo, other->f_hi) * rate_hz;

    return is_whole(s, other, rate_hz) && !is_too_long(s, other, rate_hz) &&
           time > SAME_TIME * seconds(f, rate_hz) && band > SAME_BAND * hertz(f, rate_hz);
}

size_t g20_shape_cut(const struct g20_shape *s, double rate_hz, const struct g20_find *find,
                     size_t n, double *left, struct g20_hands *hands, const struct g20_floor *floor,
                     const struct g20_history *h, struct g20_candidate ret[G20_SHAPE_CANDIDATES])
{
    struct cutting c = {.shape = s, .rate_hz = rate_hz, .floor = floor, .history = h};
    struct g20_find part[4 * G20_SHAPE_CANDIDATES];
    size_t kept = 0;
    uint32_t items = 0;

    for (size_t i = 0; i < n && items < G20_SHAPE_CANDIDATES; i++) {
        const double samples = (double)(find[i].stop - find[i].start);
        if (find[i].named > 0.0f || find[i].is_steady || samples > *left ||
            !is_too_long(s, &find[i], rate_hz))
            continue;
        *left -= samples;
        c.find[items++] = &find[i];
    }
    if (items == 0)
        return 0;
    const size_t parts = g20_hands_work(hands, items, NULL, cut, &c, part, G20_COUNT_OF(part));
    for (size_t i = 0; i < parts && kept < G20_SHAPE_CANDIDATES; i++) {
        bool known = false;
        for (size_t k = 0; k < n && !known; k++)
            known = is_known(s, rate_hz, &part[i], &find[k]);
        for (size_t k = 0; k < kept && !known; k++)
            known = is_known(s, rate_hz, &part[i], &ret[k].find);
        if (!known)
            ret[kept++] = (struct g20_candidate){.find = part[i]};
    }
    return kept;
}
