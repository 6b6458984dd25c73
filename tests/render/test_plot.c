/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/alloc.h"
#include "render/plot.h"

#include <errno.h>
#include <math.h>
#include <png.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const double x[] = {0, 2, 4, 6, 8};
static const double up[] = {0, 0.25, 0.5, 0.75, 1}, gap[] = {1, 1, NAN, 0, 0};
static const struct g20_plot plain = {.title = "title",
                                      .x_label = "dB",
                                      .y_label = "recall",
                                      .x = x,
                                      .n = 5,
                                      .x_step = 2,
                                      .y_lo = 0,
                                      .y_hi = 1,
                                      .y_step = 0.25,
                                      .curve = {{"up", up}, {"gap", gap}},
                                      .curves = 2};

static uint8_t *read_png(const char *path, png_image *image)
{
    *image = (png_image){.version = PNG_IMAGE_VERSION};
    assert_true(png_image_begin_read_from_file(image, path));
    image->format = PNG_FORMAT_RGB;
    uint8_t *rgb = malloc(PNG_IMAGE_SIZE(*image));
    assert_non_null(rgb);
    assert_true(png_image_finish_read(image, NULL, rgb, 0, NULL));
    return rgb;
}

/* Rows (from the top) that hold @colour in column @col: the first and the last, or -1. */
static void extent(const png_image *image, const uint8_t *rgb, uint32_t col, uint32_t colour,
                   int *first, int *last)
{
    *first = *last = -1;
    for (uint32_t y = 0; y < image->height; y++) {
        const uint8_t *p = rgb + 3 * ((size_t)y * image->width + col);
        if (((uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2]) != colour)
            continue;
        *first = *first < 0 ? (int)y : *first;
        *last = (int)y;
    }
}

static void curves_rise_to_the_top_and_break_where_nothing_is_known(void **state)
{
    (void)state;
    char path[] = "/tmp/g20-plot-XXXXXX";
    png_image image;
    int first, last, at_left, at_right;

    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(g20_plot_write(&plain, path, NULL), 0);
    uint8_t *rgb = read_png(path, &image);
    /* The axis runs from pixel 70 to 876, 48 to 476. */
    extent(&image, rgb, 71, 0x0072B2, &at_left, &last);
    extent(&image, rgb, 875, 0x0072B2, &at_right, &last);
    assert_in_range(at_left, 470, 476);
    assert_in_range(at_right, 44, 49);
    extent(&image, rgb, 473, 0x0072B2, &first, &last);
    assert_in_range((first + last) / 2, 258, 266); /* half way up in the middle */
    extent(&image, rgb, 473, 0xD55E00, &first, &last);
    assert_int_equal(first, -1); /* the gap */
    free(rgb);
    unlink(path);
    assert_int_equal(g20_alloc_live(), 0);
}

static void nothing_to_show_and_no_place_for_it_are_errors(void **state)
{
    (void)state;
    struct g20_plot p = plain;
    struct g20_err e = {0};

    p.curves = 0;
    assert_int_equal(g20_plot_write(&p, "/tmp/never", &e), -EINVAL);
    p = plain;
    p.n = 0;
    assert_int_equal(g20_plot_write(&p, "/tmp/never", &e), -EINVAL);
    assert_true(g20_plot_write(&plain, "/nowhere/at/all.png", &e) < 0);
    assert_non_null(strstr(e.msg, "/nowhere/at/all.png"));
    g20_alloc_fail_at(0);
    assert_int_equal(g20_plot_write(&plain, "/tmp/never", &e), -ENOMEM);
    g20_alloc_fail_at(G20_ALLOC_NEVER);
    assert_true(access("/tmp/never", F_OK) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(curves_rise_to_the_top_and_break_where_nothing_is_known),
        cmocka_unit_test(nothing_to_show_and_no_place_for_it_are_errors),
    };

    return cmocka_run_group_tests_name("plot", tests, NULL, NULL);
}
