/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "train/head.h"

#include "base/alloc.h"
#include "base/rng.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct g20_err err;

/* @n examples around a point of their own, @spread wide; @meant ones around another. */
static void draw(struct g20_head_set *s, uint32_t n, bool meant, uint32_t recordings, float spread,
                 uint64_t seed)
{
    struct g20_rng rng;

    g20_rng_init(&rng, seed);
    for (uint32_t i = 0; i < n; i++) {
        struct g20_head_example x = {.meant = meant, .origin = i, .recording = i % recordings};
        for (int k = 0; k < G20_TRUNK_FEATURES; k++)
            x.features[k] = (meant && k < 8 ? 1.0f : 0.0f) + spread * (float)g20_rng_normal(&rng);
        assert_int_equal(g20_head_set_add(s, &x), 0);
    }
}

static void what_lies_apart_is_told_apart(void **state)
{
    struct g20_head_set s = {.item = NULL};
    struct g20_head_report r;
    struct g20_model m;

    (void)state;
    draw(&s, 60, true, 6, 0.4f, 1);
    draw(&s, 600, false, 6, 0.4f, 2);
    assert_int_equal(g20_head_train(&s, g20_head_preset("quick"), 1, NULL, &m, &r, &err), 0);
    assert_true(r.by_recording);
    assert_true(r.held_meant >= 10 && r.held_others >= 100);
    assert_int_equal(r.meant + r.held_meant, 60);
    assert_int_equal(r.others + r.held_others, 600);
    assert_true(r.f1 > 0.95);
    assert_true(r.threshold > 0.05 && r.threshold < 0.95);
    g20_model_fini(&m);
    g20_head_set_free(&s);
}

/* The same numbers for both: no head can tell, and none claims to. */
static void what_is_the_same_is_not(void **state)
{
    struct g20_head_set s = {.item = NULL};
    struct g20_head_report r;
    struct g20_model m;

    (void)state;
    draw(&s, 60, false, 6, 0.4f, 1);
    for (size_t i = 0; i < s.count; i++)
        s.item[i].meant = true;
    draw(&s, 600, false, 6, 0.4f, 2);
    assert_int_equal(g20_head_train(&s, g20_head_preset("quick"), 1, NULL, &m, &r, &err), 0);
    assert_true(r.f1 < 0.5);
    g20_model_fini(&m);
    g20_head_set_free(&s);
}

static void few_recordings_are_split_by_emission(void **state)
{
    struct g20_head_set s = {.item = NULL};
    struct g20_head_report r;
    struct g20_model m;

    (void)state;
    draw(&s, 20, true, 1, 0.3f, 1);
    draw(&s, 200, false, 2, 0.3f, 2);
    assert_int_equal(g20_head_train(&s, g20_head_preset("quick"), 1, NULL, &m, &r, &err), 0);
    assert_false(r.by_recording);
    assert_true(r.held_meant >= 1 && r.meant >= 1);
    g20_model_fini(&m);
    g20_head_set_free(&s);
}

static void a_seed_gives_the_same_head(void **state)
{
    struct g20_model m[2];
    struct g20_head_report r[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct g20_head_set s = {.item = NULL};
        draw(&s, 30, true, 4, 0.4f, 1);
        draw(&s, 100, false, 4, 0.4f, 2);
        assert_int_equal(g20_head_train(&s, g20_head_preset("quick"), 7, NULL, &m[i], &r[i], &err),
                         0);
        g20_head_set_free(&s);
    }
    assert_memory_equal(m[0].params, m[1].params, m[0].net.params * sizeof(float));
    assert_memory_equal(&r[0].f1, &r[1].f1, sizeof(double));
    g20_model_fini(&m[0]);
    g20_model_fini(&m[1]);
}

static bool at_once(void)
{
    return true;
}

static void it_says_why_it_cannot(void **state)
{
    struct g20_head_set s = {.item = NULL};
    struct g20_head_report r;
    struct g20_model m;

    (void)state;
    draw(&s, 20, true, 4, 0.4f, 1);
    assert_int_equal(g20_head_train(&s, g20_head_preset("quick"), 1, NULL, &m, &r, &err), -EINVAL);
    draw(&s, 50, false, 4, 0.4f, 2);
    assert_int_equal(g20_head_train(&s, g20_head_preset("quick"), 1, at_once, &m, &r, &err),
                     -ECANCELED);
    assert_null(g20_head_preset("fast"));
    assert_non_null(g20_head_preset("quality"));
    const int64_t before = g20_alloc_live();
    for (uint64_t n = 0; n < 12; n++) {
        g20_alloc_fail_at(n);
        assert_int_equal(g20_head_train(&s, g20_head_preset("quick"), 1, at_once, &m, &r, &err) ==
                                 -ENOMEM ||
                             g20_alloc_live() == before,
                         1);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        assert_int_equal(g20_alloc_live(), before);
    }
    g20_head_set_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_lies_apart_is_told_apart),
        cmocka_unit_test(what_is_the_same_is_not),
        cmocka_unit_test(few_recordings_are_split_by_emission),
        cmocka_unit_test(a_seed_gives_the_same_head),
        cmocka_unit_test(it_says_why_it_cannot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
