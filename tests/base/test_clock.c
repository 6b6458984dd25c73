/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void a_time_is_written_in_utc_with_milliseconds(void **state)
{
    (void)state;
    char text[32];

    g20_clock_format(0, text, sizeof(text));
    assert_string_equal(text, "1970-01-01T00:00:00.000Z");
    g20_clock_format(1795471965123999u, text, sizeof(text)); /* cut, not rounded up */
    assert_string_equal(text, "2026-11-23T22:12:45.123Z");
    g20_clock_format(951782400000000u, text, sizeof(text)); /* a leap day */
    assert_string_equal(text, "2000-02-29T00:00:00.000Z");
}

static void clocks_move_on_and_a_sleep_is_not_short(void **state)
{
    (void)state;
    const uint64_t mono = g20_clock_mono_ns(), utc = g20_clock_utc_us();

    g20_sleep_ns(3000000);
    assert_true(g20_clock_mono_ns() - mono >= 3000000);
    assert_true(g20_clock_utc_us() >= utc); /* nobody sets this machine's clock back */
}

static void a_deadline_is_that_far_ahead_and_normal(void **state)
{
    (void)state;
    for (int ms = 0; ms < 3000; ms += 333) {
        const uint64_t before = g20_clock_mono_ns();
        const struct timespec t = g20_clock_deadline(ms);
        const uint64_t at = (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;

        assert_true(t.tv_nsec >= 0 && t.tv_nsec < 1000000000);
        assert_true(at >= before + (uint64_t)ms * 1000000u);
        assert_true(at <= g20_clock_mono_ns() + (uint64_t)ms * 1000000u);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_is_written_in_utc_with_milliseconds),
        cmocka_unit_test(clocks_move_on_and_a_sleep_is_not_short),
        cmocka_unit_test(a_deadline_is_that_far_ahead_and_normal),
    };

    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
