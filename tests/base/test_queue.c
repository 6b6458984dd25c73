/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/queue.h"
#include "base/thread.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int freed;

static void count_free(void *item)
{
    (void)item;
    freed++;
}

static int items[8];

static struct g20_queue *make(size_t cap, enum g20_full when_full)
{
    struct g20_queue *q;

    freed = 0;
    assert_int_equal(g20_queue_create(&q, cap, when_full, count_free), 0);
    return q;
}

static void items_come_out_in_order_and_once(void **state)
{
    (void)state;
    struct g20_queue *q = make(3, G20_FULL_REJECT);
    bool closed = true;

    for (int round = 0; round < 5; round++) { /* round the ring */
        assert_int_equal(g20_queue_push(q, &items[0]), 0);
        assert_int_equal(g20_queue_push(q, &items[1]), 0);
        assert_ptr_equal(g20_queue_pop(q), &items[0]);
        assert_ptr_equal(g20_queue_pop(q), &items[1]);
    }
    assert_null(g20_queue_pop_for(q, 1, &closed));
    assert_false(closed); /* only empty */
    g20_queue_destroy(q);
    assert_int_equal(freed, 0);
}

static void a_full_queue_that_rejects_leaves_the_item_with_its_owner(void **state)
{
    (void)state;
    struct g20_queue *q = make(2, G20_FULL_REJECT);
    struct g20_queue_stats st;

    assert_int_equal(g20_queue_push(q, &items[0]), 0);
    assert_int_equal(g20_queue_push(q, &items[1]), 0);
    assert_int_equal(g20_queue_push(q, &items[2]), -EAGAIN);
    g20_queue_stats(q, &st);
    assert_true(st.len == 2 && st.cap == 2 && st.pushed == 2);
    g20_queue_destroy(q);
    assert_int_equal(freed, 2); /* what was left, not what was refused */
    assert_int_equal(g20_alloc_live(), 0);
}

static void a_full_queue_that_drops_frees_and_counts_all_that_waits(void **state)
{
    (void)state;
    struct g20_queue *q = make(2, G20_FULL_DROP_ALL);
    struct g20_queue_stats st;

    for (int i = 0; i < 5; i++)
        assert_int_equal(g20_queue_push(q, &items[i]), 0);
    g20_queue_stats(q, &st);
    assert_int_equal(st.dropped, 4); /* two and two */
    assert_int_equal(st.pushed, 5);
    assert_int_equal(st.len, 1);
    assert_int_equal(freed, 4);
    assert_ptr_equal(g20_queue_pop(q), &items[4]);
    g20_queue_destroy(q);
}

static void a_closed_queue_is_drained_and_then_ends(void **state)
{
    (void)state;
    struct g20_queue *q = make(2, G20_FULL_WAIT);
    bool closed = false;

    assert_int_equal(g20_queue_push(q, &items[0]), 0);
    g20_queue_close(q);
    g20_queue_close(q);
    assert_int_equal(g20_queue_push(q, &items[1]), -ESHUTDOWN);
    assert_ptr_equal(g20_queue_pop(q), &items[0]);
    assert_null(g20_queue_pop(q));
    assert_null(g20_queue_pop_for(q, 1000, &closed));
    assert_true(closed);
    g20_queue_destroy(q);
}

enum { MANY = 20000 };

static void *produce(void *arg)
{
    for (int i = 0; i < MANY; i++)
        if (g20_queue_push(arg, &items[i % 8]) < 0)
            return NULL;
    g20_queue_close(arg);
    return NULL;
}

static void a_writer_waits_for_room_and_nothing_is_lost(void **state)
{
    (void)state;
    struct g20_queue *q = make(3, G20_FULL_WAIT);
    struct g20_thread t = {0};
    int n = 0;
    void *item;

    assert_int_equal(g20_thread_start(&t, "produce", produce, q, NULL), 0);
    while ((item = g20_queue_pop(q))) {
        assert_ptr_equal(item, &items[n % 8]);
        n++;
    }
    g20_thread_join(&t);
    assert_int_equal(n, MANY);
    g20_queue_destroy(q);
    assert_int_equal(freed, 0);
}

static void closing_wakes_a_writer_that_waits(void **state)
{
    (void)state;
    struct g20_queue *q = make(1, G20_FULL_WAIT);
    struct g20_thread t = {0};

    assert_int_equal(g20_thread_start(&t, "produce", produce, q, NULL), 0);
    struct g20_queue_stats st = {0};
    while (st.len < 1)
        g20_queue_stats(q, &st);
    g20_queue_close(q);
    g20_thread_join(&t); /* or the test hangs */
    g20_queue_destroy(q);
    assert_int_equal(freed, 1);
}

static void create_refuses_no_room_and_survives_failed_allocations(void **state)
{
    (void)state;
    struct g20_queue *q = NULL;

    assert_true(g20_queue_create(&q, 0, G20_FULL_WAIT, count_free) < 0);
    for (uint64_t nth = 0; nth < 8; nth++) {
        g20_alloc_fail_at(nth);
        const int r = g20_queue_create(&q, 4, G20_FULL_WAIT, count_free);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        if (r == 0) {
            assert_true(nth > 0);
            g20_queue_destroy(q);
            break;
        }
        assert_int_equal(r, -ENOMEM);
    }
    assert_int_equal(g20_alloc_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_come_out_in_order_and_once),
        cmocka_unit_test(a_full_queue_that_rejects_leaves_the_item_with_its_owner),
        cmocka_unit_test(a_full_queue_that_drops_frees_and_counts_all_that_waits),
        cmocka_unit_test(a_closed_queue_is_drained_and_then_ends),
        cmocka_unit_test(a_writer_waits_for_room_and_nothing_is_lost),
        cmocka_unit_test(closing_wakes_a_writer_that_waits),
        cmocka_unit_test(create_refuses_no_room_and_survives_failed_allocations),
    };

    return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
