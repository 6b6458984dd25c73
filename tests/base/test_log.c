/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/log.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* What one call writes. */
static size_t logged_by(const char *module, enum g20_log_format format, const char *message,
                        const char *value, char *out, size_t size)
{
    int fd[2];

    assert_int_equal(pipe(fd), 0);
    g20_log_setup(format, fd[1]);
    g20_log(G20_LOG_ERROR, module, message, G20_F_STR("file", value), G20_F_INT("n", -7),
            G20_F_NUM("inf", 1.0 / 0.0), G20_F_BOOL("yes", true));
    g20_log_setup(G20_LOG_JSON, 2);
    close(fd[1]);
    const ssize_t n = read(fd[0], out, size - 1);
    close(fd[0]);
    assert_true(n > 0);
    out[n] = '\0';
    return (size_t)n;
}

static size_t logged(enum g20_log_format format, const char *message, const char *value, char *out,
                     size_t size)
{
    return logged_by("test", format, message, value, out, size);
}

/* Quotes, controls, a terminal escape, a cut and an overlong sequence, a surrogate. */
static const char hostile[] = "a\"b\\c\n\x1b[31m\x7f\xc3 \xc0\xaf \xed\xa0\x80 \xe2\x80\xae end";

static void a_json_line_is_valid_whatever_the_strings_hold(void **state)
{
    char out[20000];
    json_error_t why;

    (void)state;
    const size_t n = logged(G20_LOG_JSON, hostile, hostile, out, sizeof(out));
    assert_int_equal(out[n - 1], '\n');
    assert_ptr_equal(strchr(out, '\n'), out + n - 1); /* one line */
    json_t *o = json_loads(out, JSON_REJECT_DUPLICATES, &why);
    assert_non_null(o);
    assert_string_equal(json_string_value(json_object_get(o, "level")), "ERROR");
    assert_string_equal(json_string_value(json_object_get(o, "module")), "test");
    assert_non_null(strstr(json_string_value(json_object_get(o, "file")), "a\"b\\c\n\x1b[31m"));
    assert_int_equal(json_integer_value(json_object_get(o, "n")), -7);
    assert_true(json_is_null(json_object_get(o, "inf")));
    assert_true(json_is_true(json_object_get(o, "yes")));
    json_decref(o);
}

static void a_very_long_string_is_cut_and_the_line_stays_valid(void **state)
{
    static char huge[100000];
    char out[20000];

    (void)state;
    memset(huge, '\x01', sizeof(huge) - 1); /* each grows to six bytes */
    logged(G20_LOG_JSON, huge, huge, out, sizeof(out));
    json_t *o = json_loads(out, 0, NULL);
    assert_non_null(o);
    assert_non_null(json_object_get(o, "message"));
    json_decref(o);
}

static void text_passes_no_escape_through_and_has_no_colour_off_a_terminal(void **state)
{
    char out[20000];

    (void)state;
    const size_t n = logged(G20_LOG_TEXT, hostile, hostile, out, sizeof(out));
    assert_ptr_equal(strchr(out, '\n'), out + n - 1);
    for (size_t i = 0; i + 1 < n; i++)
        assert_true((unsigned char)out[i] >= 0x20 && out[i] != 0x7f);
    assert_null(strstr(out, "\xe2\x80\xae")); /* nothing turns the line round */
}

static void text_parts_a_long_name_from_its_message(void **state)
{
    char out[20000];

    (void)state;
    logged_by("config show", G20_LOG_TEXT, "unknown key", "x", out, sizeof(out));
    assert_non_null(strstr(out, "config show unknown key"));
    logged_by("serve", G20_LOG_TEXT, "ready", "x", out, sizeof(out));
    assert_non_null(strstr(out, "serve     ready"));
}

static void levels_are_read_in_any_case_and_nothing_else(void **state)
{
    enum g20_log_level level = G20_LOG_INFO;

    (void)state;
    assert_int_equal(g20_log_parse_level("warning", &level), 0);
    assert_int_equal(level, G20_LOG_WARNING);
    assert_true(g20_log_parse_level("loud", &level) < 0);
    assert_true(g20_log_parse_level("", &level) < 0);
    assert_int_equal(level, G20_LOG_WARNING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_json_line_is_valid_whatever_the_strings_hold),
        cmocka_unit_test(a_very_long_string_is_cut_and_the_line_stays_valid),
        cmocka_unit_test(text_passes_no_escape_through_and_has_no_colour_off_a_terminal),
        cmocka_unit_test(text_parts_a_long_name_from_its_message),
        cmocka_unit_test(levels_are_read_in_any_case_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
