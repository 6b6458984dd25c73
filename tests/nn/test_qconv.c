/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "nn/qconv.h"

#include "base/alloc.h"
#include "base/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    W = 45,
    OB = 3,
    RUNS = 3,
    MOST_RUN = 448,
    ROW = (W + 4) * 96 + 64 + MOST_RUN,
    O = G20_QCONV_OUT
};

static uint8_t *in, *add_to, *out, *first;
static int8_t *plain, *packed; /* (OB x 16, RUNS, run) and as qconv.h says */
static int16_t *wide;
static int32_t *start;
static float *scale, *bias, *real;

static void *take(size_t n, size_t size)
{
    void *p = g20_calloc_aligned(n, size);

    assert_non_null(p);
    return p;
}

static int set_up(void **state)
{
    struct g20_rng rng;

    (void)state;
    in = take(RUNS * ROW, 1);
    add_to = take(W * OB * O, 1);
    out = take(W * OB * O, 1);
    first = take(W * OB * O, 1);
    plain = take((size_t)OB * O * RUNS * MOST_RUN, 1);
    packed = take((size_t)OB * O * RUNS * (MOST_RUN + 64), 1);
    wide = take((size_t)OB * O * RUNS * MOST_RUN, sizeof(*wide));
    start = take(OB * O, sizeof(*start));
    scale = take(OB * O, sizeof(*scale));
    bias = take(OB * O, sizeof(*bias));
    real = take(W * OB * O, sizeof(*real));
    g20_rng_init(&rng, 5);
    for (int i = 0; i < RUNS * ROW; i++)
        in[i] = (uint8_t)g20_rng_u64(&rng);
    for (int i = 0; i < W * OB * O; i++)
        add_to[i] = (uint8_t)g20_rng_u64(&rng);
    for (int i = 0; i < OB * O; i++) {
        start[i] = (int32_t)(g20_rng_u64(&rng) % 20001) - 10000;
        scale[i] = 4e-4f * (float)(1 + i % 7);
        bias[i] = 77.5f + 4.0f * (float)(i % 11 - 5);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    void *all[] = {in, add_to, out, first, plain, packed, wide, start, scale, bias, real};
    for (size_t i = 0; i < G20_COUNT_OF(all); i++)
        g20_free(all[i]);
    return 0;
}

static void draw_weights(uint32_t run)
{
    const size_t row = (size_t)g20_qconv_slices(run) * G20_QCONV_SLICE * O;
    struct g20_rng rng;

    g20_rng_init(&rng, run);
    memset(packed, 0, (size_t)OB * RUNS * row);
    for (size_t o = 0; o < (size_t)OB * O; o++)
        for (size_t y = 0; y < RUNS; y++)
            for (size_t k = 0; k < run; k++) {
                const int8_t b = (int8_t)((int)(g20_rng_u64(&rng) % 255) - 127);
                plain[(o * RUNS + y) * run + k] = b;
                packed[((o / O) * RUNS + y) * row + (k / 4) * 4 * O + (o % O) * 4 + k % 4] = b;
            }
}

/* .packed, for sets that want it so. */
static void widen(uint32_t run)
{
    const size_t row = (size_t)g20_qconv_slices(run) * G20_QCONV_SLICE * O;

    for (size_t b = 0; b < OB; b++)
        g20_qconv_widen(wide + b * RUNS * run * O, packed + b * RUNS * row, RUNS, run);
}

static double expected(const struct g20_qconv_row *r, uint32_t o, uint32_t p)
{
    int64_t sum = start[o];

    for (uint32_t y = 0; y < RUNS; y++)
        for (uint32_t k = 0; k < r->run; k++)
            sum += (int64_t)in[y * ROW + p * (size_t)r->in_step + k] *
                   plain[((size_t)o * RUNS + y) * r->run + k];
    const double v = fmax((double)sum * (double)scale[o] + (double)bias[o], (double)r->least);
    return r->add ? v + r->add[p * OB * O + o] * (double)r->add_scale : v;
}

static void check(const struct g20_qconv *set, const struct g20_qconv_row *r)
{
    for (uint32_t p = 0; p < r->count; p++)
        for (uint32_t o = 0; o < OB * O; o++) {
            const double want = expected(r, o, p);
            if (r->real) {
                assert_float_equal(real[((o / O) * W + p) * O + o % O], want,
                                   1e-4 * (1.0 + fabs(want)));
                continue;
            }
            const uint8_t got = out[p * OB * O + o];
            if (fabs((double)got + 0.5 - G20_CLAMP(want, 0.5, 255.5)) > 0.501)
                fail_msg("%s: pixel %u output %u: %d, not %.3f", set->name, p, o, got, want);
        }
}

/* Runs of one pixel of 16 channels up to more than a set does at once, rows with a rest, all ways
 * to end. */
static void every_set_gives_what_the_definition_says_and_the_same_bytes(void **state)
{
    const uint32_t runs[] = {16, 32, 96, 128, 192, 288, 448};
    const struct g20_qconv *set[G20_QCONV_SETS];
    const size_t n = g20_qconv_all(set);

    (void)state;
    for (size_t c = 0; c < 4 * G20_COUNT_OF(runs); c++) {
        const uint32_t run = runs[c / 4];
        struct g20_qconv_row r = {
            .in = in,
            .in_step = c % 2 ? 32 : 96,
            .in_run = ROW,
            .runs = RUNS,
            .run = run,
            .weight = packed,
            .wide = wide,
            .start = start,
            .scale = scale,
            .bias = bias,
            .out_blocks = OB,
            .count = W,
            .least = c % 4 != 1 ? 77.5f : -INFINITY,
            .add = c % 4 >= 2 ? add_to : NULL,
            .add_scale = 0.8f,
            .out = c % 4 == 3 ? NULL : out,
            .out_step = OB * O,
            .real = c % 4 == 3 ? real : NULL,
            .real_block = W * O,
        };
        draw_weights(run);
        widen(run);
        for (size_t k = 0; k < n; k++) {
            set[k]->row(&r);
            check(set[k], &r);
            if (r.out && k == 0)
                memcpy(first, out, W * OB * O);
            if (r.out)
                assert_memory_equal(first, out, W * OB * O);
        }
    }
}

static void sums_as_large_as_they_get_do_not_overflow(void **state)
{
    const struct g20_qconv *set[G20_QCONV_SETS];
    const size_t n = g20_qconv_all(set);
    struct g20_qconv_row r = {.in = in,
                              .in_step = 96,
                              .in_run = ROW,
                              .runs = RUNS,
                              .run = 288,
                              .weight = packed,
                              .wide = wide,
                              .start = start,
                              .scale = scale,
                              .bias = bias,
                              .out_blocks = OB,
                              .count = 20,
                              .real = real,
                              .real_block = W * O};

    (void)state;
    memset(in, 255, RUNS * ROW);
    for (size_t y = 0; y < (size_t)OB * RUNS; y++) {
        memset(packed + y * 320 * O, 127, (size_t)288 * O);
        memset(packed + y * 320 * O + (size_t)288 * O, 0, (size_t)32 * O);
    }
    widen(288);
    for (size_t k = 0; k < n; k++) {
        set[k]->row(&r);
        const double sum = 255.0 * 127 * 288 * 3 + start[0];
        assert_float_equal(real[0], (float)sum * scale[0] + bias[0], 1e-3);
    }
}

static void sums_of_two_tensors_are_rounded_the_same_by_every_set(void **state)
{
    const float scales[2] = {0.71f, -0.4f};
    const struct g20_qconv *set[G20_QCONV_SETS];
    const size_t n = g20_qconv_all(set);

    (void)state;
    for (size_t k = 0; k < n; k++) {
        set[k]->add(out, add_to, in, scales, 60.5f, W, 32, 2);
        for (int p = 0; p < W; p++)
            for (int c = 0; c < 32; c++) {
                const double v = 0.71 * add_to[p * 32 + c] - 0.4 * in[p / 2 * 32 + c] + 60.0;
                assert_float_equal(out[p * 32 + c], G20_CLAMP(v, 0.0, 255.0), 0.501);
            }
        if (k == 0)
            memcpy(first, out, W * 32);
        assert_memory_equal(first, out, W * 32);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_set_gives_what_the_definition_says_and_the_same_bytes,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(sums_as_large_as_they_get_do_not_overflow, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(sums_of_two_tensors_are_rounded_the_same_by_every_set,
                                        set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
