/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The table of kinds: a new one is a row here and two functions in a scene_kinds_*.c. */
#include "source/scene.h"
#include "source/scene_kind.h"

#include <string.h>

/* clang-format off */
#define ONE   G20_PATTERN_ONE
#define TRAIN G20_PATTERN_TRAIN
#define HOP   G20_PATTERN_HOP
#define F(i, f) g20_gen_init_##i, g20_gen_fill_##f

const struct g20_scene_kind g20_scene_kinds[] = {
    /* name      functions           bandwidth / rate  duration x bandw.  over  weight keyed pattern */
    {"ook",      F(ook, keyed),      1e-3,  0.3,       0,     0,          8,    3,     true,  ONE},
    {"ppm",      F(ppm, keyed),      0.02,  0.5,       0,     0,          4,    2,     true,  ONE},
    {"morse",    F(morse, keyed),    4e-4,  0.01,      0,     0,          8,    1,     true,  ONE},
    {"pulse",    F(pulse, keyed),    1e-3,  0.3,       0,     0,          16,   1,     true,  TRAIN},
    {"fsk",      F(fsk, fsk),        1e-3,  0.5,       100,   3000,       6,    3,     false, ONE},
    {"gfsk",     F(gfsk, fsk),       1e-3,  0.5,       100,   3000,       5,    3,     false, ONE},
    {"msk",      F(msk, fsk),        1e-3,  0.4,       100,   10000,      5,    1,     false, ONE},
    {"hopper",   F(gfsk, fsk),       1e-3,  0.05,      60,    400,        5,    1,     false, HOP},
    {"tdma",     F(gmsk, fsk),       2e-3,  0.1,       100,   400,        5,    1,     false, TRAIN},
    {"bpsk",     F(bpsk, linear),    1e-3,  0.4,       100,   20000,      3,    1,     false, ONE},
    {"qpsk",     F(qpsk, linear),    1e-3,  0.7,       100,   20000,      3,    2,     false, ONE},
    {"qam16",    F(qam16, linear),   5e-3,  0.7,       100,   20000,      3,    1,     false, ONE},
    {"psk8",     F(psk8, linear),    1e-3,  0.5,       100,   20000,      3,    0.5,   false, ONE},
    {"qam64",    F(qam64, linear),   5e-3,  0.7,       100,   20000,      3,    0.5,   false, ONE},
    {"dsss",     F(qpsk, linear),    0.05,  0.7,       2000,  200000,     3,    0.5,   false, ONE},
    {"ofdm",     F(ofdm, ofdm),      0.01,  0.85,      300,   50000,      2.5,  3,     false, ONE},
    {"scfdma",   F(scfdma, ofdm),    5e-3,  0.5,       300,   20000,      2.5,  1,     false, ONE},
    {"lora",     F(lora, lora),      2e-3,  0.3,       3000,  30000,      3,    2,     false, ONE},
    {"chirp",    F(chirp, chirp),    0.01,  0.8,       300,   6000,       2.5,  1,     false, ONE},
    {"fmcw",     F(fmcw, chirp),     0.02,  0.8,       3000,  200000,     2.5,  1,     false, ONE},
    {"radar",    F(chirp, chirp),    0.02,  0.6,       20,    300,        2.5,  1,     false, TRAIN},
    {"nbfm",     F(nbfm, fm),        1e-3,  0.05,      1000,  10000,      4,    1.5,   false, ONE},
    {"wbfm",     F(wbfm, fm),        0.01,  0.3,       5000,  200000,     4,    0.5,   false, ONE},
    {"video",    F(video, video),    0.1,   0.8,       100000,1000000,    1.2,  0.5,   false, ONE},
    {"am",       F(am, am),          1e-3,  0.05,      1000,  10000,      4,    1,     false, ONE},
    {"ssb",      F(ssb, ssb),        1e-3,  0.03,      500,   5000,       4,    1,     false, ONE},
    {"carrier",  F(carrier, carrier),1e-4,  4e-4,      30,    3000,       6,    0.5,   false, ONE},
};
/* clang-format on */
const size_t g20_scene_kind_count = G20_COUNT_OF(g20_scene_kinds);

void g20_gen_start(struct g20_gen *g, const struct g20_scene_kind *k, uint64_t seed,
                   uint64_t data_seed, double bw, uint64_t count)
{
    memset(g, 0, sizeof(*g));
    g20_rng_init(&g->rng, seed);
    g->bw = bw;
    g->count = count;
    g->edge = (uint32_t)(0.5 / bw) + 1;
    k->init(g);
    g20_rng_init(&g->rng, data_seed);
}

const char *g20_scene_kind_at(size_t i)
{
    return i < g20_scene_kind_count ? g20_scene_kinds[i].name : NULL;
}

const char *g20_scene_kind_name(const char *name)
{
    for (size_t i = 0; i < g20_scene_kind_count; i++) {
        if (strcmp(g20_scene_kinds[i].name, name) == 0)
            return g20_scene_kinds[i].name;
    }
    return NULL;
}
