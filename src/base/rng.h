/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* rng: a small seeded generator, so that scenes and tests repeat bit for bit.
 *
 * xoshiro256++ seeded by splitmix64 (Blackman and Vigna, "Scrambled linear pseudorandom number
 * generators", 2021). Not for secrets. One state per thread. */
#ifndef G20_BASE_RNG_H
#define G20_BASE_RNG_H

#include "base/base.h"

#include <stdint.h>

struct g20_rng {
    uint64_t s[4];
};

void g20_rng_init(struct g20_rng *r, uint64_t seed);
uint64_t g20_rng_u64(struct g20_rng *r);
uint64_t g20_rng_below(struct g20_rng *r, uint64_t n); /* 0..n-1 without bias; n >= 1 */
double g20_rng_uniform(struct g20_rng *r);             /* [0, 1) */
double g20_rng_range(struct g20_rng *r, double lo, double hi);
double g20_rng_log_range(struct g20_rng *r, double lo, double hi); /* log-uniform, lo > 0 */
double g20_rng_normal(struct g20_rng *r);                          /* mean 0, variance 1 */

#endif
