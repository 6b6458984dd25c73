/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/tile.h"

#include "base/alloc.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

/* Rows of twins. The unfinished row lives behind the last, and half a tile may be filled while a
 * whole one is looked at; the rest is room to go on without copying. */
enum { STORE_ROWS = 5 * G20_TILE_ROWS / 2 + 1 };

struct g20_tile_store {
    uint32_t tiles; /* that use it */
    struct g20_tile_row row[STORE_ROWS];
    float *mean, *max, *low, *group, *restless;
    float *frame; /* (FOLD, BINS) of the unfinished row */
};

static void destroy_store(struct g20_tile_store *s)
{
    g20_free(s->frame);
    g20_free(s->restless);
    g20_free(s->group);
    g20_free(s->low);
    g20_free(s->max);
    g20_free(s->mean);
    g20_free(s);
}

static struct g20_tile_store *create_store(void)
{
    const size_t rows = STORE_ROWS;
    struct g20_tile_store *s = g20_calloc(1, sizeof(*s));

    if (!s)
        return NULL;
    s->mean = g20_calloc_aligned(rows * G20_TILE_BINS, sizeof(*s->mean));
    s->max = g20_calloc_aligned(rows * G20_TILE_BINS, sizeof(*s->max));
    s->low = g20_calloc_aligned(rows * G20_TILE_BINS, sizeof(*s->low));
    s->group = g20_alloc_aligned(rows * G20_TILE_FOLD * G20_TILE_GROUPS, sizeof(*s->group));
    s->restless = g20_alloc_aligned(rows * G20_TILE_GROUPS, sizeof(*s->restless));
    s->frame = g20_alloc_aligned(G20_TILE_FOLD * G20_TILE_BINS, sizeof(*s->frame));
    if (s->mean && s->max && s->low && s->group && s->restless && s->frame)
        return s;
    destroy_store(s);
    return NULL;
}

/* The tile's first row is row @base of the store. */
static void begin_at(struct g20_tile *t, uint32_t base)
{
    t->base = base;
    t->row = t->store->row + base;
    t->mean = t->store->mean + (size_t)base * G20_TILE_BINS;
    t->max = t->store->max + (size_t)base * G20_TILE_BINS;
    t->low = t->store->low + (size_t)base * G20_TILE_BINS;
    t->group = t->store->group + (size_t)base * G20_TILE_FOLD * G20_TILE_GROUPS;
    t->restless = t->store->restless + (size_t)base * G20_TILE_GROUPS;
}

static int create(struct g20_tile **ret, struct g20_tile_store *store)
{
    struct g20_tile *t = store ? g20_calloc(1, sizeof(*t)) : NULL;

    if (!t)
        return -ENOMEM;
    t->store = store;
    store->tiles++;
    begin_at(t, 0);
    *ret = t;
    return 0;
}

int g20_tile_create(struct g20_tile **ret)
{
    struct g20_tile_store *store = create_store();
    const int r = create(ret, store);

    if (r < 0 && store)
        destroy_store(store);
    return r;
}

int g20_tile_create_twin(struct g20_tile **ret, const struct g20_tile *of)
{
    return create(ret, of->store);
}

void g20_tile_destroy(struct g20_tile *t)
{
    if (!t)
        return;
    if (--t->store->tiles == 0)
        destroy_store(t->store);
    g20_free(t);
}

typedef float lanes __attribute__((vector_size(32)));

static inline float sum_group(const float *x)
{
    enum { LANES = sizeof(lanes) / sizeof(float) };
    lanes sum = {0};

    for (int i = 0; i < G20_TILE_GROUP; i += LANES) {
        lanes v;
        memcpy(&v, x + i, sizeof(v));
        sum += v;
    }
    return ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}

G20_WIDE static void sum_groups(float *group, const float *power)
{
    for (int g = 0; g < G20_TILE_GROUPS; g++, power += G20_TILE_GROUP)
        group[g] = sum_group(power) / G20_TILE_GROUP;
}

G20_WIDE static void keep_restlessness(const struct g20_tile *t)
{
    const float *mean = t->mean + (size_t)t->rows * G20_TILE_BINS;
    const float *max = t->max + (size_t)t->rows * G20_TILE_BINS;
    float *restless = t->restless + (size_t)t->rows * G20_TILE_GROUPS;

    for (int g = 0; g < G20_TILE_GROUPS; g++, mean += G20_TILE_GROUP, max += G20_TILE_GROUP)
        restless[g] = sum_group(max) / fmaxf(sum_group(mean), 1e-30f);
}

/* @n frames of the unfinished row into it. low: the least of the means of frames 1 + 2, 3 + 4,
 * 5 + 6; of a lone frame, its own. */
static inline __attribute__((always_inline)) void fold(const struct g20_tile *t, const uint32_t n)
{
    const float *restrict frame = t->store->frame;
    float *restrict mean = t->mean + (size_t)t->rows * G20_TILE_BINS;
    float *restrict max = t->max + (size_t)t->rows * G20_TILE_BINS;
    float *restrict low = t->low + (size_t)t->rows * G20_TILE_BINS;
    const float scale = 1.0f / (float)n;

    for (int b = 0; b < G20_TILE_BINS; b++) {
        const float *p = frame + b;
        float sum = p[0], most = p[0], least = p[0];
        for (uint32_t f = 1; f < n; f++) {
            const float x = p[f * G20_TILE_BINS];
            sum += x;
            most = x > most ? x : most;
            if (f % 2 == 0)
                continue;
            const float pair = 0.5f * (p[(f - 1) * G20_TILE_BINS] + x);
            least = f == 1 || pair < least ? pair : least;
        }
        mean[b] = sum * scale;
        max[b] = most;
        low[b] = least;
    }
}

G20_WIDE static void fold_whole(const struct g20_tile *t)
{
    fold(t, G20_TILE_FOLD);
}

bool g20_tile_finish_row(struct g20_tile *t)
{
    if (t->fill == 0)
        return false;

    float *group = t->group + (size_t)t->rows * G20_TILE_FOLD * G20_TILE_GROUPS;
    if (t->fill == G20_TILE_FOLD)
        fold_whole(t);
    else
        fold(t, t->fill);
    keep_restlessness(t);
    /* Frames that never came repeat the last one, so that readers need no special case. */
    for (uint32_t f = t->fill; f < G20_TILE_FOLD; f++)
        memcpy(group + f * G20_TILE_GROUPS, group + (t->fill - 1) * G20_TILE_GROUPS,
               G20_TILE_GROUPS * sizeof(*group));
    t->row[t->rows].frames = t->fill;
    t->rows++;
    t->new_rows++;
    t->fill = 0;
    return true;
}

bool g20_tile_add(struct g20_tile *t, const struct g20_frame *f)
{
    const bool finished = f->restarted && g20_tile_finish_row(t);
    const size_t at = t->rows;

    if (t->fill == 0) {
        t->row[at] = (struct g20_tile_row){
            .first_sample = f->first_sample, .time_us = f->time_us, .restarted = f->restarted};
        t->center_hz = f->center_hz;
        t->rate_hz = f->rate_hz;
    }
    sum_groups(t->group + (at * G20_TILE_FOLD + t->fill) * G20_TILE_GROUPS, f->power);
    memcpy(t->store->frame + (size_t)t->fill * G20_TILE_BINS, f->power,
           G20_TILE_BINS * sizeof(*f->power));
    t->fill++;
    return (t->fill == G20_TILE_FOLD && g20_tile_finish_row(t)) || finished;
}

/* Does a tile that begins at row @base fit into the store, whatever comes? */
static bool has_room(uint32_t base)
{
    return base + G20_TILE_ROWS + 1 <= STORE_ROWS;
}

/* Copy rows @from .. @from + n - 1 of the store to its beginning. */
static void copy_back(struct g20_tile_store *s, size_t from, size_t n)
{
    const size_t bins = from * G20_TILE_BINS, groups = from * G20_TILE_GROUPS;

    memcpy(s->row, s->row + from, n * sizeof(*s->row));
    memcpy(s->mean, s->mean + bins, n * G20_TILE_BINS * sizeof(*s->mean));
    memcpy(s->max, s->max + bins, n * G20_TILE_BINS * sizeof(*s->max));
    memcpy(s->low, s->low + bins, n * G20_TILE_BINS * sizeof(*s->low));
    memcpy(s->restless, s->restless + groups, n * G20_TILE_GROUPS * sizeof(*s->restless));
    memcpy(s->group, s->group + groups * G20_TILE_FOLD,
           n * G20_TILE_FOLD * G20_TILE_GROUPS * sizeof(*s->group));
}

void g20_tile_carry(struct g20_tile *to, const struct g20_tile *from, uint32_t keep)
{
    const uint32_t drop = from->rows > keep ? from->rows - keep : 0, first = from->base + drop;

    to->rows = from->rows - drop;
    to->new_rows = 0;
    to->fill = from->fill;
    to->center_hz = from->center_hz;
    to->rate_hz = from->rate_hz;
    if (!has_room(first)) /* then @from begins behind what can be filled from there on */
        copy_back(to->store, first, to->rows + (to->fill > 0 ? 1u : 0u));
    begin_at(to, has_room(first) ? first : 0);
}

G20_WIDE static void scale_bins(float *restrict x, const float *ratio)
{
    for (int c = 0; c < G20_TILE_CELLS; c++, x += G20_TILE_CELL)
        for (int i = 0; i < G20_TILE_CELL; i++)
            x[i] *= ratio[c];
}

/* Row @to becomes like row @from; its frames' groups stay. */
static void repeat_row(struct g20_tile *t, uint32_t to, uint32_t from)
{
    const size_t a = (size_t)to * G20_TILE_BINS, b = (size_t)from * G20_TILE_BINS;
    const size_t n = G20_TILE_BINS * sizeof(*t->mean);

    memcpy(t->mean + a, t->mean + b, n);
    memcpy(t->max + a, t->max + b, n);
    memcpy(t->low + a, t->low + b, n);
    memcpy(t->restless + (size_t)to * G20_TILE_GROUPS, t->restless + (size_t)from * G20_TILE_GROUPS,
           G20_TILE_GROUPS * sizeof(*t->restless));
}

void g20_tile_level(struct g20_tile *t, uint32_t frame, const float *group, const float *cell)
{
    const uint32_t first = frame / G20_TILE_FOLD, last = (frame + 1) / G20_TILE_FOLD;
    float *x = t->group;

    for (uint32_t row = 0; row < first; row++) {
        scale_bins(t->mean + (size_t)row * G20_TILE_BINS, cell);
        scale_bins(t->max + (size_t)row * G20_TILE_BINS, cell);
        scale_bins(t->low + (size_t)row * G20_TILE_BINS, cell);
    }
    for (uint32_t f = 0; f < frame; f++, x += G20_TILE_GROUPS)
        for (int g = 0; g < G20_TILE_GROUPS; g++)
            x[g] *= group[g];
    for (int i = 0; i < 2; i++) /* these two are followed by one of the new gain */
        memcpy(x + (ptrdiff_t)i * G20_TILE_GROUPS, x + (ptrdiff_t)2 * G20_TILE_GROUPS,
               G20_TILE_GROUPS * sizeof(*x));
    if (last != first)
        repeat_row(t, first, first - 1);
    repeat_row(t, last, last + 1);
}

bool g20_tile_drop_oldest(struct g20_tile *t, const struct g20_tile *read)
{
    const uint32_t base = t->base + 1;

    if (t->rows == 0 || !has_room(base) ||
        (base <= read->base && base + G20_TILE_ROWS >= read->base))
        return false;
    begin_at(t, base);
    t->rows--;
    t->new_rows = G20_MIN(t->new_rows, t->rows);
    return true;
}

void g20_tile_clear(struct g20_tile *t)
{
    t->rows = t->new_rows = t->fill = 0;
    begin_at(t, 0);
}

uint32_t g20_tile_from(const struct g20_tile *t)
{
    const uint32_t seen = t->rows - t->new_rows;

    return seen > G20_TILE_SEEN ? seen - G20_TILE_SEEN : 0;
}

uint64_t g20_tile_sample(const struct g20_tile *t, double row)
{
    enum { SHIFT = (G20_TILE_BINS - G20_TILE_HOP) / 2 };
    const uint32_t r = (uint32_t)G20_CLAMP(row, 0.0, (double)t->rows - 1.0);

    return t->row[r].first_sample + (uint64_t)fmax(0.0, SHIFT + (row - r) * G20_TILE_ROW_SAMPLES);
}

uint64_t g20_tile_end(const struct g20_tile *t)
{
    if (t->rows == 0)
        return 0;
    const struct g20_tile_row *last = &t->row[t->rows - 1];
    return last->first_sample + (uint64_t)(last->frames - 1) * G20_TILE_HOP + G20_TILE_BINS;
}
