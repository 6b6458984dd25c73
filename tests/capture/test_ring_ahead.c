/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "capture/ring_own.h"
#include "ring_blocks.h"

#include <malloc.h>
#include <sys/mman.h>

enum { LEN = 4001 };

/* Of the ring's memory, in bytes. */
static uint64_t resident(const struct g20_ring *r)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), n = r->cap / page;
    unsigned char *there = malloc(n + 1);
    void *from = (void *)(((uintptr_t)r->word + page - 1) / page * page);
    uint64_t pages = 0;

    assert_non_null(there);
    assert_int_equal(mincore(from, (n - 1) * page, there), 0);
    for (size_t i = 0; i < n - 1; i++)
        pages += there[i] & 1;
    free(there);
    return pages * page;
}

static void wait_until_touched(struct g20_ring *r, uint64_t pos)
{
    uint64_t touched;

    for (int i = 0; i < 60000; i++) {
        pthread_mutex_lock(&r->lock);
        touched = r->ahead.touched;
        pthread_mutex_unlock(&r->lock);
        if (touched >= pos)
            return;
        usleep(1000);
    }
    fail_msg("touched up to %llu, not %llu", (unsigned long long)touched, (unsigned long long)pos);
}

/* Never more than the step ahead (and what a huge page rounds up to), so that a ring costs what it
 * holds; all of it after one way round. */
static void its_memory_is_touched_a_bounded_step_ahead_of_the_writer(void **state)
{
    enum { MB = 1 << 20, CAP = 96 * MB, HUGE_PAGE = 2 * MB };
    const struct g20_ring_cfg cfg = {.bytes = CAP};
    struct g20_pool *pool = NULL;
    struct g20_ring *r = NULL;
    uint64_t first = 0;

    (void)state;
    assert_int_equal(g20_pool_create(&pool, 3, 4096), 0);
    assert_int_equal(g20_ring_create(&r, &cfg, NULL, NULL), 0);
    wait_until_touched(r, G20_RING_AHEAD);
    assert_in_range(resident(r), G20_RING_AHEAD - HUGE_PAGE, G20_RING_AHEAD + 2 * HUGE_PAGE);
    for (; 4 * first < 40 * MB; first += LEN)
        push(r, pool, first, LEN, 1e8);
    wait_until_touched(r, 4 * first + G20_RING_AHEAD / 2);
    assert_true(resident(r) >= 4 * first + G20_RING_AHEAD / 2 - HUGE_PAGE);
    assert_true(resident(r) <= 4 * first + G20_RING_AHEAD + 2 * HUGE_PAGE);
    for (; 4 * first < CAP + MB; first += LEN)
        push(r, pool, first, LEN, 1e8);
    wait_until_touched(r, CAP);
    struct g20_ring_state st;
    uint64_t oldest = 0;
    uint32_t gaps;
    g20_ring_state(r, &st);
    assert_true(read_all(r, st.from_us, 0, &oldest, &gaps) >= CAP / 4 - LEN && gaps == 0);
    g20_ring_destroy(r);
    g20_pool_destroy(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_memory_is_touched_a_bounded_step_ahead_of_the_writer),
    };

    (void)mallopt(M_PERTURB, 0); /* which Meson asks for, and which touches all */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
