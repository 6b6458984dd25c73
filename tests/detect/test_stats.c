/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/stats.h"

#include "base/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void normal_tail_inverts_the_error_function(void **state)
{
    (void)state;
    for (double p = 1e-12; p < 0.4; p *= 10)
        assert_true(fabs(0.5 * erfc(g20_stats_normal_tail(p) / sqrt(2.0)) / p - 1.0) < 0.02);
}

static int by_value(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

/* Against the quantile of averages drawn one by one. */
static void gamma_quantile_matches_averages_of_exponentials(void **state)
{
    enum { N = 40000 };
    static float x[N];
    const int shapes[] = {2, 6, 24};
    struct g20_rng rng;

    (void)state;
    g20_rng_init(&rng, 20);
    for (size_t s = 0; s < G20_COUNT_OF(shapes); s++) {
        for (int i = 0; i < N; i++) {
            double sum = 0.0;
            for (int k = 0; k < shapes[s]; k++)
                sum -= log(1.0 - g20_rng_uniform(&rng));
            x[i] = (float)(sum / shapes[s]);
        }
        qsort(x, N, sizeof(*x), by_value);
        /* z = 2: 2.275 % above; z = -1: 15.87 % below */
        assert_true(fabs(g20_stats_gamma_quantile(shapes[s], 2.0) / (double)x[N - 910] - 1) < 0.03);
        assert_true(fabs(g20_stats_gamma_quantile(shapes[s], -1.0) / (double)x[6348] - 1) < 0.03);
    }
}

static void select_and_median_filter_agree_with_sorting(void **state)
{
    float x[257], out[257], copy[257];
    struct g20_rng rng;

    (void)state;
    g20_rng_init(&rng, 3);
    for (size_t n = 1; n <= G20_COUNT_OF(x); n += 16) {
        for (size_t i = 0; i < n; i++)
            x[i] = (float)g20_rng_below(&rng, 50); /* with ties */
        g20_stats_median_filter(x, out, n, 8);
        for (size_t i = 0; i < n; i++) {
            const size_t lo = i > 8 ? i - 8 : 0, hi = G20_MIN(i + 8, n - 1), m = hi - lo + 1;
            for (size_t k = 0; k < m; k++)
                copy[k] = x[lo + k];
            assert_true(g20_stats_select(copy, m, m / 2) == out[i]);
        }
        for (size_t k = 0; k < n; k++) {
            float a[257];
            for (size_t i = 0; i < n; i++)
                a[i] = copy[i] = x[i];
            qsort(copy, n, sizeof(*copy), by_value);
            assert_true(g20_stats_select(a, n, k) == copy[k]);
        }
    }
}

static void columns_are_selected_from_as_one_by_one(void **state)
{
    (void)state;
    static float x[G20_STATS_MOST_ROWS][G20_STATS_COLUMNS];
    float column[G20_STATS_COLUMNS][G20_STATS_MOST_ROWS], got[G20_STATS_COLUMNS];
    struct g20_stats_network network;
    struct g20_rng rng;

    g20_rng_init(&rng, 5);
    for (size_t n = 1; n <= G20_STATS_MOST_ROWS; n++) {
        const size_t k = g20_rng_below(&rng, (uint32_t)n);
        for (size_t r = 0; r < n; r++)
            for (size_t c = 0; c < G20_STATS_COLUMNS; c++)
                column[c][r] = x[r][c] = (float)g20_rng_below(&rng, 30);
        g20_stats_network_init(&network, n, k);
        g20_stats_select_columns(&network, x, got);
        for (size_t c = 0; c < G20_STATS_COLUMNS; c++)
            assert_true(got[c] == g20_stats_select(column[c], n, k));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(normal_tail_inverts_the_error_function),
        cmocka_unit_test(gamma_quantile_matches_averages_of_exponentials),
        cmocka_unit_test(columns_are_selected_from_as_one_by_one),
        cmocka_unit_test(select_and_median_filter_agree_with_sorting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
