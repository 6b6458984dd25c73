/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* scene_math: branch-free logarithm, sine and cosine that compilers turn into vector code, and the
 * means to build a loop a second time for AVX2. Every operation is exact IEEE arithmetic in a
 * fixed order (ISO C: no contraction), so the wide build gives the same bits as the narrow one. */
#ifndef G20_SOURCE_SCENE_MATH_H
#define G20_SOURCE_SCENE_MATH_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define G20_INLINE static inline __attribute__((always_inline))

#if defined(__x86_64__) && defined(__GNUC__)
#define G20_SCENE_AVX2 __attribute__((target("avx2")))
#define G20_HAVE_AVX2  __builtin_cpu_supports("avx2")
#else
#define G20_SCENE_AVX2
#define G20_HAVE_AVX2 0
#endif

G20_INLINE float g20_float_of(uint32_t bits)
{
    float f;

    memcpy(&f, &bits, sizeof(f));
    return f;
}

G20_INLINE uint32_t g20_bits_of(float f)
{
    uint32_t bits;

    memcpy(&bits, &f, sizeof(bits));
    return bits;
}

/* Natural logarithm of a positive normal number, absolute error below 2e-7 x max(1, |result|).
 * Polynomial of Cephes' logf (S. Moshier). */
G20_INLINE float g20_log_f(float x)
{
    const uint32_t b = g20_bits_of(x);
    const int32_t e = (int32_t)(b - 0x3f3504f3u) >> 23; /* x = m 2^e, m in [0.707, 1.414) */
    const float t = g20_float_of(b - ((uint32_t)e << 23)) - 1.0f;
    float p = 7.0376836292e-2f;

    p = p * t - 1.1514610310e-1f;
    p = p * t + 1.1676998740e-1f;
    p = p * t - 1.2420140846e-1f;
    p = p * t + 1.4249322787e-1f;
    p = p * t - 1.6668057665e-1f;
    p = p * t + 2.0000714765e-1f;
    p = p * t - 2.4999993993e-1f;
    p = p * t + 3.3333331174e-1f;
    return (p * t * t * t - 0.5f * t * t) + t + (float)e * 0.693147181f;
}

/* exp(2 pi i @turns / 2^32), error below 4e-7: the angle is an unsigned fraction of a turn, so
 * phase accumulators wrap for nothing and never lose precision. */
G20_INLINE void g20_turn(uint32_t turns, float *re, float *im)
{
    const uint32_t q = (turns + 0x20000000u) >> 30;                       /* nearest quarter turn */
    const float r = (float)(int32_t)(turns - (q << 30)) * 1.46291808e-9f; /* rest, radians */
    const float r2 = r * r;
    const float s =
        r + r * r2 * (-1.6666654611e-1f + r2 * (8.3321608736e-3f - r2 * 1.9515295891e-4f));
    const float c = 1.0f - 0.5f * r2 +
                    r2 * r2 * (4.166664568e-2f + r2 * (-1.388731625e-3f + r2 * 2.443315711e-5f));
    const uint32_t odd = 0u - (q & 1u), cb = g20_bits_of(c), sb = g20_bits_of(s);

    *re = g20_float_of(((cb & ~odd) | (sb & odd)) ^ (((q + 1u) & 2u) << 30));
    *im = g20_float_of(((sb & ~odd) | (cb & odd)) ^ ((q & 2u) << 30));
}

#endif
