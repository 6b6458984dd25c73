/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/alloc.h"
#include "server/outbox.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct g20_msg *message(char c)
{
    struct g20_msg *m = g20_msg_create(3, false);

    assert_non_null(m);
    memset(g20_msg_data(m), c, 3);
    return m;
}

static void messages_leave_in_order_and_the_oldest_is_dropped_when_full(void **state)
{
    (void)state;
    struct g20_outbox o;

    assert_int_equal(g20_outbox_init(&o, 2), 0);
    assert_null(g20_outbox_pop(&o));
    for (char c = 'a'; c <= 'd'; c++) {
        struct g20_msg *m = message(c);
        g20_outbox_push(&o, m);
        g20_msg_unref(m); /* the box has its own reference */
    }
    assert_int_equal(o.dropped, 2);
    for (char c = 'c'; c <= 'd'; c++) {
        struct g20_msg *m = g20_outbox_pop(&o);
        assert_int_equal(g20_msg_data(m)[0], c);
        assert_int_equal(g20_msg_data(m)[3], 0); /* texts end with a NUL of their own */
        g20_msg_unref(m);
    }
    assert_null(g20_outbox_pop(&o));
    g20_outbox_fini(&o);
    assert_int_equal(g20_alloc_live(), 0);
}

static void one_message_waits_in_many_boxes(void **state)
{
    (void)state;
    struct g20_outbox o[3];
    struct g20_msg *m = message('x');

    for (int i = 0; i < 3; i++) {
        assert_int_equal(g20_outbox_init(&o[i], 1), 0);
        g20_outbox_push(&o[i], m);
    }
    g20_msg_unref(m);
    struct g20_msg *got = g20_outbox_pop(&o[1]);
    assert_ptr_equal(got, m);
    g20_msg_unref(got);
    for (int i = 0; i < 3; i++)
        g20_outbox_fini(&o[i]); /* with what is left in it */
    assert_int_equal(g20_alloc_live(), 0);
    g20_msg_unref(NULL);
}

static void failed_allocations_are_told(void **state)
{
    (void)state;
    struct g20_outbox o;

    g20_alloc_fail_at(0);
    assert_null(g20_msg_create(10, true));
    assert_int_equal(g20_outbox_init(&o, 4), -ENOMEM);
    g20_alloc_fail_at(G20_ALLOC_NEVER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_leave_in_order_and_the_oldest_is_dropped_when_full),
        cmocka_unit_test(one_message_waits_in_many_boxes),
        cmocka_unit_test(failed_allocations_are_told),
    };

    return cmocka_run_group_tests_name("outbox", tests, NULL, NULL);
}
