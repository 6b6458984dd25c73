/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/alloc.h"
#include "base/block.h"
#include "base/clock.h"
#include "base/thread.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { COUNT = 4, CAP = 1000 };

static struct g20_pool *make(void)
{
    struct g20_pool *p;

    assert_int_equal(g20_pool_create(&p, COUNT, CAP), 0);
    return p;
}

static void blocks_are_aligned_distinct_and_hold_the_widest_format(void **state)
{
    (void)state;
    struct g20_pool *p = make();
    struct g20_block *b[COUNT];

    for (int i = 0; i < COUNT; i++) {
        b[i] = g20_pool_get(p, 0);
        assert_non_null(b[i]);
        assert_int_equal((uintptr_t)b[i]->data % G20_ALIGN, 0);
        assert_int_equal(b[i]->cap, CAP);
        memset(b[i]->data, i + 1, CAP * g20_sample_bytes(G20_CF32));
    }
    for (int i = 0; i < COUNT; i++) { /* none has written into another */
        const unsigned char *bytes = b[i]->data;
        assert_true(bytes[0] == i + 1 && bytes[CAP * 8 - 1] == i + 1);
        g20_block_unref(&b[i]);
        assert_null(b[i]);
    }
    g20_pool_destroy(p);
    assert_int_equal(g20_alloc_live(), 0);
}

static void an_empty_pool_says_so_and_counts(void **state)
{
    (void)state;
    struct g20_pool *p = make();
    struct g20_block *b[COUNT];
    struct g20_pool_stats st;

    for (int i = 0; i < COUNT; i++)
        b[i] = g20_pool_get(p, 0);
    assert_null(g20_pool_get(p, 0));
    assert_null(g20_pool_get(p, 5));
    g20_pool_stats(p, &st);
    assert_true(st.free == 0 && st.count == COUNT && st.taken == COUNT && st.exhausted == 2);
    for (int i = 0; i < COUNT; i++)
        g20_block_unref(&b[i]);
    g20_pool_destroy(p);
}

static void a_block_comes_back_with_its_last_reference_and_fresh(void **state)
{
    (void)state;
    struct g20_pool *p = make();
    struct g20_block *b = g20_pool_get(p, 0);
    struct g20_pool_stats st;

    b->len = 7;
    b->flags = G20_BLOCK_GAP;
    b->lost = 3;
    struct g20_block *other = g20_block_ref(b);
    g20_block_unref(&b);
    g20_pool_stats(p, &st);
    assert_int_equal(st.free, COUNT - 1);
    g20_block_unref(&other);
    g20_block_unref(&other); /* NULL by now */
    g20_pool_stats(p, &st);
    assert_int_equal(st.free, COUNT);
    for (int i = 0; i < COUNT; i++) {
        struct g20_block *again = g20_pool_get(p, 0);
        assert_true(again->len == 0 && again->flags == 0 && again->lost == 0);
        g20_block_unref(&again);
    }
    g20_pool_destroy(p);
}

static void *give_back(void *arg)
{
    g20_sleep_ns(2000000);
    g20_block_unref(arg);
    return NULL;
}

static void a_waiter_gets_the_block_that_another_thread_gives_back(void **state)
{
    (void)state;
    struct g20_pool *p = make();
    struct g20_block *b[COUNT];
    struct g20_thread t = {0};

    for (int i = 0; i < COUNT; i++)
        b[i] = g20_pool_get(p, 0);
    struct g20_block *const wanted = b[2];
    assert_int_equal(g20_thread_start(&t, "give", give_back, &b[2], NULL), 0);
    struct g20_block *got = g20_pool_get(p, -1);
    g20_thread_join(&t);
    assert_ptr_equal(got, wanted);
    g20_block_unref(&got);
    for (int i = 0; i < COUNT; i++)
        g20_block_unref(&b[i]);
    g20_pool_destroy(p);
}

static void *close_pool(void *arg)
{
    g20_sleep_ns(2000000);
    g20_pool_close(arg);
    return NULL;
}

static void closing_wakes_a_waiter(void **state)
{
    (void)state;
    struct g20_pool *p = make();
    struct g20_block *b[COUNT];
    struct g20_thread t = {0};

    for (int i = 0; i < COUNT; i++)
        b[i] = g20_pool_get(p, 0);
    assert_int_equal(g20_thread_start(&t, "close", close_pool, p, NULL), 0);
    assert_null(g20_pool_get(p, -1));
    g20_thread_join(&t);
    for (int i = 0; i < COUNT; i++)
        g20_block_unref(&b[i]);
    g20_pool_destroy(p);
}

static void sizes_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    struct g20_pool *p = NULL;

    assert_int_equal(g20_pool_create(&p, 2, CAP), -EINVAL);
    assert_int_equal(g20_pool_create(&p, COUNT, 0), -EINVAL);
    assert_int_equal(g20_pool_create(&p, UINT32_MAX, CAP), -EINVAL);
    for (uint64_t nth = 0; nth < 3; nth++) {
        g20_alloc_fail_at(nth);
        const int r = g20_pool_create(&p, COUNT, CAP);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        if (r == 0)
            g20_pool_destroy(p);
        else
            assert_int_equal(r, -ENOMEM);
        assert_true(nth > 0 || r < 0);
        assert_int_equal(g20_alloc_live(), 0);
    }
}

static void a_pool_lives_as_long_as_its_last_block(void **state)
{
    (void)state;
    struct g20_pool *p = NULL;

    assert_int_equal(g20_pool_create(&p, COUNT, CAP), 0);
    struct g20_block *a = g20_pool_get(p, 0), *b = g20_pool_get(p, 0);
    g20_pool_destroy(p);
    memset(a->data, 1, 8 * (size_t)CAP); /* still there */
    g20_block_unref(&a);
    assert_true(g20_alloc_live() > 0);
    g20_block_unref(&b);
    assert_int_equal(g20_alloc_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pool_lives_as_long_as_its_last_block),
        cmocka_unit_test(blocks_are_aligned_distinct_and_hold_the_widest_format),
        cmocka_unit_test(an_empty_pool_says_so_and_counts),
        cmocka_unit_test(a_block_comes_back_with_its_last_reference_and_fresh),
        cmocka_unit_test(a_waiter_gets_the_block_that_another_thread_gives_back),
        cmocka_unit_test(closing_wakes_a_waiter),
        cmocka_unit_test(sizes_that_make_no_sense_are_refused),
    };

    return cmocka_run_group_tests_name("block", tests, NULL, NULL);
}
