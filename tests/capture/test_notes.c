/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "capture/notes.h"
#include "folder.h"

#include <errno.h>

static struct g20_emission emission(uint64_t id, uint64_t first, uint64_t count)
{
    return (struct g20_emission){.id = id,
                                 .sample_start = first,
                                 .sample_count = count,
                                 .start_us = 1000000 + first,
                                 .f_lo_hz = 100e6,
                                 .f_hi_hz = 101e6,
                                 .snr_db = 12,
                                 .class_name = "x"};
}

static const struct g20_notes_run run = {
    .first = 500, .last = 1500, .stream = 10000, .per = 1, .time_us = 1010000, .rate_hz = 1e6};

static void the_last_word_on_the_newest_stays(void **state)
{
    struct g20_notes n;

    (void)state;
    assert_int_equal(g20_notes_init(&n, 3), 0);
    for (uint64_t i = 1; i <= 5; i++) {
        const struct g20_emission em = emission(i, 0, 1);
        g20_notes_put(&n, &em);
    }
    const struct g20_emission again = emission(4, 0, 77);
    g20_notes_put(&n, &again);
    assert_int_equal(n.count, 3);
    uint64_t ids = 0, samples = 0;
    for (size_t i = 0; i < n.count; i++) {
        ids += n.em[i].id;
        samples += n.em[i].sample_count;
    }
    assert_int_equal(ids, 3 + 4 + 5);
    assert_int_equal(samples, 1 + 77 + 1);
    g20_notes_fini(&n);
}

static void an_annotation_is_the_part_that_was_recorded(void **state)
{
    struct g20_sigmf_annotation a;
    struct g20_emission em = emission(1, 10100, 200);
    struct g20_notes_run band = run;

    (void)state;
    assert_true(g20_notes_place(&em, &run, &a));
    assert_int_equal(a.sample_start, 600);
    assert_int_equal(a.sample_count, 200);
    assert_true(a.f_lo_hz == 100e6 && a.f_hi_hz == 101e6);
    assert_string_equal(a.label, "x");
    assert_non_null(strstr(a.comment, "SNR 12.0 dB"));
    em = emission(1, 9000, 1100); /* began before */
    assert_true(g20_notes_place(&em, &run, &a));
    assert_int_equal(a.sample_start, 500);
    assert_int_equal(a.sample_count, 100);
    em = emission(1, 10900, 1000); /* goes on after it */
    assert_true(g20_notes_place(&em, &run, &a));
    assert_int_equal(a.sample_start, 1400);
    assert_int_equal(a.sample_count, 100);
    em = emission(1, 9000, 1000); /* was over */
    assert_false(g20_notes_place(&em, &run, &a));
    em = emission(1, 11000, 10);
    assert_false(g20_notes_place(&em, &run, &a));
    band.f_lo_hz = 100.5e6;
    band.f_hi_hz = 103e6;
    em = emission(1, 10100, 200);
    assert_true(g20_notes_place(&em, &band, &a));
    assert_true(a.f_lo_hz == 100.5e6 && a.f_hi_hz == 101e6);
    band.f_lo_hz = 101e6;
    assert_false(g20_notes_place(&em, &band, &a));
}

static void an_emission_of_another_life_of_the_stream_is_none(void **state)
{
    struct g20_sigmf_annotation a;
    struct g20_emission em = emission(1, 10100, 200);

    (void)state;
    em.start_us += 3000000; /* the same sample number, another time */
    assert_false(g20_notes_place(&em, &run, &a));
    em.start_us = 0; /* without a date the number has to do */
    assert_true(g20_notes_place(&em, &run, &a));
}

static void failed_allocations_leave_nothing(void **state)
{
    struct g20_notes n;

    (void)state;
    g20_alloc_fail_at(0);
    assert_int_equal(g20_notes_init(&n, 3), -ENOMEM);
    g20_alloc_fail_at(G20_ALLOC_NEVER);
    g20_notes_fini(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_word_on_the_newest_stays),
        cmocka_unit_test(an_annotation_is_the_part_that_was_recorded),
        cmocka_unit_test(an_emission_of_another_life_of_the_stream_is_none),
        cmocka_unit_test(failed_allocations_leave_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
