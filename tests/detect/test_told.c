/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/told.h"

#include "base/base.h"
#include "sample_find.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { BIN = 4096 };

static double db(double x)
{
    return pow(10.0, 0.1 * x);
}

/* A burst of 60 dB over the noise, twenty transforms long. */
static struct g20_find burst(void)
{
    return find(100000, 180000, 0.1, 0.2, db(60));
}

/* Elsewhere, as wide, a quarter as long, @under dB under it. */
static struct g20_find other(double under)
{
    return find(120000, 140000, -0.3, -0.2, db(60 - under));
}

static void under_a_burst_a_find_is_doubtful_and_far_under_it_told(void **state)
{
    const struct g20_find kept = burst();

    (void)state;
    for (int under = 1; under < 60; under++) {
        const struct g20_find f = other(under + 0.5);
        assert_int_equal(g20_find_is_told(&f, &kept, 1), under >= 45);
        assert_int_equal(g20_find_is_doubtful(&f, &kept, 1), under >= 30);
    }
}

/* An answer starts and stops with what it answers. */
static void what_comes_and_goes_with_a_burst_is_told_sooner(void **state)
{
    const struct g20_find kept = burst();

    (void)state;
    for (int under = 1; under < 44; under++) {
        struct g20_find f = other(under + 0.5);
        f.start =
            kept.start + 4000; /* a transform or a tenth of it, whichever is more, is within */
        f.stop = kept.stop - 7500;
        assert_int_equal(g20_find_is_told(&f, &kept, 1), false);
        f.stop = kept.stop + 4000;
        assert_int_equal(g20_find_is_told(&f, &kept, 1), under >= 20);
        f.start = kept.start + 7000;
        f.stop = kept.stop;
        assert_int_equal(g20_find_is_told(&f, &kept, 1), under >= 20);
        f.start = kept.start - 9500;
        f.stop = kept.stop + 4000;
        assert_int_equal(g20_find_is_told(&f, &kept, 1), false);
    }
}

/* Images and splatter are as wide as what they are of: a narrow packet is not one of a wide signal,
 * however much stronger that is in all. A mark or a moment of one is narrow whatever it is of. */
static void a_narrow_packet_is_no_answer_to_a_wide_signal(void **state)
{
    const struct g20_find wide = find(100000, 300000, 0.1, 0.35, db(50));
    const struct g20_find packet = find(150000, 200000, -0.201, -0.2, db(4));
    const struct g20_find mark = find(150000, 152500, -0.201, -0.2, db(4));
    const struct g20_find as_wide = find(150000, 200000, -0.35, -0.1, db(4));
    struct g20_find pauses = packet;

    (void)state;
    assert_false(g20_find_is_artefact(&packet, &wide));
    assert_true(g20_find_is_artefact(&mark, &wide));
    assert_true(g20_find_is_artefact(&as_wide, &wide));
    pauses.on /= 3; /* marks */
    assert_true(g20_find_is_artefact(&pauses, &wide));
}

static void only_a_burst_that_lasts_throughout_is_answered(void **state)
{
    struct g20_find kept = burst(), f = other(50);

    (void)state;
    assert_true(g20_find_is_told(&f, &kept, 1) && g20_find_is_doubtful(&f, &kept, 1));
    f.stop = kept.start + 17000; /* of 21000: four fifths and a little */
    f.start = kept.start - 4000;
    assert_true(g20_find_is_told(&f, &kept, 1) && g20_find_is_doubtful(&f, &kept, 1));
    f.start = kept.start - 5000;
    assert_false(g20_find_is_told(&f, &kept, 1) || g20_find_is_doubtful(&f, &kept, 1));
    f = other(50);
    f.start += 100000, f.stop += 100000; /* after it */
    assert_false(g20_find_is_told(&f, &kept, 1) || g20_find_is_doubtful(&f, &kept, 1));
    f = other(50);
    kept.is_steady = true;
    assert_false(g20_find_is_told(&f, &kept, 1) || g20_find_is_doubtful(&f, &kept, 1));
    assert_false(g20_find_is_told(&f, NULL, 0) || g20_find_is_doubtful(&f, NULL, 0));
}

static void what_is_doubtful_itself_tells_nothing_of_others(void **state)
{
    struct g20_find kept[] = {burst(), burst()};
    const struct g20_find far = other(50), within = find(120000, 140000, 0.12, 0.18, db(50));

    (void)state;
    kept[0].is_doubtful = true;
    assert_false(g20_find_is_told(&far, kept, 1) || g20_find_is_doubtful(&far, kept, 1));
    assert_false(g20_find_is_told(&within, kept, 1));
    assert_true(g20_find_is_told(&far, kept, 2) && g20_find_is_doubtful(&far, kept, 2));
    assert_true(g20_find_is_told(&within, kept, 2));
}

/* Of a burst shorter than three transforms, in other bins, 20 dB and more of energy below. */
static void a_skirt_lies_within_1024_samples_of_its_burst(void **state)
{
    const struct g20_find strong = find(50000, 50500, 0.1, 0.2, db(40));
    struct {
        uint64_t start, stop;
        double power;
        bool is_skirt;
    } const of[] = {
        {48977, 49400, db(19), true},  /* begins 1023 before */
        {48976, 49400, db(19), false}, /* 1024 */
        {51000, 51523, db(19), true},  /* ends 1023 behind */
        {51000, 51524, db(19), false}, /* 1024 */
        {51000, 51500, db(21), false}, /* too strong */
        {48977, 51523, db(12), true},  /* as much energy as at 19 dB, for longer */
        {48977, 51523, db(14), false},
    };

    (void)state;
    for (size_t i = 0; i < G20_COUNT_OF(of); i++) {
        const struct g20_find weak = find(of[i].start, of[i].stop, -0.3, -0.2, of[i].power);
        assert_int_equal(g20_find_is_artefact(&weak, &strong), of[i].is_skirt);
        assert_int_equal(g20_find_is_told(&weak, &strong, 1), of[i].is_skirt);
    }
    const struct g20_find first = find(0, 400, 0.1, 0.2, db(40)); /* of the stream */
    const struct g20_find beside = find(0, 500, -0.3, -0.2, db(15));
    assert_true(g20_find_is_artefact(&beside, &first));
    const struct g20_find longer = find(50000, 50000 + 3 * BIN, 0.1, 0.2, db(40));
    const struct g20_find before = find(49500, 49900, -0.3, -0.2, db(10));
    assert_false(g20_find_is_artefact(&before, &longer));
}

/* Half of its time, or most of its energy: whichever of several that are kept hold it. */
static void what_lies_in_stronger_ones_is_told_by_them(void **state)
{
    const struct g20_find kept[] = {find(10000, 40000, 0.1, 0.2, 100),
                                    find(50000, 80000, 0.1, 0.2, 100)};
    const struct g20_find both = find(20000, 70000, 0.1, 0.2, 90);
    const struct g20_find elsewhere = find(20000, 70000, 0.17, 0.27, 90);
    const struct g20_find click = find(9000, 40500, 0.1, 0.2, 100);
    const struct g20_find longer = find(10000, 80000, 0.1, 0.2, 100);
    struct g20_find stronger = find(22000, 52000, 0.1, 0.2, 1000);

    (void)state;
    assert_true(g20_find_is_told(&stronger, kept, 1));
    stronger.stop += 10000;
    assert_false(g20_find_is_told(&stronger, kept, 1)); /* under half of it */
    assert_true(g20_find_is_told(&both, kept, 2));
    assert_false(g20_find_is_told(&elsewhere, kept, 2));
    assert_true(g20_find_is_told(&click, kept, 1));
    assert_false(g20_find_is_told(&longer, kept, 1)); /* three sevenths of it */
    assert_true(g20_find_is_told(&longer, kept, 2));
}

static void a_carrier_tells_no_more_of_what_it_lies_across_than_its_energy(void **state)
{
    struct g20_find line = find(0, 100000, 0.15, 0.15 + 4.0 / BIN, 100);
    const struct g20_find across = find(20000, 70000, 0.1, 0.2, 200);
    const struct g20_find weak = find(20000, 70000, 0.1, 0.2, 110);
    const struct g20_find narrow = find(20000, 70000, 0.15, 0.15 + 7.0 / BIN, 200);

    (void)state;
    line.is_steady = true;
    assert_false(g20_find_is_told(&across, &line, 1));
    assert_true(g20_find_is_told(&weak, &line, 1));
    assert_true(g20_find_is_told(&narrow, &line, 1)); /* of which it is most */
    line.f_hi = line.f_lo + 7.0 / BIN;                /* no line */
    assert_true(g20_find_is_told(&across, &line, 1));
}

/* What a narrow band shows of two hops are their clicks, and the pause between them. */
/* Beside a signal that goes on for ever, nearer than that is wide. */
static void moments_of_far_sidebands_are_told_and_packets_there_are_not(void **state)
{
    struct g20_find kept = burst(), f;

    (void)state;
    kept.is_steady = true;
    for (int under = 20; under < 40; under++) {
        f = find(120000, 120600, 0.22, 0.23, db(60 - under - 0.5));
        assert_int_equal(g20_find_is_told(&f, &kept, 1), under >= 30);
        f = find(120000, 120600, 0.32, 0.33, db(60 - under - 0.5)); /* further away */
        assert_false(g20_find_is_told(&f, &kept, 1));
        f = find(120000, 124000, 0.22, 0.23, db(60 - under - 0.5)); /* a packet */
        assert_false(g20_find_is_told(&f, &kept, 1));
    }
}

static void clicks_of_two_bursts_are_told_by_both(void **state)
{
    const struct g20_find hops[] = {find(10000, 13000, 0.1, 0.13, db(37)),
                                    find(15000, 18000, 0.1, 0.13, db(37))};
    struct g20_find f = find(12990, 15010, 0.098, 0.132, db(37));

    (void)state;
    f.on = 1000;
    assert_true(g20_find_is_told(&f, hops, 2));
    assert_false(g20_find_is_told(&f, hops, 1)); /* half of it */
    f.on = 1020;                                 /* of 2020: it is there in the pause too */
    assert_false(g20_find_is_told(&f, hops, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_of_far_sidebands_are_told_and_packets_there_are_not),
        cmocka_unit_test(clicks_of_two_bursts_are_told_by_both),
        cmocka_unit_test(under_a_burst_a_find_is_doubtful_and_far_under_it_told),
        cmocka_unit_test(what_comes_and_goes_with_a_burst_is_told_sooner),
        cmocka_unit_test(a_narrow_packet_is_no_answer_to_a_wide_signal),
        cmocka_unit_test(only_a_burst_that_lasts_throughout_is_answered),
        cmocka_unit_test(what_is_doubtful_itself_tells_nothing_of_others),
        cmocka_unit_test(a_skirt_lies_within_1024_samples_of_its_burst),
        cmocka_unit_test(what_lies_in_stronger_ones_is_told_by_them),
        cmocka_unit_test(a_carrier_tells_no_more_of_what_it_lies_across_than_its_energy),
    };

    return cmocka_run_group_tests_name("told", tests, NULL, NULL);
}
