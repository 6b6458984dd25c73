/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/energy.h"

#include "base/alloc.h"
#include "base/rng.h"

#include <complex.h>
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { BLOCK = 8192, MAX_SEEN = 64 };

static uint32_t most = 100; /* detections of a tile */
static float least = 0.5f;  /* score of one */
static const char *network; /* NULL: none */

struct seen {
    struct g20_emission em[MAX_SEEN];
    size_t count, tiles;
    unsigned opened;
};

static void on_emission(enum g20_emission_event event, const struct g20_emission *em, void *user)
{
    struct seen *s = user;

    s->opened += event == G20_EMISSION_OPEN;
    if (event == G20_EMISSION_CLOSE && s->count < MAX_SEEN)
        s->em[s->count++] = *em;
}

static void on_tile(const struct g20_tile_report *report, void *user)
{
    struct seen *s = user;

    assert_true(report->end_sample > report->first_sample);
    s->tiles++;
}

/* The receiver's gain, amplitude; NULL: 1. */
static double (*gain)(uint64_t n);

/* One signal in white noise of -60 dBFS in all; NULL: noise alone. */
typedef double complex signal_fn(uint64_t n, void *arg);

static void run(uint64_t samples, uint64_t seed, signal_fn *signal, void *arg, uint32_t flag_at,
                struct seen *seen)
{
    const struct g20_energy_cfg cfg = {.pfa = 1e-5,
                                       .score_threshold = least,
                                       .threads = 1,
                                       .max_detections = most,
                                       .network = network,
                                       .max_delay_s = 1e9,
                                       .center_known = true};
    const struct g20_energy_sinks sinks = {.tile = on_tile, .emission = on_emission, .user = seen};
    struct g20_pool *pool;
    struct g20_energy *d;
    struct g20_rng rng;

    g20_rng_init(&rng, seed);
    assert_int_equal(g20_pool_create(&pool, 600, BLOCK), 0);
    assert_int_equal(g20_energy_create(&d, &cfg, &sinks, NULL), 0);
    const uint64_t before = g20_alloc_total();
    for (uint64_t n = 0, block = 0; n < samples; n += BLOCK, block++) {
        struct g20_block *b = g20_pool_get(pool, 0);
        assert_non_null(b);
        float complex *x = b->data;
        b->format = G20_CF32;
        b->len = BLOCK;
        b->first_sample = n;
        b->time_us = n / 2;
        b->rate_hz = 2e6;
        b->center_hz = 100e6;
        b->flags = flag_at && block == flag_at ? G20_BLOCK_RETUNED : 0;
        for (uint32_t i = 0; i < BLOCK; i++) {
            const double complex noise = g20_rng_normal(&rng) + I * g20_rng_normal(&rng);
            x[i] = (float complex)(noise * sqrt(0.5e-6) + (signal ? signal(n + i, arg) : 0));
            x[i] *= gain ? (float)gain(n + i) : 1.0f;
        }
        g20_energy_push(d, b);
        g20_block_unref(&b);
    }
    g20_energy_flush(d);
    assert_true(g20_alloc_total() == before); /* nothing is allocated while it runs */
    assert_int_equal(g20_energy_open(d), 0);
    g20_energy_destroy(d);
    g20_pool_destroy(pool);
    assert_int_equal(g20_alloc_live(), 0);
}

struct pulse {
    uint64_t start, stop;
    double amplitude, f; /* cycles a sample */
};

static double complex pulse(uint64_t n, void *arg)
{
    const struct pulse *p = arg;

    if (n < p->start || n >= p->stop)
        return 0;
    return p->amplitude * cexp(I * 2.0 * M_PI * p->f * (double)n);
}

static void noise_alone_raises_nothing(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) { /* 3 x 2 s at 2 MS/s */
        struct seen seen = {0};
        run(4000000, seed, NULL, NULL, 0, &seen);
        assert_int_equal(seen.opened, 0);
        assert_true(seen.tiles > 0);
    }
}

/* 100 us at 2 MS/s are 200 samples, a twentieth of a transform. */
static void a_burst_shorter_than_a_transform_keeps_its_edges(void **state)
{
    struct pulse p = {.start = 250000, .stop = 250200, .amplitude = 0.03, .f = 0.11};
    struct seen seen = {0};

    (void)state;
    run(500000, 7, pulse, &p, 0, &seen);
    assert_int_equal(seen.count, 1);
    const struct g20_emission *em = &seen.em[0];
    assert_true(llabs((long long)em->sample_start - 250000) <= 60);
    assert_true(llabs((long long)em->sample_count - 200) <= 80);
    assert_true(em->f_lo_hz < 100.22e6 && em->f_hi_hz > 100.22e6);
    assert_true(em->f_hi_hz - em->f_lo_hz < 200e3);
}

static double complex pulse_over_a_carrier(uint64_t n, void *arg)
{
    return pulse(n, arg) + 0.002 * cexp(I * 2.0 * M_PI * 0.11 * (double)n);
}

static void a_carrier_hides_no_burst_that_it_lies_across(void **state)
{
    struct pulse p = {.start = 250000, .stop = 250100, .amplitude = 0.03, .f = 0.12};
    struct seen seen = {0};
    size_t bursts = 0;

    (void)state;
    run(500000, 7, pulse_over_a_carrier, &p, 0, &seen);
    for (size_t i = 0; i < seen.count; i++)
        bursts += llabs((long long)seen.em[i].sample_start - 250000) <= 60 &&
                  seen.em[i].sample_count < 300;
    assert_int_equal(bursts, 1);
    assert_true(seen.count > 1); /* and the carrier is told too */
}

/* Pulses of 20 samples, @start: of their first, @stop: after the last. */
static double complex train(uint64_t n, void *arg)
{
    const struct pulse *p = arg;
    const uint64_t period = 15000, at = (n - p->start) % period;

    if (n < p->start || n >= p->stop || at >= 20)
        return 0;
    return p->amplitude * cexp(I * 2.0 * M_PI * p->f * (double)n);
}

static void of_few_transforms_of_noise_none_is_a_plateau(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 8; seed++) { /* 3 transforms each, then 7 */
        struct seen seen = {0};
        run(BLOCK, seed, NULL, NULL, 0, &seen);
        run(2 * BLOCK, seed, NULL, NULL, 0, &seen);
        assert_int_equal(seen.opened, 0);
    }
}

static void pulses_in_a_regular_train_are_no_impulses(void **state)
{
    struct pulse p = {.start = 100000, .stop = 100000 + 7 * 15000, .amplitude = 0.1, .f = -0.1};
    struct seen seen = {0};

    (void)state;
    run(500000, 11, train, &p, 0, &seen);
    assert_int_equal(seen.count, 7);
    uint32_t told = 0; /* of which pulses, a bit each */
    for (size_t i = 0; i < seen.count; i++) {
        const uint64_t since = seen.em[i].sample_start + 32 - 100000;
        assert_true(since % 15000 < 64 && since < 7 * 15000);
        assert_true(seen.em[i].sample_count <= 96); /* at the end of a region less sharp */
        told |= 1u << since / 15000;
    }
    assert_int_equal(told, 0x7f);
}

static void a_tone_at_plus_f_is_found_at_plus_f_with_its_level(void **state)
{
    struct pulse p = {.start = 100000, .stop = 300000, .amplitude = 0.1, .f = 0.2};
    struct seen seen = {0};

    (void)state;
    run(500000, 9, pulse, &p, 0, &seen);
    assert_int_equal(seen.count, 1);
    const struct g20_emission *em = &seen.em[0];
    assert_true(em->f_lo_hz <= 100.4e6 && em->f_hi_hz >= 100.4e6);
    assert_true(em->f_hi_hz - em->f_lo_hz < 5e3);
    assert_true(fabs((double)em->level_dbfs + 20.0) < 0.5); /* 0.1 of full scale */
    assert_true(fabs((double)em->peak_dbfs + 20.0) < 1.6);  /* within the scalloping of Hann */
    assert_true(llabs((long long)em->sample_start - 100000) <= 600);
    assert_true(fabs(em->duration_s - 0.1) < 6e-4);
    assert_true(em->start_us > 49000 && em->start_us < 51000);
}

/* A tone of -10 dBFS for ever, and one of -30 dBFS for a while. */
static double complex two_tones(uint64_t n, void *arg)
{
    struct pulse strong = {0, UINT64_MAX, pow(10.0, -10.0 / 20.0), 0.25};

    return pulse(n, arg) + pulse(n, &strong);
}

static void beside_a_stronger_one_the_peak_is_its_own(void **state)
{
    (void)state;
    struct pulse weak = {500000, 900000, pow(10.0, -30.0 / 20.0), -0.2};
    struct seen seen = {0};

    run(2000000, 6, two_tones, &weak, 0, &seen);
    const struct g20_emission *em = NULL;
    for (size_t i = 0; i < seen.count; i++)
        em = seen.em[i].f_hi_hz < 100e6 ? &seen.em[i] : em;
    assert_non_null(em);
    assert_true(fabs(em->level_dbfs + 30.0) < 0.5);
    assert_true(em->peak_dbfs < -29.5 && em->peak_dbfs > -30.0 - 1.5); /* 1.42 dB: between bins */
}

/* The strong one of above for a while. */
static double complex under_a_burst(uint64_t n, void *arg)
{
    struct pulse strong = {250000, 1250000, pow(10.0, -10.0 / 20.0), 0.25};

    return pulse(n, arg) + pulse(n, &strong);
}

/* What is seen below the centre of @signal with @weak. */
static size_t seen_below(signal_fn *signal, struct pulse weak)
{
    struct seen seen = {0};
    size_t found = 0;

    run(1500000, 6, signal, &weak, 0, &seen);
    for (size_t i = 0; i < seen.count; i++)
        found += seen.em[i].f_hi_hz < 100e6;
    return found;
}

static void what_may_be_an_answer_to_a_burst_is_told_when_a_network_sees_it(void **state)
{
    (void)state;
    least = 0.95f; /* more than a box of the network has alone */
    for (int under = 25; under <= 35; under += 10) {
        const struct pulse weak = {500000, 880000, pow(10.0, (-10.0 - under) / 20.0), -0.2};
        assert_int_equal(seen_below(pulse, weak), 1);
        assert_int_equal(seen_below(under_a_burst, weak), under < 30);
        network = HYDRA;
        assert_int_equal(seen_below(under_a_burst, weak), 1);
        network = NULL;
    }
    least = 0.5f;
}

static void no_more_than_the_most_of_a_tile_become_emissions(void **state)
{
    (void)state;
    struct pulse weak = {500000, 900000, pow(10.0, -30.0 / 20.0), -0.2};
    struct seen seen = {0};

    most = 1;
    run(1000000, 6, two_tones, &weak, 0, &seen);
    most = 100;
    assert_int_equal(seen.count, 1);
}

/* Tiles overlap and the signal spans several: it is still one emission. */
static void a_long_signal_is_one_emission_over_many_tiles(void **state)
{
    struct pulse p = {.start = 200000, .stop = 9800000, .amplitude = 0.02, .f = -0.3};
    struct seen seen = {0};

    (void)state;
    run(10000000, 11, pulse, &p, 0, &seen);
    assert_int_equal(seen.opened, 1);
    assert_int_equal(seen.count, 1);
    assert_true(seen.em[0].f_lo_hz < 99.4e6 && seen.em[0].f_hi_hz > 99.4e6);
    assert_true(seen.em[0].duration_s > 4.7 && seen.em[0].duration_s < 4.9);
}

/* 6 dB up, 9 dB down, in the first look's rows (in a pulse, see below), in those of the second and
 * where two looks meet. */
static double stepping(uint64_t n)
{
    static const uint64_t up[] = {303000, 1540000, 3130000}, down[] = {750000, 1571000, 3150000};
    double db = 0.0;

    for (size_t i = 0; i < G20_COUNT_OF(up); i++)
        db += (n >= up[i] ? 6.0 : 0.0) - (n >= down[i] ? 9.0 : 0.0);
    return pow(10.0, 0.05 * db);
}

static void run_stepping(signal_fn *signal, void *arg, uint64_t seed, struct seen *seen)
{
    gain = stepping;
    run(4000000, seed, signal, arg, 0, seen);
    gain = NULL;
}

static void a_step_of_the_gain_is_no_emission(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct seen seen = {0};
        run_stepping(NULL, NULL, seed, &seen);
        assert_int_equal(seen.opened, 0);
    }
}

/* 5 ms each, every 50 ms. */
static double complex pulses_on_and_on(uint64_t n, void *arg)
{
    struct pulse p = *(struct pulse *)arg;

    return n % 100000 < 10000 ? pulse(n, &p) : 0;
}

static void what_lies_on_both_sides_of_a_step_is_told(void **state)
{
    struct pulse p = {.start = 100000, .stop = 4000000, .amplitude = 0.0006, .f = 0.11};

    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct seen seen = {0};
        run_stepping(pulses_on_and_on, &p, seed, &seen);
        assert_int_equal(seen.count, 39);
        for (size_t i = 0; i < seen.count; i++) {
            const struct g20_emission *em = &seen.em[i];
            const uint64_t near = (em->sample_start + 50000) / 100000 * 100000;
            assert_true(llabs((long long)em->sample_start - (long long)near) < 500);
            assert_true(llabs((long long)em->sample_count - 10000) < 1000);
            /* As strong as it came in: the tone's level in that gain. */
            const double level = 20.0 * log10(0.0006 * stepping(near + 5000));
            assert_true(fabs((double)em->level_dbfs - level) < (near == 300000 ? 3.0 : 1.0));
        }
    }
}

/* Sweeps over 0.8 of the band, again and again, from .start to .stop. */
static double complex wide(uint64_t n, void *arg)
{
    const struct pulse *p = arg;
    const double x = (double)(n % 1000) / 1000.0;

    if (n < p->start || n >= p->stop)
        return 0;
    return p->amplitude * cexp(I * 2.0 * M_PI * 1000.0 * (0.4 * x * x - 0.4 * x));
}

static void what_comes_on_over_most_of_the_band_is_told(void **state)
{
    struct pulse p = {.start = 300000, .stop = 500000, .amplitude = 0.003};

    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct seen seen = {0};
        run(1000000, seed, wide, &p, 0, &seen);
        assert_true(seen.count >= 1);
        uint64_t on = 0;
        for (size_t i = 0; i < seen.count; i++)
            if (seen.em[i].f_hi_hz - seen.em[i].f_lo_hz > 1.2e6)
                on += seen.em[i].sample_count;
        assert_in_range(on, 180000, 220000);
    }
}

static void a_retune_ends_what_was_open(void **state)
{
    struct pulse p = {.start = 100000, .stop = 10000000, .amplitude = 0.02, .f = 0.1};
    struct seen seen = {0};

    (void)state;
    run(800000, 13, pulse, &p, 50, &seen);
    assert_int_equal(seen.count, 2); /* before and after the block that says so */
}

/* Which of its steps: the transform's plan, else the network's file, which is not even there. */
static void create_ends_between_its_steps_when_cancelled(void **state)
{
    static const char *const wisdom_dirs[] = {"/tmp/g20-test-energy-none", NULL};
    static const char *const says[] = {"4096 bins", "none.onnx: no longer wanted"};
    const struct g20_energy_sinks sinks = {.tile = NULL};
    struct g20_cancel cancel = {0};

    (void)state;
    g20_cancel(&cancel);
    for (size_t i = 0; i < 2; i++) {
        const struct g20_energy_cfg cfg = {.pfa = 1e-5,
                                           .threads = 1,
                                           .max_detections = 1,
                                           .network = "/tmp/g20-test-energy-none.onnx",
                                           .wisdom_dir = wisdom_dirs[i],
                                           .cancel = &cancel};
        struct g20_energy *d = NULL;
        struct g20_err e = {0};
        assert_int_equal(g20_energy_create(&d, &cfg, &sinks, &e), -ECANCELED);
        assert_non_null(strstr(e.msg, says[i]));
        assert_null(d);
        assert_int_equal(g20_alloc_live(), 0);
    }
}

static void create_survives_every_failed_allocation(void **state)
{
    const struct g20_energy_cfg cfg = {.pfa = 1e-5, .max_detections = 10, .threads = 1};
    const struct g20_energy_sinks sinks = {0};

    (void)state;
    for (unsigned nth = 0; nth < 1000; nth++) {
        struct g20_energy *d = NULL;
        g20_alloc_fail_at(nth);
        const int r = g20_energy_create(&d, &cfg, &sinks, NULL);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        assert_true(r == 0 || (r == -ENOMEM && !d));
        g20_energy_destroy(d);
        assert_int_equal(g20_alloc_live(), 0);
        if (r == 0)
            return;
    }
    fail_msg("create() never succeeded");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_alone_raises_nothing),
        cmocka_unit_test(a_burst_shorter_than_a_transform_keeps_its_edges),
        cmocka_unit_test(a_carrier_hides_no_burst_that_it_lies_across),
        cmocka_unit_test(of_few_transforms_of_noise_none_is_a_plateau),
        cmocka_unit_test(pulses_in_a_regular_train_are_no_impulses),
        cmocka_unit_test(a_tone_at_plus_f_is_found_at_plus_f_with_its_level),
        cmocka_unit_test(beside_a_stronger_one_the_peak_is_its_own),
        cmocka_unit_test(what_may_be_an_answer_to_a_burst_is_told_when_a_network_sees_it),
        cmocka_unit_test(no_more_than_the_most_of_a_tile_become_emissions),
        cmocka_unit_test(a_long_signal_is_one_emission_over_many_tiles),
        cmocka_unit_test(a_step_of_the_gain_is_no_emission),
        cmocka_unit_test(what_lies_on_both_sides_of_a_step_is_told),
        cmocka_unit_test(what_comes_on_over_most_of_the_band_is_told),
        cmocka_unit_test(a_retune_ends_what_was_open),
        cmocka_unit_test(create_ends_between_its_steps_when_cancelled),
        cmocka_unit_test(create_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
