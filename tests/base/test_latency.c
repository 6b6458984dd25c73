/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/latency.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void each_value_is_in_the_bucket_of_the_next_bound(void **state)
{
    struct g20_latency l = {{0}, 0};

    (void)state;
    for (int i = 1; i < G20_LATENCY_BUCKETS; i++)
        assert_true(g20_latency_bound[i] > g20_latency_bound[i - 1]);
    g20_latency_add(&l, 0.0);
    g20_latency_add(&l, 1e-4);
    g20_latency_add(&l, 1.01e-4);
    g20_latency_add(&l, 0.9);
    g20_latency_add(&l, 60.0);
    assert_int_equal(l.count[0], 2); /* a bound is within its bucket */
    assert_int_equal(l.count[1], 1);
    assert_int_equal(l.count[12], 1);
    assert_int_equal(l.count[G20_LATENCY_BUCKETS], 1);
    assert_float_equal(l.sum_s, 60.900201, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_value_is_in_the_bucket_of_the_next_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
