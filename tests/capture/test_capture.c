/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Captures of blocks that a test publishes: every sample is where its number says. */
#include "capture/capture.h"
#include "folder.h"
#include "source/sigmf.h"

#include <errno.h>
#include <time.h>

enum { LEN = 4000 };

static char folder[256];

struct bench {
    struct g20_hub *hub;
    struct g20_pool *pool;
    struct g20_tap *tap;
    struct g20_ring *ring; /* NULL: none */
    struct g20_captures *captures;
    enum g20_run_state run;
};

static void fake_state(struct g20_control_state *ret, void *user)
{
    *ret = (struct g20_control_state){.run = ((struct bench *)user)->run, .has_source = true};
    ret->stats.rate_hz = 1e6;
    ret->stats.center_hz = 100e6;
    ret->source.format = G20_CI16;
}

static int set_up_with(struct bench *b, bool with_ring, struct g20_err *e)
{
    const struct g20_control control = {.state = fake_state, .user = b};
    const struct g20_ring_cfg ring = {.bytes = G20_RING_LEAST};
    struct g20_captures_cfg cfg = {.folder = folder, .sessions = 2};

    *b = (struct bench){.run = G20_RUN_RUNNING};
    int r = g20_hub_create(&b->hub);
    if (r >= 0)
        r = g20_pool_create(&b->pool, 64, LEN);
    if (r >= 0)
        r = g20_tap_create(&b->tap, b->hub, 40, e);
    if (r >= 0 && with_ring)
        r = g20_ring_create(&b->ring, &ring, b->tap, e);
    cfg.ring = b->ring;
    if (r >= 0)
        r = g20_captures_create(&b->captures, &cfg, b->tap, &control, NULL, e);
    return r;
}

static int set_up(struct bench *b, struct g20_err *e)
{
    return set_up_with(b, false, e);
}

static void tear_down(struct bench *b)
{
    g20_captures_destroy(b->captures);
    g20_ring_destroy(b->ring);
    g20_tap_destroy(b->tap);
    g20_hub_destroy(b->hub);
    g20_pool_destroy(b->pool);
}

static int start(struct bench *b, const char *id, const char *path, double bandwidth,
                 uint64_t max_bytes, struct g20_err *e)
{
    const struct g20_capture_request q = {.session_id = id,
                                          .output_path = path,
                                          .center_hz = bandwidth > 0 ? 100.1e6 : 0,
                                          .bandwidth_hz = bandwidth,
                                          .max_bytes = max_bytes};

    *e = (struct g20_err){0};
    return g20_captures_start(b->captures, &q, NULL, e);
}

static void publish(struct bench *b, uint64_t first, double center_hz)
{
    struct g20_block *block = numbered_block(b->pool, first, LEN);

    block->center_hz = center_hz;
    g20_hub_block(b->hub, block);
    g20_block_unref(&block);
}

/* Until the capture has all that was published. */
static struct g20_capture_info wait_for(struct bench *b, uint64_t samples)
{
    struct g20_capture_info info = {.samples = 0};

    for (int i = 0; i < 10000; i++) {
        assert_int_equal(g20_captures_list(b->captures, &info, 1), 1);
        if (info.samples >= samples || info.state != G20_CAPTURE_RUNNING)
            return info;
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    fail_msg("only %llu samples came", (unsigned long long)info.samples);
    return info;
}

static void gaps_and_retunes_begin_segments(void **state)
{
    struct g20_capture_info info;
    struct g20_sigmf *m = NULL;
    struct g20_err e = {0};
    struct bench b;
    char path[1200];

    (void)state;
    assert_int_equal(set_up(&b, &e), 0);
    if (start(&b, "a", "sub/one", 0, 0, &e) < 0)
        fail_msg("%s", e.msg);
    assert_true(wait_for(&b, 0).center_hz == 100e6); /* the source's, until samples come */
    for (uint64_t i = 0; i < 10; i++)
        publish(&b, 7000 + i * LEN, 100.5e6);
    for (uint64_t i = 0; i < 10; i++) /* 1000 samples are missing */
        publish(&b, 8000 + (10 + i) * LEN, 100.5e6);
    publish(&b, 8000 + (uint64_t)20 * LEN, 101e6);
    wait_for(&b, (uint64_t)21 * LEN);
    assert_int_equal(g20_captures_stop(b.captures, "a", &info, &e), 0);
    assert_int_equal(info.state, G20_CAPTURE_DONE);
    assert_int_equal(info.samples, 21 * LEN);
    assert_int_equal(info.bytes, 21 * LEN * 4);
    assert_int_equal(info.dropped, 1000);
    assert_int_equal(info.segments, 3);
    assert_true(info.center_hz == 100.5e6 && info.bandwidth_hz == 0);
    assert_int_equal(info.start_us, 1700000000000000u + 7000);
    if (g20_sigmf_load(&m, info.path, &e) < 0)
        fail_msg("%s", e.msg);
    assert_int_equal(m->ncaptures, 3);
    assert_int_equal(m->captures[1].sample_start, 10 * LEN);
    assert_int_equal(m->captures[1].time_us, 1700000000000000u + 8000 + 10 * LEN);
    assert_true(m->captures[2].center_hz == 101e6);
    g20_sigmf_destroy(m);
    snprintf(path, sizeof(path), "%s.sigmf-data", info.path);
    FILE *f = fopen(path, "rbe");
    assert_non_null(f);
    for (uint64_t i = 0; i < (uint64_t)21 * LEN; i++) {
        const uint64_t n = i + (i < (uint64_t)10 * LEN ? 7000 : 8000);
        int16_t x[2];
        assert_int_equal(fread(x, 4, 1, f), 1);
        assert_int_equal(x[0], n % 20011);
        assert_int_equal(x[1], -(int)(n % 20011));
    }
    fclose(f);
    assert_int_equal(g20_captures_stop(b.captures, "a", &info, &e), -ENOENT);
    tear_down(&b);
}

static void limits_end_a_capture(void **state)
{
    struct g20_capture_info info;
    struct g20_captures_stats st;
    struct g20_err e = {0};
    struct bench b;

    (void)state;
    assert_int_equal(set_up(&b, &e), 0);
    assert_int_equal(start(&b, "a", "small", 0, 30001, &e), 0);
    for (uint64_t i = 0; i < 5; i++)
        publish(&b, i * LEN, 100e6);
    do
        info = wait_for(&b, 1000000);
    while (info.state == G20_CAPTURE_RUNNING);
    assert_int_equal(info.state, G20_CAPTURE_DONE);
    assert_int_equal(info.bytes, 30000);
    assert_non_null(strstr(info.why, "size"));
    g20_captures_stats(b.captures, &st);
    assert_true(st.running == 0 && st.started == 1 && st.bytes == 30000);
    assert_int_equal(start(&b, "a", "again", 0, 0, &e), 0); /* takes the place of the ended one */
    assert_int_equal(g20_captures_stop(b.captures, "a", &info, &e), 0);
    assert_int_equal(info.state, G20_CAPTURE_FAILED); /* no sample came */
    tear_down(&b);
}

static void a_band_is_recorded_at_its_own_rate(void **state)
{
    struct g20_capture_info info;
    struct g20_err e = {0};
    struct bench b;

    (void)state;
    assert_int_equal(set_up(&b, &e), 0);
    assert_int_equal(start(&b, "band", "band", 50e3, 0, &e), 0);
    for (uint64_t i = 0; i < 30; i++)
        publish(&b, i * LEN, 100e6);
    wait_for(&b, 7000);
    assert_int_equal(g20_captures_stop(b.captures, "band", &info, &e), 0);
    assert_true(info.rate_hz == 62.5e3);
    assert_int_equal(info.bytes, info.samples * 8);
    assert_in_range(info.samples, 7000, 7500); /* 120000 / 16 */
    tear_down(&b);
}

static void faults_are_named(void **state)
{
    struct g20_err e = {0};
    struct bench b;

    (void)state;
    assert_int_equal(set_up(&b, &e), 0);
    assert_int_equal(start(&b, "", "x", 0, 0, &e), -EINVAL);
    assert_non_null(strstr(e.msg, "session_id"));
    assert_int_equal(start(&b, "a/b", "x", 0, 0, &e), -EINVAL);
    assert_int_equal(start(&b, "a", "../x", 0, 0, &e), -EINVAL);
    assert_non_null(strstr(e.msg, "output_path"));
    assert_int_equal(start(&b, "a", "x", -1, 0, &e), -EINVAL);
    assert_non_null(strstr(e.msg, "bandwidth_hz"));
    assert_int_equal(start(&b, "a", "x", 2e6, 0, &e), -ERANGE);
    assert_int_equal(start(&b, "a", "x", 0, 0, &e), 0);
    assert_int_equal(start(&b, "a", "y", 0, 0, &e), -EEXIST);
    assert_int_equal(start(&b, "b", "x", 0, 0, &e), -EEXIST);
    assert_non_null(strstr(e.msg, "output_path"));
    assert_int_equal(start(&b, "b", "y", 0, 0, &e), 0);
    assert_int_equal(start(&b, "c", "z", 0, 0, &e), -EUSERS);
    b.run = G20_RUN_FAILED;
    assert_int_equal(start(&b, "d", "z", 0, 0, &e), -ENODEV);
    tear_down(&b);
}

/* ---- with a ring ---- */

#define T0 1700000000000000u

static void fill(struct bench *b, uint64_t from, uint64_t to)
{
    struct g20_ring_state st = {.taken = 0};

    for (uint64_t i = from; i < to; i++) {
        publish(b, i * LEN, 100e6);
        for (int k = 0; k < 10000; k++) { /* the tap does not wait, so we do */
            g20_ring_state(b->ring, &st);
            if (st.to_us == T0 + (i + 1) * LEN)
                break;
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        }
    }
}

static struct g20_capture_info ended(struct bench *b)
{
    struct g20_capture_info info = {.samples = 0};

    for (int i = 0; i < 20000; i++) {
        assert_int_equal(g20_captures_list(b->captures, &info, 1), 1);
        if (info.state != G20_CAPTURE_RUNNING)
            return info;
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    fail_msg("it does not end");
    return info;
}

/* The first and the last sample of a capture tell their numbers. */
static void check_ends(const struct g20_capture_info *info, uint64_t first, uint64_t last)
{
    char path[1100];
    int16_t x[2];

    assert_int_equal(info->state, G20_CAPTURE_DONE);
    assert_int_equal(info->samples, last - first);
    snprintf(path, sizeof(path), "%s.sigmf-data", info->path);
    FILE *f = fopen(path, "rbe");
    assert_non_null(f);
    assert_int_equal(fread(x, 4, 1, f), 1);
    assert_int_equal(x[0], first % 20011);
    fseek(f, -4, SEEK_END);
    assert_int_equal(fread(x, 4, 1, f), 1);
    assert_int_equal(x[0], (last - 1) % 20011);
    fclose(f);
}

static void the_past_is_captured_to_the_sample(void **state)
{
    struct g20_capture_request q = {
        .session_id = "past", .output_path = "past", .start_us = T0 + 12345, .end_us = T0 + 23456};
    struct g20_capture_info info;
    struct g20_err e = {0};
    struct bench b;

    (void)state;
    assert_int_equal(set_up_with(&b, true, &e), 0);
    fill(&b, 0, 20);
    if (g20_captures_start(b.captures, &q, &info, &e) < 0)
        fail_msg("%s", e.msg);
    assert_int_equal(info.start_us, T0 + 12345);
    info = ended(&b);
    check_ends(&info, 12345, 23456);

    /* A part of that recording. */
    q = (struct g20_capture_request){.session_id = "part",
                                     .output_path = "part",
                                     .from = "past",
                                     .start_us = T0 + 13000,
                                     .end_us = T0 + 14000};
    assert_int_equal(g20_captures_stop(b.captures, "past", &info, &e), 0);
    if (g20_captures_start(b.captures, &q, NULL, &e) < 0)
        fail_msg("%s", e.msg);
    info = ended(&b);
    check_ends(&info, 13000, 14000);
    assert_int_equal(g20_captures_stop(b.captures, "part", &info, &e), 0);

    /* An end in the future is waited for, and may move. */
    q = (struct g20_capture_request){
        .session_id = "on", .output_path = "on", .start_us = T0 + 70000, .end_us = T0 + 90000};
    assert_int_equal(g20_captures_start(b.captures, &q, NULL, &e), 0);
    assert_int_equal(g20_captures_end_at(b.captures, "on", T0 + 100000, &e), 0);
    assert_int_equal(g20_captures_end_at(b.captures, "none", 1, &e), -ENOENT);
    fill(&b, 20, 30);
    info = ended(&b);
    check_ends(&info, 70000, 100000);
    tear_down(&b);
}

static void a_capture_may_begin_before_it_is_asked_for(void **state)
{
    struct g20_capture_request q = {.session_id = "pre", .output_path = "pre", .pre_s = 0.05};
    struct g20_capture_info info;
    struct g20_err e = {0};
    struct bench b;

    (void)state;
    assert_int_equal(set_up_with(&b, true, &e), 0);
    fill(&b, 0, 20);
    assert_int_equal(g20_captures_start(b.captures, &q, NULL, &e), 0);
    fill(&b, 20, 22);
    assert_int_equal(g20_captures_stop(b.captures, "pre", &info, &e), 0);
    check_ends(&info, 20 * LEN - 50000, 22 * LEN);
    assert_string_equal(info.why, "stopped");
    tear_down(&b);
}

static void what_cannot_be_is_refused(void **state)
{
    struct g20_capture_request q = {.session_id = "x", .output_path = "x", .start_us = T0 - 1000};
    struct g20_err e = {0};
    struct bench b;

    (void)state;
    assert_int_equal(set_up_with(&b, true, &e), 0);
    fill(&b, 0, 3);
    assert_int_equal(g20_captures_start(b.captures, &q, NULL, &e), -ENODATA);
    assert_non_null(strstr(e.msg, "not held any more"));
    q.start_us = T0 + 100;
    q.end_us = T0 + 100;
    assert_int_equal(g20_captures_start(b.captures, &q, NULL, &e), -EINVAL);
    q.end_us = 0;
    q.pre_s = 1;
    assert_int_equal(g20_captures_start(b.captures, &q, NULL, &e), -EINVAL);
    q.pre_s = 0;
    q.start_us = T0 + (uint64_t)120e6;
    assert_int_equal(g20_captures_start(b.captures, &q, NULL, &e), -EINVAL);
    q.start_us = T0 + 100;
    q.center_hz = 200e6;
    q.bandwidth_hz = 1e5;
    assert_int_equal(g20_captures_start(b.captures, &q, NULL, &e), -ERANGE);
    q = (struct g20_capture_request){.session_id = "x", .output_path = "x", .from = "nosuch"};
    assert_true(g20_captures_start(b.captures, &q, NULL, &e) < 0);
    tear_down(&b);

    assert_int_equal(set_up(&b, &e), 0);
    q = (struct g20_capture_request){.session_id = "x", .output_path = "x", .pre_s = 1};
    assert_int_equal(g20_captures_start(b.captures, &q, NULL, &e), -ENODATA);
    assert_non_null(strstr(e.msg, "storage.ring_bytes"));
    tear_down(&b);
}

static void allocations_may_fail(void **state)
{
    const int64_t live = g20_alloc_live();

    for (uint64_t nth = 0;; nth++) {
        struct g20_err e = {0};
        struct bench b;

        g20_alloc_fail_at(nth);
        int r = set_up_with(&b, *state != NULL, &e);
        if (r >= 0)
            r = start(&b, "a", "alloc", 50e3, 0, &e);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        tear_down(&b);
        assert_int_equal(g20_alloc_live(), live);
        if (r >= 0)
            break;
        assert_true(nth < 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gaps_and_retunes_begin_segments),
        cmocka_unit_test(limits_end_a_capture),
        cmocka_unit_test(a_band_is_recorded_at_its_own_rate),
        cmocka_unit_test(faults_are_named),
        cmocka_unit_test(the_past_is_captured_to_the_sample),
        cmocka_unit_test(a_capture_may_begin_before_it_is_asked_for),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(allocations_may_fail),
        cmocka_unit_test_prestate(allocations_may_fail, folder),
    };
    make_folder(folder, sizeof(folder));
    const int r = cmocka_run_group_tests_name("capture", tests, NULL, NULL);
    remove_folder(folder);
    return r;
}
