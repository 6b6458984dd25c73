/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "train/truth_cells.h"

#include <math.h>

/* A row's window-weighted middle lies half a transform behind the middle of its hops: row 0 covers
 * samples 0 .. 14335, its middle is 7168. */
#define ROW_SHIFT ((G20_TILE_BINS - G20_TILE_HOP) / 2.0)

float g20_truth_row(double sample)
{
    return (float)((sample - ROW_SHIFT) / G20_TILE_ROW_SAMPLES);
}

float g20_truth_cell(double frequency)
{
    return (float)(((frequency + 0.5) * G20_TILE_BINS + 0.5) / G20_HYDRA_CELL_BINS);
}

double g20_truth_deflection(double snr, double samples, double width)
{
    const double bins = fmax(1.0, width * G20_TILE_BINS);
    const double frames = fmax(1.0, 0.75 * samples / G20_TILE_HOP); /* overlapped by half */
    const double filled = fmin(1.0, samples / G20_TILE_BINS);       /* of one frame */

    return snr * filled * sqrt(bins * frames);
}

static float area(const struct g20_train_box *b)
{
    return (b->row1 - b->row0) * (b->cell1 - b->cell0);
}

/* Whole cells that @lo .. @hi covers by a half, at least the one its middle lies in. */
static void covered(float lo, float hi, uint32_t from, uint32_t count, int32_t *ret_lo,
                    int32_t *ret_hi)
{
    int32_t first = (int32_t)floorf(lo + 0.5f), last = (int32_t)ceilf(hi - 0.5f);

    if (last <= first) {
        first = (int32_t)floorf(0.5f * (lo + hi));
        last = first + 1;
    }
    *ret_lo = G20_MAX(first - (int32_t)from, 0);
    *ret_hi = G20_MIN(last - (int32_t)from, (int32_t)count);
}

void g20_truth_owners(const struct g20_train_tile *t, uint32_t row0, uint32_t rows, uint32_t cell0,
                      uint32_t cells, int16_t *owner)
{
    for (size_t i = 0; i < (size_t)rows * cells; i++)
        owner[i] = G20_TRUTH_NONE;
    for (uint32_t k = 0; k < t->count; k++) {
        const struct g20_train_box *b = &t->box[k];
        int32_t y0, y1, x0, x1;

        covered(b->row0, b->row1, row0, rows, &y0, &y1);
        covered(b->cell0, b->cell1, cell0, cells, &x0, &x1);
        for (int32_t y = y0; y < y1; y++)
            for (int32_t x = x0; x < x1; x++) {
                int16_t *o = &owner[(size_t)y * cells + (size_t)x];
                if (b->ignore && *o == G20_TRUTH_NONE)
                    *o = G20_TRUTH_IGNORE;
                else if (!b->ignore && (*o < 0 || area(b) < area(&t->box[*o])))
                    *o = (int16_t)k;
            }
    }
}
