/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/feed.h"

#include "base/alloc.h"
#include "base/thread.h"

#include <errno.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void count(void *user)
{
    ++*(int *)user;
}

static struct g20_msg *msg(uint8_t v)
{
    struct g20_msg *m = g20_msg_create(1, true);

    assert_non_null(m);
    g20_msg_data(m)[0] = v;
    return m;
}

static void a_full_feed_loses_its_oldest_and_counts(void **state)
{
    (void)state;
    const int64_t before = g20_alloc_live();
    struct g20_feed *f = NULL;
    struct g20_feed_stats st;
    int wakes = 0;

    assert_int_equal(g20_feed_create(&f, 3, count, &wakes), 0);
    for (uint8_t i = 0; i < 5; i++)
        assert_true(g20_feed_push(f, msg(i)));
    assert_int_equal(wakes, 1); /* nothing was taken yet */
    g20_feed_stats(f, &st);
    assert_int_equal(st.len, 3);
    assert_int_equal(st.pushed, 5);
    assert_int_equal(st.dropped, 2);
    for (uint8_t i = 2; i < 5; i++) {
        struct g20_msg *m = g20_feed_take(f);

        assert_non_null(m);
        assert_int_equal(g20_msg_data(m)[0], i);
        g20_msg_unref(m);
    }
    assert_null(g20_feed_take(f));
    assert_true(g20_feed_push(f, msg(9)));
    assert_true(g20_feed_push(f, NULL));
    assert_int_equal(wakes, 2);
    g20_feed_unref(&f);
    assert_null(f);
    g20_feed_unref(&f);
    assert_int_equal(g20_alloc_live(), before);
}

static void a_closed_feed_takes_nothing_and_wakes_nobody(void **state)
{
    (void)state;
    const int64_t before = g20_alloc_live();
    struct g20_feed *f = NULL;
    int wakes = 0;

    assert_int_equal(g20_feed_create(&f, 3, count, &wakes), 0);
    struct g20_feed *worker = g20_feed_ref(f);
    g20_feed_push(worker, msg(1));
    g20_feed_close(f);
    g20_feed_close(f);
    g20_feed_unref(&f);
    assert_false(g20_feed_push(worker, msg(2)));
    assert_null(g20_feed_take(worker));
    assert_int_equal(wakes, 1);
    g20_feed_unref(&worker);
    assert_int_equal(g20_alloc_live(), before);
}

enum { MANY = 20000 };

static void *push_many(void *arg)
{
    struct g20_feed *f = arg;

    for (int i = 0; i < MANY; i++)
        g20_feed_push(f, g20_msg_create(1, true));
    g20_feed_unref(&f);
    return NULL;
}

static void what_is_not_dropped_arrives(void **state)
{
    (void)state;
    struct g20_feed *f = NULL;
    struct g20_thread t = {0};
    struct g20_feed_stats st;
    uint64_t got = 0;

    assert_int_equal(g20_feed_create(&f, 64, NULL, NULL), 0);
    assert_int_equal(g20_thread_start(&t, "push", push_many, g20_feed_ref(f), NULL), 0);
    do {
        for (struct g20_msg *m; (m = g20_feed_take(f)); got++)
            g20_msg_unref(m);
        g20_feed_stats(f, &st);
    } while (st.pushed < MANY || st.len > 0);
    g20_thread_join(&t);
    assert_int_equal(got + st.dropped, MANY);
    g20_feed_unref(&f);
}

static void every_failed_allocation_is_told(void **state)
{
    (void)state;
    const int64_t before = g20_alloc_live();
    struct g20_feed *f = NULL;

    for (uint64_t n = 0; n < 10 && !f; n++) {
        g20_alloc_fail_at(n);
        const int r = g20_feed_create(&f, 4, NULL, NULL);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        assert_true(r == 0 ? n >= 2 && f : r == -ENOMEM && !f);
    }
    assert_non_null(f);
    g20_feed_unref(&f);
    assert_int_equal(g20_alloc_live(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_feed_loses_its_oldest_and_counts),
        cmocka_unit_test(a_closed_feed_takes_nothing_and_wakes_nobody),
        cmocka_unit_test(what_is_not_dropped_arrives),
        cmocka_unit_test(every_failed_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
