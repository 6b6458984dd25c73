/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/collect.h"
#include "base/alloc.h"
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SINCE_US 1700000000000000u

static struct g20_emission emission(uint64_t id, double center_hz, double start_s,
                                    double duration_s)
{
    return (struct g20_emission){.id = id,
                                 .f_lo_hz = center_hz - 1e4,
                                 .f_hi_hz = center_hz + 1e4,
                                 .center_known = true,
                                 .start_us = SINCE_US + (uint64_t)(int64_t)(1e6 * start_s),
                                 .duration_s = duration_s,
                                 .snr_db = 20};
}

/* The radio is away, so the first one that it takes is the only one; what it took, or passed over
 * because it was busy, is in its state. */
static void what_was_met_before_the_mission_tuned_is_left_alone(void **state)
{
    char folder[] = "/tmp/g20-test-collect-XXXXXX";
    static const struct g20_mission_plan plan = {
        .ranges = {{.lo = 110e6, .hi = 112e6}, {.lo = 430e6, .hi = 434e6}},
        .nranges = 2,
        .record.rule = {.max_s = 1, .min_snr_db = 3, .enabled = true}};
    const struct g20_source_cfg source = {.driver = "file", .args = "/none/such.sigmf-meta"};
    struct g20_collect_cfg cfg = {.source = &source,
                                  .channel = 1,
                                  .plan = &plan,
                                  .since_us = SINCE_US,
                                  .folder = folder,
                                  .mission_id = ""};
    const struct g20_emission before[] = {
        emission(1, 100e6, 1, 1),    /* below the ranges */
        emission(2, 200e6, 1, 1),    /* between them */
        emission(3, 434.1e6, 1, 1),  /* above */
        emission(4, 111e6, -2, 1.9), /* over before the mission tuned */
    };
    const struct g20_emission wanted = emission(5, 433e6, -2, 2.1); /* still there after that */
    struct g20_collect_state st;
    struct g20_collect *c = NULL;
    struct g20_err e = {0};

    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(g20_hub_create(&cfg.scan), 0);
    if (g20_collect_create(&c, &cfg, &e) < 0)
        fail_msg("%s", e.msg);
    for (size_t i = 0; i < G20_COUNT_OF(before); i++)
        g20_hub_emission(cfg.scan, G20_EMISSION_UPDATE, &before[i]);
    g20_hub_emission(cfg.scan, G20_EMISSION_OPEN, &wanted);
    for (int i = 0; i < 10000; i++) {
        g20_collect_state(c, &st);
        if (st.emission_id != 0)
            break;
        usleep(1000);
    }
    assert_int_equal(st.emission_id, wanted.id);
    assert_int_equal(st.passed, 0);
    assert_true(st.f_lo_hz == wanted.f_lo_hz && st.f_hi_hz == wanted.f_hi_hz);
    g20_collect_destroy(c);
    g20_hub_destroy(cfg.scan);
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(g20_alloc_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_met_before_the_mission_tuned_is_left_alone),
    };

    return cmocka_run_group_tests_name("collect", tests, NULL, NULL);
}
