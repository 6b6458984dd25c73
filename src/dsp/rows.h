/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* rows: successive spectra folded into one, with the mean (which steady weak signals raise) and the
 * maximum (which short bursts raise) of each bin.
 *
 * One object per stream, one thread at a time; nothing is allocated after create(). A row never
 * spans a restart: what was folded until then is handed out as a partial row or forgotten. */
#ifndef G20_DSP_ROWS_H
#define G20_DSP_ROWS_H

#include "dsp/stft.h"

struct g20_rows;

struct g20_power_row {
    const float *mean, *max; /* (bins) linear, borrowed: valid during the call */
    uint32_t bins;
    uint32_t frames;       /* folded into it: the number asked for, fewer in a partial row */
    uint64_t first_sample; /* of the first frame */
    uint64_t time_us;      /* UTC of it */
    double center_hz, rate_hz;
    bool restarted; /* first row after a gap, retune or new segment (and of the stream) */
};

typedef void g20_row_fn(const struct g20_power_row *row, void *user);

enum g20_partial { G20_PARTIAL_DROP, G20_PARTIAL_KEEP };

/* @bins 1..65536, of each frame; @frames 1..65536, per row. @partial: what happens to an
 * unfinished row at a restart. */
G20_MUST_USE int g20_rows_create(struct g20_rows **ret, uint32_t bins, uint32_t frames,
                                 enum g20_partial partial, struct g20_err *e);

/* Fold one frame in (its size must be @bins); @on_row is called 0, 1 or 2 times. Returns that. */
size_t g20_rows_push(struct g20_rows *r, const struct g20_frame *f, g20_row_fn *on_row, void *user);

/* Hand out the unfinished row, if any, whatever @partial was: the end of a recording. 0 or 1. */
size_t g20_rows_flush(struct g20_rows *r, g20_row_fn *on_row, void *user);

void g20_rows_set_frames(struct g20_rows *r, uint32_t frames); /* forgets the unfinished row */
void g20_rows_destroy(struct g20_rows *r);                     /* NULL and half-built are fine */

#endif
