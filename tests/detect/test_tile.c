/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/alloc.h"
#include "detect/tile.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { B = G20_TILE_BINS, FOLD = G20_TILE_FOLD };

/* Frame @n: n + 1 in every bin. */
static bool add(struct g20_tile *t, uint32_t n, bool restarted)
{
    static float power[B];

    for (int b = 0; b < B; b++)
        power[b] = (float)n + 1.0f;
    return g20_tile_add(t, &(struct g20_frame){.power = power,
                                               .first_sample = (uint64_t)n * G20_TILE_HOP,
                                               .center_hz = 5,
                                               .rate_hz = 7,
                                               .restarted = restarted});
}

static void a_row_is_mean_maximum_and_quietest_pair_of_its_frames(void **state)
{
    (void)state;
    struct g20_tile *t;

    assert_int_equal(g20_tile_create(&t), 0);
    for (uint32_t n = 0; n < FOLD; n++)
        assert_int_equal(add(t, n, n == 0), n + 1 == FOLD);
    assert_int_equal(t->rows, 1);
    assert_float_equal(t->mean[9], 3.5f, 1e-6f);
    assert_float_equal(t->max[B - 1], 6.0f, 0);
    assert_float_equal(t->low[0], 1.5f, 1e-6f);
    assert_float_equal(t->group[3 * G20_TILE_GROUPS + 2], 4.0f, 1e-5f);
    assert_float_equal(t->restless[5], 6.0f / 3.5f, 1e-5f);
    assert_int_equal(g20_tile_end(t), (FOLD - 1) * G20_TILE_HOP + B);
    g20_tile_destroy(t);
    assert_int_equal(g20_alloc_live(), 0);
}

static void what_is_carried_goes_on_as_if_nothing_had_been(void **state)
{
    (void)state;
    struct g20_tile *t, *to;

    assert_int_equal(g20_tile_create(&t), 0);
    assert_int_equal(g20_tile_create_twin(&to, t), 0);
    for (uint32_t n = 0; n < 4 * FOLD + 3; n++)
        (void)add(t, n, n == 0);
    g20_tile_carry(to, t, 2);
    assert_int_equal(to->rows, 2);
    assert_int_equal(to->new_rows, 0);
    assert_true(to->center_hz == 5 && to->rate_hz == 7);
    for (uint32_t n = 4 * FOLD + 3; n < 5 * FOLD; n++)
        (void)add(to, n, false);
    assert_int_equal(to->rows, 3);
    assert_int_equal(to->new_rows, 1);
    for (uint32_t r = 0; r < 3; r++) {
        const uint32_t n = (r + 2) * FOLD; /* its first frame */
        assert_int_equal(to->row[r].first_sample, (uint64_t)n * G20_TILE_HOP);
        for (size_t b = 0; b < B; b += 511) {
            assert_float_equal(to->mean[r * B + b], (float)n + 3.5f, 1e-5f);
            assert_true(to->max[r * B + b] == (float)n + 6.0f);
            assert_true(to->low[r * B + b] == (float)n + 1.5f);
        }
        for (size_t f = 0; f < FOLD; f++)
            assert_float_equal(to->group[(r * FOLD + f) * G20_TILE_GROUPS + 9], (float)(n + f + 1),
                               1e-4f);
    }
    g20_tile_clear(to);
    assert_int_equal(to->rows, 0);
    assert_false(g20_tile_finish_row(to));
    g20_tile_destroy(to);
    g20_tile_destroy(t);
    assert_int_equal(g20_alloc_live(), 0);
}

/* However long it goes on, what is read stays as it was while the twin is filled. */
static void twins_never_write_into_each_other(void **state)
{
    (void)state;
    static const uint32_t keep[] = {G20_TILE_ROWS / 2, G20_TILE_ROWS - 64, G20_TILE_ROWS - 32};
    struct g20_tile *t, *read;
    uint32_t n = 0;

    assert_int_equal(g20_tile_create(&t), 0);
    assert_int_equal(g20_tile_create_twin(&read, t), 0);
    for (uint32_t look = 0; look < 40; look++) {
        for (; t->rows < G20_TILE_ROWS; n++)
            (void)add(t, n, n == 0);
        struct g20_tile *full = t;
        t = read;
        read = full;
        g20_tile_carry(t, read, keep[look % 3]);
        const uint64_t first = read->row[0].first_sample / G20_TILE_HOP;
        for (uint32_t k = 0; k < 6 * 70; k++) {
            if (t->rows == G20_TILE_ROWS && !g20_tile_drop_oldest(t, read))
                break;
            (void)add(t, n++, false);
        }
        for (uint32_t r = 0; r < G20_TILE_ROWS; r++) {
            assert_int_equal(read->row[r].first_sample, (first + r * FOLD) * G20_TILE_HOP);
            assert_true(read->max[(size_t)r * B] == (float)(first + r * FOLD + FOLD));
        }
        assert_true(t->row[0].first_sample > read->row[0].first_sample);
        assert_true(t->max[B] == t->max[0] + FOLD);
    }
    g20_tile_destroy(read);
    g20_tile_destroy(t);
    assert_int_equal(g20_alloc_live(), 0);
}

static void a_restart_ends_the_row_early(void **state)
{
    (void)state;
    struct g20_tile *t;

    assert_int_equal(g20_tile_create(&t), 0);
    (void)add(t, 0, true);
    (void)add(t, 1, false);
    assert_true(add(t, 100, true));
    assert_int_equal(t->rows, 1);
    assert_int_equal(t->row[0].frames, 2);
    assert_float_equal(t->mean[0], 1.5f, 1e-6f);
    assert_float_equal(t->group[(FOLD - 1) * G20_TILE_GROUPS], 2.0f, 1e-5f); /* the last one's */
    assert_true(g20_tile_finish_row(t));
    assert_true(t->row[1].restarted);
    g20_tile_destroy(t);
}

static void create_survives_every_failed_allocation(void **state)
{
    (void)state;
    struct g20_tile *t = NULL;
    int fails = 0;

    for (uint64_t nth = 0;; nth++, fails++) {
        g20_alloc_fail_at(nth);
        const int r = g20_tile_create(&t);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        if (r == 0)
            break;
        assert_int_equal(r, -ENOMEM);
        assert_int_equal(g20_alloc_live(), 0);
    }
    assert_true(fails > 5);
    g20_tile_destroy(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_mean_maximum_and_quietest_pair_of_its_frames),
        cmocka_unit_test(what_is_carried_goes_on_as_if_nothing_had_been),
        cmocka_unit_test(twins_never_write_into_each_other),
        cmocka_unit_test(a_restart_ends_the_row_early),
        cmocka_unit_test(create_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests_name("tile", tests, NULL, NULL);
}
