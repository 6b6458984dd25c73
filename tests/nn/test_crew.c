/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "nn/crew.h"

#include "base/alloc.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { ROUNDS = 50, MOST = 4 };

struct table {
    uint32_t step[ROUNDS + 1][MOST]; /* what each member wrote, a row a round */
    uint32_t wrong;
};

/* Each member adds up what all wrote in the round before: right only behind a meeting. */
static void work(struct g20_crew *c, uint32_t member, uint32_t members, void *user)
{
    struct table *t = user;

    for (uint32_t k = 0; k < ROUNDS; k++) {
        uint32_t sum = 0;
        for (uint32_t i = 0; i < members; i++)
            sum += t->step[k][i];
        t->step[k + 1][member] = sum / members + 1;
        g20_crew_meet(c);
    }
    if (member == 0)
        t->wrong = t->step[ROUNDS][members - 1] != ROUNDS;
}

static void members_see_what_the_others_wrote_before_they_met(void **state)
{
    (void)state;
    for (uint32_t members = 1; members <= MOST; members++) {
        struct g20_crew *c;
        struct g20_err e;
        assert_int_equal(g20_crew_create(&c, members, &e), 0);
        for (int job = 0; job < 20; job++) {
            struct table t = {.wrong = 7};
            g20_crew_run(c, work, &t);
            assert_int_equal(t.wrong, 0);
            for (uint32_t i = 0; i < members; i++)
                assert_int_equal(t.step[ROUNDS][i], ROUNDS);
        }
        g20_crew_destroy(c);
    }
}

static void what_it_took_is_given_back(void **state)
{
    const int64_t before = g20_alloc_live();
    struct g20_crew *c;
    struct g20_err e;

    (void)state;
    assert_int_equal(g20_crew_create(&c, 100, &e), 0); /* no more than G20_CREW_MAX */
    g20_crew_destroy(c);
    g20_crew_destroy(NULL);
    assert_int_equal(g20_alloc_live(), before);
    g20_alloc_fail_at(0);
    assert_int_equal(g20_crew_create(&c, 2, &e), -ENOMEM);
    g20_alloc_fail_at(G20_ALLOC_NEVER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_see_what_the_others_wrote_before_they_met),
        cmocka_unit_test(what_it_took_is_given_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
