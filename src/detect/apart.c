/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/apart.h"

#include <math.h>

#define TWIN      0.1 /* of their length, by which hops may differ */
#define SAME_BAND 0.5 /* of the narrower of the two */

/* Samples to be left out at each end of a burst. */
struct ends {
    uint64_t start, stop;
};

/* May two bursts be hops of one transmitter? They keep their level and are as long as each other.
 */
static bool are_twins(const struct g20_burst *a, const struct g20_burst *b)
{
    const double x = (double)(a->stop - a->start), y = (double)(b->stop - b->start);

    return a->is_level && b->is_level && fabs(x - y) <= TWIN * fmin(x, y);
}

/* What is to be left out of burst @i of @n so that no frame of its spectrum sees the hops beside
 * it. */
static struct ends beside(const struct g20_burst *burst, size_t n, size_t i)
{
    const struct g20_burst *b = &burst[i];
    const uint64_t reach = G20_MIN(b->stop - b->start, (uint64_t)G20_TILE_BINS) / 4;
    struct ends e = {0, 0};

    if (i > 0 && b->start < burst[i - 1].stop + reach && are_twins(b, &burst[i - 1]))
        e.start = G20_MIN(burst[i - 1].stop + reach - b->start, reach);
    if (i + 1 < n && burst[i + 1].start < b->stop + reach && are_twins(b, &burst[i + 1]))
        e.stop = G20_MIN(b->stop + reach - burst[i + 1].start, reach);
    return e;
}

static bool share_band(const struct g20_occupied *a, const struct g20_occupied *b)
{
    const double common = fmin(a->f_hi, b->f_hi) - fmax(a->f_lo, b->f_lo);

    return common > SAME_BAND * fmin(a->f_hi - a->f_lo, b->f_hi - b->f_lo);
}

void g20_apart_measure(struct g20_hand *hand, size_t n, const struct g20_history *h,
                       const struct g20_tile *t, double f_lo, double f_hi, const float *noise)
{
    const struct g20_burst *b = hand->burst;
    struct g20_occupied before = {0}; /* of the burst before, alone */

    for (size_t i = 0; i < n; i++) {
        const struct ends out = beside(b, n, i);
        g20_occupied_measure(hand->occupied, h, t, b[i].start + out.start, b[i].stop - out.stop,
                             f_lo, f_hi, noise, &hand->own[i]);
    }
    for (size_t i = 0; i < n; i++) {
        const struct g20_occupied alone = hand->own[i];
        struct ends out = beside(b, n, i);
        const bool with_before = out.start > 0 && share_band(&alone, &before);
        const bool with_next = out.stop > 0 && share_band(&alone, &hand->own[i + 1]);

        before = alone;
        if (!with_before && !with_next)
            continue;
        out.start = with_before ? 0 : out.start;
        out.stop = with_next ? 0 : out.stop;
        g20_occupied_measure(hand->occupied, h, t, b[i].start + out.start, b[i].stop - out.stop,
                             f_lo, f_hi, noise, &hand->own[i]);
    }
}
