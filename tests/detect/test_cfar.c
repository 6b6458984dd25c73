/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The false-alarm setting is measured on white noise that went through the real transform, so that
 * neighbouring bins and frames are as dependent as they are in use, and the real floor estimate. */
#include "base/alloc.h"
#include "base/block.h"
#include "base/rng.h"
#include "detect/cfar.h"

#include <complex.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { B = G20_TILE_BINS, R = G20_TILE_ROWS, BLOCK = 65536 };

struct stand {
    struct g20_tile *tile;
    struct g20_floor *floor;
    uint8_t *cells;
};

static int set_up(void **state)
{
    struct stand *s = g20_calloc(1, sizeof(*s));

    assert_non_null(s);
    assert_int_equal(g20_tile_create(&s->tile), 0);
    assert_int_equal(g20_floor_create(&s->floor), 0);
    s->cells = g20_calloc((size_t)R * B, 1);
    assert_non_null(s->cells);
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    struct stand *s = *state;

    g20_free(s->cells);
    g20_floor_destroy(s->floor);
    g20_tile_destroy(s->tile);
    g20_free(s);
    assert_int_equal(g20_alloc_live(), 0);
    return 0;
}

static void on_frame(const struct g20_frame *frame, void *user)
{
    struct stand *s = user;

    if (s->tile->rows < R)
        (void)g20_tile_add(s->tile, frame);
}

/* Fill the tile with white noise of power 1e-6, and a carrier of amplitude @carrier at a quarter
 * of the rate from row @from on. */
static void fill(struct stand *s, uint64_t seed, double carrier, uint32_t from)
{
    const struct g20_stft_cfg cfg = {.nfft = B, .hop = G20_TILE_HOP, .window = G20_WINDOW_HANN};
    struct g20_stft *stft;
    struct g20_pool *pool;
    struct g20_rng rng;

    g20_rng_init(&rng, seed);
    g20_tile_clear(s->tile);
    assert_int_equal(g20_stft_create(&stft, &cfg, NULL), 0);
    assert_int_equal(g20_pool_create(&pool, 4, BLOCK), 0);
    for (uint64_t n = 0; s->tile->rows < R; n += BLOCK) {
        struct g20_block *b = g20_pool_get(pool, 0);
        assert_non_null(b);
        float complex *x = b->data;
        b->format = G20_CF32;
        b->len = BLOCK;
        b->first_sample = n;
        b->rate_hz = 2e6;
        for (uint32_t i = 0; i < BLOCK; i++) {
            const double on = n + i >= (uint64_t)from * G20_TILE_ROW_SAMPLES ? carrier : 0;
            x[i] =
                (float complex)((g20_rng_normal(&rng) + I * g20_rng_normal(&rng)) * sqrt(0.5e-6) +
                                on * cexp(I * 0.5 * M_PI * (double)((n + i) % 4)));
        }
        g20_stft_push(stft, b, on_frame, s);
        g20_block_unref(&b);
    }
    g20_stft_destroy(stft); /* before the pool: it holds blocks */
    g20_pool_destroy(pool);
    g20_floor_measure(s->floor, s->tile, NULL);
}

static void mark(struct stand *s, double pfa)
{
    struct g20_cfar *c;

    assert_int_equal(g20_cfar_create(&c, pfa, NULL), 0);
    memset(s->cells, 0, (size_t)R * B);
    g20_cfar_mark(c, s->tile, s->floor, s->cells);
    g20_cfar_destroy(c);
}

static bool has_seed(const struct stand *s, uint32_t row)
{
    return memchr(s->cells + (size_t)row * B, G20_CELL_SEED, B) != NULL;
}

static void noise_raises_no_more_rows_than_the_setting_says(void **state)
{
    static const double pfa[] = {0.5, 0.1, 0.01, 1e-5};
    enum { TILES = 8, SETTINGS = G20_COUNT_OF(pfa) };
    struct stand *s = *state;
    uint32_t rows = 0, raised[SETTINGS] = {0};

    for (uint64_t seed = 1; seed <= TILES; seed++) {
        fill(s, seed, 0, 0);
        for (int i = 0; i < SETTINGS; i++) {
            mark(s, pfa[i]);
            for (uint32_t r = 0; r < R; r++)
                raised[i] += has_seed(s, r);
        }
        rows += R;
    }
    for (int i = 0; i < SETTINGS; i++) {
        print_message("pfa %g: %u of %u rows raised (%.2g)\n", pfa[i], raised[i], rows,
                      (double)raised[i] / rows);
        /* Four standard deviations of a binomial count above what is promised. */
        const double most = pfa[i] * rows + 4.0 * sqrt(pfa[i] * (1 - pfa[i]) * rows);
        assert_true(raised[i] <= most);
        assert_true(i == 0 || raised[i] <= raised[i - 1]);
    }
    /* Nor is it so cautious that the setting means nothing. */
    assert_true(raised[0] >= 0.5 / 20 * rows);
}

static void a_carrier_is_marked_where_and_when_it_is(void **state)
{
    struct stand *s = *state;

    fill(s, 20, 1e-3 * sqrt(0.01), 200); /* 16 dB over the noise in its bin, for 56 rows */
    mark(s, 1e-5);
    for (uint32_t r = 0; r < R; r++) {
        const uint8_t *cell = s->cells + (size_t)r * B;
        if (r != 199 && r != 200) /* where it begins is between two rows */
            assert_int_equal(cell[3 * B / 4] == G20_CELL_SEED, r > 200);
        for (uint32_t b = 0; b < B; b++)
            if (b < 3 * B / 4 - 4 || b > 3 * B / 4 + 4)
                assert_int_not_equal(cell[b], G20_CELL_SEED);
    }
}

static void silence_is_not_a_signal(void **state)
{
    struct stand *s = *state;

    fill(s, 21, 0, 0);
    memset(s->tile->mean, 0, sizeof(float) * R * B);
    memset(s->tile->max, 0, sizeof(float) * R * B);
    memset(s->tile->low, 0, sizeof(float) * R * B);
    memset(s->tile->group, 0, sizeof(float) * R * G20_TILE_FOLD * G20_TILE_GROUPS);
    g20_floor_measure(s->floor, s->tile, NULL);
    mark(s, 0.5);
    for (uint32_t r = 0; r < R; r++)
        assert_false(has_seed(s, r));
}

static void create_survives_every_failed_allocation(void **state)
{
    (void)state;
    const int64_t before = g20_alloc_live();
    struct g20_cfar *c = NULL;
    int fails = 0;

    for (uint64_t nth = 0;; nth++, fails++) {
        g20_alloc_fail_at(nth);
        const int r = g20_cfar_create(&c, 1e-5, NULL);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        if (r == 0)
            break;
        assert_true(g20_alloc_live() == before);
    }
    assert_int_equal(fails, 4);
    g20_cfar_destroy(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(noise_raises_no_more_rows_than_the_setting_says, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_carrier_is_marked_where_and_when_it_is, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(silence_is_not_a_signal, set_up, tear_down),
        cmocka_unit_test_setup_teardown(create_survives_every_failed_allocation, set_up, tear_down),
    };

    return cmocka_run_group_tests_name("cfar", tests, NULL, NULL);
}
