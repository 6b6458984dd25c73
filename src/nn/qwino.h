/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* qwino: convolutions of 3 x 3 by a third of the products, with the same sums to the last bit.
 *
 * A block of 2 x 4 pixels of one output needs 72 products of each input channel. Of 24 sums and
 * differences of the 4 x 6 bytes around, each times a weight made of the nine before, the same
 * eight sums follow: Winograd's minimal filtering, F(2, 3) down and F(4, 3) across, with the points
 * 0, 1, -1, (2, -2,) and infinity. His fractions are left out of the weights, so all is whole
 * numbers and what comes out is 48 times the sum: no more than 32 bits hold, for up to
 * G20_QWINO_MOST channels, and what overflows on the way cancels.
 * After Lavin and Gray, "Fast algorithms for convolutional neural networks", CVPR 2016. */
#ifndef G20_NN_QWINO_H
#define G20_NN_QWINO_H

#include "nn/qconv.h"

enum {
    G20_QWINO_ROWS = 2, /* pixels of a block */
    G20_QWINO_COLS = 4,
    G20_QWINO_DOWN = 4, /* points */
    G20_QWINO_ACROSS = 6,
    G20_QWINO_POINTS = G20_QWINO_DOWN * G20_QWINO_ACROSS,
    G20_QWINO_MOST = 128, /* channels: 48 x 9 x 128 x 255 x 127 < 2^31 */
};

/* Values of all weights of a layer: (out / 16, POINTS, in / 2, 16 out, 2 in). */
static inline size_t g20_qwino_count(uint32_t in, uint32_t out)
{
    return (size_t)G20_QWINO_POINTS * in * out;
}

/* The nine weights (row by row) from channel @c of @in to output @o into their places in @to. */
void g20_qwino_pack(int16_t *to, uint32_t in, uint32_t c, uint32_t o, const int8_t weight[9]);

#endif
