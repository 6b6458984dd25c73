/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/alloc.h"
#include "base/rng.h"
#include "detect/segment.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { N = 40000, STEP = 4, START = 1000 };

static float power[N];

/* Exponential powers of mean 1 as noise makes them, and @level more where a burst is on. */
static void fill(uint64_t seed, const size_t (*on)[2], size_t n, double level)
{
    struct g20_rng rng;

    g20_rng_init(&rng, seed);
    for (size_t i = 0; i < N; i++)
        power[i] = (float)-log(1.0 - g20_rng_uniform(&rng));
    for (size_t k = 0; k < n; k++)
        for (size_t i = on[k][0]; i < on[k][1]; i++)
            power[i] += (float)level;
}

static bool with_impulses;
static uint32_t step = STEP;

static size_t segment(double bandwidth, struct g20_burst *out, size_t cap)
{
    const struct g20_envelope env = {.power = power, .n = N, .start = START, .step = step};
    const struct g20_segment_cfg cfg = {.noise = 1,
                                        .noise_min = 1,
                                        .bandwidth = bandwidth,
                                        .width = 2.0 * bandwidth,
                                        .with_impulses = with_impulses};
    struct g20_segmenter *s;

    assert_int_equal(g20_segmenter_create(&s, N), 0);
    const size_t n = g20_segment(s, &env, &cfg, out, cap);
    g20_segmenter_destroy(s);
    assert_int_equal(g20_alloc_live(), 0);
    return n;
}

/* Edge @got of a burst, in samples, at value @want of the envelope; within @slack values. */
static void near(uint64_t got, size_t want, size_t slack)
{
    const double off = ((double)got - START) / STEP - (double)want;

    if (fabs(off) > (double)slack)
        fail_msg("edge %g values off", off);
}

static void bursts_start_and_stop_where_they_do(void **state)
{
    (void)state;
    static const size_t on[][2] = {{3000, 9000}, {20000, 31000}};
    struct g20_burst b[8];

    for (uint64_t seed = 1; seed <= 5; seed++) {
        fill(seed, on, 2, 30);
        assert_int_equal(segment(0.2, b, G20_COUNT_OF(b)), 2);
        for (int k = 0; k < 2; k++) {
            near(b[k].start, on[k][0], 8);
            near(b[k].stop, on[k][1], 8);
            assert_true(fabs(b[k].mean - 31) < 1);
            assert_true(b[k].on <= b[k].stop - b[k].start);
        }
    }
}

static void noise_alone_has_no_burst(void **state)
{
    (void)state;
    struct g20_burst b[8];

    for (uint64_t seed = 1; seed <= 20; seed++) {
        fill(seed, NULL, 0, 0);
        assert_int_equal(segment(0.2, b, G20_COUNT_OF(b)), 0);
    }
}

static void symbols_of_a_keyed_signal_join_and_packets_do_not(void **state)
{
    (void)state;
    enum { SYMBOLS = 20 };
    size_t on[SYMBOLS + 1][2];
    struct g20_burst b[8];

    /* On-off keying: marks of 400 values, as long pauses, then far behind another packet. At a
     * bandwidth of 1 / 1600 samples a mark is one symbol. */
    for (size_t k = 0; k < SYMBOLS; k++) {
        on[k][0] = 2000 + 800 * k;
        on[k][1] = on[k][0] + 400;
    }
    on[SYMBOLS][0] = 35000;
    on[SYMBOLS][1] = 35400;
    fill(3, (const size_t(*)[2])on, SYMBOLS + 1, 50);
    assert_int_equal(segment(1.0 / 1600, b, G20_COUNT_OF(b)), 2);
    near(b[0].start, 2000, 8);
    near(b[0].stop, on[SYMBOLS - 1][1], 8);
    assert_true(fabs((double)b[0].on / (double)(b[0].stop - b[0].start) - 0.513) < 0.03);
    near(b[1].start, 35000, 8);

    /* The same marks of a wide signal are packets of many symbols each: they stay apart. */
    const size_t n = segment(0.2, b, G20_COUNT_OF(b));
    assert_int_equal(n, G20_COUNT_OF(b)); /* more than there is room for: the first ones */
    near(b[7].start, 2000 + 7 * 800, 8);
}

/* Packets of 20 symbols, 8 symbols apart: nulls where fades reach the noise, pauses where they do
 * not. Pieces that may be a symbol or a short packet join over the pauses of a code, no more. The
 * end of what is seen is not the end of a packet. */
static void pauses_are_told_from_nulls(void **state)
{
    static const size_t packets[][2] = {{2000, 12000}, {14000, 27000}};
    static const size_t hops[][2] = {{2000, 6000}, {22000, 26000}};
    static const size_t word[][2] = {{2000, 6000}, {14000, 17000}};
    static const size_t cut[][2] = {{10000, 36000}, {N - 400, N}};
    struct g20_burst b[8];

    (void)state;
    fill(7, packets, 2, 20);
    assert_int_equal(segment(1.0 / 1000, b, G20_COUNT_OF(b)), 1);
    fill(7, packets, 2, 1000);
    assert_int_equal(segment(1.0 / 1000, b, G20_COUNT_OF(b)), 2);
    fill(7, hops, 2, 50);
    assert_int_equal(segment(1.0 / 1000, b, G20_COUNT_OF(b)), 2);
    fill(7, hops, 2, 50); /* too narrow to tell: lines */
    assert_int_equal(segment(1.0 / 4096, b, G20_COUNT_OF(b)), 1);
    fill(7, word, 2, 50);
    assert_int_equal(segment(1.0 / 1000, b, G20_COUNT_OF(b)), 1);
    fill(7, cut, 2, 50);
    assert_int_equal(segment(1.0 / 1000, b, G20_COUNT_OF(b)), 2);
}

/* Bursts as long as each other that a transform parts stay apart, however short the pause, and so
 * does the last, of which the end may be missing. Where their power comes and goes they are frames
 * of one keyed signal. */
static void bursts_of_a_train_stay_apart(void **state)
{
    static const size_t on[][2] = {{2000, 12000}, {13000, 23000}, {24000, 34000}, {35000, N}};
    struct g20_burst b[8];

    (void)state;
    fill(9, on, 4, 50);
    assert_int_equal(segment(1.0 / 2000, b, G20_COUNT_OF(b)), 4);
    near(b[1].start, 13000, 8);
    near(b[2].stop, 34000, 8);
    assert_true(b[1].is_level);
    for (size_t k = 0; k < 4; k++)
        for (size_t i = on[k][0]; i < on[k][1]; i++)
            power[i] *= i % 4 < 2 ? 2.0f : 0.0f;
    assert_int_equal(segment(1.0 / 2000, b, G20_COUNT_OF(b)), 1);
    assert_true(!b[0].is_level);
}

/* What the start of what is seen cuts is no symbol as short as what is left of it. */
/* Hops of 65 values with pauses of 10, hardly more than what is averaged. */
static void the_edge_of_a_burst_is_not_looked_for_in_the_one_before(void **state)
{
    (void)state;
    enum { HOPS = 8, SEEDS = 10 };
    size_t on[HOPS][2], alone = 0;
    struct g20_burst b[2 * HOPS];

    for (size_t k = 0; k < HOPS; k++) {
        on[k][0] = 2000 + 75 * k;
        on[k][1] = on[k][0] + 65;
    }
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        fill(seed, (const size_t(*)[2])on, HOPS, 30);
        const size_t n = segment(0.077, b, G20_COUNT_OF(b));
        for (size_t i = 0; i < n; i++)
            alone += b[i].stop - b[i].start < (size_t)100 * STEP;
    }
    assert_true(alone > HOPS * SEEDS * 9 / 10);
}

/* Pulses of 30 dB with scraps of something far weaker in the pauses: these join neither them to
 * each other nor themselves to them. */
static void what_is_far_weaker_in_a_pause_joins_nothing(void **state)
{
    (void)state;
    enum { PULSES = 5 };
    static const size_t scrap[] = {1200, 1400, 1700, 2100, 2400};
    struct g20_burst b[64];
    size_t found = 0;

    fill(7, NULL, 0, 0);
    for (size_t k = 0; k < PULSES; k++) {
        for (size_t i = 0; i < 900; i++)
            power[5000 + 3000 * k + i] += 1000.0f;
        for (size_t n = 0; n < G20_COUNT_OF(scrap); n++)
            for (size_t i = 0; i < 30; i++)
                power[5000 + 3000 * k + scrap[n] + i] += 5.0f;
    }
    const size_t n = segment(0.02, b, G20_COUNT_OF(b));
    for (size_t i = 0; i < n; i++) {
        assert_true(i == 0 || b[i].start >= b[i - 1].start);
        if (b[i].mean < 100)
            continue;
        near(b[i].start, 5000 + 3000 * found, 8);
        near(b[i].stop, 5900 + 3000 * found, 8);
        found++;
    }
    assert_int_equal(found, PULSES);
}

static void a_burst_that_the_start_cuts_is_no_symbol(void **state)
{
    static const size_t cut[][2] = {{0, 5000}, {13000, 33000}};
    static const size_t whole[][2] = {{100, 5100}, {13000, 33000}};
    static const size_t hop[][2] = {{0, 5000}, {7000, 27000}};
    static const size_t closer[][2] = {{0, 5000}, {10000, 30000}};
    struct g20_burst b[8];

    (void)state;
    fill(11, cut, 2, 50);
    assert_int_equal(segment(1.0 / 1000, b, G20_COUNT_OF(b)), 2);
    near(b[0].stop, 5000, 8);
    fill(11, hop, 2, 50);
    assert_int_equal(segment(1.0 / 1000, b, G20_COUNT_OF(b)), 2);
    fill(11, closer, 2, 50); /* and of a signal that is keyed as fast as it can be */
    for (size_t i = 0; i < 30000; i++)
        power[i] *= i % 4 < 2 ? 2.0f : 0.0f;
    assert_int_equal(segment(1.0 / 1000, b, G20_COUNT_OF(b)), 2);
    fill(11, whole, 2, 50); /* as short as it is seen: a dot before a dash */
    assert_int_equal(segment(1.0 / 1000, b, G20_COUNT_OF(b)), 1);
}

/* Noise is no power that comes and goes, however much of it there is: with as much as here the
 * values' mean square is 1.56 times their mean's. */
static void a_weak_burst_keeps_its_level_too(void **state)
{
    enum { FROM = 10000, TO = 14000 };
    struct g20_burst b[8];

    (void)state;
    for (int keyed = 0; keyed < 2; keyed++)
        for (uint64_t seed = 1; seed <= 5; seed++) {
            struct g20_rng rng;

            fill(seed, NULL, 0, 0);
            g20_rng_init(&rng, seed + 10);
            for (size_t i = FROM; i < TO; i++) {
                const double amplitude = !keyed ? sqrt(2) : i % 4 < 2 ? 2 : 0;
                const double re = amplitude + sqrt(0.5) * g20_rng_normal(&rng);
                const double im = sqrt(0.5) * g20_rng_normal(&rng);
                power[i] = (float)(re * re + im * im);
            }
            assert_true(segment(0.2, b, G20_COUNT_OF(b)) >= 1);
            assert_int_equal(b[0].is_level, !keyed);
        }
}

/* A slot that a moment without power parts in two is as long as the others all together: it is not
 * a symbol that goes on after the slot before. */
static void a_scratch_parts_no_slot(void **state)
{
    static const size_t on[][2] = {{2000, 12000}, {16000, 26000}, {30000, 39900}};
    struct g20_burst b[8];

    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        fill(seed, on, 3, 8);
        for (size_t i = 18000; i < 18007; i++)
            power[i] = 0.1f;
        assert_int_equal(segment(1.0 / 2000, b, G20_COUNT_OF(b)), 3);
        near(b[1].start, 16000, 8);
        near(b[1].stop, 26000, 8);
    }
}

/* @times the power wherever a burst is on: a signal as random as the noise. */
static void fill_random(uint64_t seed, const size_t (*on)[2], size_t n, float times)
{
    fill(seed, NULL, 0, 0);
    for (size_t k = 0; k < n; k++)
        for (size_t i = on[k][0]; i < on[k][1]; i++)
            power[i] *= times;
}

/* A signal as random as noise dips down to it: those are no pauses, they part nothing and count as
 * time that it is on. Pauses in which there is the noise alone do part it. */
static void dips_of_a_random_signal_are_no_pauses(void **state)
{
    static const size_t whole[][2] = {{5000, 35000}};
    static const size_t parts[][2] = {{5000, 17000}, {20000, 35000}};
    struct g20_burst b[8];

    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        fill_random(seed, whole, 1, 5); /* 6 dB over the noise */
        assert_int_equal(segment(0.06, b, G20_COUNT_OF(b)), 1);
        near(b[0].start, 5000, 40);
        near(b[0].stop, 35000, 40);
        assert_int_equal(b[0].on, b[0].stop - b[0].start);
        assert_true(fabs(b[0].mean - 5) < 0.25);
        fill_random(seed, parts, 2, 5);
        assert_int_equal(segment(0.06, b, G20_COUNT_OF(b)), 2);
        near(b[0].stop, 17000, 40);
        near(b[1].start, 20000, 40);
    }
}

static void a_weak_burst_is_found_by_averaging_longer(void **state)
{
    (void)state;
    static const size_t on[][2] = {{10000, 30000}};
    struct g20_burst b[8];

    fill(4, on, 1, 0.5); /* 3 dB under the noise */
    assert_int_equal(segment(0.2, b, G20_COUNT_OF(b)), 1);
    near(b[0].start, 10000, 600);
    near(b[0].stop, 30000, 600);
}

/* Few values, and less than 6 dB over the noise: interference, unless it lasts as long as half a
 * transform, nearly without a pause. */
static void a_weak_burst_of_few_values_must_last(void **state)
{
    static const size_t whole[][2] = {{10000, 10200}};
    static const size_t parts[][2] = {{10000, 10060}, {10210, 10270}};
    struct g20_burst b[8];

    (void)state;
    fill(5, whole, 1, 3);
    assert_int_equal(segment(1.0 / 3000, b, G20_COUNT_OF(b)), 0);
    step = 16;
    assert_int_equal(segment(1.0 / 3000, b, G20_COUNT_OF(b)), 1);
    fill(5, parts, 2, 3);
    assert_int_equal(segment(1.0 / 3000, b, G20_COUNT_OF(b)), 0);
    step = STEP;
}

static void impulses_are_told_to_those_who_ask(void **state)
{
    (void)state;
    static const size_t on[][2] = {{5000, 5005}, {20000, 20400}};
    struct g20_burst b[8];

    fill(4, on, 2, 1000);
    assert_int_equal(segment(0.2, b, G20_COUNT_OF(b)), 1);
    near(b[0].start, 20000, 8);
    with_impulses = true;
    assert_int_equal(segment(0.2, b, G20_COUNT_OF(b)), 2);
    near(b[0].start, 5000, 8);
    assert_true(b[0].on < G20_SEGMENT_SHORTEST);
    fill(4, on, 0, 0);
    assert_int_equal(segment(0.2, b, G20_COUNT_OF(b)), 0);
    with_impulses = false;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bursts_start_and_stop_where_they_do),
        cmocka_unit_test(noise_alone_has_no_burst),
        cmocka_unit_test(symbols_of_a_keyed_signal_join_and_packets_do_not),
        cmocka_unit_test(pauses_are_told_from_nulls),
        cmocka_unit_test(bursts_of_a_train_stay_apart),
        cmocka_unit_test(the_edge_of_a_burst_is_not_looked_for_in_the_one_before),
        cmocka_unit_test(what_is_far_weaker_in_a_pause_joins_nothing),
        cmocka_unit_test(a_burst_that_the_start_cuts_is_no_symbol),
        cmocka_unit_test(a_weak_burst_keeps_its_level_too),
        cmocka_unit_test(a_scratch_parts_no_slot),
        cmocka_unit_test(dips_of_a_random_signal_are_no_pauses),
        cmocka_unit_test(a_weak_burst_is_found_by_averaging_longer),
        cmocka_unit_test(a_weak_burst_of_few_values_must_last),
        cmocka_unit_test(impulses_are_told_to_those_who_ask),
    };

    return cmocka_run_group_tests_name("segment", tests, NULL, NULL);
}
