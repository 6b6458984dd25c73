/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/gain.h"

#include "base/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { B = G20_TILE_BINS, ROWS = 16, FRAMES = ROWS * G20_TILE_FOLD, SEEDS = 3 };

#define NOISE 1e-9

/* What comes in: power of a bin in a frame; what makes of it the gain, and the converter's noise.
 */
static struct scene {
    double from_db; /* frame .at on, by so much more or less; that frame is half and half */
    uint32_t at;    /* frame */
    double wide_db; /* a signal over the noise from .at on (before it, if .goes), */
    bool goes;
    uint32_t lo, hi; /* its bins */
    double rest_db;  /* what of it lies beside them, over the noise; 0: nothing */
    double edge_db;  /* the noise at both ends of the band, under that in the middle */
    double skirt_db; /* a filter's, over 512 bins at both ends of the band */
    double own;      /* noise behind the gain, of NOISE */
    double line_db;  /* each 128 bins, over the noise */
    uint32_t until;  /* frame to which it lasts; 0: for ever */
} scene;

static double comes_in(uint32_t f, uint32_t b)
{
    const uint32_t end = b < B / 2 ? b : B - 1 - b;
    const bool on = scene.goes ? f < scene.at : f >= scene.at;
    double db = 0.0;

    if (end < 512)
        db -= scene.edge_db * (1.0 - end / 512.0) + scene.skirt_db;
    double power = NOISE * pow(10.0, 0.1 * db);
    if (scene.line_db > 0.0 && b % 128 == 40)
        power += NOISE * pow(10.0, 0.1 * scene.line_db);
    if (on && b >= scene.lo && b < scene.hi)
        power += NOISE * pow(10.0, 0.1 * scene.wide_db);
    else if (on && scene.rest_db != 0.0)
        power += NOISE * pow(10.0, 0.1 * scene.rest_db);
    /* Others that come and go on their own, in a quarter of the band. */
    if (b % 512 >= 384 && (f / 7 + b / 512) % 3 == 0)
        power += 30.0 * NOISE;
    return power;
}

static double gain_at(uint32_t f)
{
    const double gain = pow(10.0, 0.1 * scene.from_db);

    if (f < scene.at || (scene.until > 0 && f >= scene.until))
        return 1.0;
    return f == scene.at ? 0.5 * (1.0 + gain) : gain;
}

static struct g20_tile *tile(uint64_t seed)
{
    static float power[B];
    struct g20_tile *t;
    struct g20_rng rng;

    g20_rng_init(&rng, seed);
    assert_int_equal(g20_tile_create(&t), 0);
    for (uint32_t f = 0; f < FRAMES; f++) {
        for (uint32_t b = 0; b < B; b++) {
            const double mean = gain_at(f) * comes_in(f, b) + scene.own * NOISE;
            power[b] = (float)(-mean * log(1.0 - g20_rng_uniform(&rng)));
        }
        (void)g20_tile_add(t, &(struct g20_frame){.power = power,
                                                  .first_sample = (uint64_t)f * G20_TILE_HOP,
                                                  .rate_hz = 2e6,
                                                  .restarted = f == 0});
    }
    assert_int_equal(t->rows, ROWS);
    return t;
}

/* The number of rows in which there is a step, the last one found in *ret. */
static int steps(const struct g20_tile *t, struct g20_gain_step *ret)
{
    int n = 0;

    for (uint32_t row = 1; row + 1 < t->rows; row++)
        n += g20_gain_is_step(t, row, ret);
    return n;
}

static int set_up(void **state)
{
    (void)state;
    scene = (struct scene){.at = 45};
    return 0;
}

static void a_step_is_told_and_where_it_is(void **state)
{
    static const double db[] = {6.0, -9.0, 2.0, -2.0, 20.0};
    struct g20_gain_step step;

    (void)state;
    for (size_t i = 0; i < G20_COUNT_OF(db); i++)
        for (uint64_t seed = 1; seed <= SEEDS; seed++) {
            scene.from_db = db[i];
            scene.at = 43 + (uint32_t)seed;
            struct g20_tile *t = tile(seed);
            assert_true(steps(t, &step) > 0);
            assert_true(step.frame + 1 >= scene.at && step.frame <= scene.at + 1);
            assert_true(fabs(10.0 * log10((double)step.ratio) - db[i]) < 0.3);
            g20_tile_destroy(t);
        }
}

static void what_comes_on_or_goes_is_none_however_wide(void **state)
{
    static const struct scene wide[] = {
        {.wide_db = 10.0, .lo = 300, .hi = B - 300},
        {.wide_db = 0.0, .lo = 100, .hi = 3700},
        {.wide_db = 10.0, .lo = 300, .hi = B - 300, .edge_db = 4.0},
        {.wide_db = 20.0, .lo = 300, .hi = B - 300, .edge_db = 4.0},
        {.wide_db = 3.0, .lo = 0, .hi = 3700, .edge_db = 3.0},
        {.wide_db = 20.0, .lo = 300, .hi = B - 300, .rest_db = 2.0},
        {.wide_db = 6.0, .lo = 0, .hi = B, .line_db = 25.0}, /* as wide as the band */
    };
    struct g20_gain_step step;

    (void)state;
    for (size_t i = 0; i < G20_COUNT_OF(wide); i++)
        for (int goes = 0; goes < 2; goes++)
            for (uint64_t seed = 1; seed <= SEEDS; seed++) {
                scene = wide[i];
                scene.at = 45;
                scene.goes = goes;
                struct g20_tile *t = tile(seed);
                assert_int_equal(steps(t, &step), 0);
                g20_tile_destroy(t);
            }
}

static void lines_that_follow_are_no_contradiction(void **state)
{
    struct g20_gain_step step;

    (void)state;
    scene.from_db = 6.0;
    scene.line_db = 25.0;
    struct g20_tile *t = tile(1);
    assert_true(steps(t, &step) > 0);
    g20_tile_destroy(t);
}

static void what_does_not_stay_is_none(void **state)
{
    struct g20_gain_step step;

    (void)state;
    scene.from_db = 10.0;
    scene.until = scene.at + 3;
    struct g20_tile *t = tile(1);
    assert_int_equal(steps(t, &step), 0);
    g20_tile_destroy(t);
    scene.until = 0;
    scene.from_db = -100.0; /* muted */
    t = tile(1);
    assert_int_equal(steps(t, &step), 0);
    g20_tile_destroy(t);
}

static double mean_of(const struct g20_tile *t, uint32_t row, uint32_t rows, uint32_t lo,
                      uint32_t hi)
{
    double sum = 0.0;

    for (uint32_t r = row; r < row + rows; r++)
        for (uint32_t b = lo; b < hi; b++)
            sum += (double)t->mean[(size_t)r * B + b];
    return sum / rows / (hi - lo);
}

/* The converter's noise, which does not change, is what is left of a filter's skirts. */
static void skirts_are_levelled_by_what_they_change(void **state)
{
    static const double db[] = {-9.0, 6.0};
    struct g20_gain_step step;

    (void)state;
    for (size_t i = 0; i < G20_COUNT_OF(db); i++) {
        scene.from_db = db[i];
        scene.skirt_db = 20.0;
        scene.own = 0.02;
        struct g20_tile *t = tile(1);
        uint32_t row = 1;
        while (row + 1 < t->rows && !g20_gain_is_step(t, row, &step))
            row++;
        assert_true(row + 1 < t->rows);
        g20_tile_level(t, step.frame, step.group, step.cell);
        /* Rows of all kinds of others' comings and goings; bins without them. */
        const double pass = mean_of(t, 9, 4, 600, 850) / mean_of(t, 2, 4, 600, 850);
        const double skirt = mean_of(t, 9, 4, 0, 380) / mean_of(t, 2, 4, 0, 380);
        assert_true(fabs(10.0 * log10(pass)) < 0.3);
        assert_true(fabs(10.0 * log10(skirt)) < 0.6);
        assert_int_equal(steps(t, &step), 0);
        g20_tile_destroy(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_step_is_told_and_where_it_is, set_up),
        cmocka_unit_test_setup(what_comes_on_or_goes_is_none_however_wide, set_up),
        cmocka_unit_test_setup(lines_that_follow_are_no_contradiction, set_up),
        cmocka_unit_test_setup(what_does_not_stay_is_none, set_up),
        cmocka_unit_test_setup(skirts_are_levelled_by_what_they_change, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
