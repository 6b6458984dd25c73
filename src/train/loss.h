/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* loss: how wrong the network's cells are, and the gradient of that.
 *
 * Signal or not: focal loss with gamma 2 (Lin et al., ICCV 2017). Edges: Huber loss of log2
 * distances, for cells of a box only. Large boxes have many cells, so a cell weighs less the larger
 * its box is. */
#ifndef G20_TRAIN_LOSS_H
#define G20_TRAIN_LOSS_H

#include "train/truth_cells.h"

struct g20_loss {
    double signal, edges; /* summed, scaled */
    uint64_t cells, hits; /* cells of boxes, and those of them that say more than 0.5 */
    uint64_t empty, wrong;
};

/* @out and @grad: the network's output for rows row0 .. and cells cell0 .. of @t, as many as they
 * hold; @owner is room for (rows, cells). Adds to @sum; *grad is written. */
void g20_loss(const struct g20_train_tile *t, uint32_t row0, uint32_t cell0, int16_t *owner,
              const struct g20_image *out, const struct g20_image *grad, struct g20_loss *sum);

#endif
