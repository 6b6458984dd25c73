/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* A network of every kind of layer in INT8 beside itself in float32, to a file and back. */
#include "nn/quantize.h"

#include "base/alloc.h"
#include "base/rng.h"
#include "nn/onnx.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Joined and plain sums, a chain over single pixels, branches read twice. */
static const struct g20_net_layer layers[] = {
    {.kind = G20_NET_INPUT, .channels = 32},
    {.kind = G20_NET_CONV, .from = 0, .channels = 32, .kh = 1, .kw = 1, .relu = true},
    {.kind = G20_NET_PATCH, .from = 1, .channels = 48, .kh = 2, .kw = 2, .relu = true},
    {.kind = G20_NET_CONV, .from = 2, .channels = 48, .kh = 3, .kw = 3, .relu = true},
    {.kind = G20_NET_ADD, .from = 2, .with = 3},
    {.kind = G20_NET_CONV, .from = 4, .channels = 32, .kh = 1, .kw = 3},
    {.kind = G20_NET_UP, .from = 1, .with = 5},
    {.kind = G20_NET_CONV, .from = 6, .channels = 32, .kh = 1, .kw = 1, .relu = true},
    {.kind = G20_NET_ADD, .from = 7, .with = 6},
    {.kind = G20_NET_CONV, .from = 8, .channels = 16, .kh = 1, .kw = 1},
};
enum { H = 12, W = 44, LAYERS = G20_COUNT_OF(layers) };

static struct g20_model model, made;
static struct g20_quantizer *z;
static uint8_t *input; /* (H, W, 32) */
static struct g20_err err;

static int set_up(void **state)
{
    struct g20_rng rng;

    (void)state;
    model = (struct g20_model){.height = H, .width = W};
    assert_int_equal(g20_net_init(&model.net, layers, LAYERS, &err), 0);
    assert_int_equal(g20_model_alloc(&model, &err), 0);
    g20_net_draw(&model.net, 3, model.params);
    assert_int_equal(g20_quantizer_create(&z, &model, 1.0f / 32.0f, 26, &err), 0);
    input = g20_calloc((size_t)H * W * 32, 1);
    assert_non_null(input);
    g20_rng_init(&rng, 4);
    const struct g20_image *in = g20_quantizer_input(z);
    for (size_t i = 0; i < (size_t)H * W * 32; i++) {
        const uint32_t c = i % 32, x = (uint32_t)(i / 32 % W), y = (uint32_t)(i / 32 / W);
        input[i] = (uint8_t)g20_rng_below(&rng, 120);
        g20_image_row(in, c / 16, y)[x * 16 + c % 16] = (float)(input[i] - 26) / 32.0f;
    }
    g20_quantizer_look(z);
    assert_int_equal(
        g20_quantizer_make(z, (struct g20_quant_way){G20_QUANT_PERCENTILE, 1.0}, &made, &err), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    g20_quantizer_destroy(z);
    g20_model_fini(&model);
    g20_model_fini(&made);
    g20_free(input);
    return 0;
}

static struct g20_qnet *run(const struct g20_model *m, uint32_t threads,
                            const struct g20_qconv *set)
{
    struct g20_qnet *q;

    assert_int_equal(g20_qnet_create(&q, m, threads, set, &err), 0);
    for (uint32_t y = 0; y < H; y++)
        memcpy(g20_qnet_row(q, 0, y), input + (size_t)y * W * 32, W * 32);
    g20_qnet_forward(q, 0);
    return q;
}

static void bytes_tell_what_float_does_on_every_layer(void **state)
{
    struct g20_quant_error sum = {{0}, {0}, {0}};
    struct g20_qnet *q = run(&made, 1, NULL);

    (void)state;
    g20_quantizer_compare(z, q, &made.quant, &sum);
    for (uint32_t i = 1; i < LAYERS; i++) {
        assert_int_equal(sum.there[i], i != 3); /* 3 is joined with 4 */
        if (sum.there[i])
            assert_true(sum.wrong[i] < 1e-3 * sum.power[i]);
    }
    assert_null(g20_qnet_row(q, 3, 0));
    assert_null(g20_qnet_row(q, LAYERS - 1, 0));
    g20_qnet_destroy(q);
}

static void every_set_and_every_number_of_threads_gives_the_same_bits(void **state)
{
    const struct g20_qconv *set[G20_QCONV_SETS];
    const size_t n = g20_qconv_all(set);
    struct g20_qnet *first = run(&made, 1, set[0]);
    const struct g20_image *want = g20_qnet_output(first);

    (void)state;
    for (size_t k = 0; k < n; k++)
        for (uint32_t threads = 1; threads <= 3; threads++) {
            struct g20_qnet *q = run(&made, threads, set[k]);
            assert_memory_equal(g20_qnet_output(q)->data, want->data,
                                g20_image_block(want) * want->blocks * sizeof(float));
            g20_qnet_destroy(q);
        }
    g20_qnet_destroy(first);
}

/* From a row on: those rows as ever, after an image that left other bytes everywhere. */
static void rows_from_one_on_are_the_same_alone(void **state)
{
    struct g20_qnet *whole = run(&made, 1, NULL);
    const struct g20_image *want = g20_qnet_output(whole);

    (void)state;
    for (uint32_t from = 0; from < H; from++) {
        struct g20_qnet *q = run(&made, from % 2 + 1, NULL);
        const struct g20_image *got = g20_qnet_output(q);
        for (uint32_t y = 0; y < H; y++)
            memset(g20_qnet_row(q, 0, y), (int)(40 + y), W * 32);
        g20_qnet_forward(q, 0);
        for (uint32_t y = 0; y < H; y++)
            memcpy(g20_qnet_row(q, 0, y), input + (size_t)y * W * 32, W * 32);
        g20_qnet_forward(q, from);
        for (uint32_t y = from; y < H; y++)
            assert_memory_equal(g20_image_row(got, 0, y), g20_image_row(want, 0, y),
                                W * 16 * sizeof(float));
        /* What nobody asked for was not made: the rest is another image's. */
        if (from > 2)
            assert_memory_not_equal(g20_image_row(got, 0, 0), g20_image_row(want, 0, 0),
                                    W * 16 * sizeof(float));
        g20_qnet_destroy(q);
    }
    g20_qnet_destroy(whole);
}

/* The input is @tall from row @at on; the rows before @from are there. */
static void fill_from(struct g20_qnet *q, const uint8_t *tall, uint32_t at, uint32_t from)
{
    for (uint32_t y = from; y < H; y++)
        memcpy(g20_qnet_row(q, 0, y), tall + (size_t)(at + y) * W * 32, W * 32);
}

/* Along a taller image, by steps that fit the halved layers and some that do not, and with holes:
 * from row 8 on, then all of it. */
static void an_input_that_goes_on_gives_what_a_new_one_does(void **state)
{
    static const struct {
        uint32_t up, from, first;
    } move[] = {{4, 6, 8}, {4, 6, 8}, {2, 8, 10}, {4, 0, 0},
                {3, 0, 9}, {4, 4, 8}, {H, 0, 0},  {4, 6, 8}};
    enum { TALL = 3 * H + 32 };
    uint8_t *tall = g20_calloc((size_t)TALL * W * 32, 1);
    struct g20_qnet *q, *fresh;
    struct g20_rng rng;
    uint32_t at = 0;

    (void)state;
    assert_non_null(tall);
    g20_rng_init(&rng, 9);
    for (size_t i = 0; i < (size_t)TALL * W * 32; i++)
        tall[i] = (uint8_t)g20_rng_below(&rng, 120);
    assert_int_equal(g20_qnet_create(&q, &made, 2, NULL, &err), 0);
    assert_int_equal(g20_qnet_create(&fresh, &made, 1, NULL, &err), 0);
    assert_int_equal(g20_qnet_scroll(q, 4, 0), 0); /* there is nothing to keep yet */
    fill_from(q, tall, 0, 0);
    g20_qnet_forward(q, 0);
    for (size_t m = 0; m < G20_COUNT_OF(move); m++) {
        at += move[m].up;
        const uint32_t first = g20_qnet_scroll(q, move[m].up, move[m].from);
        assert_int_equal(first, move[m].first);
        fill_from(q, tall, at, first);
        g20_qnet_forward(q, move[m].from);
        fill_from(fresh, tall, at, 0);
        g20_qnet_forward(fresh, 0);
        /* The topmost know more than those of a new image, which see its edge. */
        for (uint32_t y = G20_MAX(move[m].from, 2u); y < H; y++)
            assert_memory_equal(g20_image_row(g20_qnet_output(q), 0, y),
                                g20_image_row(g20_qnet_output(fresh), 0, y),
                                W * 16 * sizeof(float));
    }
    memset(g20_qnet_row(q, 1, 11), 77, W * 32); /* what stays is not made again */
    fill_from(q, tall, at + 4, g20_qnet_scroll(q, 4, 6));
    g20_qnet_forward(q, 6);
    for (uint32_t i = 0; i < W * 32; i++)
        assert_int_equal(g20_qnet_row(q, 1, 7)[i], 77);
    g20_qnet_destroy(fresh);
    g20_qnet_destroy(q);
    g20_free(tall);
}

static void a_file_of_it_runs_the_same(void **state)
{
    char path[64];
    struct g20_model read;
    struct g20_qnet *a = run(&made, 1, NULL), *b;

    (void)state;
    snprintf(path, sizeof(path), "/tmp/g20-quantize-%d", (int)getpid());
    assert_int_equal(g20_onnx_write(&made, path, &err), 0);
    assert_int_equal(g20_onnx_read(&read, path, &err), 0);
    unlink(path);
    assert_true(read.is_int8);
    for (uint32_t i = 0; i < LAYERS; i++)
        if (g20_model_has_bytes(&made, i)) {
            assert_float_equal(read.quant.scale[i], made.quant.scale[i], 0.0);
            assert_int_equal(read.quant.zero[i], made.quant.zero[i]);
        }
    b = run(&read, 1, NULL);
    for (size_t i = 0; i < g20_image_block(g20_qnet_output(a)); i++)
        assert_float_equal(g20_qnet_output(a)->data[i], g20_qnet_output(b)->data[i], 1e-4);
    g20_qnet_destroy(a);
    g20_qnet_destroy(b);
    g20_model_fini(&read);
}

/* What rounding shifts on the average is in the bias: means of outputs stay. */
static void the_means_of_outputs_stay(void **state)
{
    const struct g20_image *want = g20_quantizer_again(z);
    struct g20_qnet *q = run(&made, 1, NULL);
    const struct g20_image *got = g20_qnet_output(q);

    (void)state;
    for (uint32_t c = 0; c < 16; c++) {
        double a = 0.0, b = 0.0, a2 = 0.0;
        for (uint32_t y = 0; y < H; y++)
            for (uint32_t x = 0; x < W; x++) {
                a += (double)g20_image_row(want, 0, y)[x * 16 + c];
                b += (double)g20_image_row(got, 0, y)[x * 16 + c];
                a2 += pow((double)g20_image_row(want, 0, y)[x * 16 + c], 2.0);
            }
        assert_true(fabs(a - b) / (H * W) < 0.02 * sqrt(a2 / (H * W)));
    }
    g20_qnet_destroy(q);
}

static void a_model_without_bytes_is_not_run_in_bytes(void **state)
{
    struct g20_qnet *q;

    (void)state;
    assert_int_equal(g20_qnet_create(&q, &model, 1, NULL, &err), -EINVAL);
    struct g20_model cut = made;
    cut.net.count = LAYERS - 1; /* ends in a sum */
    assert_int_equal(g20_qnet_create(&q, &cut, 1, NULL, &err), -EINVAL);
}

static void without_memory_it_fails_and_gives_back_what_it_took(void **state)
{
    const int64_t before = g20_alloc_live();
    struct g20_qnet *q;
    struct g20_quantizer *other;
    struct g20_model m;

    (void)state;
    for (uint64_t n = 0; n < 200; n++) {
        g20_alloc_fail_at(n);
        const int r = g20_qnet_create(&q, &made, 2, NULL, &err);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        if (r == 0) {
            g20_qnet_destroy(q);
            break;
        }
        assert_int_equal(r, -ENOMEM);
        assert_int_equal(g20_alloc_live(), before);
    }
    for (uint64_t n = 0; n < 3; n++) {
        g20_alloc_fail_at(n);
        assert_int_equal(g20_quantizer_create(&other, &model, 1.0f, 0, &err), -ENOMEM);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
    }
    g20_alloc_fail_at(0);
    assert_int_equal(
        g20_quantizer_make(z, (struct g20_quant_way){.method = G20_QUANT_ENTROPY}, &m, &err),
        -ENOMEM);
    g20_alloc_fail_at(G20_ALLOC_NEVER);
    assert_int_equal(g20_alloc_live(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_tell_what_float_does_on_every_layer),
        cmocka_unit_test(every_set_and_every_number_of_threads_gives_the_same_bits),
        cmocka_unit_test(rows_from_one_on_are_the_same_alone),
        cmocka_unit_test(an_input_that_goes_on_gives_what_a_new_one_does),
        cmocka_unit_test(a_file_of_it_runs_the_same),
        cmocka_unit_test(the_means_of_outputs_stay),
        cmocka_unit_test(a_model_without_bytes_is_not_run_in_bytes),
        cmocka_unit_test(without_memory_it_fails_and_gives_back_what_it_took),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
