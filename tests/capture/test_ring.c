/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/thread.h"
#include "capture/ring.h"
#include "ring_blocks.h"

#include <errno.h>
#include <stdatomic.h>

enum { LEN = 4001, BYTES = G20_RING_LEAST, FIT = BYTES / 4 }; /* samples of ci16 that it holds */

static struct g20_ring *make(void)
{
    const struct g20_ring_cfg cfg = {.bytes = BYTES};
    struct g20_ring *r = NULL;
    struct g20_err e = {0};

    if (g20_ring_create(&r, &cfg, NULL, &e) < 0)
        fail_msg("%s", e.msg);
    return r;
}

static struct g20_pool *make_pool(void)
{
    struct g20_pool *pool = NULL;

    assert_int_equal(g20_pool_create(&pool, 3, 4096), 0);
    return pool;
}

static void what_was_put_in_comes_out_by_time_to_the_sample(void **state)
{
    struct g20_pool *pool = make_pool();
    struct g20_ring *r = make();
    struct g20_ring_state st;
    uint64_t first = 0, n;
    uint32_t gaps;

    (void)state;
    for (uint64_t i = 0; i < 20; i++)
        push(r, pool, i * LEN, LEN, 1e8);
    g20_ring_state(r, &st);
    assert_int_equal(st.from_us, T0);
    assert_int_equal(st.to_us, T0 + 20 * LEN);
    assert_int_equal(st.bytes, 20 * LEN * 4);
    assert_int_equal(st.memory_bytes, st.bytes);
    assert_int_equal(st.runs, 1);
    assert_true(st.seconds > 0.0800199 && st.seconds < 0.0800201);
    assert_int_equal(st.disk, G20_RING_NO_DISK);
    n = read_all(r, T0, 0, &first, &gaps);
    assert_int_equal(n, 20 * LEN);
    assert_int_equal(first, 0);
    n = read_all(r, T0 + 12345, T0 + 34567, &first, &gaps);
    assert_int_equal(n, 34567 - 12345);
    assert_int_equal(first, 12345);
    assert_int_equal(gaps, 0);
    g20_ring_destroy(r);
    g20_pool_destroy(pool);
}

static void the_oldest_goes_and_a_reader_hears_what_is_held(void **state)
{
    struct g20_pool *pool = make_pool();
    struct g20_ring *r = make();
    struct g20_ring_reader *rd = NULL;
    struct g20_ring_state st;
    struct g20_err e = {0};
    uint64_t first = 0;
    uint32_t gaps;

    (void)state;
    for (uint64_t i = 0; i < 700; i++)
        push(r, pool, i * LEN, LEN, 1e8);
    g20_ring_state(r, &st);
    assert_int_equal(st.to_us, T0 + 700 * LEN);
    assert_int_equal(st.from_us, st.to_us - FIT);
    assert_int_equal(read_all(r, st.from_us, 0, &first, &gaps), FIT);
    assert_int_equal(first, 700 * LEN - FIT);
    assert_int_equal(g20_ring_reader_create(&rd, r, st.from_us - 1000, &e), -ENODATA);
    assert_non_null(strstr(e.msg, "not held any more: the ring holds 1.0 s, 2023-11-14T"));
    g20_ring_destroy(r);
    g20_pool_destroy(pool);
}

static void gaps_and_retunes_are_kept(void **state)
{
    struct g20_pool *pool = make_pool();
    struct g20_ring *r = make();
    struct g20_ring_reader *rd = NULL;
    struct g20_ring_state st;
    struct g20_block b;
    struct g20_err e = {0};
    uint64_t first = 0;
    uint32_t gaps;

    (void)state;
    push(r, pool, 0, LEN, 1e8);
    push(r, pool, LEN, LEN, 1e8);
    push(r, pool, 3 * LEN, LEN, 1e8); /* LEN are missing */
    push(r, pool, 4 * LEN, LEN, 2e8);
    g20_ring_state(r, &st);
    assert_int_equal(st.runs, 3);
    assert_int_equal(st.lost, LEN);
    assert_int_equal(read_all(r, T0, 0, &first, &gaps), 4 * LEN);
    assert_int_equal(gaps, 1);
    /* The time that is missing: what follows it. */
    assert_int_equal(read_all(r, T0 + 2 * LEN + 7, 0, &first, &gaps), 2 * LEN);
    assert_int_equal(first, 3 * LEN);

    assert_int_equal(g20_ring_reader_create(&rd, r, T0 + 2 * LEN, &e), 0);
    assert_int_equal(g20_ring_read(rd, 0, 0, &b, &e), 1);
    assert_int_equal(b.flags, G20_BLOCK_GAP);
    assert_true(b.center_hz == 1e8);
    assert_int_equal(g20_ring_read(rd, 0, 0, &b, &e), 1);
    assert_int_equal(b.flags, G20_BLOCK_RETUNED);
    assert_true(b.center_hz == 2e8);
    assert_int_equal(g20_ring_read(rd, 0, 0, &b, &e), 0);
    assert_int_equal(g20_ring_read(rd, T0 + 5 * LEN, 0, &b, &e), 0);
    push(r, pool, 5 * LEN, LEN, 2e8);
    assert_int_equal(g20_ring_read(rd, T0 + 5 * LEN, 0, &b, &e), -ENODATA);
    assert_int_equal(g20_ring_read(rd, T0 + 5 * LEN + 3, 0, &b, &e), 1);
    assert_int_equal(b.len, 3);
    assert_int_equal(b.flags, 0);
    g20_ring_reader_destroy(rd);
    g20_ring_destroy(r);
    g20_pool_destroy(pool);
}

static void a_clock_that_is_set_right_makes_no_gap(void **state)
{
    struct g20_pool *pool = make_pool();
    struct g20_ring *r = make();
    struct g20_ring_reader *rd = NULL;
    struct g20_block b, *first;
    struct g20_err e = {0};

    (void)state;
    push(r, pool, 0, LEN, 1e8);
    first = numbered_block(pool, LEN, LEN);
    first->time_us += 5000;
    g20_ring_push(r, first);
    g20_block_unref(&first);
    assert_int_equal(g20_ring_reader_create(&rd, r, T0, &e), 0);
    assert_int_equal(g20_ring_read(rd, 0, 0, &b, &e), 1);
    assert_int_equal(b.len, LEN);
    assert_int_equal(g20_ring_read(rd, 0, 0, &b, &e), 1);
    assert_int_equal(b.flags, 0);
    assert_int_equal(b.first_sample, LEN);
    assert_int_equal(b.time_us, T0 + LEN + 5000);
    g20_ring_reader_destroy(rd);
    g20_ring_destroy(r);
    g20_pool_destroy(pool);
}

static void formats_may_change(void **state)
{
    struct g20_pool *pool = make_pool();
    struct g20_ring *r = make();
    struct g20_ring_reader *rd = NULL;
    struct g20_block b, *x;
    struct g20_err e = {0};

    (void)state;
    push(r, pool, 0, 5, 1e8);
    x = g20_pool_get(pool, 1000);
    x->format = G20_CF32;
    x->len = 3;
    x->first_sample = 5;
    x->time_us = T0 + 5;
    x->rate_hz = 1e6;
    x->center_hz = 1e8;
    memcpy(x->data, (const float[]){1, 2, 3, 4, 5, 6}, 24);
    g20_ring_push(r, x);
    g20_block_unref(&x);
    assert_int_equal(g20_ring_reader_create(&rd, r, T0, &e), 0);
    assert_int_equal(g20_ring_read(rd, 0, 0, &b, &e), 1);
    check_block(&b);
    assert_int_equal(g20_ring_read(rd, 0, 0, &b, &e), 1);
    assert_int_equal(b.format, G20_CF32);
    assert_int_equal(b.flags, G20_BLOCK_RETUNED);
    assert_memory_equal(b.data, ((const float[]){1, 2, 3, 4, 5, 6}), 24);
    g20_ring_reader_destroy(rd);
    g20_ring_destroy(r);
    g20_pool_destroy(pool);
}

static void an_overtaken_reader_learns_it(void **state)
{
    struct g20_pool *pool = make_pool();
    struct g20_ring *r = make();
    struct g20_ring_reader *rd = NULL;
    struct g20_ring_state st;
    struct g20_block b;
    struct g20_err e = {0};

    (void)state;
    push(r, pool, 0, LEN, 1e8);
    push(r, pool, LEN, LEN, 1e8);
    assert_int_equal(g20_ring_reader_create(&rd, r, T0, &e), 0);
    assert_int_equal(g20_ring_read(rd, T0 + 100, 0, &b, &e), 1);
    assert_int_equal(b.len, 100);
    for (uint64_t i = 2; i < 400; i++)
        push(r, pool, i * LEN, LEN, 1e8);
    assert_int_equal(g20_ring_read(rd, 0, 0, &b, &e), 1);
    check_block(&b);
    assert_int_equal(b.first_sample, 400 * LEN - FIT);
    assert_true(b.flags & G20_BLOCK_GAP);
    g20_ring_state(r, &st);
    assert_int_equal(st.overtaken, 1);
    assert_int_equal(g20_ring_read(rd, 0, 0, &b, &e), 1);
    assert_int_equal(b.flags, 0);
    g20_ring_reader_destroy(rd);
    g20_ring_destroy(r);
    g20_pool_destroy(pool);
}

/* One writes as fast as it can, two read: every sample read is the right one, whatever the race;
 * the writer is never held up by a reader that stands still in the middle. */
struct race {
    struct g20_ring *ring;
    atomic_bool over;
    atomic_uint_least64_t samples;
    uint64_t gaps;
};

static void *race_main(void *arg)
{
    struct race *x = arg;
    struct g20_ring_reader *rd = NULL;
    struct g20_err e = {0};
    struct g20_block b;
    uint64_t next = 0;

    if (g20_ring_reader_create(&rd, x->ring, 0, &e) < 0)
        return NULL;
    while (!atomic_load(&x->over)) {
        if (g20_ring_read(rd, 0, 10, &b, &e) != 1)
            continue;
        check_block(&b);
        if (x->samples > 0 && b.first_sample != next)
            x->gaps += (b.flags & G20_BLOCK_GAP) != 0;
        next = b.first_sample + b.len;
        x->samples += b.len;
    }
    g20_ring_reader_destroy(rd);
    return NULL;
}

static void readers_see_only_true_samples_while_the_writer_runs(void **state)
{
    struct g20_pool *pool = make_pool();
    struct race race[2] = {{.ring = make()}, {.samples = 0}};
    struct g20_thread thread[2] = {{.running = false}, {.running = false}};
    struct g20_err e = {0};

    (void)state;
    race[1].ring = race[0].ring;
    for (int k = 0; k < 2; k++)
        assert_int_equal(g20_thread_start(&thread[k], "race", race_main, &race[k], &e), 0);
    uint64_t i = 0;
    while (i < 3000 || (i < 100000 &&
                        (atomic_load(&race[0].samples) == 0 || atomic_load(&race[1].samples) == 0)))
        push(race[0].ring, pool, i++ * LEN, LEN, 1e8);
    atomic_store(&race[0].over, true);
    atomic_store(&race[1].over, true);
    for (int k = 0; k < 2; k++)
        g20_thread_join(&thread[k]);
    assert_true(race[0].samples > 0 && race[1].samples > 0);
    g20_ring_destroy(race[0].ring);
    g20_pool_destroy(pool);
}

static void no_ring_is_too_small_and_failed_allocations_leave_nothing(void **state)
{
    const struct g20_ring_cfg cfg = {.bytes = BYTES}, small = {.bytes = 1000};
    struct g20_ring *r = NULL;
    struct g20_ring_reader *rd = NULL;
    struct g20_err e = {0};
    const int64_t before = g20_alloc_live();

    (void)state;
    assert_int_equal(g20_ring_create(&r, &small, NULL, &e), -EINVAL);
    for (uint64_t i = 0;; i++) {
        g20_alloc_fail_at(i);
        const int rc = g20_ring_create(&r, &cfg, NULL, &e);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        if (rc == 0)
            break;
        assert_int_equal(rc, -ENOMEM);
        assert_null(r);
        assert_int_equal(g20_alloc_live(), before);
    }
    for (uint64_t i = 0;; i++) {
        g20_alloc_fail_at(i);
        const int rc = g20_ring_reader_create(&rd, r, 0, &e);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        if (rc == 0)
            break;
        assert_int_equal(rc, -ENOMEM);
        assert_null(rd);
    }
    g20_ring_reader_destroy(rd);
    g20_ring_destroy(r);
    assert_int_equal(g20_alloc_live(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_put_in_comes_out_by_time_to_the_sample),
        cmocka_unit_test(the_oldest_goes_and_a_reader_hears_what_is_held),
        cmocka_unit_test(gaps_and_retunes_are_kept),
        cmocka_unit_test(a_clock_that_is_set_right_makes_no_gap),
        cmocka_unit_test(formats_may_change),
        cmocka_unit_test(an_overtaken_reader_learns_it),
        cmocka_unit_test(readers_see_only_true_samples_while_the_writer_runs),
        cmocka_unit_test(no_ring_is_too_small_and_failed_allocations_leave_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
