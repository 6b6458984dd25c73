/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Linked with the shared library alone, as another program would be. */
#include "g20.h" /* first: it must need nothing */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

static void every_map_runs_from_its_first_to_its_last_colour(void **state)
{
    (void)state;
    static const uint8_t first[5][4] = {
        {68, 1, 84, 255}, {13, 8, 135, 255}, {0, 0, 4, 255}, {0, 0, 4, 255}, {48, 18, 59, 255}};
    static const uint8_t last[5][4] = {{253, 231, 37, 255},
                                       {240, 249, 33, 255},
                                       {252, 255, 164, 255},
                                       {252, 253, 191, 255},
                                       {122, 4, 3, 255}};
    const float db[] = {-100, -200, -INFINITY, NAN, -40, 0, INFINITY};
    uint8_t rgba[7][4];

    for (int id = G20_VIRIDIS; id <= G20_TURBO; id++) {
        apply_colormap(db, rgba[0], 7, id, -100, -40);
        for (int i = 0; i < 7; i++)
            assert_memory_equal(rgba[i], i < 4 ? first[id] : last[id], 4);
    }
}

static void the_middle_is_the_middle_colour_at_any_length_and_address(void **state)
{
    (void)state;
    static const uint8_t middle[4] = {33, 145, 140, 255}; /* viridis 128 */
    float db[130];
    uint8_t rgba[4 * 130 + 16];

    for (int i = 0; i < 130; i++)
        db[i] = -100.0f + 60.0f * 128 / 255;
    for (int length = 0; length < 129; length++) {
        for (int at = 0; at < 4; at++) {
            memset(rgba, 0xa5, sizeof(rgba));
            apply_colormap(db + 1, rgba + at, length, G20_VIRIDIS, -100, -40);
            for (int i = 0; i < length; i++)
                assert_memory_equal(rgba + at + 4 * i, middle, 4);
            for (size_t i = (size_t)(at + 4 * length); i < sizeof(rgba); i++)
                assert_int_equal(rgba[i], 0xa5);
        }
    }
}

static void no_length_touches_nothing(void **state)
{
    (void)state;
    apply_colormap(NULL, NULL, 0, G20_VIRIDIS, -100, -40);
    apply_colormap(NULL, NULL, -1, G20_VIRIDIS, -100, -40);
}

static void an_unknown_map_is_drawn_as_viridis(void **state)
{
    (void)state;
    static const int bad[] = {-1, 5, 1000, -2147483647};
    const float db[] = {-90, -70, -50};
    uint8_t want[12], got[12];

    apply_colormap(db, want, 3, G20_VIRIDIS, -100, -40);
    for (size_t i = 0; i < 4; i++) {
        apply_colormap(db, got, 3, bad[i], -100, -40);
        assert_memory_equal(got, want, 12);
    }
}

static void limits_that_make_no_range_give_the_first_colour(void **state)
{
    (void)state;
    static const float limits[][2] = {{-40, -40},  {-40, -100},      {NAN, -40},
                                      {-100, NAN}, {-INFINITY, -40}, {-100, INFINITY}};
    static const uint8_t first[4] = {13, 8, 135, 255};
    const float db[] = {-200, -70, 0};
    uint8_t rgba[3][4];

    for (size_t i = 0; i < 6; i++) {
        apply_colormap(db, rgba[0], 3, G20_PLASMA, limits[i][0], limits[i][1]);
        for (int k = 0; k < 3; k++)
            assert_memory_equal(rgba[k], first, 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_map_runs_from_its_first_to_its_last_colour),
        cmocka_unit_test(the_middle_is_the_middle_colour_at_any_length_and_address),
        cmocka_unit_test(no_length_touches_nothing),
        cmocka_unit_test(an_unknown_map_is_drawn_as_viridis),
        cmocka_unit_test(limits_that_make_no_range_give_the_first_colour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
