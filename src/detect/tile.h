/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* tile: the image a detector sees, a sliding window of rows over the spectrum.
 *
 * A row folds G20_TILE_FOLD successive transform frames into their mean (weak, steady signals)
 * and their maximum (short bursts), per bin, as linear power (1.0 = full-scale tone). Beside it
 * each frame's power summed over groups of bins is kept, so that a wide burst shorter than a row
 * keeps its place in time.
 *
 * Used by one thread. create() takes all the memory. */
#ifndef G20_DETECT_TILE_H
#define G20_DETECT_TILE_H

#include "base/err.h"
#include "dsp/stft.h"

enum {
    G20_TILE_BINS = 4096,
    G20_TILE_HOP = 2048,
    G20_TILE_FOLD = 6,   /* frames in a row: fft.inference_accumulation_frames */
    G20_TILE_ROWS = 256, /* at most: one million pixels */
    G20_TILE_GROUP = 64, /* bins summed into one group */
    G20_TILE_GROUPS = G20_TILE_BINS / G20_TILE_GROUP,
    G20_TILE_CELL = 16, /* bins to which one ratio applies: g20_tile_level() */
    G20_TILE_CELLS = G20_TILE_BINS / G20_TILE_CELL,
    G20_TILE_SEEN = 8, /* rows already looked at that a look takes in again, to join with */
    G20_TILE_ROW_SAMPLES = G20_TILE_FOLD * G20_TILE_HOP, /* from one row to the next */
};

struct g20_tile_row {
    uint64_t first_sample; /* of its first frame */
    uint64_t time_us;
    uint32_t frames; /* G20_TILE_FOLD, or fewer in the last row before a break */
    bool restarted;  /* does not follow on from the row before it */
};

struct g20_tile {
    uint32_t rows;     /* complete rows held, oldest first */
    uint32_t new_rows; /* how many of them, at the end, came since the last carry */
    double center_hz, rate_hz;
    struct g20_tile_row *row; /* (rows) */
    float *mean, *max;        /* (rows, BINS) lowest frequency first */
    float *low;               /* (rows, BINS) least mean of two successive frames: pauses */
    float *group;             /* (rows, FOLD, GROUPS) mean power per bin of each group and frame */
    float *restless;          /* (rows, GROUPS) maxima over means, each summed over the group */
    uint32_t fill;            /* frames folded into row[rows] so far */
    uint32_t base;            /* private: of the first row, in the store */
    struct g20_tile_store *store;
};

G20_MUST_USE int g20_tile_create(struct g20_tile **ret);

/* Another tile with its rows in the same store as @of, to carry on there: see below. */
G20_MUST_USE int g20_tile_create_twin(struct g20_tile **ret, const struct g20_tile *of);
void g20_tile_destroy(struct g20_tile *t);

/* Fold one frame in; true when that completed a row. A frame that starts afresh (a gap, a retune)
 * ends the row before it; the caller must slide out or clear before the tile is full. */
bool g20_tile_add(struct g20_tile *t, const struct g20_frame *f);

/* End an unfinished row (the stream has ended or broke): true when that made a row. */
bool g20_tile_finish_row(struct g20_tile *t);

/* Make @to, a twin of @from, what that is without its oldest rows, so that at most @keep (half of
 * ROWS at least) are left; none of them is new. The unfinished row goes along. Rows are seldom
 * copied: both look at the same ones. @from may be read, not filled, while @to is filled, until the
 * next carry. */
void g20_tile_carry(struct g20_tile *to, const struct g20_tile *from, uint32_t keep);

/* Multiply what lies before frame @frame, groups by @group (GROUPS), bins by @cell (CELLS): the
 * receiver's gain stepped there. Rows of which @frame and the next, which see both sides, are a
 * part repeat a neighbour. A twin's rows that are the same change with it. */
void g20_tile_level(struct g20_tile *t, uint32_t frame, const float *group, const float *cell);

/* Let the oldest row go, while twin @read may be read; false: their store has no room for that. */
bool g20_tile_drop_oldest(struct g20_tile *t, const struct g20_tile *read);

void g20_tile_clear(struct g20_tile *t); /* no rows, and no unfinished one */

/* The row a look begins with: what comes before serves to know the noise. */
uint32_t g20_tile_from(const struct g20_tile *t);

/* Stream number of a place on the axis of rows: a row's own samples are the middle ones of those
 * that its frames see. */
uint64_t g20_tile_sample(const struct g20_tile *t, double row);

/* Stream number just behind the last sample that the tile's rows have seen. */
uint64_t g20_tile_end(const struct g20_tile *t);

#endif
