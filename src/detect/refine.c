/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/refine.h"

#include "base/alloc.h"
#include "detect/apart.h"
#include "detect/pieces.h"
#include "detect/told.h"
#include "detect/trains.h"
#include "detect/widen.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    B = G20_TILE_BINS,
    MARGIN = G20_HAND_MARGIN,
    SHORT_BINS = 128, /* that what lasts a row or two is looked at in: edges known to 32 samples */
    CLOSE_BINS = 4,   /* beside what drowns in those: half the main lobe of its own clicks */
    MOST_IMPULSES = 256, /* of a region; one with more is noise */
};

#define MOST_OF_BAND 0.5 /* of the rate */
#define PEER         0.1 /* of the stronger: less is another signal's side lobe, no neighbour */
#define WHOLE        4 /* times the bins of the middle half of the power: a band that has no line */
#define WITHIN       0.7 /* share of a region's band in another that makes it a part of that */

struct g20_refiner {
    struct g20_hands *hands;
    const struct g20_region **region; /* (max_finds) to be measured */
    uint32_t *cost;                   /* (max_finds) rows whose samples are looked at */
    struct g20_find *find;            /* (max_finds) */
    uint32_t max_finds;
};

/* What the hands look at. */
struct view {
    const struct g20_region **region;
    uint32_t regions; /* of them */
    const struct g20_tile *t;
    const struct g20_floor *f;
    const struct g20_history *h;
};

int g20_refiner_create(struct g20_refiner **ret, struct g20_hands *hands, uint32_t max_finds)
{
    struct g20_refiner *r = g20_calloc(1, sizeof(*r));

    if (!r)
        return -ENOMEM;
    r->hands = hands;
    r->max_finds = max_finds;
    r->region = g20_calloc(max_finds, sizeof(const struct g20_region *));
    r->cost = g20_calloc(max_finds, sizeof(*r->cost));
    r->find = g20_calloc(max_finds, sizeof(*r->find));
    if (!r->region || !r->cost || !r->find) {
        g20_refiner_destroy(r);
        return -ENOMEM;
    }
    *ret = r;
    return 0;
}

void g20_refiner_destroy(struct g20_refiner *r)
{
    if (!r)
        return;
    g20_free(r->find);
    g20_free(r->cost);
    g20_free(r->region);
    g20_free(r);
}

static size_t whole_span(struct g20_hand *r, uint64_t start, uint64_t stop)
{
    r->burst[0] = (struct g20_burst){.start = start, .stop = stop, .on = stop - start};
    return 1;
}

/* Bins beside a region's band that belong to it. */
struct room {
    double below, above;
};

/* The bursts of region @g between two samples, in its band with @room; their number. */
static size_t cut_band(struct g20_hand *r, const struct g20_region *g, struct room room,
                       const struct view *v, const float *noise, uint64_t start, uint64_t stop)
{
    const double f_lo = fmax(((double)g->bin0 - room.below - 0.5) / B - 0.5, -0.5);
    const double f_hi = fmin(((double)g->bin1 + room.above - 0.5) / B - 0.5, 0.5);
    struct g20_envelope env;

    g20_envelope_make(r->envelope, v->h, start, stop, f_lo, f_hi, &env);
    const struct g20_segment_cfg cfg = {
        .noise = g20_floor_band(noise, env.pass_lo, env.pass_hi),
        .noise_min = g20_floor_band(v->f->noise, env.pass_lo, env.pass_hi),
        .bandwidth = (double)g->core / B,
        .width = (double)G20_MIN(g->bin1 - g->bin0, WHOLE * g->core) / B,
        .with_impulses = !g->is_steady && !g->is_across,
    };
    return g20_segment(r->segmenter, &env, &cfg, r->burst, G20_HAND_BURSTS);
}

/* Of @pad bins on each side of region @g those that are nearer to it than to a neighbour that is as
 * strong and seen in its rows: a hop on the next channel. */
static struct room leave_room(const struct g20_region *g, const struct view *v, double pad)
{
    struct room room = {pad, pad};

    for (uint32_t i = 0; i < v->regions; i++) {
        const struct g20_region *o = v->region[i];
        if (o->row0 >= g->row1 || o->row1 <= g->row0 || o->is_across ||
            o->excess < PEER * g->excess || g->excess < PEER * o->excess)
            continue;
        if (o->bin0 >= g->bin1)
            room.above = fmin(room.above, 0.5 * (double)(o->bin0 - g->bin1));
        else if (o->bin1 <= g->bin0)
            room.below = fmin(room.below, 0.5 * (double)(g->bin0 - o->bin1));
    }
    return room;
}

/* What lasts a row or two may be far shorter: its edges are left room in frequency, in which on the
 * other hand a narrow, weak one drowns. */
static size_t cut_in_time(struct g20_hand *r, const struct g20_region *g, const struct view *v,
                          const float *noise, uint64_t start, uint64_t stop)
{
    const double pad = 0.5 * (SHORT_BINS - (double)(g->bin1 - g->bin0));

    if (g->row1 - g->row0 > 2 || pad <= 0.0)
        return cut_band(r, g, (struct room){0.0, 0.0}, v, noise, start, stop);
    const size_t n = cut_band(r, g, leave_room(g, v, pad), v, noise, start, stop);
    return n > 0 || pad <= CLOSE_BINS
               ? n
               : cut_band(r, g, (struct room){CLOSE_BINS, CLOSE_BINS}, v, noise, start, stop);
}

/* A line that no pair of frames shows a pause in: its envelope has nothing to tell. */
static bool never_pauses(const struct g20_region *g, const struct g20_tile *t,
                         const struct g20_floor *f)
{
    if (g->is_whole)
        return true;
    if (!g->is_steady || g->bin1 - g->bin0 > G20_LINE_BINS)
        return false;
    for (uint32_t row = g->row0; row < g->row1; row++) {
        float low = 0.0f, noise = 0.0f;
        for (uint32_t b = g->bin0; b < g->bin1; b++) {
            low += t->low[(size_t)row * B + b];
            noise += f->noise[b];
        }
        if (low < 2.0f * noise)
            return false;
    }
    return true;
}

/* Is what the whole band's envelope shows a packet as wide as it, which rows do not show? */
static bool is_across(const struct g20_burst *b, const struct g20_occupied *o)
{
    return b->stop - b->start < G20_TILE_ROW_SAMPLES && o->f_hi - o->f_lo > MOST_OF_BAND;
}

/* Those of the @n bursts that are left when there are too many impulses among them. */
static size_t drop_impulses(struct g20_burst *b, size_t n)
{
    uint32_t impulses = 0;
    size_t kept = 0;

    for (size_t i = 0; i < n; i++)
        if (b[i].on >= G20_SEGMENT_SHORTEST || ++impulses <= MOST_IMPULSES)
            b[kept++] = b[i];
    return kept;
}

static void measure(struct g20_hand *hand, uint32_t item, void *user)
{
    const struct view *v = user;
    const struct g20_region *g = v->region[item];
    const struct g20_tile *t = v->t;
    const struct g20_floor *f = v->f;
    const float *noise = g->is_steady ? f->noise : f->quiet;
    const struct g20_tile_row *last = &t->row[g->row1 - 1];
    const uint64_t begin = g20_history_start(v->h), end = g20_history_end(v->h);
    uint64_t start = t->row[g->row0].first_sample;
    uint64_t stop = last->first_sample + (uint64_t)(last->frames - 1) * G20_TILE_HOP + B + MARGIN;
    const double f_lo = ((double)g->bin0 - 0.5) / B - 0.5;
    const double f_hi = ((double)g->bin1 - 0.5) / B - 0.5;

    start = G20_MAX(start > MARGIN ? start - MARGIN : 0, begin);
    stop = G20_MIN(stop, end);
    if (stop <= start)
        return;
    const size_t n = drop_impulses(hand->burst, never_pauses(g, t, f)
                                                    ? whole_span(hand, start, stop)
                                                    : cut_in_time(hand, g, v, noise, start, stop));

    g20_apart_measure(hand, n, v->h, t, f_lo, f_hi, f->noise);
    for (size_t i = 0; i < n; i++) {
        struct g20_burst *b = &hand->burst[i];
        struct g20_occupied o = hand->own[i];

        g20_widen(hand, v->h, t, f, noise, f_lo, f_hi, b, &o);
        if (o.power <= o.noise || (g->is_across && !is_across(b, &o)))
            continue;
        const double on = (double)(b->stop - b->start) / (double)G20_MAX(b->on, 1u);
        g20_hand_add(hand, &(struct g20_find){
                               .start = b->start,
                               .stop = b->stop,
                               .on = b->on,
                               .f_lo = o.f_lo,
                               .f_hi = o.f_hi,
                               .power = (o.power - o.noise) * on + o.noise,
                               .noise = o.noise,
                               .peak = o.peak,
                               .is_steady = g->is_steady,
                               .is_level = b->is_level,
                           });
    }
}

/* A region inside one that is always on: that one is measured against the right noise. */
static bool is_within_steady(const struct g20_regions *s, const struct g20_region *g)
{
    for (uint32_t i = 0; i < s->count && !g->is_steady; i++) {
        const struct g20_region *o = &s->item[i];
        const double common = (double)G20_MIN(g->bin1, o->bin1) - (double)G20_MAX(g->bin0, o->bin0);
        if (o->is_steady && common > WITHIN * (double)(g->bin1 - g->bin0))
            return true;
    }
    return false;
}

static int by_energy(const void *a, const void *b)
{
    const double x = g20_find_energy(a), y = g20_find_energy(b);

    return (x < y) - (x > y);
}

size_t g20_refine(struct g20_refiner *r, const struct g20_regions *s, const struct g20_tile *t,
                  const struct g20_floor *f, const struct g20_history *h,
                  const struct g20_find **ret_finds)
{
    struct view v = {.region = r->region, .t = t, .f = f, .h = h};
    uint32_t items = 0;
    size_t kept = 0;

    for (uint32_t i = 0; i < s->count && items < r->max_finds; i++)
        if (!is_within_steady(s, &s->item[i])) {
            r->cost[items] = s->item[i].is_whole ? 0 : s->item[i].row1 - s->item[i].row0;
            r->region[items++] = &s->item[i];
        }
    v.regions = items;
    const size_t n = g20_trains_keep(
        r->find, g20_hands_work(r->hands, items, r->cost, measure, &v, r->find, r->max_finds));
    for (size_t i = 0; i < n; i++)
        if (!g20_find_is_told(&r->find[i], r->find, kept)) {
            r->find[i].is_doubtful = g20_find_is_doubtful(&r->find[i], r->find, kept);
            r->find[kept++] = r->find[i];
        }
    g20_pieces_know_lines(r->find, kept);
    qsort(r->find, kept, sizeof(*r->find), by_energy);
    *ret_finds = r->find;
    return kept;
}
