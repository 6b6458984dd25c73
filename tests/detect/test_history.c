/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/alloc.h"
#include "detect/history.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { CAP = 100 };

/* A block of @n samples from @first on, sample k being (k, -k) x 2^-15. */
static void push(struct g20_history *h, struct g20_pool *p, uint64_t first, uint32_t n)
{
    struct g20_block *b = g20_pool_get(p, 0);

    assert_non_null(b);
    int16_t *x = b->data;
    b->format = G20_CI16;
    b->len = n;
    b->first_sample = first;
    for (uint32_t i = 0; i < n; i++) {
        x[2 * i] = (int16_t)(first + i);
        x[2 * i + 1] = (int16_t) - (int)(first + i);
    }
    g20_history_push(h, b);
    g20_block_unref(&b);
}

static void expect(const struct g20_history *h, uint64_t start, size_t n, const int *want)
{
    float complex x[64];

    assert_true(n <= G20_COUNT_OF(x));
    for (size_t i = 0; i < n; i++)
        x[i] = 99; /* whatever was there */
    g20_history_read(h, (int64_t)start, n, x);
    for (size_t i = 0; i < n; i++) {
        assert_float_equal(crealf(x[i]), want[i] / 32768.0f, 1e-9f);
        assert_float_equal(cimagf(x[i]), -want[i] / 32768.0f, 1e-9f);
    }
}

static void ci16_is_read_as_it_came_in_also_from_before_the_first_sample(void **state)
{
    (void)state;
    struct g20_history *h;
    struct g20_pool *p;
    int16_t x[10];
    float complex z[2];

    assert_int_equal(g20_pool_create(&p, 3, CAP), 0);
    assert_int_equal(g20_history_create(&h, 3), 0);
    push(h, p, 0, 2);
    push(h, p, 3, 1);
    memset(x, 0x55, sizeof(x));
    assert_ptr_equal(g20_history_ci16(h, -1, 5, x), x); /* lost ones need the room */
    assert_memory_equal(x, ((int16_t[]){0, 0, 0, 0, 1, -1, 0, 0, 3, -3}), sizeof(x));
    g20_history_read(h, -1, 2, z);
    assert_true(z[0] == 0.0f && z[1] == 0.0f);
    g20_history_read(h, -9, 2, z);
    assert_true(z[0] == 0.0f && z[1] == 0.0f);

    struct g20_block *b = g20_pool_get(p, 0);
    b->format = G20_CI8;
    b->first_sample = 4;
    b->len = 1;
    g20_history_push(h, b);
    g20_block_unref(&b);
    assert_ptr_equal(g20_history_ci16(h, 2, 2, x), x);
    assert_null(g20_history_ci16(h, 2, 3, x));
    memset(x, 0x55, sizeof(x));
    const int16_t *place = g20_history_ci16(h, 0, 2, x);
    assert_memory_equal(place, ((int16_t[]){0, 0, 1, -1}), 8);
    assert_ptr_not_equal(place, x); /* side by side in one block */
    assert_int_equal(x[0], 0x5555);
    assert_null(g20_history_ci16(h, 4, 1, x)); /* of another format */
    g20_history_destroy(h);
    g20_pool_destroy(p);
}

static void samples_are_read_across_blocks_and_what_is_lost_reads_zero(void **state)
{
    (void)state;
    struct g20_history *h;
    struct g20_pool *p;

    assert_int_equal(g20_pool_create(&p, 8, CAP), 0);
    assert_int_equal(g20_history_create(&h, 8), 0);
    expect(h, 5, 3, (int[]){0, 0, 0}); /* nothing is held */
    push(h, p, 10, 4);
    push(h, p, 14, 2);
    push(h, p, 20, 3); /* 16 to 19 were lost */
    assert_int_equal(g20_history_start(h), 10);
    assert_int_equal(g20_history_end(h), 23);
    expect(h, 12, 4, (int[]){12, 13, 14, 15});
    expect(h, 8, 17, (int[]){0, 0, 10, 11, 12, 13, 14, 15, 0, 0, 0, 0, 20, 21, 22, 0, 0});
    g20_history_trim(h, 14); /* the first block ends there */
    expect(h, 12, 4, (int[]){0, 0, 14, 15});
    g20_history_trim(h, 15); /* one that goes on behind it stays whole */
    expect(h, 13, 3, (int[]){0, 14, 15});
    g20_history_clear(h);
    assert_int_equal(g20_history_end(h), 0);
    g20_history_destroy(h);
    g20_pool_destroy(p); /* all blocks are back */
    assert_int_equal(g20_alloc_live(), 0);
}

static void a_copy_keeps_what_the_other_lets_go(void **state)
{
    (void)state;
    struct g20_history *h, *copy;
    struct g20_pool *p;

    assert_int_equal(g20_pool_create(&p, 8, CAP), 0);
    assert_int_equal(g20_history_create(&h, 3), 0);
    assert_int_equal(g20_history_create(&copy, 3), 0);
    push(copy, p, 1, 2); /* goes */
    for (uint64_t first = 10; first < 18; first += 2)
        push(h, p, first, 2);
    g20_history_copy(copy, h);
    g20_history_clear(h);
    expect(h, 12, 2, (int[]){0, 0});
    expect(copy, 1, 2, (int[]){0, 0});
    expect(copy, 11, 8, (int[]){0, 12, 13, 14, 15, 16, 17, 0});
    g20_history_destroy(copy);
    g20_history_destroy(h);
    g20_pool_destroy(p);
    assert_int_equal(g20_alloc_live(), 0);
}

/* Powers of 4 and 1/16: amplitudes of 2 and 1/4. */
static void what_lies_before_a_step_of_the_gain_is_scaled(void **state)
{
    (void)state;
    struct g20_history *h, *copy;
    struct g20_pool *p;
    int16_t x[10];

    assert_int_equal(g20_pool_create(&p, 3, CAP), 0);
    assert_int_equal(g20_history_create(&h, 3), 0);
    assert_int_equal(g20_history_create(&copy, 3), 0);
    push(h, p, 0, 40);
    g20_history_scale(h, 20, 4.0f);
    g20_history_scale(h, 10, 0.0625f);
    g20_history_copy(copy, h);
    g20_history_clear(h);
    expect(copy, 18, 4, (const int[]){36, 38, 20, 21});
    expect(copy, 8, 1, (const int[]){4});
    expect(copy, 10, 2, (const int[]){20, 22});
    assert_float_equal(g20_history_power(copy, 9), 0.25f, 1e-6f);
    assert_float_equal(g20_history_power(copy, 19), 4.0f, 1e-6f);
    assert_float_equal(g20_history_power(copy, 20), 1.0f, 1e-6f);
    assert_null(g20_history_ci16(copy, 19, 2, x)); /* they are not as they came in */
    assert_non_null(g20_history_ci16(copy, 20, 2, x));
    g20_history_trim(copy, 41);
    assert_float_equal(g20_history_power(copy, 9), 1.0f, 1e-6f); /* gone with the samples */
    g20_history_destroy(h);
    g20_history_destroy(copy);
    g20_pool_destroy(p);
}

static void the_oldest_blocks_are_let_go_when_it_is_full(void **state)
{
    (void)state;
    struct g20_history *h;
    struct g20_pool *p;
    struct g20_pool_stats st;

    assert_int_equal(g20_pool_create(&p, 8, CAP), 0);
    assert_int_equal(g20_history_create(&h, 3), 0);
    for (uint64_t k = 0; k < 7; k++)
        push(h, p, 2 * k, 2);
    assert_int_equal(g20_history_start(h), 8);
    expect(h, 7, 7, (int[]){0, 8, 9, 10, 11, 12, 13});
    g20_pool_stats(p, &st);
    assert_int_equal(st.free, 8 - 3);
    g20_history_destroy(h);
    g20_pool_destroy(p);
}

static void what_is_no_number_reads_zero(void **state)
{
    (void)state;
    struct g20_history *h;
    struct g20_pool *p;
    float complex x[3];

    assert_int_equal(g20_pool_create(&p, 3, CAP), 0);
    assert_int_equal(g20_history_create(&h, 3), 0);
    struct g20_block *b = g20_pool_get(p, 0);
    b->format = G20_CF32;
    b->len = 3;
    memcpy(b->data, (float[]){NAN, 1, 0.5f, INFINITY, -1e30f, 2}, 24);
    g20_history_push(h, b);
    g20_block_unref(&b);
    g20_history_read(h, 0, 3, x);
    const float *v = (const float *)x;
    assert_true(v[0] == 0 && v[1] == 1 && v[2] == 0.5f && v[3] == 0 && v[4] == 0 && v[5] == 2);
    g20_history_destroy(h);
    g20_pool_destroy(p);
}

static void sizes_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    struct g20_history *h = NULL;

    assert_int_equal(g20_history_create(&h, 0), -EINVAL);
    assert_int_equal(g20_history_create(&h, 1u << 20), -EINVAL);
    g20_alloc_fail_at(0);
    assert_int_equal(g20_history_create(&h, 4), -ENOMEM);
    g20_alloc_fail_at(G20_ALLOC_NEVER);
    g20_history_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ci16_is_read_as_it_came_in_also_from_before_the_first_sample),
        cmocka_unit_test(samples_are_read_across_blocks_and_what_is_lost_reads_zero),
        cmocka_unit_test(a_copy_keeps_what_the_other_lets_go),
        cmocka_unit_test(what_lies_before_a_step_of_the_gain_is_scaled),
        cmocka_unit_test(the_oldest_blocks_are_let_go_when_it_is_full),
        cmocka_unit_test(what_is_no_number_reads_zero),
        cmocka_unit_test(sizes_that_make_no_sense_are_refused),
    };

    return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
