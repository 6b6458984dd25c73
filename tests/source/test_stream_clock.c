/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "source/stream_clock.h"

#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { PACKET = 10000 };

static const double RATE = 1e6; /* as the device believes */

/* The next packet of a device whose clock is @ppm fast, read up to 3 ms late. */
static struct g20_stream_packet packet(uint64_t n, double ppm, bool stamped)
{
    const double true_s = (double)(n + PACKET) / (RATE * (1 + ppm * 1e-6));
    const uint64_t late_us = n / PACKET % 7 * 500;

    return (struct g20_stream_packet){.samples = PACKET,
                                      .has_stamp = stamped,
                                      .stamp_ns = (int64_t)((double)n * 1e9 / RATE),
                                      .mono_ns = (uint64_t)(true_s * 1e9) + late_us * 1000,
                                      .utc_us =
                                          1700000000000000u + (uint64_t)(true_s * 1e6) + late_us};
}

static void utc_stays_true_while_the_clock_of_the_device_drifts(void **state)
{
    (void)state;
    struct g20_stream_clock c;
    uint64_t lost, n = 0;

    g20_stream_clock_init(&c, RATE);
    for (; n < 3600u * 1000000u; n += PACKET) { /* an hour, 80 ppm: 288 ms */
        const struct g20_stream_packet p = packet(n, 80, false);
        assert_int_equal(g20_stream_clock_take(&c, &p, &lost), G20_STREAM_ON);
        assert_int_equal(lost, 0);
    }
    assert_int_equal(c.next, n);
    const double true_us = 1700000000e6 + (double)n / (RATE * (1 + 80e-6)) * 1e6;
    assert_true(llabs((long long)((double)g20_stream_clock_utc(&c, n) - true_us)) < 1500);
}

static void a_gap_is_exact_by_the_stamps_and_near_by_the_clock(void **state)
{
    (void)state;
    struct g20_stream_clock c;
    uint64_t lost = 0;

    for (int stamped = 0; stamped < 2; stamped++) {
        g20_stream_clock_init(&c, RATE);
        uint64_t n = 0;
        for (int i = 0; i < 2000; i++, n += PACKET) {
            n += i == 1500 ? 123457 : 0;
            struct g20_stream_packet p = packet(n, 5, stamped);
            p.overflow = i == 1500 && !stamped;
            const enum g20_stream_step step = g20_stream_clock_take(&c, &p, &lost);
            assert_int_equal(step, i == 1500 ? G20_STREAM_LOST : G20_STREAM_ON);
            if (i == 1500 && stamped)
                assert_int_equal(lost, 123457);
            if (i == 1500 && !stamped)
                assert_true(lost > 123457 - 4000 && lost < 123457 + 4000); /* 3 ms and drift */
        }
    }
}

static void a_loss_that_nobody_reports_is_found_within_seconds(void **state)
{
    (void)state;
    struct g20_stream_clock c;
    uint64_t lost, all = 0, n = 0;

    g20_stream_clock_init(&c, RATE);
    for (int i = 0; i < 4000; i++, n += PACKET) {
        n += i == 1500 ? 500000 : 0;
        const struct g20_stream_packet p = packet(n, 5, false);
        (void)g20_stream_clock_take(&c, &p, &lost);
        all += lost;
    }
    assert_true(all > 490000 && all < 510000);
}

static void stamps_that_go_back_are_a_jump_and_at_last_distrusted(void **state)
{
    (void)state;
    struct g20_stream_clock c;
    uint64_t lost = 0;
    int jumps = 0;

    g20_stream_clock_init(&c, RATE);
    for (uint64_t n = 0; n < 100 * PACKET; n += PACKET) {
        struct g20_stream_packet p = packet(n, 0, true);
        p.stamp_ns -= (int64_t)(n / PACKET % 2) * 50000; /* jitter of a host's clock */
        jumps += g20_stream_clock_take(&c, &p, &lost) == G20_STREAM_JUMP;
    }
    assert_int_equal(jumps, 8);
    assert_false(g20_stream_clock_trusts(&c));
}

static void an_overflow_is_at_least_one_sample(void **state)
{
    (void)state;
    struct g20_stream_clock c;
    uint64_t lost = 0;

    g20_stream_clock_init(&c, RATE);
    struct g20_stream_packet p = packet(0, 0, false);
    p.overflow = true; /* of the very first packet nothing is known */
    assert_int_equal(g20_stream_clock_take(&c, &p, &lost), G20_STREAM_LOST);
    assert_int_equal(lost, 1);
    assert_int_equal(c.next, PACKET + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utc_stays_true_while_the_clock_of_the_device_drifts),
        cmocka_unit_test(a_gap_is_exact_by_the_stamps_and_near_by_the_clock),
        cmocka_unit_test(a_loss_that_nobody_reports_is_found_within_seconds),
        cmocka_unit_test(stamps_that_go_back_are_a_jump_and_at_last_distrusted),
        cmocka_unit_test(an_overflow_is_at_least_one_sample),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
