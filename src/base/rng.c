/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/rng.h"

#include <math.h>

static uint64_t splitmix(uint64_t *x)
{
    uint64_t z = (*x += 0x9e3779b97f4a7c15u);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void g20_rng_init(struct g20_rng *r, uint64_t seed)
{
    for (int i = 0; i < 4; i++)
        r->s[i] = splitmix(&seed);
}

static uint64_t rotl(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

uint64_t g20_rng_u64(struct g20_rng *r)
{
    uint64_t *s = r->s;
    const uint64_t result = rotl(s[0] + s[3], 23) + s[0], t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

uint64_t g20_rng_below(struct g20_rng *r, uint64_t n)
{
    const uint64_t reject = -n % n; /* 2^64 mod n */
    uint64_t x;

    do
        x = g20_rng_u64(r);
    while (x < reject);
    return x % n;
}

double g20_rng_uniform(struct g20_rng *r)
{
    return (double)(g20_rng_u64(r) >> 11) * 0x1p-53;
}

double g20_rng_range(struct g20_rng *r, double lo, double hi)
{
    return lo + (hi - lo) * g20_rng_uniform(r);
}

double g20_rng_log_range(struct g20_rng *r, double lo, double hi)
{
    return exp(g20_rng_range(r, log(lo), log(hi)));
}

double g20_rng_normal(struct g20_rng *r)
{
    /* Box-Muller; one of the pair is thrown away to keep the state small. */
    const double u = 1.0 - g20_rng_uniform(r), v = g20_rng_uniform(r);

    return sqrt(-2.0 * log(u)) * cos(6.283185307179586 * v);
}
