/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/route.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void the_longest_registered_prefix_wins(void **state)
{
    (void)state;
    assert_int_equal(g20_route_ws("/ws/pipeline"), G20_WS_PIPELINE);
    assert_int_equal(g20_route_ws("/ws/pipeline/"), G20_WS_PIPELINE);
    assert_int_equal(g20_route_ws("/ws/unified/more"), G20_WS_PIPELINE);
    assert_int_equal(g20_route_ws("/ws/training"), G20_WS_TRAINING);
    assert_int_equal(g20_route_ws("/ws/iq"), G20_WS_IQ);
}

static void other_paths_are_unknown(void **state)
{
    (void)state;
    assert_int_equal(g20_route_ws("/"), G20_WS_UNKNOWN);
    assert_int_equal(g20_route_ws("/ws"), G20_WS_UNKNOWN);
    assert_int_equal(g20_route_ws("/ws/pipelines"), G20_WS_UNKNOWN);
    assert_int_equal(g20_route_ws("/x/ws/pipeline"), G20_WS_UNKNOWN);
}

static void a_page_of_this_server_or_of_the_list_may_connect(void **state)
{
    (void)state;
    assert_true(g20_route_origin_ok(NULL, "localhost:1", "", true));
    assert_true(g20_route_origin_ok("http://127.0.0.1:8", "127.0.0.1:8", "", true));
    assert_true(g20_route_origin_ok("http://localhost:8", "localhost:8", NULL, true));
    assert_true(g20_route_origin_ok("http://[::1]:8", "[::1]:8", NULL, true));
    assert_true(g20_route_origin_ok("https://a.example", "b", "https://a.example, x", true));
    assert_true(g20_route_origin_ok("http://box.lan:8", "box.lan:8", "", false));
}

static void any_other_page_may_not(void **state)
{
    (void)state;
    assert_false(g20_route_origin_ok("http://evil.example", "127.0.0.1:8", "", true));
    assert_false(g20_route_origin_ok("http://127.0.0.1:9", "127.0.0.1:8", "", true));
    assert_false(g20_route_origin_ok("null", "127.0.0.1:8", "", true));
    assert_false(g20_route_origin_ok("http://", "", "", true));
    /* a foreign name that resolves to this machine (DNS rebinding) */
    assert_false(g20_route_origin_ok("http://evil.example:8", "evil.example:8", "", true));
    assert_false(g20_route_origin_ok("http://127.evil.example", "127.evil.example", "", true));
}

static void a_foreign_name_for_this_machine_is_no_host(void **state)
{
    (void)state;
    assert_true(g20_route_host_ok("127.0.0.1:8", true));
    assert_true(g20_route_host_ok("LOCALHOST", true));
    assert_true(g20_route_host_ok("[::1]:8", true));
    assert_true(g20_route_host_ok("", true)); /* HTTP/1.0 */
    assert_false(g20_route_host_ok("evil.example:8", true));
    assert_false(g20_route_host_ok("127.evil.example", true));
    assert_false(g20_route_host_ok("localhost.evil.example", true));
    assert_true(g20_route_host_ok("box.lan:8", false)); /* there tokens keep others out */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_foreign_name_for_this_machine_is_no_host),
        cmocka_unit_test(the_longest_registered_prefix_wins),
        cmocka_unit_test(other_paths_are_unknown),
        cmocka_unit_test(a_page_of_this_server_or_of_the_list_may_connect),
        cmocka_unit_test(any_other_page_may_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
