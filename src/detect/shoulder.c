/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/shoulder.h"

#include "detect/tile.h"

#include <math.h>
#include <stdlib.h>

#define DC_BINS  2.5 /* from zero, to both sides */
#define UNDER_DB 8.0 /* of power a hertz */

static double signal(const struct g20_find *f)
{
    return fmax(f->power - f->noise, 0.0);
}

static double density(const struct g20_find *f)
{
    return signal(f) / fmax(f->f_hi - f->f_lo, 1.0 / G20_TILE_BINS);
}

static bool near(uint64_t a, uint64_t b)
{
    return (a > b ? a - b : b - a) <= G20_TILE_BINS;
}

static bool is_shoulder(const struct g20_find *weak, const struct g20_find *strong)
{
    const double width = fmax(strong->f_hi - strong->f_lo, 1.0 / G20_TILE_BINS);
    const double apart = fmax(weak->f_lo - strong->f_hi, strong->f_lo - weak->f_hi);

    if (strong->is_steady || apart > width || weak->f_hi - weak->f_lo > width)
        return false;
    if (weak->start + G20_TILE_BINS < strong->start || weak->stop > strong->stop + G20_TILE_BINS)
        return false;
    return (near(weak->start, strong->start) || near(weak->stop, strong->stop)) &&
           density(strong) > pow(10.0, 0.1 * UNDER_DB) * density(weak);
}

/* The receiver's own offset and its window's skirt, however long something else hides it. */
static bool is_offset(const struct g20_find *f)
{
    return f->f_lo > -DC_BINS / G20_TILE_BINS && f->f_hi < DC_BINS / G20_TILE_BINS;
}

static int by_signal(const void *a, const void *b)
{
    const double x = signal(a), y = signal(b);

    return (x < y) - (x > y);
}

size_t g20_shoulders_drop(struct g20_find *find, size_t n)
{
    size_t kept = 0;

    qsort(find, n, sizeof(*find), by_signal);
    for (size_t i = 0; i < n; i++) {
        size_t of = 0;
        if (is_offset(&find[i]))
            continue;
        while (of < kept && !is_shoulder(&find[i], &find[of]))
            of++;
        if (of == kept)
            find[kept++] = find[i];
    }
    return kept;
}
