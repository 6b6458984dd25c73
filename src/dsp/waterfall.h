/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* waterfall: sample blocks in, high-resolution dBFS rows out at a steady rate.
 *
 * Every sample is transformed: a row period is cut into the fewest frames that cover it (Hann, hop
 * <= nfft; where one frame lasts longer than a row period, frames overlap so that rows still come
 * at the wanted rate). The frames of one row are folded by maximum, so that a short burst stays
 * visible; docs/levels.md says what that does to the noise one sees. A gap, retune or new segment
 * ends the row early. Rows live in a fixed pool and are refcounted: any number of viewers read the
 * same row.
 *
 * push() belongs to one thread and allocates nothing; rows may be read, referenced and given back
 * by any thread. */
#ifndef G20_DSP_WATERFALL_H
#define G20_DSP_WATERFALL_H

#include "base/block.h"
#include "dsp/stft.h"

struct g20_waterfall;

/* As in WF01. Dropped: rows (the pool was empty) or samples (a gap) were lost just before this row.
 * Retuned: centre or rate differ from the row before, or the source said that its gain does. */
enum g20_wf_flag { G20_WF_DROPPED = 1, G20_WF_RETUNED = 2, G20_WF_HISTORY = 4 };

struct g20_wf_row {
    uint64_t index;        /* rows since the stream began; a jump means rows lost to a full pool */
    uint64_t first_sample; /* of the row's period, in the middle of its frames */
    uint64_t time_us;      /* UTC of it */
    double center_hz, rate_hz; /* the row spans center +- rate / 2 */
    float row_period_s;        /* true spacing of rows in signal time */
    float noise_floor_db;      /* mean noise power per bin, median over bins, dBFS */
    uint32_t nfft;             /* bins */
    uint32_t flags;            /* enum g20_wf_flag */
    float *db;                 /* (nfft) dBFS, lowest frequency first; read only once handed out */
    float *floor_db; /* (nfft / 64) tracked mean noise power per bin of each run of 64 bins, dBFS */
    void *pool;      /* private, as is all below */
    struct g20_wf_row *next;
    atomic_uint refs;
};

struct g20_waterfall_cfg {
    uint32_t nfft;      /* 4096..65536, a power of two */
    double rows_per_s;  /* 0.1..1000; the row period is rounded to whole hops, see row_period_s */
    uint32_t pool_rows; /* >= 4; when all are held by viewers the new row is dropped and counted */
    const char *wisdom_dir;
    const struct g20_cancel *cancel; /* of create(), borrowed for it; NULL: none */
};

/* @row carries one reference that the callee owns and must give back with g20_wf_row_unref(). */
typedef void g20_wf_row_fn(struct g20_wf_row *row, void *user);

G20_MUST_USE int g20_waterfall_create(struct g20_waterfall **ret,
                                      const struct g20_waterfall_cfg *cfg, struct g20_err *e);
/* Returns the number of rows handed out. */
size_t g20_waterfall_push(struct g20_waterfall *w, struct g20_block *b, g20_wf_row_fn *on_row,
                          void *user);
/* The end of a recording: hand out the unfinished row, if it has a frame at all. 0 or 1. */
size_t g20_waterfall_flush(struct g20_waterfall *w, g20_wf_row_fn *on_row, void *user);
uint64_t g20_waterfall_dropped(const struct g20_waterfall *w);     /* rows lost to a full pool */
uint64_t g20_waterfall_bad_samples(const struct g20_waterfall *w); /* see g20_stft_bad_samples */
/* Rows still referenced stay valid until unref. NULL and half-built objects are fine. */
void g20_waterfall_destroy(struct g20_waterfall *w);

struct g20_wf_row *g20_wf_row_ref(struct g20_wf_row *row);
void g20_wf_row_unref(struct g20_wf_row **at); /* clears *at; NULL inside is fine */

/* View of a row: @width codes for f_lo..f_hi (absolute hertz; parts outside the row's span read
 * code 0), each the maximum over its share of bins (max pooling; where a pixel is narrower than a
 * bin the bin it lies in is repeated), quantised so that code 0 = @db_min and 255 = @db_max.
 * out[0] is the lowest frequency. Reads only the bins of the view. A bin belongs to the pixel that
 * its centre lies in, so each is counted once. All codes are 0 where the view is empty or not
 * finite, or db_max <= db_min. */
void g20_wf_row_view(const struct g20_wf_row *row, double f_lo_hz, double f_hi_hz, uint32_t width,
                     float db_min, float db_max, uint8_t *out);

#endif
