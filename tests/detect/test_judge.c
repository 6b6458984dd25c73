/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Finds and boxes on a tile of 32 rows. Row r's own samples begin at r x ROW + 1024. */
#include "detect/judge.h"
#include "detect/pieces.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { ROWS = 32, ROW = G20_TILE_ROW_SAMPLES, B = G20_TILE_BINS };

static struct g20_tile_row row[ROWS];
static const struct g20_tile tile = {.rows = ROWS, .new_rows = ROWS, .row = row};

static int set_up(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < ROWS; i++)
        row[i] = (struct g20_tile_row){.first_sample = i * ROW, .frames = G20_TILE_FOLD};
    return 0;
}

/* In rows and bins, like a box; @power over a noise of 1. */
static struct g20_find find(double row0, double row1, double bin0, double bin1, double power)
{
    const uint64_t start = (uint64_t)(row0 * ROW) + 1024, stop = (uint64_t)(row1 * ROW) + 1024;

    return (struct g20_find){.start = start,
                             .stop = stop,
                             .on = stop - start,
                             .f_lo = (bin0 - 0.5) / B - 0.5,
                             .f_hi = (bin1 - 0.5) / B - 0.5,
                             .power = power + 1,
                             .noise = 1,
                             .score = 0.8f};
}

static struct g20_hydra_box box(float row0, float row1, float bin0, float bin1, float score)
{
    return (struct g20_hydra_box){row0, row1, bin0, bin1, score, 0};
}

static void a_find_that_fills_its_box_stands_for_it(void **state)
{
    struct g20_find f[] = {find(4, 12, 100, 200, 10), find(4, 12, 300, 400, 10)};
    struct g20_hydra_box b[] = {box(4.3f, 11.6f, 96, 205, 0.6f)};

    (void)state;
    assert_int_equal(g20_judge_boxes(f, 2, b, 1, &tile), 0);
    assert_int_equal(g20_judge_finds(f, 2, 2, NULL, 0), 2);
    assert_true(f[0].score > 0.91f && f[0].score < 0.93f); /* 1 - 0.2 x 0.4 */
    assert_true(f[1].score > 0.55f && f[1].score < 0.57f); /* the network saw nothing there */
}

static void pieces_of_one_box_are_joined(void **state)
{
    struct g20_find f[] = {find(4, 8, 100, 200, 10), find(8.1, 12, 100, 200, 12),
                           find(18, 18.5, 100, 200, 10)};
    struct g20_hydra_box b[] = {box(4, 19, 100, 200, 0.6f)};

    (void)state;
    assert_int_equal(g20_judge_boxes(f, 3, b, 1, &tile), 0);
    assert_int_equal(g20_judge_finds(f, 3, 3, NULL, 0), 2); /* the third is too far away */
    assert_int_equal(f[0].start, 4 * ROW + 1024);
    assert_int_equal(f[0].stop, 12 * ROW + 1024);
    assert_in_range(f[0].on, 7.89 * ROW, 7.91 * ROW);
    assert_true(f[0].power > 11.9 && f[0].power < 12.1);
}

static void pieces_of_unlike_strength_are_not(void **state)
{
    struct g20_find f[] = {find(4, 8, 100, 200, 10), find(8.1, 12, 100, 200, 100)};
    struct g20_hydra_box b[] = {box(4, 20, 100, 200, 0.6f)};

    (void)state;
    g20_judge_boxes(f, 2, b, 1, &tile);
    assert_int_equal(g20_judge_finds(f, 2, 2, NULL, 0), 2);
}

/* Sixteen lines of a picture, each shorter than a row: one emission. Bursts as long as each other,
 * with pauses too short for the network to see, stay what they are; pauses it could have seen do
 * not, nor do unlike parts, as fades leave them. */
static void pieces_that_fill_their_box_are_one_unless_they_stand_for_themselves(void **state)
{
    struct g20_find lines[16], bursts[3], wide[2];
    struct g20_hydra_box b[] = {box(2, 18, 100, 200, 0.9f)};

    (void)state;
    for (int i = 0; i < 16; i++)
        lines[i] = find(2 + i * 0.95, 2.55 + i * 0.95, 100, 190, 10);
    assert_int_equal(g20_judge_boxes(lines, 16, b, 1, &tile), 0);
    assert_int_equal(g20_judge_finds(lines, 16, 16, NULL, 0), 16); /* half of the time: not dense */
    for (int i = 0; i < 16; i++)                                   /* 0.3 and 1.35 rows in turn */
        lines[i] =
            find(2 + i * 0.95 - 0.475 * (i % 2), 2.3 + i * 0.95 + 0.575 * (i % 2), 100, 190, 10);
    assert_int_equal(g20_judge_boxes(lines, 16, b, 1, &tile), 0);
    assert_int_equal(g20_judge_finds(lines, 16, 16, NULL, 0), 1);
    assert_int_equal(lines[0].start, 2 * ROW + 1024);
    assert_true(lines[0].stop > 16.5 * ROW);
    for (int i = 0; i < 3; i++)
        bursts[i] = find(2 + i * 5.5, 6.9 + i * 5.5, 100, 200, 10);
    g20_judge_boxes(bursts, 3, b, 1, &tile);
    assert_int_equal(g20_judge_finds(bursts, 3, 3, NULL, 0), 3);
    bursts[0] = find(2, 6.9, 100, 200, 10);
    bursts[1] = find(8, 11, 100, 200, 10);
    bursts[2] = find(13, 17, 100, 200, 10);
    g20_judge_boxes(bursts, 3, b, 1, &tile);
    assert_int_equal(g20_judge_finds(bursts, 3, 3, NULL, 0), 1);
    wide[0] = find(2, 9, 100, 200, 10);
    wide[1] = find(11, 18, 100, 200, 10);
    g20_judge_boxes(wide, 2, b, 1, &tile);
    assert_int_equal(g20_judge_finds(wide, 2, 2, NULL, 0), 1);
    wide[0] = find(2, 9, 100, 200, 10);
    wide[1] = find(11, 18, 100, 200, 10);
    wide[0].is_level = wide[1].is_level = true; /* a fade would be seen on them */
    g20_judge_boxes(wide, 2, b, 1, &tile);
    assert_int_equal(g20_judge_finds(wide, 2, 2, NULL, 0), 2);
}

/* Between lines of a picture no transform sees a pause: half of the time is enough. */
static void pieces_with_pauses_that_no_transform_shows_are_one(void **state)
{
    struct g20_find lines[64];
    struct g20_hydra_box b[] = {box(2, 18, 100, 200, 0.9f)};

    (void)state;
    for (int i = 0; i < 64; i++)
        lines[i] = find(2 + i * 0.25, 2.15 + i * 0.25, 100, 190, 10);
    assert_int_equal(g20_judge_boxes(lines, 64, b, 1, &tile), 0);
    assert_int_equal(g20_judge_finds(lines, 64, 64, NULL, 0), 1);
    assert_true(lines[0].stop > 17.8 * ROW);
    assert_true((double)lines[0].on > 9.5 * ROW && (double)lines[0].on < 9.7 * ROW);
}

/* Hardly any pause between them: a box over them would have them one if they were of no train. */
static void pulses_of_a_train_stay_apart_in_one_box(void **state)
{
    struct g20_hydra_box b[] = {box(4, 8, 100, 200, 0.9f)};

    (void)state;
    for (int is_pulse = 0; is_pulse < 2; is_pulse++) {
        struct g20_find f[8];
        for (int i = 0; i < 8; i++) {
            f[i] = find(4 + i * 70.0 / ROW, 4 + (i * 70.0 + 60.0) / ROW, 100, 200, 10);
            f[i].is_pulse = is_pulse;
        }
        assert_int_equal(g20_judge_boxes(f, 8, b, 1, &tile), 0);
        assert_int_equal(g20_judge_finds(f, 8, 8, NULL, 0), is_pulse ? 8 : 1);
        assert_true(f[0].seen > 0.8f);
    }
}

/* A signal whose frequency moves shows its power for a moment here and there. */
static void moments_of_an_emission_are_not_told_beside_it(void **state)
{
    struct g20_find f[] = {find(2, 18, 1000, 2000, 100),  find(5, 5.2, 1100, 1150, 80),
                           find(6, 6.2, 2050, 2150, 190), find(7, 7.2, 1100, 1150, 210),
                           find(8, 8.2, 2600, 2700, 80),  find(9, 9.2, 1300, 1350, 80),
                           find(9, 9.2, 1100, 1600, 300), find(10, 10.2, 1100, 1150, 80)};

    (void)state;
    f[0].seen = 0.9f;
    f[5].seen = 0.6f; /* the network saw it beside the first */
    f[7].is_pulse = true;
    assert_int_equal(g20_judge_finds(f, 8, 8, NULL, 0),
                     5); /* too strong, too far, seen, of a train; not a wide one */
    assert_true(f[1].power > 190);
    assert_true(f[2].f_lo > 2500.0 / B - 0.5);
    assert_true(f[3].score > 0.9f);
    assert_true(f[4].is_pulse);
}

/* Of pieces that were joined since: each alone was no longer than they. */
static void moments_of_what_was_joined_are_not_told_either(void **state)
{
    struct g20_find f[] = {find(2, 5, 1000, 2000, 100), find(3, 5, 1100, 1150, 80),
                           find(5, 9, 1000, 2000, 100), find(6, 7, 2600, 2700, 80)};

    (void)state;
    f[0].seen = f[2].seen = 0.9f;
    assert_int_equal(g20_judge_moments(f, 4), 4);
    g20_find_join(&f[0], &f[2]);
    f[2] = f[3];
    assert_int_equal(g20_judge_moments(f, 3), 2);
    assert_true(f[1].f_lo > 2500.0 / B - 0.5);
    assert_int_equal(g20_judge_moments(f, 0), 0);
}

/* The network has a sweep whole; what the search made of it are pieces nobody else saw. */
static void slivers_do_not_stand_for_a_sweep(void **state)
{
    struct g20_find f[6];
    const struct g20_find sweep = find(4, 4.5, 1000, 1500, 10);

    (void)state;
    for (int i = 0; i < 5; i++)
        f[i] = find(4 + 0.1 * i, 4.1 + 0.1 * i, 1000 + 100 * i, 1100 + 100 * i, 10);
    assert_int_equal(g20_judge_finds(f, 5, 6, &sweep, 1), 1);
    assert_true(f[0].f_hi - f[0].f_lo > 499.0 / B);
    for (int i = 0; i < 5; i++) {
        f[i] = find(4 + 0.1 * i, 4.1 + 0.1 * i, 1000 + 100 * i, 1100 + 100 * i, 10);
        f[i].seen = 0.9f; /* each has a box of its own */
    }
    assert_int_equal(g20_judge_finds(f, 5, 6, &sweep, 1), 5);
    for (int i = 0; i < 5; i++) {
        f[i] = find(4 + 0.1 * i, 4.1 + 0.1 * i, 1000 + 100 * i, 1100 + 100 * i, 10);
        f[i].is_pulse = true; /* they are no pieces, whatever nobody saw of them */
    }
    assert_int_equal(g20_judge_finds(f, 5, 6, &sweep, 1), 5);
}

static void a_box_of_its_own_is_added(void **state)
{
    struct g20_find f[4] = {find(4, 12, 100, 200, 10)};
    struct g20_hydra_box b[] = {box(4, 12, 100, 200, 0.9f), box(4, 12, 1000, 2000, 0.7f)};
    struct g20_find seen = find(4, 12, 1000, 2000, 0.5);

    (void)state;
    assert_int_equal(g20_judge_boxes(f, 1, b, 2, &tile), 1);
    assert_true(b[0].bin0 > 999);
    seen.score = 0.7f;
    assert_int_equal(g20_judge_finds(f, 1, 1, &seen, 1), 1); /* no room */
    f[0] = find(4, 12, 100, 200, 10);
    assert_int_equal(g20_judge_finds(f, 1, 4, &seen, 1), 2);
    assert_true(f[1].score > 0.69f && f[1].score < 0.71f);
}

static void slivers_give_way_to_what_they_are_of(void **state)
{
    struct g20_find f[4] = {find(4, 6, 1100, 1110, 20), find(7, 9, 1700, 1720, 20),
                            find(7, 9, 3000, 3010, 20)};
    const struct g20_find seen = find(4, 12, 1000, 2000, 300);

    (void)state;
    assert_int_equal(g20_judge_finds(f, 3, 4, &seen, 1), 2);
    assert_true(f[0].f_lo > 0.2); /* the one outside */
    assert_true(f[1].power > 300);
}

static void a_carrier_is_not_all_of_its_band(void **state)
{
    struct g20_find seen = find(4, 12, 1000, 2000, 30);
    struct g20_find lines[][2] = {
        {find(4, 12, 1498, 1502, 24)},   /* of 30; 6 lie beside it */
        {find(4, 12, 1498, 1502, 29.8)}, /* nothing does that noise would not */
        {find(2, 30, 1498, 1502, 24)},   /* it was there before and after */
        {find(4, 12, 1300, 1702, 24)},   /* no line */
        {find(4, 12, 1100, 1104, 24)},   /* on one side */
    };

    (void)state;
    seen.score = 0.7f;
    for (size_t i = 0; i < G20_COUNT_OF(lines); i++) {
        lines[i][0].seen = 0.5f;
        assert_int_equal(g20_judge_finds(lines[i], 1, 2, &seen, 1), 1);
        assert_int_equal(lines[i][0].f_hi - lines[i][0].f_lo > 900.0 / B, i == 0);
    }
}

/* Nor is a band of weak sidebands: over the noise by a part of it only, but surely. */
static void weak_sidebands_count_if_they_are_sure(void **state)
{
    struct g20_find seen = find(4, 12, 1000, 2000, 12.5);
    struct g20_find line[2] = {find(4, 12, 1498, 1502, 12)};

    (void)state;
    seen.score = 0.7f;
    assert_int_equal(g20_judge_finds(line, 1, 2, &seen, 1), 1);
    assert_true(line[0].f_hi - line[0].f_lo > 900.0 / B);
    seen.stop = seen.start + 200; /* for a moment only: that may be noise */
    seen.on = 200;
    line[0] = find(4, 12, 1498, 1502, 12);
    line[0].stop = seen.stop;
    line[0].on = 200;
    assert_int_equal(g20_judge_finds(line, 1, 2, &seen, 1), 1);
    assert_true(line[0].f_hi - line[0].f_lo < 10.0 / B);
}

static void what_is_cut_out_of_a_box_is_not_the_middle_of_what_is_told(void **state)
{
    struct g20_find f[2] = {find(4, 5, 1000, 1400, 20)};
    struct g20_find seen = find(4, 5, 1100, 1200, 18); /* nearly all of the power */

    (void)state;
    seen.score = 0.7f;
    assert_int_equal(g20_judge_finds(f, 1, 2, &seen, 1), 2);
    f[0] = find(4, 5, 1000, 1400, 20);
    seen.is_cut = true;
    assert_int_equal(g20_judge_finds(f, 1, 2, &seen, 1), 1);
    seen = find(4, 5, 1350, 1450, 18); /* half of it beside it */
    seen.is_cut = true;
    assert_int_equal(g20_judge_finds(f, 1, 2, &seen, 1), 2);
}

static void what_a_strong_find_explains_is_not_told_again(void **state)
{
    struct g20_find f[4] = {find(4, 6, 1100, 1110, 1e4)};
    const struct g20_find seen = find(4, 6, 1000, 2000, 1.1e4);
    const struct g20_find trace = find(4, 6, 3000, 3500, 20); /* 27 dB below, at the same time */

    (void)state;
    assert_int_equal(g20_judge_finds(f, 1, 4, &seen, 1), 1);
    assert_true(f[0].power < 1.01e4);
    f[0].seen = 0.0f;
    assert_int_equal(g20_judge_finds(f, 1, 4, &trace, 1), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_find_that_fills_its_box_stands_for_it),
        cmocka_unit_test(pieces_of_one_box_are_joined),
        cmocka_unit_test(pieces_of_unlike_strength_are_not),
        cmocka_unit_test(pieces_that_fill_their_box_are_one_unless_they_stand_for_themselves),
        cmocka_unit_test(pieces_with_pauses_that_no_transform_shows_are_one),
        cmocka_unit_test(pulses_of_a_train_stay_apart_in_one_box),
        cmocka_unit_test(moments_of_an_emission_are_not_told_beside_it),
        cmocka_unit_test(moments_of_what_was_joined_are_not_told_either),
        cmocka_unit_test(slivers_do_not_stand_for_a_sweep),
        cmocka_unit_test(a_box_of_its_own_is_added),
        cmocka_unit_test(slivers_give_way_to_what_they_are_of),
        cmocka_unit_test(a_carrier_is_not_all_of_its_band),
        cmocka_unit_test(weak_sidebands_count_if_they_are_sure),
        cmocka_unit_test(what_is_cut_out_of_a_box_is_not_the_middle_of_what_is_told),
        cmocka_unit_test(what_a_strong_find_explains_is_not_told_again),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
