/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "store/kinds.h"

#include "help.h"

static void refused(enum g20_kind kind, const char *text, bool whole, bool client, const char *says)
{
    struct g20_err e = {0};
    json_t *o = json_of(text);

    assert_int_equal(g20_kind_check(kind, o, whole, client, &e), -EINVAL);
    if (!strstr(e.msg, says))
        fail_msg("%s: %s", text, e.msg);
    json_decref(o);
}

static void taken(enum g20_kind kind, const char *text, bool whole, bool client)
{
    struct g20_err e = {0};
    json_t *o = json_of(text);

    if (g20_kind_check(kind, o, whole, client, &e) < 0)
        fail_msg("%s: %s", text, e.msg);
    json_decref(o);
}

static void each_fault_is_named(void **state)
{
    (void)state;
    refused(G20_SIGNALS, "[]", true, true, "want an object");
    refused(G20_SIGNALS, "{}", true, true, "name: required");
    refused(G20_SIGNALS, "{\"name\":null}", true, true, "name: required");
    refused(G20_SIGNALS, "{\"name\":\"\"}", true, true, "name: want text of 1 to 31");
    refused(G20_SIGNALS, "{\"name\":\"a\\u0007\"}", true, true, "name: control");
    refused(G20_SIGNALS, "{\"name\":\"a\\u0085\"}", true, true, "name: control");
    refused(G20_SIGNALS, "{\"name\":5}", true, true, "name: want text");
    refused(G20_SIGNALS, "{\"name\":\"a\",\"colour\":\"red\"}", true, true,
            "colour: a signal has no");
    refused(G20_SIGNALS, "{\"bandwidth_hz\":-1}", false, true, "bandwidth_hz: want a number of 0");
    refused(G20_SIGNALS, "{\"bandwidth_hz\":\"1\"}", false, true, "bandwidth_hz: want a number");
    refused(G20_SIGNALS, "{\"id\":\"x\"}", false, true, "id: cannot be changed");
    refused(G20_SIGNALS, "{\"id\":\"../x\",\"name\":\"a\"}", true, true, "id: want");
    refused(G20_MISSIONS, "{\"state\":\"running\"}", false, true, "state: is set by the daemon");
    refused(G20_MISSIONS, "{\"state\":\"flying\"}", false, false,
            "state: \"flying\" is not one of");
    refused(G20_MISSIONS, "{\"enabled\":1}", false, true, "enabled: want true or false");
    refused(G20_MISSIONS, "{\"plan\":5}", false, true, "plan: want an object or a list");
    refused(G20_CAPTURES, "{\"channel\":1.5}", false, false, "channel: want a whole number");
    refused(G20_SAMPLES, "{\"boxes\":3}", false, false, "boxes: want an object or a list");
}

static void what_fits_is_taken(void **state)
{
    (void)state;
    taken(G20_SIGNALS, "{\"name\":\"tpms\",\"notes\":\"two\\nlines\",\"bandwidth_hz\":2e5}", true,
          true);
    taken(G20_SIGNALS, "{\"notes\":null}", false, true);
    taken(G20_CAPTURES, "{\"state\":\"done\",\"path\":\"a\",\"start_us\":5,\"channel\":1}", true,
          false);
    taken(G20_CAPTURES, "{\"keep\":true,\"notes\":\"\"}", false, true);
    taken(G20_SAMPLES, "{\"signal\":\"tpms\",\"path\":\"p\",\"boxes\":[{}]}", true, false);
    taken(G20_MODELS, "{\"version\":1,\"path\":\"p\",\"state\":\"kept\",\"metrics\":{}}", true,
          false);
}

static void ids_are_safe_as_names_of_files(void **state)
{
    (void)state;
    assert_true(g20_kind_id_ok("0123456789abcdef"));
    assert_true(g20_kind_id_ok("tpms-2_v1.3"));
    assert_false(g20_kind_id_ok(""));
    assert_false(g20_kind_id_ok(".."));
    assert_false(g20_kind_id_ok("a/b"));
    assert_false(g20_kind_id_ok("a b"));
    assert_false(
        g20_kind_id_ok("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_is_named),
        cmocka_unit_test(what_fits_is_taken),
        cmocka_unit_test(ids_are_safe_as_names_of_files),
    };

    return cmocka_run_group_tests_name("kinds", tests, NULL, NULL);
}
