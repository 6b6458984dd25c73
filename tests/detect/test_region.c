/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/region.h"

#include "base/alloc.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { B = G20_TILE_BINS };

struct fixture {
    struct g20_tile *tile;
    struct g20_floor *floor;
    struct g20_regions *regions;
    uint8_t *cells; /* (ROWS, B) */
};

/* A tile of @rows rows of noise 1, all of them new. */
static void begin(struct fixture *x, uint32_t rows, uint32_t cap)
{
    assert_int_equal(g20_tile_create(&x->tile), 0);
    assert_int_equal(g20_floor_create(&x->floor), 0);
    assert_int_equal(g20_regions_create(&x->regions, cap), 0);
    x->cells = g20_calloc((size_t)G20_TILE_ROWS * B, 1);
    assert_non_null(x->cells);
    x->tile->rows = x->tile->new_rows = rows;
    for (size_t i = 0; i < (size_t)rows * B; i++)
        x->tile->mean[i] = 1.0f;
    for (size_t i = 0; i < (size_t)rows * G20_TILE_FOLD * G20_TILE_GROUPS; i++)
        x->tile->group[i] = 1.0f;
    for (int b = 0; b < B; b++)
        x->floor->quiet[b] = x->floor->noise[b] = 1.0f;
}

static void end(struct fixture *x)
{
    g20_free(x->cells);
    g20_regions_destroy(x->regions);
    g20_floor_destroy(x->floor);
    g20_tile_destroy(x->tile);
    assert_int_equal(g20_alloc_live(), 0);
}

static void put(struct fixture *x, uint32_t row, uint32_t bin, float power)
{
    x->tile->mean[(size_t)row * B + bin] = power;
    x->cells[(size_t)row * B + bin] = G20_CELL_SEED;
}

static void find(struct fixture *x)
{
    g20_regions_find(x->regions, x->tile, x->floor, x->cells);
}

static void a_run_that_starts_where_the_last_one_gave_up_is_found(void **state)
{
    struct fixture x;

    (void)state;
    begin(&x, 1, 16);
    put(&x, 0, 100, 50.0f);
    put(&x, 0, 104, 50.0f); /* three dark bins are bridged, so this one is the first beyond */
    put(&x, 0, 300, 50.0f);
    find(&x);
    uint32_t bins = 0;
    for (uint32_t i = 0; i < x.regions->count; i++)
        bins += x.regions->item[i].bin1 - x.regions->item[i].bin0;
    assert_int_equal(x.regions->count, 3);
    assert_int_equal(bins, 3);
    end(&x);
}

static void of_more_regions_than_fit_the_strongest_are_kept(void **state)
{
    struct fixture x;

    (void)state;
    begin(&x, 3, 8);
    for (uint32_t b = 10; b < 4000; b += 10) /* 399, stronger to the right */
        put(&x, 1, b, 2.0f + 0.01f * (float)b);
    find(&x);
    assert_int_equal(x.regions->count, 8);
    for (uint32_t i = 0; i < 8; i++)
        assert_int_equal(x.regions->item[i].bin0, 3990 - 10 * i);
    end(&x);
}

static void rows_join_over_one_dark_row_and_not_over_two(void **state)
{
    struct fixture x;

    (void)state;
    begin(&x, 12, 16);
    put(&x, 0, 500, 90.0f);
    put(&x, 2, 501, 90.0f);
    put(&x, 5, 501, 20.0f);
    find(&x);
    assert_int_equal(x.regions->count, 2);
    assert_int_equal(x.regions->item[0].row0, 0);
    assert_int_equal(x.regions->item[0].row1, 3);
    assert_int_equal(x.regions->item[0].bin0, 500);
    assert_int_equal(x.regions->item[0].bin1, 502);
    assert_int_equal(x.regions->item[1].row0, 5);
    end(&x);
}

static void without_a_seed_there_is_no_region_and_dc_is_none(void **state)
{
    struct fixture x;

    (void)state;
    begin(&x, 2, 16);
    x.cells[700] = G20_CELL_GROW;
    put(&x, 0, B / 2, 1000.0f);
    find(&x);
    assert_int_equal(x.regions->count, 0);
    end(&x);
}

static void the_receivers_offset_overshadows_its_own_blocks_alone(void **state)
{
    struct fixture x;

    (void)state;
    begin(&x, 1, 16);
    put(&x, 0, B / 2, 1e6f);
    put(&x, 0, B / 2 + 20, 50.0f);
    put(&x, 0, B / 2 + 100, 50.0f);
    find(&x);
    assert_int_equal(x.regions->count, 1);
    assert_int_equal(x.regions->item[0].bin0, B / 2 + 100);

    put(&x, 0, B / 2 + 150, 1.5e5f); /* what is no offset does by 35 dB */
    find(&x);
    assert_int_equal(x.regions->count, 2);
    put(&x, 0, B / 2 + 150, 1.8e5f);
    find(&x);
    assert_int_equal(x.regions->count, 1);
    assert_int_equal(x.regions->item[0].bin0, B / 2 + 150);
    end(&x);
}

static void rows_an_earlier_look_has_done_with_are_left_out(void **state)
{
    struct fixture x;

    (void)state;
    begin(&x, 40, 16);
    x.tile->new_rows = 20;
    put(&x, 11, 800, 50.0f);
    put(&x, 12, 900, 50.0f); /* G20_TILE_SEEN rows before the new ones */
    put(&x, 39, 1000, 50.0f);
    find(&x);
    assert_int_equal(x.regions->count, 2);
    for (uint32_t i = 0; i < 2; i++)
        assert_true(x.regions->item[i].bin0 != 800);
    end(&x);
}

/* As many runs as there is room for, in one tangle and in none: must end, and soon. */
static void a_tile_full_of_cells_is_survived(void **state)
{
    struct fixture x;

    (void)state;
    begin(&x, G20_TILE_ROWS, 256);
    for (uint32_t r = 0; r < G20_TILE_ROWS; r++)
        for (uint32_t b = r % 2 * 2; b < B; b += 5)
            put(&x, r, b, 50.0f);
    find(&x);
    assert_true(x.regions->count > 0 && x.regions->count <= 256);
    end(&x);
}

static void create_survives_every_failed_allocation(void **state)
{
    (void)state;
    for (unsigned nth = 0; nth < 100; nth++) {
        struct g20_regions *s = NULL;
        g20_alloc_fail_at(nth);
        const int r = g20_regions_create(&s, 16);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        assert_true(r == 0 || (r == -ENOMEM && !s));
        g20_regions_destroy(s);
        assert_int_equal(g20_alloc_live(), 0);
        if (r == 0)
            return;
    }
    fail_msg("create() never succeeded");
}

/* What lifts most of the band at once, if only in one frame, is to be looked for in all of it. */
static void rows_in_which_the_band_rises_are_looked_at_across(void **state)
{
    struct fixture x;

    (void)state;
    begin(&x, 4, 16);
    for (uint32_t row = 0; row < 4; row++) {
        const uint32_t wide = row == 1 || row == 2 ? 56 : 40;
        float *frame = x.tile->group + (size_t)(row * G20_TILE_FOLD + 2) * G20_TILE_GROUPS;
        x.tile->row[row].frames = G20_TILE_FOLD;
        for (uint32_t g = 0; g < wide; g++)
            frame[g] = 1.5f;
    }
    put(&x, 1, 300, 50.0f);
    find(&x);
    assert_int_equal(x.regions->count, 2);
    assert_true(x.regions->item[0].is_across && !x.regions->item[1].is_across);
    assert_int_equal(x.regions->item[0].row0, 1);
    assert_int_equal(x.regions->item[0].row1, 3);
    assert_int_equal(x.regions->item[0].bin1 - x.regions->item[0].bin0, B);
    end(&x);
}

/* A burst of 300 bins, a line of four in its band, another such burst: all of them touch. */
static void what_a_wide_burst_touches_is_a_region_too(void **state)
{
    struct fixture x;
    uint32_t narrow = 0;

    (void)state;
    begin(&x, 40, 16);
    for (uint32_t row = 4; row < 6; row++)
        for (uint32_t b = 1000; b < 1300; b++)
            put(&x, row, b, 50.0f);
    for (uint32_t row = 6; row < 30; row++)
        for (uint32_t b = 1100; b < 1104; b++)
            put(&x, row, b, 50.0f);
    for (uint32_t row = 30; row < 32; row++)
        for (uint32_t b = 1000; b < 1300; b++)
            put(&x, row, b, 50.0f);
    for (uint32_t row = 10; row < 20; row++) /* alone: it is one region, not two */
        put(&x, row, 2000, 50.0f);
    find(&x);
    assert_int_equal(x.regions->count, 3);
    for (uint32_t i = 0; i < 3; i++) {
        const struct g20_region *r = &x.regions->item[i];
        if (r->bin0 != 1100 || r->bin1 != 1104)
            continue;
        assert_int_equal(r->row0, 6);
        assert_int_equal(r->row1, 30);
        narrow++;
    }
    assert_int_equal(narrow, 1);
    assert_int_equal(x.regions->item[0].row1, 32);
    end(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_that_starts_where_the_last_one_gave_up_is_found),
        cmocka_unit_test(of_more_regions_than_fit_the_strongest_are_kept),
        cmocka_unit_test(rows_join_over_one_dark_row_and_not_over_two),
        cmocka_unit_test(without_a_seed_there_is_no_region_and_dc_is_none),
        cmocka_unit_test(the_receivers_offset_overshadows_its_own_blocks_alone),
        cmocka_unit_test(rows_an_earlier_look_has_done_with_are_left_out),
        cmocka_unit_test(a_tile_full_of_cells_is_survived),
        cmocka_unit_test(create_survives_every_failed_allocation),
        cmocka_unit_test(rows_in_which_the_band_rises_are_looked_at_across),
        cmocka_unit_test(what_a_wide_burst_touches_is_a_region_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
