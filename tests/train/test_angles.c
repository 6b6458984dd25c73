/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The loss of angles against its definition in double, its gradients against differences. */
#include "train/angles.h"

#include "base/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { D = G20_TRUNK_PLACES, KINDS = 5 };

static float place[D], kind[KINDS * D], grad[D], kind_grad[KINDS * D];

static int set_up(void **state)
{
    struct g20_rng rng;

    (void)state;
    g20_rng_init(&rng, 9);
    for (int i = 0; i < D; i++)
        place[i] = (float)g20_rng_normal(&rng);
    for (int i = 0; i < KINDS * D; i++)
        kind[i] = 2.0f * (float)g20_rng_normal(&rng);
    memset(kind_grad, 0, sizeof(kind_grad));
    return 0;
}

static double expected(uint32_t right)
{
    double cosine[KINDS], len = 0.0, sum = 0.0;

    for (int i = 0; i < D; i++)
        len += (double)place[i] * (double)place[i];
    for (int k = 0; k < KINDS; k++) {
        double dot = 0.0, l = 0.0;
        for (int i = 0; i < D; i++) {
            dot += (double)place[i] * (double)kind[k * D + i];
            l += (double)kind[k * D + i] * (double)kind[k * D + i];
        }
        cosine[k] = dot / sqrt(len * l);
        sum += exp(16.0 * cosine[k]);
    }
    return log(sum) - 16.0 * cosine[right];
}

static double loss(uint32_t right)
{
    bool nearest;
    const struct g20_angles a = {place, KINDS, kind, right, grad, kind_grad};

    return g20_angles_loss(&a, &nearest);
}

static void the_loss_is_that_of_its_definition(void **state)
{
    (void)state;
    for (uint32_t k = 0; k < KINDS; k++)
        assert_float_equal(loss(k), expected(k), 1e-4);
}

static void its_gradients_are_those_of_differences(void **state)
{
    const double step = 1e-3;

    (void)state;
    loss(2);
    for (int i = 0; i < D; i += 7) {
        const float was = place[i];
        place[i] = (float)((double)was + step);
        const double above = expected(2);
        place[i] = (float)((double)was - step);
        const double below = expected(2);
        place[i] = was;
        assert_float_equal(grad[i], (above - below) / (2.0 * step), 2e-3);
    }
    for (int i = 0; i < KINDS * D; i += 13) {
        const float was = kind[i];
        kind[i] = (float)((double)was + step);
        const double above = expected(2);
        kind[i] = (float)((double)was - step);
        const double below = expected(2);
        kind[i] = was;
        assert_float_equal(kind_grad[i], (above - below) / (2.0 * step), 2e-3);
    }
}

static void the_nearest_kind_is_told(void **state)
{
    bool nearest;

    (void)state;
    memcpy(place, kind + 3 * D, sizeof(place));
    for (uint32_t k = 0; k < KINDS; k++) {
        const struct g20_angles a = {place, KINDS, kind, k, grad, NULL};
        const double l = g20_angles_loss(&a, &nearest);
        assert_int_equal(nearest, k == 3);
        assert_true(k == 3 ? l < 0.5 : l > 5.0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_loss_is_that_of_its_definition, set_up),
        cmocka_unit_test_setup(its_gradients_are_those_of_differences, set_up),
        cmocka_unit_test_setup(the_nearest_kind_is_told, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
