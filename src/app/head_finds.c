/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/head_finds.h"

#include "app/app.h"
#include "app/found.h"

#include "base/alloc.h"
#include "detect/tile.h"
#include "detect/told.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum { SIDE = G20_LOOK_SIDE, BAND = SIDE / 4, WHOLE = G20_TILE_ROWS * G20_TILE_ROW_SAMPLES };

#define MOSTLY       0.6f /* share of a find's energy in labelled boxes that makes it the signal, */
#define HARDLY       0.2f /* and up to which it is something else */
#define PART         0.3f /* of its box's area that is no splinter, */
#define FAR_BETTER   0.4  /* of the fit of a better one */
#define BETTER_TIMED 0.6  /* the same in time alone */
#define OF_FOUND     0.25f /* nor is that share of the energy of all that was found in the box */

/* Energies of a find, as its picture shows them: in all, and in three sorts of boxes. */
struct energies {
    double all, meant, other, ignored;
};

static bool is_meant(const struct g20_head_finds *all, const struct g20_truth_box *b)
{
    return !b->ignore && strcmp(b->kind, all->label) == 0;
}

/* Does box @b hold time @t and frequency @f (samples, Hz)? Its edges are as good as a picture's
 * step: @dt, @df. */
static bool holds(const struct g20_truth_box *b, double t, double f, double dt, double df)
{
    return t >= b->start - dt && t <= b->stop + dt && f >= fmin(b->f_lo, b->vis_lo) - df &&
           f <= fmax(b->f_hi, b->vis_hi) + df;
}

static void add_cell(const struct g20_head_finds *all, double t, double f, double dt, double df,
                     double power, struct energies *e)
{
    bool meant = false, other = false, ignored = false;

    for (size_t i = 0; i < all->truth->count; i++) {
        const struct g20_truth_box *b = &all->truth->box[i];
        if (!holds(b, t, f, dt, df))
            continue;
        meant = meant || is_meant(all, b);
        ignored = ignored || b->ignore;
        other = other || (!b->ignore && !is_meant(all, b));
    }
    e->meant += meant ? power : 0.0;
    e->other += other && !meant ? power : 0.0;
    e->ignored += ignored && !meant && !other ? power : 0.0;
}

/* The picture of the whole find: its band is the middle half of the columns. */
static struct energies measure(const struct g20_head_finds *all, const struct g20_head_find *x,
                               const struct g20_look *look)
{
    const double rate = all->truth->rate_hz, bw = x->f_hi - x->f_lo;
    const double stop = fmin(x->stop, x->start + G20_LOOK_MOST / fmax(bw, 1e-5));
    const double dt = 0.5 * (stop - x->start) / SIDE, df = bw * rate / (SIDE / 2);
    struct energies e = {0, 0, 0, 0};

    for (int t = 0; t < SIDE; t++)
        for (int k = BAND; k < SIDE - BAND; k++) {
            const double level = (double)look->picture[0][t][k];
            const double power = level > 0.0 ? pow(10.0, 3.0 * (level - 1.0)) : 0.0;
            const double at = x->start + (2 * t + 1) * dt;
            const double f = (x->f_lo + bw * (k - BAND + 0.5) / (SIDE / 2)) * rate;
            e.all += power;
            if (power > 0.0)
                add_cell(all, at, f, dt, df, power, &e);
        }
    return e;
}

/* What both have, over what either has. */
static double iou(double a0, double a1, double b0, double b1)
{
    return fmax(fmin(a1, b1) - fmax(a0, b0), 0.0) / fmax(fmax(a1, b1) - fmin(a0, b0), 1e-9);
}

/* How well @x fits box @b: in time, and in all. */
struct fit {
    double time, all;
};

static struct fit fit(const struct g20_head_finds *all, const struct g20_head_find *x, size_t box)
{
    const struct g20_truth_box *b = &all->truth->box[box];
    const double rate = all->truth->rate_hz, time = iou(x->start, x->stop, b->start, b->stop);

    return (struct fit){time, time * iou(x->f_lo * rate, x->f_hi * rate, fmin(b->f_lo, b->vis_lo),
                                         fmax(b->f_hi, b->vis_hi))};
}

/* The labelled box that most of @x lies in, and how much of that box it is. */
static void choose_box(const struct g20_head_finds *all, struct g20_head_find *x)
{
    double most = 0.0;

    for (size_t i = 0; i < all->truth->count; i++) {
        const struct g20_truth_box *b = &all->truth->box[i];
        const double rate = all->truth->rate_hz;
        const double time = fmin(x->stop, b->stop) - fmax(x->start, b->start);
        const double band = fmin(x->f_hi * rate, b->f_hi) - fmax(x->f_lo * rate, b->f_lo);
        const double common = fmax(time, 0.0) * fmax(band, 0.0);
        const double length = fmin(b->stop - b->start, WHOLE);
        if (!is_meant(all, b) || common <= most)
            continue;
        most = common;
        x->box = (int)i;
        x->part = (float)(common / fmax(length * (b->f_hi - b->f_lo), 1e-9));
    }
}

/* What can be said of it alone. */
static void weigh(const struct g20_head_finds *all, struct g20_head_find *x,
                  const struct g20_find *f, const struct g20_look *look)
{
    const struct energies e = measure(all, x, look);

    if (!(e.all > 0.0))
        return;
    x->share = (float)(e.meant / e.all);
    x->energy = x->share * (float)g20_find_energy(f);
    choose_box(all, x);
    if (x->share > MOSTLY)
        x->verdict = G20_FIND_MEANT; /* unless it is a splinter */
    else if (x->share > HARDLY || e.ignored / e.all > (double)HARDLY)
        x->verdict = G20_FIND_UNKNOWN;
    else if (all->truth->partial && e.other / e.all < (double)MOSTLY)
        x->verdict = G20_FIND_MAYBE;
    else
        x->verdict = G20_FIND_OTHER;
}

static struct g20_head_find *next(struct g20_head_finds *all)
{
    if (all->count == all->cap) {
        const size_t cap = all->cap ? 2 * all->cap : 256;
        void *grown = g20_realloc(all->item, cap, sizeof(*all->item));
        if (!grown)
            return NULL;
        all->item = grown;
        all->cap = cap;
    }
    return &all->item[all->count++];
}

static void take(const struct g20_find *f, const struct g20_look *look, void *user)
{
    struct g20_head_finds *all = user;
    struct g20_head_find *x = all->failed ? NULL : next(all);

    all->failed = !x;
    if (!x)
        return;
    *x = (struct g20_head_find){.start = (double)f->start,
                                .stop = (double)f->stop,
                                .f_lo = f->f_lo,
                                .f_hi = f->f_hi,
                                .box = -1,
                                .verdict = G20_FIND_OTHER};
    g20_trunk_embed(all->trunk, look, x->features);
    if (all->truth)
        weigh(all, x, f, look);
}

/* Energy of all that was found in box @box. */
static float found_in(const struct g20_head_finds *all, int box)
{
    float sum = 0.0f;

    for (size_t i = 0; i < all->count; i++)
        sum += all->item[i].box == box ? all->item[i].energy : 0.0f;
    return sum;
}

/* Does much of box @b, as far as time goes, lie in @x? */
static bool covers(const struct g20_head_finds *all, const struct g20_head_find *x,
                   const struct g20_truth_box *b)
{
    const double time = fmin(x->stop, b->stop) - fmax(x->start, b->start);

    return is_meant(all, b) && time > (double)PART * fmin(b->stop - b->start, WHOLE) &&
           x->f_lo * all->truth->rate_hz < b->f_hi && x->f_hi * all->truth->rate_hz > b->f_lo;
}

static bool is_better_found(const struct g20_head_finds *all, const struct g20_head_find *x,
                            size_t box)
{
    const struct fit own = fit(all, x, box);

    for (size_t i = 0; i < all->count; i++) {
        if (all->item[i].box != (int)box || !(all->item[i].share > MOSTLY))
            continue;
        const struct fit its = fit(all, &all->item[i], box);
        if (own.all < FAR_BETTER * its.all ||
            (own.time < BETTER_TIMED * its.time && own.all < its.all))
            return true;
    }
    return false;
}

/* Do others fit each box that is in @x far better? Then it is what pieces were joined to them, or
 * what they were cut out of. */
static bool is_outdone(const struct g20_head_finds *all, const struct g20_head_find *x)
{
    bool outdone = is_better_found(all, x, (size_t)x->box);

    for (size_t i = 0; i < all->truth->count && outdone; i++)
        outdone = !covers(all, x, &all->truth->box[i]) || is_better_found(all, x, i);
    return outdone;
}

/* Boxes that much of lies in @x, one after the other as they may be; how many. */
static uint32_t cover(struct g20_head_finds *all, const struct g20_head_find *x)
{
    uint32_t boxes = 0;

    for (size_t i = 0; i < all->truth->count; i++)
        if (covers(all, x, &all->truth->box[i])) {
            all->covered[i] = true;
            boxes++;
        }
    return boxes;
}

static void judge(struct g20_head_finds *all)
{
    if (!all->truth || all->failed)
        return;
    all->covered = g20_calloc(all->truth->count + 1, sizeof(*all->covered));
    all->failed = !all->covered;
    for (size_t i = 0; i < all->count && all->covered; i++) {
        struct g20_head_find *x = &all->item[i];
        if (x->verdict != G20_FIND_MEANT)
            continue;
        if (x->box < 0 || is_outdone(all, x) ||
            (x->part < PART && x->energy < OF_FOUND * found_in(all, x->box)))
            x->verdict = G20_FIND_UNKNOWN;
        else
            all->joined = cover(all, x) > 1 || all->joined;
        if (x->verdict == G20_FIND_MEANT)
            all->covered[x->box] = true;
    }
}

int g20_head_finds_search(struct g20_head_finds *all, const char *what,
                          const struct g20_head_search *how, struct g20_err *e)
{
    struct g20_found f = {0};
    const bool is_scene = how->scene_rate_hz > 0.0;
    const struct g20_found_cfg cfg = {.command = "train",
                                      .model = how->model,
                                      .driver = is_scene ? "scene" : NULL,
                                      .rate_hz = how->scene_rate_hz,
                                      .threshold = 0.5,
                                      .quiet = how->quiet,
                                      .prefer_int8 = true,
                                      .shape = how->shape,
                                      .look = take,
                                      .user = all};
    int r = g20_found_run(&f, what, &cfg, e);

    g20_found_fini(&f);
    if (r >= 0 && g20_interrupted())
        r = g20_fail(e, -ECANCELED, "interrupted");
    judge(all);
    return r >= 0 && all->failed ? g20_fail(e, -ENOMEM, "out of memory") : r;
}

void g20_head_finds_fini(struct g20_head_finds *all)
{
    g20_free(all->item);
    g20_free(all->covered);
    all->item = NULL;
    all->covered = NULL;
    all->count = all->cap = 0;
}
