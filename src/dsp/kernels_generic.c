/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The oracle: what each kernel means, written plainly. */
#include "dsp/kernels_sets.h"

#include <math.h>
#include <string.h>

static bool window_cf32(float *out, const void *in, const float *w, size_t n)
{
    const float *x = in;
    bool bad = false;

    for (size_t k = 0; k < 2 * n; k++) {
        const bool ok = fabsf(x[k]) <= G20_SAMPLE_LIMIT; /* false for NaN */
        out[k] = (ok ? x[k] : 0.0f) * w[k];
        bad |= !ok;
    }
    return bad;
}

static bool window_ci16(float *out, const void *in, const float *w, size_t n)
{
    const int16_t *x = in;

    for (size_t k = 0; k < 2 * n; k++)
        out[k] = (float)x[k] * w[k];
    return false;
}

static bool window_ci8(float *out, const void *in, const float *w, size_t n)
{
    const int8_t *x = in;

    for (size_t k = 0; k < 2 * n; k++)
        out[k] = (float)x[k] * w[k];
    return false;
}

static bool window_cu8(float *out, const void *in, const float *w, size_t n)
{
    const uint8_t *x = in;

    for (size_t k = 0; k < 2 * n; k++)
        out[k] = ((float)x[k] - 127.5f) * w[k];
    return false;
}

static void power(float *out, const float *iq, size_t n, float scale)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (iq[2 * i] * iq[2 * i] + iq[2 * i + 1] * iq[2 * i + 1]) * scale;
}

static void fold(float *sum, float *max, const float *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        sum[i] += p[i];
        if (p[i] > max[i])
            max[i] = p[i];
    }
}

static void fold_max(float *max, const float *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (p[i] > max[i])
            max[i] = p[i];
    }
}

static float decibels(float p)
{
    return p > G20_POWER_MIN ? 10.0f * log10f(p) : G20_POWER_MIN_DB;
}

static void power_to_db(float *db, const float *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        db[i] = decibels(p[i]);
}

static uint8_t code(float db, float db_min, float db_max)
{
    const float x = 255.0f * (db - db_min) / (db_max - db_min);

    if (!(x > 0)) /* NaN as well */
        return 0;
    return x < 255.0f ? (uint8_t)(x + 0.5f) : 255;
}

static void db_to_u8(uint8_t *out, const float *db, size_t n, float db_min, float db_max)
{
    for (size_t i = 0; i < n; i++)
        out[i] = code(db[i], db_min, db_max);
}

static void power_to_u8(uint8_t *out, const float *p, size_t n, float db_min, float db_max)
{
    for (size_t i = 0; i < n; i++)
        out[i] = code(decibels(p[i]), db_min, db_max);
}

static float max(const float *x, size_t n)
{
    float most = x[0];

    for (size_t i = 1; i < n; i++) {
        if (x[i] > most)
            most = x[i];
    }
    return most;
}

static void colour(uint8_t *rgba, const float *db, size_t n, const uint32_t *lut, float db_min,
                   float db_max)
{
    for (size_t i = 0; i < n; i++)
        memcpy(rgba + 4 * i, &lut[code(db[i], db_min, db_max)], 4);
}

static void fir(float *out, const float *in, const float *taps, size_t n, size_t step, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        float re = 0, im = 0;
        for (size_t k = 0; k < n; k++) {
            re += taps[2 * k] * in[2 * (i * step + k)];
            im += taps[2 * k] * in[2 * (i * step + k) + 1];
        }
        out[2 * i] = re;
        out[2 * i + 1] = im;
    }
}

static void fir_complex(float *out, const float *in, const float *taps, size_t n, size_t step,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        float re = 0, im = 0;
        for (size_t k = 0; k < n; k++) {
            const float a = taps[2 * k], b = taps[2 * (n + k)];
            const float x = in[2 * (i * step + k)], y = in[2 * (i * step + k) + 1];
            re += a * x - b * y;
            im += a * y + b * x;
        }
        out[2 * i] = re;
        out[2 * i + 1] = im;
    }
}

static float sum_of_eighths(const int16_t *in, const int16_t *taps, size_t n)
{
    int32_t lane[8] = {0};

    for (size_t k = 0; k < n; k++)
        lane[k % 8] += in[2 * k] * taps[2 * k] + in[2 * k + 1] * taps[2 * k + 1];
    return (((float)lane[0] + (float)lane[1]) + ((float)lane[2] + (float)lane[3])) +
           (((float)lane[4] + (float)lane[5]) + ((float)lane[6] + (float)lane[7]));
}

static void fir_ci16(float *out, const int16_t *in, const int16_t *taps, size_t n, size_t step,
                     size_t count)
{
    for (size_t i = 0; i < count; i++, in += 2 * step) {
        out[2 * i] = sum_of_eighths(in, taps, n);
        out[2 * i + 1] = sum_of_eighths(in, taps + 2 * n, n);
    }
}

static void rotate(float *iq, const float *turn, size_t n, float re, float im)
{
    for (size_t i = 0; i < n; i++) {
        const float a = turn[2 * i] * re - turn[2 * i + 1] * im;
        const float b = turn[2 * i] * im + turn[2 * i + 1] * re;
        const float x = iq[2 * i], y = iq[2 * i + 1];
        iq[2 * i] = x * a - y * b;
        iq[2 * i + 1] = x * b + y * a;
    }
}

const struct g20_kernels g20_kernels_generic = {
    .name = "generic",
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
