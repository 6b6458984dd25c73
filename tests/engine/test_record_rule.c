/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/record_rule.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int parse(struct g20_record_rule *r, const char *text, struct g20_err *e)
{
    json_t *o = json_loads(text, JSON_DECODE_ANY, NULL);

    assert_non_null(o);
    *e = (struct g20_err){0};
    const int rc = g20_record_rule_parse(r, o, "record", e);
    json_decref(o);
    return rc;
}

static void an_empty_rule_takes_everything_with_the_defaults(void **state)
{
    struct g20_record_rule r;
    struct g20_err e;
    struct g20_emission em = {.snr_db = -3, .f_lo_hz = 1, .f_hi_hz = 2, .class_name = "x"};

    (void)state;
    assert_int_equal(parse(&r, "{}", &e), 0);
    assert_true(r.enabled && !r.whole_band && r.pre_s == 0.1 && r.max_s == 10 && r.margin == 0.2);
    assert_true(g20_record_rule_matches(&r, &em));
    r.enabled = false;
    assert_false(g20_record_rule_matches(&r, &em));
}

static void class_band_snr_and_confidence_are_all_asked_for(void **state)
{
    struct g20_record_rule r;
    struct g20_err e;
    const struct g20_emission good = {.snr_db = 12,
                                      .confidence = 0.9F,
                                      .f_lo_hz = 433.9e6,
                                      .f_hi_hz = 434.1e6,
                                      .class_name = "fsk"};
    struct g20_emission em = good;

    (void)state;
    assert_int_equal(parse(&r,
                           "{\"class\":[\"lora\",\"fsk\"],\"f_lo_hz\":434e6,\"f_hi_hz\":435e6,"
                           "\"min_snr_db\":10,\"min_confidence\":0.5}",
                           &e),
                     0);
    assert_true(g20_record_rule_matches(&r, &em));
    snprintf(em.class_name, sizeof(em.class_name), "ook");
    assert_false(g20_record_rule_matches(&r, &em));
    em = good;
    em.snr_db = 9;
    assert_false(g20_record_rule_matches(&r, &em));
    em = good;
    em.confidence = 0.4F;
    assert_false(g20_record_rule_matches(&r, &em));
    em = good;
    em.f_hi_hz = 434e6; /* touches it only */
    assert_false(g20_record_rule_matches(&r, &em));
    em = good;
    em.f_lo_hz = 435e6;
    em.f_hi_hz = 436e6;
    assert_false(g20_record_rule_matches(&r, &em));
}

static void a_wrong_field_is_named(void **state)
{
    static const char *const cases[][2] = {
        {"3", "record: want an object"},
        {"{\"max_s\":0}", "record.max_s: want a number"},
        {"{\"max_s\":\"x\"}", "record.max_s: want a number"},
        {"{\"enabled\":1}", "record.enabled: want true or false"},
        {"{\"class\":[]}", "record.class: want a name"},
        {"{\"class\":[\"\"]}", "record.class: want a text"},
        {"{\"name\":\"\"}", "record.name: want a text"},
        {"{\"colour\":1}", "record.colour is unknown"},
        {"{\"f_lo_hz\":5}", "record.f_hi_hz: want more"},
        {"{\"f_lo_hz\":5,\"f_hi_hz\":5}", "record.f_hi_hz: want more"},
    };
    struct g20_record_rule r = {.max_s = 77};
    struct g20_err e;

    (void)state;
    for (size_t i = 0; i < G20_COUNT_OF(cases); i++) {
        assert_int_equal(parse(&r, cases[i][0], &e), -EINVAL);
        if (!strstr(e.msg, cases[i][1]))
            fail_msg("%s: %s", cases[i][0], e.msg);
    }
    assert_true(r.max_s == 77);
}

static void rules_come_back_as_they_were(void **state)
{
    struct g20_record_rule r, again;
    struct g20_err e;

    (void)state;
    assert_int_equal(parse(&r,
                           "{\"name\":\"n\",\"class\":\"lora\",\"f_lo_hz\":1,\"f_hi_hz\":2,"
                           "\"whole_band\":true,\"pre_s\":1.5,\"max_per_hour\":7}",
                           &e),
                     0);
    json_t *o = g20_record_rule_json(&r);
    memset(&again, 0, sizeof(again));
    assert_int_equal(g20_record_rule_parse(&again, o, "x", &e), 0);
    assert_string_equal(again.name, "n");
    assert_string_equal(again.classes[0], "lora");
    assert_true(again.nclasses == 1 && again.whole_band && again.pre_s == 1.5 &&
                again.max_per_hour == 7 && again.f_hi_hz == 2);
    json_decref(o);
}

static void a_list_has_a_limit(void **state)
{
    struct g20_record_rule r[G20_RECORD_RULES];
    struct g20_err e = {0};
    json_t *list = json_array();

    (void)state;
    for (int i = 0; i < G20_RECORD_RULES; i++)
        json_array_append_new(list, json_object());
    assert_int_equal(g20_record_rules_parse(r, list, "rules", &e), G20_RECORD_RULES);
    json_array_append_new(list, json_object());
    assert_int_equal(g20_record_rules_parse(r, list, "rules", &e), -EINVAL);
    json_array_clear(list);
    assert_int_equal(g20_record_rules_parse(r, list, "rules", &e), 0);
    json_array_append_new(list, json_integer(1));
    assert_int_equal(g20_record_rules_parse(r, list, "rules", &e), -EINVAL);
    assert_non_null(strstr(e.msg, "rules[0]: want an object"));
    json_decref(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_rule_takes_everything_with_the_defaults),
        cmocka_unit_test(class_band_snr_and_confidence_are_all_asked_for),
        cmocka_unit_test(a_wrong_field_is_named),
        cmocka_unit_test(rules_come_back_as_they_were),
        cmocka_unit_test(a_list_has_a_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
