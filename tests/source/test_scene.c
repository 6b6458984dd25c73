/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/alloc.h"
#include "source/scene.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct g20_scene *scene(uint64_t seed, double density)
{
    struct g20_scene_cfg cfg;
    struct g20_scene *s = NULL;

    g20_scene_cfg_default(&cfg);
    cfg.seed = seed;
    cfg.density = density;
    assert_int_equal(g20_scene_create(&s, &cfg, NULL), 0);
    return s;
}

static void same_seed_gives_the_same_samples_however_they_are_read(void **state)
{
    enum { N = 400000 };
    float complex *a = g20_calloc(N, sizeof(*a)), *b = g20_calloc(N, sizeof(*b));
    struct g20_scene *one = scene(7, 20), *two = scene(7, 20), *other = scene(8, 20);

    (void)state;
    g20_scene_read(one, a, N);
    for (size_t at = 0, step = 1; at < N; at += step, step = (step * 7 + 1) % 9001)
        g20_scene_read(two, b + at, step = G20_MIN(step, N - at));
    assert_memory_equal(a, b, N * sizeof(*a));
    g20_scene_read(other, b, N);
    assert_memory_not_equal(a, b, N * sizeof(*a));
    g20_scene_destroy(one);
    g20_scene_destroy(two);
    g20_scene_destroy(other);
    g20_free(a);
    g20_free(b);
}

static void quiet_has_no_boxes_but_the_receivers_spurs(void **state)
{
    struct g20_scene_cfg cfg;
    struct g20_scene *s = NULL;
    float complex *x = g20_calloc(1000000, sizeof(*x));
    struct g20_scene_box box[64];

    (void)state;
    g20_scene_cfg_default(&cfg);
    cfg.quiet = true;
    assert_int_equal(g20_scene_create(&s, &cfg, NULL), 0);
    for (int i = 0; i < 10; i++)
        g20_scene_read(s, x, 1000000);
    const size_t n = g20_scene_boxes(s, 0, box, G20_COUNT_OF(box));
    for (size_t i = 0; i < n; i++) {
        assert_true(box[i].ignore);
        assert_string_equal(box[i].kind, "spur");
    }
    g20_scene_destroy(s);
    g20_free(x);
}

static void wrong_settings_are_refused_by_name(void **state)
{
    const double bad[] = {0, -1, NAN, INFINITY, -INFINITY, 1e300, 99999};
    struct g20_err e;

    (void)state;
    for (size_t i = 0; i < G20_COUNT_OF(bad); i++) {
        struct g20_scene_cfg cfg;
        struct g20_scene *s = NULL;

        g20_scene_cfg_default(&cfg);
        cfg.rate_hz = bad[i];
        assert_int_equal(g20_scene_create(&s, &cfg, &e), -ERANGE);
        assert_non_null(strstr(e.msg, "rate"));
        assert_null(s);
    }
}

static void creation_survives_every_failed_allocation(void **state)
{
    const int64_t live = g20_alloc_live();
    struct g20_scene_cfg cfg;

    (void)state;
    g20_scene_cfg_default(&cfg);
    for (uint64_t nth = 0;; nth++) {
        struct g20_scene *s = NULL;
        struct g20_err e;

        g20_alloc_fail_at(nth);
        const int r = g20_scene_create(&s, &cfg, &e);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        if (r == 0) {
            assert_true(nth > 0);
            g20_scene_destroy(s);
            break;
        }
        assert_int_equal(r, -ENOMEM);
        assert_null(s);
    }
    assert_int_equal(g20_alloc_live(), live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_seed_gives_the_same_samples_however_they_are_read),
        cmocka_unit_test(quiet_has_no_boxes_but_the_receivers_spurs),
        cmocka_unit_test(wrong_settings_are_refused_by_name),
        cmocka_unit_test(creation_survives_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
