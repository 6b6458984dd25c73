/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* cfar: which cells of a tile hold more than noise.
 *
 * Constant false-alarm rate at several widths at once: each row's powers over the quiet level are
 * averaged over 1, 4, 16 ... bins, and each average is held against the level that noise alone
 * exceeds with the stated probability (a gamma quantile, its shape the number of independent
 * powers averaged). A wide signal a few dB under the noise in each bin is found by the wide
 * averages, a line by the narrow ones; what a narrow scale has found is taken out before the next.
 * Rows' maxima find bursts of one frame, sums over groups of bins find wide bursts of one frame.
 * After Rohling, "Radar CFAR thresholding in clutter", IEEE AES-19 (1983), for the order
 * statistic (floor.h) and hysteresis of two levels as in Canny's edge detector. */
#ifndef G20_DETECT_CFAR_H
#define G20_DETECT_CFAR_H

#include "detect/floor.h"
#include "nn/crew.h"

enum g20_cell { G20_CELL_NOISE = 0, G20_CELL_GROW = 1, G20_CELL_SEED = 2 };

struct g20_cfar;

/* @pfa: most that the probability may be that noise alone raises a seed anywhere in a row. The real
 * one is about a seventh of it on white noise (test_cfar measures it): the limits leave room for
 * the error of the floor. @crew looks at rows together and is borrowed until destroy(); NULL: the
 * caller alone. */
G20_MUST_USE int g20_cfar_create(struct g20_cfar **ret, double pfa, struct g20_crew *crew);
void g20_cfar_destroy(struct g20_cfar *c);

/* @cells (rows, BINS) bytes of enum g20_cell; rows before g20_tile_from() stay as they are. */
void g20_cfar_mark(struct g20_cfar *c, const struct g20_tile *t, const struct g20_floor *f,
                   uint8_t *cells);

#endif
