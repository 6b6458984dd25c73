/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "store/pending.h"

#include "base/alloc.h"
#include "help.h"

static bool has(const struct g20_pending *p, uint64_t id, bool closed)
{
    for (uint32_t i = 0; i < g20_pending_count(p); i++)
        if (g20_pending_item(p, i)->em.id == id && g20_pending_item(p, i)->closed == closed)
            return true;
    return false;
}

static enum g20_pending_result put(struct g20_pending *p, uint64_t id, bool closed)
{
    const struct g20_emission em = an_emission(id);

    return g20_pending_put(p, closed, true, &em);
}

static void many_states_of_one_are_one_entry(void **state)
{
    (void)state;
    struct g20_pending *p = NULL;

    assert_int_equal(g20_pending_create(&p, 4), 0);
    for (int i = 0; i < 10; i++)
        assert_int_equal(put(p, 7, false), G20_PENDING_TAKEN);
    assert_int_equal(put(p, 7, true), G20_PENDING_TAKEN);
    assert_int_equal(put(p, 7, false), G20_PENDING_TAKEN); /* it stays ended */
    assert_int_equal(g20_pending_count(p), 1);
    assert_true(has(p, 7, true));
    g20_pending_destroy(p);
}

static void those_that_ended_push_out_those_still_on(void **state)
{
    (void)state;
    struct g20_pending *p = NULL;

    assert_int_equal(g20_pending_create(&p, 3), 0);
    put(p, 1, false);
    put(p, 2, true);
    put(p, 3, false);
    assert_int_equal(put(p, 4, false), G20_PENDING_UPDATE_DROPPED);
    assert_int_equal(put(p, 5, true), G20_PENDING_UPDATE_DROPPED);
    assert_int_equal(put(p, 6, true), G20_PENDING_UPDATE_DROPPED);
    assert_true(has(p, 2, true) && has(p, 5, true) && has(p, 6, true));
    assert_int_equal(put(p, 7, true), G20_PENDING_LOST);
    assert_int_equal(put(p, 5, true), G20_PENDING_TAKEN); /* known */
    g20_pending_clear(p);
    assert_int_equal(g20_pending_count(p), 0);
    assert_int_equal(put(p, 7, true), G20_PENDING_TAKEN);
    g20_pending_destroy(p);
}

static void what_comes_back_does_not_go_over_what_is_newer(void **state)
{
    (void)state;
    struct g20_pending *p = NULL;
    struct g20_emission old = an_emission(1), newer = an_emission(1);

    old.duration_s = 1;
    newer.duration_s = 2;
    assert_int_equal(g20_pending_create(&p, 3), 0);
    g20_pending_put(p, false, true, &newer);
    g20_pending_put(p, false, false, &old);
    assert_true(g20_pending_item(p, 0)->em.duration_s == 2);
    g20_pending_put(p, true, false, &old); /* but that it ended is the last word */
    assert_true(g20_pending_item(p, 0)->closed);
    g20_pending_destroy(p);
}

/* Against a plain list: ids from a small range so that they meet, push out and come again. */
static void a_list_says_the_same(void **state)
{
    (void)state;
    enum { CAP = 37, IDS = 90 };
    struct g20_pending *p = NULL;
    uint32_t seed = 20;

    assert_int_equal(g20_pending_create(&p, CAP), 0);
    for (int turn = 0; turn < 20000; turn++) {
        bool before[IDS] = {0}, after[IDS] = {0};
        seed = seed * 1664525u + 1013904223u;
        const uint64_t id = (seed >> 8) % IDS;
        const bool closed = (seed >> 24) % 3 == 0;

        for (uint64_t k = 0; k < IDS; k++)
            before[k] = has(p, k, true) || has(p, k, false);
        const bool was_closed = has(p, id, true);
        const enum g20_pending_result r = put(p, id, closed);
        for (uint64_t k = 0; k < IDS; k++)
            after[k] = has(p, k, true) || has(p, k, false);
        int gone = 0;
        for (uint64_t k = 0; k < IDS; k++)
            gone += before[k] && !after[k];
        assert_int_equal(gone, r == G20_PENDING_UPDATE_DROPPED && closed);
        if (r == G20_PENDING_TAKEN)
            assert_true(has(p, id, closed || was_closed));
        if (r == G20_PENDING_LOST || (seed >> 16) % 200 == 0)
            g20_pending_clear(p);
    }
    g20_pending_destroy(p);
}

static void create_survives_every_failed_allocation(void **state)
{
    (void)state;
    struct g20_pending *p = NULL;
    const int64_t before = g20_alloc_live();

    assert_int_equal(g20_pending_create(&p, 0), -EINVAL);
    for (uint64_t nth = 0; nth < 3; nth++) {
        g20_alloc_fail_at(nth);
        assert_int_equal(g20_pending_create(&p, 8), -ENOMEM);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        assert_true(g20_alloc_live() == before && !p);
    }
    g20_pending_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_states_of_one_are_one_entry),
        cmocka_unit_test(those_that_ended_push_out_those_still_on),
        cmocka_unit_test(what_comes_back_does_not_go_over_what_is_newer),
        cmocka_unit_test(a_list_says_the_same),
        cmocka_unit_test(create_survives_every_failed_allocation),
    };

    return cmocka_run_group_tests_name("pending", tests, set_up, tear_down);
}
