/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/alloc.h"
#include "eval/truth.h"
#include "source/scene.h"
#include "source/scene_args.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RATE = 2000000 };

static void the_truth_is_what_the_scene_says_of_itself(void **state)
{
    (void)state;
    static struct g20_scene_box box[65536];
    static float complex x[G20_SCENE_BLOCK];
    const char *args = "seed=5,seconds=0.5,density=4";
    struct g20_scene_cfg cfg;
    struct g20_scene *s;
    struct g20_truth *t;

    assert_int_equal(g20_truth_scene(&t, args, RATE, NULL), 0);
    g20_scene_cfg_default(&cfg);
    cfg.rate_hz = RATE;
    assert_int_equal(g20_scene_parse_args(&cfg, args, NULL), 0);
    assert_int_equal(g20_scene_create(&s, &cfg, NULL), 0);
    for (int n = 0; n < RATE / 2; n += G20_SCENE_BLOCK)
        g20_scene_read(s, x, G20_SCENE_BLOCK);
    const size_t count = g20_scene_boxes(s, 0, box, G20_COUNT_OF(box));
    assert_true(count > 3);
    assert_int_equal(t->count, count);
    for (size_t i = 0; i < count; i++) {
        assert_true(t->box[i].start == (double)box[i].sample_start);
        assert_true(t->box[i].stop == (double)(box[i].sample_start + box[i].sample_count));
        assert_true(t->box[i].f_lo == box[i].f_lo_hz && t->box[i].f_hi == box[i].f_hi_hz);
        assert_true(t->box[i].snr_db == box[i].snr_db && t->box[i].ignore == box[i].ignore);
        assert_string_equal(t->box[i].kind, box[i].kind);
    }
    assert_int_equal(t->samples, RATE / 2);
    assert_true(t->rate_hz == RATE && t->center_hz == cfg.center_hz && !t->partial);
    g20_scene_destroy(s);
    g20_truth_destroy(t);
    assert_int_equal(g20_alloc_live(), 0);
}

static void what_cannot_be_played_to_its_end_is_refused(void **state)
{
    (void)state;
    struct g20_truth *t = NULL;
    struct g20_err e = {0};

    assert_int_equal(g20_truth_scene(&t, "seed=5", RATE, &e), -EINVAL);
    assert_non_null(strstr(e.msg, "seconds"));
    assert_int_equal(g20_truth_scene(&t, "seconds=-1", RATE, &e), -EINVAL);
    assert_int_equal(g20_truth_scene(&t, "colour=red", RATE, &e), -EINVAL);
    assert_non_null(strstr(e.msg, "colour"));
    assert_true(g20_truth_scene(&t, "seconds=1", 1.0, &e) < 0); /* no such rate */
    assert_null(t);
    assert_int_equal(g20_alloc_live(), 0);
}

static void a_failed_allocation_is_an_error_and_leaks_nothing(void **state)
{
    (void)state;
    struct g20_truth *t = NULL;
    int fails = 0;

    for (uint64_t nth = 0;; nth++, fails++) {
        g20_alloc_fail_at(nth);
        const int r = g20_truth_scene(&t, "seconds=0.01,quiet=on", RATE, NULL);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        if (r == 0)
            break;
        assert_int_equal(r, -ENOMEM);
        assert_int_equal(g20_alloc_live(), 0);
    }
    assert_true(fails >= 3);
    g20_truth_destroy(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_truth_is_what_the_scene_says_of_itself),
        cmocka_unit_test(what_cannot_be_played_to_its_end_is_refused),
        cmocka_unit_test(a_failed_allocation_is_an_error_and_leaks_nothing),
    };

    return cmocka_run_group_tests_name("truth_scene", tests, NULL, NULL);
}
