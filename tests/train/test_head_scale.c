/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "train/head_scale.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void add(struct g20_head_set *s, bool meant, float bandwidth, float duration)
{
    struct g20_head_example x = {.meant = meant, .role = meant ? G20_HEAD_FOUND : G20_HEAD_MADE};

    x.features[3] = (float)s->count;
    x.features[G20_TRUNK_PLACES + G20_LOOK_BANDWIDTH] = bandwidth;
    x.features[G20_TRUNK_PLACES + G20_LOOK_DURATION] = duration;
    x.features[G20_TRUNK_PLACES + G20_LOOK_PRODUCT] = bandwidth + duration + 0.5f;
    assert_int_equal(g20_head_set_add(s, &x), 0);
}

static void scenes_are_seen_at_the_signal_s_width(void **state)
{
    struct g20_head_set s = {.item = NULL};
    bool drawn[2] = {false, false};

    (void)state;
    add(&s, true, -0.5f, 1.0f);
    add(&s, false, 0.3f, 1.0f);
    add(&s, true, -0.75f, 1.0f);
    for (int i = 0; i < 20; i++)
        add(&s, false, 1.0f + 0.01f * (float)i, -1.0f);
    assert_int_equal(g20_head_scale(&s, 3, 1), 0);
    assert_int_equal(s.count, 43);
    for (size_t i = 0; i < 20; i++) {
        const struct g20_head_example *a = &s.item[3 + i], *b = &s.item[23 + i];
        const float *x = a->features + G20_TRUNK_PLACES, *y = b->features + G20_TRUNK_PLACES;
        const float width = y[G20_LOOK_BANDWIDTH];
        assert_true(!b->meant && b->role == G20_HEAD_MADE);
        assert_true(b->features[3] == a->features[3]);
        assert_true(fabsf(width + 0.5f) < 1e-5f || fabsf(width + 0.75f) < 1e-5f);
        drawn[width > -0.6f] = true;
        assert_true(fabsf(width + y[G20_LOOK_DURATION] - x[G20_LOOK_BANDWIDTH] -
                          x[G20_LOOK_DURATION]) < 1e-5f);
        assert_true(y[G20_LOOK_PRODUCT] == x[G20_LOOK_PRODUCT]);
    }
    assert_true(drawn[0] && drawn[1]);
    g20_head_set_free(&s);
}

static void without_a_signal_there_is_no_width(void **state)
{
    struct g20_head_set s = {.item = NULL};

    (void)state;
    add(&s, false, 0.3f, 1.0f);
    add(&s, false, 1.0f, -1.0f);
    assert_int_equal(g20_head_scale(&s, 1, 1), 0);
    assert_int_equal(s.count, 2);
    g20_head_set_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scenes_are_seen_at_the_signal_s_width),
        cmocka_unit_test(without_a_signal_there_is_no_width),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
