/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/plateau.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { B = G20_TILE_BINS };

#define NOISE   2.45f /* what restlessness is there */
#define TALK    3.0f  /* and in a signal */
#define STEP_DB 50.0  /* from a receiver's stopband to the noise that its filter lets through */

static float quiet[B], restlessness[G20_TILE_GROUPS];
static struct g20_plateau found[G20_PLATEAUS_MOST];

static void raise(uint32_t lo, uint32_t hi, double db)
{
    for (uint32_t b = lo; b < hi; b++)
        quiet[b] *= (float)pow(10.0, 0.1 * db);
}

/* A band of plain noise. */
static int set_up(void **state)
{
    (void)state;
    for (uint32_t b = 0; b < B; b++)
        quiet[b] = 1e-9f;
    for (uint32_t g = 0; g < G20_TILE_GROUPS; g++)
        restlessness[g] = NOISE;
    return 0;
}

static void a_plateau_has_the_noise_of_its_sides(void **state)
{
    (void)state;
    raise(1024, 1536, 10.0);
    assert_int_equal(g20_plateaus_find(quiet, restlessness, found), 1);
    assert_in_range(found[0].lo, 1024 - 16, 1024);
    assert_in_range(found[0].hi, 1536, 1536 + 16);
    assert_true(fabsf(found[0].left_db + 90.0f) < 0.1f);
    assert_true(fabsf(found[0].right_db + 90.0f) < 0.1f);
}

static void a_receivers_filter_is_none(void **state)
{
    (void)state;
    raise(480, B - 480, STEP_DB);
    assert_int_equal(g20_plateaus_find(quiet, restlessness, found), 0);
}

static void a_plateau_is_found_behind_a_receivers_filter(void **state)
{
    (void)state;
    raise(480, B - 480, STEP_DB);
    raise(1024, 1536, 10.0);
    assert_int_equal(g20_plateaus_find(quiet, restlessness, found), 1);
    assert_in_range(found[0].lo, 1024 - 16, 1024);
    assert_in_range(found[0].hi, 1536, 1536 + 16);
    assert_true(fabsf(found[0].left_db + 40.0f) < 0.1f);
}

static void what_is_restless_or_off_the_middle_is_no_filter(void **state)
{
    (void)state;
    raise(480, B - 480, STEP_DB);
    for (uint32_t g = 0; g < G20_TILE_GROUPS; g++)
        restlessness[g] = TALK;
    assert_int_equal(g20_plateaus_find(quiet, restlessness, found), 1);

    assert_int_equal(set_up(state), 0);
    raise(480, B - 700, STEP_DB);
    assert_int_equal(g20_plateaus_find(quiet, restlessness, found), 1);
}

static void a_broadcast_that_fills_the_band_is_no_filter(void **state)
{
    (void)state;
    raise(480, B - 480, 30.0);
    assert_int_equal(g20_plateaus_find(quiet, restlessness, found), 1);
    assert_in_range(found[0].lo, 480 - 16, 480);
    assert_in_range(found[0].hi, B - 480, B - 480 + 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_plateau_has_the_noise_of_its_sides, set_up),
        cmocka_unit_test_setup(a_receivers_filter_is_none, set_up),
        cmocka_unit_test_setup(a_plateau_is_found_behind_a_receivers_filter, set_up),
        cmocka_unit_test_setup(a_broadcast_that_fills_the_band_is_no_filter, set_up),
        cmocka_unit_test_setup(what_is_restless_or_off_the_middle_is_no_filter, set_up),
    };

    return cmocka_run_group_tests_name("plateau", tests, NULL, NULL);
}
