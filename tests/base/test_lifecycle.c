/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/clock.h"
#include "base/lifecycle.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

/* What happened, in order: a capital letter for a start, a small one for a stop. */
struct history {
    char text[16];
    size_t len;
    atomic_bool late;
    const char *_Atomic late_part;
};

static void note(struct history *h, char letter)
{
    assert_true(h->len + 1 < sizeof(h->text));
    h->text[h->len++] = letter;
    h->text[h->len] = '\0';
}

static int start_a(void *user, struct g20_err *e)
{
    (void)e;
    note(user, 'A');
    return 0;
}

static void stop_a(void *user)
{
    note(user, 'a');
}

static int start_b(void *user, struct g20_err *e)
{
    (void)e;
    note(user, 'B');
    return 7; /* any value that is not negative is success */
}

static void stop_b(void *user)
{
    note(user, 'b');
}

static int start_bad(void *user, struct g20_err *e)
{
    note(user, 'X');
    return g20_fail(e, -EADDRINUSE, "port 80 is taken");
}

static void stop_bad(void *user)
{
    note(user, 'x');
}

/* Hangs until the watch has called. */
static void stop_hung(void *user)
{
    struct history *h = user;

    while (!atomic_load(&h->late))
        g20_sleep_ns(1000000);
    note(h, 'h');
}

static void on_late(const struct g20_part *part, void *user)
{
    struct history *h = user;

    atomic_store(&h->late_part, part->name);
    atomic_store(&h->late, true);
}

static void parts_stop_in_reverse_order(void **state)
{
    (void)state;
    static const struct g20_part parts[] = {{"a", start_a, stop_a},
                                            {"b", start_b, stop_b},
                                            {"only stop", NULL, stop_bad},
                                            {"only start", start_a, NULL}};
    struct history h = {0};
    struct g20_lifecycle l = {.parts = parts, .count = 4, .user = &h};

    assert_int_equal(g20_lifecycle_start(&l, NULL), 0);
    assert_string_equal(h.text, "ABA");
    g20_lifecycle_stop(&l, 60000, on_late);
    assert_string_equal(h.text, "ABAxba");
    assert_false(h.late);
    g20_lifecycle_stop(&l, 60000, on_late); /* nothing is left to stop */
    assert_string_equal(h.text, "ABAxba");
}

static void a_failed_start_names_its_part_and_is_cleaned_up_too(void **state)
{
    (void)state;
    static const struct g20_part parts[] = {
        {"hub", start_a, stop_a}, {"server", start_bad, stop_bad}, {"never", start_b, stop_b}};
    struct history h = {0};
    struct g20_lifecycle l = {.parts = parts, .count = 3, .user = &h};
    struct g20_err e = {0};

    assert_int_equal(g20_lifecycle_start(&l, &e), -EADDRINUSE);
    assert_string_equal(e.msg, "server: port 80 is taken");
    g20_lifecycle_stop(&l, 60000, on_late);
    assert_string_equal(h.text, "AXxa");
}

static void a_part_that_hangs_is_named_once_the_time_is_up(void **state)
{
    (void)state;
    static const struct g20_part parts[] = {{"a", start_a, stop_a}, {"hung", start_b, stop_hung}};
    struct history h = {0};
    struct g20_lifecycle l = {.parts = parts, .count = 2, .user = &h};

    assert_int_equal(g20_lifecycle_start(&l, NULL), 0);
    g20_lifecycle_stop(&l, 20, on_late);
    assert_string_equal(h.late_part, "hung");
    assert_string_equal(h.text, "ABha"); /* and the rest was stopped all the same */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_stop_in_reverse_order),
        cmocka_unit_test(a_failed_start_names_its_part_and_is_cleaned_up_too),
        cmocka_unit_test(a_part_that_hangs_is_named_once_the_time_is_up),
    };

    return cmocka_run_group_tests_name("lifecycle", tests, NULL, NULL);
}
