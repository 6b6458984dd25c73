/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "dsp/rows.h"

#include "base/alloc.h"
#include "dsp/kernels.h"

#include <errno.h>
#include <string.h>

struct g20_rows {
    const struct g20_kernels *k;
    uint32_t frames; /* wanted per row */
    enum g20_partial partial;
    float *sum, *max;         /* (bins) over the frames so far */
    struct g20_power_row row; /* what is known of the unfinished one; row.frames so far */
};

int g20_rows_create(struct g20_rows **ret, uint32_t bins, uint32_t frames, enum g20_partial partial,
                    struct g20_err *e)
{
    if (bins < 1 || bins > 65536 || frames < 1 || frames > 65536)
        return g20_fail(e, -EINVAL, "rows of %u bins and %u frames: want 1..65536 of each", bins,
                        frames);

    struct g20_rows *r = g20_calloc(1, sizeof(*r));
    if (!r)
        goto fail;
    r->k = g20_kernels();
    r->frames = frames;
    r->partial = partial;
    r->row.bins = bins;
    r->sum = g20_calloc_aligned(bins, sizeof(*r->sum));
    r->max = g20_calloc_aligned(bins, sizeof(*r->max));
    if (!r->sum || !r->max)
        goto fail;

    *ret = r;
    return 0;

fail:
    g20_rows_destroy(r);
    return g20_fail(e, -ENOMEM, "rows of %u bins: %s", bins, g20_strerror(-ENOMEM));
}

size_t g20_rows_flush(struct g20_rows *r, g20_row_fn *on_row, void *user)
{
    if (r->row.frames == 0)
        return 0;
    const float scale = 1.0f / (float)r->row.frames;
    for (uint32_t i = 0; i < r->row.bins; i++)
        r->sum[i] *= scale;
    r->row.mean = r->sum;
    r->row.max = r->max;
    on_row(&r->row, user);
    r->row.frames = 0;
    return 1;
}

size_t g20_rows_push(struct g20_rows *r, const struct g20_frame *f, g20_row_fn *on_row, void *user)
{
    const size_t bytes = r->row.bins * sizeof(float);
    size_t rows = 0;

    if (f->restarted && r->partial == G20_PARTIAL_KEEP)
        rows += g20_rows_flush(r, on_row, user);
    if (f->restarted)
        r->row.frames = 0;
    if (r->row.frames == 0) {
        r->row.first_sample = f->first_sample;
        r->row.time_us = f->time_us;
        r->row.center_hz = f->center_hz;
        r->row.rate_hz = f->rate_hz;
        r->row.restarted = f->restarted;
        if (r->frames == 1) { /* the frame is the row: nothing to fold, nothing to copy */
            r->row.mean = r->row.max = f->power;
            r->row.frames = 1;
            on_row(&r->row, user);
            r->row.frames = 0;
            return rows + 1;
        }
        memcpy(r->sum, f->power, bytes);
        memcpy(r->max, f->power, bytes);
    } else {
        r->k->fold(r->sum, r->max, f->power, r->row.bins);
    }
    if (++r->row.frames == r->frames)
        rows += g20_rows_flush(r, on_row, user);
    return rows;
}

void g20_rows_set_frames(struct g20_rows *r, uint32_t frames)
{
    r->frames = G20_CLAMP(frames, 1, 65536);
    r->row.frames = 0;
}

void g20_rows_destroy(struct g20_rows *r)
{
    if (!r)
        return;
    g20_free(r->max);
    g20_free(r->sum);
    g20_free(r);
}
