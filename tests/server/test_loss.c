/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/loss.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const uint64_t S = 1000000000u;

/* One reading a second for @seconds, of 1000 samples a second, @lost of them lost. */
static void run(struct g20_loss *l, uint64_t seconds, uint64_t lost)
{
    for (uint64_t i = 0; i < seconds; i++)
        g20_loss_note(l, l->now.ns + S, l->now.in + 1000 - lost, l->now.lost + lost);
}

static void nothing_is_said_before_five_seconds_are_known(void **state)
{
    (void)state;
    struct g20_loss l = {0};
    double s;

    assert_float_equal(g20_loss_share(&l, NULL), 0, 0);
    run(&l, 5, 500); /* the first reading is where the four others count from */
    assert_float_equal(g20_loss_share(&l, NULL), 0, 0);
    run(&l, 1, 500);
    assert_float_equal(g20_loss_share(&l, &s), 0.5, 1e-9);
    assert_float_equal(s, 5, 1e-9);
}

static void old_losses_are_forgotten_within_ten_seconds(void **state)
{
    (void)state;
    struct g20_loss l = {0};

    run(&l, 100, 250);
    assert_float_equal(g20_loss_share(&l, NULL), 0.25, 1e-9);
    run(&l, 10, 0);
    assert_float_equal(g20_loss_share(&l, NULL), 0, 0);
    run(&l, 10, 1000); /* all of them */
    assert_float_equal(g20_loss_share(&l, NULL), 1, 0);
}

static void a_new_streams_counters_begin_anew(void **state)
{
    (void)state;
    struct g20_loss l = {0};

    run(&l, 20, 500);
    g20_loss_note(&l, l.now.ns + S, 10, 0);
    assert_float_equal(g20_loss_share(&l, NULL), 0, 0);
    run(&l, 6, 0);
    assert_float_equal(g20_loss_share(&l, NULL), 0, 0);
    run(&l, 10, 0); /* and one that stands still has lost nothing */
    for (int i = 0; i < 10; i++)
        g20_loss_note(&l, l.now.ns + S, l.now.in, l.now.lost);
    assert_float_equal(g20_loss_share(&l, NULL), 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_said_before_five_seconds_are_known),
        cmocka_unit_test(old_losses_are_forgotten_within_ten_seconds),
        cmocka_unit_test(a_new_streams_counters_begin_anew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
