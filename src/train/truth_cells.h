/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* truth_cells: what each cell of the network's grid should say of a tile's true boxes. */
#ifndef G20_TRAIN_TRUTH_CELLS_H
#define G20_TRAIN_TRUTH_CELLS_H

#include "detect/hydra.h"

#include <stdbool.h>

enum {
    G20_TRUTH_CELLS = G20_TILE_BINS / G20_HYDRA_CELL_BINS, /* in a row */
    G20_TRUTH_BOXES = 2048,
    G20_TRUTH_NONE = -1,
    G20_TRUTH_IGNORE = -2,
};

struct g20_train_box { /* in rows and cells of the tile, ends one behind */
    float row0, row1, cell0, cell1;
    float weight; /* of each of its cells in the loss */
    bool ignore;  /* too weak to be seen, or no signal of anybody's */
};

struct g20_train_tile {
    uint8_t *image; /* (ROWS, BINS, 2) as image.h says */
    uint32_t rows;  /* that hold samples */
    uint32_t count;
    struct g20_train_box *box; /* (G20_TRUTH_BOXES) */
};

/* Samples (of the stream, the tile's first row at 0) and cycles a sample to rows and cells. */
float g20_truth_row(double sample);
float g20_truth_cell(double frequency);

/* How far a signal stands out of the noise all in all: deflection of the best energy detector's
 * statistic, for in-band SNR @snr (linear), lasting @samples, @width cycles a sample wide. */
double g20_truth_deflection(double snr, double samples, double width);

/* Whose is each cell of rows row0 .. row0 + rows - 1, columns cell0 .. cell0 + cells - 1: number of
 * a box, the smallest where several lie; or NONE, or IGNORE. @owner (rows, cells). */
void g20_truth_owners(const struct g20_train_tile *t, uint32_t row0, uint32_t rows, uint32_t cell0,
                      uint32_t cells, int16_t *owner);

#endif
