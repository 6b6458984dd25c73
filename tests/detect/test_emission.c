/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "../sample_emission.h"
#include "detect/emission.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void the_json_is_that_of_the_protocol(void **state)
{
    (void)state;
    char text[G20_EMISSION_JSON_MAX];

    const int n = g20_emission_json(&em, NULL, text, sizeof(text));

    assert_int_equal(n, (int)strlen(text));
    assert_string_equal(text,
                        "{\"id\":7,\"channel\":0,\"class\":\"signal\",\"confidence\":0.9877,"
                        "\"start_us\":1700000000000000,\"duration_s\":0.001,\"f_lo_hz\":433900000,"
                        "\"f_hi_hz\":433940000,\"f_ref\":\"absolute\",\"level_dbfs\":-40.13,"
                        "\"peak_dbfs\":-38,\"snr_db\":20.5,\"duty\":0.5,\"model\":\"energy\","
                        "\"model_version\":\"1\"}");
    assert_true(g20_emission_json(&em, "a \"b\".iq", text, sizeof(text)) > 0);
    assert_non_null(strstr(text, "\"file\":\"a \\\"b\\\".iq\""));
    assert_non_null(strstr(text, "\"sample_start\":1000,\"sample_count\":2000"));
}

static void the_worst_case_fits_and_less_room_is_refused(void **state)
{
    (void)state;
    struct g20_emission bad = em;
    char text[G20_EMISSION_JSON_MAX];

    memset(bad.class_name, '\x01', sizeof(bad.class_name)); /* no NUL at the end of any name */
    memset(bad.model, '"', sizeof(bad.model));
    memset(bad.model_version, '\xff', sizeof(bad.model_version));
    bad.id = bad.start_us = UINT64_MAX;
    bad.channel = INT32_MIN;
    bad.f_lo_hz = -1.2345678901e15;
    bad.f_hi_hz = 1.2345678901e15;
    bad.confidence = bad.duty = bad.level_dbfs = -1234567.891f;
    bad.snr_db = NAN;
    bad.peak_dbfs = -INFINITY;
    const int n = g20_emission_json(&bad, NULL, text, sizeof(text));
    assert_true(n > 0 && n < (int)sizeof(text));
    assert_non_null(strstr(text, "\"snr_db\":null"));
    assert_non_null(strstr(text, "\"peak_dbfs\":null")); /* JSON has no infinity */
    assert_int_equal(g20_emission_json(&bad, NULL, text, (size_t)n), -ENOBUFS);
    assert_int_equal(g20_emission_json(&bad, NULL, text, 0), -ENOBUFS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_json_is_that_of_the_protocol),
        cmocka_unit_test(the_worst_case_fits_and_less_room_is_refused),
    };

    return cmocka_run_group_tests_name("emission", tests, NULL, NULL);
}
