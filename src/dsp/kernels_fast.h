/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* kernels_fast: the kernels as plain loops that gcc and clang turn into vector code.
 *
 * Included once by each kernels_<set>.c, which defines G20_KERNELS_SET (the table's name) and
 * G20_KERNELS_NAME and G20_KERNELS_LANES (floats of a register) and is compiled for its instruction
 * set (src/dsp/meson.build). What makes them vectorise: restrict, one exit, no call, selection
 * instead of branches, and for the minimum and maximum the compiler's right to ignore traps
 * (-fno-trapping-math, set for the project). */
#include "dsp/kernels_fir.h"
#include "dsp/kernels_sets.h"
#if G20_KERNELS_LANES == 8 && defined(__AVX2__) && defined(__FMA__)
#define G20_KERNELS_AVX2
#elif G20_KERNELS_LANES == 16 && defined(__AVX512F__)
#include "dsp/kernels_avx512.h"
#define G20_KERNELS_AVX512
#endif

#include <math.h>
#include <string.h>

static bool window_cf32(float *restrict out, const void *restrict in, const float *restrict w,
                        size_t n)
{
    const float *restrict x = in;
    uint32_t bad = 0;

    for (size_t k = 0; k < 2 * n; k++) {
        const uint32_t ok = fabsf(x[k]) <= G20_SAMPLE_LIMIT; /* false for NaN */
        bad |= ok ^ 1;
        out[k] = (ok ? x[k] : 0.0f) * w[k];
    }
    return bad;
}

static bool window_ci16(float *restrict out, const void *restrict in, const float *restrict w,
                        size_t n)
{
    const int16_t *restrict x = in;

    for (size_t k = 0; k < 2 * n; k++)
        out[k] = (float)x[k] * w[k];
    return false;
}

static bool window_ci8(float *restrict out, const void *restrict in, const float *restrict w,
                       size_t n)
{
    const int8_t *restrict x = in;

    for (size_t k = 0; k < 2 * n; k++)
        out[k] = (float)x[k] * w[k];
    return false;
}

static bool window_cu8(float *restrict out, const void *restrict in, const float *restrict w,
                       size_t n)
{
    const uint8_t *restrict x = in;

    for (size_t k = 0; k < 2 * n; k++)
        out[k] = ((float)x[k] - 127.5f) * w[k];
    return false;
}

static void power(float *restrict out, const float *restrict iq, size_t n, float scale)
{
    size_t i = 0;

#ifdef G20_KERNELS_AVX2
    i = avx2_power(out, iq, n, scale);
#endif
    for (; i < n; i++)
        out[i] = (iq[2 * i] * iq[2 * i] + iq[2 * i + 1] * iq[2 * i + 1]) * scale;
}

static void fold(float *restrict sum, float *restrict max, const float *restrict p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        sum[i] += p[i];
        max[i] = p[i] > max[i] ? p[i] : max[i];
    }
}

static void fold_max(float *restrict max, const float *restrict p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        max[i] = p[i] > max[i] ? p[i] : max[i];
}

/* log2(p), at least that of G20_POWER_MIN, from the float's own exponent and a polynomial for the
 * logarithm of its mantissa m in [1, 2): log2(m) ~ (m - 1) (c0 + c1 m + c2 m^2 + c3 m^3), exact at
 * 1 and 2 so that there is no step from octave to octave. Minimax fit as a linear programme over
 * 4001 points: error 0.00034 dB, and as much again from rounding. */
static const float LOG2[4] = {2.5198409f, -1.5665764f, 0.56759533f, -0.08213367f};

static inline float log2_of(float p)
{
    const float x = p > G20_POWER_MIN ? p : G20_POWER_MIN; /* NaN too */
    uint32_t bits;
    float m;

    memcpy(&bits, &x, sizeof(bits));
    const float exponent = (float)((int32_t)(bits >> 23) - 127);
    bits = (bits & 0x007fffffu) | 0x3f800000u;
    memcpy(&m, &bits, sizeof(m));
    const float poly = LOG2[0] + m * (LOG2[1] + m * (LOG2[2] + m * LOG2[3]));
    return exponent + (m - 1.0f) * poly;
}

static const float DB_PER_OCTAVE = 3.0102999566f; /* 10 log10(2) */

static void power_to_db(float *restrict db, const float *restrict p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        db[i] = DB_PER_OCTAVE * log2_of(p[i]);
}

/* x in codes, rounded, as an integer 0..255; x is not NaN. The clamp compares the bits as integers,
 * which orders like the floats where these are positive and makes a negative one 0: single vector
 * instructions, where comparing floats that could be NaN takes several. */
static inline int32_t code(float x)
{
    const int32_t most = 0x437f0000; /* 255.0f */
    int32_t bits;

    memcpy(&bits, &x, sizeof(bits));
    bits = bits > 0 ? bits : 0;
    bits = bits < most ? bits : most;
    memcpy(&x, &bits, sizeof(x));
    return (int32_t)(x + 0.5f);
}

static inline float zero_if_nan(float x)
{
    return x == x ? x : 0.0f;
}

static void db_to_u8(uint8_t *restrict out, const float *restrict db, size_t n, float db_min,
                     float db_max)
{
    const float gain = 255.0f / (db_max - db_min);

    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)code(zero_if_nan((db[i] - db_min) * gain));
}

static void power_to_u8(uint8_t *restrict out, const float *restrict p, size_t n, float db_min,
                        float db_max)
{
    const float gain = 255.0f / (db_max - db_min), slope = DB_PER_OCTAVE * gain;
    const float offset = -db_min * gain;
    size_t i = 0;

#ifdef G20_KERNELS_AVX2
    i = avx2_power_to_u8(out, p, n, slope, offset, LOG2);
#elif defined(G20_KERNELS_AVX512)
    i = avx512_power_to_u8(out, p, n, slope, offset, LOG2);
#endif
    for (; i < n; i++)
        out[i] = (uint8_t)code(slope * log2_of(p[i]) + offset);
}

/* Sixteen maxima side by side; a single one would wait for itself at each step. */
static float max(const float *restrict x, size_t n)
{
    enum { LANES = 16 };
    float lane[LANES], most = x[0];
    size_t i = 0;

    if (n >= LANES) {
        memcpy(lane, x, sizeof(lane));
        for (i = LANES; i + LANES <= n; i += LANES) {
            for (size_t k = 0; k < LANES; k++)
                lane[k] = x[i + k] > lane[k] ? x[i + k] : lane[k];
        }
        for (size_t k = 0; k < LANES; k++)
            most = lane[k] > most ? lane[k] : most;
    }
    for (; i < n; i++)
        most = x[i] > most ? x[i] : most;
    return most;
}

static void colour(uint8_t *restrict rgba, const float *restrict db, size_t n,
                   const uint32_t *restrict lut, float db_min, float db_max)
{
    enum { CHUNK = 512 };
    const float gain = 255.0f / (db_max - db_min);
    uint32_t pixel[CHUNK];

    for (size_t at = 0; at < n; at += CHUNK) {
        const size_t m = G20_MIN((size_t)CHUNK, n - at);
        for (size_t i = 0; i < m; i++)
            pixel[i] = lut[code(zero_if_nan((db[at + i] - db_min) * gain))];
        memcpy(rgba + 4 * at, pixel, 4 * m);
    }
}

const struct g20_kernels G20_KERNELS_SET = {
    .name = G20_KERNELS_NAME,
    .window = {window_cf32, window_ci16, window_ci8, window_cu8},
    .power = power,
    .fold = fold,
    .fold_max = fold_max,
    .power_to_db = power_to_db,
    .db_to_u8 = db_to_u8,
    .power_to_u8 = power_to_u8,
    .max = max,
    .colour = colour,
    .fir = fir,
    .fir_complex = fir_complex,
    .fir_ci16 = fir_ci16,
    .rotate = rotate,
};
