/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Pairs of rows beside the plain sums of the oracle: the same bytes, whatever bytes and weights. */
#include "nn/qwino.h"

#include "base/alloc.h"
#include "base/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { W = 46, IN = G20_QWINO_MOST, OB = 3, O = G20_QCONV_OUT, OUT = OB * O };

struct layer {
    uint32_t in;
    uint8_t bytes[4][(W + 2) * IN + 2 * G20_QCONV_SLICE], add_to[2][W * OUT];
    int8_t weight[(size_t)OUT * 3 * (3 * IN + G20_QCONV_SLICE)] __attribute__((aligned(64)));
    int16_t wide[(size_t)OUT * 9 * IN] __attribute__((aligned(64)));
    int16_t wino[(size_t)G20_QWINO_POINTS * IN * OUT] __attribute__((aligned(64)));
    int32_t start[OUT];
    float scale[OUT], bias[OUT];
};

static struct layer *l;
static uint8_t want[2][W * OUT], got[2][W * OUT];
static float want_real[2][OB * W * O], got_real[2][OB * W * O];

static int set_up(void **state)
{
    (void)state;
    l = g20_calloc_aligned(1, sizeof(*l));
    assert_non_null(l);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    g20_free(l);
    return 0;
}

static void put_weight(uint32_t o, uint32_t c, const int8_t w[9])
{
    const size_t row = (size_t)g20_qconv_slices(3 * l->in) * G20_QCONV_SLICE * O;

    for (uint32_t i = 0; i < 9; i++) {
        const uint32_t k = i % 3 * l->in + c;
        l->weight[(o / O * 3 + i / 3) * row + (size_t)(k / 4) * 4 * O + o % O * 4 + k % 4] = w[i];
    }
    g20_qwino_pack(l->wino, l->in, c, o, w);
}

/* @extreme: bytes and weights as large as they get, their signs at random. */
static void draw(uint32_t in, bool extreme)
{
    struct g20_rng rng;

    g20_rng_init(&rng, in);
    memset(l, 0, sizeof(*l));
    l->in = in;
    for (size_t i = 0; i < sizeof(l->bytes); i++)
        (&l->bytes[0][0])[i] = extreme ? 255 : (uint8_t)g20_rng_u64(&rng);
    for (size_t i = 0; i < sizeof(l->add_to); i++)
        (&l->add_to[0][0])[i] = (uint8_t)g20_rng_u64(&rng);
    for (uint32_t o = 0; o < OUT; o++) {
        l->start[o] = (int32_t)(g20_rng_u64(&rng) % 20001) - 10000;
        l->scale[o] = extreme ? 3e-7f : 3e-5f;
        l->bias[o] = 60.5f + 0.03f * (float)(o % 11);
        const int sign = o % 2 ? 1 : -1;
        for (uint32_t c = 0; c < in; c++) {
            int8_t w[9];
            for (int i = 0; i < 9; i++)
                w[i] = (int8_t)(extreme ? sign * (o < 4 ? 127 : (int)(g20_rng_u64(&rng) % 2) * 127)
                                        : (int)(g20_rng_u64(&rng) % 255) - 127);
            put_weight(o, c, w);
        }
    }
    const size_t row = (size_t)g20_qconv_slices(3 * in) * G20_QCONV_SLICE * O;
    for (size_t b = 0; b < OB; b++)
        g20_qconv_widen(l->wide + b * 9 * in * O, l->weight + b * 3 * row, 3, 3 * in);
}

static struct g20_qconv_row row_of(uint32_t y, uint32_t count, bool as_real)
{
    return (struct g20_qconv_row){
        .in = l->bytes[y],
        .in_step = l->in,
        .in_run = sizeof(l->bytes[0]),
        .runs = 3,
        .run = 3 * l->in,
        .weight = l->weight,
        .wide = l->wide,
        .wino = l->wino,
        .start = l->start,
        .scale = l->scale,
        .bias = l->bias,
        .out_blocks = OB,
        .count = count,
        .least = as_real ? -INFINITY : 60.5f,
        .add = as_real ? NULL : l->add_to[y],
        .add_scale = 0.02f,
        .out_step = OUT,
        .real_block = (ptrdiff_t)W * O,
    };
}

static void compare(const struct g20_qconv *set, uint32_t count, bool as_real)
{
    struct g20_qconv_row r[2];

    for (uint32_t y = 0; y < 2; y++) {
        r[y] = row_of(y, count, as_real);
        r[y].out = as_real ? NULL : want[y];
        r[y].real = as_real ? want_real[y] : NULL;
        g20_qconv_baseline.row(&r[y]);
        r[y].out = as_real ? NULL : got[y];
        r[y].real = as_real ? got_real[y] : NULL;
    }
    set->pair(r);
    assert_memory_equal(got, want, sizeof(want));
    assert_memory_equal(got_real, want_real, sizeof(want_real));
}

static void pairs_of_rows_are_the_rows_to_the_bit(void **state)
{
    static const uint32_t channels[] = {16, 32, 48, 128}, counts[] = {4, 8, 20, 32, 45, 46};
    const struct g20_qconv *set[G20_QCONV_SETS];
    const size_t n = g20_qconv_all(set);
    size_t tried = 0;

    (void)state;
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; set[k]->pair && i < 2 * G20_COUNT_OF(channels); i++, tried++) {
            draw(channels[i / 2], i % 2);
            for (size_t c = 0; c < G20_COUNT_OF(counts); c++) {
                memset(want, 0, sizeof(want));
                memset(got, 0, sizeof(got));
                compare(set[k], counts[c], false);
                compare(set[k], counts[c], true);
            }
        }
    if (tried == 0)
        skip(); /* no set of this CPU's makes pairs */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_of_rows_are_the_rows_to_the_bit),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
