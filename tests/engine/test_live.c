/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/alloc.h"
#include "base/clock.h"
#include "engine/live.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void start(struct g20_live **l, struct g20_hub **h, struct g20_control *c,
                  const char *driver, const char *args, bool loop)
{
    const struct g20_pipeline_cfg cfg = {
        .source = {.driver = driver, .args = args, .rate_hz = 1e6, .loop = loop},
        .model = "energy",
        .score_threshold = 0.5f,
        .threads = 1,
        .max_detections = 100,
        .waterfall_nfft = 4096,
        .waterfall_rows_per_s = 60,
    };

    assert_int_equal(g20_hub_create(h), 0);
    assert_int_equal(g20_live_create(l, &cfg, *h), 0);
    g20_live_control(*l, c);
    assert_int_equal(g20_live_start(*l, NULL), 0);
}

static void wait_for(const struct g20_control *c, enum g20_run_state want,
                     struct g20_control_state *st)
{
    const uint64_t until_ns = g20_clock_mono_ns() + 60000000000u;

    do {
        c->state(st, c->user);
        if (st->run == want)
            return;
        g20_sleep_ns(1000000);
    } while (g20_clock_mono_ns() < until_ns);
    fail_msg("state %d, not %d: %s", st->run, want, st->error);
}

static void a_source_that_fails_is_tried_again_and_a_stop_does_not_wait(void **state)
{
    (void)state;
    struct g20_control_state st;
    struct g20_control c;
    struct g20_live *l;
    struct g20_hub *h;

    start(&l, &h, &c, "file", "/none/such.sigmf-meta", true);
    wait_for(&c, G20_RUN_FAILED, &st);
    assert_non_null(strstr(st.error, "/none/such.sigmf-meta"));
    const uint64_t before = st.restarts;
    const uint64_t until_ns = g20_clock_mono_ns() + 60000000000u;
    while (st.restarts < before + 3 && g20_clock_mono_ns() < until_ns) {
        g20_sleep_ns(10000000);
        c.state(&st, c.user);
    }
    assert_true(st.restarts >= before + 3 && st.retry_in_s > 1); /* the pauses grow */
    const struct g20_tune to = {.center_hz = 1e6, .bandwidth_hz = NAN, .gain_db = NAN};
    struct g20_tune actual;
    assert_int_equal(c.tune(&to, &actual, NULL, c.user), -ENODEV);
    const uint64_t stop_ns = g20_clock_mono_ns();
    g20_live_stop(l);
    assert_true(g20_clock_mono_ns() - stop_ns < 1000000000u); /* not the rest of the pause */
    g20_live_stop(l);
    g20_live_destroy(l);
    g20_hub_destroy(h);
    assert_int_equal(g20_alloc_live(), 0);
}

static void a_recording_played_once_stays_over(void **state)
{
    (void)state;
    struct g20_control_state st;
    struct g20_control c;
    struct g20_live *l;
    struct g20_hub *h;

    start(&l, &h, &c, "scene", "seconds=0.5", false);
    wait_for(&c, G20_RUN_ENDED, &st);
    assert_int_equal(st.stats.samples_in, 500000);
    assert_true(st.has_source && st.source.rate_hz == 1e6);
    g20_sleep_ns(20000000);
    c.state(&st, c.user);
    assert_int_equal(st.run, G20_RUN_ENDED);
    assert_int_equal(st.restarts, 0);
    g20_live_destroy(l); /* stops it first */
    g20_hub_destroy(h);
    assert_int_equal(g20_alloc_live(), 0);
}

static void create_survives_every_failed_allocation(void **state)
{
    (void)state;
    const struct g20_pipeline_cfg cfg = {.source = {.driver = "scene"}, .model = "energy"};
    struct g20_live *l = NULL;
    struct g20_hub *h;
    int fails = 0;

    assert_int_equal(g20_hub_create(&h), 0);
    const int64_t before = g20_alloc_live();
    for (uint64_t nth = 0;; nth++, fails++) {
        g20_alloc_fail_at(nth);
        const int r = g20_live_create(&l, &cfg, h);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        if (r == 0)
            break;
        assert_int_equal(r, -ENOMEM);
        assert_true(g20_alloc_live() == before);
    }
    assert_int_equal(fails, 7);
    g20_live_destroy(l);
    g20_hub_destroy(h);
}

static void classes_have_the_names_that_were_configured(void **state)
{
    (void)state;
    const struct g20_pipeline_cfg cfg = {
        .source = {.driver = "scene"}, .model = "energy", .class_names = " noise  thing"};
    struct g20_control_state st;
    struct g20_control control;
    struct g20_live *l = NULL;
    struct g20_hub *h = NULL;

    assert_int_equal(g20_hub_create(&h), 0);
    assert_int_equal(g20_live_create(&l, &cfg, h), 0);
    g20_live_control(l, &control);
    control.state(&st, control.user);
    assert_int_equal(st.nclasses, 2);
    assert_string_equal(st.class_names[0], "noise");
    assert_string_equal(st.class_names[1], "thing");
    g20_live_destroy(l);
    g20_hub_destroy(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_have_the_names_that_were_configured),
        cmocka_unit_test(a_source_that_fails_is_tried_again_and_a_stop_does_not_wait),
        cmocka_unit_test(a_recording_played_once_stays_over),
        cmocka_unit_test(create_survives_every_failed_allocation),
    };

    return cmocka_run_group_tests_name("live", tests, NULL, NULL);
}
