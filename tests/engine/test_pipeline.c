/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/alloc.h"
#include "engine/pipeline.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct seen {
    atomic_uint rows, tiles, opened, closed;
    atomic_bool tone_found;
};

static void on_row(struct g20_wf_row *row, void *user)
{
    struct seen *s = user;

    assert_true(row->nfft == 4096);
    atomic_fetch_add(&s->rows, 1);
    g20_wf_row_unref(&row);
}

static void on_tile(const struct g20_detections *d, void *user)
{
    struct seen *s = user;

    assert_true(d->span_hz == 1e6);
    atomic_fetch_add(&s->tiles, 1);
}

static void on_emission(enum g20_emission_event event, const struct g20_emission *em, void *user)
{
    struct seen *s = user;

    if (event == G20_EMISSION_OPEN)
        atomic_fetch_add(&s->opened, 1);
    if (event != G20_EMISSION_CLOSE)
        return;
    atomic_fetch_add(&s->closed, 1);
    /* The recording holds one burst: 20000 samples from 50000 on, at +100 kHz. */
    if (em->f_lo_hz < 100e6 + 100e3 && em->f_hi_hz > 100e6 + 100e3 && em->sample_start > 49000 &&
        em->sample_start < 51000 && em->sample_count > 19000 && em->sample_count < 21000)
        atomic_store(&s->tone_found, true);
}

/* 300 ms at 1 MS/s of weak noise with one tone burst at +100 kHz, as raw ci16. */
static void write_recording(const char *path)
{
    FILE *f = fopen(path, "wb");
    uint64_t x = 20;

    assert_non_null(f);
    for (uint32_t i = 0; i < 300000; i++) {
        /* One tenth of the rate: ten values of a turn, scaled by 8000. */
        static const int16_t turn[10] = {8000,  6472,  2472,  -2472, -6472,
                                         -8000, -6472, -2472, 2472,  6472};
        int16_t iq[2];
        for (int k = 0; k < 2; k++) {
            int32_t noise = 0;
            for (int j = 0; j < 4; j++) {
                x = x * 6364136223846793005u + 1442695040888963407u;
                noise += (int32_t)(x >> 56) - 128;
            }
            iq[k] = (int16_t)(noise / 8);
        }
        if (i >= 50000 && i < 70000) {
            iq[0] = (int16_t)(iq[0] + turn[i % 10]);
            iq[1] = (int16_t)(iq[1] + turn[(i + 10 - 10 / 4) % 10]);
        }
        assert_int_equal(fwrite(iq, sizeof(iq), 1, f), 1);
    }
    fclose(f);
}

struct fixture {
    char base[64], meta[96], data[96];
    struct g20_pipeline_cfg cfg;
};

static int setup(void **state)
{
    struct fixture *x = calloc(1, sizeof(*x));

    snprintf(x->base, sizeof(x->base), "/tmp/g20-pipeline-XXXXXX");
    const int fd = mkstemp(x->base);
    assert_true(fd >= 0);
    close(fd);
    snprintf(x->meta, sizeof(x->meta), "%s.sigmf-meta", x->base);
    snprintf(x->data, sizeof(x->data), "%s.sigmf-data", x->base);
    write_recording(x->data);
    FILE *f = fopen(x->meta, "w");
    assert_non_null(f);
    fputs("{\"global\":{\"core:datatype\":\"ci16_le\",\"core:sample_rate\":1e6,"
          "\"core:version\":\"1.0.0\"},\"captures\":[{\"core:sample_start\":0,"
          "\"core:frequency\":100e6}],\"annotations\":[]}",
          f);
    fclose(f);
    x->cfg = (struct g20_pipeline_cfg){.source = {.driver = "file", .args = x->meta},
                                       .model = "energy",
                                       .score_threshold = 0.5f,
                                       .threads = 1,
                                       .max_detections = 100,
                                       .waterfall_nfft = 4096,
                                       .waterfall_rows_per_s = 30};
    *state = x;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *x = *state;

    unlink(x->meta);
    unlink(x->data);
    unlink(x->base);
    free(x);
    return 0;
}

static void a_burst_in_a_recording_becomes_one_emission(void **state)
{
    struct fixture *x = *state;
    struct seen seen = {0};
    const struct g20_pipeline_sinks sinks = {
        .row = on_row, .detections = on_tile, .emission = on_emission, .user = &seen};
    struct g20_pipeline_stats stats;
    struct g20_pipeline *p;
    struct g20_err e = {0};

    if (g20_pipeline_create(&p, &x->cfg, &sinks, &e) < 0)
        fail_msg("%s", e.msg);
    assert_int_equal(g20_pipeline_start(p, &e), 0);
    assert_int_equal(g20_pipeline_wait(p, &e), 0);
    g20_pipeline_stats(p, &stats);
    assert_int_equal(stats.samples_in, 300000);
    assert_int_equal(stats.samples_lost, 0);
    assert_true(stats.finished && stats.source_ok && stats.detector_ok && stats.waterfall_ok);
    assert_true(seen.rows >= 5);
    assert_int_equal(seen.tiles, stats.tiles);
    assert_int_equal(seen.opened, seen.closed);
    assert_true(seen.tone_found);
    g20_pipeline_destroy(p);
    assert_int_equal(g20_alloc_live(), 0);
}

static void count_block(struct g20_block *b, void *user)
{
    struct seen *s = user;

    atomic_fetch_add(&s->rows, b->len);
}

static void without_a_model_there_are_samples_only(void **state)
{
    struct fixture *x = *state;
    struct seen seen = {0};
    const struct g20_pipeline_sinks sinks = {
        .block = count_block, .emission = on_emission, .user = &seen};
    struct g20_pipeline_stats stats;
    struct g20_pipeline *p;
    struct g20_err e = {0};

    x->cfg.model = NULL;
    assert_int_equal(g20_pipeline_create(&p, &x->cfg, &sinks, &e), 0);
    assert_int_equal(g20_pipeline_start(p, &e), 0);
    assert_int_equal(g20_pipeline_wait(p, &e), 0);
    g20_pipeline_stats(p, &stats);
    assert_int_equal(seen.rows, 300000);
    assert_int_equal(seen.opened, 0);
    assert_int_equal(stats.tiles, 0);
    const char *const *names = NULL;
    assert_int_equal(g20_pipeline_classes(p, &names), 2);
    assert_non_null(names[1]);
    assert_true(stats.finished && stats.source_ok && !stats.detector_ok);
    g20_pipeline_destroy(p);
    x->cfg.model = "";
    assert_int_equal(g20_pipeline_create(&p, &x->cfg, &sinks, &e), -EINVAL);
    assert_int_equal(g20_alloc_live(), 0);
}

static void stop_ends_an_endless_source(void **state)
{
    struct fixture *x = *state;
    struct seen seen = {0};
    const struct g20_pipeline_sinks sinks = {.row = on_row, .user = &seen};
    struct g20_pipeline *p;
    struct g20_err e = {0};

    x->cfg.source.loop = true;
    if (g20_pipeline_create(&p, &x->cfg, &sinks, &e) < 0)
        fail_msg("%s", e.msg);
    assert_int_equal(g20_pipeline_start(p, &e), 0);
    while (atomic_load(&seen.rows) < 20)
        usleep(1000);
    g20_pipeline_stop(p);
    assert_int_equal(g20_pipeline_wait(p, &e), 0);
    g20_pipeline_destroy(p);
    assert_int_equal(g20_alloc_live(), 0);
}

struct held_look {
    struct seen seen;
    atomic_bool entered, go;
};

static void hold_tile(const struct g20_detections *d, void *user)
{
    struct held_look *h = user;

    on_tile(d, &h->seen);
    atomic_store(&h->entered, true);
    while (!atomic_load(&h->go))
        usleep(1000);
}

static void count_emission(enum g20_emission_event event, const struct g20_emission *em, void *user)
{
    struct held_look *h = user;

    on_emission(event, em, &h->seen);
}

/* A detector that is behind does not hold up a stop with what is queued. */
static void stop_leaves_what_is_queued_and_closes_what_is_open(void **state)
{
    struct fixture *x = *state;
    struct held_look h = {.go = false};
    const struct g20_pipeline_sinks sinks = {
        .detections = hold_tile, .emission = count_emission, .user = &h};
    struct g20_pipeline_stats stats;
    struct g20_pipeline *p;
    struct g20_err e = {0};

    x->cfg.source.loop = true;
    x->cfg.source.realtime = true; /* looks at parts of a tile, as they come */
    if (g20_pipeline_create(&p, &x->cfg, &sinks, &e) < 0)
        fail_msg("%s", e.msg);
    assert_int_equal(g20_pipeline_start(p, &e), 0);
    while (!atomic_load(&h.entered))
        usleep(1000);
    do { /* the second tile is full and waits for its look, more is queued */
        usleep(1000);
        g20_pipeline_stats(p, &stats);
    } while (stats.detector_queue < 40);
    g20_pipeline_stop(p);
    atomic_store(&h.go, true);
    assert_int_equal(g20_pipeline_wait(p, &e), 0);
    assert_in_range(h.seen.tiles, 1, 2);
    assert_int_equal(h.seen.opened, h.seen.closed);
    g20_pipeline_destroy(p);
    assert_int_equal(g20_alloc_live(), 0);
}

static void building_ends_between_its_steps_when_cancelled(void **state)
{
    struct fixture *x = *state;
    const struct g20_pipeline_sinks sinks = {.row = on_row};
    struct g20_cancel cancel = {0};
    struct g20_pipeline *p = NULL;
    struct g20_err e = {0};

    g20_cancel(&cancel);
    x->cfg.cancel = &cancel;
    assert_int_equal(g20_pipeline_create(&p, &x->cfg, &sinks, &e), -ECANCELED);
    assert_null(p);
    assert_int_equal(g20_alloc_live(), 0);
}

static void what_cannot_be_built_is_refused_with_a_reason(void **state)
{
    struct fixture *x = *state;
    const struct g20_pipeline_sinks sinks = {0};
    struct g20_pipeline *p = NULL;
    struct g20_err e = {0};

    x->cfg.model = "hydra";
    assert_int_equal(g20_pipeline_create(&p, &x->cfg, &sinks, &e), -ENOENT);
    assert_non_null(strstr(e.msg, "hydra"));
    x->cfg.model = "energy";
    x->cfg.source.args = "/nonexistent/file.sigmf-meta";
    assert_true(g20_pipeline_create(&p, &x->cfg, &sinks, &e) < 0);
    assert_non_null(strstr(e.msg, "/nonexistent/file"));
    assert_null(p);
    assert_int_equal(g20_alloc_live(), 0);
}

static void create_survives_every_failed_allocation(void **state)
{
    struct fixture *x = *state;
    struct seen seen = {0};
    const struct g20_pipeline_sinks sinks = {.row = on_row, .user = &seen};

    for (unsigned nth = 0; nth < 1000; nth++) {
        struct g20_pipeline *p = NULL;
        g20_alloc_fail_at(nth);
        const int r = g20_pipeline_create(&p, &x->cfg, &sinks, NULL);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        assert_true(r == 0 || p == NULL);
        g20_pipeline_destroy(p);
        assert_int_equal(g20_alloc_live(), 0);
        if (r == 0)
            return;
    }
    fail_msg("create() never succeeded");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_burst_in_a_recording_becomes_one_emission, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(without_a_model_there_are_samples_only, setup, teardown),
        cmocka_unit_test_setup_teardown(stop_ends_an_endless_source, setup, teardown),
        cmocka_unit_test_setup_teardown(stop_leaves_what_is_queued_and_closes_what_is_open, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(building_ends_between_its_steps_when_cancelled, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_built_is_refused_with_a_reason, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(create_survives_every_failed_allocation, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
