/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* view: a waterfall row as one viewer sees it (g20_wf_row_view of waterfall.h). */
#include "dsp/kernels.h"
#include "dsp/waterfall.h"

#include <math.h>
#include <string.h>

enum { CHUNK = 256 };

/* Bin k of the row covers [k, k + 1) on this scale; its centre frequency lies at k + 0.5. */
static double bin_scale(const struct g20_wf_row *row, double f_hz)
{
    return (f_hz - row->center_hz) * row->nfft / row->rate_hz + row->nfft * 0.5 + 0.5;
}

/* Maximum of the bins that belong to the pixel [lo, hi); below every level when there are none. */
static float pixel(const struct g20_kernels *k, const struct g20_wf_row *row, double lo, double hi)
{
    const double n = row->nfft;
    double first = ceil(lo - 0.5), end = ceil(hi - 0.5); /* bins whose centre is in [lo, hi) */

    if (hi - lo <= 1 || end <= first) {
        first = floor((lo + hi) / 2);
        end = first + 1;
    }
    first = G20_MAX(first, 0);
    end = G20_MIN(end, n);
    if (!(first < end))
        return -INFINITY;
    return k->max(row->db + (size_t)first, (size_t)(end - first));
}

void g20_wf_row_view(const struct g20_wf_row *row, double f_lo_hz, double f_hi_hz, uint32_t width,
                     float db_min, float db_max, uint8_t *out)
{
    const struct g20_kernels *k = g20_kernels();
    const double lo = bin_scale(row, f_lo_hz), step = (bin_scale(row, f_hi_hz) - lo) / width;
    float db[CHUNK];

    if (width == 0)
        return;
    if (!(step > 0) || !isfinite(lo) || !isfinite(step) || !(db_max > db_min)) {
        memset(out, 0, width);
        return;
    }
    for (uint32_t at = 0; at < width; at += CHUNK) {
        const uint32_t n = G20_MIN(CHUNK, width - at);
        for (uint32_t i = 0; i < n; i++)
            db[i] = pixel(k, row, lo + (at + i) * step, lo + (at + i + 1) * step);
        k->db_to_u8(out + at, db, n, db_min, db_max);
    }
}
