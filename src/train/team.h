/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* team: the workers of a training, started for one job at a time; and what they are fed with. */
#ifndef G20_TRAIN_TEAM_H
#define G20_TRAIN_TEAM_H

#include "base/block.h"
#include "base/thread.h"

struct g20_team_member { /* the first field of a worker */
    struct g20_thread thread;
    int failed; /* < 0: and .err says why */
    struct g20_err err;
};

/* @fn on each of @n workers (@size bytes each) in a thread of its own; the first failure there was.
 */
G20_MUST_USE int g20_team_work(void *workers, size_t size, uint32_t n, g20_thread_fn *fn,
                               struct g20_err *e);

/* The next block (as large as the pool's are) of a scene, its first sample called @at, at 20 MS/s;
 * NULL: the pool has none left. */
struct g20_scene;
struct g20_block *g20_team_block(struct g20_pool *pool, struct g20_scene *s, uint64_t at,
                                 uint32_t samples);

#endif
