/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "engine/wf_history.h"

#include "base/alloc.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum { LEVELS = G20_WF_HISTORY_LEVELS, ROWS_MIN = 4 };

struct level {
    struct g20_wf_past *past; /* (cap) ring */
    uint8_t *codes;           /* (cap, bins) */
    uint64_t count;           /* rows ever */
    struct g20_wf_past sum;   /* what is being folded into the next row of this level */
    uint8_t *sum_codes;       /* (bins) */
    uint32_t parts;           /* rows of the level below in @sum */
};

struct g20_wf_history {
    uint32_t bins;
    uint64_t cap; /* rows of each level */
    struct level level[LEVELS];
    uint8_t *fresh; /* (bins) */
};

int g20_wf_history_create(struct g20_wf_history **ret, uint64_t bytes, uint32_t bins,
                          struct g20_err *e)
{
    if (bytes < 65536 || bytes > 1ull << 40 || bins < 64 || bins > G20_WF_HISTORY_BINS_MAX)
        return g20_fail(e, -EINVAL, "waterfall history: %llu bytes, %u bins",
                        (unsigned long long)bytes, bins);
    struct g20_wf_history *h = g20_calloc(1, sizeof(*h));
    if (!h)
        return g20_fail(e, -ENOMEM, "waterfall history: out of memory");
    h->bins = bins;
    h->cap = G20_MAX(bytes / LEVELS / (bins + sizeof(struct g20_wf_past)), (uint64_t)ROWS_MIN);
    h->fresh = g20_calloc(1, bins);
    bool full = h->fresh != NULL;
    for (int k = 0; k < LEVELS && full; k++) {
        struct level *l = &h->level[k];

        l->past = g20_calloc(h->cap, sizeof(*l->past));
        l->codes = g20_calloc(h->cap, bins); /* pages are the system's until they are written */
        l->sum_codes = g20_calloc(1, bins);
        full = l->past && l->codes && l->sum_codes;
    }
    if (!full) {
        g20_wf_history_destroy(h);
        return g20_fail(e, -ENOMEM, "waterfall history: out of memory");
    }
    *ret = h;
    return 0;
}

void g20_wf_history_destroy(struct g20_wf_history *h)
{
    if (!h)
        return;
    for (int k = 0; k < LEVELS; k++) {
        g20_free(h->level[k].past);
        g20_free(h->level[k].codes);
        g20_free(h->level[k].sum_codes);
    }
    g20_free(h->fresh);
    g20_free(h);
}

uint32_t g20_wf_history_bins(const struct g20_wf_history *h)
{
    return h->bins;
}

static void fold(struct g20_wf_past *sum, uint8_t *sum_codes, const struct g20_wf_past *p,
                 const uint8_t *codes, uint32_t bins)
{
    if (sum->rows == 0) {
        *sum = *p;
        memcpy(sum_codes, codes, bins);
        return;
    }
    sum->end_us = G20_MAX(sum->end_us, p->end_us);
    sum->rows += p->rows;
    sum->flags |= p->flags;
    sum->noise_floor_db = G20_MIN(sum->noise_floor_db, p->noise_floor_db);
    for (uint32_t i = 0; i < bins; i++)
        sum_codes[i] = G20_MAX(sum_codes[i], codes[i]);
}

/* Puts a row into level @k; when that completes one of the next level, that too, and so on. */
static void add(struct g20_wf_history *h, int k, const struct g20_wf_past *p, const uint8_t *codes,
                uint32_t parts)
{
    for (; k < LEVELS; k++) {
        struct level *l = &h->level[k], *up = k + 1 < LEVELS ? &h->level[k + 1] : NULL;
        const uint64_t at = l->count++ % h->cap;

        l->past[at] = *p;
        memcpy(l->codes + at * h->bins, codes, h->bins);
        if (k > 0)
            l->parts = l->sum.rows = 0; /* p was its sum, and is kept now */
        p = &l->past[at];
        codes = l->codes + at * h->bins;
        if (!up)
            return;
        fold(&up->sum, up->sum_codes, p, codes, h->bins);
        if (++up->parts < parts)
            return;
        p = &up->sum;
        codes = up->sum_codes;
    }
}

/* The band changed: what is half folded goes into the rings as it is. */
static void flush(struct g20_wf_history *h)
{
    for (int k = 1; k < LEVELS; k++)
        if (h->level[k].sum.rows > 0)
            add(h, k, &h->level[k].sum, h->level[k].sum_codes, UINT32_MAX);
}

static bool same_band(const struct g20_wf_past *a, const struct g20_wf_past *b)
{
    return a->center_hz == b->center_hz && a->rate_hz == b->rate_hz;
}

void g20_wf_history_push(struct g20_wf_history *h, const struct g20_wf_row *row, uint32_t flags)
{
    const struct level *first = &h->level[0];
    const double period_us = (double)row->row_period_s * 1e6;
    const double half = row->rate_hz / 2;
    const struct g20_wf_past p = {
        .time_us = row->time_us,
        .end_us = row->time_us + (uint64_t)G20_CLAMP(period_us, 1.0, 1e9),
        .row_index = row->index,
        .center_hz = row->center_hz,
        .rate_hz = row->rate_hz,
        .noise_floor_db = row->noise_floor_db,
        .flags = row->flags | flags,
        .rows = 1,
    };

    g20_wf_row_view(row, row->center_hz - half, row->center_hz + half, h->bins,
                    G20_WF_HISTORY_DB_MIN, G20_WF_HISTORY_DB_MIN + 255 * G20_WF_HISTORY_STEP_DB,
                    h->fresh);
    if (first->count > 0) {
        const struct g20_wf_past *last = &first->past[(first->count - 1) % h->cap];
        const uint64_t hole_us = 1000000 + 2 * (p.end_us - p.time_us);

        if (!same_band(last, &p) || p.time_us < last->time_us || p.time_us > last->end_us + hole_us)
            flush(h);
    }
    add(h, 0, &p, h->fresh, G20_WF_HISTORY_RATIO);
}

static uint64_t oldest_of(const struct g20_wf_history *h, const struct level *l)
{
    return l->count > h->cap ? l->count - h->cap : 0;
}

uint64_t g20_wf_history_oldest_us(const struct g20_wf_history *h)
{
    uint64_t best = 0;

    for (int k = 0; k < LEVELS; k++) {
        const struct level *l = &h->level[k];

        if (l->count == 0)
            break;
        const uint64_t t = l->past[oldest_of(h, l) % h->cap].time_us;
        if (best == 0 || t < best)
            best = t;
    }
    return best;
}

static bool within(const struct g20_wf_past *p, uint64_t from_us, uint64_t to_us)
{
    return p->end_us > from_us && p->time_us < to_us;
}

/* What a walk from the row @at on has left: the rows themselves, then the sums of this level and
 * of each finer one, whose rows are not in the level yet. NULL at the end. */
static const struct g20_wf_past *row_at(const struct g20_wf_history *h, const struct g20_wf_walk *w,
                                        const uint8_t **ret_codes)
{
    const struct level *l = &h->level[w->level];

    if (w->next < l->count) {
        *ret_codes = l->codes + w->next % h->cap * h->bins;
        return &l->past[w->next % h->cap];
    }
    if (w->tail >= w->level)
        return NULL;
    const struct level *tail = &h->level[w->level - w->tail];
    *ret_codes = tail->sum_codes;
    return &tail->sum;
}

static void step(const struct g20_wf_history *h, struct g20_wf_walk *w)
{
    if (w->next < h->level[w->level].count)
        w->next++;
    else
        w->tail++;
}

static void measure(const struct g20_wf_history *h, int k, uint64_t from_us, uint64_t to_us,
                    uint64_t *ret_count, uint64_t *ret_first_us)
{
    struct g20_wf_walk w = {.level = (uint32_t)k, .next = oldest_of(h, &h->level[k])};
    const struct g20_wf_past *p;
    const uint8_t *unused;

    *ret_count = 0;
    *ret_first_us = UINT64_MAX;
    for (; (p = row_at(h, &w, &unused)); step(h, &w)) {
        if (p->rows == 0 || !within(p, from_us, to_us))
            continue;
        ++*ret_count;
        *ret_first_us = G20_MIN(*ret_first_us, G20_MAX(p->time_us, from_us));
    }
}

int g20_wf_history_find(const struct g20_wf_history *h, uint64_t from_us, uint64_t to_us,
                        uint32_t rows, struct g20_wf_walk *ret)
{
    uint64_t count[LEVELS], first_us[LEVELS], earliest = UINT64_MAX;
    int best = 0;

    if (from_us >= to_us || rows < 1 || rows > G20_WF_HISTORY_ROWS_MAX)
        return -EINVAL;
    for (int k = 0; k < LEVELS; k++) {
        measure(h, k, from_us, to_us, &count[k], &first_us[k]);
        earliest = G20_MIN(earliest, first_us[k]);
    }
    /* The finest level that goes back far enough; then a coarser one that has enough rows too. */
    const uint64_t slack = (to_us - from_us) / rows;
    while (best < LEVELS - 1 && (count[best] == 0 || first_us[best] - earliest > slack))
        best++;
    while (best < LEVELS - 1 && count[best + 1] >= rows)
        best++;
    *ret = (struct g20_wf_walk){.from_us = from_us,
                                .to_us = to_us,
                                .rows = rows,
                                .level = (uint32_t)best,
                                .next = oldest_of(h, &h->level[best])};
    return 0;
}

bool g20_wf_history_next(const struct g20_wf_history *h, struct g20_wf_walk *w,
                         struct g20_wf_past *ret, uint8_t *codes)
{
    const double slots_per_us = (double)w->rows / (double)(w->to_us - w->from_us);
    const struct g20_wf_past *p;
    const uint8_t *from;

    ret->rows = 0;
    w->next = G20_MAX(w->next, oldest_of(h, &h->level[w->level]));
    for (; (p = row_at(h, w, &from)); step(h, w)) {
        if (p->rows == 0 || !within(p, w->from_us, w->to_us))
            continue;
        const uint64_t since_us = p->time_us > w->from_us ? p->time_us - w->from_us : 0;
        const uint64_t slot = (uint64_t)((double)since_us * slots_per_us);

        if (ret->rows > 0 && (slot != ret->slot || !same_band(p, ret)))
            return true;
        fold(ret, codes, p, from, h->bins);
        ret->slot = slot;
    }
    return ret->rows > 0;
}

void g20_wf_history_view(const struct g20_wf_past *past, const uint8_t *codes, uint32_t bins,
                         double f_lo_hz, double f_hi_hz, uint32_t width, float db_min, float db_max,
                         uint8_t *out)
{
    const double per_hz = bins / past->rate_hz;
    const double lo = (f_lo_hz - past->center_hz) * per_hz + bins * 0.5;
    const double bins_wide = (f_hi_hz - f_lo_hz) * per_hz / width;
    uint8_t table[256];

    if (!(bins_wide > 0) || !isfinite(lo) || !isfinite(bins_wide) || !(db_max > db_min)) {
        memset(out, 0, width);
        return;
    }
    for (int i = 0; i < 256; i++) {
        const float db = G20_WF_HISTORY_DB_MIN + (float)i * G20_WF_HISTORY_STEP_DB;

        table[i] = (uint8_t)(G20_CLAMP((db - db_min) / (db_max - db_min), 0.0f, 1.0f) * 255 + 0.5f);
    }
    table[0] = 0; /* nothing, or below all that is kept */
    for (uint32_t i = 0; i < width; i++) {
        const double a = lo + i * bins_wide, b = a + bins_wide;
        /* Bins whose middle is in the pixel; in a pixel narrower than a bin, the bin it lies in. */
        double first = ceil(a - 0.5), end = ceil(b - 0.5);
        uint8_t most = 0;

        if (end <= first) {
            first = floor((a + b) / 2);
            end = first + 1;
        }
        first = G20_MAX(first, 0.0);
        end = G20_MIN(end, (double)bins);
        for (uint32_t k = (uint32_t)first; first < end && k < (uint32_t)end; k++)
            most = G20_MAX(most, codes[k]);
        out[i] = table[most];
    }
}
