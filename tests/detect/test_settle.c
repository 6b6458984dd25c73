/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/settle.h"

#include "base/alloc.h"
#include "base/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { B = G20_TILE_BINS, BLOCK = 65536, BLOCKS = 16, FINDS = 64, FIRST = 200000 };

struct stand {
    struct g20_tile *tile;
    struct g20_floor *floor;
    struct g20_history *history;
    struct g20_crew *crew;
    struct g20_hands *hands;
    struct g20_settler *settler;
};

static void on_frame(const struct g20_frame *frame, void *user)
{
    (void)g20_tile_add(((struct stand *)user)->tile, frame);
}

/* Is a burst on? @length of every @period samples, six of them. */
static bool is_on(uint64_t n, uint64_t length, uint64_t period)
{
    return n >= FIRST && n < FIRST + 6 * period && (n - FIRST) % period < length;
}

/* White noise of -60 dBFS, and in bursts a signal 82 bins wide (steps of 50 samples) at a quarter
 * of the rate. */
static float amplitude = 0.05f, score = 0.9f;

static void fill(struct stand *s, uint64_t length, uint64_t period)
{
    const struct g20_stft_cfg cfg = {.nfft = B, .hop = G20_TILE_HOP, .window = G20_WINDOW_HANN};
    struct g20_stft *stft;
    struct g20_pool *pool;
    struct g20_rng rng;
    float complex symbol = 0;

    g20_rng_init(&rng, 3);
    assert_int_equal(g20_stft_create(&stft, &cfg, NULL), 0);
    assert_int_equal(g20_pool_create(&pool, BLOCKS, BLOCK), 0);
    for (uint64_t block = 0; block < BLOCKS; block++) {
        struct g20_block *b = g20_pool_get(pool, 0);
        assert_non_null(b);
        float complex *x = b->data;
        b->format = G20_CF32;
        b->len = BLOCK;
        b->first_sample = block * BLOCK;
        b->rate_hz = 2e6;
        for (uint64_t i = 0, n = block * BLOCK; i < BLOCK; i++, n++) {
            const float complex turn[] = {1, I, -1, -I};
            if (n % 50 == 0)
                symbol = amplitude * turn[g20_rng_below(&rng, 4)];
            x[i] = (float complex)((g20_rng_normal(&rng) + I * g20_rng_normal(&rng)) * sqrt(5e-7));
            x[i] += is_on(n, length, period) ? symbol * turn[n % 4] : 0;
        }
        g20_history_push(s->history, b);
        g20_stft_push(stft, b, on_frame, s);
        g20_block_unref(&b);
    }
    g20_stft_destroy(stft);
    g20_pool_destroy(pool);
    g20_floor_measure(s->floor, s->tile, NULL);
}

/* What becomes of a box over bursts of @length every @period samples; finds into @ret. */
static size_t settle(uint64_t length, uint64_t period, struct g20_find *ret)
{
    struct stand s = {0};
    const struct g20_find *find;
    const float row = G20_TILE_ROW_SAMPLES;
    const struct g20_hydra_box box = {.row0 = FIRST / row,
                                      .row1 = (float)(FIRST + 5 * period + length) / row,
                                      .bin0 = 3 * B / 4 - 50,
                                      .bin1 = 3 * B / 4 + 50,
                                      .score = score};

    assert_int_equal(g20_tile_create(&s.tile), 0);
    assert_int_equal(g20_floor_create(&s.floor), 0);
    assert_int_equal(g20_history_create(&s.history, BLOCKS), 0);
    assert_int_equal(g20_crew_create(&s.crew, 1, NULL), 0);
    assert_int_equal(g20_hands_create(&s.hands, s.crew, FINDS, FINDS, NULL), 0);
    assert_int_equal(g20_settler_create(&s.settler, s.hands, FINDS), 0);
    fill(&s, length, period);
    const size_t n = g20_settle(s.settler, &box, 1, 0, s.tile, s.floor, s.history, 0.5f, &find);
    for (size_t i = 0; i < n; i++)
        ret[i] = find[i];
    g20_settler_destroy(s.settler);
    g20_hands_destroy(s.hands);
    g20_crew_destroy(s.crew);
    g20_history_destroy(s.history);
    g20_floor_destroy(s.floor);
    g20_tile_destroy(s.tile);
    assert_int_equal(g20_alloc_live(), 0);
    return n;
}

static bool near(uint64_t a, uint64_t b)
{
    return llabs((long long)(a - b)) < 500;
}

static void a_train_in_one_box_is_told_burst_by_burst(void **state)
{
    struct g20_find find[FINDS] = {0};

    (void)state;
    assert_int_equal(settle(20000, 50000, find), 6);
    for (uint64_t i = 0; i < 6; i++) {
        assert_true(near(find[i].start, FIRST + i * 50000));
        assert_true(near(find[i].stop, FIRST + i * 50000 + 20000));
        assert_true(find[i].is_cut);
    }
}

/* Bursts that keep their level are each their own, however little of the time is pause. */
static void a_pause_that_a_transform_shows_parts_bursts(void **state)
{
    struct g20_find find[FINDS] = {0};

    (void)state;
    assert_int_equal(settle(45000, 50000, find), 6);
    assert_true(near(find[5].start, FIRST + 5 * 50000));
}

static void pauses_that_no_transform_shows_part_nothing(void **state)
{
    struct g20_find find[FINDS] = {0};

    (void)state;
    assert_int_equal(settle(48500, 50000, find), 1);
    assert_false(find[0].is_cut);
    assert_true(near(find[0].start, FIRST));
    assert_true(near(find[0].stop, FIRST + 5 * 50000 + 48500));
}

/* One burst of 40000 samples in noise, its SNR in the box as told; found or not. */
static bool is_found(double snr_db, float of_score)
{
    const double in_box = 1e-6 * 100 / B;
    struct g20_find find[FINDS] = {0};

    amplitude = (float)sqrt(in_box * pow(10, 0.1 * snr_db));
    score = of_score;
    const size_t n = settle(50000, 50000, find);
    for (size_t i = 0; i < n; i++)
        assert_true(find[i].score >= 0.5f);
    amplitude = 0.05f;
    score = 0.9f;
    return n > 0;
}

/* The threshold is 0.5. */
static void how_sure_a_box_must_be_depends_on_how_far_it_stands_out(void **state)
{
    (void)state;
    assert_true(is_found(20, 0.57f));
    assert_false(is_found(20, 0.54f)); /* the search by energy would have found it */
    assert_true(is_found(2, 0.44f));   /* weak, but surely there */
    assert_false(is_found(2, 0.40f));
    assert_false(is_found(-6, 0.54f)); /* the floor may be off by so much */
    assert_true(is_found(-6, 0.57f));
    assert_false(is_found(-40, 0.99f)); /* nothing is there */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_train_in_one_box_is_told_burst_by_burst),
        cmocka_unit_test(a_pause_that_a_transform_shows_parts_bursts),
        cmocka_unit_test(pauses_that_no_transform_shows_part_nothing),
        cmocka_unit_test(how_sure_a_box_must_be_depends_on_how_far_it_stands_out),
    };

    return cmocka_run_group_tests_name("settle", tests, NULL, NULL);
}
