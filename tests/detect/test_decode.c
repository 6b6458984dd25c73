/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/decode.h"

#include "base/alloc.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 64, CELLS = 256 };

static struct g20_image out;
static struct g20_decoder *decoder;

static int set_up(void **state)
{
    (void)state;
    out = (struct g20_image){.blocks = G20_HYDRA_OUTPUTS,
                             .height = ROWS / G20_HYDRA_CELLS,
                             .width = CELLS / G20_HYDRA_CELLS};
    out.data = g20_calloc_aligned(out.blocks * g20_image_block(&out), sizeof(float));
    return out.data ? g20_decoder_create(&decoder, 16, 0.3f) : -1;
}

static int tear_down(void **state)
{
    (void)state;
    g20_decoder_destroy(decoder);
    g20_free(out.data);
    return 0;
}

static void clear(void)
{
    for (uint32_t y = 0; y < ROWS; y++)
        for (uint32_t x = 0; x < CELLS; x++)
            *g20_hydra_value(&out, y, x, G20_HYDRA_SIGNAL) = -5.0f;
}

/* Cells of a box that know it, but the far edges only to @blur of the distance. */
static void draw(float row0, float row1, float cell0, float cell1, float logit, float blur)
{
    for (uint32_t y = (uint32_t)row0; y < (uint32_t)row1; y++)
        for (uint32_t x = (uint32_t)cell0; x < (uint32_t)cell1; x++) {
            const float sign = (x + y) % 2 ? blur : -blur;
            const float far[4] = {(float)y + 0.5f - row0, row1 - (float)y - 0.5f,
                                  (float)x + 0.5f - cell0, cell1 - (float)x - 0.5f};
            *g20_hydra_value(&out, y, x, G20_HYDRA_SIGNAL) = logit - G20_HYDRA_SIGNAL_PRIOR;
            for (uint32_t k = 0; k < 4; k++)
                *g20_hydra_value(&out, y, x, G20_HYDRA_BEFORE + k) =
                    log2f(1.0f + far[k] * (1.0f + sign)) - G20_HYDRA_SIDE_PRIOR;
        }
}

static void a_box_that_its_cells_agree_on_is_found_once(void **state)
{
    struct g20_hydra_box *box;

    (void)state;
    clear();
    draw(10, 40, 20, 200, 3.0f, 0.2f);
    draw(50, 51, 100, 101, 2.0f, 0.0f);
    assert_int_equal(g20_decode(decoder, &out, 0, ROWS, 0.5f, &box), 2);
    assert_true(fabsf(box[0].row0 - 10.0f) < 2.0f && fabsf(box[0].row1 - 40.0f) < 2.0f);
    assert_true(fabsf(box[0].bin0 - 80.0f) < 24.0f && fabsf(box[0].bin1 - 800.0f) < 24.0f);
    assert_float_equal(box[0].score, 1.0f / (1.0f + expf(-3.0f)), 1e-4);
    assert_float_equal(box[1].row0, 50.0f, 0.01);
    assert_float_equal(box[1].bin1, 404.0f, 0.05);
}

static void what_is_under_the_threshold_or_beyond_the_rows_is_no_box(void **state)
{
    struct g20_hydra_box *box;

    (void)state;
    clear();
    draw(10, 12, 20, 30, -0.5f, 0.0f);
    draw(50, 60, 20, 30, 3.0f, 0.0f);
    assert_int_equal(g20_decode(decoder, &out, 0, 40, 0.5f, &box), 0);
    assert_int_equal(g20_decode(decoder, &out, 0, 40, 0.3f, &box), 1);
    assert_int_equal(g20_decode(decoder, &out, 0, ROWS, 0.5f, &box), 1);
}

/* Rows looked at before are not asked, whatever they hold: what reaches on from them is found. */
static void cells_of_rows_already_seen_have_no_box_and_no_vote(void **state)
{
    struct g20_hydra_box *box;

    (void)state;
    clear();
    draw(4, 20, 20, 60, 3.0f, 0.0f);
    draw(10, 50, 100, 140, 3.0f, 0.0f);
    for (uint32_t x = 0; x < CELLS; x++)
        *g20_hydra_value(&out, 25, x, G20_HYDRA_SIGNAL) = NAN;
    assert_int_equal(g20_decode(decoder, &out, 26, ROWS, 0.5f, &box), 1);
    assert_float_equal(box[0].row0, 10.0f, 0.1);
    assert_float_equal(box[0].row1, 50.0f, 0.1);
    assert_float_equal(box[0].bin0, 400.0f, 0.5);
}

static void absurd_outputs_give_boxes_within_the_tile_and_no_more_than_fit(void **state)
{
    struct g20_hydra_box *box;

    (void)state;
    for (uint32_t y = 0; y < ROWS; y++)
        for (uint32_t x = 0; x < CELLS; x++)
            for (uint32_t k = 0; k < G20_HYDRA_OUTPUTS; k++)
                *g20_hydra_value(&out, y, x, k) = (float)((x * 7 + y * 13 + k * 5) % 41) - 10.0f;
    const size_t n = g20_decode(decoder, &out, 0, ROWS, 0.5f, &box);
    assert_true(n >= 1 && n <= 16);
    for (size_t i = 0; i < n; i++) {
        assert_true(box[i].row0 >= 0 && box[i].row1 <= ROWS && box[i].row1 > box[i].row0);
        assert_true(box[i].bin0 >= 0 && box[i].bin1 <= 4 * CELLS && box[i].bin1 > box[i].bin0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_box_that_its_cells_agree_on_is_found_once),
        cmocka_unit_test(what_is_under_the_threshold_or_beyond_the_rows_is_no_box),
        cmocka_unit_test(cells_of_rows_already_seen_have_no_box_and_no_vote),
        cmocka_unit_test(absurd_outputs_give_boxes_within_the_tile_and_no_more_than_fit),
    };

    return cmocka_run_group_tests_name("decode", tests, set_up, tear_down);
}
