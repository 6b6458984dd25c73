/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/text.h"

#include "base/alloc.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

typedef void escape_fn(struct g20_text *t, const char *text);

static void expect(escape_fn *escape, const char *in, const char *want)
{
    struct g20_text t = {0};

    escape(&t, in);
    assert_false(t.failed);
    assert_string_equal(t.data ? t.data : "", want);
    g20_text_fini(&t);
}

static void json_strings_are_escaped_and_valid_utf8(void **state)
{
    (void)state;
    expect(g20_text_json, "a\"b\\c", "\"a\\\"b\\\\c\"");
    expect(g20_text_json, "a\nb\x01\x7f", "\"a\\nb\\u0001\\u007f\"");
    expect(g20_text_json, "\xc3\xa9", "\"\xc3\xa9\"");
    expect(g20_text_json, "\xff", "\"\xef\xbf\xbd\"");
    expect(g20_text_json, "\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\""); /* overlong */
    expect(g20_text_json, "\xe2\x82", "\"\xef\xbf\xbd\xef\xbf\xbd\""); /* cut short */
}

static void csv_fields_are_quoted_only_when_they_must(void **state)
{
    (void)state;
    expect(g20_text_csv, "plain", "plain");
    expect(g20_text_csv, "a,b", "\"a,b\"");
    expect(g20_text_csv, "a\"b", "\"a\"\"b\"");
    expect(g20_text_csv, "a\nb", "\"a\nb\"");
    expect(g20_text_csv, "a\x1b[31m", "a?[31m");
}

static void terminals_get_no_control_characters(void **state)
{
    (void)state;
    expect(g20_text_plain, "a\x1b[2J\nb\xc2\x9b", "a?[2J?b?");
    expect(g20_text_plain, "\xe2\x80\xae", "?"); /* right-to-left override */
}

static void columns_count_wide_and_combining_characters(void **state)
{
    (void)state;
    assert_int_equal(g20_text_columns("abc"), 3);
    assert_int_equal(g20_text_columns("e\xcc\x81"), 1);
    assert_int_equal(g20_text_columns("\xe4\xbf\xa1"), 2);
}

static void numbers_are_short_and_never_nan(void **state)
{
    struct g20_text t = {0};
    (void)state;

    g20_text_num(&t, 2.5, 6);
    g20_text_puts(&t, " ");
    g20_text_num(&t, NAN, 6);
    g20_text_puts(&t, " ");
    g20_text_num(&t, -0.0001, 2);
    g20_text_puts(&t, " ");
    g20_text_num(&t, 5925000000.0, 2);
    assert_string_equal(t.data, "2.5 null 0 5925000000");
    g20_text_fini(&t);
}

static void running_out_of_room_or_memory_is_told(void **state)
{
    char buf[4];
    struct g20_text t;
    (void)state;

    g20_text_fixed(&t, buf, sizeof(buf));
    g20_text_puts(&t, "abc");
    assert_false(t.failed);
    g20_text_puts(&t, "d");
    assert_true(t.failed);
    assert_string_equal(buf, "abc");

    t = (struct g20_text){0};
    g20_alloc_fail_at(0);
    g20_text_puts(&t, "abc");
    g20_alloc_fail_at(G20_ALLOC_NEVER);
    assert_true(t.failed);
    g20_text_fini(&t);
    assert_int_equal(g20_alloc_live(), 0);
}

static void a_name_may_be_a_files_too(void **state)
{
    static const char *const good[] = {"a", "remote 2", "T\xc3\xbcr", "a.b", "-"};
    static const char *const bad[] = {"",   ".",  "..", "../x", "a/b", "/",
                                      " a", "a ", ".a", "a\n",  "\xff"};

    (void)state;
    for (size_t i = 0; i < G20_COUNT_OF(good); i++)
        assert_true(g20_text_is_name(good[i]));
    for (size_t i = 0; i < G20_COUNT_OF(bad); i++)
        assert_false(g20_text_is_name(bad[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_may_be_a_files_too),
        cmocka_unit_test(json_strings_are_escaped_and_valid_utf8),
        cmocka_unit_test(csv_fields_are_quoted_only_when_they_must),
        cmocka_unit_test(terminals_get_no_control_characters),
        cmocka_unit_test(columns_count_wide_and_combining_characters),
        cmocka_unit_test(numbers_are_short_and_never_nan),
        cmocka_unit_test(running_out_of_room_or_memory_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
