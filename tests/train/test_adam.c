/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "train/adam.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Adam's first step is the rate against the gradient's sign, whatever its size. */
static void the_first_step_is_the_rate_long(void **state)
{
    const struct g20_adam a = {.rate = 0.01f, .longest = 1e9f};
    float p[3] = {1, 2, 3}, g[3] = {5, -0.002f, 0}, m[6] = {0};

    (void)state;
    assert_float_equal(g20_adam_step(&a, 1, 3, p, g, m), 5.0, 1e-3);
    assert_float_equal(p[0], 0.99, 1e-5);
    assert_float_equal(p[1], 2.01, 1e-5);
    assert_float_equal(p[2], 3.0, 1e-7);
}

static void a_parabola_is_descended_and_bad_gradients_change_nothing(void **state)
{
    const struct g20_adam a = {.rate = 0.05f, .longest = 1.0f};
    float p[2] = {3, -2}, m[4] = {0};

    (void)state;
    for (uint64_t i = 1; i <= 600; i++) {
        float g[2] = {2 * (p[0] - 1), 20 * (p[1] - 0.5f)};
        g20_adam_step(&a, i, 2, p, g, m);
    }
    assert_float_equal(p[0], 1.0, 0.05);
    assert_float_equal(p[1], 0.5, 0.05);
    float g[2] = {NAN, 1}, was[2] = {p[0], p[1]};
    assert_true(isnan(g20_adam_step(&a, 601, 2, p, g, m)));
    assert_memory_equal(p, was, sizeof(p));
}

static void the_rate_rises_and_falls(void **state)
{
    (void)state;
    assert_float_equal(g20_adam_rate(1, 0.1f, 0, 10, 100), 0.1, 1e-6);
    assert_float_equal(g20_adam_rate(1, 0.1f, 10, 10, 100), 1.0, 1e-6);
    assert_float_equal(g20_adam_rate(1, 0.1f, 55, 10, 100), 0.55, 1e-4);
    assert_float_equal(g20_adam_rate(1, 0.1f, 100, 10, 100), 0.1, 1e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_step_is_the_rate_long),
        cmocka_unit_test(a_parabola_is_descended_and_bad_gradients_change_nothing),
        cmocka_unit_test(the_rate_rises_and_falls),
    };

    return cmocka_run_group_tests_name("adam", tests, NULL, NULL);
}
