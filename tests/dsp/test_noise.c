/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "dsp/noise.h"
#include "dsp/stft.h"
#include "signals.h"

enum { BINS = 4096, GROUPS = BINS / G20_NOISE_GROUP };

/* The power of complex white noise in a bin is exponential; the mean of @k of them Gamma. */
static void fill_noise_power(float *p, double mean, uint32_t k, struct g20_rng *rng)
{
    for (size_t i = 0; i < BINS; i++) {
        double sum = 0;
        for (uint32_t j = 0; j < k; j++)
            sum -= log(1 - g20_rng_uniform(rng));
        p[i] = (float)(mean * sum / k);
    }
}

static double mean_floor_db(const struct g20_noise *n)
{
    double sum = 0;

    for (size_t g = 0; g < GROUPS; g++)
        sum += (double)g20_noise_floor(n)[g] / GROUPS;
    return db(sum);
}

static struct g20_noise *noise(void)
{
    struct g20_noise *n = NULL;

    assert_int_equal(g20_noise_create(&n, BINS, NULL), 0);
    assert_false(g20_noise_is_known(n));
    assert_true(g20_noise_level(n) == 0);
    return n;
}

static void white_noise_reads_its_mean_power_whatever_the_averaging(void **state)
{
    (void)state;
    static const uint32_t averages[] = {1, 2, 6, 10, 100};
    static float p[BINS];
    struct g20_rng rng;

    g20_rng_init(&rng, 30);
    for (size_t a = 0; a < G20_COUNT_OF(averages); a++) {
        struct g20_noise *n = noise();
        for (int i = 0; i < 40; i++) {
            fill_noise_power(p, 1e-9, averages[a], &rng);
            g20_noise_push(n, p, averages[a]);
            assert_true(g20_noise_is_known(n));
            /* from the very first look on */
            assert_float_equal(db((double)g20_noise_level(n)), -90.0, 0.3);
            assert_float_equal(mean_floor_db(n), -90.0, 0.3);
        }
        for (size_t g = 0; g < GROUPS; g++) /* each group: 4 sigma of 64 bins x 16 looks */
            assert_float_equal(db((double)g20_noise_floor(n)[g]), -90.0, 1.0);
        g20_noise_destroy(n);
    }
}

/* The same through real transforms, where neighbouring bins of a Hann spectrum are correlated. */
static void take_spectrum(const struct g20_frame *f, void *user)
{
    g20_noise_push(user, f->power, 1);
}

static void white_noise_through_the_stft_reads_within_0_3_db(void **state)
{
    (void)state;
    enum { FRAMES = 30 };
    static double complex x[BINS * FRAMES];
    const struct g20_stft_cfg cfg = {.nfft = BINS, .hop = BINS, .window = G20_WINDOW_HANN};
    struct g20_rng rng;
    struct g20_stft *s = NULL;
    struct g20_pool *pool = NULL;
    struct g20_noise *n = noise();

    g20_rng_init(&rng, 31);
    memset(x, 0, sizeof(x));
    add_noise(x, BINS * FRAMES, 1e-4, &rng);
    assert_int_equal(g20_pool_create(&pool, 3, BINS * FRAMES), 0);
    assert_int_equal(g20_stft_create(&s, &cfg, NULL), 0);
    struct g20_block *b = make_block(pool, G20_CF32, x, 0, BINS * FRAMES, 1e6);
    assert_int_equal(g20_stft_push(s, b, take_spectrum, n), FRAMES);
    g20_block_unref(&b);
    const double want = db(1e-4 * 1.5 / BINS);
    assert_float_equal(db((double)g20_noise_level(n)), want, 0.3);
    assert_float_equal(mean_floor_db(n), want, 0.3);
    g20_stft_destroy(s);
    g20_pool_destroy(pool);
    g20_noise_destroy(n);
}

enum occupied { SCATTERED, ONE_BLOCK, BLOCK_AT_THE_EDGE, EVERY_64TH_OFTEN, OCCUPATIONS };

static bool is_signal(enum occupied how, size_t bin, struct g20_rng *rng)
{
    switch (how) {
    case SCATTERED: /* other bins each time */
        return g20_rng_uniform(rng) < 0.3;
    case ONE_BLOCK: /* steady and wide: whole groups */
        return bin >= BINS * 2 / 5 && bin < BINS * 7 / 10;
    case BLOCK_AT_THE_EDGE:
        return bin < BINS * 3 / 10;
    default: /* 20 steady bins of each group of 64 */
        return bin % 64 < 20;
    }
}

static void strong_signals_in_30_percent_of_the_bins_move_it_less_than_half_a_decibel(void **state)
{
    (void)state;
    static const uint32_t averages[] = {1, 6, 10};
    static float p[BINS];
    struct g20_rng rng;

    g20_rng_init(&rng, 32);
    for (size_t a = 0; a < G20_COUNT_OF(averages); a++) {
        for (int how = 0; how < OCCUPATIONS; how++) {
            for (double snr_db = 10; snr_db <= 60; snr_db += 25) {
                struct g20_noise *n = noise();
                for (int i = 0; i < 32; i++) {
                    fill_noise_power(p, 1e-9, averages[a], &rng);
                    for (size_t bin = 0; bin < BINS; bin++) {
                        if (is_signal((enum occupied)how, bin, &rng))
                            p[bin] += (float)(1e-9 * pow(10, snr_db / 10));
                    }
                    g20_noise_push(n, p, averages[a]);
                }
                assert_float_equal(db((double)g20_noise_level(n)), -90.0, 0.5);
                assert_float_equal(mean_floor_db(n), -90.0, 0.5);
                g20_noise_destroy(n);
            }
        }
    }
}

static void bursts_over_the_whole_band_half_of_the_time_are_left_out(void **state)
{
    (void)state;
    static float p[BINS];
    struct g20_rng rng;
    struct g20_noise *n = noise();

    g20_rng_init(&rng, 33);
    for (int i = 0; i < 64; i++) {
        const bool burst = g20_rng_uniform(&rng) < 0.5;
        fill_noise_power(p, burst ? 1e-6 : 1e-9, 6, &rng);
        g20_noise_push(n, p, 6);
        if (i > 16)
            assert_float_equal(db((double)g20_noise_level(n)), -90.0, 0.5);
    }
    g20_noise_destroy(n);
}

static void sloping_noise_is_followed(void **state)
{
    (void)state;
    static float p[BINS];
    struct g20_rng rng;
    struct g20_noise *n = noise();

    g20_rng_init(&rng, 34);
    for (int i = 0; i < 32; i++) {
        fill_noise_power(p, 1, 6, &rng);
        for (size_t bin = 0; bin < BINS; bin++) { /* the skirts of an anti-alias filter */
            const double skirt = G20_MAX(fabs((double)bin - BINS / 2) / (BINS / 2) - 0.8, 0) / 0.2;
            p[bin] *= (float)pow(10, -(90 + 20 * skirt) / 10);
        }
        g20_noise_push(n, p, 6);
    }
    assert_float_equal(db((double)g20_noise_level(n)), -90.0, 0.3);
    assert_float_equal(db((double)g20_noise_floor(n)[GROUPS / 2]), -90.0, 0.5);
    assert_true(db((double)g20_noise_floor(n)[0]) < -106);
    assert_true(db((double)g20_noise_floor(n)[GROUPS - 1]) < -106);
    g20_noise_destroy(n);
}

static void a_step_in_level_is_taken_over_after_reset_and_within_16_looks_without(void **state)
{
    (void)state;
    static float p[BINS];
    struct g20_rng rng;
    struct g20_noise *n = noise();

    g20_rng_init(&rng, 35);
    for (int i = 0; i < 20; i++) {
        fill_noise_power(p, 1e-9, 6, &rng);
        g20_noise_push(n, p, 6);
    }
    g20_noise_reset(n);
    assert_false(g20_noise_is_known(n));
    fill_noise_power(p, 1e-6, 6, &rng);
    g20_noise_push(n, p, 6);
    assert_float_equal(db((double)g20_noise_level(n)), -60.0, 0.3);
    for (int i = 0; i < G20_NOISE_SLOTS; i++) {
        fill_noise_power(p, 1e-5, 6, &rng);
        g20_noise_push(n, p, 6);
    }
    assert_float_equal(db((double)g20_noise_level(n)), -50.0, 0.3);
    g20_noise_destroy(n);
}

static void digital_silence_and_a_lone_carrier_read_a_finite_floor(void **state)
{
    (void)state;
    static float p[BINS];
    struct g20_noise *n = noise();

    for (int i = 0; i < 20; i++)
        g20_noise_push(n, p, 1);
    assert_true(g20_noise_level(n) == 0);
    p[BINS / 2] = 1;
    g20_noise_push(n, p, 10);
    assert_true(g20_noise_level(n) == 0);
    for (size_t bin = 0; bin < BINS; bin++)
        p[bin] = 0.5f;
    for (int i = 0; i < 20; i++)
        g20_noise_push(n, p, 10);
    assert_true(isfinite(g20_noise_level(n)) && g20_noise_level(n) > 0);
    g20_noise_destroy(n);
}

static void bad_sizes_are_refused(void **state)
{
    (void)state;
    static const uint32_t bins[] = {0, 64, 448, 513, 65536 + 64};

    for (size_t i = 0; i < G20_COUNT_OF(bins); i++) {
        struct g20_noise *n = NULL;
        struct g20_err e = {0};
        assert_int_equal(g20_noise_create(&n, bins[i], &e), -22 /* EINVAL */);
        assert_null(n);
        assert_non_null(strstr(e.msg, "multiple of 64"));
    }
}

static void create_survives_every_failed_allocation(void **state)
{
    (void)state;
    for (unsigned nth = 0; nth < 100; nth++) {
        struct g20_noise *n = NULL;

        g20_alloc_fail_at(nth);
        const int r = g20_noise_create(&n, BINS, NULL);
        g20_alloc_fail_at(G20_ALLOC_NEVER);

        assert_true(r == 0 || (r == -12 /* ENOMEM */ && n == NULL));
        g20_noise_destroy(n);
        assert_int_equal(g20_alloc_live(), 0);
        if (r == 0)
            return;
    }
    fail_msg("create() never succeeded");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(white_noise_reads_its_mean_power_whatever_the_averaging),
        cmocka_unit_test(white_noise_through_the_stft_reads_within_0_3_db),
        cmocka_unit_test(strong_signals_in_30_percent_of_the_bins_move_it_less_than_half_a_decibel),
        cmocka_unit_test(bursts_over_the_whole_band_half_of_the_time_are_left_out),
        cmocka_unit_test(sloping_noise_is_followed),
        cmocka_unit_test(a_step_in_level_is_taken_over_after_reset_and_within_16_looks_without),
        cmocka_unit_test(digital_silence_and_a_lone_carrier_read_a_finite_floor),
        cmocka_unit_test(bad_sizes_are_refused),
        cmocka_unit_test(create_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
