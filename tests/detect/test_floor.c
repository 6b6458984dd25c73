/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/floor.h"

#include "base/alloc.h"
#include "base/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { B = G20_TILE_BINS, ROWS = 128 };

#define CALM 2.45f /* restlessness of noise, and of what is as random */

static float mean[ROWS * B], low[ROWS * B], restless[ROWS * G20_TILE_GROUPS];

/* Powers of exponential frames of mean 1, @times that in bins @lo .. @hi - 1 for the last @rows. */
static void fill(uint64_t seed, uint32_t rows, uint32_t lo, uint32_t hi, float times)
{
    struct g20_rng rng;

    g20_rng_init(&rng, seed);
    for (uint32_t i = 0; i < ROWS * G20_TILE_GROUPS; i++)
        restless[i] = CALM;
    for (uint32_t i = 0; i < ROWS * B; i++) {
        const uint32_t row = i / B, b = i % B;
        const float level = row >= ROWS - rows && b >= lo && b < hi ? times : 1.0f;
        float sum = 0.0f, least = INFINITY;
        for (int pair = 0; pair < G20_TILE_FOLD / 2; pair++) {
            const float two =
                -(float)(log(1.0 - g20_rng_uniform(&rng)) + log(1.0 - g20_rng_uniform(&rng)));
            sum += two;
            least = fminf(least, 0.5f * two);
        }
        mean[i] = level * sum / G20_TILE_FOLD;
        low[i] = level * least;
    }
}

/* dB that bins @lo .. @hi - 1 of the noise are over 1. */
static double noise_db(uint32_t lo, uint32_t hi)
{
    static struct g20_tile_row row[ROWS];
    const struct g20_tile t = {.rows = ROWS,
                               .new_rows = ROWS,
                               .row = row,
                               .mean = mean,
                               .low = low,
                               .restless = restless,
                               .center_hz = 1e8,
                               .rate_hz = 1e6};
    struct g20_floor *f;
    double sum = 0.0;

    for (uint32_t r = 0; r < ROWS; r++)
        row[r].frames = G20_TILE_FOLD;
    assert_int_equal(g20_floor_create(&f), 0);
    g20_floor_measure(f, &t, NULL);
    for (uint32_t b = lo; b < hi; b++)
        sum += (double)f->noise[b] / (hi - lo);
    g20_floor_destroy(f);
    return 10.0 * log10(sum);
}

static void noise_is_read_without_bias(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 2; seed++) {
        fill(seed, 0, 0, 0, 1.0f);
        assert_true(fabs(noise_db(16, B - 16)) < 0.5);
    }
}

/* A band that is on for two thirds of the rows leaves a third of noise, of which the quartile of
 * all is the upper one; the pools of bins say what it would have been. */
static void under_what_is_on_most_of_the_time_the_noise_is_that_beside_it(void **state)
{
    static const uint32_t width[] = {20, 100, 800};

    (void)state;
    for (size_t i = 0; i < G20_COUNT_OF(width); i++)
        for (float times = 5.0f; times < 40.0f; times *= 6.0f) { /* 6 and 15 dB SNR */
            fill(3 + i, ROWS * 2 / 3, 2500, 2500 + width[i], times);
            const double under = noise_db(2500, 2500 + width[i]), beside = noise_db(1000, 2000);
            if (fabs(under - beside) > 0.7)
                fail_msg("%u bins, %g times: %.2f dB, beside it %.2f", width[i], (double)times,
                         under, beside);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_is_read_without_bias),
        cmocka_unit_test(under_what_is_on_most_of_the_time_the_noise_is_that_beside_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
