/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "eval/geom.h"
#include "eval/score.h"

#include "base/alloc.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const double RATE = 4096000; /* a bin is 1 kHz */

static struct g20_truth_box box(double start, double stop, double lo, double hi)
{
    return (struct g20_truth_box){start, stop, lo, hi, lo, hi, false, NAN, "kind"};
}

static struct g20_emission em(double start, double stop, double lo, double hi, float confidence)
{
    return (struct g20_emission){.sample_start = (uint64_t)start,
                                 .sample_count = (uint64_t)(stop - start),
                                 .f_lo_hz = lo,
                                 .f_hi_hz = hi,
                                 .confidence = confidence};
}

static struct g20_score_total score(const struct g20_truth_box *b, size_t nb,
                                    const struct g20_emission *e, size_t ne, bool partial)
{
    struct g20_truth t = {.name = "t",
                          .rate_hz = RATE,
                          .samples = 60 * 4096000ull,
                          .partial = partial,
                          .box = (struct g20_truth_box *)b,
                          .count = nb};
    struct g20_score *s = NULL;
    struct g20_score_total total;

    assert_int_equal(g20_score_create(&s), 0);
    assert_int_equal(g20_score_add(s, &t, e, ne, NULL), 0);
    g20_score_total(s, &total);
    g20_score_destroy(s);
    return total;
}

static void edges_within_the_tolerance_cost_nothing(void **state)
{
    (void)state;
    assert_float_equal(g20_iou_1d(0, 100, 0, 100, 0), 1, 1e-12);
    assert_float_equal(g20_iou_1d(0, 100, 50, 150, 0), 1.0 / 3, 1e-12);
    assert_float_equal(g20_iou_1d(10, 95, 0, 100, 10), 1, 1e-12);
    /* Both edges 30 off, 10 forgiven each: 20..120 on 0..100 is 80 / 120. */
    assert_float_equal(g20_iou_1d(30, 130, 0, 100, 10), 80.0 / 120, 1e-12);
    assert_float_equal(g20_iou_1d(200, 300, 0, 100, 10), 0, 0);
}

static void a_perfect_detector_scores_one(void **state)
{
    const struct g20_truth_box b[] = {box(1e5, 2e5, 1e5, 2e5), box(5e5, 9e5, -3e5, -1e5)};
    const struct g20_emission e[] = {em(1e5, 2e5, 1e5, 2e5, 0.9f), em(5e5, 9e5, -3e5, -1e5, 0.8f)};
    const struct g20_score_total t = score(b, 2, e, 2, false);
    (void)state;

    assert_int_equal(t.found, 2);
    assert_int_equal(t.false_count + t.fragments, 0);
    assert_float_equal(t.ap50, 1, 1e-12);
    assert_float_equal(t.ap50_95, 1, 1e-12);
    assert_float_equal(t.median_iou, 1, 1e-12);
}

static void average_precision_is_the_area_by_hand(void **state)
{
    /* By confidence: right, wrong, right. Precision 1 at recall 1/2, 2/3 at recall 1:
     * 0.5 x 1 + 0.5 x 2/3 = 5/6. The wrong one is in an empty place: one false alarm in 1 min. */
    const struct g20_truth_box b[] = {box(1e5, 2e5, 1e5, 2e5), box(5e5, 9e5, -3e5, -1e5)};
    const struct g20_emission e[] = {em(1e5, 2e5, 1e5, 2e5, 0.9f), em(2e6, 3e6, 1e6, 1.2e6, 0.7f),
                                     em(5e5, 9e5, -3e5, -1e5, 0.6f)};
    const struct g20_score_total t = score(b, 2, e, 3, false);
    (void)state;

    assert_float_equal(t.ap50, 5.0 / 6, 1e-12);
    assert_int_equal(t.false_count, 1);
    assert_float_equal(t.false_per_min, 1, 1e-9);
    assert_float_equal(t.false_per_mhz_min, 1 / 4.096, 1e-9);
}

static void partial_truth_counts_recall_but_no_false_alarms(void **state)
{
    const struct g20_truth_box b[] = {box(1e5, 2e5, 1e5, 2e5)};
    const struct g20_emission e[] = {em(2e6, 3e6, 1e6, 1.2e6, 0.9f), em(1e5, 2e5, 1e5, 2e5, 0.5f)};
    const struct g20_score_total t = score(b, 1, e, 2, true);
    (void)state;

    assert_int_equal(t.false_count, 0);
    assert_float_equal(t.recall, 1, 0);
    assert_float_equal(t.ap50, 1, 1e-12); /* the other one is left out */
    assert_true(isnan(t.false_per_min));
}

static void emissions_on_ignored_regions_are_neither(void **state)
{
    struct g20_truth_box b = box(0, 1e7, 1e5, 9e5);
    const struct g20_emission e = em(1e6, 2e6, 2e5, 3e5, 0.9f);
    struct g20_score_total t;
    (void)state;

    b.ignore = true;
    t = score(&b, 1, &e, 1, false);
    assert_int_equal(t.boxes, 0);
    assert_int_equal(t.false_count, 0);
    assert_int_equal(t.noise_files, 1);
    b.ignore = false; /* the same one unmarked: too small a part of the box, so a fragment */
    t = score(&b, 1, &e, 1, false);
    assert_int_equal(t.found, 0);
    assert_int_equal(t.fragments, 1);
}

static void neighbours_closer_than_a_window_are_one_event(void **state)
{
    const struct g20_truth_box b[] = {box(0, 10000, 0, 1e5), box(12000, 20000, 0, 1e5),
                                      box(30000, 40000, 0, 1e5)};
    const struct g20_emission e = em(0, 20000, 0, 1e5, 0.9f);
    const struct g20_score_total t = score(b, 3, &e, 1, false);
    (void)state;

    assert_int_equal(t.boxes, 2);
    assert_int_equal(t.found, 1);
}

static void scoring_survives_every_failed_allocation(void **state)
{
    struct g20_truth_box b[] = {box(1e5, 2e5, 1e5, 2e5), box(5e5, 9e5, -3e5, -1e5)};
    const struct g20_emission e[] = {em(1e5, 2e5, 1e5, 2e5, 0.9f), em(5e5, 9e5, -3e5, -1e5, 0.8f)};
    const struct g20_truth t = {
        .name = "t", .rate_hz = RATE, .samples = 1000, .box = b, .count = 2};
    const int64_t before = g20_alloc_live();
    (void)state;

    for (unsigned nth = 0; nth < 100; nth++) {
        struct g20_score *s = NULL;
        g20_alloc_fail_at(nth);
        int r = g20_score_create(&s);
        if (r == 0)
            r = g20_score_add(s, &t, e, 2, NULL);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        assert_true(r == 0 || r == -ENOMEM);
        if (s) {
            struct g20_score_total total;
            g20_score_total(s, &total);
            assert_int_equal(total.boxes, r == 0 ? 2 : 0); /* all of a file or nothing of it */
        }
        g20_score_destroy(s);
        assert_int_equal(g20_alloc_live(), before);
        if (r == 0)
            return;
    }
    fail_msg("scoring never succeeded");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edges_within_the_tolerance_cost_nothing),
        cmocka_unit_test(a_perfect_detector_scores_one),
        cmocka_unit_test(average_precision_is_the_area_by_hand),
        cmocka_unit_test(partial_truth_counts_recall_but_no_false_alarms),
        cmocka_unit_test(emissions_on_ignored_regions_are_neither),
        cmocka_unit_test(neighbours_closer_than_a_window_are_one_event),
        cmocka_unit_test(scoring_survives_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
