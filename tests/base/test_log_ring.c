/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/alloc.h"
#include "base/log.h"
#include "base/log_ring.h"
#include "base/rng.h"
#include "base/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct g20_log_ring *make(void)
{
    struct g20_log_ring *r;

    assert_int_equal(g20_log_ring_create(&r, 0, NULL), 0);
    return r;
}

/* A line that says its number and is @len bytes long. */
static void put(struct g20_log_ring *r, int number, size_t len)
{
    static char line[G20_LOG_RING_LEAST];
    const int n = snprintf(line, sizeof(line), "{\"n\":%d,\"pad\":\"", number);

    memset(line + n, 'x', len - (size_t)n - 2);
    memcpy(line + len - 2, "\"}", 2);
    g20_log_ring_put(line, len, r);
}

/* The array after @after; the caller owns it. */
static json_t *lines_after(struct g20_log_ring *r, uint64_t after, uint32_t most,
                           struct g20_log_page *page)
{
    struct g20_text t = {0};

    g20_text_puts(&t, "[");
    g20_log_ring_read(r, after, most, &t, page);
    g20_text_puts(&t, "]");
    assert_false(t.failed);
    json_t *o = json_loads(t.data, 0, NULL);
    g20_text_fini(&t);
    assert_non_null(o);
    assert_int_equal(json_array_size(o), page->lines);
    return o;
}

static int64_t number_of(const json_t *list, size_t i)
{
    return json_integer_value(json_object_get(json_array_get(list, i), "n"));
}

static void a_reader_gets_what_is_new_and_is_told_what_it_missed(void **state)
{
    struct g20_log_ring *r = make();
    struct g20_log_page page;

    (void)state;
    json_decref(lines_after(r, 0, 10, &page));
    assert_true(page.next == 0 && page.missed == 0 && page.lines == 0);
    for (int i = 1; i <= 5; i++)
        put(r, i, 40);
    json_t *o = lines_after(r, 2, 10, &page);
    assert_int_equal(number_of(o, 0), 3);
    assert_true(page.next == 5 && page.missed == 0 && page.lines == 3);
    json_decref(o);
    o = lines_after(r, 0, 2, &page); /* the newest */
    assert_int_equal(number_of(o, 0), 4);
    assert_true(page.next == 5 && page.missed == 3);
    json_decref(o);
    o = lines_after(r, 1000, 10, &page); /* a number of the daemon before */
    assert_int_equal(page.lines, 5);
    json_decref(o);
    g20_log_ring_destroy(r);
}

static void whatever_the_lengths_the_newest_lines_are_kept_whole(void **state)
{
    struct g20_log_ring *r = make();
    struct g20_rng rng;
    struct g20_log_page page;

    (void)state;
    g20_rng_init(&rng, 5);
    for (int i = 1; i <= 20000; i++) {
        put(r, i, 24 + g20_rng_below(&rng, i % 100 == 0 ? 16000 : 400));
        if (i % 997 != 0)
            continue;
        json_t *o = lines_after(r, 0, 100000, &page);
        const size_t n = json_array_size(o);

        assert_true(page.next == (uint64_t)i && page.missed + n == (uint64_t)i);
        assert_true(n >= 3);
        for (size_t k = 0; k < n; k++) /* no hole, none out of order */
            assert_int_equal(number_of(o, k), i - (int64_t)(n - 1 - k));
        json_decref(o);
    }
    g20_log_ring_destroy(r);
}

static void short_lines_are_bounded_by_their_number(void **state)
{
    struct g20_log_ring *r = make();
    struct g20_log_page page;

    (void)state;
    for (int i = 1; i <= 3 * G20_LOG_RING_LINES; i++)
        put(r, i, 24);
    json_t *o = lines_after(r, 0, 100000, &page);
    assert_int_equal(json_array_size(o), G20_LOG_RING_LINES);
    assert_int_equal(number_of(o, 0), 2 * G20_LOG_RING_LINES + 1);
    json_decref(o);
    g20_log_ring_destroy(r);
}

static void a_line_too_long_to_keep_is_counted(void **state)
{
    struct g20_log_ring *r = make();
    struct g20_log_page page;

    (void)state;
    put(r, 1, 40);
    put(r, 2, G20_LOG_RING_LEAST / 4 + 1);
    put(r, 3, 40);
    json_t *o = lines_after(r, 0, 10, &page);
    assert_true(page.next == 3 && page.missed == 1 && page.lines == 2);
    assert_int_equal(number_of(o, 1), 3);
    json_decref(o);
    g20_log_ring_destroy(r);
}

static void *log_much(void *arg)
{
    (void)arg;
    for (int i = 0; i < 500; i++)
        g20_log(G20_LOG_INFO, "test", "many \"threads\"", G20_F_INT("n", i));
    return NULL;
}

static void it_takes_the_log_from_any_thread_in_either_format(void **state)
{
    struct g20_log_ring *r = make();
    struct g20_log_page page;
    struct g20_thread t[3];
    const int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

    (void)state;
    g20_log_setup(G20_LOG_TEXT, fd);
    g20_log_tap(g20_log_ring_put, r);
    for (size_t i = 0; i < G20_COUNT_OF(t); i++)
        assert_int_equal(g20_thread_start(&t[i], "log", log_much, NULL, NULL), 0);
    for (size_t i = 0; i < G20_COUNT_OF(t); i++)
        g20_thread_join(&t[i]);
    g20_log_tap(NULL, NULL);
    log_much(NULL); /* nobody listens */
    g20_log_setup(G20_LOG_JSON, 2);
    close(fd);
    json_t *o = lines_after(r, 0, 10, &page);
    assert_int_equal(page.next, 1500);
    assert_string_equal(json_string_value(json_object_get(json_array_get(o, 9), "message")),
                        "many \"threads\"");
    json_decref(o);
    g20_log_ring_destroy(r);
}

static void create_survives_failed_allocations(void **state)
{
    struct g20_log_ring *r = NULL;

    (void)state;
    for (uint64_t nth = 0; nth < 8; nth++) {
        g20_alloc_fail_at(nth);
        const int rc = g20_log_ring_create(&r, 0, NULL);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        if (rc == 0) {
            assert_true(nth > 0);
            g20_log_ring_destroy(r);
            break;
        }
        assert_int_equal(rc, -ENOMEM);
    }
    g20_log_ring_destroy(NULL);
    assert_int_equal(g20_alloc_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reader_gets_what_is_new_and_is_told_what_it_missed),
        cmocka_unit_test(whatever_the_lengths_the_newest_lines_are_kept_whole),
        cmocka_unit_test(short_lines_are_bounded_by_their_number),
        cmocka_unit_test(a_line_too_long_to_keep_is_counted),
        cmocka_unit_test(it_takes_the_log_from_any_thread_in_either_format),
        cmocka_unit_test(create_survives_failed_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
