/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/shoulder.h"

#include "sample_find.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void a_lobe_beside_its_burst_goes(void **state)
{
    struct g20_find f[] = {
        find(100000, 120000, 0.115, 0.120, 1e3), /* beside it, ends with it */
        find(90000, 120000, 0.10, 0.11, 1e6),    /* the burst */
        find(90000, 120000, 0.095, 0.099, 1e3),  /* the other side */
    };

    (void)state;
    assert_int_equal(g20_shoulders_drop(f, 3), 1);
    assert_true(f[0].power > 0.9);
}

static void what_only_looks_like_one_stays(void **state)
{
    const struct g20_find burst = find(90000, 120000, 0.10, 0.11, 1e6);
    const struct g20_find others[] = {
        find(100000, 110000, 0.115, 0.120, 1e3), /* neither comes nor goes with it */
        find(80000, 120000, 0.115, 0.120, 1e3),  /* was there before */
        find(90000, 140000, 0.115, 0.120, 1e3),  /* is there after */
        find(90000, 120000, 0.125, 0.130, 1e3),  /* more than a bandwidth away */
        find(90000, 120000, 0.115, 0.120, 3e5),  /* as strong a hertz */
        find(90000, 120000, 0.115, 0.130, 1e3),  /* wider */
    };

    (void)state;
    for (size_t i = 0; i < G20_COUNT_OF(others); i++) {
        struct g20_find f[] = {others[i], burst};
        assert_int_equal(g20_shoulders_drop(f, 2), 2);
    }
    struct g20_find steady[] = {burst, find(90000, 120000, 0.115, 0.120, 1e3)};
    steady[0].is_steady = true;
    assert_int_equal(g20_shoulders_drop(steady, 2), 2);
    assert_int_equal(g20_shoulders_drop(steady, 0), 0);
}

static void the_receivers_offset_goes(void **state)
{
    const double bin = 1.0 / 4096;
    struct g20_find f[] = {
        find(90000, 120000, -1.4 * bin, 1.4 * bin, 1e3),
        find(90000, 120000, -1.4 * bin, 4 * bin, 1e3), /* too wide to be it */
        find(90000, 120000, 2 * bin, 4 * bin, 1e2),    /* beside it */
    };

    (void)state;
    assert_int_equal(g20_shoulders_drop(f, 3), 2);
    assert_true(f[0].f_hi > 3 * bin && f[1].f_hi > 3 * bin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lobe_beside_its_burst_goes),
        cmocka_unit_test(what_only_looks_like_one_stays),
        cmocka_unit_test(the_receivers_offset_goes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
