/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "engine/hub.h"

#include "base/alloc.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void count(void *user)
{
    ++*(int *)user;
}

static void publish_tile(struct g20_hub *h, uint32_t idx)
{
    const struct g20_box box = {.class_id = (int)idx};
    const struct g20_detections d = {.frame_idx = idx, .boxes = &box, .count = 1};

    g20_hub_detections(h, &d);
}

static void a_slow_subscriber_loses_its_oldest_and_nobody_elses(void **state)
{
    (void)state;
    struct g20_hub *h = NULL;
    struct g20_hub_sub *slow = NULL, *fast = NULL;
    struct g20_hub_sub_stats st;
    int woken = 0;
    const struct g20_hub_sub_cfg cfg = {
        .rows = 2, .tiles = 4, .events = 2, .wake = count, .user = &woken};

    assert_int_equal(g20_hub_create(&h), 0);
    assert_int_equal(g20_hub_subscribe(h, &cfg, &slow), 0);
    assert_int_equal(g20_hub_subscribe(h, &cfg, &fast), 0);
    for (uint32_t i = 0; i < 10; i++) {
        publish_tile(h, i);
        struct g20_hub_tile *t = g20_hub_take_tile(fast);
        assert_non_null(t);
        assert_int_equal(t->d.frame_idx, i);
        assert_int_equal(t->d.boxes[0].class_id, i);
        g20_hub_tile_unref(t);
    }
    assert_int_equal(woken, 1 + 10); /* the slow one is not called again before it takes */
    g20_hub_sub_stats(slow, &st);
    assert_int_equal(st.tiles_dropped, 6);
    struct g20_hub_tile *t = g20_hub_take_tile(slow);
    assert_int_equal(t->d.frame_idx, 6);
    g20_hub_tile_unref(t);
    g20_hub_sub_stats(fast, &st);
    assert_int_equal(st.tiles_dropped, 0);
    g20_hub_unsubscribe(h, slow); /* frees what still waits */
    g20_hub_unsubscribe(h, fast);
    g20_hub_destroy(h);
    assert_int_equal(g20_alloc_live(), 0);
}

static void subscribe_survives_every_failed_allocation(void **state)
{
    (void)state;
    const struct g20_hub_sub_cfg cfg = {.rows = 2, .tiles = 2, .events = 2};

    for (uint64_t nth = 0; nth < 100; nth++) {
        struct g20_hub *h = NULL;
        struct g20_hub_sub *sub = NULL;

        g20_alloc_fail_at(nth);
        int r = g20_hub_create(&h);
        if (r == 0)
            r = g20_hub_subscribe(h, &cfg, &sub);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        assert_true(r == 0 || (r == -ENOMEM && !sub));
        g20_hub_destroy(h);
        assert_int_equal(g20_alloc_live(), 0);
        if (r == 0)
            return;
    }
    fail_msg("never succeeded");
}

static void too_many_subscribers_and_sizes_out_of_range_are_refused(void **state)
{
    (void)state;
    struct g20_hub *h = NULL;
    struct g20_hub_sub *sub = NULL;
    const struct g20_hub_sub_cfg good = {.rows = 1, .tiles = 1, .events = 1};
    const struct g20_hub_sub_cfg none = {.rows = 4097, .tiles = 1, .events = 1};

    assert_int_equal(g20_hub_create(&h), 0);
    assert_int_equal(g20_hub_subscribe(h, &none, &sub), -EINVAL);
    for (int i = 0; i < G20_HUB_MAX_SUBS; i++)
        assert_int_equal(g20_hub_subscribe(h, &good, &sub), 0);
    assert_int_equal(g20_hub_subscribe(h, &good, &sub), -EUSERS);
    g20_hub_destroy(h);
    assert_int_equal(g20_alloc_live(), 0);
}

static void blocks_are_shared_and_only_with_who_wants_them(void **state)
{
    (void)state;
    struct g20_hub *h = NULL;
    struct g20_hub_sub *wants = NULL, *other = NULL;
    struct g20_pool *pool = NULL;
    struct g20_pool_stats st;
    const struct g20_hub_sub_cfg cfg = {.blocks = 2}, rows = {.rows = 1};

    assert_int_equal(g20_hub_create(&h), 0);
    assert_int_equal(g20_pool_create(&pool, 4, 16), 0);
    assert_int_equal(g20_hub_subscribe(h, &cfg, &wants), 0);
    assert_int_equal(g20_hub_subscribe(h, &rows, &other), 0);
    for (uint64_t i = 0; i < 3; i++) {
        struct g20_block *b = g20_pool_get(pool, 0);

        assert_non_null(b);
        b->first_sample = i;
        g20_hub_block(h, b);
        g20_block_unref(&b);
    }
    g20_pool_stats(pool, &st);
    assert_int_equal(st.free, 2); /* the oldest was dropped, two wait, uncopied */
    assert_null(g20_hub_take_block(other));
    struct g20_block *b = g20_hub_take_block(wants);
    assert_int_equal(b->first_sample, 1);
    struct g20_hub_sub_stats waiting;
    g20_hub_sub_stats(wants, &waiting);
    assert_true(waiting.blocks == 1 && waiting.blocks_dropped == 1);
    publish_tile(h, 0); /* for nobody */
    g20_hub_destroy(h);
    g20_block_unref(&b);
    g20_pool_stats(pool, &st);
    assert_int_equal(st.free, 4);
    g20_pool_destroy(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_shared_and_only_with_who_wants_them),
        cmocka_unit_test(a_slow_subscriber_loses_its_oldest_and_nobody_elses),
        cmocka_unit_test(subscribe_survives_every_failed_allocation),
        cmocka_unit_test(too_many_subscribers_and_sizes_out_of_range_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
