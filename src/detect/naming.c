/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/naming.h"

#include "base/alloc.h"
#include "detect/look_bytes.h"
#include "detect/tile.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum {
    MOST_LOOKS = 64,                                   /* of a tile: the strongest */
    BUDGET = 2 * G20_TILE_ROWS * G20_TILE_ROW_SAMPLES, /* samples that may be looked at: 30 ms */
    IDLE = 4,                      /* part of the time that is taken when nobody is asked, */
    IDLE_ROWS = G20_TILE_ROWS / 2, /* for each so many new rows */
    SHORT = BUDGET / MOST_LOOKS,   /* a find no longer is always looked at */
    LATE = 4,                      /* tiles, if each is late, for a look that nobody asked for */
};

struct g20_namer {
    struct g20_namer_cfg cfg;
    struct g20_looker *looker;
    uint32_t turn; /* tiles so far: which of the long ones begins */
    size_t next;   /* find that is remembered first */
    uint32_t late; /* tiles with the next one due before anything was remembered */
    bool asked;    /* of the last tile: it was named */
};

int g20_namer_create(struct g20_namer **ret, const struct g20_namer_cfg *cfg, struct g20_err *e)
{
    struct g20_namer *n = g20_calloc(1, sizeof(*n));

    if (!n)
        return g20_fail(e, -ENOMEM, "naming: out of memory");
    n->cfg = *cfg;
    n->cfg.memory = cfg->heads ? cfg->memory : NULL;
    const int r = g20_looker_create(&n->looker, e);
    if (r < 0)
        g20_namer_destroy(n);
    else
        *ret = n;
    return r;
}

void g20_namer_destroy(struct g20_namer *n)
{
    if (!n)
        return;
    g20_looker_destroy(n->looker);
    g20_free(n);
}

/* Samples that a look at @f reads. */
static double cost(const struct g20_find *f)
{
    return fmin((double)(f->stop - f->start), G20_LOOK_MOST / fmax(f->f_hi - f->f_lo, 1e-5));
}

static bool is_called(const struct g20_find *f, const char *name)
{
    return f->named > 0.0f && strcmp(f->name, name) == 0;
}

static void remember(struct g20_namer *n, const struct g20_find *f, const struct g20_look *look,
                     const float *features, const struct g20_track_stream *s)
{
    const double later = ((double)f->start - (double)s->ref_sample) / s->rate_hz;
    const double snr = (f->power - f->noise) / fmax(f->noise, 1e-30);
    struct g20_seen x = {.time_us =
                             s->ref_time_us ? s->ref_time_us + (uint64_t)llround(later * 1e6) : 0,
                         .duration_s = (double)(f->stop - f->start) / s->rate_hz,
                         .f_lo_hz = s->center_hz + f->f_lo * s->rate_hz,
                         .f_hi_hz = s->center_hz + f->f_hi * s->rate_hz,
                         .snr_db = (float)(10.0 * log10(fmax(snr, 1e-3))),
                         .score = f->named};

    memcpy(x.name, f->name, sizeof(x.name));
    memcpy(x.features, features, sizeof(x.features));
    g20_look_bytes(look, x.picture);
    g20_memory_add(n->cfg.memory, &x);
}

/* What a head says to @f; it is remembered unless only the name @only (NULL: any) counts and it has
 * not got that. */
static void name(struct g20_namer *n, struct g20_find *f, const char *only,
                 const struct g20_history *h, const struct g20_track_stream *s)
{
    float features[G20_TRUNK_FEATURES];
    struct g20_naming naming;
    struct g20_look look;

    if (!g20_looker_look(n->looker, h, f->start, f->stop, f->f_lo, f->f_hi, s->rate_hz, &look))
        return;
    if (n->cfg.fn)
        n->cfg.fn(f, &look, n->cfg.user);
    if (!n->cfg.heads)
        return;
    g20_heads_embed(n->cfg.heads, &look, features);
    if (g20_heads_judge(n->cfg.heads, features, &naming)) {
        f->named = naming.score;
        memcpy(f->name, naming.name, sizeof(f->name));
    }
    if (n->cfg.memory && (!only || is_called(f, only)))
        remember(n, f, &look, features, s);
}

/* The time that is left, in samples. */
static double name_finds(struct g20_namer *n, struct g20_find *find, size_t count, double left,
                         const struct g20_history *h, const struct g20_track_stream *s)
{
    size_t index[MOST_LOOKS], late = 0;

    for (size_t i = 0; i < count; i++) {
        if (cost(&find[i]) > SHORT) {
            index[late++] = i;
            continue;
        }
        name(n, &find[i], NULL, h, s);
        left -= cost(&find[i]);
    }
    for (size_t k = 0; k < late; k++) {
        struct g20_find *f = &find[index[(k + n->turn) % late]];
        if (n->cfg.bounded && cost(f) > left)
            continue;
        name(n, f, NULL, h, s);
        left -= cost(f);
    }
    n->turn++;
    return left;
}

/* Is a part of @c another signal, more surely? */
static bool is_claimed(const struct g20_candidate *c, const struct g20_find *find)
{
    for (uint32_t i = 0; i < c->parts; i++)
        if (find[c->part[i]].named > c->find.named && !is_called(&find[c->part[i]], c->find.name))
            return true;
    return false;
}

/* Those among the candidates (count), made of @find, that are @signal; the others are taken out. */
static size_t name_candidates(struct g20_namer *n, struct g20_candidate *c, size_t count,
                              const struct g20_find *find, const char *signal, double *left,
                              const struct g20_history *h, const struct g20_track_stream *s)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        struct g20_find *f = &c[i].find;
        f->named = 0.0f;
        if (cost(f) > *left)
            continue;
        *left -= cost(f);
        name(n, f, signal, h, s);
        if (is_called(f, signal) && !is_claimed(&c[i], find))
            c[kept++] = c[i];
    }
    return kept;
}

/* Finds of which @part (count) hold more than half are told by those. */
static size_t replace(struct g20_find *find, size_t n, size_t cap, const struct g20_candidate *part,
                      size_t count)
{
    for (size_t i = 0; i < n && count > 0; i++) {
        uint64_t held = 0;
        for (size_t k = 0; k < count; k++) {
            const struct g20_find *p = &part[k].find;
            const bool within = p->start >= find[i].start && p->stop <= find[i].stop &&
                                p->f_lo < find[i].f_hi && p->f_hi > find[i].f_lo;
            held += within ? p->stop - p->start : 0;
        }
        if (2 * held > find[i].on)
            find[i].stop = find[i].start;
    }
    for (size_t k = 0; k < count && n < cap; k++)
        find[n++] = part[k].find;
    return n;
}

static void put_together(struct g20_find *find, const struct g20_candidate *c, size_t count)
{
    for (size_t k = 0; k < count; k++) {
        for (uint32_t i = 0; i < c[k].parts; i++)
            find[c[k].part[i]].stop = find[c[k].part[i]].start;
        find[c[k].part[0]] = c[k].find;
    }
}

/* Candidates of @shape: those that a head knows as @signal take the place of what they are made of.
 */
static size_t name_shape(struct g20_namer *n, const struct g20_shape *shape, const char *signal,
                         struct g20_find *find, size_t count, size_t cap, double *left,
                         const struct g20_floor *floor, const struct g20_history *h,
                         const struct g20_track_stream *s)
{
    struct g20_candidate c[G20_SHAPE_CANDIDATES];
    size_t many = g20_shape_join(shape, s->rate_hz, find, G20_MIN(count, (size_t)MOST_LOOKS), c);

    put_together(find, c, name_candidates(n, c, many, find, signal, left, h, s));
    many = g20_shape_cut(shape, s->rate_hz, find, G20_MIN(count, (size_t)MOST_LOOKS), left,
                         n->cfg.hands, floor, h, c);
    return replace(find, count, cap, c, name_candidates(n, c, many, find, signal, left, h, s));
}

size_t g20_namer_name(struct g20_namer *n, struct g20_find *find, size_t count, size_t cap,
                      const struct g20_floor *floor, const struct g20_history *h,
                      const struct g20_track_stream *s)
{
    struct g20_head_info head[G20_HEADS_MOST];
    const size_t heads = n->cfg.heads ? g20_heads_list(n->cfg.heads, head, G20_HEADS_MOST) : 0;
    size_t kept = 0;

    n->asked = n->cfg.fn || heads > 0;
    if (!n->asked)
        return count;
    double left = name_finds(n, find, G20_MIN(count, (size_t)MOST_LOOKS), BUDGET, h, s);
    left = n->cfg.bounded ? left : INFINITY;
    if (n->cfg.shape)
        count = name_shape(n, n->cfg.shape, "", find, count, cap, &left, floor, h, s);
    for (size_t i = 0; i < heads; i++)
        if (head[i].shape.longest > 0.0)
            count =
                name_shape(n, &head[i].shape, head[i].name, find, count, cap, &left, floor, h, s);
    for (size_t i = 0; i < count; i++)
        if (find[i].stop > find[i].start)
            find[kept++] = find[i];
    return kept;
}

void g20_namer_remember(struct g20_namer *n, const struct g20_find *find, size_t count,
                        uint32_t rows, const struct g20_history *h,
                        const struct g20_track_stream *s, const atomic_bool *due)
{
    const size_t most = (size_t)MOST_LOOKS * rows / (IDLE * IDLE_ROWS) + 1;
    double left = (double)BUDGET * rows / (IDLE * IDLE_ROWS);

    if (n->asked || !n->cfg.memory)
        return;
    for (size_t i = 0; i < G20_MIN(count, most) && (left > 0.0 || !n->cfg.bounded); i++) {
        struct g20_find f = find[n->next++ % count];
        /* Where the next tile is always due, a look in a few tiles is all that is remembered. */
        if (due && atomic_load(due) && (i > 0 || n->late++ % LATE != 0))
            return;
        name(n, &f, NULL, h, s);
        left -= cost(&f);
    }
}
