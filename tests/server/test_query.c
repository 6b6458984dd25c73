/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/query.h"

#include <errno.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct g20_query parsed(const char *text)
{
    struct g20_query q = {0};

    assert_int_equal(g20_query_parse(text, strlen(text), &q, NULL), 0);
    return q;
}

static void refused(const char *text, const char *why)
{
    struct g20_query q = {.count = 77};
    struct g20_err e = {0};

    assert_int_equal(g20_query_parse(text, strlen(text), &q, &e), -EINVAL);
    assert_int_equal(q.count, 77);
    assert_non_null(strstr(e.msg, why));
}

static void parameters_are_found_by_name(void **state)
{
    (void)state;
    const struct g20_query q = parsed("fps=10&width=640&empty=&a=b=c");

    assert_string_equal(g20_query_get(&q, "fps"), "10");
    assert_string_equal(g20_query_get(&q, "width"), "640");
    assert_string_equal(g20_query_get(&q, "empty"), "");
    assert_string_equal(g20_query_get(&q, "a"), "b=c");
    assert_null(g20_query_get(&q, "fp"));
    assert_int_equal(parsed("").count, 0);
}

static void escapes_are_undone_once(void **state)
{
    (void)state;
    const struct g20_query q = parsed("n%61me=a%26b%3d+%2525&caf%C3%A9=x");

    assert_string_equal(g20_query_get(&q, "name"), "a&b= %25");
    assert_string_equal(g20_query_get(&q, "caf\xc3\xa9"), "x");
}

static void what_is_not_plain_is_refused(void **state)
{
    (void)state;
    refused("fps", "want name=value");
    refused("=1", "want name=value");
    refused("a=1&&b=2", "want name=value");
    refused("a=1&a=2", "a: given twice");
    refused("a=%", "escape");
    refused("a=%4", "escape");
    refused("a=%zz", "escape");
    refused("a=%00b", "plain text");
    refused("a=%0a", "plain text");
    refused("a=%ff", "plain text");
    refused("a=1&b=2&c=3&d=4&e=5&f=6&g=7&h=8&i=9&j=1&k=2&l=3&m=4&n=5&o=6&p=7&q=8", "more than 16");
}

static void length_is_bounded(void **state)
{
    (void)state;
    char text[G20_QUERY_BYTES + 1];
    struct g20_query q = {0};

    memset(text, 'a', sizeof(text));
    text[1] = '=';
    assert_int_equal(g20_query_parse(text, G20_QUERY_BYTES - 1, &q, NULL), 0);
    assert_int_equal(strlen(g20_query_get(&q, "a")), G20_QUERY_BYTES - 3);
    assert_int_equal(g20_query_parse(text, G20_QUERY_BYTES, &q, NULL), -EINVAL);
    assert_int_equal(g20_query_add(&q, "b=1", 3, NULL), -EINVAL); /* it is full */
    assert_int_equal(q.count, 1);
}

static void numbers_are_strict_and_named(void **state)
{
    (void)state;
    static const char *const bad[] = {"x=",   "x=1x",    "x=nan", "x=inf", "x=0x10",
                                      "x= 1", "x=1e999", "x=-1",  "x=101"};
    double v = 5;
    uint32_t n = 5;
    const struct g20_query q = parsed("a=2.5e1&b=7&c=7.5");

    assert_int_equal(g20_query_number(&q, "a", 0, 100, &v, NULL), 1);
    assert_true(v == 25);
    assert_int_equal(g20_query_number(&q, "none", 0, 100, &v, NULL), 0);
    assert_int_equal(g20_query_whole(&q, "b", 0, 100, &n, NULL), 1);
    assert_int_equal(n, 7);
    assert_int_equal(g20_query_whole(&q, "c", 0, 100, &n, NULL), -EINVAL);
    for (size_t i = 0; i < G20_COUNT_OF(bad); i++) {
        const struct g20_query b = parsed(bad[i]);
        struct g20_err e = {0};

        assert_int_equal(g20_query_number(&b, "x", 0, 100, &v, &e), -EINVAL);
        assert_int_equal(strncmp(e.msg, "x: want ", 8), 0);
    }
    assert_true(v == 25 && n == 7);
}

static void words_and_names_come_from_a_list(void **state)
{
    (void)state;
    static const char *const words[] = {"json", "bin"}, *const names[] = {"format", "fps"};
    const struct g20_query q = parsed("format=bin&fps=3");
    struct g20_err e = {0};
    uint32_t i = 9;

    assert_int_equal(g20_query_word(&q, "format", words, 2, &i, &e), 1);
    assert_int_equal(i, 1);
    assert_int_equal(g20_query_word(&q, "other", words, 2, &i, &e), 0);
    assert_int_equal(g20_query_word(&q, "fps", words, 2, &i, &e), -EINVAL);
    assert_string_equal(e.msg, "fps: want json or bin");
    assert_int_equal(g20_query_only(&q, names, 2, &e), 0);
    assert_int_equal(g20_query_only(&q, names, 1, &e), -EINVAL);
    assert_string_equal(e.msg, "fps: unknown parameter");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_found_by_name),
        cmocka_unit_test(escapes_are_undone_once),
        cmocka_unit_test(what_is_not_plain_is_refused),
        cmocka_unit_test(length_is_bounded),
        cmocka_unit_test(numbers_are_strict_and_named),
        cmocka_unit_test(words_and_names_come_from_a_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
