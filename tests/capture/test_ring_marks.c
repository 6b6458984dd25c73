/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "capture/ring_marks.h"
#include "folder.h"

#include <errno.h>

static struct g20_ring_mark run(uint64_t pos, uint64_t samples)
{
    return (struct g20_ring_mark){.pos = pos,
                                  .samples = samples,
                                  .first_sample = pos,
                                  .time_us = 1000 + pos,
                                  .center_hz = 1e8,
                                  .rate_hz = 1e6,
                                  .format = G20_CI8,
                                  .flags = G20_BLOCK_GAP};
}

static void a_position_is_found_in_its_run_or_the_next(void **state)
{
    struct g20_ring_marks m;
    struct g20_ring_mark r;

    (void)state;
    assert_int_equal(g20_ring_marks_init(&m, 3), 0);
    assert_int_equal(g20_ring_marks_find(&m, 0), 0);
    for (uint64_t i = 0; i < 5; i++) { /* 0..20, 100..120, ...; two fall out */
        r = run(i * 100, 10);
        g20_ring_marks_add(&m, &r);
    }
    assert_int_equal(m.count, 3);
    assert_int_equal(g20_ring_marks_at(&m, 0)->pos, 200);
    assert_int_equal(g20_ring_marks_find(&m, 0), 0);
    assert_int_equal(g20_ring_marks_find(&m, 219), 0);
    assert_int_equal(g20_ring_marks_find(&m, 220), 1);
    assert_int_equal(g20_ring_marks_find(&m, 419), 2);
    assert_int_equal(g20_ring_marks_find(&m, 420), 3);
    g20_ring_marks_drop(&m, 319);
    assert_int_equal(m.count, 2);
    g20_ring_marks_drop(&m, 320);
    assert_int_equal(m.count, 1);
    assert_int_equal(g20_ring_mark_time(&r, 10), 1410);
    g20_ring_marks_fini(&m);
}

static void an_index_comes_back_and_a_damaged_one_is_refused(void **state)
{
    const struct g20_ring_index x = {.generation = 7, .cap = 4096, .tail = 90, .head = 500};
    struct g20_ring_index y;
    struct g20_ring_marks m, back;
    struct g20_err e = {0};
    uint8_t data[G20_RING_INDEX_HEAD + 2 * G20_RING_INDEX_MARK];

    (void)state;
    assert_int_equal(g20_ring_marks_init(&m, 4), 0);
    assert_int_equal(g20_ring_marks_init(&back, 4), 0);
    for (uint64_t i = 1; i < 3; i++) {
        const struct g20_ring_mark r = run(i * 100, 10);
        g20_ring_marks_add(&m, &r);
    }
    assert_int_equal(g20_ring_index_bytes(m.count), sizeof(data));
    g20_ring_index_write(&x, &m, data);
    assert_int_equal(g20_ring_index_read(data, sizeof(data), &y, &back, &e), 0);
    assert_memory_equal(&x, &y, sizeof(x));
    assert_int_equal(back.count, 2);
    assert_memory_equal(g20_ring_marks_at(&m, 1), g20_ring_marks_at(&back, 1), sizeof(*m.mark));

    for (size_t i = 0; i < sizeof(data); i++) { /* any one byte */
        data[i] ^= 0x41;
        const int r = g20_ring_index_read(data, sizeof(data), &y, &back, &e);
        assert_true(r == -ENODATA || r == G20_EVERSION || r == G20_EFORMAT);
        data[i] ^= 0x41;
    }
    for (size_t n = 0; n < sizeof(data); n++)
        assert_true(g20_ring_index_read(data, n, &y, &back, &e) < 0);
    g20_ring_marks_fini(&m);
    g20_ring_marks_fini(&back);
}

static void a_right_sum_does_not_excuse_wrong_contents(void **state)
{
    static const struct {
        size_t at;
        uint8_t value;
    } wrong[] = {{32, 1}, {47, 0x70}, {64 + 0, 0}, {64 + 9, 0x10}, {64 + 48, 9}, {64 + 52, 0x80}};
    const struct g20_ring_index x = {.generation = 7, .cap = 4096, .tail = 90, .head = 500};
    struct g20_ring_index y;
    struct g20_ring_marks m, back;
    struct g20_err e = {0};
    uint8_t data[G20_RING_INDEX_HEAD + G20_RING_INDEX_MARK];
    const struct g20_ring_mark r = run(100, 10);

    (void)state;
    assert_int_equal(g20_ring_marks_init(&m, 4), 0);
    assert_int_equal(g20_ring_marks_init(&back, 4), 0);
    g20_ring_marks_add(&m, &r);
    for (size_t i = 0; i < G20_COUNT_OF(wrong); i++) {
        g20_ring_index_write(&x, &m, data);
        if (i == 0) /* a tail that leaves the run before it is fine: this one is behind it */
            data[wrong[i].at + 1] = wrong[i].value;
        else
            data[wrong[i].at] = wrong[i].value;
        const uint64_t sum = g20_ring_index_sum(data, sizeof(data));
        memcpy(data + 56, &sum, 8);
        if (g20_ring_index_read(data, sizeof(data), &y, &back, &e) != G20_EFORMAT)
            fail_msg("case %zu was accepted", i);
    }
    g20_ring_marks_fini(&m);
    g20_ring_marks_fini(&back);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_position_is_found_in_its_run_or_the_next),
        cmocka_unit_test(an_index_comes_back_and_a_damaged_one_is_refused),
        cmocka_unit_test(a_right_sum_does_not_excuse_wrong_contents),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
