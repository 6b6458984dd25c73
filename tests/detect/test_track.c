/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/alloc.h"
#include "detect/track.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct seen {
    int opened, updated, closed;
    struct g20_emission last;
};

static void on_event(enum g20_emission_event event, const struct g20_emission *em, void *user)
{
    struct seen *s = user;

    s->opened += event == G20_EMISSION_OPEN;
    s->updated += event == G20_EMISSION_UPDATE;
    s->closed += event == G20_EMISSION_CLOSE;
    s->last = *em;
}

static struct g20_track_stream stream(uint64_t end)
{
    return (struct g20_track_stream){.center_hz = 100e6,
                                     .rate_hz = 1e6,
                                     .center_known = true,
                                     .ref_time_us = 5000000,
                                     .end = end,
                                     .model = "energy",
                                     .model_version = "1"};
}

static struct g20_find find(uint64_t start, uint64_t stop, double f)
{
    return (struct g20_find){.start = start,
                             .stop = stop,
                             .on = stop - start,
                             .f_lo = f - 0.01,
                             .f_hi = f + 0.01,
                             .power = 1e-4,
                             .noise = 1e-6,
                             .peak = 1e-5};
}

static void update(struct g20_tracker *k, const struct g20_find *f, size_t n, uint64_t end,
                   struct seen *s)
{
    const struct g20_track_stream at = stream(end);

    g20_tracker_update(k, f, n, &at, on_event, s);
}

static struct g20_tracker *make(uint32_t cap)
{
    struct g20_tracker *k;

    assert_int_equal(g20_tracker_create(&k, cap), 0);
    return k;
}

static void a_burst_seen_by_two_tiles_is_one_emission(void **state)
{
    (void)state;
    struct g20_tracker *k = make(16);
    struct seen s = {0};
    const struct g20_find first = find(900000, 1000000, 0.1), second = find(900000, 1200000, 0.1);

    update(k, &first, 1, 1000000, &s);
    assert_int_equal(g20_tracker_open(k), 1);
    update(k, &second, 1, 2000000, &s);
    update(k, NULL, 0, 4000000, &s);
    assert_true(s.opened == 1 && s.closed == 1);
    assert_int_equal(g20_tracker_open(k), 0);
    assert_int_equal(s.last.sample_start, 900000);
    assert_int_equal(s.last.sample_count, 300000);
    assert_true(fabs(s.last.duration_s - 0.3) < 1e-12);
    assert_int_equal(s.last.start_us, 5900000);
    assert_true(fabs(s.last.f_lo_hz - 100.09e6) < 1 && fabs(s.last.f_hi_hz - 100.11e6) < 1);
    assert_true(fabsf(s.last.level_dbfs + 40) < 0.01f && fabsf(s.last.peak_dbfs + 50) < 0.01f);
    assert_true(fabsf(s.last.snr_db - 19.96f) < 0.01f);
    /* Seen once more by a late tile: no new emission. */
    update(k, &second, 1, 5000000, &s);
    assert_int_equal(s.opened, 1);
    g20_tracker_destroy(k);
    assert_int_equal(g20_alloc_live(), 0);
}

static void other_bands_and_other_times_are_other_emissions(void **state)
{
    (void)state;
    struct g20_tracker *k = make(16);
    struct seen s = {0};
    const struct g20_find two[] = {find(0, 100000, 0.1), find(0, 100000, 0.2)};
    const struct g20_find later = find(2000000, 2100000, 0.1);

    update(k, two, 2, 200000, &s);
    assert_int_equal(s.opened, 2);
    update(k, &later, 1, 2200000, &s);
    assert_int_equal(s.opened, 3);
    g20_tracker_flush(k, on_event, &s);
    assert_int_equal(s.closed, 3);
    assert_int_equal(s.last.id, 3); /* ids count up from 1 */
    g20_tracker_destroy(k);
}

/* What one tile had whole the next one has in two parts: both go on with it. Two bursts that are
 * seen in one tile only stay two. */
static void parts_of_what_an_earlier_tile_had_whole_go_on_with_it(void **state)
{
    (void)state;
    struct g20_tracker *k = make(16);
    struct seen s = {0};
    const struct g20_find whole = find(0, 1000000, 0.1);
    const struct g20_find parts[] = {find(500000, 700000, 0.1), find(800000, 1400000, 0.1),
                                     find(1450000, 1500000, 0.1)};

    update(k, &whole, 1, 1000000, &s);
    update(k, parts, 3, 1500000, &s);
    assert_int_equal(s.opened, 2); /* the whole, and the burst behind it */
    g20_tracker_flush(k, on_event, &s);
    assert_int_equal(s.closed, 2);
    g20_tracker_destroy(k);
}

static void what_has_no_place_is_counted(void **state)
{
    (void)state;
    struct g20_tracker *k = make(2);
    struct seen s = {0};
    const struct g20_find three[] = {find(0, 1000, 0.1), find(0, 1000, 0.2), find(0, 1000, 0.3)};

    update(k, three, 3, 1000, &s);
    assert_int_equal(s.opened, 2);
    assert_int_equal(g20_tracker_overflow(k), 1);
    g20_tracker_flush(k, NULL, NULL); /* nobody has to listen */
    assert_int_equal(g20_tracker_open(k), 0);
    g20_tracker_destroy(k);
}

static void confidence_rises_with_snr_and_time(void **state)
{
    (void)state;
    float last = 0;

    for (double snr = 0.01; snr < 1000; snr *= 1.5) {
        const float c = g20_find_confidence(snr, 100);
        assert_true(c >= last && c <= 1);
        assert_true(g20_find_confidence(snr, 10000) >= c);
        last = c;
    }
    assert_true(g20_find_confidence(0, 1) < 0.1f && last > 0.99f);
}

static float confidence_of(struct g20_find f, float score, float threshold)
{
    struct g20_tracker *k = make(4);
    struct g20_track_stream at = stream(1000000);
    struct seen s = {0};

    f.score = score;
    at.threshold = threshold;
    g20_tracker_update(k, &f, 1, &at, on_event, &s);
    g20_tracker_destroy(k);
    return s.last.confidence;
}

static void what_fills_its_box_is_surer_than_what_does_not(void **state)
{
    (void)state;
    const struct g20_find whole = find(0, 100000, 0.1);
    struct g20_find pieces = whole, weak = whole, brief = whole, line = whole;

    pieces.on /= 4;
    weak.power = 4 * weak.noise;
    brief.stop = brief.on = 1000;
    line.peak = line.power;
    const float sure = confidence_of(whole, 1.0f, 0.5f);
    assert_true(sure > 0.9f && sure <= 1.0f);
    assert_true(confidence_of(pieces, 1.0f, 0.5f) < sure - 0.15f);
    assert_true(confidence_of(weak, 1.0f, 0.5f) < sure);
    assert_true(confidence_of(brief, 1.0f, 0.5f) < sure);
    assert_true(confidence_of(line, 1.0f, 0.5f) < sure);
    assert_true(confidence_of(whole, 0.7f, 0.5f) < sure);
}

static void confidence_is_never_below_the_threshold(void **state)
{
    (void)state;
    struct g20_find poor = find(0, 100000, 0.1);

    poor.on = 100;
    for (float threshold = 0.0f; threshold < 1.0f; threshold += 0.125f) {
        assert_true(confidence_of(poor, 1.0f, threshold) >= threshold);
        assert_true(confidence_of(poor, threshold, threshold) == threshold || threshold <= 0.0f);
    }
}

static void create_survives_every_failed_allocation(void **state)
{
    (void)state;
    struct g20_tracker *k = NULL;
    int fails = 0;

    for (uint64_t nth = 0;; nth++, fails++) {
        g20_alloc_fail_at(nth);
        const int r = g20_tracker_create(&k, 4);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        if (r == 0)
            break;
        assert_int_equal(g20_alloc_live(), 0);
    }
    assert_true(fails >= 2);
    g20_tracker_destroy(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_seen_by_two_tiles_is_one_emission),
        cmocka_unit_test(other_bands_and_other_times_are_other_emissions),
        cmocka_unit_test(parts_of_what_an_earlier_tile_had_whole_go_on_with_it),
        cmocka_unit_test(what_has_no_place_is_counted),
        cmocka_unit_test(what_fills_its_box_is_surer_than_what_does_not),
        cmocka_unit_test(confidence_is_never_below_the_threshold),
        cmocka_unit_test(confidence_rises_with_snr_and_time),
        cmocka_unit_test(create_survives_every_failed_allocation),
    };

    return cmocka_run_group_tests_name("track", tests, NULL, NULL);
}
