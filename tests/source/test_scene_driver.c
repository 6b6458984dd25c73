/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The scene as a source, and what its receiver adds: noise, DC, image, spurs. */
#include "base/alloc.h"
#include "base/clock.h"
#include "source/scene_args.h"
#include "source/scene_faults.h"
#include "source/source.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define BLOCK G20_SCENE_BLOCK

static void arguments_are_parsed_strictly(void **state)
{
    static const struct {
        const char *args, *names;
    } bad[] = {
        {"seed=x", "seed"},
        {"seed=-1", "seed"},
        {"seed=", "seed"},
        {"seed", "seed"},
        {"=3", "=3"},
        {"noise=loud", "noise"},
        {"noise=nan", "noise"},
        {"quiet=maybe", "quiet"},
        {"seed=1,seed=2", "seed"},
        {"colour=red", "colour"},
        {"kind=smoke", "kind"},
        {"seed=1,,quiet=on", "key=value"},
        {"density=1e999", "density"},
        {"seed=99999999999999999999999", "seed"},
    };
    struct g20_scene_cfg cfg, before;
    struct g20_err e;

    (void)state;
    g20_scene_cfg_default(&cfg);
    assert_int_equal(g20_scene_parse_args(&cfg, NULL, &e), 0);
    assert_int_equal(g20_scene_parse_args(&cfg, "", &e), 0);
    assert_int_equal(
        g20_scene_parse_args(&cfg,
                             "seed=5,noise=-50.5,density=2,impairments=off,quiet=on,kind=ofdm", &e),
        0);
    assert_true(cfg.seed == 5 && cfg.noise_dbfs == -50.5 && cfg.density == 2);
    assert_true(!cfg.impairments && cfg.quiet);
    assert_string_equal(cfg.only, "ofdm");
    before = cfg;
    for (size_t i = 0; i < G20_COUNT_OF(bad); i++) {
        e.msg[0] = '\0';
        assert_int_equal(g20_scene_parse_args(&cfg, bad[i].args, &e), -EINVAL);
        assert_non_null(strstr(e.msg, bad[i].names));
        assert_true(cfg.seed == before.seed && cfg.quiet == before.quiet);
    }
}

static struct g20_scene *quiet_scene(bool impairments)
{
    struct g20_scene_cfg cfg;
    struct g20_scene *s = NULL;

    g20_scene_cfg_default(&cfg);
    cfg.quiet = true;
    cfg.impairments = impairments;
    cfg.noise_dbfs = -40;
    assert_int_equal(g20_scene_create(&s, &cfg, NULL), 0);
    return s;
}

static void white_noise_is_gaussian_of_the_wanted_power(void **state)
{
    enum { N = 1 << 20 };
    struct g20_scene *s = quiet_scene(false);
    float complex *x = g20_calloc(N, sizeof(*x));
    double power = 0, fourth = 0, cross = 0, next = 0;

    (void)state;
    g20_scene_read(s, x, N);
    for (size_t i = 0; i < N; i++) {
        const double r = (double)crealf(x[i]), m = (double)cimagf(x[i]);

        power += (r * r + m * m) / N;
        fourth += r * r * r * r / N;
        cross += r * m / N;
        if (i)
            next += r * (double)crealf(x[i - 1]) / N;
    }
    /* Standard deviations of these estimates: 0.1 %, 1 %, 0.1 % and 0.1 %. */
    assert_true(fabs(power / 1e-4 - 1) < 0.005);
    assert_true(fabs(fourth / (3 * 0.25e-8) - 1) < 0.03);
    assert_true(fabs(cross / 0.5e-4) < 0.005);
    assert_true(fabs(next / 0.5e-4) < 0.005);
    g20_scene_destroy(s);
    g20_free(x);
}

/* Power of bin @k of a transform over one block, averaged over @blocks. */
static double bin_power(struct g20_scene_noise *z, int k, int blocks)
{
    static float re[BLOCK], im[BLOCK];
    double sum = 0;

    for (int b = 0; b < blocks; b++) {
        double r = 0, m = 0;

        g20_scene_noise_fill(z, re, im, BLOCK);
        for (int i = 0; i < BLOCK; i++) {
            const double a = -6.283185307179586 * (double)((int64_t)k * i % BLOCK) / BLOCK;
            r += (double)re[i] * cos(a) - (double)im[i] * sin(a);
            m += (double)re[i] * sin(a) + (double)im[i] * cos(a);
        }
        sum += (r * r + m * m) / BLOCK;
    }
    return sum / blocks;
}

static void coloured_noise_has_the_stated_spectrum(void **state)
{
    struct g20_scene_noise z;
    double mean = 0;

    (void)state;
    g20_scene_noise_init(&z, 11, 1, 1);
    for (int i = 0; i < 1000; i++)
        mean += g20_scene_noise_density(&z, (i + 0.5) / 1000 - 0.5) / 1000;
    assert_true(fabs(mean - 1) < 1e-6);
    for (int k = -7; k <= 7; k += 2) { /* 600 averages: 4 % standard deviation */
        const double f = k / 16.0;
        const double p = bin_power(&z, (int)lround(f * BLOCK), 600);
        assert_true(fabs(p / g20_scene_noise_density(&z, f) - 1) < 0.2);
    }
}

/* With no noise at all, a tone through the faults. */
static void faults_have_the_levels_they_state(void **state)
{
    static float re[BLOCK], im[BLOCK], complex_out[2 * BLOCK];
    struct g20_scene_noise z;
    struct g20_scene_faults *f = NULL;
    struct g20_scene_fault_levels level;
    const int at[] = {777, -777};
    double p[2], dc = 0;

    (void)state;
    g20_scene_noise_init(&z, 3, 1e-6, 1);
    assert_int_equal(g20_scene_faults_create(&f, 3, &z), 0);
    g20_scene_faults_levels(f, &level);
    assert_true(level.image_dbc >= -60 && level.image_dbc <= -40);
    for (int i = 0; i < BLOCK; i++) {
        re[i] = (float)(0.1 * cos(6.283185307179586 * 777 * i / BLOCK));
        im[i] = (float)(0.1 * sin(6.283185307179586 * 777 * i / BLOCK));
    }
    g20_scene_faults_apply(f, re, im, (float complex *)complex_out);
    for (int j = 0; j < 2; j++) {
        double r = 0, m = 0;

        for (int i = 0; i < BLOCK; i++) {
            const double a = -6.283185307179586 * (double)((int64_t)at[j] * i % BLOCK) / BLOCK;
            r += (double)complex_out[2 * i] * cos(a) - (double)complex_out[2 * i + 1] * sin(a);
            m += (double)complex_out[2 * i] * sin(a) + (double)complex_out[2 * i + 1] * cos(a);
        }
        p[j] = (r * r + m * m) / BLOCK / BLOCK;
    }
    assert_true(fabs(10 * log10(p[1] / p[0]) - level.image_dbc) < 0.2);
    memset(re, 0, sizeof(re));
    memset(im, 0, sizeof(im));
    for (int b = 0; b < 2000; b++) {
        double r = 0, m = 0;

        g20_scene_faults_apply(f, re, im, (float complex *)complex_out);
        for (int i = 0; i < BLOCK; i++) {
            r += (double)complex_out[2 * i] / BLOCK;
            m += (double)complex_out[2 * i + 1] / BLOCK;
        }
        dc += (r * r + m * m) / 2000;
    }
    assert_true(fabs(10 * log10(dc / level.dc_power)) < 1);
    g20_scene_faults_destroy(f);
}

static struct g20_source *open_scene(const char *args, double rate, bool realtime)
{
    struct g20_source_cfg cfg = {
        .driver = "scene", .args = args, .rate_hz = rate, .realtime = realtime};
    struct g20_source *s = NULL;
    struct g20_err e = {0};

    if (g20_source_open(&s, &cfg, &e) < 0)
        fail_msg("%s", e.msg);
    return s;
}

static void real_time_never_runs_ahead_and_counts_what_it_loses(void **state)
{
    struct g20_source *s = open_scene("seed=4", 1e6, true);
    struct g20_pool *pool = NULL;
    uint64_t at = 0;

    (void)state;
    assert_true(g20_source_info(s)->is_live);
    assert_int_equal(g20_pool_create(&pool, 3, 10000), 0);
    struct g20_block *b = g20_pool_get(pool, 0);
    const uint64_t start = g20_clock_mono_ns();
    for (int i = 0; i < 20;) {
        const int r = g20_source_read(s, b, 3, NULL);

        assert_true(r == -ETIMEDOUT || r == 10000);
        if (r < 0)
            continue;
        i++;
        assert_true(b->first_sample == at + b->lost);
        at = b->first_sample + b->len;
        assert_true((double)(g20_clock_mono_ns() - start) * 1e-3 >= (double)at - 1);
        b->flags = 0;
    }
    g20_sleep_ns(400000000); /* longer than the radio's buffer of 0.25 s */
    assert_int_equal(g20_source_read(s, b, 1000, NULL), 10000);
    assert_true(b->flags & G20_BLOCK_GAP);
    assert_true(b->lost >= 390000);
    assert_true(b->first_sample == at + b->lost);
    g20_block_unref(&b);
    g20_source_close(s);
    g20_pool_destroy(pool);
}

static void tuning_moves_the_band_and_flags_the_block(void **state)
{
    struct g20_source *s = open_scene("seed=4,density=10", 1e6, false);
    struct g20_pool *pool = NULL;
    struct g20_err e;
    struct g20_tune actual = {0}, to = {.center_hz = 434.1e6, .bandwidth_hz = NAN, .gain_db = NAN};
    int flagged = 0;

    (void)state;
    assert_int_equal(g20_pool_create(&pool, 3, 7001), 0);
    struct g20_block *b = g20_pool_get(pool, 0);
    assert_int_equal(g20_source_read(s, b, 0, NULL), 7001);
    assert_true(b->center_hz == 433.92e6 && b->format == G20_CI16 && b->flags == 0);
    assert_int_equal(g20_source_tune(s, &to, &actual, NULL), 0);
    assert_true(actual.center_hz == 434.1e6 && isnan(actual.gain_db));
    assert_true(isnan(g20_source_info(s)->frontend.bandwidth_hz));
    assert_true(isnan(g20_source_info(s)->frontend.gain_db) && !g20_source_info(s)->frontend.agc);
    to.center_hz = INFINITY;
    assert_int_equal(g20_source_tune(s, &to, &actual, &e), -ERANGE);
    to.center_hz = 0;
    assert_int_equal(g20_source_tune(s, &to, &actual, &e), -ERANGE);
    assert_non_null(strstr(e.msg, "want 1 to 1000000000000"));
    to = (struct g20_tune){.center_hz = 1e6, .bandwidth_hz = NAN, .gain_db = 3};
    assert_int_equal(g20_source_tune(s, &to, &actual, &e), -EOPNOTSUPP);
    to = (struct g20_tune){.center_hz = 1e6, .bandwidth_hz = 1e6, .gain_db = NAN};
    assert_int_equal(g20_source_tune(s, &to, &actual, &e), -EOPNOTSUPP);
    to = (struct g20_tune){.channel = 1, .center_hz = 1e6, .bandwidth_hz = NAN, .gain_db = NAN};
    assert_int_equal(g20_source_tune(s, &to, &actual, &e), -ERANGE);
    to = (struct g20_tune){.center_hz = NAN, .bandwidth_hz = NAN, .gain_db = NAN};
    assert_int_equal(g20_source_tune(s, &to, &actual, &e), 0); /* only asks */
    assert_true(actual.center_hz == 434.1e6);
    for (int i = 0; i < 5; i++) {
        assert_true(g20_source_read(s, b, 0, NULL) > 0);
        flagged += (b->flags & G20_BLOCK_RETUNED) != 0;
        assert_true(b->center_hz == (flagged ? 434.1e6 : 433.92e6));
    }
    assert_int_equal(flagged, 1);
    g20_block_unref(&b);
    g20_source_close(s);
    g20_pool_destroy(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arguments_are_parsed_strictly),
        cmocka_unit_test(white_noise_is_gaussian_of_the_wanted_power),
        cmocka_unit_test(coloured_noise_has_the_stated_spectrum),
        cmocka_unit_test(faults_have_the_levels_they_state),
        cmocka_unit_test(real_time_never_runs_ahead_and_counts_what_it_loses),
        cmocka_unit_test(tuning_moves_the_band_and_flags_the_block),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
