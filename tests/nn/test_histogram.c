/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "nn/histogram.h"

#include "base/alloc.h"
#include "base/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { N = 200000 };

static struct g20_histogram *h;
static float *x;

static int set_up(void **state)
{
    (void)state;
    h = g20_calloc(1, sizeof(*h));
    x = g20_calloc(N, sizeof(*x));
    return h && x ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    g20_free(h);
    g20_free(x);
    return 0;
}

static void normal(float scale)
{
    struct g20_rng rng;

    g20_rng_init(&rng, 11);
    for (int i = 0; i < N; i++)
        x[i] = scale * (float)g20_rng_normal(&rng);
}

static void every_finite_value_is_counted_however_far_out(void **state)
{
    uint64_t sum = 0;

    (void)state;
    normal(1.0f);
    g20_histogram_add(h, x, N);
    x[0] = 3000.0f;
    x[1] = NAN;
    x[2] = -INFINITY;
    g20_histogram_add(h, x, 3);
    for (int i = 0; i < G20_HISTOGRAM_BINS; i++)
        sum += h->bin[i];
    assert_int_equal(sum, N + 1);
    assert_int_equal(h->total, N + 1);
    assert_true(h->reach > 3000.0 && h->reach <= 6000.0);
    assert_float_equal(h->most, 3000.0, 0.0);
}

static void a_percentile_leaves_out_the_share_it_says(void **state)
{
    (void)state;
    normal(2.0f);
    g20_histogram_add(h, x, N);
    const struct g20_span all = g20_histogram_percentile(h, 1.0);
    assert_float_equal(all.lo, h->least, 0.0);
    assert_float_equal(all.hi, h->most, 0.0);
    const struct g20_span s = g20_histogram_percentile(h, 0.99); /* 2.576 sigma */
    assert_float_equal(s.lo, -2.0 * 2.576, 0.06);
    assert_float_equal(s.hi, 2.0 * 2.576, 0.06);
    for (int i = 0; i < N; i++)
        x[i] = fabsf(x[i]);
    memset(h, 0, sizeof(*h));
    g20_histogram_add(h, x, N);
    const struct g20_span one = g20_histogram_percentile(h, 0.99);
    assert_float_equal(one.lo, 0.0, 0.0);
    assert_float_equal(one.hi, 2.0 * 2.576, 0.06);
}

/* A few values far out: the range that tells them is coarser for all the others. */
static void entropy_cuts_off_what_lies_alone_far_out(void **state)
{
    (void)state;
    normal(1.0f);
    for (int i = 0; i < 20; i++)
        x[i] = 400.0f;
    g20_histogram_add(h, x, N);
    const struct g20_span s = g20_histogram_entropy(h);
    assert_true(s.hi < 100.0f);
    assert_true(s.hi > 3.0f);
    assert_true(s.lo < -3.0f);
}

static void a_tensor_of_zeros_has_a_range_still(void **state)
{
    (void)state;
    g20_histogram_add(h, x, 100);
    const struct g20_span a = g20_histogram_entropy(h), b = g20_histogram_percentile(h, 0.9);
    assert_true(a.lo < a.hi && b.lo < b.hi);
    memset(h, 0, sizeof(*h));
    const struct g20_span c = g20_histogram_entropy(h);
    assert_true(c.lo < c.hi);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_finite_value_is_counted_however_far_out, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_percentile_leaves_out_the_share_it_says, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(entropy_cuts_off_what_lies_alone_far_out, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_tensor_of_zeros_has_a_range_still, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
