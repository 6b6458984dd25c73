/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "dsp/rows.h"
#include "signals.h"

enum { BINS = 33, CAP = 32 };

struct kept {
    size_t count;
    struct g20_power_row row[CAP];
    float mean[CAP][BINS], max[CAP][BINS];
};

static void keep(const struct g20_power_row *r, void *user)
{
    struct kept *k = user;

    assert_true(k->count < CAP);
    memcpy(k->mean[k->count], r->mean, sizeof(k->mean[0]));
    memcpy(k->max[k->count], r->max, sizeof(k->max[0]));
    k->row[k->count++] = *r;
}

/* Frame @i: bin b has power 100 i + b; a restart where told. */
static size_t push(struct g20_rows *r, uint32_t i, bool restarted, struct kept *k)
{
    float p[BINS];
    const struct g20_frame f = {.power = p,
                                .first_sample = 1000 + i,
                                .time_us = 5000 + i,
                                .center_hz = 1e8,
                                .rate_hz = 2e6,
                                .restarted = restarted};

    for (int b = 0; b < BINS; b++)
        p[b] = (float)(100 * i) + (float)b;
    return g20_rows_push(r, &f, keep, k);
}

static struct g20_rows *rows(uint32_t frames, enum g20_partial partial)
{
    struct g20_rows *r = NULL;

    assert_int_equal(g20_rows_create(&r, BINS, frames, partial, NULL), 0);
    return r;
}

static void a_row_has_the_mean_and_the_maximum_of_its_frames(void **state)
{
    (void)state;
    static struct kept k;
    struct g20_rows *r = rows(6, G20_PARTIAL_DROP);

    for (uint32_t i = 0; i < 20; i++)
        assert_int_equal(push(r, i, i == 0, &k), i % 6 == 5);
    assert_int_equal(k.count, 3);
    for (uint32_t n = 0; n < 3; n++) {
        for (int b = 0; b < BINS; b++) {
            assert_float_equal(k.mean[n][b], 100 * (6 * n + 2.5) + b, 1e-3);
            assert_float_equal(k.max[n][b], 100 * (6 * n + 5) + b, 0);
        }
        assert_int_equal(k.row[n].frames, 6);
        assert_int_equal(k.row[n].bins, BINS);
        assert_int_equal(k.row[n].first_sample, 1000 + 6 * n);
        assert_int_equal(k.row[n].time_us, 5000 + 6 * n);
        assert_int_equal(k.row[n].restarted, n == 0);
    }
    assert_int_equal(g20_rows_flush(r, keep, &k), 1); /* frames 18 and 19 */
    assert_int_equal(k.row[3].frames, 2);
    assert_float_equal(k.mean[3][0], 1850, 1e-3);
    assert_int_equal(g20_rows_flush(r, keep, &k), 0);
    g20_rows_destroy(r);
}

static void no_row_spans_a_restart(void **state)
{
    (void)state;
    for (int partial = G20_PARTIAL_DROP; partial <= G20_PARTIAL_KEEP; partial++) {
        struct kept *k = g20_calloc(1, sizeof(*k));
        struct g20_rows *r = rows(4, (enum g20_partial)partial);
        const bool kept = partial == G20_PARTIAL_KEEP;

        assert_non_null(k);
        for (uint32_t i = 0; i < 10; i++) /* 0 1 2 3 | 4 5 || 6 7 8 9 */
            push(r, i, i == 0 || i == 6, k);
        assert_int_equal(k->count, kept ? 3 : 2);
        if (kept) {
            assert_int_equal(k->row[1].frames, 2);
            assert_int_equal(k->row[1].first_sample, 1004);
            assert_false(k->row[1].restarted);
        }
        const struct g20_power_row *last = &k->row[k->count - 1];
        assert_int_equal(last->first_sample, 1006);
        assert_int_equal(last->frames, 4);
        assert_true(last->restarted);
        assert_float_equal(k->mean[k->count - 1][0], 750, 1e-3);
        g20_rows_destroy(r);
        g20_free(k);
    }
}

static void single_frame_rows_and_a_restart_at_once_give_two_rows_at_most(void **state)
{
    (void)state;
    static struct kept k;
    struct g20_rows *r = rows(2, G20_PARTIAL_KEEP);

    push(r, 0, true, &k);
    g20_rows_set_frames(r, 1); /* forgets what was folded */
    assert_int_equal(push(r, 1, true, &k), 1);
    assert_int_equal(k.count, 1);
    assert_int_equal(k.row[0].first_sample, 1001);
    g20_rows_destroy(r);
}

static void create_survives_every_failed_allocation_and_refuses_bad_sizes(void **state)
{
    (void)state;
    struct g20_rows *r = NULL;

    assert_int_equal(g20_rows_create(&r, 0, 6, G20_PARTIAL_DROP, NULL), -22 /* EINVAL */);
    assert_int_equal(g20_rows_create(&r, 65537, 6, G20_PARTIAL_DROP, NULL), -22);
    assert_int_equal(g20_rows_create(&r, BINS, 0, G20_PARTIAL_DROP, NULL), -22);
    assert_null(r);
    for (unsigned nth = 0; nth < 100; nth++) {
        g20_alloc_fail_at(nth);
        const int e = g20_rows_create(&r, BINS, 6, G20_PARTIAL_DROP, NULL);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        assert_true(e == 0 || (e == -12 /* ENOMEM */ && r == NULL));
        g20_rows_destroy(r);
        assert_int_equal(g20_alloc_live(), 0);
        if (e == 0)
            return;
    }
    fail_msg("create() never succeeded");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_has_the_mean_and_the_maximum_of_its_frames),
        cmocka_unit_test(no_row_spans_a_restart),
        cmocka_unit_test(single_frame_rows_and_a_restart_at_once_give_two_rows_at_most),
        cmocka_unit_test(create_survives_every_failed_allocation_and_refuses_bad_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
