/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Every datatype and byte order against a second, plain implementation: the bytes put together by
 * arithmetic, the value scaled in double. */
#include "source/convert.h"

#include "base/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *const names[] = {"f32", "f64", "i32", "u32", "i24", "i16", "u16", "i8", "u8"};
static const int sizes[] = {4, 8, 4, 4, 3, 2, 2, 1, 1};

static double plain(int kind, const unsigned char *b, int n, bool big)
{
    uint64_t u = 0;
    for (int i = 0; i < n; i++)
        u = u * 256 + b[big ? i : n - 1 - i];
    const double range = pow(2, 8 * n);
    if (names[kind][0] == 'f') {
        float f;
        double d;
        const uint32_t u4 = (uint32_t)u;
        memcpy(&f, &u4, 4);
        memcpy(&d, &u, 8);
        return n == 4 ? (double)f : d;
    }
    if (names[kind][0] == 'u')
        return ((double)u - (range - 1) / 2) / ((range - 1) / 2);
    return ((double)u >= range / 2 ? (double)u - range : (double)u) / (range / 2);
}

static void every_datatype_and_order_agrees_with_a_plain_reader(void **state)
{
    (void)state;
    enum { N = 203 };
    struct g20_rng rng;
    unsigned char in[N * 8 + 1];
    float out[N];

    g20_rng_init(&rng, 20);
    for (int k = 0; k < (int)G20_COUNT_OF(names); k++) {
        for (int big = 0; big < 2; big++) {
            char text[16];
            struct g20_datatype t;
            snprintf(text, sizeof(text), "r%s%s", names[k],
                     sizes[k] == 1 ? ""
                     : big         ? "_be"
                                   : "_le");
            assert_int_equal(g20_datatype_parse(&t, text, false), 0);
            assert_int_equal(g20_datatype_bytes(&t), sizes[k]);
            for (size_t i = 0; i < sizeof(in); i++)
                in[i] = (unsigned char)g20_rng_u64(&rng);
            /* One byte off, so that nothing relies on alignment. */
            g20_convert(&t, out, in + 1, N);
            for (int i = 0; i < N; i++) {
                const double want = plain(k, in + 1 + i * sizes[k], sizes[k], big);
                if (!(fabs(want) <= 1e12))
                    assert_true(!(fabsf(out[i]) <= 1e12f)); /* left for g20_clear_bad() */
                else
                    assert_true(fabs((double)out[i] - want) <= 1e-7 * fmax(1, fabs(want)));
            }
        }
    }
}

static void names_come_back_and_wrong_ones_are_refused(void **state)
{
    (void)state;
    static const char *const good[] = {"cf32_le", "rf64_be", "ci16_le", "ru16_be", "ci8", "cu8"};
    static const char *const wrong[] = {"",         "c",       "cf32",    "ci8_le",
                                        "xi16_le",  "ci16_xe", "cf16_le", "ci24_le",
                                        "ci16_le ", "Ci8",     "cs16_le"};
    struct g20_datatype t;
    char back[16];

    for (size_t i = 0; i < G20_COUNT_OF(good); i++) {
        assert_int_equal(g20_datatype_parse(&t, good[i], true), 0);
        g20_datatype_name(&t, back, sizeof(back));
        assert_string_equal(back, good[i]);
    }
    for (size_t i = 0; i < G20_COUNT_OF(wrong); i++)
        assert_true(g20_datatype_parse(&t, wrong[i], true) < 0);
}

static void bad_floats_become_zero_samples_and_are_counted(void **state)
{
    (void)state;
    float x[] = {1, 2, NAN, 3, 4, INFINITY, -1e13f, 5, 6, 7};
    const float want[] = {1, 2, 0, 0, 0, 0, 0, 0, 6, 7};

    assert_int_equal(g20_clear_bad(x, 5, 2), 3);
    assert_memory_equal(x, want, sizeof(x));
    assert_int_equal(g20_clear_bad(x, 5, 2), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_datatype_and_order_agrees_with_a_plain_reader),
        cmocka_unit_test(names_come_back_and_wrong_ones_are_refused),
        cmocka_unit_test(bad_floats_become_zero_samples_and_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
