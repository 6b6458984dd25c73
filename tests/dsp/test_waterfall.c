/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "dsp/waterfall.h"
#include "signals.h"

enum { NFFT = 4096, MAX_ROWS = 256 };

struct kept {
    size_t count;
    struct g20_wf_row *row[MAX_ROWS]; /* owned */
};

static void keep(struct g20_wf_row *row, void *user)
{
    struct kept *k = user;

    assert_true(k->count < MAX_ROWS);
    k->row[k->count++] = row;
}

static void let_go(struct kept *k)
{
    for (size_t i = 0; i < k->count; i++)
        g20_wf_row_unref(&k->row[i]);
    k->count = 0;
}

static struct g20_waterfall *waterfall(double rows_per_s, uint32_t pool_rows)
{
    const struct g20_waterfall_cfg cfg = {
        .nfft = NFFT, .rows_per_s = rows_per_s, .pool_rows = pool_rows};
    struct g20_waterfall *w = NULL;
    struct g20_err e = {0};

    if (g20_waterfall_create(&w, &cfg, &e) < 0)
        fail_msg("%s", e.msg);
    return w;
}

/* A second of x at @rate in blocks of @len, tuned to 100 MHz; returns the rows handed out. */
static size_t play(struct g20_waterfall *w, struct g20_pool *pool, const double complex *x,
                   uint64_t total, uint32_t len, double rate, struct kept *k)
{
    size_t rows = 0;

    for (uint64_t at = 0; at < total;) {
        const uint32_t n = (uint32_t)G20_MIN(len, total - at);
        struct g20_block *b = make_block(pool, G20_CF32, x, at, n, rate);
        rows += g20_waterfall_push(w, b, keep, k);
        g20_block_unref(&b);
        at += n;
    }
    return rows;
}

static double complex *samples(size_t n)
{
    double complex *x = g20_calloc(n, sizeof(*x));

    assert_non_null(x);
    return x;
}

static void rows_come_at_the_wanted_rate_at_any_sample_rate(void **state)
{
    (void)state;
    /* the last two: a frame lasts 16 and 205 ms, longer than a row period */
    static const struct {
        double rate, rows_per_s;
    } cases[] = {{2e6, 30}, {1e6, 100}, {300e3, 60}, {250e3, 125}, {20e3, 30}};
    struct g20_pool *pool = NULL;

    assert_int_equal(g20_pool_create(&pool, 16, 1 << 16), 0);
    for (size_t c = 0; c < G20_COUNT_OF(cases); c++) {
        const uint64_t total = (uint64_t)cases[c].rate;
        struct g20_waterfall *w = waterfall(cases[c].rows_per_s, MAX_ROWS);
        double complex *x = samples(total);
        struct kept k = {0};
        const double period = cases[c].rate / cases[c].rows_per_s;
        const double late = floor((NFFT - round(period / ceil(period / NFFT))) / 2);

        const size_t rows = play(w, pool, x, total, 1 << 16, cases[c].rate, &k);
        assert_int_equal(rows, k.count);
        /* all but those that a frame beyond the end would belong to */
        const double reach = 1 - NFFT / cases[c].rate;
        assert_float_equal((double)rows, reach * cases[c].rows_per_s, 1.01);
        for (size_t i = 0; i < rows; i++) {
            const struct g20_wf_row *r = k.row[i];
            assert_int_equal(r->index, i);
            assert_float_equal((double)r->row_period_s, 1 / cases[c].rows_per_s,
                               0.01 / cases[c].rows_per_s);
            const double at_s = (double)i * (double)r->row_period_s + late / cases[c].rate;
            assert_float_equal((double)r->first_sample / cases[c].rate, at_s, 1e-6);
            assert_float_equal((double)r->time_us, 1e6 + at_s * 1e6, 2);
            assert_int_equal(r->flags, 0);
        }
        let_go(&k);
        g20_free(x);
        g20_waterfall_destroy(w);
    }
    g20_pool_destroy(pool);
}

/* A burst of 64 samples at any place of the row period shows in some row. */
static void no_sample_is_left_out(void **state)
{
    (void)state;
    const double rate = 1e6;
    const uint64_t total = 100000;
    struct g20_pool *pool = NULL;
    double complex *x = samples(total);

    assert_int_equal(g20_pool_create(&pool, 3, (uint32_t)total), 0);
    for (uint64_t at = 20000; at < 40000; at += 997) {
        struct g20_waterfall *w = waterfall(20, MAX_ROWS);
        struct kept k = {0};
        float most = -200;

        memset(x, 0, total * sizeof(*x));
        for (uint64_t i = at; i < at + 64; i++)
            x[i] = 1;
        play(w, pool, x, total, (uint32_t)total, rate, &k);
        for (size_t i = 0; i < k.count; i++)
            most = fmaxf(most, k.row[i]->db[NFFT / 2]);
        /* 64 of 4096 samples are 36 dB down under a flat window; Hann adds up to 6 dB in the
         * middle of a frame and takes away towards its edge: frames here meet edge to edge */
        assert_true(most > -110);
        let_go(&k);
        g20_waterfall_destroy(w);
    }
    g20_free(x);
    g20_pool_destroy(pool);
}

static void a_row_reads_dbfs_and_its_floor_the_mean_noise(void **state)
{
    (void)state;
    const double rate = 1e6;
    const uint64_t total = 1000000;
    struct g20_rng rng;
    struct g20_pool *pool = NULL;
    struct g20_waterfall *w = waterfall(20, MAX_ROWS);
    double complex *x = samples(total);
    struct kept k = {0};

    g20_rng_init(&rng, 40);
    fill_tone(x, total, 1000.0 / NFFT, 0.5); /* -6.02 dBFS */
    add_noise(x, total, 1e-4, &rng);
    assert_int_equal(g20_pool_create(&pool, 3, (uint32_t)total), 0);
    play(w, pool, x, total, (uint32_t)total, rate, &k);
    assert_true(k.count >= 19);
    for (size_t i = 0; i < k.count; i++) {
        const struct g20_wf_row *r = k.row[i];
        const double want = db(1e-4 * 1.5 / NFFT);

        assert_float_equal((double)r->db[NFFT / 2 + 1000], -6.02, 0.2);
        /* although the row itself is a maximum over 12 frames, some 5 dB higher */
        assert_float_equal((double)r->noise_floor_db, want, 0.3);
        double mean_db = 0;
        for (size_t bin = 0; bin < NFFT / 4; bin++)
            mean_db += (double)r->db[bin] / (NFFT / 4);
        assert_true(mean_db > want + 4 && mean_db < want + 7);
        for (size_t g = 0; g < NFFT / 64; g++)
            assert_float_equal((double)r->floor_db[g], want, 1.0);
        assert_int_equal(r->nfft, NFFT);
        assert_true(r->center_hz == 100e6 && r->rate_hz == rate);
    }
    let_go(&k);
    g20_free(x);
    g20_waterfall_destroy(w);
    g20_pool_destroy(pool);
}

static void a_full_pool_drops_rows_counts_them_and_says_so(void **state)
{
    (void)state;
    const double rate = 1e6;
    const uint64_t total = 800000;
    struct g20_pool *pool = NULL;
    struct g20_waterfall *w = waterfall(10, 4);
    double complex *x = samples(total);
    struct kept k = {0};

    assert_int_equal(g20_pool_create(&pool, 3, (uint32_t)total), 0);
    struct g20_block *b = make_block(pool, G20_CF32, x, 0, (uint32_t)total, rate);
    const size_t rows = g20_waterfall_push(w, b, keep, &k); /* 8 or 7 row periods, 4 rows */
    assert_int_equal(rows, 4);
    const uint64_t lost = g20_waterfall_dropped(w);
    assert_in_range(lost, 3, 4);
    let_go(&k);
    b->first_sample += total;
    assert_int_equal(g20_waterfall_push(w, b, keep, &k), 4);
    assert_int_equal(k.row[0]->index, 4 + lost); /* numbers go on over the lost ones */
    assert_int_equal(k.row[0]->flags, G20_WF_DROPPED);
    assert_int_equal(k.row[1]->flags, 0);
    g20_block_unref(&b);
    let_go(&k);
    g20_free(x);
    g20_waterfall_destroy(w);
    g20_pool_destroy(pool);
}

static void gap_and_retune_end_the_row_and_flag_the_next(void **state)
{
    (void)state;
    enum { LEN = 50000 };
    const double rate = 1e6;
    struct g20_pool *pool = NULL;
    struct g20_waterfall *w = waterfall(10, MAX_ROWS); /* rows of 100000 samples */
    double complex *x = samples(LEN);
    struct kept k = {0};
    static const struct {
        uint32_t flags, want;
        double shift_hz;
    } steps[] = {
        {0, 0, 0},
        {G20_BLOCK_GAP, G20_WF_DROPPED, 0},
        {G20_BLOCK_RETUNED, G20_WF_RETUNED, 0},
        {0, G20_WF_RETUNED, 5e6},
        {G20_BLOCK_NEW_SEGMENT, 0, 5e6},
        {G20_BLOCK_GAP | G20_BLOCK_RETUNED, G20_WF_DROPPED | G20_WF_RETUNED, 0},
    };

    assert_int_equal(g20_pool_create(&pool, 3, LEN), 0);
    for (size_t i = 0; i < G20_COUNT_OF(steps); i++) {
        struct g20_block *b = make_block(pool, G20_CF32, x, 0, LEN, rate);
        b->first_sample = i * LEN * 2;
        b->flags = steps[i].flags;
        b->center_hz += steps[i].shift_hz;
        /* half a row, handed out when the next block ends it */
        assert_int_equal(g20_waterfall_push(w, b, keep, &k), i > 0);
        g20_block_unref(&b);
    }
    assert_int_equal(g20_waterfall_flush(w, keep, &k), 1);
    assert_int_equal(g20_waterfall_flush(w, keep, &k), 0);
    assert_int_equal(k.count, G20_COUNT_OF(steps));
    for (size_t i = 0; i < k.count; i++) {
        assert_int_equal(k.row[i]->flags, steps[i].want);
        assert_int_equal(k.row[i]->first_sample - k.row[0]->first_sample, i * LEN * 2);
        assert_true(k.row[i]->center_hz == 100e6 + steps[i].shift_hz);
    }
    let_go(&k);
    g20_free(x);
    g20_waterfall_destroy(w);
    g20_pool_destroy(pool);
}

/* A click is in the row whose period it lies in, though frames last sixteen times as long. */
static void a_row_shows_its_own_period(void **state)
{
    (void)state;
    enum { RATE = 20000, AT = 9000 };
    struct g20_pool *pool = NULL;
    struct g20_waterfall *w = waterfall(80, MAX_ROWS);
    double complex *x = samples(RATE);
    struct kept k = {0};
    size_t best = 0;

    assert_int_equal(g20_pool_create(&pool, 3, 1 << 16), 0);
    x[AT] = 1;
    play(w, pool, x, RATE, 1 << 16, RATE, &k);
    for (size_t i = 0; i < k.count; i++)
        best = k.row[i]->db[0] > k.row[best]->db[0] ? i : best;
    const double begin = (double)k.row[best]->first_sample;
    assert_true(begin <= AT && AT <= begin + (double)k.row[best]->row_period_s * RATE);
    let_go(&k);
    g20_free(x);
    g20_waterfall_destroy(w);
    g20_pool_destroy(pool);
}

static void rows_outlive_their_waterfall(void **state)
{
    (void)state;
    const int64_t live = g20_alloc_live();
    const uint64_t total = 200000;
    struct g20_pool *pool = NULL;
    struct g20_waterfall *w = waterfall(10, 4);
    double complex *x = samples(total);
    struct kept k = {0};

    assert_int_equal(g20_pool_create(&pool, 3, (uint32_t)total), 0);
    play(w, pool, x, total, (uint32_t)total, 1e6, &k);
    assert_int_equal(k.count, 1);
    g20_waterfall_destroy(w);
    struct g20_wf_row *again = g20_wf_row_ref(k.row[0]);
    let_go(&k);
    assert_true(again->db[0] <= -100); /* readable: the sanitizers would object */
    g20_wf_row_unref(&again);
    assert_null(again);
    g20_wf_row_unref(&again); /* NULL inside is fine */
    g20_free(x);
    g20_pool_destroy(pool);
    assert_int_equal(g20_alloc_live(), live);
}

static void steady_state_allocates_nothing(void **state)
{
    (void)state;
    enum { LEN = 100000 };
    struct g20_pool *pool = NULL;
    struct g20_waterfall *w = waterfall(50, 4);
    double complex *x = samples(LEN);
    struct kept k = {0};
    size_t rows = 0;

    assert_int_equal(g20_pool_create(&pool, 3, LEN), 0);
    const uint64_t before = g20_alloc_total();
    for (uint64_t i = 0; i < 50; i++) {
        struct g20_block *b = make_block(pool, G20_CI8, x, 0, LEN, i < 25 ? 5e6 : 2.5e6);
        b->first_sample = i * LEN;
        rows += g20_waterfall_push(w, b, keep, &k);
        g20_block_unref(&b);
        let_go(&k);
    }
    assert_in_range(rows, 72, 78);
    assert_int_equal(g20_alloc_total(), before);
    g20_free(x);
    g20_waterfall_destroy(w);
    g20_pool_destroy(pool);
}

static void bad_settings_are_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        struct g20_waterfall_cfg cfg;
        const char *says;
    } cases[] = {
        {{.nfft = 2048, .rows_per_s = 30, .pool_rows = 4}, "nfft 2048"},
        {{.nfft = 5000, .rows_per_s = 30, .pool_rows = 4}, "nfft 5000"},
        {{.nfft = 131072, .rows_per_s = 30, .pool_rows = 4}, "nfft 131072"},
        {{.nfft = 4096, .rows_per_s = 0, .pool_rows = 4}, "rows_per_s 0"},
        {{.nfft = 4096, .rows_per_s = (double)NAN, .pool_rows = 4}, "rows_per_s"},
        {{.nfft = 4096, .rows_per_s = 1001, .pool_rows = 4}, "rows_per_s 1001"},
        {{.nfft = 4096, .rows_per_s = 30, .pool_rows = 3}, "pool_rows 3"},
    };

    for (size_t i = 0; i < G20_COUNT_OF(cases); i++) {
        struct g20_waterfall *w = NULL;
        struct g20_err e = {0};
        assert_int_equal(g20_waterfall_create(&w, &cases[i].cfg, &e), -22 /* EINVAL */);
        assert_null(w);
        assert_non_null(strstr(e.msg, cases[i].says));
    }
}

static void create_survives_every_failed_allocation(void **state)
{
    (void)state;
    const struct g20_waterfall_cfg cfg = {.nfft = NFFT, .rows_per_s = 30, .pool_rows = 4};

    for (unsigned nth = 0; nth < 100; nth++) {
        struct g20_waterfall *w = NULL;

        g20_alloc_fail_at(nth);
        const int r = g20_waterfall_create(&w, &cfg, NULL);
        g20_alloc_fail_at(G20_ALLOC_NEVER);

        assert_true(r == 0 || (r == -12 /* ENOMEM */ && w == NULL));
        g20_waterfall_destroy(w);
        assert_int_equal(g20_alloc_live(), 0);
        if (r == 0)
            return;
    }
    fail_msg("create() never succeeded");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_at_the_wanted_rate_at_any_sample_rate),
        cmocka_unit_test(no_sample_is_left_out),
        cmocka_unit_test(a_row_reads_dbfs_and_its_floor_the_mean_noise),
        cmocka_unit_test(a_full_pool_drops_rows_counts_them_and_says_so),
        cmocka_unit_test(gap_and_retune_end_the_row_and_flag_the_next),
        cmocka_unit_test(a_row_shows_its_own_period),
        cmocka_unit_test(rows_outlive_their_waterfall),
        cmocka_unit_test(steady_state_allocates_nothing),
        cmocka_unit_test(bad_settings_are_refused_by_name),
        cmocka_unit_test(create_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
