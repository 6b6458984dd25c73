/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* hydra: the first look, one fully convolutional network over a tile: is here a signal, and where
 * are its edges?
 *
 * Its input is the image of a tile (image.h), two rows by eight bins and both channels in one
 * pixel of 32 channels. Its output is a grid of cells of one row by four bins; each cell says how
 * surely it lies in a signal, and how far that signal reaches: the four distances from the cell's
 * middle to its edges, as log2(1 + distance in cells). A pixel of the output holds four rows by
 * four cells, one block of 16 channels for each of the five. The weights see rows and bins, not
 * seconds and hertz, and any part of a tile may be looked at alone (training does).
 * After Tian et al., "FCOS", ICCV 2019, for boxes without anchors. */
#ifndef G20_DETECT_HYDRA_H
#define G20_DETECT_HYDRA_H

#include "detect/image.h"
#include "nn/net.h"

enum {
    G20_HYDRA_PIXEL_ROWS = 2,
    G20_HYDRA_PIXEL_BINS = 8,
    G20_HYDRA_CELL_BINS = 4, /* a cell is one row high */
    G20_HYDRA_CELLS = 4,     /* in a pixel of the output, in each direction */
};

enum g20_hydra_output {
    G20_HYDRA_SIGNAL, /* a logit */
    G20_HYDRA_BEFORE, /* rows to the first edge in time */
    G20_HYDRA_AFTER,
    G20_HYDRA_BELOW, /* cells to the lower edge in frequency */
    G20_HYDRA_ABOVE,
    G20_HYDRA_OUTPUTS
};

/* A byte of the image, less G20_IMAGE_NOISE, times this is what the network reads. */
#define G20_HYDRA_INPUT_SCALE (1.0f / 32.0f)

/* What is added to an output, so that fresh weights begin near the truth. */
#define G20_HYDRA_SIGNAL_PRIOR (-4.0f)
#define G20_HYDRA_SIDE_PRIOR   2.0f

/* The layers, with @width (a multiple of 16, usually 32) channels at the finest scale. */
G20_MUST_USE int g20_hydra_net(struct g20_net *net, uint32_t width, struct g20_err *e);

/* Rows row0 .. of @image (rows of G20_TILE_BINS x 2), bins bin0 .., as many as @in holds. */
void g20_hydra_input(const uint8_t *image, uint32_t row0, uint32_t bin0,
                     const struct g20_image *in);

/* The same as bytes: all of the image's row @y of pixels into @row (width x channels). */
void g20_hydra_input_bytes(const uint8_t *image, uint32_t y, uint8_t *row);

/* Output @k of the cell in @row and column @cell; those of the next cells of a pixel follow. */
static inline float *g20_hydra_value(const struct g20_image *out, uint32_t row, uint32_t cell,
                                     uint32_t k)
{
    const uint32_t at = row % G20_HYDRA_CELLS * G20_HYDRA_CELLS + cell % G20_HYDRA_CELLS;

    return g20_image_row(out, k, row / G20_HYDRA_CELLS) +
           (size_t)(cell / G20_HYDRA_CELLS) * G20_NN_BLOCK + at;
}

#endif
