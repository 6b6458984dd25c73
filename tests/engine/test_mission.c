/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "engine/mission.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/thread.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* A radio that plays nothing at all, a thousand samples a millisecond. */
struct radio {
    struct g20_hub *hub;
    struct g20_pool *pool;
    struct g20_thread thread;
    atomic_bool ends, away;
    _Atomic double center_hz;
    atomic_uint tuned;
};

static void *play(void *arg)
{
    struct radio *r = arg;

    while (!atomic_load(&r->ends)) {
        struct g20_block *b = g20_pool_get(r->pool, 10);
        if (b) {
            b->len = 1000;
            b->rate_hz = 1e6;
            b->center_hz = r->center_hz;
            g20_hub_block(r->hub, b);
            g20_block_unref(&b);
        }
        g20_sleep_ns(200000);
    }
    return NULL;
}

static void state_of(struct g20_control_state *ret, void *user)
{
    struct radio *r = user;

    *ret = (struct g20_control_state){
        .run = atomic_load(&r->away) ? G20_RUN_FAILED : G20_RUN_RUNNING, .has_source = true};
    ret->source.driver = "test";
    ret->source.rate_hz = 1e6;
    ret->source.caps = (struct g20_source_caps){.can_tune = true,
                                                .channels = 1,
                                                .min_hz = 1e6,
                                                .max_hz = 1e9,
                                                .centers_hz = {{1e6, 1e9}},
                                                .ncenters = 1};
}

static int tune(const struct g20_tune *wanted, struct g20_tune *ret_actual, struct g20_err *e,
                void *user)
{
    struct radio *r = user;

    if (atomic_load(&r->away))
        return g20_fail(e, -ENODEV, "away");
    r->center_hz = round(wanted->center_hz);
    *ret_actual = *wanted;
    ret_actual->center_hz = r->center_hz;
    atomic_fetch_add(&r->tuned, 1);
    return 0;
}

static void start(struct radio *r, struct g20_control *c, struct g20_mission **m)
{
    *r = (struct radio){0};
    *c = (struct g20_control){.state = state_of, .tune = tune, .user = r};
    assert_int_equal(g20_hub_create(&r->hub), 0);
    assert_int_equal(g20_pool_create(&r->pool, 64, 1000), 0);
    assert_int_equal(g20_thread_start(&r->thread, "radio", play, r, NULL), 0);
    assert_int_equal(g20_mission_create(m, r->hub, c), 0);
}

static void finish(struct radio *r, struct g20_mission *m)
{
    g20_mission_destroy(m);
    atomic_store(&r->ends, true);
    g20_thread_join(&r->thread);
    g20_hub_destroy(r->hub);
    g20_pool_destroy(r->pool);
    assert_int_equal(g20_alloc_live(), 0);
}

static struct g20_mission_plan plan_of(const char *more)
{
    struct g20_mission_plan p;
    struct g20_err e;
    char text[300];

    snprintf(text, sizeof(text),
             "{\"name\":\"x\",\"ranges\":[{\"f_lo_hz\":100e6,\"f_hi_hz\":103e6},"
             "{\"f_lo_hz\":200e6,\"f_hi_hz\":200.5e6}],\"dwell_s\":0.01%s}",
             more);
    assert_int_equal(g20_mission_plan_parse(&p, text, strlen(text), &e), 0);
    return p;
}

static void wait_rounds(struct g20_mission *m, uint64_t n, struct g20_mission_state *st)
{
    const uint64_t until_ns = g20_clock_mono_ns() + 60000000000u;

    do {
        g20_sleep_ns(5000000);
        g20_mission_state(m, st);
    } while (st->rounds < n && g20_clock_mono_ns() < until_ns);
    assert_true(st->rounds >= n);
}

static void it_watches_each_step_and_keeps_account(void **state)
{
    (void)state;
    const struct g20_mission_plan p = plan_of("");
    struct g20_mission_state st;
    struct g20_mission *m = NULL;
    struct g20_control c;
    struct radio r;
    struct g20_err e;

    start(&r, &c, &m);
    assert_int_equal(g20_mission_start(m, &p, &e), 0);
    assert_int_equal(g20_mission_start(m, &p, &e), -EBUSY);
    wait_rounds(m, 5, &st);
    g20_mission_stop(m);
    g20_mission_state(m, &st);
    assert_int_equal(st.run, G20_MISSION_IDLE);
    assert_int_equal(st.steps, 5); /* 4 of 0.75 MHz, 1 of 0.5 MHz */
    assert_int_equal(st.nbands, 2);
    assert_int_equal(st.bands[0].steps, 4);
    assert_int_equal(st.tune_failures, 0);
    assert_true(st.visits >= 25 && st.visits <= atomic_load(&r.tuned));
    assert_true(st.bands[0].visits >= 20 && st.bands[1].visits >= 5);
    for (size_t i = 0; i < 2; i++) {
        const struct g20_mission_band *b = &st.bands[i];
        assert_true(b->dwell_s >= 0.01 && b->watched_s >= 0.01 * (double)b->visits);
        assert_true(b->revisit_s > 0 && b->share > 0);
        assert_true(b->intercept[0] <= b->intercept[1] && b->intercept[1] <= b->intercept[2]);
    }
    const double hz = (double)st.bands[0].visits * 0.75e6 + (double)st.bands[1].visits * 0.5e6;
    assert_true(fabs(st.speed_hz_per_s * st.seconds / hz - 1) < 1e-6);
    g20_sleep_ns(20000000);
    struct g20_mission_state later;
    g20_mission_state(m, &later);
    assert_true(later.seconds == st.seconds); /* the account of one that is over stands still */
    assert_int_equal(g20_mission_start(m, &p, &e), 0); /* and begins anew */
    wait_rounds(m, 1, &st);
    assert_true(st.seconds < later.seconds + 60);
    finish(&r, m);
}

static void it_is_done_after_its_rounds(void **state)
{
    (void)state;
    const struct g20_mission_plan p = plan_of(",\"rounds\":3");
    struct g20_mission_state st;
    struct g20_mission *m = NULL;
    struct g20_control c;
    struct radio r;

    start(&r, &c, &m);
    assert_int_equal(g20_mission_start(m, &p, NULL), 0);
    do {
        g20_sleep_ns(5000000);
        g20_mission_state(m, &st);
    } while (st.run == G20_MISSION_SWEEPING || st.run == G20_MISSION_WAITING);
    assert_int_equal(st.run, G20_MISSION_DONE);
    assert_int_equal(st.rounds, 3);
    assert_int_equal(st.visited, st.steps);
    assert_int_equal(g20_mission_start(m, &p, NULL), 0); /* once more */
    finish(&r, m);
}

static void a_radio_that_is_away_is_waited_for(void **state)
{
    (void)state;
    const struct g20_mission_plan p = plan_of("");
    struct g20_mission_state st;
    struct g20_mission *m = NULL;
    struct g20_control c;
    struct radio r;

    start(&r, &c, &m);
    assert_int_equal(g20_mission_start(m, &p, NULL), 0);
    wait_rounds(m, 1, &st);
    atomic_store(&r.away, true);
    do {
        g20_sleep_ns(5000000);
        g20_mission_state(m, &st);
    } while (st.tune_failures == 0);
    atomic_store(&r.away, false);
    const uint64_t before = st.visits;
    do {
        g20_sleep_ns(5000000);
        g20_mission_state(m, &st);
    } while (st.visits < before + 3);
    finish(&r, m);
}

static void what_cannot_be_is_refused_at_the_start(void **state)
{
    (void)state;
    struct g20_mission_plan p = plan_of(",\"hand_over\":true");
    struct g20_mission *m = NULL;
    struct g20_mission_state st;
    struct g20_control c;
    struct radio r;
    struct g20_err e;

    start(&r, &c, &m);
    assert_int_equal(g20_mission_start(m, &p, &e), -EOPNOTSUPP);
    assert_non_null(strstr(e.msg, "hand_over: this source has one"));
    p = plan_of("");
    p.ranges[1] = (struct g20_span){1.1e9, 1.2e9};
    assert_int_equal(g20_mission_start(m, &p, &e), -ERANGE);
    assert_non_null(strstr(e.msg, "ranges[1]"));
    atomic_store(&r.away, true);
    p = plan_of("");
    assert_int_equal(g20_mission_start(m, &p, &e), -ENODEV);
    g20_mission_state(m, &st);
    assert_int_equal(st.run, G20_MISSION_IDLE);
    finish(&r, m);
}

static void out_of_its_hours_it_waits_and_stops_at_once(void **state)
{
    (void)state;
    struct g20_mission_plan p = plan_of("");
    struct g20_mission_state st;
    struct g20_mission *m = NULL;
    struct g20_control c;
    struct radio r;

    start(&r, &c, &m);
    /* one hour, which began two hours ago: over midnight, so every day */
    const int now_s = (int)(g20_clock_utc_us() / 1000000u % 86400u);
    p.start_s = (now_s + 86400 - 7200) % 86400;
    p.stop_s = (now_s + 86400 - 3600) % 86400;
    assert_int_equal(g20_mission_start(m, &p, NULL), 0);
    g20_sleep_ns(50000000);
    g20_mission_state(m, &st);
    assert_int_equal(st.run, G20_MISSION_WAITING);
    assert_int_equal(atomic_load(&r.tuned), 0);
    const uint64_t t0 = g20_clock_mono_ns();
    g20_mission_stop(m);
    assert_true(g20_clock_mono_ns() - t0 < 2000000000u);
    finish(&r, m);
}

static void create_survives_a_failed_allocation(void **state)
{
    (void)state;
    struct g20_mission *m = NULL;
    const struct g20_control c = {0};

    g20_alloc_fail_at(0);
    assert_int_equal(g20_mission_create(&m, NULL, &c), -ENOMEM);
    g20_alloc_fail_at(G20_ALLOC_NEVER);
    assert_null(m);
    g20_mission_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_watches_each_step_and_keeps_account),
        cmocka_unit_test(it_is_done_after_its_rounds),
        cmocka_unit_test(a_radio_that_is_away_is_waited_for),
        cmocka_unit_test(what_cannot_be_is_refused_at_the_start),
        cmocka_unit_test(out_of_its_hours_it_waits_and_stops_at_once),
        cmocka_unit_test(create_survives_a_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
