/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/pieces.h"

#include "detect/tile.h"

#include <math.h>
#include <stdlib.h>

#define GAP       ((uint64_t)G20_TILE_HOP) /* samples: half a transform, as wide as its window is */
#define SAME_BAND 0.5                      /* of the wider of the two */
#define LIKE      4.0                      /* power ratio up to which they are of one kind: 6 dB */
#define TWIN      0.1 /* of their length, by which bursts of a train may differ */
#define PAUSE     0.3 /* of their length: a signal's own pauses (of video lines) are shorter */
#define SHOWN     G20_TILE_HOP /* samples: a transform shows it */
#define HOPS      4            /* in a row on one channel, at most */
#define CLEAR_BT  4.0
#define CLEAR     0.0625

static double signal(const struct g20_find *f)
{
    return fmax(f->power - f->noise, 0.0);
}

void g20_find_join(struct g20_find *a, const struct g20_find *b)
{
    const double on = (double)(a->on + b->on);

    a->power = (a->power * (double)a->on + b->power * (double)b->on) / on;
    a->noise = (a->noise * (double)a->on + b->noise * (double)b->on) / on;
    a->peak = fmax(a->peak, b->peak);
    a->f_lo = fmin(a->f_lo, b->f_lo);
    a->f_hi = fmax(a->f_hi, b->f_hi);
    a->start = G20_MIN(a->start, b->start);
    a->stop = G20_MAX(a->stop, b->stop);
    a->on = G20_MIN(a->on + b->on, a->stop - a->start);
    a->score = fmaxf(a->score, b->score);
    a->seen = fmaxf(a->seen, b->seen);
    a->is_level = false;
    a->is_pulse = a->is_pulse && b->is_pulse;
    a->is_doubtful = a->is_doubtful && b->is_doubtful;
}

double g20_pause_shown(double width, double length)
{
    return fmin(SHOWN, fmax(CLEAR_BT / width, CLEAR * length));
}

bool g20_bursts_repeat(uint64_t a0, uint64_t a1, uint64_t b0, uint64_t b1, double width, bool level)
{
    const double a = (double)(a1 - a0), b = (double)(b1 - b0), gap = (double)b0 - (double)a1;

    const double pause = PAUSE * fmin(a, b);
    const double clear = g20_pause_shown(width, fmin(a, b));

    return fabs(a - b) <= TWIN * fmin(a, b) && fmin(a, b) * width >= G20_PACKET_BT &&
           gap >= (level ? fmin(pause, clear) : pause);
}

/* @b begins no sooner than @a: are they of one kind and no further apart than a signal's pauses? */
static bool is_next(const struct g20_find *a, const struct g20_find *b)
{
    const double common = fmin(a->f_hi, b->f_hi) - fmax(a->f_lo, b->f_lo);
    const double wider = fmax(a->f_hi - a->f_lo, b->f_hi - b->f_lo);
    const uint64_t longer = G20_MAX(a->stop - a->start, b->stop - b->start);

    return b->start < a->stop + G20_MIN(longer, GAP) && a->is_steady == b->is_steady &&
           common > SAME_BAND * wider && signal(a) < LIKE * signal(b) &&
           signal(b) < LIKE * signal(a);
}

static bool repeats(const struct g20_find *a, const struct g20_find *b)
{
    const double wider = fmax(a->f_hi - a->f_lo, b->f_hi - b->f_lo);

    return g20_bursts_repeat(a->start, a->stop, b->start, b->stop, wider,
                             a->is_level && b->is_level);
}

static bool goes_on(const struct g20_find *a, const struct g20_find *b)
{
    return is_next(a, b) && !repeats(a, b) && !(a->is_pulse && b->is_pulse);
}

/* The find after @i (n in order of their starts) that repeats it after a pause, however short; n:
 * none. */
static size_t next_of(const struct g20_find *find, size_t n, size_t i)
{
    for (size_t k = i + 1; k < n && find[k].start < find[i].stop + GAP; k++) {
        const struct g20_find *a = &find[i], *b = &find[k];
        const double wider = fmax(a->f_hi - a->f_lo, b->f_hi - b->f_lo);
        if (is_next(a, b) && g20_bursts_repeat(a->start, a->stop, b->start, b->stop, wider, true))
            return k;
    }
    return n;
}

static int by_start(const void *a, const void *b)
{
    const struct g20_find *x = a, *y = b;

    return (x->start > y->start) - (x->start < y->start);
}

void g20_pieces_know_lines(struct g20_find *find, size_t n)
{
    qsort(find, n, sizeof(*find), by_start);
    for (size_t first = 0; first < n; first++) {
        size_t count = 0;
        if (!find[first].is_level)
            continue;
        for (size_t i = first; i < n; i = next_of(find, n, i))
            count++;
        for (size_t i = first; count > HOPS && i < n; i = next_of(find, n, i))
            find[i].is_level = false;
    }
}

size_t g20_pieces_join(struct g20_find *find, size_t n)
{
    size_t kept = 0;

    g20_pieces_know_lines(find, n);
    for (size_t i = 0; i < n; i++) {
        size_t of = kept;
        while (of > 0 && !goes_on(&find[of - 1], &find[i]))
            of--;
        if (of > 0)
            g20_find_join(&find[of - 1], &find[i]);
        else
            find[kept++] = find[i];
    }
    return kept;
}
