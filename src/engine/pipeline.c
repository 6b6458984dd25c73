/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "engine/pipeline_own.h"

#include "base/alloc.h"

#include <errno.h>
#include <string.h>

enum {
    MIN_BLOCK = 4096,
    MAX_BLOCK = 32768,
    QUEUED = 48, /* blocks between the source and the waterfall */
    /* Before the detector, which takes nothing in when it is a tile behind: 260 ms at 20 MS/s. */
    QUEUED_DETECTOR = 160,
    QUEUED_RECORDED = 8, /* of a recording: what waits longer is out of the caches again */
    SPARE = 16,          /* blocks in the hands of threads, never in a queue or in the history */
    /* What the detector may look back on: a full tile and a little more; and what comes while it
     * looks. */
    HISTORY_SAMPLES = (G20_TILE_ROWS + 4) * G20_TILE_ROW_SAMPLES,
    AHEAD_SAMPLES = (G20_TILE_ROWS / 2 + 4) * G20_TILE_ROW_SAMPLES,
};

#define BLOCK_S          0.002 /* a block's length in time, within the limits above */
#define CANDIDATE_PFA    1e-5
#define LIVE_DELAY_S     0.25
#define RECORDED_DELAY_S 1e9 /* look only at full tiles */

static void free_block(void *item)
{
    struct g20_block *b = item;

    g20_block_unref(&b);
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
        .shape = p->cfg.shape,
        .keeps_up = !p->waits || p->cfg.source.realtime,
        .threads = p->cfg.threads,
        .wisdom_dir = p->cfg.wisdom_dir,
        .cancel = p->cfg.cancel,
    };
    const struct g20_energy_sinks sinks = g20_pipeline_energy_sinks(p);
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
    p->stats.frontend = g20_source_info(p->source)->frontend;
    *ret = p;
    return 0;

fail:
    g20_pipeline_destroy(p);
    return r;
}

int g20_pipeline_start(struct g20_pipeline *p, struct g20_err *e)
{
    int r = p->detector
                ? g20_thread_start(&p->detector_thread, "g20-detect", g20_pipeline_detect, p, e)
                : 0;

    if (r >= 0 && p->waterfall)
        r = g20_thread_start(&p->waterfall_thread, "g20-waterfall", g20_pipeline_rows, p, e);
    pthread_mutex_lock(&p->lock); /* before the source runs: it may end at once */
    p->stats.detector_ok = r >= 0 && p->detector;
    p->stats.waterfall_ok = r >= 0 && p->waterfall;
    p->stats.source_ok = r >= 0;
    pthread_mutex_unlock(&p->lock);
    if (r >= 0)
        r = g20_thread_start(&p->source_thread, "g20-source", g20_pipeline_read, p, e);
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
    g20_pipeline_close_queues(p);
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
    const int r = g20_source_tune(p->source, wanted, ret_actual, e);

    pthread_mutex_lock(&p->lock);
    if (r >= 0) { /* not only with the next block */
        p->stats.frontend.bandwidth_hz = ret_actual->bandwidth_hz;
        if (!p->stats.frontend.agc)
            p->stats.frontend.gain_db = ret_actual->gain_db;
    }
    pthread_mutex_unlock(&p->lock);
    return r;
}
