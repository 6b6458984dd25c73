/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "train/recorded.h"

#include "base/alloc.h"
#include "base/rng.h"
#include "detect/history.h"
#include "detect/tile.h"
#include "source/convert.h"
#include "source/sigmf.h"
#include "source/source.h"
#include "train/examples.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    BLOCK = 65536,
    LONGEST = G20_TILE_ROWS * G20_TILE_ROW_SAMPLES, /* of a part */
    HELD = LONGEST + LONGEST / 4,                   /* samples, so that edges may vary */
    BLOCKS = HELD / BLOCK + 3,
    TIMEOUT_MS = 1000,
    PIECE = 4, /* every so-manieth variant is a piece */
};

#define LEAST_PIECE 0.35 /* of it */

struct part {
    struct g20_edges edges; /* samples, fractions of the rate */
    uint32_t annotation;
};

struct player {
    struct g20_sigmf *meta;
    struct g20_source *source;
    struct g20_history *history;
    struct g20_pool *blocks;
    struct g20_looker *looker;
    struct part *part; /* (parts) in order of their ends */
    size_t parts, next;
    double rate_hz;
    const struct g20_recorded_change *change; /* NULL: as recorded */
    const struct g20_edges *extent;           /* (extents) instead of annotations; NULL: those */
    size_t extents;
};

static void close_player(struct player *p)
{
    g20_history_destroy(p->history);
    g20_source_close(p->source);
    if (p->blocks)
        g20_pool_destroy(p->blocks);
    g20_looker_destroy(p->looker);
    g20_free(p->part);
    g20_sigmf_destroy(p->meta);
}

static int by_end(const void *a, const void *b)
{
    const struct part *x = a, *y = b;

    if (x->edges.stop < y->edges.stop || x->edges.stop > y->edges.stop)
        return x->edges.stop < y->edges.stop ? -1 : 1;
    return (x->annotation > y->annotation) - (x->annotation < y->annotation);
}

static double centre_of(const struct g20_sigmf *m, uint64_t sample)
{
    double centre = 0.0;

    for (size_t i = 0; i < m->ncaptures && m->captures[i].sample_start <= sample; i++)
        centre = m->captures[i].has_center ? m->captures[i].center_hz : 0.0;
    return centre;
}

/* How many parts annotation @i has; they are written to @to unless it is NULL. */
static size_t cut(const struct g20_sigmf *m, size_t i, double total, struct part *to)
{
    const struct g20_sigmf_annotation *a = &m->annotations[i];
    const double centre = centre_of(m, a->sample_start);
    const double start = (double)a->sample_start;
    const double stop =
        a->sample_count == UINT64_MAX ? total : fmin(start + (double)a->sample_count, total);
    size_t n = 0;

    if (a->ignore || stop - start < 32.0)
        return 0;
    for (size_t k = 0; start + (double)k * LONGEST < stop; k++) {
        const double at = start + (double)k * LONGEST, end = fmin(at + LONGEST, stop);
        if (k > 0 && end - at < LONGEST / 4.0)
            break; /* the rest says little */
        if (to)
            to[k] = (struct part){.edges = {at, end,
                                            a->has_freq ? (a->f_lo_hz - centre) / m->rate_hz : -0.5,
                                            a->has_freq ? (a->f_hi_hz - centre) / m->rate_hz : 0.5},
                                  .annotation = (uint32_t)i};
        n++;
    }
    return n;
}

static int list_extents(struct player *p, struct g20_err *e)
{
    p->parts = p->extents;
    p->part = g20_calloc(p->extents + 1, sizeof(*p->part));
    if (!p->part)
        return g20_fail(e, -ENOMEM, "examples: out of memory");
    for (size_t i = 0; i < p->extents; i++)
        p->part[i] = (struct part){.edges = p->extent[i], .annotation = (uint32_t)i};
    qsort(p->part, p->parts, sizeof(*p->part), by_end);
    return 0;
}

static int list_parts(struct player *p, struct g20_err *e)
{
    const double total = (double)g20_source_info(p->source)->total_samples;

    if (p->extent)
        return list_extents(p, e);
    for (size_t i = 0; i < p->meta->nannotations; i++)
        p->parts += cut(p->meta, i, total, NULL);
    p->part = g20_calloc(G20_MAX(p->parts, (size_t)1), sizeof(*p->part));
    if (!p->part)
        return g20_fail(e, -ENOMEM, "examples: out of memory");
    size_t n = 0;
    for (size_t i = 0; i < p->meta->nannotations; i++)
        n += cut(p->meta, i, total, p->part + n);
    if (n > 0)
        qsort(p->part, n, sizeof(*p->part), by_end);
    return 0;
}

static int open_player(struct player *p, const char *path, struct g20_err *e)
{
    char meta[4096], data[4096];
    int r = g20_sigmf_load(&p->meta, path, e);

    if (r < 0)
        return r;
    if ((r = g20_sigmf_paths(path, meta, data, sizeof(meta))) < 0)
        return g20_fail(e, r, "%.200s: name too long", path);
    const struct g20_source_cfg cfg = {.driver = "file", .args = meta};
    if ((r = g20_source_open(&p->source, &cfg, e)) < 0 ||
        (r = g20_looker_create(&p->looker, e)) < 0 || (r = list_parts(p, e)) < 0)
        return r;
    p->rate_hz = g20_source_info(p->source)->rate_hz;
    if ((r = g20_history_create(&p->history, BLOCKS)) < 0 ||
        (r = g20_pool_create(&p->blocks, BLOCKS + 2, BLOCK)) < 0)
        return g20_fail(e, r, "%s: out of memory", path);
    return 0;
}

/* A changed copy of @b into the history. */
static int push_changed(struct player *p, const struct g20_block *b, struct g20_err *e)
{
    static const enum g20_scalar scalars[] = {
        [G20_CF32] = G20_F32, [G20_CI16] = G20_I16, [G20_CI8] = G20_I8, [G20_CU8] = G20_U8};
    const struct g20_datatype type = {.scalar = scalars[b->format], .is_complex = true};
    const float gain = p->change->gain > 0.0f ? p->change->gain : 1.0f;
    struct g20_block *c = g20_pool_get(p->blocks, 0);

    if (!c)
        return g20_fail(e, -ENOMEM, "examples: out of blocks");
    float *x = c->data;
    c->format = G20_CF32;
    c->len = b->len;
    c->first_sample = b->first_sample + p->change->late;
    c->center_hz = b->center_hz;
    c->rate_hz = b->rate_hz;
    g20_convert(&type, x, b->data, (size_t)b->len * 2);
    for (uint32_t i = 0; i < b->len; i++, x += 2) {
        const double turns = p->change->shift * (double)(b->first_sample + i);
        const float a = 6.2831853f * (float)(turns - floor(turns));
        const float re = gain * (x[0] * cosf(a) - x[1] * sinf(a));
        x[1] = gain * (x[0] * sinf(a) + x[1] * cosf(a));
        x[0] = re;
    }
    g20_history_push(p->history, c);
    g20_block_unref(&c);
    return 0;
}

/* The parts as they are in the changed recording; those outside of its band are dropped. */
static void change_parts(struct player *p)
{
    size_t n = 0;

    for (size_t i = 0; i < p->parts && p->change; i++) {
        struct part x = p->part[i];
        x.edges.f_lo += p->change->shift;
        x.edges.f_hi += p->change->shift;
        x.edges.start += (double)p->change->late;
        x.edges.stop += (double)p->change->late;
        if (fabs(p->change->shift) < 1e-9 || (x.edges.f_lo > -0.48 && x.edges.f_hi < 0.48))
            p->part[n++] = x;
    }
    p->parts = p->change ? n : p->parts;
}

static struct g20_edges vary(const struct g20_edges *x, uint32_t variant, struct g20_rng *rng,
                             bool *ret_piece)
{
    struct g20_edges at = g20_example_edges(x, rng);
    const double length = at.stop - at.start, part = g20_rng_log_range(rng, LEAST_PIECE, 1.0);
    const double from = g20_rng_uniform(rng);

    *ret_piece = variant % PIECE == 0 && part * length > 64.0;
    if (*ret_piece) {
        at.start += from * (1.0 - part) * length;
        at.stop = at.start + part * length;
    }
    return at;
}

static bool show(struct player *p, const struct part *x, uint32_t variants, uint64_t seed,
                 g20_recorded_fn *fn, void *user)
{
    struct g20_rng rng;

    g20_rng_init(&rng,
                 seed ^ (x->annotation * UINT64_C(0x9e3779b97f4a7c15)) ^ (uint64_t)x->edges.start);
    for (uint32_t v = p->extent ? 1 : 0; v <= variants; v++) {
        bool piece = false;
        const struct g20_edges at = v ? vary(&x->edges, v, &rng, &piece) : x->edges;
        const double noise = v ? g20_rng_log_range(&rng, 0.003, 0.15) : 0.0;
        struct g20_look look;
        g20_looker_noise(p->looker, (float)noise, g20_rng_u64(&rng));
        if (!g20_looker_look(p->looker, p->history, (uint64_t)at.start, (uint64_t)at.stop, at.f_lo,
                             at.f_hi, p->rate_hz, &look))
            continue;
        const struct g20_recorded_look l = {
            .look = &look,
            .label = p->extent ? "" : p->meta->annotations[x->annotation].label,
            .annotation = x->annotation,
            .variant = v,
            .piece = piece,
            .time_s = 0.5 * (x->edges.start + x->edges.stop) / p->rate_hz};
        if (!fn(&l, user))
            return false;
    }
    return true;
}

/* Plays until every part was shown, each when its end (and a little more) is held. */
static int play(struct player *p, const char *path, uint32_t variants, uint64_t seed,
                g20_recorded_fn *fn, void *user, struct g20_err *e)
{
    bool ended = false;

    while (p->next < p->parts) {
        const struct part *x = &p->part[p->next];
        const double slack = 0.1 * (x->edges.stop - x->edges.start);
        if (ended || (double)g20_history_end(p->history) >= x->edges.stop + slack) {
            if (!show(p, x, variants, seed, fn, user))
                return 0;
            p->next++;
            continue;
        }
        struct g20_block *b = g20_pool_get(p->blocks, 0);
        if (!b)
            return g20_fail(e, -ENOMEM, "%s: out of blocks", path);
        const int n = g20_source_read(p->source, b, TIMEOUT_MS, e);
        int r = 0;
        if (n > 0 && p->change)
            r = push_changed(p, b, e);
        else if (n > 0)
            g20_history_push(p->history, b);
        g20_block_unref(&b);
        if (r < 0 || (n < 0 && n != -ETIMEDOUT))
            return r < 0 ? r : n;
        ended = n == 0;
    }
    return 0;
}

int g20_recorded_looks(const char *path, uint32_t variants, uint64_t seed, g20_recorded_fn *fn,
                       void *user, struct g20_err *e)
{
    struct player p = {.next = 0};
    int r = open_player(&p, path, e);

    if (r >= 0)
        r = play(&p, path, variants, seed, fn, user, e);
    close_player(&p);
    return r;
}

int g20_recorded_extents(const char *path, const struct g20_edges *at, size_t count,
                         uint32_t variants, uint64_t seed, g20_recorded_fn *fn, void *user,
                         struct g20_err *e)
{
    struct player p = {.extent = at, .extents = count};
    int r = open_player(&p, path, e);

    if (r >= 0)
        r = play(&p, path, variants, seed, fn, user, e);
    close_player(&p);
    return r;
}

int g20_recorded_changed(const char *path, const struct g20_recorded_change *change,
                         g20_recorded_fn *fn, void *user, struct g20_err *e)
{
    struct player p = {.change = change};
    int r = open_player(&p, path, e);

    if (r >= 0) {
        change_parts(&p);
        r = play(&p, path, 0, 0, fn, user, e);
    }
    close_player(&p);
    return r;
}
