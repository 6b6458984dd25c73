/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/alloc.h"
#include "base/rng.h"
#include "detect/occupied.h"
#include "detect/tile.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { N = 200000, TONES = 400 };

static void on_frame(const struct g20_frame *frame, void *user)
{
    (void)g20_tile_add(user, frame);
}

/* What the tile of block @b's rows says is what its own samples say. */
static void expect_the_same_of_rows(struct g20_occupied_meter *m, const struct g20_history *h,
                                    struct g20_block *b, double hint_lo, double hint_hi,
                                    const float *noise, const struct g20_occupied *want)
{
    const struct g20_stft_cfg cfg = {
        .nfft = G20_TILE_BINS, .hop = G20_TILE_HOP, .window = G20_WINDOW_HANN};
    struct g20_stft *stft;
    struct g20_tile *t;
    struct g20_occupied o;

    assert_int_equal(g20_tile_create(&t), 0);
    assert_int_equal(g20_stft_create(&stft, &cfg, NULL), 0);
    b->rate_hz = 1e6;
    g20_stft_push(stft, b, on_frame, t);
    assert_true(t->rows > 10);
    g20_occupied_measure(m, h, t, 0, N, hint_lo, hint_hi, noise, &o);
    assert_true(fabs(o.f_lo - want->f_lo) < 2.0 / G20_TILE_BINS);
    assert_true(fabs(o.f_hi - want->f_hi) < 2.0 / G20_TILE_BINS);
    assert_true(fabs(10 * log10(o.power / want->power)) < 0.2);
    assert_true(fabs(10 * log10(o.noise / want->noise)) < 0.2);
    assert_true(fabs(10 * log10(o.peak / want->peak)) < 2);
    g20_stft_destroy(stft);
    g20_tile_destroy(t);
}

/* Samples start .. stop - 1 of @x (N), to which white noise of power @noise is added, as the meter
 * has them. */
static void measure_samples(double complex *x, uint64_t start, uint64_t stop, double noise,
                            double hint_lo, double hint_hi, struct g20_occupied *o)
{
    static float floor_bins[G20_TILE_BINS];
    struct g20_occupied_meter *m;
    struct g20_history *h;
    struct g20_pool *p;
    struct g20_rng rng;

    g20_rng_init(&rng, 11);
    assert_int_equal(g20_occupied_create(&m, NULL), 0);
    assert_int_equal(g20_history_create(&h, 3), 0);
    assert_int_equal(g20_pool_create(&p, 3, N), 0);
    struct g20_block *b = g20_pool_get(p, 0);
    b->format = G20_CF32;
    b->len = N;
    for (int i = 0; i < N; i++) {
        x[i] += (g20_rng_normal(&rng) + I * g20_rng_normal(&rng)) * sqrt(noise / 2);
        ((float complex *)b->data)[i] = (float complex)x[i];
    }
    /* White noise as a Hann transform of this length sees it. */
    for (int i = 0; i < G20_TILE_BINS; i++)
        floor_bins[i] = (float)(noise * 1.5 / G20_TILE_BINS);
    g20_history_push(h, b);
    g20_occupied_measure(m, h, NULL, start, stop, hint_lo, hint_hi, floor_bins, o);
    if (stop - start == N)
        expect_the_same_of_rows(m, h, b, hint_lo, hint_hi, floor_bins, o);
    g20_block_unref(&b);
    g20_history_destroy(h);
    g20_pool_destroy(p);
    g20_occupied_destroy(m);
    assert_int_equal(g20_alloc_live(), 0);
}

/* Noise of power @noise over the whole band, and @TONES tones of random phase from @lo to @hi
 * (fractions of the rate) with @power in all: as flat a band as can be. */
static void measure(double lo, double hi, double power, double noise, double hint_lo,
                    double hint_hi, struct g20_occupied *o)
{
    static double complex turn[TONES], now[TONES], x[N];
    struct g20_rng rng;

    g20_rng_init(&rng, 12);
    for (int k = 0; k < TONES; k++) {
        turn[k] = cexp(2 * M_PI * I * (lo + (k + 0.5) / TONES * (hi - lo)));
        now[k] = cexp(2 * M_PI * I * g20_rng_uniform(&rng)) * sqrt(power / TONES);
    }
    for (int i = 0; i < N; i++) {
        x[i] = 0.0;
        for (int k = 0; k < TONES; k++) {
            x[i] += now[k];
            now[k] *= turn[k];
        }
    }
    measure_samples(x, 0, N, noise, hint_lo, hint_hi, o);
}

static void a_flat_band_is_99_percent_of_itself_wide(void **state)
{
    (void)state;
    const double bin = 1.0 / 4096;
    struct g20_occupied o;

    measure(0.1, 0.2, 1e-3, 1e-6, 0.12, 0.18, &o); /* the hint is too narrow */
    assert_true(fabs(o.f_lo - 0.1005) < 2 * bin);
    assert_true(fabs(o.f_hi - 0.1995) < 2 * bin);
    assert_true(o.visible_lo <= o.f_lo && o.visible_hi >= o.f_hi);
    assert_true(o.visible_lo > 0.1 - 8 * bin && o.visible_hi < 0.2 + 8 * bin);
    assert_true(fabs(10 * log10(o.power / 1e-3)) < 0.2);
    assert_true(fabs(10 * log10(o.noise / 1e-7)) < 0.2); /* a tenth of the noise is in there */
    assert_true(o.peak < 1e-3 / 10 && o.peak > 1e-3 / TONES / 2);
}

static void below_zero_is_left_of_the_middle_and_a_wide_hint_does_no_harm(void **state)
{
    (void)state;
    const double bin = 1.0 / 4096;
    struct g20_occupied o;

    measure(-0.32, -0.3, 1e-4, 1e-6, -0.34, -0.28, &o);
    assert_true(fabs(o.f_lo + 0.3199) < 3 * bin);
    assert_true(fabs(o.f_hi + 0.3001) < 3 * bin);
    assert_true(fabs(10 * log10(o.power / 1e-4)) < 0.3);
}

/* A sweep is at its lowest and highest frequency when it begins and ends. */
static void a_short_sweep_is_as_wide_as_it_sweeps(void **state)
{
    enum { AT = 50000, LENGTH = 630 };
    static double complex x[N];
    struct g20_occupied o;

    (void)state;
    memset(x, 0, sizeof(x));
    for (int i = 0; i < LENGTH; i++)
        x[AT + i] = 0.1 * cexp(2 * M_PI * I * (0.1 * i + 0.05 * i * i / LENGTH)); /* 0.1 .. 0.2 */
    measure_samples(x, AT, AT + LENGTH, 1e-6, 0.13, 0.17, &o);
    assert_true(o.f_hi - o.f_lo > 0.09 && o.f_hi - o.f_lo < 0.12);
    assert_true(fabs(0.5 * (o.f_lo + o.f_hi) - 0.15) < 0.01);
    assert_true(fabs(10 * log10(o.power / 0.01)) < 0.2);
}

/* A region that several bursts share is no hint how wide each of them is, but what else is on at
 * the same time is. */
static void a_wide_hint_with_nothing_else_in_it_makes_no_burst_wider(void **state)
{
    enum { AT = 50000, LENGTH = 4000 }; /* so long that noise says nothing by chance */
    static double complex x[N];
    static const struct {
        double beside, noise; /* amplitude, power */
        bool wide;
    } of[] = {{0, 0.003, false},
              {0, 0.03, false},
              {0, 0.1, false},
              {0.05, 0.003, true},
              {0.05, 0.01, true}};

    (void)state;
    for (size_t k = 0; k < G20_COUNT_OF(of); k++) {
        struct g20_occupied o;
        memset(x, 0, sizeof(x));
        for (int i = 0; i < LENGTH; i++)
            x[AT + i] =
                0.1 * cexp(2 * M_PI * I * 0.1 * i) + of[k].beside * cexp(2 * M_PI * I * 0.3 * i);
        measure_samples(x, AT, AT + LENGTH, of[k].noise, -0.3, 0.45, &o);
        if (of[k].wide)
            assert_true(o.f_lo < 0.1 && o.f_hi > 0.3);
        else
            assert_true(o.f_lo > 0.09 && o.f_lo < 0.1 && o.f_hi > 0.1 && o.f_hi < 0.111);
    }
}

static void create_survives_every_failed_allocation(void **state)
{
    (void)state;
    struct g20_occupied_meter *m = NULL;
    int fails = 0;

    for (uint64_t nth = 0;; nth++, fails++) {
        g20_alloc_fail_at(nth);
        const int r = g20_occupied_create(&m, NULL);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        if (r == 0)
            break;
        assert_int_equal(r, -ENOMEM);
        assert_int_equal(g20_alloc_live(), 0);
    }
    assert_true(fails > 6);
    g20_occupied_destroy(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flat_band_is_99_percent_of_itself_wide),
        cmocka_unit_test(below_zero_is_left_of_the_middle_and_a_wide_hint_does_no_harm),
        cmocka_unit_test(a_short_sweep_is_as_wide_as_it_sweeps),
        cmocka_unit_test(a_wide_hint_with_nothing_else_in_it_makes_no_burst_wider),
        cmocka_unit_test(create_survives_every_failed_allocation),
    };

    return cmocka_run_group_tests_name("occupied", tests, NULL, NULL);
}
