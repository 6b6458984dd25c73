/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "engine/mission_plan.h"

#include "base/rng.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct g20_mission_plan plan_of(const char *more)
{
    struct g20_mission_plan p;
    struct g20_err e = {0};
    char text[512];

    snprintf(text, sizeof(text),
             "{\"name\":\"x\",\"ranges\":[{\"f_lo_hz\":100e6,\"f_hi_hz\":200e6}]%s}", more);
    if (g20_mission_plan_parse(&p, text, strlen(text), &e) < 0)
        fail_msg("%s", e.msg);
    return p;
}

static void each_fault_is_named(void **state)
{
    (void)state;
    static const char *const all[][2] = {
        {"[]", "plan: want an object"},
        {"{", "plan: invalid JSON"},
        {"{\"name\":\"x\",\"name\":\"y\"}", "invalid JSON: duplicate"},
        {"{\"title\":\"x\"}", "title is unknown"},
        {"{\"name\":\"\"}", "name: want a text"},
        {"{\"name\":\"x\"}", "ranges: want a list of 1 to 16"},
        {"{\"name\":\"x\",\"ranges\":[{}]}", "ranges[0]: f_lo_hz and f_hi_hz required"},
        {"{\"name\":\"x\",\"ranges\":[{\"f_lo_hz\":2,\"f_hi_hz\":2}]}",
         "ranges[0].f_hi_hz: want more"},
        {"{\"name\":\"x\",\"ranges\":[{\"f_lo_hz\":-2,\"f_hi_hz\":2}]}",
         "ranges[0].f_lo_hz: want a number"},
        {"{\"name\":\"x\",\"ranges\":[{\"lo\":2}]}", "ranges[0].lo is unknown"},
        {"{\"name\":\"x\",\"ranges\":[{\"f_lo_hz\":1,\"f_hi_hz\":2}],\"dwell_s\":0}",
         "dwell_s: want"},
        {"{\"name\":\"x\",\"ranges\":[{\"f_lo_hz\":1,\"f_hi_hz\":2}],\"usable\":2}",
         "usable: want"},
        {"{\"name\":\"x\",\"ranges\":[{\"f_lo_hz\":1,\"f_hi_hz\":2}],\"heads\":[\"../x\"]}",
         "heads[0]: want a name"},
        {"{\"name\":\"x\",\"ranges\":[{\"f_lo_hz\":1,\"f_hi_hz\":2}],\"heads\":5}",
         "heads: want a list"},
        {"{\"name\":\"x\",\"ranges\":[{\"f_lo_hz\":1,\"f_hi_hz\":2}],\"hand_over\":1}",
         "hand_over: want"},
        {"{\"name\":\"x\",\"ranges\":[{\"f_lo_hz\":1,\"f_hi_hz\":2}],\"record\":1}",
         "record: want"},
        {"{\"name\":\"x\",\"ranges\":[{\"f_lo_hz\":1,\"f_hi_hz\":2}],\"heads\":[{\"threshold\":1}]}",
         "heads[0]: want a text"},
        {"{\"name\":\"x\",\"ranges\":[{\"f_lo_hz\":1,\"f_hi_hz\":2}],\"heads\":[{\"name\":\"a\",\"threshold\":2}]}",
         "heads[0].threshold: want a number, 0 to 1"},
        {"{\"name\":\"x\",\"ranges\":[{\"f_lo_hz\":1,\"f_hi_hz\":2}],\"heads\":[{\"name\":\"a\",\"x\":2}]}",
         "heads[0].x is unknown"},
        {"{\"name\":\"x\",\"ranges\":[{\"f_lo_hz\":1,\"f_hi_hz\":2}],\"rounds\":1.5}",
         "rounds: want a whole"},
        {"{\"name\":\"x\",\"ranges\":[{\"f_lo_hz\":1,\"f_hi_hz\":2}],\"record\":{}}",
         "record.when: want never, always or emissions"},
        {"{\"name\":\"x\",\"ranges\":[{\"f_lo_hz\":1,\"f_hi_hz\":2}],\"record\":{\"when\":\"always\",\"to\":1}}",
         "record.to is unknown"},
        {"{\"name\":\"x\",\"ranges\":[{\"f_lo_hz\":1,\"f_hi_hz\":2}],\"record\":{\"when\":\"always\",\"pre_s\":-1}}",
         "record.pre_s: want"},
        {"{\"name\":\"x\",\"ranges\":[{\"f_lo_hz\":1,\"f_hi_hz\":2}],\"record\":{\"when\":\"always\",\"class\":[5]}}",
         "record.class: want"},
        {"{\"name\":\"x\",\"ranges\":[{\"f_lo_hz\":1,\"f_hi_hz\":2}],\"schedule\":{\"start\":\"24:00\"}}",
         "schedule.start: want"},
        {"{\"name\":\"x\",\"ranges\":[{\"f_lo_hz\":1,\"f_hi_hz\":2}],\"schedule\":{\"days\":[]}}",
         "schedule.days: want"},
        {"{\"name\":\"x\",\"ranges\":[{\"f_lo_hz\":1,\"f_hi_hz\":2}],\"schedule\":{\"days\":[\"Montag\"]}}",
         "schedule.days[0]"},
    };
    struct g20_mission_plan p;
    struct g20_err e;

    for (size_t i = 0; i < G20_COUNT_OF(all); i++) {
        assert_int_equal(g20_mission_plan_parse(&p, all[i][0], strlen(all[i][0]), &e), -EINVAL);
        if (!strstr(e.msg, all[i][1]))
            fail_msg("%s: %s", all[i][0], e.msg);
    }
}

static void heads_and_what_is_recorded(void **state)
{
    (void)state;
    struct g20_mission_plan p = plan_of("");

    assert_true(p.nheads == 0 && p.rounds == 0 && p.record.when == G20_RECORD_NEVER);
    p = plan_of(
        ",\"heads\":[\"tpms\",{\"name\":\"pager\",\"threshold\":0.6}],\"rounds\":4,\"record\":"
        "{\"when\":\"emissions\",\"class\":[\"fm\",\"am\"],\"min_snr_db\":6,\"post_s\":2}");
    assert_int_equal(p.nheads, 2);
    assert_string_equal(p.heads[0].name, "tpms");
    assert_true(isnan(p.heads[0].threshold));
    assert_string_equal(p.heads[1].name, "pager");
    assert_true(p.heads[1].threshold == 0.6);
    assert_int_equal(p.rounds, 4);
    assert_int_equal(p.record.when, G20_RECORD_EMISSIONS);
    assert_int_equal(p.record.rule.nclasses, 2);
    assert_string_equal(p.record.rule.classes[1], "am");
    assert_true(p.record.rule.min_snr_db == 6 && p.record.rule.max_s == 10 &&
                p.record.rule.post_s == 2);
}

static void steps_cover_every_range_without_holes(void **state)
{
    (void)state;
    static struct g20_mission_step step[G20_MISSION_STEPS];
    struct g20_mission_plan p = plan_of("");
    struct g20_err e;
    struct g20_rng rng;

    g20_rng_init(&rng, 20);
    for (int round = 0; round < 200; round++) {
        const double rate = 1e6 + 60e6 * g20_rng_uniform(&rng);
        p.ranges[0].hi = 100e6 + 1e6 * (0.1 + 500 * g20_rng_uniform(&rng));
        p.ranges[1] = (struct g20_span){2.4e9, 2.4835e9};
        p.nranges = 2;
        const int n = g20_mission_plan_steps(&p, rate, step, &e);
        assert_true(n >= 2);
        double at = p.ranges[0].lo;
        size_t range = 0;
        for (int i = 0; i < n; i++) {
            if (step[i].range != range) {
                assert_true(fabs(at - p.ranges[0].hi) < 1);
                at = p.ranges[++range].lo;
            }
            assert_true(fabs(step[i].lo_hz - at) < 1);
            assert_true(step[i].hi_hz - step[i].lo_hz <= 0.8 * rate * (1 + 1e-6));
            assert_true(fabs(step[i].center_hz - (step[i].lo_hz + step[i].hi_hz) / 2) < 1);
            at = step[i].hi_hz;
        }
        assert_true(fabs(at - 2.4835e9) < 1);
    }
    p.ranges[0] = (struct g20_span){0, 1e12};
    assert_int_equal(g20_mission_plan_steps(&p, 1e6, step, &e), -ERANGE);
}

static void a_schedule_says_when(void **state)
{
    (void)state;
    const uint64_t day_us = 86400000000u, hour_us = 3600000000u;
    const uint64_t monday = 4 * day_us; /* 5 January 1970 */
    struct g20_mission_plan p = plan_of("");

    assert_true(g20_mission_plan_wait(&p, monday) == 0);
    p = plan_of(",\"schedule\":{\"days\":[\"mon\"],\"start\":\"22:30\",\"stop\":\"05:00\"}");
    assert_true(fabs(g20_mission_plan_wait(&p, monday) - 22.5 * 3600) < 1);
    assert_true(g20_mission_plan_wait(&p, monday + 23 * hour_us) == 0);
    assert_true(g20_mission_plan_wait(&p, monday + 28 * hour_us) == 0); /* Tuesday 04:00 */
    const double rest = (7 * 24 + 22.5 - 30) * 3600;
    assert_true(fabs(g20_mission_plan_wait(&p, monday + 30 * hour_us) - rest) < 1);
    p = plan_of(",\"schedule\":{\"days\":[\"wed\",\"sun\"]}");
    assert_true(fabs(g20_mission_plan_wait(&p, monday) - 2 * 86400) < 1);
    assert_true(g20_mission_plan_wait(&p, monday + 6 * day_us + 5 * hour_us) == 0);
}

/* The formula against bursts thrown at random. */
static void the_chance_to_intercept_is_that_of_random_bursts(void **state)
{
    (void)state;
    static const double dwell[] = {0.002, 0.02, 0.1}, burst[] = {0.0005, 0.001, 0.01, 0.1};
    struct g20_rng rng;

    g20_rng_init(&rng, 21);
    for (size_t d = 0; d < G20_COUNT_OF(dwell); d++) {
        for (size_t b = 0; b < G20_COUNT_OF(burst); b++) {
            const double revisit = 0.25, least = fmin(burst[b], 1e-3);
            int seen = 0;
            for (int i = 0; i < 20000; i++) {
                const double start = revisit * g20_rng_uniform(&rng);
                bool hit = false;
                for (int k = 0; k < 3 && !hit; k++) { /* dwells at 0, T, 2 T */
                    const double from = fmax(start, k * revisit);
                    const double to = fmin(start + burst[b], k * revisit + dwell[d]);
                    hit = to - from >= least * (1 - 1e-9);
                }
                seen += hit;
            }
            assert_true(fabs(seen / 20000.0 - g20_mission_intercept(dwell[d], revisit, burst[b])) <
                        0.015);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_is_named),
        cmocka_unit_test(heads_and_what_is_recorded),
        cmocka_unit_test(steps_cover_every_range_without_holes),
        cmocka_unit_test(a_schedule_says_when),
        cmocka_unit_test(the_chance_to_intercept_is_that_of_random_bursts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
