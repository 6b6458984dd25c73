/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* signals: what the dsp tests share: samples of known level, put into blocks of a pool. */
#ifndef G20_TESTS_DSP_SIGNALS_H
#define G20_TESTS_DSP_SIGNALS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/block.h"
#include "base/rng.h"

#include <complex.h>
#include <math.h>
#include <string.h>

static inline void put_sample(enum g20_sample_format format, void *data, size_t at,
                              double complex x)
{
    const double part[2] = {creal(x), cimag(x)};

    for (size_t c = 0; c < 2; c++) {
        const size_t k = 2 * at + c;
        switch (format) {
        case G20_CF32:
            ((float *)data)[k] = (float)part[c];
            break;
        case G20_CI16:
            ((int16_t *)data)[k] = (int16_t)lrint(G20_CLAMP(part[c] * 32768, -32768.0, 32767.0));
            break;
        case G20_CI8:
            ((int8_t *)data)[k] = (int8_t)lrint(G20_CLAMP(part[c] * 128, -128.0, 127.0));
            break;
        case G20_CU8:
            ((uint8_t *)data)[k] = (uint8_t)lrint(G20_CLAMP(part[c] * 127.5 + 127.5, 0.0, 255.0));
            break;
        }
    }
}

/* A block of @pool with @len samples x[first..], numbered and timed from @first on. */
static inline struct g20_block *make_block(struct g20_pool *pool, enum g20_sample_format format,
                                           const double complex *x, uint64_t first, uint32_t len,
                                           double rate_hz)
{
    struct g20_block *b = g20_pool_get(pool, 0);

    assert_non_null(b);
    assert_true(len <= b->cap);
    b->format = format;
    b->len = len;
    b->first_sample = first;
    b->time_us = 1000000 + (uint64_t)llrint((double)first * 1e6 / rate_hz);
    b->rate_hz = rate_hz;
    b->center_hz = 100e6;
    for (uint32_t i = 0; i < len; i++)
        put_sample(format, b->data, i, x[first + i]);
    return b;
}

static inline void fill_tone(double complex *x, size_t n, double cycles_per_sample, double level)
{
    for (size_t i = 0; i < n; i++)
        x[i] = level * cexp(I * 2 * M_PI * fmod(cycles_per_sample * (double)i, 1.0));
}

/* Complex white noise of mean power @power. */
static inline void add_noise(double complex *x, size_t n, double power, struct g20_rng *rng)
{
    const double s = sqrt(power / 2);

    for (size_t i = 0; i < n; i++) {
        const double re = g20_rng_normal(rng);
        x[i] += s * (re + I * g20_rng_normal(rng));
    }
}

static inline double db(double power)
{
    return 10 * log10(power);
}

#endif
