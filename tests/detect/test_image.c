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
    g20_image_make(t, f, image, NULL);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_are_decibels_over_the_noise_in_80_db_of_255_steps),
    };

    return cmocka_run_group_tests_name("image", tests, NULL, NULL);
}
