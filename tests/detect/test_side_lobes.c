/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/side_lobes.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { N = 1024, LO = 500, HI = 523 };

/* A band of power 1 a bin in bins LO .. HI of noise 0.5, and beside it what falls with the square
 * of the distance from the middle, @below and @above of a bin's power at its edges. */
static double reach(double below, double above)
{
    float power[N], noise[N];
    const struct g20_spectrum s = {.power = power, .noise = noise, .n = N, .frames = 2000};

    for (int i = 0; i < N; i++) {
        const double away = (i - 0.5 * (LO + HI)) / (0.5 * (HI + 1 - LO));
        const double side = i < LO ? below : i > HI ? above : 0.0;
        noise[i] = 0.5f;
        power[i] = 0.5f + (float)(i >= LO && i <= HI ? 1.0 : side / (away * away));
    }
    return g20_side_lobes(&s, LO, HI, HI + 1 - LO);
}

static void side_lobes_that_no_bin_shows_count(void **state)
{
    (void)state;
    /* A sixth of all lies beyond the edges, 1 % of it far out; they are to be seen up to twice the
     * half width of 12 bins, and believed up to three times as far as that. */
    const double half = reach(0.2, 0.2);
    assert_true(half > 3 * 19 && half < 3 * 27);
}

static void what_is_on_one_side_only_is_a_neighbour(void **state)
{
    (void)state;
    assert_true(reach(0.8, 0.0) == 0.0);
    assert_true(reach(0.0, 0.8) == 0.0);
}

static void a_band_without_them_is_left_alone(void **state)
{
    (void)state;
    assert_true(reach(0.0, 0.0) == 0.0);
    assert_true(reach(0.004, 0.004) == 0.0); /* less than the floor is sure of */
}

/* Lobes of @below and @above a bin, from 18 to 24 bins away, beyond a null of @null a bin. */
static double reach_beyond_null(double null, double below, double above)
{
    float power[N], noise[N];
    const struct g20_spectrum s = {.power = power, .noise = noise, .n = N, .frames = 2000};

    for (int i = 0; i < N; i++) {
        const double away = fabs(i - 0.5 * (LO + HI));
        const double side = i < LO ? below : above;
        noise[i] = 0.01f;
        power[i] = 0.01f + (float)(away < 12 ? 1 : away < 18 ? null : away < 24 ? side : 0);
    }
    return g20_side_lobes(&s, LO, HI, HI + 1 - LO);
}

static void lobes_beyond_a_null_count_on_both_sides(void **state)
{
    (void)state;
    for (int dim = 0; dim < 2; dim++) {
        assert_true(reach_beyond_null(dim * 0.01, 0.1, 0.1) > 18);
        assert_true(reach_beyond_null(dim * 0.01, 0.1, 0.0) < 18); /* a neighbour */
        assert_true(reach_beyond_null(dim * 0.01, 0.1, 0.03) < 18);
        assert_true(reach_beyond_null(dim * 0.01, 3.0, 3.0) < 18); /* stronger than the band */
    }
}

static void bands_at_the_edges_are_looked_at_too(void **state)
{
    float power[64], noise[64];
    const struct g20_spectrum s = {.power = power, .noise = noise, .n = 64, .frames = 4};

    (void)state;
    for (int i = 0; i < 64; i++) {
        power[i] = 1.0f;
        noise[i] = 0.1f;
    }
    assert_true(g20_side_lobes(&s, 0, 3, 1.0) == 0.0);
    assert_true(g20_side_lobes(&s, 60, 63, 1.0) == 0.0);
    assert_true(g20_side_lobes(&s, 0, 63, 1.0) == 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(side_lobes_that_no_bin_shows_count),
        cmocka_unit_test(what_is_on_one_side_only_is_a_neighbour),
        cmocka_unit_test(a_band_without_them_is_left_alone),
        cmocka_unit_test(lobes_beyond_a_null_count_on_both_sides),
        cmocka_unit_test(bands_at_the_edges_are_looked_at_too),
    };

    return cmocka_run_group_tests_name("side_lobes", tests, NULL, NULL);
}
