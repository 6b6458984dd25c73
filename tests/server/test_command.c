/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct g20_view_cfg NOW = {
    .full_span = true, .width = 2048, .fps = 30, .auto_range = true};

static void refused(const char *text, const char *code, const char *message)
{
    struct g20_command_error err;
    struct g20_command c;

    assert_true(g20_command_parse(text, strlen(text), &NOW, &c, &err) < 0);
    assert_string_equal(err.code, code);
    assert_true(strncmp(err.message, message, strlen(message)) == 0);
    g20_command_error_fini(&err);
}

static void each_fault_is_named(void **state)
{
    (void)state;
    refused("", "invalid_json", "Invalid JSON: ");
    refused("{nonsense", "invalid_json", "Invalid JSON: ");
    refused("[1]", "invalid_json", "Invalid JSON: want an object");
    refused("{\"a\":1,\"a\":2}", "invalid_json", "Invalid JSON: duplicate");
    refused("{\"command\":\"set_view\",\"width\":NaN}", "invalid_json", "Invalid JSON: ");
    refused("{}", "missing_field", "command required");
    refused("{\"command\":5}", "invalid_field", "command: ");
    refused("{\"command\":\"fly\"}", "unknown_command", "Unknown command: fly");
    refused("{\"command\":\"tune\"}", "missing_field", "channel_id required");
    refused("{\"command\":\"tune\",\"channel_id\":0}", "missing_field", "center_freq_hz required");
    refused("{\"command\":\"tune\",\"channel_id\":256,\"center_freq_hz\":1}", "invalid_field",
            "channel_id: ");
    refused("{\"command\":\"tune\",\"channel_id\":0,\"gain_db\":\"3\"}", "invalid_field",
            "gain_db");
    refused("{\"command\":\"tune\",\"channel_id\":0,\"bandwidth_hz\":-1}", "invalid_field",
            "bandwidth_hz");
    refused("{\"command\":\"history\"}", "missing_field", "from_us required");
    refused("{\"command\":\"history\",\"from_us\":1}", "missing_field", "to_us required");
    refused("{\"command\":\"history\",\"from_us\":1,\"to_us\":2}", "missing_field",
            "rows required");
    refused("{\"command\":\"history\",\"from_us\":2,\"to_us\":2,\"rows\":9}", "invalid_field",
            "from_us: want less");
    refused("{\"command\":\"history\",\"from_us\":1,\"to_us\":2,\"rows\":4097}", "invalid_field",
            "rows: ");
    refused("{\"command\":\"history\",\"from_us\":1.5,\"to_us\":2,\"rows\":9}", "invalid_field",
            "from_us: ");
    refused("{\"command\":\"set_view\",\"width\":15}", "invalid_field", "width: ");
    refused("{\"command\":\"set_view\",\"width\":100.5}", "invalid_field", "width: ");
    refused("{\"command\":\"set_view\",\"width\":8193}", "invalid_field", "width: ");
    refused("{\"command\":\"set_view\",\"fps\":0}", "invalid_field", "fps: ");
    refused("{\"command\":\"set_view\",\"fps\":\"NaN\"}", "invalid_field", "fps: want a number");
    refused("{\"command\":\"set_view\",\"format\":2}", "invalid_field", "format: ");
    refused("{\"command\":\"set_view\",\"colormap\":\"jet\"}", "invalid_field", "colormap: ");
    refused("{\"command\":\"set_view\",\"f_lo_hz\":1}", "missing_field", "f_hi_hz required");
    refused("{\"command\":\"set_view\",\"f_lo_hz\":2,\"f_hi_hz\":1}", "invalid_field", "f_lo_hz: ");
    refused("{\"command\":\"set_view\",\"db_min\":-10,\"db_max\":-10}", "invalid_field",
            "db_min: ");
}

static void a_view_is_merged_into_the_present_one(void **state)
{
    (void)state;
    static const char text[] = "{\"command\":\"set_view\",\"id\":\"a\",\"f_lo_hz\":1e6,"
                               "\"f_hi_hz\":2e6,\"format\":\"rgba8\",\"colormap\":\"turbo\"}";
    struct g20_command_error err;
    struct g20_command c;

    assert_int_equal(g20_command_parse(text, strlen(text), &NOW, &c, &err), 0);
    assert_int_equal(c.kind, G20_COMMAND_SET_VIEW);
    assert_string_equal(json_string_value(c.id), "a");
    assert_false(c.view.full_span);
    assert_true(c.view.f_lo_hz == 1e6 && c.view.f_hi_hz == 2e6);
    assert_int_equal(c.view.width, 2048);
    assert_int_equal(c.view.format, G20_WF_RGBA8);
    assert_true(c.view.auto_range);
    g20_command_fini(&c);
}

static void null_limits_make_the_view_automatic_again(void **state)
{
    (void)state;
    static const char text[] = "{\"command\":\"set_view\",\"f_lo_hz\":null,\"f_hi_hz\":null}";
    const struct g20_view_cfg zoomed = {
        .f_lo_hz = 1, .f_hi_hz = 2, .width = 64, .fps = 1, .auto_range = true};
    struct g20_command_error err;
    struct g20_command c;

    assert_int_equal(g20_command_parse(text, strlen(text), &zoomed, &c, &err), 0);
    assert_true(c.view.full_span);
    g20_command_fini(&c);
}

static void fields_of_newer_clients_are_ignored_by_every_command(void **state)
{
    (void)state;
    static const char *const all[] = {
        "{\"command\":\"status\",\"newer\":1}",
        "{\"command\":\"set_view\",\"width\":512,\"newer\":1}",
        "{\"command\":\"tune\",\"channel_id\":0,\"center_freq_hz\":1e8,\"newer\":{\"a\":[1]}}",
        "{\"command\":\"history\",\"from_us\":1,\"to_us\":2,\"rows\":9,\"newer\":null}",
        "{\"command\":\"pause\",\"newer\":\"\"}",
        "{\"command\":\"resume\",\"newer\":[]}"};
    struct g20_command_error err;
    struct g20_command c;

    for (size_t i = 0; i < G20_COUNT_OF(all); i++) {
        assert_int_equal(g20_command_parse(all[i], strlen(all[i]), &NOW, &c, &err), 0);
        assert_int_equal(c.view.width, c.kind == G20_COMMAND_SET_VIEW ? 512 : NOW.width);
        g20_command_fini(&c);
    }
}

static void the_id_is_kept_with_an_error(void **state)
{
    (void)state;
    static const char text[] = "{\"command\":\"fly\",\"id\":42}";
    struct g20_command_error err;
    struct g20_command c;

    assert_true(g20_command_parse(text, strlen(text), &NOW, &c, &err) < 0);
    assert_int_equal(json_integer_value(err.id), 42);
    g20_command_error_fini(&err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_is_named),
        cmocka_unit_test(a_view_is_merged_into_the_present_one),
        cmocka_unit_test(null_limits_make_the_view_automatic_again),
        cmocka_unit_test(fields_of_newer_clients_are_ignored_by_every_command),
        cmocka_unit_test(the_id_is_kept_with_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
