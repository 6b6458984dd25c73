/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* pool: training tiles made from scenes, a fixed number in memory, replaced one by one.
 *
 * Tile number k is always the same tile: a scene of its own, drawn from (seed, k). A maker is used
 * by one thread; several makers may fill different tiles of one pool. */
#ifndef G20_TRAIN_POOL_H
#define G20_TRAIN_POOL_H

#include "train/truth_cells.h"

/* Bit that no tile of training has in its seed: scenes for validation. */
#define G20_POOL_VALIDATION (UINT64_C(1) << 63)

struct g20_tile_maker;

G20_MUST_USE int g20_tile_maker_create(struct g20_tile_maker **ret, const char *wisdom_dir,
                                       struct g20_err *e);
void g20_tile_maker_destroy(struct g20_tile_maker *m);

/* Tile @number of @seed into *t, whose image and boxes are there already. */
G20_MUST_USE int g20_tile_maker_make(struct g20_tile_maker *m, uint64_t seed, uint64_t number,
                                     struct g20_train_tile *t, struct g20_err *e);

struct g20_train_pool {
    struct g20_train_tile *tile; /* (count) */
    uint32_t count;
};

G20_MUST_USE int g20_train_pool_create(struct g20_train_pool *p, uint32_t count, struct g20_err *e);
void g20_train_pool_destroy(struct g20_train_pool *p);

/* The number of the tile that lies in @slot after @replaced replacements, in turn from slot 0. */
uint64_t g20_train_pool_number(const struct g20_train_pool *p, uint32_t slot, uint64_t replaced);

#endif
