/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void refused(const char *text, const char *code, const char *message, int id)
{
    struct g20_command_error err;
    struct g20_request r;

    assert_true(g20_request_parse(text, strlen(text), &r, &err) < 0);
    assert_string_equal(err.code, code);
    assert_int_equal(strncmp(err.message, message, strlen(message)), 0);
    assert_int_equal(json_integer_value(err.id), id);
    g20_command_error_fini(&err);
}

static void each_fault_is_named_and_keeps_its_id(void **state)
{
    (void)state;
    refused("", "invalid_json", "Invalid JSON: ", 0);
    refused("{\"a\":1,\"a\":2}", "invalid_json", "Invalid JSON: duplicate", 0);
    refused("[]", "invalid_json", "Invalid JSON: want an object", 0);
    refused("{\"id\":5}", "missing_field", "command required", 5);
    refused("{\"id\":6,\"command\":[]}", "invalid_field", "command: want a string", 6);
}

static void a_request_has_command_id_and_fields(void **state)
{
    (void)state;
    static const char text[] =
        "{\"command\":\"x\",\"id\":3,\"n\":4,\"f\":1.5,\"t\":\"\",\"z\":null}";
    struct g20_command_error err;
    struct g20_request r;
    uint32_t n = 0;
    double f = 0;
    bool null = false;

    assert_int_equal(g20_request_parse(text, strlen(text), &r, &err), 0);
    assert_string_equal(r.command, "x");
    assert_int_equal(json_integer_value(r.id), 3);
    assert_int_equal(g20_request_whole(r.json, "n", 0, 9, &n, &err), 1);
    assert_int_equal(n, 4);
    assert_int_equal(g20_request_number(r.json, "f", 0, 9, &f, NULL, &err), 1);
    assert_true(f == 1.5);
    assert_int_equal(g20_request_number(r.json, "none", 0, 9, &f, NULL, &err), 0);
    assert_int_equal(g20_request_number(r.json, "z", 0, 9, &f, &null, &err), 0);
    assert_true(null);
    assert_true(g20_request_number(r.json, "z", 0, 9, &f, NULL, &err) < 0);
    assert_true(g20_request_number(r.json, "t", 0, 9, &f, NULL, &err) < 0);
    assert_string_equal(err.message, "t: want a number");
    assert_true(g20_request_whole(r.json, "f", 0, 9, &n, &err) < 0);
    assert_true(g20_request_whole(r.json, "n", 5, 9, &n, &err) < 0);
    assert_string_equal(err.message, "n: want 5 to 9");
    g20_request_fini(&r);
}

static void an_unknown_command_is_cut_between_characters(void **state)
{
    (void)state;
    struct g20_command_error err = {0};
    char name[80];

    memset(name, 'a', 63);
    memcpy(name + 63, "\xc3\xa9tude", 7);
    assert_true(g20_request_unknown(&err, name) < 0);
    assert_string_equal(err.code, "unknown_command");
    assert_int_equal(strlen(err.message), strlen("Unknown command: ") + 63);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_is_named_and_keeps_its_id),
        cmocka_unit_test(a_request_has_command_id_and_fields),
        cmocka_unit_test(an_unknown_command_is_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
