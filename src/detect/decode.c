/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/decode.h"

#include "base/alloc.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum {
    ROWS = G20_TILE_ROWS,
    CELLS = G20_TILE_BINS / G20_HYDRA_CELL_BINS,
    LEVELS = 256, /* of sureness, to sort by */
};

#define INSIDE 0.7f  /* share of a box in a surer one that makes it a part of that */
#define VOTE   0.1f  /* score from which a cell has a vote */
#define QUIET  -2.2f /* logit surely below that */

struct span {
    float row0, row1, cell0, cell1;
};

struct g20_decoder {
    uint32_t max_boxes;
    float nms_threshold;
    struct g20_hydra_box *box; /* (max_boxes) */
    struct {                   /* (ROWS, CELLS) each: the boxes of cells with a vote */
        float *row0, *row1, *cell0, *cell1;
    } span;
    uint32_t *voter; /* (ROWS * CELLS) cells with a vote */
    uint32_t *order; /* (ROWS * CELLS) candidates, surest first */
    uint8_t *level;  /* (ROWS, CELLS) 0: below the votes; 255: surest */
    bool *used;      /* (ROWS, CELLS) */
};

int g20_decoder_create(struct g20_decoder **ret, uint32_t max_boxes, float nms_threshold)
{
    struct g20_decoder *d = g20_calloc(1, sizeof(*d));

    if (!d)
        return -ENOMEM;
    d->max_boxes = max_boxes;
    d->nms_threshold = nms_threshold;
    d->box = g20_calloc(max_boxes, sizeof(*d->box));
    d->voter = g20_calloc_aligned((size_t)ROWS * CELLS, sizeof(*d->voter));
    d->order = g20_calloc((size_t)ROWS * CELLS, sizeof(*d->order));
    d->level = g20_calloc((size_t)ROWS * CELLS, sizeof(*d->level));
    d->used = g20_calloc((size_t)ROWS * CELLS, sizeof(*d->used));
    d->span.row0 = g20_calloc_aligned((size_t)ROWS * CELLS, 4 * sizeof(float));
    if (!d->box || !d->voter || !d->order || !d->level || !d->used || !d->span.row0) {
        g20_decoder_destroy(d);
        return -ENOMEM;
    }
    d->span.row1 = d->span.row0 + (size_t)ROWS * CELLS;
    d->span.cell0 = d->span.row1 + (size_t)ROWS * CELLS;
    d->span.cell1 = d->span.cell0 + (size_t)ROWS * CELLS;
    *ret = d;
    return 0;
}

void g20_decoder_destroy(struct g20_decoder *d)
{
    if (!d)
        return;
    g20_free(d->box);
    g20_free(d->order);
    g20_free(d->voter);
    g20_free(d->level);
    g20_free(d->used);
    g20_free(d->span.row0);
    g20_free(d);
}

static float sigmoid(float z)
{
    return 1.0f / (1.0f + expf(-z));
}

/* 0 for the many cells that have no vote anyway. */
static float score_of(float output)
{
    const float z = output + G20_HYDRA_SIGNAL_PRIOR;

    return z < QUIET ? 0.0f : sigmoid(z);
}

static float distance(float output)
{
    return exp2f(G20_MIN(output + G20_HYDRA_SIDE_PRIOR, 12.0f)) - 1.0f;
}

/* The box of the cell at @y, @x. */
static void keep_span(struct g20_decoder *d, const struct g20_image *out, uint32_t y, uint32_t x)
{
    const float row = (float)y + 0.5f, cell = (float)x + 0.5f;
    const size_t at = (size_t)y * CELLS + x;

    d->span.row0[at] = row - distance(*g20_hydra_value(out, y, x, G20_HYDRA_BEFORE));
    d->span.row1[at] = row + distance(*g20_hydra_value(out, y, x, G20_HYDRA_AFTER));
    d->span.cell0[at] = cell - distance(*g20_hydra_value(out, y, x, G20_HYDRA_BELOW));
    d->span.cell1[at] = cell + distance(*g20_hydra_value(out, y, x, G20_HYDRA_ABOVE));
}

static struct span span_at(const struct g20_decoder *d, size_t at)
{
    return (struct span){d->span.row0[at], d->span.row1[at], d->span.cell0[at], d->span.cell1[at]};
}

/* Scores sorted by counting: candidates' places in .order, their number. */
static uint32_t sort(struct g20_decoder *d, const struct g20_image *out, uint32_t from,
                     uint32_t rows, uint32_t cells, float threshold)
{
    uint32_t count[LEVELS + 1] = {0};
    const uint32_t least = G20_MAX((uint32_t)(threshold * (LEVELS - 1)), 1u);
    uint32_t voters = 0, total = 0;

    for (uint32_t y = from; y < rows; y++) {
        const float *row = g20_hydra_value(out, y, 0, G20_HYDRA_SIGNAL);
        uint8_t *level = d->level + (size_t)y * CELLS;
        bool *used = d->used + (size_t)y * CELLS;

        memset(level, 0, cells);
        memset(used, true, cells);
        for (uint32_t x = 0; x < cells; x++) {
            const float s = score_of(row[x / G20_HYDRA_CELLS * G20_NN_BLOCK + x % G20_HYDRA_CELLS]);
            if (!(s >= VOTE)) /* nor NaN */
                continue;
            level[x] = (uint8_t)(s * (LEVELS - 1));
            used[x] = false;
            keep_span(d, out, y, x);
            count[LEVELS - 1 - level[x]]++;
            d->voter[voters++] = y * CELLS + x;
        }
    }
    for (uint32_t v = 0; v < LEVELS; v++) {
        const uint32_t n = count[v];
        count[v] = total;
        total += LEVELS - 1 - v >= least ? n : 0;
    }
    for (uint32_t i = 0; i < voters; i++) {
        const uint32_t at = d->voter[i], v = d->level[at];
        if (v >= least)
            d->order[count[LEVELS - 1 - v]++] = at;
    }
    return total;
}

static float area(const struct span *s)
{
    return G20_MAX(s->row1 - s->row0, 0.05f) * G20_MAX(s->cell1 - s->cell0, 0.05f);
}

static float both(const struct span *a, const struct span *b)
{
    const float high = G20_MIN(a->row1, b->row1) - G20_MAX(a->row0, b->row0);
    const float wide = G20_MIN(a->cell1, b->cell1) - G20_MAX(a->cell0, b->cell0);

    return G20_MAX(high, 0.0f) * G20_MAX(wide, 0.0f);
}

/* Edges as the votes have them: sums of weight and of weight x place. */
struct poll {
    float weight[4], sum[4];
};

static void vote(struct poll *p, const struct span *s, float row, float cell, float score)
{
    const float place[4] = {s->row0, s->row1, s->cell0, s->cell1};
    const float from[4] = {row, row, cell, cell};

    for (int k = 0; k < 4; k++) {
        const float reach = fabsf(place[k] - from[k]) + 1.0f;
        p->weight[k] += score / (reach * reach);
        p->sum[k] += place[k] * score / (reach * reach);
    }
}

enum { SAME = 1, PART = 2 };

/* What each cell from @at on, @n of them, is to the box @seed: the same, a part, or neither. Those
 * in use are nothing. */
G20_WIDE static void compare(const struct g20_decoder *d, size_t at, size_t n,
                             const struct span *seed, uint8_t *ret)
{
    const float *restrict row0 = d->span.row0 + at, *restrict row1 = d->span.row1 + at;
    const float *restrict cell0 = d->span.cell0 + at, *restrict cell1 = d->span.cell1 + at;
    const bool *restrict used = d->used + at;
    const float whole = area(seed), least = d->nms_threshold;
    const struct span s = *seed;

    for (size_t i = 0; i < n; i++) {
        const float high = G20_MIN(row1[i], s.row1) - G20_MAX(row0[i], s.row0);
        const float wide = G20_MIN(cell1[i], s.cell1) - G20_MAX(cell0[i], s.cell0);
        const float common = G20_MAX(high, 0.0f) * G20_MAX(wide, 0.0f);
        const float own = G20_MAX(row1[i] - row0[i], 0.05f) * G20_MAX(cell1[i] - cell0[i], 0.05f);
        const int same = common > least * (own + whole - common);
        const int part = common > INSIDE * own;
        ret[i] = (uint8_t)((same * SAME | part * PART) & (used[i] ? 0 : SAME | PART));
    }
}

static struct span gather(struct g20_decoder *d, uint32_t from, uint32_t rows, uint32_t cells,
                          const struct span *seed)
{
    struct poll p = {{0}, {0}};
    uint8_t is[CELLS] = {0};
    const uint32_t y0 = (uint32_t)fmaxf(seed->row0 - 0.5f, (float)from);
    const uint32_t y1 = (uint32_t)fminf(fmaxf(seed->row1 + 1.5f, 0.0f), (float)rows);
    const uint32_t x0 = (uint32_t)fmaxf(seed->cell0 - 0.5f, 0.0f);
    const uint32_t x1 = (uint32_t)fminf(fmaxf(seed->cell1 + 1.5f, 0.0f), (float)cells);

    for (uint32_t y = y0; y < y1 && x0 < x1; y++) {
        compare(d, (size_t)y * CELLS + x0, x1 - x0, seed, is);
        for (uint32_t x = x0; x < x1; x++) {
            const size_t at = (size_t)y * CELLS + x;
            if (is[x - x0] == 0)
                continue;
            if (is[x - x0] & SAME) {
                const struct span s = span_at(d, at);
                vote(&p, &s, (float)y + 0.5f, (float)x + 0.5f, (float)d->level[at] / LEVELS);
            }
            d->used[at] = true;
        }
    }
    return (struct span){p.sum[0] / p.weight[0], p.sum[1] / p.weight[1], p.sum[2] / p.weight[2],
                         p.sum[3] / p.weight[3]};
}

/* Is @s nothing new beside the @n boxes there are? */
static bool is_known(const struct g20_decoder *d, size_t n, const struct span *s)
{
    const float own = area(s);

    for (size_t i = 0; i < n; i++) {
        const struct g20_hydra_box *b = &d->box[i];
        const struct span o = {b->row0, b->row1, b->bin0 / G20_HYDRA_CELL_BINS,
                               b->bin1 / G20_HYDRA_CELL_BINS};
        const float other = area(&o);
        if (both(s, &o) > INSIDE * G20_MIN(own, other))
            return true;
    }
    return false;
}

size_t g20_decode(struct g20_decoder *d, const struct g20_image *out, uint32_t from, uint32_t rows,
                  float threshold, struct g20_hydra_box **ret_boxes)
{
    const uint32_t cells = out->width * G20_HYDRA_CELLS;
    const uint32_t count = sort(d, out, from, rows, cells, threshold);
    size_t n = 0;

    for (uint32_t i = 0; i < count && n < d->max_boxes; i++) {
        const uint32_t at = d->order[i], y = at / CELLS, x = at % CELLS;
        if (d->used[at])
            continue;
        const struct span seed = span_at(d, at);
        d->used[at] = false; /* votes too, whatever its own box */
        struct span s = gather(d, from, rows, cells, &seed);
        d->used[at] = true;
        if (!(s.row1 > s.row0)) /* also when nobody voted */
            s = seed;
        s.row0 = fmaxf(s.row0, 0.0f);
        s.row1 = fminf(s.row1, (float)rows);
        s.cell0 = fmaxf(s.cell0, 0.0f);
        s.cell1 = fminf(s.cell1, (float)cells);
        if (!(s.row1 > s.row0) || !(s.cell1 > s.cell0) || is_known(d, n, &s))
            continue;
        d->box[n++] = (struct g20_hydra_box){
            .row0 = s.row0,
            .row1 = s.row1,
            .bin0 = s.cell0 * G20_HYDRA_CELL_BINS,
            .bin1 = s.cell1 * G20_HYDRA_CELL_BINS,
            .score = score_of(*g20_hydra_value(out, y, x, G20_HYDRA_SIGNAL))};
    }
    *ret_boxes = d->box;
    return n;
}
