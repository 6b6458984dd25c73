/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/trains.h"

#include "detect/segment.h"
#include "detect/tile.h"

#include <math.h>
#include <stdlib.h>

enum {
    MOST = 1024,  /* bursts looked at, impulses first: more are noise, whatever they are */
    AHEAD = 64,   /* unlike ones between one and the next of its train, at most */
    LEAST = 5,    /* bursts of a train */
    JITTER = 16,  /* samples by which one may be off: an envelope's step or two */
    TOLERANCE = 8 /* samples by which lengths may differ, as above */
};

#define JITTER_PART 0.02 /* of the period: closer ones must be more regular */
#define LENGTH_PART 0.25 /* of the longer, by which lengths may differ */
#define SAME_BAND   0.5  /* of the wider of the two */
#define LIKE        2.0  /* power ratio: 3 dB */

struct candidate {
    struct g20_find *find;
    bool in_train;
};

/* So short that rows do not show it apart from the next: pulses, a radar's packets, time slots. */
static bool is_short(const struct g20_find *f)
{
    return f->stop - f->start < 2 * (uint64_t)G20_TILE_BINS;
}

static bool is_impulse(const struct g20_find *f)
{
    return f->on < G20_SEGMENT_SHORTEST;
}

static double signal(const struct g20_find *f)
{
    return fmax(f->power - f->noise, 0.0);
}

static bool alike(const struct g20_find *a, const struct g20_find *b)
{
    const double common = fmin(a->f_hi, b->f_hi) - fmax(a->f_lo, b->f_lo);
    const double wider = fmax(a->f_hi - a->f_lo, b->f_hi - b->f_lo);
    const double longer = (double)G20_MAX(a->on, b->on);

    return common > SAME_BAND * wider && signal(a) < LIKE * signal(b) &&
           signal(b) < LIKE * signal(a) &&
           fabs((double)a->on - (double)b->on) <= fmax(TOLERANCE, LENGTH_PART * longer);
}

static int by_start(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;

    return (x->find->start > y->find->start) - (x->find->start < y->find->start);
}

/* The next of @p (n) after @i that is like it; n: none. */
static size_t next_of(const struct candidate *p, size_t n, size_t i)
{
    for (size_t k = i + 1; k < n && k <= i + AHEAD; k++)
        if (p[k].find->start > p[i].find->stop && alike(p[i].find, p[k].find))
            return k;
    return n;
}

static bool is_regular(double gap, double period)
{
    return fabs(gap - period) <= fmin(JITTER, JITTER_PART * period);
}

/* Impulses may follow each other closely; of what is longer a signal may be made that pauses for
 * less than it lasts (video's lines). */
static bool is_sparse(const struct g20_find *f, double period)
{
    return is_impulse(f) || period > 2.0 * (double)(f->stop - f->start);
}

/* The train that begins with @first, marked if it is one. */
static void follow(struct candidate *p, size_t n, size_t first)
{
    size_t of[MOST], count = 0;
    double period = 0.0;

    for (size_t i = first; i < n; count++) {
        const size_t next = next_of(p, n, i);
        of[count] = i;
        const double gap = next < n ? (double)(p[next].find->start - p[i].find->start) : 0.0;
        period = count == 0 ? gap : period;
        i = is_regular(gap, period) && is_sparse(p[i].find, period) ? next : n;
    }
    for (size_t i = 0; i < count && count >= LEAST; i++)
        p[of[i]].in_train = true;
}

/* Those of @find (n) that are short, impulses or the others, behind the @count there are. */
static size_t gather(struct candidate *to, size_t count, struct g20_find *find, size_t n,
                     bool impulses)
{
    for (size_t i = 0; i < n && count < MOST; i++)
        if (is_short(&find[i]) && is_impulse(&find[i]) == impulses)
            to[count++] = (struct candidate){.find = &find[i]};
    return count;
}

size_t g20_trains_keep(struct g20_find *find, size_t n)
{
    struct candidate in[MOST];
    const size_t count = gather(in, gather(in, 0, find, n, true), find, n, false);
    size_t kept = 0;

    qsort(in, count, sizeof(*in), by_start);
    for (size_t i = 0; i < count; i++)
        if (!in[i].in_train)
            follow(in, count, i);
    for (size_t i = 0; i < count; i++)
        in[i].find->is_pulse = in[i].in_train;
    for (size_t i = 0; i < n; i++)
        if (!is_impulse(&find[i]) || find[i].is_pulse)
            find[kept++] = find[i];
    return kept;
}
