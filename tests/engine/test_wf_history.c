/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "engine/wf_history.h"

#include "base/alloc.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { BINS = 64, NFFT = 256, PERIOD_US = 10000 };
static const uint64_t T0 = 1700000000000000;

static float db[NFFT], floor_db[NFFT / 64];

/* Row @i with a carrier of -20 dBFS in bin @bin, the rest at -100 dBFS. */
static void push(struct g20_wf_history *h, uint64_t i, double center_hz, int bin)
{
    const struct g20_wf_row row = {.index = i,
                                   .time_us = T0 + i * PERIOD_US,
                                   .center_hz = center_hz,
                                   .rate_hz = 256e3,
                                   .row_period_s = PERIOD_US * 1e-6f,
                                   .noise_floor_db = -100,
                                   .nfft = NFFT,
                                   .db = db,
                                   .floor_db = floor_db};

    for (int k = 0; k < NFFT; k++)
        db[k] = k == bin ? -20 : -100;
    g20_wf_history_push(h, &row, 0);
}

static struct g20_wf_history *made(uint64_t bytes)
{
    struct g20_wf_history *h = NULL;

    assert_int_equal(g20_wf_history_create(&h, bytes, BINS, NULL), 0);
    return h;
}

static void every_row_of_the_last_seconds_comes_back(void **state)
{
    (void)state;
    struct g20_wf_history *h = made(1 << 20);
    struct g20_wf_walk w;
    struct g20_wf_past p;
    uint8_t codes[BINS], out[BINS];

    for (uint64_t i = 0; i < 500; i++)
        push(h, i, 100e6, (int)(i % NFFT));
    assert_int_equal(g20_wf_history_find(h, T0 + 200 * PERIOD_US, T0 + 300 * PERIOD_US, 100, &w),
                     0);
    for (uint64_t i = 200; i < 300; i++) {
        assert_true(g20_wf_history_next(h, &w, &p, codes));
        assert_int_equal(p.row_index, i);
        assert_int_equal(p.time_us, T0 + i * PERIOD_US);
        assert_int_equal(p.rows, 1);
        assert_int_equal(p.slot, i - 200);
        /* its carrier, and nothing beside it */
        g20_wf_history_view(&p, codes, BINS, 100e6 - 128e3, 100e6 + 128e3, BINS, -120, 0, out);
        int strong = 0;
        for (int k = 0; k < BINS; k++)
            strong += out[k] > 100;
        assert_int_equal(strong, 1);
        assert_true(out[i % NFFT * BINS / NFFT] > 200 || out[(i + 1) % NFFT * BINS / NFFT] > 200);
    }
    assert_false(g20_wf_history_next(h, &w, &p, codes));
    g20_wf_history_destroy(h);
}

static void long_times_come_folded_and_lose_no_burst(void **state)
{
    (void)state;
    struct g20_wf_history *h = made(1 << 20); /* about 1300 rows a level */
    struct g20_wf_walk w;
    struct g20_wf_past p;
    uint8_t codes[BINS];
    uint64_t folded = 0, rows = 0, bursts = 0, last = 0;

    for (uint64_t i = 0; i < 40000; i++)
        push(h, i, 100e6, i % 1000 == 7 ? 200 : -1);
    assert_true(g20_wf_history_oldest_us(h) <= T0);
    assert_int_equal(g20_wf_history_find(h, T0, T0 + 40000ull * PERIOD_US, 400, &w), 0);
    while (g20_wf_history_next(h, &w, &p, codes)) {
        assert_true(rows == 0 || p.slot > last);
        last = p.slot;
        rows++;
        folded += p.rows;
        bursts += codes[200 * BINS / NFFT] > 150;
    }
    assert_int_equal(folded, 40000); /* every one, the newest included, once */
    assert_in_range(rows, 200, 400);
    assert_int_equal(bursts, 40);
    g20_wf_history_destroy(h);
}

static void memory_is_bounded_and_the_oldest_goes(void **state)
{
    (void)state;
    struct g20_wf_history *h = made(65536);
    const uint64_t taken = g20_alloc_total();
    struct g20_wf_walk w;
    struct g20_wf_past p;
    uint8_t codes[BINS];

    for (uint64_t i = 0; i < 300000; i++)
        push(h, i, 100e6, 3);
    assert_int_equal(g20_alloc_total(), taken);
    assert_true(g20_wf_history_oldest_us(h) > T0);
    assert_int_equal(g20_wf_history_find(h, T0, T0 + 1000, 10, &w), 0);
    assert_false(g20_wf_history_next(h, &w, &p, codes));
    g20_wf_history_destroy(h);
}

static void tunings_are_kept_apart(void **state)
{
    (void)state;
    struct g20_wf_history *h = made(1 << 20);
    struct g20_wf_walk w;
    struct g20_wf_past p;
    uint8_t codes[BINS];
    uint64_t folded[2] = {0};

    for (uint64_t i = 0; i < 5000; i++)
        push(h, i, i / 25 % 2 ? 200e6 : 100e6, i / 25 % 2 ? 10 : 250);
    assert_int_equal(g20_wf_history_find(h, T0, T0 + 5000ull * PERIOD_US, 50, &w), 0);
    while (g20_wf_history_next(h, &w, &p, codes)) {
        const bool second = p.center_hz == 200e6;

        folded[second] += p.rows;
        assert_true(codes[second ? 10 * BINS / NFFT : 250 * BINS / NFFT] > 150);
        assert_true(codes[second ? 250 * BINS / NFFT : 10 * BINS / NFFT] < 100);
    }
    assert_int_equal(folded[0], 2500);
    assert_int_equal(folded[1], 2500);
    g20_wf_history_destroy(h);
}

static void a_hole_or_a_step_back_in_time_is_no_harm(void **state)
{
    (void)state;
    struct g20_wf_history *h = made(1 << 20);
    struct g20_wf_walk w;
    struct g20_wf_past p;
    uint8_t codes[BINS];
    uint64_t n = 0;

    for (uint64_t i = 0; i < 10; i++)
        push(h, i, 100e6, 3);
    for (uint64_t i = 1000; i < 1010; i++)
        push(h, i, 100e6, 3);
    for (uint64_t i = 0; i < 10; i++)
        push(h, i, 100e6, 3);
    assert_int_equal(g20_wf_history_find(h, T0, T0 + 2000ull * PERIOD_US, 2, &w), 0);
    while (g20_wf_history_next(h, &w, &p, codes)) {
        assert_true(p.end_us - p.time_us <= 10ull * PERIOD_US);
        n += p.rows;
    }
    assert_int_equal(n, 30);
    assert_int_equal(g20_wf_history_find(h, 5, 5, 2, &w), -EINVAL);
    assert_int_equal(g20_wf_history_find(h, 5, 6, 0, &w), -EINVAL);
    assert_int_equal(g20_wf_history_find(h, 5, 6, G20_WF_HISTORY_ROWS_MAX + 1, &w), -EINVAL);
    g20_wf_history_destroy(h);
}

static void levels_and_zoom_are_true(void **state)
{
    (void)state;
    const struct g20_wf_past p = {.center_hz = 100e6, .rate_hz = 64e3};
    uint8_t codes[BINS], out[128];

    for (int i = 0; i < BINS; i++)
        codes[i] = (uint8_t)(i == 40 ? 160 : 80); /* -50 and -100 dBFS */
    /* one bin, seen in 128 pixels: 8 kHz above the centre */
    g20_wf_history_view(&p, codes, BINS, 100e6 + 8e3, 100e6 + 9e3, 128, -100, 0, out);
    for (int i = 0; i < 128; i++)
        assert_in_range(out[i], 127, 128); /* half of the range */
    g20_wf_history_view(&p, codes, BINS, 100e6 - 32e3, 100e6 + 32e3, 16, -100, 0, out);
    for (int i = 0; i < 16; i++)
        assert_true(i == 10 ? out[i] > 120 : out[i] == 0);
    /* beyond the band nothing */
    g20_wf_history_view(&p, codes, BINS, 200e6, 201e6, 16, -150, 0, out);
    for (int i = 0; i < 16; i++)
        assert_int_equal(out[i], 0);
}

static void every_failed_allocation_is_told(void **state)
{
    (void)state;
    const int64_t before = g20_alloc_live();
    struct g20_wf_history *h = NULL;
    struct g20_err e = {0};

    for (uint64_t n = 0; n < 40 && !h; n++) {
        g20_alloc_fail_at(n);
        const int r = g20_wf_history_create(&h, 65536, BINS, &e);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        assert_true(r == 0 ? h != NULL : r == -ENOMEM && !h && g20_alloc_live() == before);
    }
    assert_non_null(h);
    g20_wf_history_destroy(h);
    g20_wf_history_destroy(NULL);
    h = NULL;
    assert_int_equal(g20_wf_history_create(&h, 1000, BINS, &e), -EINVAL);
    assert_int_equal(g20_wf_history_create(&h, 1 << 20, 0, &e), -EINVAL);
    assert_int_equal(g20_alloc_live(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_of_the_last_seconds_comes_back),
        cmocka_unit_test(long_times_come_folded_and_lose_no_burst),
        cmocka_unit_test(memory_is_bounded_and_the_oldest_goes),
        cmocka_unit_test(tunings_are_kept_apart),
        cmocka_unit_test(a_hole_or_a_step_back_in_time_is_no_harm),
        cmocka_unit_test(levels_and_zoom_are_true),
        cmocka_unit_test(every_failed_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
