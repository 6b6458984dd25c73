/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The second look: the same signal elsewhere, later and weaker looks the same; numbers tell
 * modulations apart. */
#include "detect/look.h"

#include "base/alloc.h"
#include "base/block.h"
#include "base/rng.h"

#include <complex.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { BLOCK = 65536, BLOCKS = 4, N = BLOCK * BLOCKS, SIDE = G20_LOOK_SIDE };

static struct g20_looker *looker;
static struct g20_history *history;
static struct g20_pool *pool;
static float complex *x;
static struct g20_err err;

static int set_up(void **state)
{
    (void)state;
    x = g20_calloc_aligned(N, sizeof(*x));
    return x && g20_looker_create(&looker, &err) == 0 &&
                   g20_history_create(&history, BLOCKS) == 0 &&
                   g20_pool_create(&pool, BLOCKS + 1, BLOCK) == 0
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    (void)state;
    g20_history_destroy(history);
    g20_pool_destroy(pool);
    g20_looker_destroy(looker);
    g20_free(x);
    return 0;
}

static void hold(void)
{
    g20_history_clear(history);
    for (uint64_t i = 0; i < BLOCKS; i++) {
        struct g20_block *b = g20_pool_get(pool, 0);
        assert_non_null(b);
        b->format = G20_CF32;
        b->len = BLOCK;
        b->flags = 0;
        b->first_sample = i * BLOCK;
        b->rate_hz = 1e6;
        memcpy(b->data, x + i * BLOCK, BLOCK * sizeof(*x));
        g20_history_push(history, b);
        g20_block_unref(&b);
    }
}

static void noise(float sigma)
{
    struct g20_rng rng;

    g20_rng_init(&rng, 3);
    for (int i = 0; i < N; i++) {
        const float re = (float)g20_rng_normal(&rng), im = (float)g20_rng_normal(&rng);
        x[i] = sigma * (re + im * I);
    }
}

/* @phases-PSK of @symbol samples each at @centre, smoothed over half a symbol; 1: a tone. */
static void psk(int start, int length, double centre, double amplitude, int phases, int symbol)
{
    struct g20_rng rng;
    double complex last = 1.0, next = 1.0;

    g20_rng_init(&rng, 4);
    for (int i = 0; i < length; i++) {
        if (i % symbol == 0) {
            last = next;
            next = cexp(2.0 * M_PI * I * (double)g20_rng_below(&rng, (uint64_t)phases) / phases);
        }
        const double part = fmin(1.0, 2.0 * (i % symbol) / symbol);
        const double w = 0.5 - 0.5 * cos(M_PI * part);
        x[start + i] += (float complex)(amplitude * ((1.0 - w) * last + w * next) *
                                        cexp(2.0 * M_PI * I * centre * i));
    }
}

static struct g20_look look(int start, int length, double centre, double width)
{
    struct g20_look l;

    hold();
    assert_true(g20_looker_look(looker, history, (uint64_t)start, (uint64_t)(start + length),
                                centre - 0.5 * width, centre + 0.5 * width, 1e6, &l));
    return l;
}

static double apart(const struct g20_look *a, const struct g20_look *b)
{
    double sum = 0.0;

    for (int p = 0; p < G20_LOOK_PICTURES; p++)
        for (int t = 0; t < SIDE; t++)
            for (int k = 0; k < SIDE; k++)
                sum += pow((double)(a->picture[p][t][k] - b->picture[p][t][k]), 2.0);
    return sqrt(sum / (G20_LOOK_PICTURES * SIDE * SIDE));
}

static void place_time_and_level_do_not_show(void **state)
{
    (void)state;
    noise(1e-3f);
    psk(20000, 60000, 0.05, 0.5, 4, 100);
    const struct g20_look a = look(20000, 60000, 0.05, 0.016);
    noise(1e-5f);
    psk(150000, 60000, -0.31, 0.005, 4, 100);
    const struct g20_look b = look(150000, 60000, -0.31, 0.016);
    assert_true(apart(&a, &b) < 0.06);
    for (int i = 0; i < G20_LOOK_NUMBERS; i++)
        assert_float_equal(a.number[i], b.number[i], 0.15);
}

static void its_spectrum_lies_in_the_middle_half(void **state)
{
    double inside = 0.0, outside = 0.0;

    (void)state;
    noise(1e-4f);
    psk(0, 200000, 0.2, 0.5, 4, 50);
    const struct g20_look l = look(0, 200000, 0.2, 0.03);
    for (int t = 0; t < SIDE; t++)
        for (int k = 0; k < SIDE; k++)
            *(k >= SIDE / 4 && k < 3 * SIDE / 4 ? &inside : &outside) +=
                (double)l.picture[0][t][k] / (SIDE * SIDE / 2);
    assert_true(inside > 0.6);
    assert_true(outside < 0.3);
}

static void lines_of_powers_tell_phase_modulations_apart(void **state)
{
    (void)state;
    float line[3][3];
    for (int i = 0; i < 3; i++) { /* a tone, BPSK, QPSK */
        noise(1e-3f);
        psk(10000, 100000, -0.1, 0.5, 1 << i, 100);
        const struct g20_look l = look(10000, 100000, -0.1, 0.016);
        line[i][0] = l.number[G20_LOOK_LINE_1];
        line[i][1] = l.number[G20_LOOK_LINE_2];
        line[i][2] = l.number[G20_LOOK_LINE_4];
    }
    assert_true(line[0][0] > line[1][0] + 0.3f);
    assert_true(line[1][1] > line[2][1] + 0.5f);
    assert_true(line[2][2] > 0.5f);
}

static void pauses_show_in_the_duty(void **state)
{
    (void)state;
    noise(1e-3f);
    psk(0, 20000, 0.1, 0.5, 2, 100);
    const struct g20_look full = look(0, 20000, 0.1, 0.016);
    for (int i = 0; i < 20000; i++)
        x[i] *= i % 4000 < 1000;
    const struct g20_look keyed = look(0, 20000, 0.1, 0.016);
    assert_true(full.number[G20_LOOK_DUTY] > 0.8f);
    assert_true(keyed.number[G20_LOOK_DUTY] < 0.0f);
}

static void what_is_not_held_is_not_looked_at(void **state)
{
    struct g20_look l;

    (void)state;
    noise(1e-3f);
    hold();
    assert_false(g20_looker_look(looker, history, N + 10, N + 1000, 0.0, 0.1, 1e6, &l));
    memset(x, 0, N * sizeof(*x));
    hold();
    assert_false(g20_looker_look(looker, history, 0, 1000, 0.0, 0.1, 1e6, &l));
}

static void added_noise_is_as_strong_as_asked_for(void **state)
{
    (void)state;
    noise(1e-5f);
    psk(0, 100000, 0.1, 0.5, 4, 100);
    const struct g20_look clean = look(0, 100000, 0.1, 0.016);
    g20_looker_noise(looker, 0.1f, 1);
    const struct g20_look rough = look(0, 100000, 0.1, 0.016);
    g20_looker_noise(looker, 0.1f, 1);
    const struct g20_look again = look(0, 100000, 0.1, 0.016);
    g20_looker_noise(looker, 0.0f, 0);
    assert_true(apart(&clean, &rough) > 0.1);
    assert_memory_equal(&rough, &again, sizeof(again));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(place_time_and_level_do_not_show),
        cmocka_unit_test(its_spectrum_lies_in_the_middle_half),
        cmocka_unit_test(lines_of_powers_tell_phase_modulations_apart),
        cmocka_unit_test(pauses_show_in_the_duty),
        cmocka_unit_test(what_is_not_held_is_not_looked_at),
        cmocka_unit_test(added_noise_is_as_strong_as_asked_for),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
