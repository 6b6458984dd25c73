/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The table of kinds: a new one is a row here and two functions in a scene_kinds_*.c. */
#include "source/scene_kind.h"

#include <string.h>

#define K(n) .name = #n, .init = g20_gen_init_##n, .fill = g20_gen_fill_##n

const struct g20_scene_kind g20_scene_kinds[] = {
    /* name          bandwidth           duration x bandwidth   oversampling  weight */
    {K(ook), 1e-3, 0.05, 0, 0, 4, 3, .keyed = true},
    {K(fsk), 1e-3, 0.1, 100, 3000, 6, 3},
    {K(carrier), 1e-4, 4e-4, 30, 3000, 6, 1},
    {K(chirp), 0.01, 0.4, 200, 20000, 1.6, 1},
};
const size_t g20_scene_kind_count = G20_COUNT_OF(g20_scene_kinds);

void g20_gen_start(struct g20_gen *g, const struct g20_scene_kind *k, uint64_t seed, double bw,
                   uint64_t count)
{
    memset(g, 0, sizeof(*g));
    g20_rng_init(&g->rng, seed);
    g->bw = bw;
    g->count = count;
    g->edge = (uint32_t)(0.5 / bw) + 1;
    k->init(g);
}
