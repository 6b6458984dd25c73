/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void memory_is_zeroed_aligned_and_counted(void **state)
{
    (void)state;
    const uint64_t before = g20_alloc_total();
    unsigned char *a = g20_calloc(100, 3), *b = g20_calloc_aligned(1000, 7);

    assert_true(a && b);
    for (int i = 0; i < 300; i++)
        assert_int_equal(a[i], 0);
    for (int i = 0; i < 7000; i++)
        assert_int_equal(b[i], 0);
    assert_int_equal((uintptr_t)b % G20_ALIGN, 0);
    char *text = g20_strdup("copy");
    assert_string_equal(text, "copy");
    assert_int_equal(g20_alloc_live(), 3);
    a = g20_realloc(a, 1000, 3);
    assert_non_null(a);
    assert_int_equal(a[299], 0); /* what was there stays */
    assert_int_equal(g20_alloc_live(), 3);
    assert_true(g20_alloc_total() >= before + 3);
    g20_free(text);
    g20_free(b);
    g20_free(a);
    g20_free(NULL);
    assert_int_equal(g20_alloc_live(), 0);
}

static void a_product_that_overflows_is_refused(void **state)
{
    (void)state;
    int x;
    assert_null(g20_calloc(SIZE_MAX / 2, 3));
    assert_null(g20_calloc_aligned(SIZE_MAX / 2, 3));
    assert_null(g20_calloc_aligned(SIZE_MAX, 1)); /* rounding up must not wrap */
    char *p = g20_calloc(4, 1);
    assert_null(g20_realloc(p, SIZE_MAX / 2, 3));
    x = p[3]; /* the old block is untouched */
    assert_int_equal(x, 0);
    g20_free(p);
    assert_int_equal(g20_alloc_live(), 0);
}

static void the_wanted_allocation_fails_and_each_after_it(void **state)
{
    (void)state;
    g20_alloc_fail_at(1);
    void *a = g20_calloc(1, 1);
    assert_non_null(a);
    assert_null(g20_calloc(1, 1));
    assert_null(g20_calloc_aligned(1, 1));
    assert_null(g20_strdup("x"));
    assert_null(g20_realloc(a, 2, 1));
    g20_alloc_fail_at(G20_ALLOC_NEVER);
    void *b = g20_calloc(1, 1);
    assert_non_null(b);
    g20_free(a);
    g20_free(b);
}

static void room_that_is_not_zeroed_is_aligned_counted_and_bounded(void **state)
{
    (void)state;
    const int64_t before = g20_alloc_live();
    unsigned char *p = g20_alloc_aligned(3, 100);

    assert_non_null(p);
    assert_int_equal((uintptr_t)p % G20_ALIGN, 0);
    p[299] = 1;
    assert_true(g20_alloc_live() == before + 1);
    g20_free(p);
    assert_true(g20_alloc_live() == before);
    assert_null(g20_alloc_aligned(SIZE_MAX, 2));
    assert_null(g20_alloc_aligned(SIZE_MAX - 64, 1));
    g20_alloc_fail_at(0);
    assert_null(g20_alloc_aligned(1, 1));
    g20_alloc_fail_at(G20_ALLOC_NEVER);
}

/* Pages of their own, part of a last one, and memory that was in use before. */
static void much_memory_is_zero_too(void **state)
{
    const size_t sizes[] = {(2u << 20) - 1, 2u << 20, (5u << 20) + 123};

    (void)state;
    for (size_t i = 0; i < 2 * G20_COUNT_OF(sizes); i++) {
        const size_t n = sizes[i / 2];
        unsigned char *p = g20_calloc_aligned(n, 1);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % G20_ALIGN, 0);
        assert_true(p[0] == 0 && memcmp(p, p + 1, n - 1) == 0);
        memset(p, 0xa5, n);
        g20_free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(much_memory_is_zero_too),
        cmocka_unit_test(room_that_is_not_zeroed_is_aligned_counted_and_bounded),
        cmocka_unit_test(memory_is_zeroed_aligned_and_counted),
        cmocka_unit_test(a_product_that_overflows_is_refused),
        cmocka_unit_test(the_wanted_allocation_fails_and_each_after_it),
    };

    return cmocka_run_group_tests_name("alloc", tests, NULL, NULL);
}
