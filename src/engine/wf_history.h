/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* wf_history: the waterfall of the last hours in bounded memory, for scrolling back.
 *
 * Rows are pooled (maximum) to a few thousand bins of one byte and kept in rings of equal size:
 * level 0 holds single rows, each further level rows folded by four, so that the oldest level goes
 * back a thousand times as far. Rows of different tunings, or with a hole in time between them, are
 * never folded together. A code is a step of G20_WF_HISTORY_STEP_DB above G20_WF_HISTORY_DB_MIN.
 * All memory is taken by create(). Not thread-safe: one owner. */
#ifndef G20_ENGINE_WF_HISTORY_H
#define G20_ENGINE_WF_HISTORY_H

#include "dsp/waterfall.h"

enum {
    G20_WF_HISTORY_LEVELS = 6,
    G20_WF_HISTORY_RATIO = 4,
    G20_WF_HISTORY_BINS_MAX = 8192,
    G20_WF_HISTORY_ROWS_MAX = 4096, /* of one answer */
};
#define G20_WF_HISTORY_DB_MIN  (-150.0f)
#define G20_WF_HISTORY_STEP_DB 0.625f

struct g20_wf_history;

/* @bytes: about what it will take at most, 64 KiB or more. @bins: of a row kept, 64..BINS_MAX. */
G20_MUST_USE int g20_wf_history_create(struct g20_wf_history **ret, uint64_t bytes, uint32_t bins,
                                       struct g20_err *e);
void g20_wf_history_destroy(struct g20_wf_history *h); /* NULL is fine */
uint32_t g20_wf_history_bins(const struct g20_wf_history *h);

/* @flags (enum g20_wf_flag) add to the row's own. Only borrows @row. */
void g20_wf_history_push(struct g20_wf_history *h, const struct g20_wf_row *row, uint32_t flags);

/* Time of the oldest row kept; 0 when there is none. */
uint64_t g20_wf_history_oldest_us(const struct g20_wf_history *h);

struct g20_wf_past { /* one row of an answer */
    uint64_t time_us, end_us;
    uint64_t slot;      /* which of the equal parts of the time asked for it belongs to */
    uint64_t row_index; /* of its first row */
    double center_hz, rate_hz;
    float noise_floor_db;
    uint32_t flags, rows; /* rows folded */
};

/* A walk through a stretch of time, oldest first. Rows may be pushed meanwhile: what is overwritten
 * before it was reached is left out. Plain memory. */
struct g20_wf_walk {
    uint64_t from_us, to_us;
    uint32_t rows, level;
    uint64_t next; /* number of a row of the level; beyond its end what is not folded up yet */
    uint32_t tail; /* of those, walked already */
};

/* Takes the coarsest level that still has @rows (1..ROWS_MAX) rows from @from_us to @to_us, if it
 * goes back as far as any. -EINVAL when the arguments make no sense. */
G20_MUST_USE int g20_wf_history_find(const struct g20_wf_history *h, uint64_t from_us,
                                     uint64_t to_us, uint32_t rows, struct g20_wf_walk *ret);

/* The rows of one slot and tuning, folded: @codes (bins). False at the end. */
bool g20_wf_history_next(const struct g20_wf_history *h, struct g20_wf_walk *w,
                         struct g20_wf_past *ret, uint8_t *codes);

/* As g20_wf_row_view(), of a row of the history: @codes (bins) of @past. */
void g20_wf_history_view(const struct g20_wf_past *past, const uint8_t *codes, uint32_t bins,
                         double f_lo_hz, double f_hi_hz, uint32_t width, float db_min, float db_max,
                         uint8_t *out);

#endif
