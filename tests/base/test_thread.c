/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/alloc.h"
#include "base/thread.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

struct seen {
    char name[32];
    bool blocked;
    atomic_bool go;
};

static void *look(void *arg)
{
    struct seen *s = arg;
    sigset_t mask;

    pthread_getname_np(pthread_self(), s->name, sizeof(s->name));
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    s->blocked = sigismember(&mask, SIGTERM) && sigismember(&mask, SIGINT);
    while (!atomic_load(&s->go))
        sched_yield();
    return NULL;
}

static void a_thread_has_its_name_and_takes_no_signals(void **state)
{
    (void)state;
    struct seen s = {.go = true};
    struct g20_thread t = {0};
    sigset_t mask;

    assert_int_equal(g20_thread_start(&t, "g20-a-name-too-long", look, &s, NULL), 0);
    g20_thread_join(&t);
    assert_string_equal(s.name, "g20-a-name-too-"); /* 15 bytes */
    assert_true(s.blocked);
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    assert_false(sigismember(&mask, SIGTERM)); /* ours are as they were */
}

static void joining_waits_and_can_be_done_again(void **state)
{
    (void)state;
    struct seen s = {.go = false};
    struct g20_thread t = {0};

    g20_thread_join(&t); /* never started */
    assert_int_equal(g20_thread_start(&t, "look", look, &s, NULL), 0);
    assert_true(t.running);
    atomic_store(&s.go, true);
    g20_thread_join(&t);
    assert_string_equal(s.name, "look"); /* it had run to its end */
    assert_false(t.running);
    g20_thread_join(&t);
    assert_int_equal(g20_alloc_live(), 0);
}

static void a_start_that_fails_says_which_thread(void **state)
{
    (void)state;
    struct g20_thread t = {0};
    struct g20_err e = {0};

    g20_alloc_fail_at(0);
    assert_int_equal(g20_thread_start(&t, "look", look, NULL, &e), -ENOMEM);
    g20_alloc_fail_at(G20_ALLOC_NEVER);
    assert_non_null(strstr(e.msg, "look"));
    assert_false(t.running);
}

static void *give_way(void *arg)
{
    int *nice_of = arg;

    g20_thread_give_way(3);
    *nice_of = getpriority(PRIO_PROCESS, 0); /* Linux: of this thread */
    return NULL;
}

static void a_thread_that_gives_way_is_nicer_than_the_others(void **state)
{
    (void)state;
    struct g20_thread t = {0};
    const int ours = getpriority(PRIO_PROCESS, 0);
    int its = 0;

    assert_int_equal(g20_thread_start(&t, "nice", give_way, &its, NULL), 0);
    g20_thread_join(&t);
    assert_int_equal(its, G20_MIN(ours + 3, 19));
    assert_int_equal(getpriority(PRIO_PROCESS, 0), ours);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thread_has_its_name_and_takes_no_signals),
        cmocka_unit_test(joining_waits_and_can_be_done_again),
        cmocka_unit_test(a_start_that_fails_says_which_thread),
        cmocka_unit_test(a_thread_that_gives_way_is_nicer_than_the_others),
    };

    return cmocka_run_group_tests_name("thread", tests, NULL, NULL);
}
