/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "nn/conv.h"

#include "base/alloc.h"
#include "base/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { S = G20_NN_BLOCK, IB = 2, OB = 3, W = 13, TAPS = 3, WIDE = W + 2 };

static float *in, *weight, *bias, *out, *grad_w, *grad_b;

static void fill(float *x, size_t n, struct g20_rng *rng)
{
    for (size_t i = 0; i < n; i++)
        x[i] = (float)g20_rng_normal(rng);
}

static float *take(size_t n)
{
    float *x = g20_calloc_aligned(n, sizeof(*x));

    assert_non_null(x);
    return x;
}

static int set_up(void **state)
{
    struct g20_rng rng;

    (void)state;
    g20_rng_init(&rng, 3);
    in = take(IB * WIDE * S);
    weight = take(OB * IB * TAPS * S * S);
    bias = take(OB * S);
    out = take(OB * W * S);
    grad_w = take(OB * IB * TAPS * S * S);
    grad_b = take(OB * S);
    fill(in, IB * WIDE * S, &rng);
    fill(weight, OB * IB * TAPS * S * S, &rng);
    fill(bias, OB * S, &rng);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    float *all[] = {in, weight, bias, out, grad_w, grad_b};
    for (size_t i = 0; i < G20_COUNT_OF(all); i++)
        g20_free(all[i]);
    return 0;
}

static const ptrdiff_t taps[TAPS] = {-S, 0, S};

/* Straight from the definition, in double. */
static double expected(int o, int p)
{
    double sum = (double)bias[o];

    for (int c = 0; c < IB * S; c++)
        for (int t = 0; t < TAPS; t++)
            sum += (double)in[(c / S) * WIDE * S + (p + t) * S + c % S] *
                   (double)weight[((((o / S) * IB + c / S) * TAPS + t) * S + c % S) * S + o % S];
    return sum;
}

static void each_set_convolves_as_the_definition_says(void **state)
{
    const struct g20_conv *set[4];
    const size_t n = g20_conv_all(set, G20_COUNT_OF(set));

    (void)state;
    for (size_t k = 0; k < n; k++) {
        struct g20_conv_row r = {in + S, S,   WIDE * S, IB,    taps, TAPS, weight,
                                 bias,   out, S,        W * S, OB,   W,    k % 2 == 0};
        set[k]->row(&r);
        for (int o = 0; o < OB * S; o++)
            for (int p = 0; p < W; p++) {
                const double want = expected(o, p);
                assert_float_equal(out[(o / S) * W * S + p * S + o % S],
                                   r.relu ? fmax(want, 0.0) : want, 1e-4);
            }
    }
}

static void without_a_bias_the_sum_is_added_to_what_is_there(void **state)
{
    struct g20_conv_row r = {in + S, S,   WIDE * S, IB,    taps, TAPS, weight,
                             bias,   out, S,        W * S, OB,   W,    false};

    (void)state;
    g20_conv()->row(&r);
    r.bias = NULL;
    g20_conv()->row(&r);
    for (int o = 0; o < OB * S; o++)
        assert_float_equal(out[(o / S) * W * S + o % S], 2.0 * expected(o, 0) - (double)bias[o],
                           1e-3);
}

static void each_set_sums_the_gradient_by_the_weights(void **state)
{
    const struct g20_conv *set[4];
    const size_t n = g20_conv_all(set, G20_COUNT_OF(set));
    struct g20_rng rng;

    (void)state;
    g20_rng_init(&rng, 4);
    fill(out, OB * W * S, &rng);
    for (size_t k = 0; k < n; k++) {
        const struct g20_conv_grad g = {in + S, S,     WIDE * S, IB,     taps,   TAPS,
                                        out,    W * S, OB,       grad_w, grad_b, W};
        for (int i = 0; i < OB * IB * TAPS * S * S; i++)
            grad_w[i] = 1.0f;
        for (int i = 0; i < OB * S; i++)
            grad_b[i] = 2.0f;
        set[k]->grad(&g);
        for (int o = 0; o < OB * S; o++) {
            double sum = 2.0;
            for (int p = 0; p < W; p++)
                sum += (double)out[(o / S) * W * S + p * S + o % S];
            assert_float_equal(grad_b[o], sum, 1e-4);
            for (int c = 0; c < IB * S; c++)
                for (int t = 0; t < TAPS; t++) {
                    double want = 1.0;
                    for (int p = 0; p < W; p++)
                        want += (double)in[(c / S) * WIDE * S + (p + t) * S + c % S] *
                                (double)out[(o / S) * W * S + p * S + o % S];
                    assert_float_equal(
                        grad_w[((((o / S) * IB + c / S) * TAPS + t) * S + c % S) * S + o % S], want,
                        1e-4);
                }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_set_convolves_as_the_definition_says),
        cmocka_unit_test(without_a_bias_the_sum_is_added_to_what_is_there),
        cmocka_unit_test(each_set_sums_the_gradient_by_the_weights),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
