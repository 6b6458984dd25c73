/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/err.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void a_failure_gives_its_code_back_with_the_text(void **state)
{
    (void)state;
    struct g20_err e = {0};

    assert_int_equal(g20_fail(&e, -ENOENT, "%s: %d", "x", 5), -ENOENT);
    assert_int_equal(e.code, -ENOENT);
    assert_string_equal(e.msg, "x: 5");
    assert_int_equal(g20_fail(NULL, -EIO, "nobody asks"), -EIO);
}

static void the_place_goes_in_front_and_a_long_message_is_cut_at_its_end(void **state)
{
    (void)state;
    struct g20_err e = {0};
    char where[600];

    g20_fail(&e, -EIO, "short read");
    assert_int_equal(g20_fail_at(&e, -EINVAL, "file %s", "a"), -EINVAL);
    assert_string_equal(e.msg, "file a: short read");
    assert_int_equal(e.code, -EINVAL);
    assert_int_equal(g20_fail_at(NULL, -EIO, "x"), -EIO);
    memset(where, 'w', sizeof(where));
    where[sizeof(where) - 1] = '\0';
    g20_fail_at(&e, -EIO, "%s", where);
    assert_int_equal(strlen(e.msg), sizeof(e.msg) - 1);
    assert_int_equal(strspn(e.msg, "w"), sizeof(e.msg) - 1);
}

static void every_code_has_a_text(void **state)
{
    (void)state;
    assert_string_equal(g20_strerror(0), "success");
    assert_string_equal(g20_strerror(-ENOENT), "No such file or directory");
    assert_string_equal(g20_strerror(G20_EUNSUPPORTED), "not implemented");
    assert_non_null(strstr(g20_strerror(-99999), "99999"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_gives_its_code_back_with_the_text),
        cmocka_unit_test(the_place_goes_in_front_and_a_long_message_is_cut_at_its_end),
        cmocka_unit_test(every_code_has_a_text),
    };

    return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
