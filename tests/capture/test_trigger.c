/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Triggers on emissions that a test reports, beside blocks that it publishes. */
#include "capture/trigger.h"
#include "folder.h"
#include "source/sigmf.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

enum { LEN = 4000 };

#define T0 1700000000000000u

static char folder[256];

struct bench {
    struct g20_hub *hub;
    struct g20_pool *pool;
    struct g20_tap *tap;
    struct g20_ring *ring;
    struct g20_captures *captures;
    struct g20_triggers *triggers;
    pthread_mutex_t lock;
    struct g20_capture_info done[64]; /* (ndone) */
    size_t ndone;
    uint64_t next; /* block */
};

static void fake_state(struct g20_control_state *ret, void *user)
{
    (void)user;
    *ret = (struct g20_control_state){.run = G20_RUN_RUNNING, .has_source = true};
    ret->stats.rate_hz = 1e6;
    ret->stats.center_hz = 100e6;
    ret->source.format = G20_CI16;
}

static void on_done(const struct g20_capture_info *info, void *user)
{
    struct bench *b = user;

    pthread_mutex_lock(&b->lock);
    if (b->ndone < G20_COUNT_OF(b->done))
        b->done[b->ndone++] = *info;
    pthread_mutex_unlock(&b->lock);
}

static int set_up(struct bench *b, struct g20_err *e)
{
    const struct g20_control control = {.state = fake_state};
    const struct g20_ring_cfg ring = {.bytes = G20_RING_LEAST};
    struct g20_captures_cfg cfg = {.folder = folder, .sessions = 4, .done = on_done, .user = b};

    *b = (struct bench){.next = 0};
    pthread_mutex_init(&b->lock, NULL);
    int r = g20_hub_create(&b->hub);
    if (r >= 0)
        r = g20_pool_create(&b->pool, 64, LEN);
    if (r >= 0)
        r = g20_tap_create(&b->tap, b->hub, 40, e);
    if (r >= 0)
        r = g20_ring_create(&b->ring, &ring, b->tap, e);
    cfg.ring = b->ring;
    if (r >= 0)
        r = g20_captures_create(&b->captures, &cfg, b->tap, &control, NULL, e);
    if (r >= 0)
        r = g20_triggers_create(&b->triggers, b->captures, b->tap, 100000000, e);
    return r;
}

static void tear_down(struct bench *b)
{
    g20_triggers_destroy(b->triggers);
    g20_captures_destroy(b->captures);
    g20_ring_destroy(b->ring);
    g20_tap_destroy(b->tap);
    g20_hub_destroy(b->hub);
    g20_pool_destroy(b->pool);
    pthread_mutex_destroy(&b->lock);
}

static void nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

/* So many more blocks of 4 ms, in the ring when this returns. */
static void go_on(struct bench *b, unsigned blocks)
{
    struct g20_ring_state st = {.taken = 0};

    for (unsigned i = 0; i < blocks; i++, b->next++) {
        struct g20_block *block = numbered_block(b->pool, b->next * LEN, LEN);
        g20_hub_block(b->hub, block);
        g20_block_unref(&block);
        for (int k = 0; k < 10000 && st.to_us != T0 + (b->next + 1) * LEN; k++) {
            g20_ring_state(b->ring, &st);
            nap();
        }
    }
}

static void report(struct bench *b, enum g20_emission_event kind, uint64_t id, uint64_t first,
                   uint64_t samples, double f_hz)
{
    const struct g20_emission em = {.id = id,
                                    .class_name = "fsk",
                                    .sample_start = first,
                                    .sample_count = samples,
                                    .start_us = T0 + first,
                                    .duration_s = (double)samples * 1e-6,
                                    .f_lo_hz = f_hz - 20e3,
                                    .f_hi_hz = f_hz + 20e3,
                                    .snr_db = 20,
                                    .confidence = 0.9F};

    g20_hub_emission(b->hub, kind, &em);
}

static struct g20_triggers_stats stats_of(struct bench *b)
{
    struct g20_triggers_stats st;

    g20_triggers_stats(b->triggers, &st);
    return st;
}

static void wait_until(struct bench *b, uint64_t started, uint64_t merged, uint64_t limited)
{
    for (int i = 0; i < 20000; i++, nap()) {
        const struct g20_triggers_stats st = stats_of(b);
        if (st.started == started && st.merged == merged && st.limited == limited)
            return;
    }
    const struct g20_triggers_stats st = stats_of(b);
    fail_msg("%llu started, %llu merged, %llu limited, %llu failed", (unsigned long long)st.started,
             (unsigned long long)st.merged, (unsigned long long)st.limited,
             (unsigned long long)st.failed);
}

/* The n-th capture that is complete; the stream goes on until it is. */
static struct g20_capture_info ended(struct bench *b, size_t n)
{
    struct g20_capture_info info = {.samples = 0};

    for (int i = 0; i < 2000; i++) {
        pthread_mutex_lock(&b->lock);
        const bool there = b->ndone > n;
        if (there)
            info = b->done[n];
        pthread_mutex_unlock(&b->lock);
        if (there)
            return info;
        go_on(b, 1);
    }
    fail_msg("capture %zu does not end", n);
    return info;
}

static struct g20_record_rule whole_band(void)
{
    return (struct g20_record_rule){.name = "r",
                                    .enabled = true,
                                    .min_snr_db = 10,
                                    .pre_s = 0.01,
                                    .post_s = 0.02,
                                    .max_s = 0.5,
                                    .whole_band = true,
                                    .max_per_hour = 3};
}

static void an_emission_is_recorded_with_what_was_before_and_after(void **state)
{
    const struct g20_record_rule rule = whole_band();
    struct g20_sigmf *m = NULL;
    struct g20_err e = {0};
    struct bench b;

    (void)state;
    assert_int_equal(set_up(&b, &e), 0);
    assert_int_equal(g20_triggers_set(b.triggers, "", &rule, 1, &e), 0);
    go_on(&b, 20);
    report(&b, G20_EMISSION_OPEN, 7, 50000, 10000, 100.1e6);
    wait_until(&b, 1, 0, 0);
    go_on(&b, 5);
    report(&b, G20_EMISSION_CLOSE, 7, 50000, 40000, 100.1e6);
    const struct g20_capture_info info = ended(&b, 0);
    assert_int_equal(info.state, G20_CAPTURE_DONE);
    assert_int_equal(info.start_us, T0 + 40000);
    assert_string_equal(info.about.origin, "trigger");
    assert_int_equal(info.about.emission_id, 7);
    assert_string_equal(info.about.class_name, "fsk");
    /* To the end of its post-roll, or somewhat longer when the close came late. */
    assert_true(info.samples >= 70000);
    if (g20_sigmf_load(&m, info.path, &e) < 0)
        fail_msg("%s", e.msg);
    assert_int_equal(m->nannotations, 1);
    assert_int_equal(m->annotations[0].sample_start, 10000);
    assert_int_equal(m->annotations[0].sample_count, 40000);
    g20_sigmf_destroy(m);
    tear_down(&b);
}

static void a_busy_band_makes_one_recording_and_has_a_limit(void **state)
{
    struct g20_record_rule rule = whole_band();
    struct g20_err e = {0};
    struct bench b;

    (void)state;
    assert_int_equal(set_up(&b, &e), 0);
    rule.max_per_hour = 1;
    assert_int_equal(g20_triggers_set(b.triggers, "", &rule, 1, &e), 0);
    go_on(&b, 20);
    report(&b, G20_EMISSION_OPEN, 1, 50000, 10000, 100.1e6);
    for (uint64_t i = 2; i < 8; i++)
        report(&b, G20_EMISSION_CLOSE, i, 50000 + 1000 * i, 10000, 100.2e6);
    wait_until(&b, 1, 6, 0);
    report(&b, G20_EMISSION_CLOSE, 1, 50000, 20000, 100.1e6);
    assert_int_equal(ended(&b, 0).state, G20_CAPTURE_DONE);
    go_on(&b, 30);
    const uint64_t late = (b.next - 10) * LEN;
    report(&b, G20_EMISSION_CLOSE, 20, late, 5000, 100.1e6); /* one an hour */
    wait_until(&b, 1, 6, 1);
    report(&b, G20_EMISSION_UPDATE, 1, 50000, 30000, 100.1e6); /* was recorded already */
    go_on(&b, 5);
    wait_until(&b, 1, 6, 1);
    tear_down(&b);
}

static void a_band_is_cut_and_another_band_is_another_recording(void **state)
{
    struct g20_record_rule rule = whole_band();
    struct g20_err e = {0};
    struct bench b;

    (void)state;
    assert_int_equal(set_up(&b, &e), 0);
    rule.whole_band = false;
    rule.margin = 0.5;
    assert_int_equal(g20_triggers_set(b.triggers, "", &rule, 1, &e), 0);
    go_on(&b, 20);
    report(&b, G20_EMISSION_CLOSE, 1, 50000, 10000, 100.1e6);
    report(&b, G20_EMISSION_CLOSE, 2, 50000, 10000, 99.9e6);
    report(&b, G20_EMISSION_CLOSE, 3, 52000, 10000, 99.9e6);
    wait_until(&b, 2, 1, 0);
    const struct g20_capture_info a = ended(&b, 0), c = ended(&b, 1);
    assert_true(a.bandwidth_hz == 60e3 && c.bandwidth_hz == 60e3);
    assert_true(a.center_hz + c.center_hz == 200e6);
    tear_down(&b);
}

static void rules_of_owners_stand_side_by_side(void **state)
{
    struct g20_record_rule rule = whole_band(), back[G20_RECORD_RULES];
    struct g20_err e = {0};
    struct bench b;

    (void)state;
    assert_int_equal(set_up(&b, &e), 0);
    assert_int_equal(g20_triggers_set(b.triggers, "mission-1", &rule, 1, &e), 0);
    rule.min_snr_db = 30; /* the operator wants none of this */
    assert_int_equal(g20_triggers_set(b.triggers, "", &rule, 1, &e), 0);
    assert_int_equal(g20_triggers_get(b.triggers, "mission-1", back), 1);
    assert_true(back[0].min_snr_db == 10);
    go_on(&b, 20);
    report(&b, G20_EMISSION_CLOSE, 1, 50000, 10000, 100.1e6);
    wait_until(&b, 1, 0, 0);
    const struct g20_capture_info info = ended(&b, 0);
    assert_string_equal(info.about.origin, "mission");
    assert_string_equal(info.about.mission_id, "mission-1");
    assert_int_equal(g20_triggers_set(b.triggers, "mission-1", NULL, 0, &e), 0);
    assert_int_equal(g20_triggers_get(b.triggers, "mission-1", back), 0);
    report(&b, G20_EMISSION_CLOSE, 2, b.next * LEN - 20000, 10000, 100.1e6);
    go_on(&b, 5);
    wait_until(&b, 1, 0, 0);
    for (int i = 0; i < 20; i++) {
        char name[16];
        snprintf(name, sizeof(name), "m%d", i);
        const int r = g20_triggers_set(b.triggers, name, &rule, 1, &e);
        assert_int_equal(r, i < 15 ? 0 : -ENOSPC);
    }
    tear_down(&b);
}

static void allocations_may_fail(void **state)
{
    const int64_t live = g20_alloc_live();

    (void)state;
    for (uint64_t nth = 0;; nth++) {
        struct g20_err e = {0};
        struct bench b;

        g20_alloc_fail_at(nth);
        const int r = set_up(&b, &e);
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
        cmocka_unit_test(an_emission_is_recorded_with_what_was_before_and_after),
        cmocka_unit_test(a_busy_band_makes_one_recording_and_has_a_limit),
        cmocka_unit_test(a_band_is_cut_and_another_band_is_another_recording),
        cmocka_unit_test(rules_of_owners_stand_side_by_side),
        cmocka_unit_test(allocations_may_fail),
    };
    make_folder(folder, sizeof(folder));
    const int r = cmocka_run_group_tests(tests, NULL, NULL);
    remove_folder(folder);
    return r;
}
