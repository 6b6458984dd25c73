/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/level.h"

#include "base/alloc.h"
#include "base/rng.h"

#include <complex.h>
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { BLOCK = 8192, BLOCKS = 40 };

/* From sample .at on the gain is .db higher. */
struct step {
    uint64_t at;
    double db;
};

static double gain_db(const struct step *step, size_t n, uint64_t sample)
{
    double db = 0.0;

    for (size_t i = 0; i < n; i++)
        db += sample >= step[i].at ? step[i].db : 0.0;
    return db;
}

static void on_frame(const struct g20_frame *frame, void *user)
{
    (void)g20_tile_add(user, frame);
}

/* Noise with a carrier in it, whose gain steps, levelled: what it does to @t and @h. */
static void levelled(const struct step *step, size_t steps, uint64_t seed, struct g20_tile *t,
                     struct g20_history *h)
{
    const struct g20_stft_cfg cfg = {
        .nfft = G20_TILE_BINS, .hop = G20_TILE_HOP, .window = G20_WINDOW_HANN};
    struct g20_leveller *l;
    struct g20_stft *stft;
    struct g20_pool *pool;
    struct g20_rng rng;

    g20_rng_init(&rng, seed);
    assert_int_equal(g20_pool_create(&pool, BLOCKS + 8, BLOCK), 0);
    assert_int_equal(g20_stft_create(&stft, &cfg, NULL), 0);
    assert_int_equal(g20_leveller_create(&l, NULL), 0);
    for (uint64_t n = 0; n < (uint64_t)BLOCKS * BLOCK; n += BLOCK) {
        struct g20_block *b = g20_pool_get(pool, 0);
        float complex *x = b->data;
        b->format = G20_CF32;
        b->len = BLOCK;
        b->first_sample = n;
        b->rate_hz = 2e6;
        for (uint64_t i = 0; i < BLOCK; i++) {
            const double complex noise = g20_rng_normal(&rng) + I * g20_rng_normal(&rng);
            const double complex tone = 0.003 * cexp(I * 2.0 * M_PI * 0.11 * (double)(n + i));
            x[i] = (float complex)((noise * sqrt(0.5e-6) + tone) *
                                   pow(10.0, 0.05 * gain_db(step, steps, n + i)));
        }
        g20_history_push(h, b);
        (void)g20_stft_push(stft, b, on_frame, t);
        g20_block_unref(&b);
    }
    g20_leveller_level(l, t, h);
    g20_leveller_destroy(l);
    g20_stft_destroy(stft);
    g20_history_clear(h);
    g20_pool_destroy(pool);
}

/* The middle bins' mean in a row, in dB. */
static double row_db(const struct g20_tile *t, uint32_t row)
{
    double sum = 0.0;

    for (uint32_t b = 1000; b < 2000; b++)
        sum += (double)t->mean[(size_t)row * G20_TILE_BINS + b];
    return 10.0 * log10(sum / 1000.0);
}

static void rows_are_brought_to_the_newest_gain(void **state)
{
    /* Two that are a row and three quarters apart, one of either sign. */
    static const struct step step[] = {{60123, 5.0}, {150000, -8.0}, {172000, 6.5}};
    struct g20_history *h;
    struct g20_tile *t;

    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        assert_int_equal(g20_tile_create(&t), 0);
        assert_int_equal(g20_history_create(&h, BLOCKS + 8), 0);
        levelled(step, G20_COUNT_OF(step), seed, t, h);
        const double last = row_db(t, t->rows - 1);
        for (uint32_t row = 0; row < t->rows; row++)
            assert_true(fabs(row_db(t, row) - last) < 1.5);
        g20_history_destroy(h);
        g20_tile_destroy(t);
    }
}

static void without_a_step_nothing_changes(void **state)
{
    struct g20_history *h;
    struct g20_tile *t;

    (void)state;
    assert_int_equal(g20_tile_create(&t), 0);
    assert_int_equal(g20_history_create(&h, BLOCKS + 8), 0);
    levelled(NULL, 0, 4, t, h);
    assert_true(fabs(row_db(t, 0) - row_db(t, t->rows - 1)) < 0.5);
    g20_history_destroy(h);
    g20_tile_destroy(t);
}

static void create_survives_every_failed_allocation(void **state)
{
    struct g20_leveller *l = NULL;
    int fails = 0;

    (void)state;
    for (uint64_t nth = 0;; nth++, fails++) {
        g20_alloc_fail_at(nth);
        const int r = g20_leveller_create(&l, NULL);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        if (r == 0)
            break;
        assert_int_equal(r, -ENOMEM);
        assert_int_equal(g20_alloc_live(), 0);
    }
    assert_true(fails > 3);
    g20_leveller_destroy(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_brought_to_the_newest_gain),
        cmocka_unit_test(without_a_step_nothing_changes),
        cmocka_unit_test(create_survives_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
