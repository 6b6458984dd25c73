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
}

bool g20_bursts_repeat(uint64_t a0, uint64_t a1, uint64_t b0, uint64_t b1, double width, bool level)
{
    const double a = (double)(a1 - a0), b = (double)(b1 - b0), gap = (double)b0 - (double)a1;

    const double pause = PAUSE * fmin(a, b);

    return fabs(a - b) <= TWIN * fmin(a, b) && fmin(a, b) * width >= G20_PACKET_BT &&
           gap >= (level ? fmin(pause, SHOWN) : pause);
}

/* @b begins no sooner than @a. */
static bool goes_on(const struct g20_find *a, const struct g20_find *b)
{
    const double common = fmin(a->f_hi, b->f_hi) - fmax(a->f_lo, b->f_lo);
    const double wider = fmax(a->f_hi - a->f_lo, b->f_hi - b->f_lo);
    const uint64_t longer = G20_MAX(a->stop - a->start, b->stop - b->start);

    return b->start < a->stop + G20_MIN(longer, GAP) && a->is_steady == b->is_steady &&
           common > SAME_BAND * wider && signal(a) < LIKE * signal(b) &&
           signal(b) < LIKE * signal(a) &&
           !g20_bursts_repeat(a->start, a->stop, b->start, b->stop, wider, false);
}

static int by_start(const void *a, const void *b)
{
    const struct g20_find *x = a, *y = b;

    return (x->start > y->start) - (x->start < y->start);
}

size_t g20_pieces_join(struct g20_find *find, size_t n)
{
    size_t kept = 0;

    qsort(find, n, sizeof(*find), by_start);
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
