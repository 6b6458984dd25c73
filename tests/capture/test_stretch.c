/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "capture/record.h"
#include "capture/stretch.h"
#include "ring_blocks.h"

#include <errno.h>

enum { LEN = 4000, BLOCKS = 30 };

static char folder[256];

static struct g20_ring *make_ring(struct g20_pool *pool)
{
    const struct g20_ring_cfg cfg = {.bytes = G20_RING_LEAST};
    struct g20_ring *r = NULL;
    struct g20_err e = {0};

    assert_int_equal(g20_ring_create(&r, &cfg, NULL, &e), 0);
    for (uint64_t i = 0; i < BLOCKS; i++)
        push(r, pool, i * LEN, LEN, 1e8);
    return r;
}

/* The same samples as a recording. */
static void make_file(struct g20_pool *pool, char *base, size_t size)
{
    const struct g20_record_segment seg = {.time_us = T0, .center_hz = 1e8};
    struct g20_record *rec = NULL;
    struct g20_err e = {0};

    snprintf(base, size, "%s/x", folder);
    assert_int_equal(g20_record_open(&rec, base, &e), 0);
    g20_record_describe(rec, G20_CI16, 1e6);
    assert_int_equal(g20_record_segments(rec, &seg, 1, &e), 0);
    for (uint64_t i = 0; i < BLOCKS; i++) {
        struct g20_block *b = numbered_block(pool, i * LEN, LEN);
        assert_int_equal(g20_record_write(rec, b->data, LEN * 4, &e), 0);
        g20_block_unref(&b);
    }
    if (g20_record_finish(rec, NULL, 0, &e) < 0)
        fail_msg("%s", e.msg);
    g20_record_destroy(rec);
    snprintf(base, size, "%s/x.sigmf-meta", folder);
}

static void check_fetched(struct g20_stretch *s, uint64_t first, uint64_t n)
{
    struct g20_stretch_iq x;
    struct g20_err e = {0};

    if (g20_stretch_fetch(s, T0 + first + n, 1 << 20, &x, &e) < 0)
        fail_msg("%s", e.msg);
    assert_int_equal(x.samples, n);
    assert_int_equal(x.time_us, T0 + first);
    assert_true(x.rate_hz == 1e6 && x.center_hz == 1e8);
    for (uint64_t i = 0; i < n; i++)
        assert_true(x.iq[2 * i] == (float)((first + i) % 20011) / 32768.0F);
    g20_free(x.iq);
    g20_stretch_destroy(s);
}

static void ring_and_recording_give_the_same_samples(void **state)
{
    struct g20_pool *pool = NULL;
    struct g20_stretch *s = NULL;
    struct g20_err e = {0};
    char base[300];

    (void)state;
    assert_int_equal(g20_pool_create(&pool, 3, LEN), 0);
    struct g20_ring *r = make_ring(pool);
    make_file(pool, base, sizeof(base));
    assert_int_equal(g20_stretch_ring(&s, r, T0 + 5001, &e), 0);
    check_fetched(s, 5001, 77777);
    assert_int_equal(g20_stretch_file(&s, base, T0 + 5001, &e), 0);
    check_fetched(s, 5001, 77777);
    assert_int_equal(g20_stretch_file(&s, base, T0 + 50001, &e), 0); /* in a later block of it */
    check_fetched(s, 50001, 7);
    g20_ring_destroy(r);
    g20_pool_destroy(pool);
}

static void what_is_not_all_there_is_no_answer(void **state)
{
    struct g20_pool *pool = NULL;
    struct g20_stretch *s = NULL;
    struct g20_stretch_iq x;
    struct g20_err e = {0};
    char base[300];

    (void)state;
    assert_int_equal(g20_pool_create(&pool, 3, LEN), 0);
    struct g20_ring *r = make_ring(pool);
    snprintf(base, sizeof(base), "%s/x.sigmf-meta", folder);

    assert_int_equal(g20_stretch_ring(&s, r, T0 - 5, &e), -ENODATA);
    assert_int_equal(g20_stretch_file(&s, base, T0 - 500, &e), 0);
    assert_int_equal(g20_stretch_fetch(s, T0 + 100, 1000, &x, &e), -ENODATA);
    assert_non_null(strstr(e.msg, "begins later"));
    g20_stretch_destroy(s);
    assert_int_equal(g20_stretch_file(&s, base, T0 + 100000, &e), 0);
    e.msg[0] = '\0';
    assert_int_equal(g20_stretch_fetch(s, T0 + 200000, 1 << 20, &x, &e), -ENODATA);
    assert_non_null(strstr(e.msg, "duration_us"));
    g20_stretch_destroy(s);
    assert_int_equal(g20_stretch_ring(&s, r, T0 + 100, &e), 0);
    assert_int_equal(g20_stretch_fetch(s, T0 + 2000, 1000, &x, &e), -EFBIG);
    g20_stretch_destroy(s);

    push(r, pool, (uint64_t)(BLOCKS + 1) * LEN, LEN, 1e8); /* a block is missing */
    assert_int_equal(g20_stretch_ring(&s, r, T0 + (uint64_t)(BLOCKS - 1) * LEN, &e), 0);
    assert_int_equal(g20_stretch_fetch(s, T0 + (uint64_t)(BLOCKS + 2) * LEN, 1 << 20, &x, &e),
                     -ENODATA);
    assert_non_null(strstr(e.msg, "samples are missing"));
    g20_stretch_destroy(s);
    assert_true(g20_stretch_file(&s, "/nonexistent/x.sigmf-meta", 0, &e) < 0);
    g20_ring_destroy(r);
    g20_pool_destroy(pool);
}

static void failed_allocations_leave_nothing(void **state)
{
    struct g20_pool *pool = NULL;
    struct g20_stretch *s = NULL;
    struct g20_stretch_iq x;
    struct g20_err e = {0};

    (void)state;
    assert_int_equal(g20_pool_create(&pool, 3, LEN), 0);
    struct g20_ring *r = make_ring(pool);
    const int64_t before = g20_alloc_live();
    for (uint64_t i = 0;; i++) {
        s = NULL;
        g20_alloc_fail_at(i);
        int rc = g20_stretch_ring(&s, r, T0, &e);
        if (rc >= 0)
            rc = g20_stretch_fetch(s, T0 + 1000, 1 << 20, &x, &e);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        g20_stretch_destroy(s);
        if (rc == 0)
            break;
        assert_int_equal(rc, -ENOMEM);
        assert_int_equal(g20_alloc_live(), before);
    }
    g20_free(x.iq);
    g20_ring_destroy(r);
    g20_pool_destroy(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ring_and_recording_give_the_same_samples),
        cmocka_unit_test(what_is_not_all_there_is_no_answer),
        cmocka_unit_test(failed_allocations_leave_nothing),
    };

    make_folder(folder, sizeof(folder));
    const int r = cmocka_run_group_tests(tests, NULL, NULL);
    remove_folder(folder);
    return r;
}
