/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/image.h"

#include "base/alloc.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void levels_are_decibels_over_the_noise_in_80_db_of_255_steps(void **state)
{
    struct g20_tile *t;
    struct g20_floor *f;
    uint8_t *image = g20_calloc(G20_IMAGE_BYTES, 1);

    (void)state;
    assert_non_null(image);
    assert_int_equal(g20_tile_create(&t), 0);
    assert_int_equal(g20_floor_create(&f), 0);
    t->rows = 2;
    for (int b = 0; b < G20_TILE_BINS; b++) {
        const double db = -20.0 + b * 110.0 / G20_TILE_BINS;
        f->noise[b] = 1e-6f;
        t->mean[b] = (float)(1e-6 * pow(10.0, 0.1 * db));
        t->max[b] = 2e-6f;
        t->mean[G20_TILE_BINS + b] = 0.0f;
    }
    g20_image_make(t, f->noise, image, 0, NULL);
    for (int b = 0; b < G20_TILE_BINS; b++) {
        const double db = -20.0 + b * 110.0 / G20_TILE_BINS;
        const double want = fmin(fmax((db + 8.0) * 255.0 / 80.0, 0.0), 255.0);
        assert_true(fabs(image[2 * b] - want) < 0.7); /* half a step, and the logarithm's error */
        assert_true(fabs(image[2 * b + 1] - (3.0103 + 8.0) * 255.0 / 80.0) < 0.7);
        assert_int_equal(image[2 * (G20_TILE_BINS + b)], 0);             /* no power at all */
        assert_int_equal(image[4 * G20_TILE_BINS + b], G20_IMAGE_NOISE); /* a row not there yet */
    }
    g20_floor_destroy(f);
    g20_tile_destroy(t);
    g20_free(image);
}

/* Rows of @t from number @first of the stream on, each of a level of its own. */
static void fill(struct g20_tile *t, uint32_t first)
{
    t->rows = G20_TILE_ROWS;
    for (uint32_t r = 0; r < t->rows; r++) {
        t->row[r] = (struct g20_tile_row){.first_sample = (first + r) * G20_TILE_ROW_SAMPLES,
                                          .time_us = first + r};
        for (size_t b = r * G20_TILE_BINS; b < (r + 1) * G20_TILE_BINS; b++)
            t->mean[b] = t->max[b] = 1e-6f * (float)((first + r) % 101 + 1);
    }
}

static uint8_t *made(const struct g20_tile *t, const float *noise, uint8_t *image)
{
    g20_image_make(t, noise, image, 0, NULL);
    return image;
}

static void an_image_goes_on_with_its_tile_as_long_as_the_noise_stays(void **state)
{
    static struct g20_image_past past;
    static float noise[G20_TILE_BINS], other[G20_TILE_BINS];
    uint8_t *image = g20_calloc(G20_IMAGE_BYTES, 1), *want = g20_calloc(G20_IMAGE_BYTES, 1);
    struct g20_tile *t;

    (void)state;
    assert_true(image && want);
    assert_int_equal(g20_tile_create(&t), 0);
    for (int b = 0; b < G20_TILE_BINS; b++) {
        noise[b] = 1e-6f;
        other[b] = 1.04e-6f;
    }
    fill(t, 0);
    assert_int_equal(g20_image_renew(&past, t, noise, image, NULL), 0);
    fill(t, 64); /* the new rows stand over the noise of the old ones */
    assert_int_equal(g20_image_renew(&past, t, other, image, NULL), 64);
    assert_memory_equal(image, made(t, noise, want), G20_IMAGE_BYTES);
    fill(t, 64 + 127);
    assert_int_equal(g20_image_renew(&past, t, other, image, NULL), 127);
    assert_memory_equal(image, made(t, noise, want), G20_IMAGE_BYTES);
    fill(t, 64 + 127 + 128); /* half is new: all is made */
    assert_int_equal(g20_image_renew(&past, t, other, image, NULL), 0);
    assert_memory_equal(image, made(t, other, want), G20_IMAGE_BYTES);

    fill(t, 400);
    noise[7] = 2.5e-6f; /* one bin's noise is another */
    assert_int_equal(g20_image_renew(&past, t, noise, image, NULL), 0);
    assert_memory_equal(image, made(t, noise, want), G20_IMAGE_BYTES);
    fill(t, 464);
    for (int b = 0; b < G20_TILE_BINS; b++) /* all of them a little */
        other[b] = noise[b] * 1.08f;
    assert_int_equal(g20_image_renew(&past, t, other, image, NULL), 0);
    fill(t, 500);
    t->row[255].time_us++; /* not where it was */
    t->row[100].time_us++;
    assert_int_equal(g20_image_renew(&past, t, other, image, NULL), 0);
    t->rows = 255;
    assert_int_equal(g20_image_renew(&past, t, other, image, NULL), 0);
    assert_memory_equal(image, made(t, other, want), G20_IMAGE_BYTES);
    g20_tile_destroy(t);
    g20_free(want);
    g20_free(image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_are_decibels_over_the_noise_in_80_db_of_255_steps),
        cmocka_unit_test(an_image_goes_on_with_its_tile_as_long_as_the_noise_stays),
    };

    return cmocka_run_group_tests_name("image", tests, NULL, NULL);
}
