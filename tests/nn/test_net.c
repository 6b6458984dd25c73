/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "nn/net.h"

#include "base/alloc.h"
#include "base/rng.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Every kind of layer, branches read twice, and a rectifier behind both convolutions. */
static const struct g20_net_layer small[] = {
    {.kind = G20_NET_INPUT, .channels = 16},
    {.kind = G20_NET_CONV, .from = 0, .channels = 32, .kh = 1, .kw = 3, .relu = true},
    {.kind = G20_NET_PATCH, .from = 1, .channels = 48, .kh = 2, .kw = 2, .relu = true},
    {.kind = G20_NET_CONV, .from = 2, .channels = 48, .kh = 3, .kw = 3, .relu = true},
    {.kind = G20_NET_ADD, .from = 2, .with = 3},
    {.kind = G20_NET_CONV, .from = 4, .channels = 32, .kh = 1, .kw = 1},
    {.kind = G20_NET_UP, .from = 1, .with = 5},
    {.kind = G20_NET_CONV, .from = 6, .channels = 16, .kh = 1, .kw = 1},
};
enum { H = 8, W = 12 };

static struct g20_net net;
static struct g20_net_run *run;
static float *params, *turned, *grad, *want;
static struct g20_err err;

static void fill(const struct g20_image *m, struct g20_rng *rng)
{
    for (uint32_t b = 0; b < m->blocks; b++)
        for (uint32_t y = 0; y < m->height; y++)
            for (uint32_t x = 0; x < m->width * G20_NN_BLOCK; x++)
                g20_image_row(m, b, y)[x] = (float)g20_rng_normal(rng);
}

static int set_up(void **state)
{
    struct g20_rng rng;

    (void)state;
    assert_int_equal(g20_net_init(&net, small, G20_COUNT_OF(small), &err), 0);
    assert_int_equal(g20_net_run_create(&run, &net, H, W, true, &err), 0);
    params = g20_calloc_aligned(net.params, sizeof(*params));
    turned = g20_calloc_aligned(net.params, sizeof(*turned));
    grad = g20_calloc_aligned(net.params, sizeof(*grad));
    want = g20_calloc((size_t)H * W * 16, sizeof(*want));
    assert_true(params && turned && grad && want);
    g20_net_draw(&net, 1, params);
    g20_rng_init(&rng, 2);
    fill(g20_net_input(run), &rng);
    fill(g20_net_output_grad(run), &rng);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    g20_net_run_destroy(run);
    g20_free(params);
    g20_free(turned);
    g20_free(grad);
    g20_free(want);
    return 0;
}

/* A loss that is linear in the output, whose gradient by it is therefore the same everywhere. */
static double loss(void)
{
    const struct g20_image *out = g20_net_output(run), *g = g20_net_output_grad(run);
    double sum = 0.0;

    g20_net_forward(run, params);
    for (uint32_t y = 0; y < H; y++)
        for (uint32_t x = 0; x < W * G20_NN_BLOCK; x++)
            sum += (double)g20_image_row(out, 0, y)[x] * (double)g20_image_row(g, 0, y)[x];
    return sum;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Errors of some of layer @i's gradients against differences, as parts of their mean size: the
 * median and the worst. A rectifier that turns within the step spoils single ones. */
static void compare(uint32_t i, double *ret_median, double *ret_worst)
{
    const size_t end = i + 1 < net.count ? net.weight[i + 1] : net.params;
    const double step = 2e-3;
    double mean = 0.0, error[1000];
    size_t n = 0;

    for (size_t k = net.weight[i]; k < end; k++)
        mean += fabs((double)grad[k]) / (double)(end - net.weight[i]);
    for (size_t k = net.weight[i]; k < end && n < G20_COUNT_OF(error); k += 37) {
        const float was = params[k];
        params[k] = was + (float)step;
        const double more = loss();
        params[k] = was - (float)step;
        const double less = loss();
        params[k] = was;
        error[n++] = fabs((more - less) / (2 * step) - (double)grad[k]) / mean;
    }
    qsort(error, n, sizeof(*error), by_value);
    *ret_median = error[n / 2];
    *ret_worst = error[n - 1];
}

static void check_gradients(bool rectified, double median_limit, double worst_limit)
{
    for (uint32_t i = 0; i < net.count; i++)
        net.layer[i].relu = rectified && small[i].relu;
    loss();
    g20_net_turn(&net, params, turned);
    memset(grad, 0, net.params * sizeof(*grad));
    g20_net_backward(run, turned, grad);
    for (uint32_t i = 1; i < net.count; i++) {
        double median, worst;
        if (net.bias[i] == net.weight[i])
            continue;
        compare(i, &median, &worst);
        assert_true(median < median_limit);
        assert_true(worst < worst_limit);
    }
}

static void gradients_of_every_layer_equal_differences(void **state)
{
    (void)state;
    check_gradients(false, 1e-3, 5e-3);
}

static void gradients_pass_rectifiers_where_these_are_open(void **state)
{
    (void)state;
    check_gradients(true, 2e-2, 2.0);
}

static void backward_adds_to_the_gradient(void **state)
{
    (void)state;
    loss();
    g20_net_turn(&net, params, turned);
    memset(grad, 0, net.params * sizeof(*grad));
    g20_net_backward(run, turned, grad);
    const float once = grad[net.bias[1]];
    struct g20_rng rng;
    g20_rng_init(&rng, 2);
    fill(g20_net_input(run), &rng);
    fill(g20_net_output_grad(run), &rng); /* the rectifiers' masks were applied to it */
    g20_net_backward(run, turned, grad);
    assert_true(fabsf(once) > 1e-3f);
    assert_float_equal(grad[net.bias[1]], 2 * once, 1e-3 * fabs((double)once));
}

static void sizes_and_work_are_those_of_the_layers(void **state)
{
    (void)state;
    const uint64_t macs = g20_net_macs(&net, H, W);
    assert_int_equal(macs, (uint64_t)H * W * (16 * 32 * 3 + 32 * 16) +
                               (uint64_t)H * W / 4 * (32 * 48 * 4 + 48 * 48 * 9 + 48 * 32));
    assert_int_equal(g20_net_output(run)->height, H);
    assert_int_equal(g20_net_output(run)->width, W);
    assert_int_equal(g20_net_output(run)->blocks, 1);
}

static void what_does_not_fit_is_refused_with_the_layer_named(void **state)
{
    struct g20_net n;
    struct g20_net_run *r = NULL;
    struct g20_net_layer l[G20_COUNT_OF(small)];

    (void)state;
    memcpy(l, small, sizeof(l));
    l[3].channels = 20;
    assert_int_equal(g20_net_init(&n, l, G20_COUNT_OF(l), &err), -EINVAL);
    assert_non_null(strstr(err.msg, "layer 3"));
    memcpy(l, small, sizeof(l));
    l[5].from = 6;
    assert_int_equal(g20_net_init(&n, l, G20_COUNT_OF(l), &err), -EINVAL);
    memcpy(l, small, sizeof(l));
    l[5].channels = 64;
    assert_int_equal(g20_net_init(&n, l, G20_COUNT_OF(l), &err), -EINVAL);
    assert_non_null(strstr(err.msg, "layer 6"));
    assert_int_equal(g20_net_init(&n, l, 1, &err), -EINVAL);
    assert_int_equal(g20_net_run_create(&r, &net, 7, W, false, &err), -EINVAL);
    assert_non_null(strstr(err.msg, "7 x 12"));
    assert_null(r);
}

/* Another network, whose second convolution is of other channels and whose last is new. */
static void weights_of_layers_that_are_alike_are_carried_over(void **state)
{
    static const struct g20_net_layer other[] = {
        {.kind = G20_NET_INPUT, .channels = 16},
        {.kind = G20_NET_CONV, .from = 0, .channels = 32, .kh = 1, .kw = 3},
        {.kind = G20_NET_PATCH, .from = 1, .channels = 48, .kh = 2, .kw = 2, .relu = true},
        {.kind = G20_NET_CONV, .from = 2, .channels = 16, .kh = 3, .kw = 3, .relu = true},
        {.kind = G20_NET_CONV, .from = 2, .channels = 48, .kh = 3, .kw = 3, .relu = true},
        {.kind = G20_NET_CONV, .from = 4, .channels = 48, .kh = 3, .kw = 3, .relu = true},
        {.kind = G20_NET_CONV, .from = 5, .channels = 32, .kh = 1, .kw = 1},
    };
    const bool want_carried[] = {false, true, true, false, true, false, true};
    bool carried[G20_NET_LAYERS] = {false};
    const uint32_t of[] = {0, 1, 2, 0, 3, 0, 5};
    uint32_t height, width;
    struct g20_net n;

    (void)state;
    assert_int_equal(g20_net_init(&n, other, G20_COUNT_OF(other), &err), 0);
    float *to = g20_calloc(n.params, sizeof(*to));
    assert_non_null(to);
    assert_int_equal(g20_net_carry(&n, to, &net, params, carried), 4);
    for (uint32_t i = 1; i < n.count; i++) {
        const size_t floats = n.bias[i] - n.weight[i] + n.channels[i];
        assert_int_equal(carried[i], want_carried[i]);
        if (carried[i])
            assert_memory_equal(to + n.weight[i], params + net.weight[of[i]], floats * sizeof(*to));
        for (size_t k = 0; k < floats && !carried[i]; k++)
            assert_true(to[n.weight[i] + k] == 0.0f);
    }
    g20_free(to);
    g20_net_size(&n, H, W, &height, &width);
    assert_int_equal(height, H / 2);
    assert_int_equal(width, W / 2);
}

static void each_failing_allocation_is_told_and_freed(void **state)
{
    (void)state;
    for (uint64_t nth = 0;; nth++) {
        struct g20_net_run *r = NULL;
        const int64_t live = g20_alloc_live();
        g20_alloc_fail_at(nth);
        const int rc = g20_net_run_create(&r, &net, H, W, true, &err);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        if (rc == 0) {
            assert_true(nth > 8);
            g20_net_run_destroy(r);
            break;
        }
        assert_int_equal(rc, -ENOMEM);
        assert_null(r);
        assert_int_equal(g20_alloc_live(), live);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_of_every_layer_equal_differences),
        cmocka_unit_test(gradients_pass_rectifiers_where_these_are_open),
        cmocka_unit_test(backward_adds_to_the_gradient),
        cmocka_unit_test(sizes_and_work_are_those_of_the_layers),
        cmocka_unit_test(what_does_not_fit_is_refused_with_the_layer_named),
        cmocka_unit_test(weights_of_layers_that_are_alike_are_carried_over),
        cmocka_unit_test(each_failing_allocation_is_told_and_freed),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
