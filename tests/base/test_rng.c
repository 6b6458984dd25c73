/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { N = 200000 };

/* The first outputs of xoshiro256++ for a known state are in its authors' reference code's terms:
 * rotl(s0 + s3, 23) + s0. Worked out by hand for s = {1, 2, 3, 4}. */
static void the_generator_is_xoshiro256pp(void **state)
{
    (void)state;
    struct g20_rng r = {{1, 2, 3, 4}};

    assert_true(g20_rng_u64(&r) == (5ull << 23) + 1);
    /* s becomes {7, 0, 262146, rotl(6, 45)}: then rotl(7 + s3, 23) + 7. */
    const uint64_t s3 = 6ull << 45, sum = 7 + s3;
    assert_true(g20_rng_u64(&r) == (sum << 23 | sum >> 41) + 7);
}

static void a_seed_repeats_and_another_does_not(void **state)
{
    (void)state;
    struct g20_rng a, b, c;

    g20_rng_init(&a, 1);
    g20_rng_init(&b, 1);
    g20_rng_init(&c, 2);
    int same = 0;
    for (int i = 0; i < 100; i++) {
        const uint64_t x = g20_rng_u64(&a);
        assert_true(x == g20_rng_u64(&b));
        same += x == g20_rng_u64(&c);
    }
    assert_int_equal(same, 0);
}

static void distributions_have_the_moments_they_should(void **state)
{
    (void)state;
    struct g20_rng r;
    double sum = 0, sum2 = 0, sum4 = 0, u = 0, log_sum = 0;
    int below[7] = {0};

    g20_rng_init(&r, 3);
    for (int i = 0; i < N; i++) {
        const double x = g20_rng_normal(&r), v = g20_rng_uniform(&r);
        const double l = g20_rng_log_range(&r, 1e-3, 1e3);
        assert_true(v >= 0 && v < 1 && l >= 1e-3 && l <= 1e3);
        sum += x;
        sum2 += x * x;
        sum4 += x * x * x * x;
        u += v;
        log_sum += log10(l);
        below[g20_rng_below(&r, 7)]++;
    }
    /* Each within five standard errors. */
    assert_true(fabs(sum / N) < 5 / sqrt(N));
    assert_true(fabs(sum2 / N - 1) < 5 * sqrt(2.0 / N));
    assert_true(fabs(sum4 / N - 3) < 5 * sqrt(96.0 / N));
    assert_true(fabs(u / N - 0.5) < 5 * sqrt(1.0 / 12 / N));
    assert_true(fabs(log_sum / N) < 5 * sqrt(3.0 / N));
    for (int i = 0; i < 7; i++)
        assert_true(fabs(below[i] - N / 7.0) < 5 * sqrt(N / 7.0));
    assert_int_equal(g20_rng_below(&r, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_generator_is_xoshiro256pp),
        cmocka_unit_test(a_seed_repeats_and_another_does_not),
        cmocka_unit_test(distributions_have_the_moments_they_should),
    };

    return cmocka_run_group_tests_name("rng", tests, NULL, NULL);
}
