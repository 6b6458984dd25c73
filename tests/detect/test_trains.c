/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/trains.h"

#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct g20_find pulse(uint64_t start, uint64_t len, double power)
{
    return (struct g20_find){.start = start,
                             .stop = start + len,
                             .on = len,
                             .f_lo = 0.1,
                             .f_hi = 0.2,
                             .power = power + 1,
                             .noise = 1};
}

static void a_regular_train_is_kept(void **state)
{
    /* In no order, a little off, a long burst and an impulse among them. */
    struct g20_find f[] = {pulse(40006, 20, 90),  pulse(10000, 20, 100), pulse(20004, 24, 110),
                           pulse(15000, 5000, 5), pulse(29996, 16, 100), pulse(50000, 20, 100),
                           pulse(33333, 20, 1000)};

    (void)state;
    assert_int_equal(g20_trains_keep(f, 7), 6);
    assert_int_equal(f[0].start, 40006);
    assert_int_equal(f[3].start, 15000);
    assert_int_equal(f[5].start, 50000);
    for (int i = 0; i < 6; i++)
        assert_int_equal(f[i].is_pulse, i != 3);
}

/* Each is the train of above with something wrong in it. */
static void what_is_no_train_is_dropped(void **state)
{
    struct g20_find f[5];

    (void)state;
    for (int wrong = 0; wrong <= 5; wrong++) {
        for (uint64_t i = 0; i < 5; i++)
            f[i] = pulse(10000 + 10000 * i, 20, 100);
        if (wrong == 1)
            f[2].start += 30, f[2].stop += 30; /* not regular */
        if (wrong == 2)
            f[3].power = 300; /* stronger */
        if (wrong == 3)
            f[1].f_lo = 0.3, f[1].f_hi = 0.4; /* elsewhere */
        if (wrong == 4)
            f[4].on = 40; /* longer */
        assert_int_equal(g20_trains_keep(f, wrong == 5 ? 4 : 5), wrong == 0 ? 5 : 0);
    }
    assert_int_equal(g20_trains_keep(f, 0), 0);
}

/* Some are missing: what is left is as far apart as chance has it. */
static void noise_on_a_grid_is_no_train(void **state)
{
    static const uint64_t at[] = {0, 1, 5, 8, 10, 11, 14, 20, 22, 29};
    struct g20_find f[G20_COUNT_OF(at)];

    (void)state;
    for (size_t i = 0; i < G20_COUNT_OF(at); i++)
        f[i] = pulse(1000 + 200 * at[i], 12, 5);
    assert_int_equal(g20_trains_keep(f, G20_COUNT_OF(at)), 0);
}

/* Longer than impulses, they are told in any case; that they are of a train says what they are no
 * piece of. Signals are made of bursts too that pause for less than they last. */
static void bursts_that_pause_for_longer_than_they_last_are_a_train(void **state)
{
    static const struct {
        uint64_t length, period;
        bool is_train;
    } of[] = {
        {2000, 4001, true},  {2000, 4000, false}, /* half of the time */
        {64, 129, true},     {64, 128, false},     {63, 100, true},
        {8191, 30000, true}, {8192, 30000, false}, /* two transforms: rows show it apart */
    };

    (void)state;
    for (size_t k = 0; k < G20_COUNT_OF(of); k++) {
        struct g20_find f[6];
        for (uint64_t i = 0; i < 6; i++)
            f[i] = pulse(10000 + i * of[k].period, of[k].length, 100);
        f[5].start += of[k].period / 3; /* not regular, and told */
        f[5].stop = f[5].start + 5000;
        f[5].on = 5000;
        assert_int_equal(g20_trains_keep(f, 6), 6);
        for (int i = 0; i < 6; i++)
            assert_int_equal(f[i].is_pulse, i < 5 && of[k].is_train);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_regular_train_is_kept),
        cmocka_unit_test(what_is_no_train_is_dropped),
        cmocka_unit_test(bursts_that_pause_for_longer_than_they_last_are_a_train),
        cmocka_unit_test(noise_on_a_grid_is_no_train),
    };

    return cmocka_run_group_tests_name("trains", tests, NULL, NULL);
}
