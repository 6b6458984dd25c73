/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/hands.h"

#include "base/alloc.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>

#include <cmocka.h>

enum { ITEMS = 100, FINDS = 400 };

struct job {
    atomic_uint done;
    uint32_t each; /* finds of item i: i % each */
};

static void measure(struct g20_hand *hand, uint32_t item, void *user)
{
    struct job *j = user;

    assert_non_null(hand->envelope);
    for (uint32_t k = 0; k < item % j->each; k++)
        g20_hand_add(hand, &(struct g20_find){.start = item, .stop = k});
    atomic_fetch_add(&j->done, 1);
}

static void what_is_found_comes_in_order_whoever_found_it(void **state)
{
    (void)state;
    for (uint32_t members = 1; members <= 3; members++) {
        struct g20_find out[FINDS];
        struct g20_hands *h = NULL;
        struct g20_crew *crew = NULL;
        struct job j = {.each = 4};
        struct g20_err e;
        size_t at = 0;

        assert_int_equal(g20_crew_create(&crew, members, &e), 0);
        assert_int_equal(g20_hands_create(&h, crew, FINDS, ITEMS, &e), 0);
        uint32_t cost[ITEMS];
        for (uint32_t i = 0; i < ITEMS; i++)
            cost[i] = i * 7 % 10;
        for (int round = 0; round < 20; round++) {
            const size_t n =
                g20_hands_work(h, ITEMS, round % 2 ? cost : NULL, measure, &j, out, FINDS);
            assert_int_equal(n, 150);
            at = 0;
            for (uint32_t i = 0; i < ITEMS; i++)
                for (uint32_t k = 0; k < i % j.each; k++, at++)
                    assert_true(out[at].start == i && out[at].stop == k);
        }
        assert_int_equal(atomic_load(&j.done), 20 * ITEMS);
        assert_int_equal(g20_hands_work(h, ITEMS, NULL, measure, &j, out, 7), 7); /* no more fit */
        assert_int_equal(g20_hands_work(h, 0, NULL, measure, &j, out, FINDS), 0);
        g20_hands_destroy(h);
        g20_crew_destroy(crew);
    }
}

static void note(struct g20_hand *hand, uint32_t item, void *user)
{
    uint32_t **to = user;

    (void)hand;
    *(*to)++ = item;
}

static void the_dearest_are_begun_first(void **state)
{
    (void)state;
    const uint32_t cost[] = {3, 9, 0, 9, 4}, want[] = {1, 3, 4, 0, 2};
    uint32_t got[G20_COUNT_OF(cost)], *to = got;
    struct g20_hands *h = NULL;
    struct g20_crew *crew = NULL;
    struct g20_err e;

    assert_int_equal(g20_crew_create(&crew, 1, &e), 0);
    assert_int_equal(g20_hands_create(&h, crew, 1, G20_COUNT_OF(cost), &e), 0);
    g20_hands_work(h, G20_COUNT_OF(cost), cost, note, &to, NULL, 0);
    assert_memory_equal(got, want, sizeof(want));
    g20_hands_destroy(h);
    g20_crew_destroy(crew);
}

static void a_hand_that_is_full_leaves_out(void **state)
{
    (void)state;
    struct g20_find out[FINDS];
    struct g20_hands *h = NULL;
    struct g20_crew *crew = NULL;
    struct job j = {.each = 4};
    struct g20_err e;

    assert_int_equal(g20_crew_create(&crew, 1, &e), 0);
    assert_int_equal(g20_hands_create(&h, crew, 5, ITEMS, &e), 0);
    assert_int_equal(g20_hands_work(h, ITEMS, NULL, measure, &j, out, FINDS), 5);
    g20_hands_destroy(h);
    g20_crew_destroy(crew);
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    struct g20_hands *h = NULL;
    struct g20_crew *crew = NULL;
    struct g20_err e = {0};
    int r = -1;

    assert_int_equal(g20_crew_create(&crew, 1, &e), 0);
    const int64_t before = g20_alloc_live();
    for (uint64_t nth = 0; r < 0; nth++) {
        g20_alloc_fail_at(nth);
        r = g20_hands_create(&h, crew, 1, 1, &e);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        assert_true(r == 0 || (r == -ENOMEM && g20_alloc_live() == before));
    }
    g20_hands_destroy(h);
    g20_hands_destroy(NULL);
    g20_crew_destroy(crew);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_found_comes_in_order_whoever_found_it),
        cmocka_unit_test(the_dearest_are_begun_first),
        cmocka_unit_test(a_hand_that_is_full_leaves_out),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
