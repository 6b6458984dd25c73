/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/region_own.h"

#include "base/alloc.h"
#include "dsp/kernels.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    B = G20_TILE_BINS,
    MAX_RUNS = 1 << 16, /* a tile with more is all signal: the rest is left out */
    BRIDGE_BINS = 3,    /* unmarked bins that do not end a run */
    DC_BINS = 2,
    BLOCK = 64, /* bins over which a row's strongest is taken */
    REACH = 4,  /* blocks to each side that it overshadows */
};

#define RISEN      1.15f /* of a group's mean in one frame over its noise: one spread of it, */
#define ACROSS     0.75f /* and in so many groups at once it is no chance */
#define OVERSHADOW 3e-4f /* 35 dB under a stronger neighbour a cell is its skirt, not a signal */

int g20_regions_create(struct g20_regions **ret, uint32_t cap)
{
    struct g20_regions *s = g20_calloc(1, sizeof(*s));

    if (!s)
        return -ENOMEM;
    s->cap = cap;
    s->item = g20_calloc(cap, sizeof(*s->item));
    s->run = g20_calloc(MAX_RUNS, sizeof(*s->run));
    s->strip = g20_calloc(MAX_RUNS, sizeof(*s->strip));
    s->found = g20_calloc(MAX_RUNS + G20_REGION_STRIPS + G20_STEADY_MAX + G20_TILE_ROWS,
                          sizeof(*s->found));
    s->spectrum = g20_calloc_aligned(B, sizeof(*s->spectrum));
    if (!s->item || !s->run || !s->strip || !s->found || !s->spectrum) {
        g20_regions_destroy(s);
        return -ENOMEM;
    }
    *ret = s;
    return 0;
}

void g20_regions_destroy(struct g20_regions *s)
{
    if (!s)
        return;
    g20_free(s->spectrum);
    g20_free(s->found);
    g20_free(s->strip);
    g20_free(s->run);
    g20_free(s->item);
    g20_free(s);
}

static void join(struct g20_run *run, uint32_t a, uint32_t b)
{
    a = g20_run_root(run, a);
    b = g20_run_root(run, b);
    if (a == b)
        return;
    if (a > b) {
        const uint32_t swap = a;
        a = b;
        b = swap;
    }
    run[b].parent = a;
    run[a].has_seed |= run[b].has_seed;
}

/* Least power that a cell near each block of bins must have to count in this row. The receiver's
 * own offset does not splash: it overshadows its own blocks only. */
static void overshadow(const float *mean, float *least)
{
    enum { ZERO = B / 2, BLOCKS = B / BLOCK, LEFT = ZERO / BLOCK - 1, RIGHT = ZERO / BLOCK };
    const struct g20_kernels *k = g20_kernels();
    float top[BLOCKS];

    for (int i = 0; i < BLOCKS; i++)
        top[i] = k->max(mean + i * BLOCK, BLOCK);
    const float left = top[LEFT], right = top[RIGHT];
    top[LEFT] = top[RIGHT] = 0.0f;
    for (int i = DC_BINS + 1; i < BLOCK; i++) {
        top[LEFT] = G20_MAX(top[LEFT], mean[ZERO - i]);
        top[RIGHT] = G20_MAX(top[RIGHT], mean[ZERO + i]);
    }
    for (int i = 0; i < BLOCKS; i++) {
        least[i] = 0.0f;
        for (int j = G20_MAX(i - REACH, 0); j <= G20_MIN(i + REACH, BLOCKS - 1); j++)
            least[i] = G20_MAX(least[i], OVERSHADOW * top[j]);
    }
    least[LEFT] = G20_MAX(least[LEFT], OVERSHADOW * left);
    least[RIGHT] = G20_MAX(least[RIGHT], OVERSHADOW * right);
}

/* The first marked cell from @b on, or B: most are not, and eight are told at once. */
static uint32_t next_marked(const uint8_t *cell, uint32_t b)
{
    uint64_t eight;

    for (; b + sizeof(eight) <= B; b += sizeof(eight)) {
        memcpy(&eight, cell + b, sizeof(eight));
        if (eight != 0)
            break;
    }
    while (b < B && !cell[b])
        b++;
    return b;
}

static void cut_runs(struct g20_regions *s, uint32_t row, const uint8_t *cell, const float *mean)
{
    float least[B / BLOCK];

    overshadow(mean, least);
    for (uint32_t b = next_marked(cell, 0); b < B && s->nruns < MAX_RUNS;
         b = next_marked(cell, b + 1)) {
        if (mean[b] < least[b / BLOCK])
            continue;
        struct g20_run *run = &s->run[s->nruns];
        uint32_t last = b;

        *run = (struct g20_run){.row = row, .lo = b, .parent = s->nruns};
        for (; b < B && b <= last + BRIDGE_BINS; b++)
            if (cell[b] && mean[b] >= least[b / BLOCK]) {
                last = b;
                run->has_seed |= cell[b] == G20_CELL_SEED;
            }
        run->hi = last + 1;
        s->nruns++;
        b--; /* the cell that ended the run has not been looked at */
    }
}

/* Join the runs [a, a_end) of one row with those of a later row, [b, b_end), that they touch. */
static void join_rows(struct g20_regions *s, uint32_t a, uint32_t a_end, uint32_t b, uint32_t b_end)
{
    while (a < a_end && b < b_end) {
        const struct g20_run *x = &s->run[a], *y = &s->run[b];
        if (x->lo <= y->hi && y->lo <= x->hi)
            join(s->run, a, b);
        if (x->hi < y->hi)
            a++;
        else
            b++;
    }
}

/* Narrow [bin0, bin1) to the span that holds 99 % of the excess power. */
static void trim(struct g20_regions *s, struct g20_region *r, const struct g20_tile *t,
                 const struct g20_floor *f)
{
    double total = 0.0, part = 0.0;

    memset(s->spectrum + r->bin0, 0, (r->bin1 - r->bin0) * sizeof(float));
    for (uint32_t row = r->row0; row < r->row1; row++) {
        const float *mean = t->mean + (size_t)row * B;
        for (uint32_t b = r->bin0; b < r->bin1; b++)
            s->spectrum[b] += mean[b] - f->quiet[b];
    }
    for (uint32_t b = r->bin0; b < r->bin1; b++)
        total += s->spectrum[b];
    r->excess = (float)total;
    r->core = 1;
    if (total <= 0.0)
        return;
    uint32_t lo = r->bin0, hi = r->bin1;
    while (lo + 1 < hi && part + s->spectrum[lo] < 0.005 * total)
        part += s->spectrum[lo++];
    part = 0.0;
    while (hi - 1 > lo && part + s->spectrum[hi - 1] < 0.005 * total)
        part += s->spectrum[--hi];
    part = 0.0;
    r->core = 0;
    for (uint32_t b = lo; b < hi && part < 0.75 * total; b++) {
        part += s->spectrum[b];
        r->core += part > 0.25 * total;
    }
    r->core = G20_MAX(r->core, 1u);
    r->bin0 = lo;
    r->bin1 = hi;
}

/* The receiver's own offset and its window skirt, and nothing else. */
static bool is_dc(const struct g20_region *r)
{
    return r->bin0 >= B / 2 - DC_BINS && r->bin1 <= B / 2 + DC_BINS + 1;
}

static int by_excess(const void *a, const void *b)
{
    const float x = ((const struct g20_region *)a)->excess;
    const float y = ((const struct g20_region *)b)->excess;

    return (x < y) - (x > y);
}

/* Every region with a seed as the span of its runs; their number. */
static uint32_t span_regions(struct g20_regions *s)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < s->nruns; i++) {
        struct g20_run *run = &s->run[i];
        const uint32_t root = g20_run_root(s->run, i); /* comes first: joins keep the lower index */
        if (!s->run[root].has_seed)
            continue;
        if (root == i) {
            run->region = n++;
            s->found[run->region] = (struct g20_region){
                .row0 = run->row, .row1 = run->row + 1, .bin0 = run->lo, .bin1 = run->hi};
            continue;
        }
        struct g20_region *r = &s->found[s->run[root].region];
        r->row1 = run->row + 1;
        r->bin0 = G20_MIN(r->bin0, run->lo);
        r->bin1 = G20_MAX(r->bin1, run->hi);
    }
    return n;
}

/* Those that stand all the time, after the @n found. */
static uint32_t add_steady(struct g20_regions *s, uint32_t n, const struct g20_tile *t,
                           const struct g20_floor *f)
{
    for (uint32_t i = 0; i < f->nsteady; i++) {
        struct g20_region r = {.row0 = g20_tile_from(t),
                               .row1 = t->rows,
                               .bin0 = f->steady[i].lo,
                               .bin1 = f->steady[i].hi,
                               .core = (f->steady[i].hi - f->steady[i].lo + 1) / 2,
                               .is_whole = f->steady[i].is_whole,
                               .is_steady = true};
        for (uint32_t b = r.bin0; b < r.bin1; b++)
            r.excess += (f->quiet[b] - f->noise[b]) * (float)(t->rows - r.row0);
        s->found[n++] = r;
    }
    return n;
}

/* Does most of the band rise in some frame of @row? */
static bool rises(const struct g20_tile *t, uint32_t row, const float *quiet)
{
    const float *group = t->group + (size_t)row * G20_TILE_FOLD * G20_TILE_GROUPS;

    for (uint32_t f = 0; f < t->row[row].frames; f++, group += G20_TILE_GROUPS) {
        int risen = 0;
        for (int g = 0; g < G20_TILE_GROUPS; g++)
            risen += group[g] > RISEN * quiet[g];
        if ((float)risen >= ACROSS * G20_TILE_GROUPS)
            return true;
    }
    return false;
}

/* Packets far shorter than a row that fill the band are thin in its spectrum and dense in its
 * envelope: the rows in which the whole band should be searched for them. They come first: what
 * else such a row shows may be parts of them. */
static uint32_t add_across(struct g20_regions *s, uint32_t n, const struct g20_tile *t,
                           const struct g20_floor *f)
{
    float quiet[G20_TILE_GROUPS] = {0};
    bool before = false;

    for (uint32_t b = 0; b < B; b++)
        quiet[b / G20_TILE_GROUP] += f->quiet[b] / G20_TILE_GROUP;
    for (uint32_t row = g20_tile_from(t); row < t->rows; row++) {
        const bool now = rises(t, row, quiet);
        if (now && before)
            s->found[n - 1].row1 = row + 1;
        else if (now)
            s->found[n++] = (struct g20_region){.row0 = row,
                                                .row1 = row + 1,
                                                .bin1 = B,
                                                .core = B / 2,
                                                .excess = INFINITY,
                                                .is_across = true};
        before = now;
    }
    return n;
}

void g20_regions_find(struct g20_regions *s, const struct g20_tile *t, const struct g20_floor *f,
                      const uint8_t *cells)
{
    uint32_t start[G20_TILE_ROWS + 2]; /* first run of each row */

    const uint32_t from = g20_tile_from(t);

    s->nruns = 0;
    for (uint32_t row = from; row < t->rows; row++) {
        start[row] = s->nruns;
        cut_runs(s, row, cells + (size_t)row * B, t->mean + (size_t)row * B);
        start[row + 1] = s->nruns;
        for (uint32_t up = 1; up <= 1 + G20_REGION_BRIDGE && from + up <= row; up++)
            join_rows(s, start[row - up], start[row - up + 1], start[row], s->nruns);
    }
    const uint32_t burst = g20_region_strips(s, span_regions(s));
    for (uint32_t i = 0; i < burst; i++)
        trim(s, &s->found[i], t, f);
    const uint32_t n = add_across(s, add_steady(s, burst, t, f), t, f);
    qsort(s->found, n, sizeof(*s->found), by_excess);
    s->count = 0;
    for (uint32_t i = 0; i < n && s->count < s->cap; i++)
        if (!is_dc(&s->found[i]))
            s->item[s->count++] = s->found[i];
}
