/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/cutter.h"

#include "detect/pieces.h"
#include "detect/tile.h"

#include <math.h>
#include <stdlib.h>

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
#define FAR             100.0 /* power ratio that parts what shows in another's pauses from it: 20 dB */
#define LEVEL           1.5 /* mean square over mean squared: keyed signals and noise have more */

static bool is_any(const struct g20_piece *p)
{
    return p->hi > p->lo;
}

static double level_of(const struct g20_piece *p)
{
    return p->power / (double)p->on;
}

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
static bool repeat(const struct g20_cutter *c, const struct g20_piece *a, const struct g20_piece *b)
{
    const struct g20_envelope *env = c->env;
    const size_t of_a = a->hi == a->whole ? G20_MAX(a->whole, b->whole) : a->whole;
    const size_t of_b = b->hi == env->n ? G20_MAX(b->whole, a->whole) : b->whole;
    /* The start may lie before the envelope: all is told from there on. */
    const size_t at = of_a + b->lo - a->hi;

    return g20_bursts_repeat(0, of_a * env->step, at * env->step, (at + of_b) * env->step,
                             c->cfg->width, a->is_level && b->is_level);
}

/* Are pauses of @n values that hold @power no pauses, but moments at which a signal as random as
 * noise is weak? Then their power, all together, lies clearly over the noise and not far under the
 * signal's own, @level. */
static bool only_dips(size_t n, double power, double level, double noise)
{
    const double over = n > 0 ? power / (double)n / noise - 1.0 : 0.0;

    return over > DIP && over > DIP_PART * (level / noise - 1.0) &&
           over * sqrt(G20_CUTTER_INDEPENDENT * (double)n) > DIP_Z;
}

static bool belong_together(const struct g20_cutter *c, const struct g20_piece *a,
                            const struct g20_piece *b)
{
    const struct g20_envelope *env = c->env;
    const double bandwidth = c->cfg->bandwidth;
    const double gap = (double)(b->lo - a->hi) * env->step;
    /* One that an end cuts may go on: how long it is remains to be seen. */
    const size_t shorter = b->hi == env->n     ? a->symbol
                           : a->hi == a->whole ? b->symbol
                                               : G20_MIN(a->symbol, b->symbol);
    const double symbol = (double)shorter * env->step;
    const double level = fmin(level_of(a), level_of(b)), stronger = fmax(level_of(a), level_of(b));
    const double nulls = level > CLEAN_RATIO * c->noise ? CLEAN_GAP_BT : PACKET_GAP_BT;

    if (repeat(c, a, b))
        return false;
    if (only_dips(b->lo - a->hi, c->sum[b->lo] - c->sum[a->hi], stronger, c->noise))
        return true;
    if (symbol * bandwidth < KEYED_BT)
        return gap <=
               (symbol * bandwidth < SURE_BT || bandwidth < UNRESOLVED ? KEYED_GAP : CODE_GAP) *
                   symbol;
    return gap <= G20_MAX(nulls / bandwidth, PACKET_GAP_PART * symbol);
}

/* Impulsive interference is full of bursts that are short, or mostly pause. */
static bool is_doubtful(const struct g20_piece *p, size_t step)
{
    return p->on < SHORT && (p->on * step < G20_TILE_HOP || 2 * p->on < p->hi - p->lo);
}

static void emit(struct g20_cutter *c, const struct g20_piece *p)
{
    const size_t step = c->env->step,
                 shortest = c->cfg->with_impulses ? MIN_IMPULSE : G20_SEGMENT_SHORTEST;
    const double mean = level_of(p), whole = c->sum[p->hi] - c->sum[p->lo];
    const bool is_on = only_dips(p->hi - p->lo - p->on, whole - p->power, mean, c->noise);

    if (p->on * step < shortest || (is_doubtful(p, step) && mean < SHORT_RATIO * c->noise))
        return;
    /* All of it together must stand out of the noise as surely as one threshold crossing. */
    if ((mean / c->noise - 1.0) * sqrt(G20_CUTTER_INDEPENDENT * (double)p->on) < FINAL_Z)
        return;
    if (c->count < c->cap)
        c->out[c->count] = (struct g20_burst){
            .start = c->env->start + (uint64_t)p->lo * step,
            .stop = c->env->start + (uint64_t)p->hi * step,
            .on = (uint64_t)(is_on ? p->hi - p->lo : p->on) * step,
            .mean = is_on ? whole / (double)(p->hi - p->lo) : mean,
            .is_level = p->is_level && p->whole == p->hi - p->lo,
        };
    c->count++;
}

/* Nothing comes to @p any more. */
static void finish(struct g20_cutter *c, struct g20_piece *p)
{
    if (is_any(p))
        emit(c, p);
    *p = (struct g20_piece){0};
}

/* @a and @b, which follows it after no pause to speak of, as one, if that keeps its level: a
 * moment's noise has parted them. How long it is all together says whether it is one of a train;
 * how long what it came apart in may be the symbols of what is keyed. */
static bool heal(const struct g20_cutter *c, struct g20_piece *a, const struct g20_piece *b)
{
    const size_t whole = b->hi - a->lo, gap = b->lo - a->hi, step = c->env->step;

    if (!is_any(a) || gap > c->width ||
        (double)(gap * step) > g20_pause_shown(c->cfg->width, (double)(whole * step)))
        return false;
    const double squares = a->squares + squares_of(c->env, a->hi, b->lo) + b->squares;
    if (!keeps_level(whole, (c->sum[b->hi] - c->sum[a->lo]) / (double)whole, squares, c->noise))
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

/* @p after @last, if there is one: one with it, or the first of the next burst. */
static void follow(struct g20_cutter *c, struct g20_piece *last, const struct g20_piece *p)
{
    if (is_any(last) && belong_together(c, last, p)) {
        last->hi = p->hi;
        last->on += p->on;
        last->symbol = p->symbol;
        last->whole = p->whole;
        last->power += p->power;
        last->is_level = p->is_level;
        return;
    }
    finish(c, last);
    *last = *p;
}

/* The next piece: of the same thing as the last one, or of something far weaker that shows in its
 * pauses, which ends where that goes on. */
static void settle_in(struct g20_cutter *c, const struct g20_piece *p)
{
    if (!is_any(p))
        return;
    if (is_any(&c->last) && FAR * level_of(p) < level_of(&c->last)) {
        follow(c, &c->weak, p);
        return;
    }
    finish(c, &c->weak);
    if (is_any(&c->last) && FAR * level_of(&c->last) < level_of(p))
        finish(c, &c->last);
    follow(c, &c->last, p);
}

static int by_start(const void *a, const void *b)
{
    const struct g20_burst *x = a, *y = b;

    return (x->start > y->start) - (x->start < y->start);
}

void g20_cutter_take(struct g20_cutter *c, size_t lo, size_t hi)
{
    const double power = c->sum[hi] - c->sum[lo], squares = squares_of(c->env, lo, hi);
    const struct g20_piece p = {
        .lo = lo,
        .hi = hi,
        .on = hi - lo,
        .symbol = hi - lo,
        .whole = hi - lo,
        .power = power,
        .squares = squares,
        .is_level = keeps_level(hi - lo, power / (double)(hi - lo), squares, c->noise)};

    if (heal(c, &c->now, &p))
        return;
    settle_in(c, &c->now);
    c->now = p;
}

size_t g20_cutter_end(struct g20_cutter *c)
{
    settle_in(c, &c->now);
    finish(c, &c->last);
    finish(c, &c->weak);
    const size_t n = G20_MIN(c->count, c->cap);
    if (n > 1)
        qsort(c->out, n, sizeof(*c->out), by_start);
    return n;
}
