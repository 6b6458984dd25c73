/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/told.h"

#include "detect/pieces.h"
#include "detect/tile.h"

#include <math.h>

enum {
    B = G20_TILE_BINS,
    SHORT = 3 * B, /* samples: of a burst shorter than this rows show a skirt */
    SKIRT = 1024,  /* samples by which that may begin before it or end behind it */
};

#define COVERED     0.7  /* share of a find inside a stronger one that makes it a part of it */
#define COVERED_FOR 0.5  /* of its time, or */
#define KNOWN       0.6  /* of its energy: what is left is not enough for a find of its own */
#define ARTEFACT_DB 20.0 /* under a burst that starts and stops with it */
#define DYNAMIC_DB  45.0 /* under any burst that lasts throughout it: surely one, */
#define DOUBT_DB    30.0 /* and from here on it may be */
#define THROUGHOUT  0.8  /* of its time */
#define ALIGN_PART  0.1  /* of its time, a transform at least, by which its ends may be off */
#define FRAME_REACH 0.25 /* of a frame, which is as long as the find, a transform at most */
#define ACROSS      0.5  /* of a find's width, at most, for a line that it lies across */

static double overlap(double a0, double a1, double b0, double b1)
{
    return fmax(0.0, fmin(a1, b1) - fmax(a0, b0));
}

/* Share of @weak's time that lies in @strong. */
static double shared_time(const struct g20_find *weak, const struct g20_find *strong)
{
    return overlap((double)weak->start, (double)weak->stop, (double)strong->start,
                   (double)strong->stop) /
           (double)(weak->stop - weak->start);
}

static bool shares_band(const struct g20_find *a, const struct g20_find *b)
{
    return overlap(a->f_lo, a->f_hi, b->f_lo, b->f_hi) >
           COVERED * fmin(a->f_hi - a->f_lo, b->f_hi - b->f_lo);
}

/* Power of @strong that an answer as wide as @weak may come from: an image is as wide as what it is
 * of and splatter wider, so that a narrower packet answers to its part alone. Moments and marks are
 * narrow, whatever they are of. */
static double echo_of(const struct g20_find *weak, const struct g20_find *strong)
{
    const double width = weak->f_hi - weak->f_lo, of = strong->f_hi - strong->f_lo;
    const bool is_packet =
        (double)weak->on * width > G20_PACKET_BT && 2 * weak->on > weak->stop - weak->start;

    return (strong->power - strong->noise) * (is_packet && width < of ? width / of : 1.0);
}

/* How many dB @weak is under @strong, which lasts throughout it; less than any: it does not. */
static double under(const struct g20_find *weak, const struct g20_find *strong)
{
    return shared_time(weak, strong) < THROUGHOUT
               ? -INFINITY
               : 10.0 * log10(echo_of(weak, strong) / fmax(weak->power - weak->noise, 1e-30));
}

/* The same of a burst alone. */
static double under_burst(const struct g20_find *weak, const struct g20_find *strong)
{
    return strong->is_steady ? -INFINITY : under(weak, strong);
}

/* Is @weak far under @strong, no packet, and nearer to its band than that is wide: a moment of its
 * far sidebands? */
static bool is_scrap(const struct g20_find *weak, const struct g20_find *strong)
{
    const double width = strong->f_hi - strong->f_lo;

    return (double)weak->on * (weak->f_hi - weak->f_lo) < G20_PACKET_BT &&
           weak->f_lo < strong->f_hi + width && weak->f_hi > strong->f_lo - width &&
           under(weak, strong) > DOUBT_DB;
}

/* Is @weak an image, splatter or intermodulation of @strong? */
static bool is_answer(const struct g20_find *weak, const struct g20_find *strong)
{
    const double tolerance = fmax(B, ALIGN_PART * (double)(weak->stop - weak->start));
    const double below = under_burst(weak, strong);

    return below > DYNAMIC_DB || is_scrap(weak, strong) ||
           (below > ARTEFACT_DB && fabs((double)weak->start - (double)strong->start) < tolerance &&
            fabs((double)weak->stop - (double)strong->stop) < tolerance);
}

double g20_find_energy(const struct g20_find *f)
{
    return (f->power - f->noise) * (double)f->on;
}

/* Samples by which what is seen of @strong in the band of @find may reach over its ends: a part of
 * the inverse of its bandwidth; where @find is mostly pause (the clicks of two bursts, and what
 * lies between them), as far as the frames that its power was measured in reach over its own. */
static double blur_of(const struct g20_find *find, const struct g20_find *strong)
{
    const double length = (double)(find->stop - find->start);
    const double edge = 1.0 / fmax(strong->f_hi - strong->f_lo, 1.0 / B);

    return 2.0 * (double)find->on < length ? fmax(edge, FRAME_REACH * fmin(length, B)) : edge;
}

/* How much of @find's energy is that of @strong: its key clicks and its skirt in another region's
 * band. */
static double explained(const struct g20_find *find, const struct g20_find *strong)
{
    const double blur = blur_of(find, strong);
    const double both = overlap((double)find->start, (double)find->stop,
                                (double)strong->start - blur, (double)strong->stop + blur);
    const double on = (double)strong->on / (double)(strong->stop - strong->start);

    return fmin((strong->power - strong->noise) * both * on, g20_find_energy(strong));
}

/* Is @weak the trace that a far stronger short burst leaves in other bins of its transforms? */
static bool is_skirt(const struct g20_find *weak, const struct g20_find *strong)
{
    return strong->stop - strong->start < SHORT && weak->start + SKIRT > strong->start &&
           weak->stop < strong->stop + SKIRT &&
           g20_find_energy(strong) > pow(10.0, 0.1 * ARTEFACT_DB) * g20_find_energy(weak);
}

bool g20_find_is_artefact(const struct g20_find *weak, const struct g20_find *strong)
{
    return is_answer(weak, strong) || is_skirt(weak, strong);
}

/* Is @line a carrier that stands all the time, and @find so much wider that it only lies across?
 * Then it tells of @find no more than their energies say. */
static bool lies_across(const struct g20_find *find, const struct g20_find *line)
{
    const double width = line->f_hi - line->f_lo;

    return line->is_steady && width * B <= G20_LINE_BINS &&
           width < ACROSS * (find->f_hi - find->f_lo);
}

bool g20_find_is_told(const struct g20_find *find, const struct g20_find *kept, size_t n)
{
    double covered = 0.0, known = 0.0;

    for (size_t i = 0; i < n; i++) {
        if (kept[i].is_doubtful)
            continue;
        if (g20_find_is_artefact(find, &kept[i]))
            return true;
        if (shares_band(find, &kept[i])) {
            if (!lies_across(find, &kept[i]))
                covered += shared_time(find, &kept[i]);
            known += explained(find, &kept[i]);
        }
    }
    return covered > COVERED_FOR || known > KNOWN * g20_find_energy(find);
}

bool g20_find_is_doubtful(const struct g20_find *find, const struct g20_find *kept, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!kept[i].is_doubtful && under_burst(find, &kept[i]) > DOUBT_DB)
            return true;
    return false;
}
