/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "engine/pipeline.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/queue.h"
#include "base/thread.h"
#include "detect/energy.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum {
    MIN_BLOCK = 4096,
    MAX_BLOCK = 32768,
    QUEUED = 48, /* blocks between the source and the waterfall */
    /* Before the detector, which takes nothing in when it is a tile behind: 260 ms at 20 MS/s. */
    QUEUED_DETECTOR = 160,
    QUEUED_RECORDED = 8, /* of a recording: what waits longer is out of the caches again */
    SPARE = 16,          /* blocks in the hands of threads, never in a queue or in the history */
    READ_TIMEOUT_MS = 100,
    /* What the detector may look back on: a full tile and a little more; and what comes while it
     * looks. */
    HISTORY_SAMPLES = (G20_TILE_ROWS + 4) * G20_TILE_ROW_SAMPLES,
    AHEAD_SAMPLES = (G20_TILE_ROWS / 2 + 4) * G20_TILE_ROW_SAMPLES,
};

#define BLOCK_S          0.002 /* a block's length in time, within the limits above */
#define CANDIDATE_PFA    1e-5
#define LIVE_DELAY_S     0.25
#define RECORDED_DELAY_S 1e9 /* look only at full tiles */

struct g20_pipeline {
    struct g20_pipeline_cfg cfg;
    struct g20_pipeline_sinks sinks;
    struct g20_source *source;
    struct g20_pool *pool;
    struct g20_queue *to_detector, *to_waterfall;
    struct g20_energy *detector;
    struct g20_waterfall *waterfall;
    struct g20_thread source_thread, detector_thread, waterfall_thread;
    bool waits; /* a recording: a full queue holds the source up instead of losing samples */
    atomic_bool stopping, finished;
    uint32_t tiles; /* the detector's look thread */

    pthread_mutex_t lock; /* guards what is below */
    struct g20_pipeline_stats stats;
    struct g20_err error;
};

static void free_block(void *item)
{
    struct g20_block *b = item;

    g20_block_unref(&b);
}

static void on_tile(const struct g20_tile_report *t, void *user)
{
    struct g20_pipeline *p = user;
    struct g20_detections d = {.time_us = t->time_us,
                               .first_sample = t->first_sample,
                               .frame_idx = p->tiles++,
                               .center_hz = t->center_hz,
                               .span_hz = t->rate_hz,
                               .duration_s = t->duration_s,
                               .boxes = t->boxes,
                               .count = t->count};

    g20_energy_classes(p->detector, &d.class_names);
    if (p->sinks.detections)
        p->sinks.detections(&d, p->sinks.user);
    pthread_mutex_lock(&p->lock);
    p->stats.tiles++;
    p->stats.boxes += t->count;
    p->stats.tile_latency_us = (g20_clock_mono_ns() - t->arrived_ns) / 1000u;
    g20_latency_add(&p->stats.tile_latency, 1e-6 * (double)p->stats.tile_latency_us);
    if (t->network_ns > 0)
        g20_latency_add(&p->stats.inference, 1e-9 * (double)t->network_ns);
    if (t->error) {
        p->stats.detector_ok = false;
        p->error = (struct g20_err){.code = -EIO};
        snprintf(p->error.msg, sizeof(p->error.msg), "%s", t->error);
        snprintf(p->stats.error, sizeof(p->stats.error), "%s", t->error);
    }
    pthread_mutex_unlock(&p->lock);
    if (p->sinks.progress)
        p->sinks.progress(t->end_sample, p->sinks.user);
}

static void on_emission(enum g20_emission_event event, const struct g20_emission *em, void *user)
{
    struct g20_pipeline *p = user;

    if (event == G20_EMISSION_CLOSE) {
        pthread_mutex_lock(&p->lock);
        p->stats.emissions_closed++;
        pthread_mutex_unlock(&p->lock);
    }
    if (p->sinks.emission)
        p->sinks.emission(event, em, p->sinks.user);
}

static void on_row(struct g20_wf_row *row, void *user)
{
    struct g20_pipeline *p = user;

    pthread_mutex_lock(&p->lock);
    p->stats.rows++;
    pthread_mutex_unlock(&p->lock);
    p->sinks.row(row, p->sinks.user);
}

static void *detector_main(void *arg)
{
    struct g20_pipeline *p = arg;
    struct g20_block *b;

    while ((b = g20_queue_pop(p->to_detector))) {
        if (!atomic_load(&p->stopping))
            g20_energy_push(p->detector, b);
        g20_block_unref(&b);
        pthread_mutex_lock(&p->lock);
        p->stats.emissions_open = g20_energy_open(p->detector);
        pthread_mutex_unlock(&p->lock);
    }
    if (atomic_load(&p->stopping))
        g20_energy_abandon(p->detector);
    else
        g20_energy_flush(p->detector);
    return NULL;
}

static void *waterfall_main(void *arg)
{
    struct g20_pipeline *p = arg;
    struct g20_block *b;

    while ((b = g20_queue_pop(p->to_waterfall))) {
        if (!atomic_load(&p->stopping))
            g20_waterfall_push(p->waterfall, b, on_row, p);
        g20_block_unref(&b);
        pthread_mutex_lock(&p->lock);
        p->stats.rows_dropped = g20_waterfall_dropped(p->waterfall);
        pthread_mutex_unlock(&p->lock);
    }
    g20_waterfall_flush(p->waterfall, on_row, p);
    return NULL;
}

static void fail_source(struct g20_pipeline *p, const struct g20_err *e)
{
    pthread_mutex_lock(&p->lock);
    p->stats.source_ok = false;
    p->error = *e;
    snprintf(p->stats.error, sizeof(p->stats.error), "%s", e->msg);
    pthread_mutex_unlock(&p->lock);
}

/* Hand @b to one reader; the caller keeps its own reference. */
static void offer(struct g20_queue *q, struct g20_block *b)
{
    struct g20_block *extra = g20_block_ref(b);

    if (g20_queue_push(q, extra) < 0)
        g20_block_unref(&extra); /* closed: the pipeline is stopping */
}

static void publish(struct g20_pipeline *p, struct g20_block *b)
{
    b->arrived_ns = g20_clock_mono_ns();
    pthread_mutex_lock(&p->lock);
    p->stats.blocks++;
    p->stats.samples_in += b->len;
    p->stats.samples_lost += b->lost;
    p->stats.samples_bad = g20_source_info(p->source)->bad_samples;
    p->stats.samples_stale = g20_source_info(p->source)->stale_samples;
    p->stats.overflows = g20_source_info(p->source)->overflows;
    p->stats.rate_hz = b->rate_hz;
    p->stats.center_hz = b->center_hz;
    pthread_mutex_unlock(&p->lock);
    if (p->to_detector)
        offer(p->to_detector, b);
    if (p->to_waterfall)
        offer(p->to_waterfall, b);
    if (p->sinks.block)
        p->sinks.block(b, p->sinks.user);
}

static void close_queues(struct g20_pipeline *p)
{
    if (p->to_detector)
        g20_queue_close(p->to_detector);
    if (p->to_waterfall)
        g20_queue_close(p->to_waterfall);
}

static void *source_main(void *arg)
{
    struct g20_pipeline *p = arg;

    while (!atomic_load(&p->stopping)) {
        struct g20_err e = {0};
        struct g20_block *b = g20_pool_get(p->pool, READ_TIMEOUT_MS);
        if (!b)
            continue; /* the pool counts it; a live source counts what it loses meanwhile */
        const int n = g20_source_read(p->source, b, READ_TIMEOUT_MS, &e);
        if (n > 0)
            publish(p, b);
        g20_block_unref(&b);
        if (n > 0 || n == -ETIMEDOUT)
            continue;
        if (n < 0)
            fail_source(p, &e);
        break;
    }
    /* The end travels downstream: each reader drains its queue and stops. */
    atomic_store(&p->finished, true);
    close_queues(p);
    return NULL;
}

static void on_look(const struct g20_find *f, const struct g20_look *look, void *user)
{
    const struct g20_pipeline *p = user;

    p->sinks.look(f, look, p->sinks.user);
}

static void on_image(const uint8_t *image, void *user)
{
    const struct g20_pipeline *p = user;

    p->sinks.image(image, p->sinks.user);
}

/* What is being made now, in case that it fails. */
static void making(struct g20_pipeline *p, enum g20_pipeline_part part)
{
    if (p->cfg.failed)
        *p->cfg.failed = part;
}

static int check_wanted(const struct g20_pipeline *p, struct g20_err *e)
{
    return g20_cancelled(p->cfg.cancel) ? g20_fail(e, -ECANCELED, "pipeline: no longer wanted") : 0;
}

static int create_pool(struct g20_pipeline *p, uint32_t blocks, uint32_t block, struct g20_err *e)
{
    const int r = g20_pool_create(&p->pool, blocks, block);

    return r < 0 ? g20_fail(e, r, "sample blocks: %s", g20_strerror(r)) : 0;
}

static int create_stages(struct g20_pipeline *p, struct g20_err *e)
{
    const struct g20_source_info *info = g20_source_info(p->source);
    const enum g20_full full = p->waits ? G20_FULL_WAIT : G20_FULL_DROP_ALL;
    uint32_t block = p->cfg.block_samples;
    int r;

    if (block == 0)
        block = (uint32_t)G20_CLAMP(info->rate_hz * BLOCK_S, (double)MIN_BLOCK, (double)MAX_BLOCK);
    const uint32_t history = HISTORY_SAMPLES / block + 1;
    const struct g20_energy_cfg energy = {
        .pfa = CANDIDATE_PFA,
        .score_threshold = p->cfg.score_threshold,
        .nms_threshold = p->cfg.nms_threshold,
        .max_detections = p->cfg.max_detections,
        .max_delay_s = p->waits && !p->cfg.source.realtime ? RECORDED_DELAY_S : LIVE_DELAY_S,
        .center_known = info->center_known,
        .history_blocks = history,
        .network = p->cfg.model && strcmp(p->cfg.model, "energy") == 0 ? NULL : p->cfg.model,
        .provider = p->cfg.provider,
        .heads = p->cfg.heads,
        .memory = p->cfg.memory,
        .keeps_up = !p->waits || p->cfg.source.realtime,
        .threads = p->cfg.threads,
        .wisdom_dir = p->cfg.wisdom_dir,
        .cancel = p->cfg.cancel,
    };
    const struct g20_energy_sinks sinks = {.tile = on_tile,
                                           .emission = on_emission,
                                           .look = p->sinks.look ? on_look : NULL,
                                           .image = p->sinks.image ? on_image : NULL,
                                           .user = p};
    const struct g20_waterfall_cfg waterfall = {.nfft = p->cfg.waterfall_nfft,
                                                .rows_per_s = p->cfg.waterfall_rows_per_s,
                                                .pool_rows = 64,
                                                .wisdom_dir = p->cfg.wisdom_dir,
                                                .cancel = p->cfg.cancel};

    const uint32_t queued =
        p->cfg.model ? history + AHEAD_SAMPLES / block + QUEUED + QUEUED_DETECTOR : 0;
    const bool is_fast = p->waits && !p->cfg.source.realtime;

    if ((r = check_wanted(p, e)) < 0) /* a device may have taken its time to open */
        return r;
    making(p, G20_PART_PIPELINE);
    if (!p->cfg.model)
        return create_pool(p, SPARE + p->cfg.tap_blocks, block, e);
    r = g20_queue_create(&p->to_detector, is_fast ? QUEUED_RECORDED : QUEUED_DETECTOR, full,
                         free_block);
    if (r < 0)
        return g20_fail(e, r, "queue: %s", g20_strerror(r));
    making(p, G20_PART_MODEL);
    r = g20_energy_create(&p->detector, &energy, &sinks, e);
    if (r < 0)
        return r;
    making(p, G20_PART_PIPELINE);
    r = create_pool(p, queued + SPARE + p->cfg.tap_blocks, block, e);
    if (r < 0 || !p->sinks.row)
        return r;
    r = g20_queue_create(&p->to_waterfall, QUEUED, full, free_block);
    if (r < 0)
        return g20_fail(e, r, "queue: %s", g20_strerror(r));
    return g20_waterfall_create(&p->waterfall, &waterfall, e);
}

int g20_pipeline_create(struct g20_pipeline **ret, const struct g20_pipeline_cfg *cfg,
                        const struct g20_pipeline_sinks *sinks, struct g20_err *e)
{
    struct g20_pipeline *p = NULL;
    int r;

    if (cfg->model && !cfg->model[0])
        return g20_fail(e, -EINVAL, "pipeline: no model is named");
    p = g20_calloc(1, sizeof(*p));
    if (!p)
        return g20_fail(e, -ENOMEM, "pipeline: out of memory");
    pthread_mutex_init(&p->lock, NULL);
    p->cfg = *cfg;
    p->sinks = *sinks;
    making(p, G20_PART_SOURCE);
    r = g20_source_open(&p->source, &cfg->source, e);
    if (r < 0)
        goto fail;
    p->waits = !g20_source_info(p->source)->is_live;
    r = create_stages(p, e);
    if (r >= 0)
        r = check_wanted(p, e); /* its last step may have been long */
    if (r < 0)
        goto fail;
    p->stats.rate_hz = g20_source_info(p->source)->rate_hz;
    p->stats.center_hz = g20_source_info(p->source)->center_hz;
    *ret = p;
    return 0;

fail:
    g20_pipeline_destroy(p);
    return r;
}

int g20_pipeline_start(struct g20_pipeline *p, struct g20_err *e)
{
    int r =
        p->detector ? g20_thread_start(&p->detector_thread, "g20-detect", detector_main, p, e) : 0;

    if (r >= 0 && p->waterfall)
        r = g20_thread_start(&p->waterfall_thread, "g20-waterfall", waterfall_main, p, e);
    pthread_mutex_lock(&p->lock); /* before the source runs: it may end at once */
    p->stats.detector_ok = r >= 0 && p->detector;
    p->stats.waterfall_ok = r >= 0 && p->waterfall;
    p->stats.source_ok = r >= 0;
    pthread_mutex_unlock(&p->lock);
    if (r >= 0)
        r = g20_thread_start(&p->source_thread, "g20-source", source_main, p, e);
    if (r >= 0)
        making(p, G20_PART_SOURCE); /* nothing else can fail from now on */
    return r;
}

static void join_all(struct g20_pipeline *p)
{
    g20_thread_join(&p->source_thread);
    g20_thread_join(&p->detector_thread);
    g20_thread_join(&p->waterfall_thread);
}

int g20_pipeline_wait(struct g20_pipeline *p, struct g20_err *e)
{
    join_all(p);
    if (p->error.code < 0)
        return g20_fail(e, p->error.code, "%s", p->error.msg);
    return 0;
}

void g20_pipeline_stop(struct g20_pipeline *p)
{
    atomic_store(&p->stopping, true);
    g20_pool_close(p->pool);
    /* A source that waits at a full queue is woken; what was queued is not looked at any more, for
     * a detector that is behind would take seconds. */
    close_queues(p);
}

void g20_pipeline_destroy(struct g20_pipeline *p)
{
    if (!p)
        return;
    if (p->source_thread.running || p->detector_thread.running || p->waterfall_thread.running)
        g20_pipeline_stop(p);
    join_all(p);
    g20_waterfall_destroy(p->waterfall);
    g20_queue_destroy(p->to_waterfall);
    g20_energy_destroy(p->detector);
    g20_queue_destroy(p->to_detector);
    g20_source_close(p->source);
    g20_pool_destroy(p->pool);
    pthread_mutex_destroy(&p->lock);
    g20_free(p);
}

const struct g20_source_info *g20_pipeline_source(const struct g20_pipeline *p)
{
    return g20_source_info(p->source);
}

size_t g20_pipeline_classes(const struct g20_pipeline *p, const char *const **ret)
{
    if (p->detector)
        return g20_energy_classes(p->detector, ret);
    *ret = g20_energy_class_names;
    return 2;
}

void g20_pipeline_stats(struct g20_pipeline *p, struct g20_pipeline_stats *ret)
{
    struct g20_queue_stats q = {0}, w = {0};

    if (p->to_detector)
        g20_queue_stats(p->to_detector, &q);
    if (p->to_waterfall)
        g20_queue_stats(p->to_waterfall, &w);
    pthread_mutex_lock(&p->lock);
    *ret = p->stats;
    pthread_mutex_unlock(&p->lock);
    ret->blocks_dropped = q.dropped + w.dropped;
    ret->detector_queue = (uint32_t)q.len;
    ret->waterfall_queue = (uint32_t)w.len;
    ret->finished = atomic_load(&p->finished);
}

int g20_pipeline_tune(struct g20_pipeline *p, const struct g20_tune *wanted,
                      struct g20_tune *ret_actual, struct g20_err *e)
{
    return g20_source_tune(p->source, wanted, ret_actual, e);
}
