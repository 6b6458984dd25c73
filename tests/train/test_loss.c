/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "train/loss.h"

#include "base/alloc.h"
#include "base/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 64, BINS = 256, CELLS = BINS / G20_HYDRA_CELL_BINS };

static struct g20_train_box boxes[] = {
    {.row0 = 3.2f, .row1 = 20.6f, .cell0 = 10.0f, .cell1 = 30.4f, .weight = 0.3f},
    {.row0 = 5.0f, .row1 = 6.0f, .cell0 = 12.0f, .cell1 = 13.0f, .weight = 1.0f},
    {.row0 = 40.0f, .row1 = 90.0f, .cell0 = 40.0f, .cell1 = 80.0f, .weight = 0.2f},
    {.row0 = 30.0f, .row1 = 33.0f, .cell0 = 1.0f, .cell1 = 5.0f, .weight = 1.0f, .ignore = true},
    {.row0 = 50.1f, .row1 = 50.2f, .cell0 = 3.1f, .cell1 = 3.2f, .weight = 1.0f},
};
static const struct g20_train_tile tile = {.rows = 256, .count = G20_COUNT_OF(boxes), .box = boxes};
static struct g20_image out, grad;
static int16_t owner[ROWS * CELLS];

static int set_up(void **state)
{
    struct g20_rng rng;

    (void)state;
    out = (struct g20_image){.blocks = G20_HYDRA_OUTPUTS,
                             .height = ROWS / G20_HYDRA_CELLS,
                             .width = CELLS / G20_HYDRA_CELLS};
    grad = out;
    out.data = g20_calloc_aligned(out.blocks * g20_image_block(&out), sizeof(float));
    grad.data = g20_calloc_aligned(out.blocks * g20_image_block(&out), sizeof(float));
    g20_rng_init(&rng, 5);
    for (size_t i = 0; i < out.blocks * g20_image_block(&out); i++)
        out.data[i] = (float)g20_rng_normal(&rng) * 2.0f;
    return out.data && grad.data ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    g20_free(out.data);
    g20_free(grad.data);
    return 0;
}

static double loss(void)
{
    struct g20_loss s = {0};

    g20_loss(&tile, 0, 0, owner, &out, &grad, &s);
    return s.signal + s.edges;
}

static void each_cell_belongs_to_the_smallest_box_it_lies_in(void **state)
{
    (void)state;
    g20_truth_owners(&tile, 0, ROWS, 0, CELLS, owner);
    assert_int_equal(owner[5 * CELLS + 12], 1);
    assert_int_equal(owner[5 * CELLS + 13], 0);
    assert_int_equal(owner[3 * CELLS + 10], 0);
    assert_int_equal(owner[20 * CELLS + 10], 0);
    assert_int_equal(owner[21 * CELLS + 10], G20_TRUTH_NONE);
    assert_int_equal(owner[31 * CELLS + 2], G20_TRUTH_IGNORE);
    assert_int_equal(owner[50 * CELLS + 3], 4); /* smaller than a cell */
    assert_int_equal(owner[63 * CELLS + 63], 2);
    g20_truth_owners(&tile, 40, 20, 32, 16, owner); /* a window of it */
    assert_int_equal(owner[0 * 16 + 8], 2);
    assert_int_equal(owner[0 * 16 + 7], G20_TRUTH_NONE);
}

static void the_gradient_equals_differences(void **state)
{
    struct g20_rng rng;

    (void)state;
    g20_rng_init(&rng, 6);
    for (int i = 0; i < 400; i++) {
        /* Cells of the boxes' neighbourhood, where every term is. */
        const uint32_t y = (uint32_t)g20_rng_below(&rng, ROWS);
        const uint32_t x = (uint32_t)g20_rng_below(&rng, CELLS);
        const uint32_t k = (uint32_t)g20_rng_below(&rng, G20_HYDRA_OUTPUTS);
        float *at = g20_hydra_value(&out, y, x, k);
        const float was = *at, step = 0.02f;
        loss();
        const double have = (double)*g20_hydra_value(&grad, y, x, k);
        *at = was + step;
        const double more = loss();
        *at = was - step;
        const double less = loss();
        *at = was;
        const double want = (more - less) / (2.0 * (double)step);
        assert_true(fabs(have - want) < 1e-5 + 0.03 * fabs(want) + 2e-4); /* the Huber corner */
    }
}

static void a_perfect_answer_costs_nearly_nothing_and_counts_as_hits(void **state)
{
    struct g20_loss s = {0};

    (void)state;
    g20_truth_owners(&tile, 0, ROWS, 0, CELLS, owner);
    for (uint32_t y = 0; y < ROWS; y++)
        for (uint32_t x = 0; x < CELLS; x++)
            *g20_hydra_value(&out, y, x, G20_HYDRA_SIGNAL) =
                owner[y * CELLS + x] >= 0 ? 20.0f : -20.0f;
    g20_loss(&tile, 0, 0, owner, &out, &grad, &s);
    assert_true(s.signal < 1e-3);
    assert_true(s.cells > 100 && s.hits == s.cells && s.wrong == 0);
    assert_true(s.edges > 0.0); /* those are still random */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_cell_belongs_to_the_smallest_box_it_lies_in),
        cmocka_unit_test(the_gradient_equals_differences),
        cmocka_unit_test(a_perfect_answer_costs_nearly_nothing_and_counts_as_hits),
    };

    return cmocka_run_group_tests_name("loss", tests, set_up, tear_down);
}
