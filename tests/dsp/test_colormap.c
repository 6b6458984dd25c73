/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dsp/colormap.h"

#include <errno.h>
#include <string.h>

static void names_and_ids_agree(void **state)
{
    (void)state;
    /* the order is that of the colormap byte of WF01 */
    static const char *const names[] = {"viridis", "plasma", "inferno", "magma", "turbo"};

    assert_int_equal(G20_COLORMAP_COUNT, 5);
    for (int id = 0; id < 5; id++) {
        assert_string_equal(g20_colormap_name((enum g20_colormap)id), names[id]);
        assert_int_equal(g20_colormap_by_name(names[id]), id);
    }
    assert_int_equal(g20_colormap_by_name("jet"), -ENOENT);
    assert_int_equal(g20_colormap_by_name(""), -ENOENT);
    assert_null(g20_colormap_name(G20_COLORMAP_COUNT));
}

/* First, middle and last colour as published: matplotlib's _cm_listed.py and the turbo table in
 * Google's gist, rounded to bytes. */
static void ends_and_middles_are_the_published_colours(void **state)
{
    (void)state;
    static const uint8_t want[5][3][3] = {
        {{68, 1, 84}, {33, 145, 140}, {253, 231, 37}},
        {{13, 8, 135}, {204, 71, 120}, {240, 249, 33}},
        {{0, 0, 4}, {188, 55, 84}, {252, 255, 164}},
        {{0, 0, 4}, {183, 55, 121}, {252, 253, 191}},
        {{48, 18, 59}, {164, 252, 60}, {122, 4, 3}},
    };

    for (int id = 0; id < 5; id++) {
        assert_memory_equal(g20_colormap_rgb[id][0], want[id][0], 3);
        assert_memory_equal(g20_colormap_rgb[id][128], want[id][1], 3);
        assert_memory_equal(g20_colormap_rgb[id][255], want[id][2], 3);
    }
}

/* The four matplotlib maps are perceptually uniform: lightness rises from code to code. Rec. 709
 * luma of 8-bit values, so a step may be lost to rounding. */
static void lightness_rises_through_the_uniform_maps(void **state)
{
    (void)state;
    for (int id = G20_COLORMAP_VIRIDIS; id <= G20_COLORMAP_MAGMA; id++) {
        double before = -1;

        for (int i = 0; i < 256; i++) {
            const uint8_t *c = g20_colormap_rgb[id][i];
            const double luma = 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
            assert_true(luma > before - 1.0);
            before = luma;
        }
    }
}

static void neighbouring_codes_are_close_in_colour(void **state)
{
    (void)state;
    for (int id = 0; id < G20_COLORMAP_COUNT; id++) {
        for (int i = 1; i < 256; i++) {
            for (int c = 0; c < 3; c++) {
                const int step = g20_colormap_rgb[id][i][c] - g20_colormap_rgb[id][i - 1][c];
                assert_in_range(step + 8, 0, 16);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_ids_agree),
        cmocka_unit_test(ends_and_middles_are_the_published_colours),
        cmocka_unit_test(lightness_rises_through_the_uniform_maps),
        cmocka_unit_test(neighbouring_codes_are_close_in_colour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
