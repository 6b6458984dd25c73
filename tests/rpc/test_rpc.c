/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/alloc.h"
#include "rpc/rpc.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void no_state(struct g20_control_state *ret, void *user)
{
    (void)user;
    *ret = (struct g20_control_state){.run = G20_RUN_STARTING};
}

static const struct g20_control control = {.state = no_state};
static const struct g20_rpc_ops ops = {0};

static void two_cannot_share_a_port(void **state)
{
    (void)state;
    struct g20_rpc *a = NULL, *b = NULL;
    struct g20_hub *hub = NULL;
    struct g20_err e = {0};
    struct g20_rpc_cfg c;

    g20_rpc_cfg_default(&c);
    assert_int_equal(g20_hub_create(&hub), 0);
    assert_int_equal(g20_rpc_create(&a, &c, hub, &control, &ops, &e), 0);
    assert_true(g20_rpc_port(a) > 0);
    assert_int_equal(g20_rpc_start(a, &e), 0);
    c.port = g20_rpc_port(a);
    assert_int_equal(g20_rpc_create(&b, &c, hub, &control, &ops, &e), -EADDRINUSE);
    assert_non_null(strstr(e.msg, "in use"));
    assert_null(b);
    g20_rpc_drain(a);
    g20_rpc_stop(a, 1000);
    g20_rpc_stop(a, 1000); /* once more is fine */
    g20_rpc_destroy(a);
    c.port = 0;
    c.bind = "203.0.113.1"; /* nobody's */
    assert_int_equal(g20_rpc_create(&b, &c, hub, &control, &ops, &e), -EADDRNOTAVAIL);
    c.bind = "::1";
    assert_true(g20_rpc_create(&b, &c, hub, &control, &ops, &e) == 0 || e.code == -EADDRNOTAVAIL);
    g20_rpc_destroy(b);
    b = NULL;
    c.max_workers = 0;
    assert_int_equal(g20_rpc_create(&b, &c, hub, &control, &ops, &e), -EINVAL);
    g20_rpc_destroy(NULL);
    g20_hub_destroy(hub);
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    struct g20_hub *hub = NULL;
    struct g20_rpc_cfg c;

    g20_rpc_cfg_default(&c);
    c.max_workers = 2;
    assert_int_equal(g20_hub_create(&hub), 0);
    for (unsigned nth = 0; nth < 50; nth++) {
        const int64_t live = g20_alloc_live();
        struct g20_rpc *s = NULL;

        g20_alloc_fail_at(nth);
        int r = g20_rpc_create(&s, &c, hub, &control, &ops, NULL);
        if (r >= 0)
            r = g20_rpc_start(s, NULL);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        assert_true(r == 0 || r == -ENOMEM);
        g20_rpc_destroy(s);
        assert_int_equal(g20_alloc_live(), live);
        if (r == 0) {
            assert_true(nth >= 4);
            g20_hub_destroy(hub);
            return;
        }
    }
    fail_msg("create() never succeeded");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_cannot_share_a_port),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
