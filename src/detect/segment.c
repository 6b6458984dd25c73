/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/segment.h"

#include "base/alloc.h"
#include "detect/pieces.h"
#include "detect/stats.h"
#include "detect/tile.h"

#include <errno.h>
#include <math.h>

enum {
    FIRST_WIDTH = 8, /* values averaged for a strong signal */
    EDGE_WIDTH = 4,
};

#define ON_Z            4.5 /* normal score of the threshold against noise */
#define OFF_Z           2.0
#define CLEAR           2.0  /* the strongest average must stand this far over the threshold */
#define INDEPENDENT     0.6  /* independent powers per value of an envelope under its taper */
#define KEYED_BT        24.0 /* bandwidth x duration: below, a piece is a symbol, not a packet, */
#define SURE_BT         12.0 /* surely so below this, */
#define UNRESOLVED      (2.5 / G20_TILE_BINS) /* or where the bandwidth is too narrow to be known */
#define CODE_GAP        3.0   /* times the shorter of two that may be symbols: as in a word */
#define KEYED_GAP       12.0  /* times the shorter of two symbols */
#define PACKET_GAP_BT   12.0  /* gap x bandwidth that a packet may have inside (nulls, fades) */
#define CLEAN_GAP_BT    4.0   /* the same where only nulls that deep would reach the noise: */
#define CLEAN_RATIO     100.0 /* over it by 20 dB */
#define PACKET_GAP_PART 0.03  /* of the shorter packet */
#define FINAL_Z         7.0
#define DIP             0.5 /* times the noise, over it: what no pause of a burst is, */
#define DIP_PART        0.1 /* nor what a tenth of its power splashes into, */
#define DIP_Z           3.0 /* and no chance */
#define SHORT           256 /* values: a burst shorter than this may have to be clear of the noise */
#define SHORT_RATIO     5.0 /* by 6 dB */
#define MIN_IMPULSE     6   /* samples */
#define LEVEL           1.5 /* mean square over mean squared: keyed signals and noise have more */

struct g20_segmenter {
    double *sum; /* (max_values + 1) prefix sums of the envelope */
    size_t max_values;
};

struct view { /* one envelope under study */
    const double *sum;
    size_t n, width; /* values, and how many are averaged: a power of two */
    double share;    /* 1 / width, without error */
};

int g20_segmenter_create(struct g20_segmenter **ret, size_t max_values)
{
    struct g20_segmenter *s = g20_calloc(1, sizeof(*s));

    if (!s)
        return -ENOMEM;
    s->max_values = max_values;
    s->sum = g20_alloc_aligned(max_values + 1, sizeof(*s->sum));
    if (!s->sum) {
        g20_free(s);
        return -ENOMEM;
    }
    *ret = s;
    return 0;
}

void g20_segmenter_destroy(struct g20_segmenter *s)
{
    if (!s)
        return;
    g20_free(s->sum);
    g20_free(s);
}

static void set_width(struct view *v, size_t width)
{
    v->width = width;
    v->share = 1.0 / (double)width;
}

/* Average over about @v->width values around @i. */
static double average(const struct view *v, size_t i)
{
    const size_t half = v->width / 2;
    const size_t lo = i > half ? i - half : 0, hi = G20_MIN(i + half, v->n);
    const double sum = v->sum[hi] - v->sum[lo];

    return hi - lo == v->width ? sum * v->share : sum / (double)G20_MAX(hi - lo, (size_t)1);
}

static double span_mean(const struct view *v, size_t lo, size_t hi)
{
    return hi > lo ? (v->sum[hi] - v->sum[lo]) / (double)(hi - lo) : 0.0;
}

/* The least averaging at which the strongest part stands clear of the noise. */
static double choose_width(struct view *v, double noise)
{
    for (set_width(v, FIRST_WIDTH);; set_width(v, 2 * v->width)) {
        const double on = noise * g20_stats_gamma_quantile(INDEPENDENT * (double)v->width, ON_Z);
        if (v->width * 4 > v->n)
            return on;
        for (size_t i = v->width / 2; i + v->width / 2 <= v->n; i += v->width / 4)
            if (average(v, i) > CLEAR * on - noise * (CLEAR - 1.0))
                return on;
    }
}

/* Move both ends of [lo, hi) to where the average over a few values passes half its level, not
 * beyond a pause: another burst may lie there. */
static void sharpen(const struct view *v, double noise, size_t *lo, size_t *hi)
{
    const size_t reach = v->width;
    const double level = span_mean(v, *lo, *hi);
    const double half = noise + 0.5 * G20_MAX(level - noise, 0.0);
    struct view fine = *v;
    const size_t first = *lo > reach ? *lo - reach : 0, end = G20_MIN(*hi + reach, v->n);
    size_t a = *lo, b = *hi;

    set_width(&fine, G20_MIN(v->width, G20_MAX((size_t)EDGE_WIDTH, v->width / 2)));
    while (a > first && average(&fine, a) >= half)
        a--;
    while (a + 1 < *hi && average(&fine, a) < half)
        a++;
    while (b < end && average(&fine, b - 1) >= half)
        b++;
    while (b > a + 1 && average(&fine, b - 1) < half)
        b--;
    *lo = a;
    *hi = b;
}

/* The power in the envelope's pauses, where something that is on most of the time has got into
 * the reference: its lower tenth, corrected for the bias that this has in noise. */
static double pause_noise(struct g20_segmenter *s, const struct view *v,
                          const struct g20_segment_cfg *cfg)
{
    enum { WIDTH = 16, SAMPLES = 1024 };
    const size_t step = G20_MAX(v->n / SAMPLES, (size_t)WIDTH / 2);
    const struct view w = {.sum = s->sum, .n = v->n, .width = WIDTH, .share = 1.0 / WIDTH};
    float low[2 * SAMPLES];
    size_t n = 0;

    if (cfg->noise <= 1.25 * cfg->noise_min)
        return cfg->noise;
    for (size_t i = WIDTH / 2; i + WIDTH / 2 <= v->n && n < G20_COUNT_OF(low); i += step)
        low[n++] = (float)average(&w, i);
    if (n == 0)
        return cfg->noise;
    const double pause = (double)g20_stats_select(low, n, n / 10) /
                         g20_stats_gamma_quantile(INDEPENDENT * WIDTH, -1.28);
    return G20_CLAMP(pause, cfg->noise_min, cfg->noise);
}

struct piece {
    size_t lo, hi, on; /* values */
    size_t symbol;     /* length of its last piece, or of the shortest that came apart */
    size_t whole;      /* of its last piece, whatever that came apart in */
    double power;      /* mean x on */
    double squares;    /* of its values, summed */
    bool is_level;     /* its last piece keeps its power */
};

static double squares_of(const struct g20_envelope *env, size_t lo, size_t hi)
{
    double sum = 0.0;

    for (size_t i = lo; i < hi; i++)
        sum += (double)env->power[i] * (double)env->power[i];
    return sum;
}

/* Do @n values of this @mean and sum of @squares keep their power, the noise left out? Its own
 * squares have a mean of twice its square, and four times its product with a signal's power. */
static bool keeps_level(size_t n, double mean, double squares, double noise)
{
    const double signal = fmax(mean - noise, 0.0);

    return squares / (double)n - 2.0 * noise * noise - 4.0 * signal * noise <
           LEVEL * signal * signal;
}

/* Are two pieces that follow each other bursts of a train (a hopper's, a time slot's)? What the end
 * cuts may be one of them. The middle half of the power lies within half of the band or less. */
static bool repeat(const struct piece *a, const struct piece *b, const struct g20_envelope *env,
                   const struct g20_segment_cfg *cfg)
{
    const size_t of_a = a->hi == a->whole ? G20_MAX(a->whole, b->whole) : a->whole;
    const size_t of_b = b->hi == env->n ? G20_MAX(b->whole, a->whole) : b->whole;
    /* The start may lie before the envelope: all is told from there on. */
    const size_t at = of_a + b->lo - a->hi;

    return g20_bursts_repeat(0, of_a * env->step, at * env->step, (at + of_b) * env->step,
                             cfg->width, a->is_level && b->is_level);
}

/* Are pauses of @n values that hold @power no pauses, but moments at which a signal as random as
 * noise is weak? Then their power, all together, lies clearly over the noise and not far under the
 * signal's own, @level. */
static bool only_dips(size_t n, double power, double level, double noise)
{
    const double over = n > 0 ? power / (double)n / noise - 1.0 : 0.0;

    return over > DIP && over > DIP_PART * (level / noise - 1.0) &&
           over * sqrt(INDEPENDENT * (double)n) > DIP_Z;
}

static bool belong_together(const struct piece *a, const struct piece *b,
                            const struct g20_envelope *env, const struct g20_segment_cfg *cfg,
                            const struct view *v, double noise)
{
    const double gap = (double)(b->lo - a->hi) * env->step;
    /* One that an end cuts may go on: how long it is remains to be seen. */
    const size_t shorter = b->hi == env->n     ? a->symbol
                           : a->hi == a->whole ? b->symbol
                                               : G20_MIN(a->symbol, b->symbol);
    const double symbol = (double)shorter * env->step;
    const double level_a = a->power / (double)a->on, level_b = b->power / (double)b->on;
    const double level = fmin(level_a, level_b), stronger = fmax(level_a, level_b);
    const double nulls = level > CLEAN_RATIO * noise ? CLEAN_GAP_BT : PACKET_GAP_BT;

    if (repeat(a, b, env, cfg))
        return false;
    if (only_dips(b->lo - a->hi, v->sum[b->lo] - v->sum[a->hi], stronger, noise))
        return true;
    if (symbol * cfg->bandwidth < KEYED_BT)
        return gap <= (symbol * cfg->bandwidth < SURE_BT || cfg->bandwidth < UNRESOLVED
                           ? KEYED_GAP
                           : CODE_GAP) *
                          symbol;
    return gap <= G20_MAX(nulls / cfg->bandwidth, PACKET_GAP_PART * symbol);
}

/* Impulsive interference is full of bursts that are short, or mostly pause. */
static bool is_doubtful(const struct piece *p, size_t step)
{
    return p->on < SHORT && (p->on * step < G20_TILE_HOP || 2 * p->on < p->hi - p->lo);
}

static void emit(const struct piece *p, const struct g20_envelope *env,
                 const struct g20_segment_cfg *cfg, const struct view *v, double noise,
                 struct g20_burst *out, size_t cap, size_t *count)
{
    const double mean = p->power / (double)p->on;
    const double whole = v->sum[p->hi] - v->sum[p->lo];
    const bool is_on = only_dips(p->hi - p->lo - p->on, whole - p->power, mean, noise);
    const size_t shortest = cfg->with_impulses ? MIN_IMPULSE : G20_SEGMENT_SHORTEST;

    if (p->on * env->step < shortest || (is_doubtful(p, env->step) && mean < SHORT_RATIO * noise))
        return;
    /* All of it together must stand out of the noise as surely as one threshold crossing. */
    if ((mean / noise - 1.0) * sqrt(INDEPENDENT * (double)p->on) < FINAL_Z)
        return;
    if (*count < cap)
        out[*count] = (struct g20_burst){
            .start = env->start + (uint64_t)p->lo * env->step,
            .stop = env->start + (uint64_t)p->hi * env->step,
            .on = (uint64_t)(is_on ? p->hi - p->lo : p->on) * env->step,
            .mean = is_on ? span_mean(v, p->lo, p->hi) : mean,
            .is_level = p->is_level && p->whole == p->hi - p->lo,
        };
    ++*count;
}

/* Bursts being made of the pieces of one envelope. */
struct cutter {
    const struct g20_envelope *env;
    const struct g20_segment_cfg *cfg;
    const struct view *v;
    double noise;
    struct piece last; /* none yet where it has no length */
    struct g20_burst *out;
    size_t cap, count;
};

static bool is_any(const struct piece *p)
{
    return p->hi > p->lo;
}

/* @a and @b, which follows it after no pause to speak of, as one, if that keeps its level: a
 * moment's noise has parted them. How long it is all together says whether it is one of a train;
 * how long what it came apart in may be the symbols of what is keyed. */
static bool heal(struct piece *a, const struct piece *b, const struct cutter *c)
{
    const size_t whole = b->hi - a->lo, gap = b->lo - a->hi, step = c->env->step;

    if (!is_any(a) || gap > c->v->width ||
        (double)(gap * step) > g20_pause_shown(c->cfg->width, (double)(whole * step)))
        return false;
    const double squares = a->squares + squares_of(c->env, a->hi, b->lo) + b->squares;
    if (!keeps_level(whole, span_mean(c->v, a->lo, b->hi), squares, c->noise))
        return false;
    a->hi = b->hi;
    a->on += b->on;
    a->power += b->power;
    a->squares = squares;
    a->symbol = G20_MIN(a->symbol, b->symbol);
    a->whole = whole;
    a->is_level = true;
    return true;
}

/* The next piece, joined to those before it or the first of a burst. */
static void take(struct cutter *c, const struct piece *p)
{
    struct piece *last = &c->last;

    if (!is_any(p))
        return;
    if (is_any(last) && belong_together(last, p, c->env, c->cfg, c->v, c->noise)) {
        last->hi = p->hi;
        last->on += p->on;
        last->symbol = p->symbol;
        last->whole = p->whole;
        last->power += p->power;
        last->is_level = p->is_level;
        return;
    }
    if (is_any(last))
        emit(last, c->env, c->cfg, c->v, c->noise, c->out, c->cap, &c->count);
    *last = *p;
}

size_t g20_segment(struct g20_segmenter *s, const struct g20_envelope *env,
                   const struct g20_segment_cfg *cfg, struct g20_burst *out, size_t cap)
{
    struct view v = {.sum = s->sum, .n = G20_MIN(env->n, s->max_values)};
    struct piece now = {0};

    s->sum[0] = 0.0;
    for (size_t i = 0; i < v.n; i++)
        s->sum[i + 1] = s->sum[i] + (double)env->power[i];
    const double noise = pause_noise(s, &v, cfg);
    const double on = choose_width(&v, noise);
    const double off = noise * g20_stats_gamma_quantile(INDEPENDENT * (double)v.width, OFF_Z);
    struct cutter c = {.env = env, .cfg = cfg, .v = &v, .noise = noise, .out = out, .cap = cap};

    for (size_t i = 0; i < v.n; i++) {
        if (average(&v, i) < on)
            continue;
        size_t lo = i, hi = i + 1;
        while (lo > now.hi && average(&v, lo - 1) > off)
            lo--;
        while (hi < v.n && average(&v, hi) > off)
            hi++;
        i = hi;
        sharpen(&v, noise, &lo, &hi);
        lo = G20_MAX(lo, now.hi);
        if (hi <= lo)
            continue;
        const double mean = span_mean(&v, lo, hi), squares = squares_of(env, lo, hi);
        const struct piece p = {.lo = lo,
                                .hi = hi,
                                .on = hi - lo,
                                .symbol = hi - lo,
                                .whole = hi - lo,
                                .power = mean * (double)(hi - lo),
                                .squares = squares,
                                .is_level = keeps_level(hi - lo, mean, squares, noise)};
        if (heal(&now, &p, &c))
            continue;
        take(&c, &now);
        now = p;
    }
    take(&c, &now);
    if (is_any(&c.last))
        emit(&c.last, env, cfg, &v, noise, out, cap, &c.count);
    return G20_MIN(c.count, cap);
}
