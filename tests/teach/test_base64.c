/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "teach/base64.h"

#include "base/alloc.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct g20_err err;

static int decode(const char *text, char *out, size_t cap, size_t *n)
{
    return g20_base64_decode(text, strlen(text), out, cap, n, &err);
}

/* RFC 4648, section 10. */
static void the_vectors_of_the_rfc(void **state)
{
    static const char *const pairs[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"}};
    char out[8];
    size_t n = 99;

    (void)state;
    for (size_t i = 0; i < G20_COUNT_OF(pairs); i++) {
        char *text = g20_base64_encode(pairs[i][0], strlen(pairs[i][0]));
        assert_string_equal(text, pairs[i][1]);
        g20_free(text);
        assert_int_equal(decode(pairs[i][1], out, sizeof(out), &n), 0);
        assert_int_equal(n, strlen(pairs[i][0]));
        assert_memory_equal(out, pairs[i][0], n);
    }
}

static void every_byte_comes_back(void **state)
{
    uint8_t bytes[256], back[256];
    size_t n;

    (void)state;
    for (int i = 0; i < 256; i++)
        bytes[i] = (uint8_t)(i * 167);
    char *text = g20_base64_encode(bytes, sizeof(bytes));
    assert_int_equal(g20_base64_decode(text, strlen(text), back, sizeof(back), &n, &err), 0);
    assert_int_equal(n, 256);
    assert_memory_equal(bytes, back, 256);
    g20_free(text);
}

static void anything_else_is_refused(void **state)
{
    static const char *const bad[] = {"Zg=",  "Z",    "Zg=a", "Z===", "====", "Zm9v\nYmE=", "Zm 9",
                                      "Zm9-", "Zm9_", "Zh==", "Zm9=", "=Zm9", "Zm9\xc3"};
    char out[16];
    size_t n = 7;

    (void)state;
    for (size_t i = 0; i < G20_COUNT_OF(bad); i++) {
        assert_int_equal(decode(bad[i], out, sizeof(out), &n), -EINVAL);
        assert_int_equal(n, 7);
    }
    assert_int_equal(decode("Zm9vYg==", out, 3, &n), -EFBIG);
    assert_int_equal(decode("Zm9vYg==", out, 4, &n), 0);
    g20_alloc_fail_at(0);
    assert_null(g20_base64_encode("x", 1));
    g20_alloc_fail_at(G20_ALLOC_NEVER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vectors_of_the_rfc),
        cmocka_unit_test(every_byte_comes_back),
        cmocka_unit_test(anything_else_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
