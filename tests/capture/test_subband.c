/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "capture/subband.h"
#include "folder.h"

#include <errno.h>
#include <math.h>

enum { LEN = 5000 };

struct got {
    size_t n, fresh;
    uint64_t time_us;
    double stream, sum;
};

static void keep(const struct g20_subband_run *run, void *user)
{
    struct got *g = user;

    if (run->fresh) {
        g->fresh++;
        g->time_us = run->time_us;
        g->stream = run->stream;
    }
    for (size_t i = 0; i < run->n; i++)
        g->sum += (double)(cabsf(run->samples[i]));
    g->n += run->n;
}

/* A block with a tone of level 0.5 at @hz, absolute. */
static void push(struct g20_subband *s, struct g20_pool *pool, uint64_t first, double center_hz,
                 double hz, uint32_t flags, struct got *g)
{
    struct g20_block *b = numbered_block(pool, first, LEN);
    int16_t *x = b->data;

    b->center_hz = center_hz;
    b->flags = flags;
    for (size_t i = 0; i < LEN; i++) {
        const double w = 2 * M_PI * fmod((hz - center_hz) / 1e6 * (double)(first + i), 1);
        x[2 * i] = (int16_t)lrint(16384 * cos(w));
        x[2 * i + 1] = (int16_t)lrint(16384 * sin(w));
    }
    g20_subband_push(s, b, keep, g);
    g20_block_unref(&b);
}

static void a_band_goes_on_across_gaps_and_retunes(void **state)
{
    const struct g20_subband_cfg cfg = {.center_hz = 100.2e6, .bandwidth_hz = 50e3};
    struct g20_subband *s = NULL;
    struct g20_pool *pool = NULL;
    struct got g = {0};

    (void)state;
    assert_int_equal(g20_pool_create(&pool, 3, LEN), 0);
    assert_int_equal(g20_subband_create(&s, &cfg), 0);
    for (uint64_t i = 0; i < 10; i++)
        push(s, pool, i * LEN, 100e6, 100.21e6, 0, &g);
    assert_int_equal(g.fresh, 1);
    assert_true(g.stream == 0 && g.time_us == 1700000000000000u);
    assert_float_equal(g.sum / (double)g.n, 0.5, 0.01);
    assert_in_range(g.n, 3000, 3126); /* 1 MHz / 16 = 62.5 kHz, less what still waits */
    /* a gap of a million samples, then elsewhere, then too far off, then back */
    push(s, pool, 1000000, 100e6, 100.21e6, G20_BLOCK_GAP, &g);
    assert_int_equal(g.fresh, 2);
    assert_true(g.stream == 1000000 && g.time_us == 1700000000000000u + 1000000);
    g = (struct got){0};
    for (uint64_t i = 0; i < 10; i++)
        push(s, pool, 1000000 + (i + 1) * LEN, 100.3e6, 100.21e6, 0, &g);
    assert_int_equal(g.fresh, 1);
    assert_float_equal(g.sum / (double)g.n, 0.5, 0.01);
    g = (struct got){0};
    push(s, pool, 2000000, 105e6, 105.1e6, G20_BLOCK_RETUNED, &g);
    assert_int_equal(g.n, 0);
    assert_int_equal(g20_subband_missed(s), LEN);
    push(s, pool, 2000000 + LEN, 100e6, 100.21e6, G20_BLOCK_RETUNED, &g);
    assert_true(g.fresh == 1 && g.n > 200);
    g20_subband_destroy(s);
    g20_subband_destroy(NULL);
    g20_pool_destroy(pool);
}

static void what_cannot_be_had_is_told(void **state)
{
    const struct g20_subband_cfg good = {100.2e6, 50e3, 0}, bad = {101e6, 50e3, 0},
                                 none = {100e6, 0, 0};
    struct g20_err e = {0};

    (void)state;
    assert_int_equal(g20_subband_check(&good, 1e6, 100e6, &e), 0);
    assert_int_equal(g20_subband_check(&bad, 1e6, 100e6, &e), -ERANGE);
    assert_non_null(strstr(e.msg, "100975000 to 101025000 Hz is outside"));
    assert_int_equal(g20_subband_check(&none, 1e6, 100e6, &e), -EINVAL);
    assert_non_null(strstr(e.msg, "bandwidth_hz"));
}

static void allocations_may_fail(void **state)
{
    const struct g20_subband_cfg cfg = {.center_hz = 100.2e6, .bandwidth_hz = 50e3};
    struct g20_pool *pool = NULL;

    (void)state;
    assert_int_equal(g20_pool_create(&pool, 3, LEN), 0);
    const int64_t live = g20_alloc_live();
    for (uint64_t nth = 0;; nth++) {
        struct g20_subband *s = NULL;
        struct got g = {0};

        g20_alloc_fail_at(nth);
        const int r = g20_subband_create(&s, &cfg);
        if (r >= 0)
            push(s, pool, 0, 100e6, 100.2e6, 0, &g);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        assert_true(r == 0 || r == -ENOMEM);
        g20_subband_destroy(s);
        assert_int_equal(g20_alloc_live(), live);
        if (g.n > 0)
            break;
        assert_true(nth < 100);
    }
    g20_pool_destroy(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_band_goes_on_across_gaps_and_retunes),
        cmocka_unit_test(what_cannot_be_had_is_told),
        cmocka_unit_test(allocations_may_fail),
    };
    return cmocka_run_group_tests_name("subband", tests, NULL, NULL);
}
