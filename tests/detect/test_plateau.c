/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/plateau.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { B = G20_TILE_BINS, ROWS = 32 };

#define NOISE   2.45f /* what restlessness is there */
#define TALK    3.0f  /* and in a signal */
#define STEP_DB 50.0  /* from a receiver's stopband to the noise that its filter lets through */

static float quiet[B], restlessness[G20_TILE_GROUPS];
static struct g20_plateau found[G20_PLATEAUS_MOST];

static float mean[ROWS * B];
static struct g20_passband passband;
static uint32_t frames; /* of a row */

/* Burst of @rows rows at bin @at, over what is there. */
static void burst(uint32_t row, uint32_t rows, uint32_t at, double db)
{
    for (uint32_t r = row; r < row + rows; r++)
        mean[r * B + at] = quiet[at] * (float)pow(10.0, 0.1 * db);
}

static size_t plateaus(void)
{
    static struct g20_tile_row row[ROWS];
    const struct g20_tile t = {
        .rows = ROWS, .row = row, .mean = mean, .center_hz = 1e8, .rate_hz = 2e7};

    for (uint32_t r = 0; r < ROWS; r++)
        row[r].frames = r == 0 ? 1 : frames;
    return g20_plateaus_find(quiet, restlessness, &t, &passband, found);
}

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
    memset(mean, 0, sizeof(mean));
    passband = (struct g20_passband){0};
    frames = G20_TILE_FOLD;
    return 0;
}

static void a_plateau_has_the_noise_of_its_sides(void **state)
{
    (void)state;
    raise(1024, 1536, 10.0);
    assert_int_equal(plateaus(), 1);
    assert_in_range(found[0].lo, 1024 - 16, 1024);
    assert_in_range(found[0].hi, 1536, 1536 + 16);
    assert_true(fabsf(found[0].left_db + 90.0f) < 0.1f);
    assert_true(fabsf(found[0].right_db + 90.0f) < 0.1f);
}

static void of_few_frames_a_low_one_is_none(void **state)
{
    (void)state;
    raise(1024, 1536, 4.0);
    assert_int_equal(plateaus(), 1);
    frames = 0; /* but in the first row */
    assert_int_equal(plateaus(), 0);
    raise(1024, 1536, 6.0);
    assert_int_equal(plateaus(), 1);
}

/* Gentle at its foot, as an oscillator's noise beside a strong signal makes it. */
static void a_plateau_with_gentle_feet_is_found(void **state)
{
    (void)state;
    for (uint32_t b = 0; b < 640; b++) {
        raise(1024 - 640 + b, 1024 - 640 + b + 1, 8.0 * b / 640.0);
        raise(1536 + b, 1536 + b + 1, 8.0 - 8.0 * b / 640.0);
    }
    assert_int_equal(plateaus(), 0);
    raise(1024, 1536, 30.0);
    assert_int_equal(plateaus(), 1);
    assert_in_range(found[0].lo, 300, 1024);
    assert_in_range(found[0].hi, 1536, 2260);
}

static void a_receivers_filter_is_none(void **state)
{
    (void)state;
    raise(480, B - 480, STEP_DB);
    assert_int_equal(plateaus(), 0);
}

/* As a cosine over @width bins at each end of the band, down to @db. */
static void roll_off(uint32_t width, double db)
{
    for (uint32_t b = 0; b < width; b++) {
        const double fall = db * 0.5 * (1.0 + cos(3.14159265 * b / width));
        raise(b, b + 1, -fall);
        raise(B - 1 - b, B - b, -fall);
    }
}

static void a_filter_that_falls_to_the_end_is_none(void **state)
{
    (void)state;
    roll_off(500, 18.0);
    assert_int_equal(plateaus(), 0);
}

/* A plateau 15 dB high from @lo bins off each end of the band, with sides of @side bins. */
static void shape(uint32_t lo, uint32_t side)
{
    for (uint32_t b = 0; b < B; b++) {
        const double in = (double)G20_MIN(b, B - 1 - b) - lo;
        quiet[b] = (float)(1e-9 * pow(10.0, 1.5 * G20_CLAMP(in / side, 0.0, 1.0)));
    }
}

static void
a_wide_filter_with_gentle_sides_is_none_though_they_end_in_the_converters_noise(void **state)
{
    (void)state;
    shape(192, 320);
    assert_int_equal(plateaus(), 0);
    shape(400, 48); /* a broadcast ends at once */
    assert_int_equal(plateaus(), 1);
    shape(640, 320); /* and what leaves a third of the band dark is no filter */
    assert_int_equal(plateaus(), 1);
}

static void what_stands_behind_such_a_filter_is_found(void **state)
{
    (void)state;
    roll_off(500, 18.0);
    raise(1024, 1536, 10.0);
    assert_int_equal(plateaus(), 1);
    assert_in_range(found[0].lo, 1024 - 16, 1024);
}

static void a_broadcast_behind_a_filter_is_one(void **state)
{
    (void)state;
    raise(704, B - 704, 12.0);
    roll_off(300, 10.0);
    assert_int_equal(plateaus(), 1);
    assert_in_range(found[0].lo, 704 - 16, 704);
}

static void a_plateau_is_found_behind_a_receivers_filter(void **state)
{
    (void)state;
    raise(480, B - 480, STEP_DB);
    raise(1024, 1536, 10.0);
    assert_int_equal(plateaus(), 1);
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
    assert_int_equal(plateaus(), 1);

    assert_int_equal(set_up(state), 0);
    raise(480, B - 700, STEP_DB);
    assert_int_equal(plateaus(), 1);
}

static void a_broadcast_that_fills_the_band_is_no_filter(void **state)
{
    (void)state;
    raise(480, B - 480, 30.0);
    assert_int_equal(plateaus(), 1);
    assert_in_range(found[0].lo, 480 - 16, 480);
    assert_in_range(found[0].hi, B - 480, B - 480 + 16);
}

static void bursts_stand_on_noise_and_not_on_a_broadcast(void **state)
{
    (void)state;
    raise(480, B - 480, 30.0);
    burst(3, 2, 800, 15.0);
    burst(9, 5, 1700, 15.0);
    assert_int_equal(plateaus(), 1); /* two are too few */
    burst(20, 1, 3000, 15.0);
    assert_int_equal(plateaus(), 0);

    memset(mean, 0, sizeof(mean)); /* and it is remembered */
    assert_int_equal(plateaus(), 0);
    passband.center_hz += 1e6; /* until the radio is tuned */
    assert_int_equal(plateaus(), 1);
}

static void lines_and_clicks_stand_on_anything(void **state)
{
    (void)state;
    raise(480, B - 480, 30.0);
    for (uint32_t i = 0; i < 4; i++)
        burst(0, ROWS, 700 + 400 * i, 15.0);
    for (uint32_t b = 480; b < B - 480; b++)
        burst(11, 1, b, 20.0);
    assert_int_equal(plateaus(), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_plateau_has_the_noise_of_its_sides, set_up),
        cmocka_unit_test_setup(of_few_frames_a_low_one_is_none, set_up),
        cmocka_unit_test_setup(a_plateau_with_gentle_feet_is_found, set_up),
        cmocka_unit_test_setup(a_receivers_filter_is_none, set_up),
        cmocka_unit_test_setup(a_filter_that_falls_to_the_end_is_none, set_up),
        cmocka_unit_test_setup(
            a_wide_filter_with_gentle_sides_is_none_though_they_end_in_the_converters_noise,
            set_up),
        cmocka_unit_test_setup(what_stands_behind_such_a_filter_is_found, set_up),
        cmocka_unit_test_setup(a_broadcast_behind_a_filter_is_one, set_up),
        cmocka_unit_test_setup(a_plateau_is_found_behind_a_receivers_filter, set_up),
        cmocka_unit_test_setup(a_broadcast_that_fills_the_band_is_no_filter, set_up),
        cmocka_unit_test_setup(bursts_stand_on_noise_and_not_on_a_broadcast, set_up),
        cmocka_unit_test_setup(lines_and_clicks_stand_on_anything, set_up),
        cmocka_unit_test_setup(what_is_restless_or_off_the_middle_is_no_filter, set_up),
    };

    return cmocka_run_group_tests_name("plateau", tests, NULL, NULL);
}
