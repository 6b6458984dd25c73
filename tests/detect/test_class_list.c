/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/class_list.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct g20_class_list list;
static struct g20_err err;

static void parses(const char *text, uint32_t count, const char *first, const char *last)
{
    assert_int_equal(g20_class_list_parse(&list, text, &err), 0);
    assert_int_equal(list.count, count);
    assert_string_equal(list.name[0], first);
    assert_string_equal(list.name[count - 1], last);
}

static void refuses(const char *text, const char *want)
{
    list.count = 77;
    assert_int_equal(g20_class_list_parse(&list, text, &err), -EINVAL);
    assert_int_equal(list.count, 77);
    if (!strstr(err.msg, want))
        fail_msg("%s: %s", text, err.msg);
}

static void lists_of_both_kinds_are_read(void **state)
{
    (void)state;
    parses("{0: 'person', 1: \"traffic light\", 2: 'car'}", 3, "person", "car");
    parses(" {1:'b' , 0 : \"it's\"} ", 2, "it's", "b");
    parses("{0: 'a',}", 1, "a", "a");
    parses("strong weak\n burst", 3, "strong", "burst");
    parses("wi-fi", 1, "wi-fi", "wi-fi");
}

static void what_is_no_list_is_refused_and_named(void **state)
{
    char many[1024] = "", *at = many;

    (void)state;
    for (int i = 0; i <= G20_CLASSES_MOST; i++)
        at += strlen(strcpy(at, "x "));
    refuses("", "no class");
    refuses("{}", "no class");
    refuses("{0: 'a'", "want , or }");
    refuses("{0: 'a", "has no end");
    refuses("{0 'a'}", "quoted name");
    refuses("{0: a}", "quoted name");
    refuses("{'a': 0}", "want a number");
    refuses("{0: 'a', 2: 'b'}", "class 1 has no name");
    refuses("{0: 'a', 0: 'b'}", "class 0 is there twice");
    refuses("{0: ''}", "0 bytes long");
    refuses("{0: 'a'} and more", "behind the list");
    refuses("{99999999999999999999: 'a'}", "more than 128 classes");
    refuses("0123456789012345678901234567890123456789", "40 bytes long");
    refuses("a\033[2J", "no clean UTF-8");
    refuses("a \xff", "no clean UTF-8");
    refuses(many, "more than 128 classes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_of_both_kinds_are_read),
        cmocka_unit_test(what_is_no_list_is_refused_and_named),
    };

    return cmocka_run_group_tests_name("class_list", tests, NULL, NULL);
}
