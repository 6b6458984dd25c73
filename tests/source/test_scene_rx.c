/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The receiver's filter, gain and converter on samples made here; a second ray's power. */
#include "base/alloc.h"
#include "base/rng.h"
#include "source/scene.h"
#include "source/scene_rx.h"
#include "source/scene_voice.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { BLOCK = G20_SCENE_BLOCK, SEEDS = 40 };

#define PI 3.141592653589793

static float complex x[BLOCK];

static struct g20_scene_rx *receiver(uint64_t seed, double noise)
{
    struct g20_scene_rx *rx = NULL;

    assert_int_equal(g20_scene_rx_create(&rx, seed, noise), 0);
    return rx;
}

static void an_impulse_comes_out_late_by_what_is_said(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct g20_scene_rx *rx = receiver(seed, 0);
        int top = 0;

        memset(x, 0, sizeof(x));
        x[100] = 0.5f;
        g20_scene_rx_apply(rx, x);
        for (int i = 0; i < BLOCK; i++)
            top = cabsf(x[i]) > cabsf(x[top]) ? i : top;
        assert_int_equal(top, 100 + G20_SCENE_RX_DELAY);
        g20_scene_rx_destroy(rx);
    }
}

/* Gain at @f of receiver @seed, by a tone: the mean over a block that is settled. */
static double gain_at(uint64_t seed, double f)
{
    struct g20_scene_rx *rx = receiver(seed, 0);
    double sum = 0;

    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < BLOCK; i++)
            x[i] = (float complex)(0.5 * cexp(I * 2 * PI * f * (pass * BLOCK + i)));
        g20_scene_rx_apply(rx, x);
    }
    for (int i = 0; i < BLOCK; i++)
        sum += (double)cabsf(x[i]) / BLOCK;
    g20_scene_rx_destroy(rx);
    return 20 * log10(2 * sum);
}

static void the_filter_rolls_off_at_the_edges_only(void **state)
{
    int rolled = 0;

    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        const double middle = gain_at(seed, 0.01), edge = gain_at(seed, 0.495);

        if (fabs(middle) < 1) { /* the others' gain has stepped */
            assert_true(fabs(gain_at(seed, -0.2) - middle) < 0.5);
            rolled += edge < middle - 2;
            assert_true(edge < middle + 0.5);
        }
    }
    assert_in_range(rolled, SEEDS / 4, SEEDS - 1);
}

static void the_converter_has_levels_and_clips(void **state)
{
    int rounded = 0;

    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct g20_scene_rx *rx = receiver(seed, 1e-3);
        struct g20_rng rng;
        double levels = 0;

        g20_rng_init(&rng, seed);
        for (int i = 0; i < BLOCK; i++)
            x[i] = (float)(0.02 * g20_rng_normal(&rng)) + I * (float)(0.02 * g20_rng_normal(&rng));
        x[2000] = 40 - 40 * I;
        g20_scene_rx_apply(rx, x);
        for (int bits = 8; bits <= 16 && levels <= 0; bits += 4) {
            levels = ldexp(1, bits - 1);
            for (int i = 0; i < BLOCK; i++)
                if (fmod((double)crealf(x[i]) * levels, 1) != 0 ||
                    fmod((double)cimagf(x[i]) * levels, 1) != 0)
                    levels = 0;
        }
        rounded += levels > 0;
        for (int i = 0; i < BLOCK; i++)
            assert_true(fabsf(crealf(x[i])) <= 1 && fabsf(cimagf(x[i])) <= 1);
        assert_true(fabsf(crealf(x[2000 + G20_SCENE_RX_DELAY])) > 0.99f);
        g20_scene_rx_destroy(rx);
    }
    assert_in_range(rounded, SEEDS / 4, SEEDS - 1);
}

static void a_second_ray_has_the_power_that_is_said(void **state)
{
    struct g20_rng rng;

    (void)state;
    g20_rng_init(&rng, 3);
    for (int k = 0; k < 200; k++) {
        const struct g20_echo e = {.delay = 1 + (uint32_t)g20_rng_below(&rng, G20_ECHO_MAX),
                                   .strength = g20_rng_range(&rng, 0.1, 0.9),
                                   .phase = g20_rng_uniform(&rng),
                                   .step = g20_rng_log_range(&rng, 1e-8, 1e-5)};
        const double lo = g20_rng_range(&rng, -0.4, 0.3);
        const double hi = lo + g20_rng_log_range(&rng, 1e-4, 0.2);
        double sum = 0;

        for (int t = 0; t < 100; t++)
            for (int i = 0; i < 100; i++) {
                const double f = lo + (hi - lo) * (i + 0.5) / 100, at = (t + 0.5) * 1000;
                const double complex ray =
                    e.strength * cexp(I * 2 * PI * (e.phase + e.step * at - f * e.delay));
                sum += pow(cabs(1 + ray), 2) / 1e4;
            }
        assert_true(fabs(g20_echo_power(&e, 100000, lo, hi) - fmax(sum, 0.01)) < 0.02);
    }
}

static void the_scene_is_the_same_however_it_is_read(void **state)
{
    static float complex a[5 * BLOCK], b[5 * BLOCK];
    struct g20_scene_cfg cfg;
    struct g20_scene *s;

    (void)state;
    g20_scene_cfg_default(&cfg);
    cfg.receiver = cfg.channel = true;
    cfg.overlap = 0.5;
    cfg.density = 10;
    for (int pass = 0; pass < 2; pass++) {
        const size_t piece = pass ? 777 : 5 * BLOCK;

        assert_int_equal(g20_scene_create(&s, &cfg, NULL), 0);
        for (size_t at = 0; at < 5 * BLOCK; at += piece)
            g20_scene_read(s, (pass ? b : a) + at, G20_MIN(piece, 5 * BLOCK - at));
        g20_scene_destroy(s);
    }
    assert_memory_equal(a, b, sizeof(a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_impulse_comes_out_late_by_what_is_said),
        cmocka_unit_test(the_filter_rolls_off_at_the_edges_only),
        cmocka_unit_test(the_converter_has_levels_and_clips),
        cmocka_unit_test(a_second_ray_has_the_power_that_is_said),
        cmocka_unit_test(the_scene_is_the_same_however_it_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
