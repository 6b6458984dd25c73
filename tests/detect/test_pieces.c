/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/pieces.h"

#include "base/base.h"
#include "sample_find.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void lines_of_a_picture_are_one(void **state)
{
    struct g20_find f[] = {find(14000, 16000, 0.11, 0.2, 30), find(10000, 11600, 0.1, 0.2, 20),
                           find(12000, 13600, 0.1, 0.19, 10), find(15000, 17000, 0.1, 0.2, 20)};

    (void)state;
    f[2].score = 0.9f;
    f[3].seen = 0.7f;
    assert_int_equal(g20_pieces_join(f, 4), 1);
    assert_int_equal(f[0].start, 10000);
    assert_int_equal(f[0].stop, 17000);
    assert_int_equal(f[0].on, 7000); /* two lie over each other: no more than there is */
    assert_true(f[0].f_lo < 0.1001 && f[0].f_hi > 0.1999);
    assert_true(f[0].power > 21 && f[0].power < 24);
    assert_true(f[0].score > 0.89f && f[0].seen > 0.69f);
}

static void what_is_not_of_a_kind_stays(void **state)
{
    const struct g20_find first = find(10000, 12000, 0.1, 0.2, 10);
    const struct g20_find next[] = {
        find(14001, 16001, 0.1, 0.2, 10),  /* the pause lasts as long as they do */
        find(13000, 16000, 0.1, 0.14, 10), /* another band */
        find(13000, 16000, 0.3, 0.4, 10),  find(13000, 16000, 0.1, 0.2, 41), /* another level */
        find(13000, 16000, 0.1, 0.2, 2),
    };

    (void)state;
    for (size_t i = 0; i < G20_COUNT_OF(next); i++) {
        struct g20_find f[] = {next[i], first};
        assert_int_equal(g20_pieces_join(f, 2), 2);
        assert_int_equal(f[0].start, 10000);
    }
    struct g20_find steady[] = {find(13000, 16000, 0.1, 0.2, 10), first};
    steady[0].is_steady = true;
    assert_int_equal(g20_pieces_join(steady, 2), 2);
    struct g20_find apart[] = {find(10000, 60000, 0.1, 0.2, 10), find(62100, 90000, 0.1, 0.2, 10)};
    assert_int_equal(g20_pieces_join(apart, 2), 2); /* a transform sees that */
    assert_int_equal(g20_pieces_join(apart, 0), 0);
}

/* Hops, slots of one transmitter: each is an emission, however close they come. */
static void bursts_of_a_train_stay_apart(void **state)
{
    struct g20_find hops[] = {find(10000, 13500, 0.1, 0.12, 20), find(15100, 18600, 0.1, 0.12, 20),
                              find(20200, 23650, 0.1, 0.12, 18)};

    (void)state;
    assert_int_equal(g20_pieces_join(hops, 3), 3);
    assert_true(g20_bursts_repeat(0, 4000, 6000, 10200, 0.02, false));
    assert_false(g20_bursts_repeat(0, 4000, 6000, 11000, 0.02, false));  /* not as long */
    assert_false(g20_bursts_repeat(0, 4000, 4800, 8800, 0.02, false));   /* a line's pause */
    assert_false(g20_bursts_repeat(0, 4000, 6000, 10000, 0.002, false)); /* a symbol */
    assert_false(g20_bursts_repeat(0, 4000, 3000, 7000, 0.02, false));
    assert_true(g20_bursts_repeat(0, 20000, 22100, 42100, 0.02, true)); /* a transform shows it */
    assert_false(g20_bursts_repeat(0, 20000, 22100, 42100, 0.02, false));
}

/* Closer to each other than they last, they would be pieces if they were of no train. */
static void pulses_of_a_train_stay_apart_whatever_their_pauses(void **state)
{
    struct g20_find f[6];

    (void)state;
    for (size_t marked = 0; marked <= 6; marked++) {
        for (uint64_t i = 0; i < 6; i++) {
            f[i] = find(10000 + i * 100, 10060 + i * 100, 0.1, 0.2, 20);
            f[i].is_pulse = i < marked;
        }
        assert_int_equal(g20_pieces_join(f, 6), marked == 6 ? 6 : G20_MAX(marked, 1u));
    }
}

/* Hops that keep their level are each their own after a short pause, a few of them; lines are not.
 */
static void level_bursts_stay_apart_unless_they_are_lines(void **state)
{
    struct g20_find f[6];

    (void)state;
    for (uint64_t i = 0; i < 4; i++) {
        f[i] = find(10000 + i * 5600, 15000 + i * 5600, 0.1, 0.13, 20);
        f[i].is_level = true;
    }
    assert_int_equal(g20_pieces_join(f, 4), 4);
    for (uint64_t i = 0; i < 6; i++) {
        f[i] = find(10000 + i * 5600, 15000 + i * 5600, 0.1, 0.13, 20);
        f[i].is_level = true;
    }
    assert_int_equal(g20_pieces_join(f, 6), 1);
    assert_true(g20_bursts_repeat(0, 5000, 5600, 10600, 0.01, true));
    assert_false(g20_bursts_repeat(0, 5000, 5350, 10350, 0.01, true)); /* a null */
    assert_false(g20_bursts_repeat(0, 5000, 5130, 10130, 0.2, true));
}

/* Lines are known by how many there are, though some do not keep their level; the first ones too,
 * whoever is to join them. */
static void lines_are_known_whatever_their_level(void **state)
{
    struct g20_find f[5];

    (void)state;
    for (uint64_t n = 4; n <= 5; n++) {
        for (uint64_t i = 0; i < n; i++) {
            f[i] = find(10000 + (n - 1 - i) * 5600, 15000 + (n - 1 - i) * 5600, 0.1, 0.13, 20);
            f[i].is_level = i != 2;
        }
        g20_pieces_know_lines(f, n);
        for (uint64_t i = 0; i < n; i++) {
            assert_int_equal(f[i].start, 10000 + i * 5600);
            assert_int_equal(f[i].is_level, n == 4 && i != 1);
        }
    }
    g20_pieces_know_lines(f, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_a_picture_are_one),
        cmocka_unit_test(what_is_not_of_a_kind_stays),
        cmocka_unit_test(bursts_of_a_train_stay_apart),
        cmocka_unit_test(pulses_of_a_train_stay_apart_whatever_their_pauses),
        cmocka_unit_test(level_bursts_stay_apart_unless_they_are_lines),
        cmocka_unit_test(lines_are_known_whatever_their_level),
    };

    return cmocka_run_group_tests_name("pieces", tests, NULL, NULL);
}
