/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/memory.h"

#include "base/alloc.h"
#include "base/rng.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct g20_memory *m;
static struct g20_similar similar[G20_MEMORY_SEEN];
static struct g20_cluster cluster[G20_MEMORY_CLUSTERS];

static int make(void **state)
{
    (void)state;
    return g20_memory_create(&m);
}

static int drop(void **state)
{
    (void)state;
    g20_memory_destroy(m);
    m = NULL;
    return 0;
}

/* An emission of kind @kind, number @i: each at its own time. */
static struct g20_seen emission(int kind, uint64_t i)
{
    struct g20_seen x = {
        .time_us = 1000000 + 20000 * i, .duration_s = 0.01, .f_lo_hz = 1e6, .f_hi_hz = 1.1e6};
    struct g20_rng rng;

    g20_rng_init(&rng, i * 64 + (uint64_t)kind);
    for (int k = 0; k < G20_TRUNK_PLACES; k++)
        x.features[k] = (k == kind ? 4.0f : 0.0f) + 0.1f * (float)g20_rng_normal(&rng);
    return x;
}

static void the_nearest_come_first(void **state)
{
    struct g20_seen x, of;

    (void)state;
    for (uint64_t i = 0; i < 30; i++) {
        x = emission((int)(i % 3), i);
        g20_memory_add(m, &x);
    }
    of = emission(1, 100);
    const size_t n = g20_memory_similar(m, of.features, 2, similar, 15);
    assert_int_equal(n, 15);
    for (size_t i = 0; i < n; i++) {
        assert_int_not_equal(similar[i].seen.id, 2);
        assert_true(i == 0 || similar[i].similarity <= similar[i - 1].similarity);
        assert_int_equal(similar[i].similarity > 0.8f, i < 9); /* ten of its kind but one */
    }
    assert_int_equal(g20_memory_similar(m, of.features, 0, similar, G20_MEMORY_SEEN), 30);
    assert_int_equal(g20_memory_similar(m, of.features, 0, similar, 0), 0);
}

static void the_oldest_go(void **state)
{
    struct g20_seen x;

    (void)state;
    assert_false(g20_memory_get(m, 1, &x));
    for (uint64_t i = 0; i < G20_MEMORY_SEEN + 10; i++) {
        x = emission(0, i);
        g20_memory_add(m, &x);
    }
    assert_false(g20_memory_get(m, 10, &x));
    assert_true(g20_memory_get(m, 11, &x));
    assert_true(g20_memory_get(m, G20_MEMORY_SEEN + 10, &x));
    assert_false(g20_memory_get(m, G20_MEMORY_SEEN + 11, &x));
    assert_int_equal(g20_memory_similar(m, x.features, 0, similar, G20_MEMORY_SEEN),
                     G20_MEMORY_SEEN);
}

static void a_place_and_a_time_find_one(void **state)
{
    struct g20_seen x;

    (void)state;
    for (uint64_t i = 0; i < 5; i++) {
        x = emission(0, i);
        g20_memory_add(m, &x);
    }
    assert_true(g20_memory_at(m, 1000000 + 40000 + 2000, 0.005, 1.02e6, 1.05e6, &x));
    assert_int_equal(x.id, 3);
    assert_false(g20_memory_at(m, 1000000 + 12000, 0.005, 1.02e6, 1.05e6, &x)); /* between */
    assert_false(g20_memory_at(m, 1000000, 0.005, 2e6, 2.1e6, &x));
}

/* Tiles overlap, and an emission may be longer than one. */
static void what_goes_on_is_one(void **state)
{
    struct g20_memory_totals totals;
    struct g20_seen x = emission(0, 0);

    (void)state;
    g20_memory_add(m, &x);
    x.time_us += 5000;
    g20_memory_add(m, &x);
    x.f_lo_hz += 5e5; /* another one beside it */
    x.f_hi_hz += 5e5;
    g20_memory_add(m, &x);
    assert_int_equal(g20_memory_clusters(m, cluster, 1, &totals), 1);
    assert_int_equal(totals.looked, 2);
    assert_true(g20_memory_get(m, 1, &x));
    assert_true(fabs(x.duration_s - 0.015) < 1e-9);
}

static void unknowns_gather(void **state)
{
    struct g20_memory_totals totals;
    struct g20_cluster one;

    (void)state;
    for (int again = 0; again < 2; again++) { /* the same both times */
        for (uint64_t i = 0; i < 60; i++) {
            struct g20_seen x = emission(i % 6 == 0 ? 1 : i % 2 ? 2 : 3, i);
            if (i % 10 == 9)
                strcpy(x.name, "known");
            g20_memory_add(m, &x);
        }
        assert_int_equal(g20_memory_clusters(m, cluster, G20_MEMORY_CLUSTERS, &totals), 3);
        assert_int_equal(totals.looked, 60);
        assert_int_equal(totals.unknown, 54);
        assert_int_equal(cluster[0].count, 24);
        assert_int_equal(cluster[1].count, 20);
        assert_int_equal(cluster[2].count, 10);
        assert_int_equal(cluster[2].examples, G20_CLUSTER_EXAMPLES);
        assert_int_equal(cluster[2].example[0].id, 1); /* the first stays */
        assert_true(cluster[2].last_us > cluster[2].first_us);
        assert_true(g20_memory_cluster(m, cluster[0].id, true, &one));
        assert_int_equal(one.count, 24);
        assert_false(g20_memory_cluster(m, one.id, false, &one));
        assert_int_equal(g20_memory_clusters(m, cluster, G20_MEMORY_CLUSTERS, &totals), 2);
        drop(NULL);
        assert_int_equal(make(NULL), 0);
    }
}

/* The same look at another width is something else; the smallest cluster makes room. */
static void clusters_are_bounded(void **state)
{
    struct g20_memory_totals totals;
    uint64_t at = 0;

    (void)state;
    for (int width = 0; width < 2; width++)
        for (uint64_t i = 0; i < 5; i++) {
            struct g20_seen x = emission(0, at++);
            x.features[G20_TRUNK_PLACES + G20_LOOK_BANDWIDTH] = (float)width;
            g20_memory_add(m, &x);
        }
    for (int kind = 1; kind < 64; kind++) {
        struct g20_seen x = emission(kind, at++);
        g20_memory_add(m, &x);
    }
    for (int kind = 0; kind < 64; kind++) { /* far from all of those */
        struct g20_seen x = emission(kind, at++);
        x.features[(kind + 7) % 64] = -4.0f;
        g20_memory_add(m, &x);
    }
    assert_int_equal(g20_memory_clusters(m, cluster, G20_MEMORY_CLUSTERS, &totals),
                     G20_MEMORY_CLUSTERS);
    assert_int_equal(cluster[0].count, 5);
    assert_int_equal(cluster[1].count, 5);
    assert_int_equal(cluster[2].count, 1);
    assert_int_equal(totals.unknown, at);
}

static void it_says_when_memory_is_out(void **state)
{
    struct g20_memory *other = NULL;
    const int64_t before = g20_alloc_live();
    int r = -ENOMEM;

    (void)state;
    for (uint64_t n = 0; r < 0; n++) {
        g20_alloc_fail_at(n);
        r = g20_memory_create(&other);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        assert_true(r == 0 || (r == -ENOMEM && g20_alloc_live() == before && !other));
    }
    g20_memory_destroy(other);
    g20_memory_destroy(NULL);
    assert_int_equal(g20_alloc_live(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_nearest_come_first, make, drop),
        cmocka_unit_test_setup_teardown(the_oldest_go, make, drop),
        cmocka_unit_test_setup_teardown(a_place_and_a_time_find_one, make, drop),
        cmocka_unit_test_setup_teardown(what_goes_on_is_one, make, drop),
        cmocka_unit_test_setup_teardown(unknowns_gather, make, drop),
        cmocka_unit_test_setup_teardown(clusters_are_bounded, make, drop),
        cmocka_unit_test(it_says_when_memory_is_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
