/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "train/head_scale.h"

#include "base/rng.h"

#include <errno.h>

/* A bandwidth, as looks say it, of one of the first @n that is meant. */
static float draw(const struct g20_head_set *s, size_t n, struct g20_rng *rng)
{
    size_t i;

    do
        i = g20_rng_below(rng, n);
    while (!s->item[i].meant);
    return s->item[i].features[G20_TRUNK_PLACES + G20_LOOK_BANDWIDTH];
}

int g20_head_scale(struct g20_head_set *s, size_t first, uint64_t seed)
{
    const size_t end = s->count;
    struct g20_rng rng;
    size_t meant = 0;
    int r = 0;

    for (size_t i = 0; i < first; i++)
        meant += s->item[i].meant;
    g20_rng_init(&rng, seed);
    for (size_t i = first; i < end && meant > 0 && r >= 0; i++) {
        struct g20_head_example x = s->item[i];
        float *number = x.features + G20_TRUNK_PLACES;
        const float wider = draw(s, first, &rng) - number[G20_LOOK_BANDWIDTH];
        number[G20_LOOK_BANDWIDTH] += wider; /* logarithms, both */
        number[G20_LOOK_DURATION] -= wider;
        r = g20_head_set_add(s, &x);
    }
    return r;
}
