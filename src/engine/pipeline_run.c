/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The pipeline's three threads, and what the detector and the waterfall give them. */
#include "engine/pipeline_own.h"

#include "base/clock.h"

#include <errno.h>
#include <stdio.h>

enum { READ_TIMEOUT_MS = 100 };

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

void *g20_pipeline_detect(void *arg)
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

void *g20_pipeline_rows(void *arg)
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
    p->stats.frontend = g20_source_info(p->source)->frontend;
    pthread_mutex_unlock(&p->lock);
    if (p->to_detector)
        offer(p->to_detector, b);
    if (p->to_waterfall)
        offer(p->to_waterfall, b);
    if (p->sinks.block)
        p->sinks.block(b, p->sinks.user);
}

void g20_pipeline_close_queues(struct g20_pipeline *p)
{
    if (p->to_detector)
        g20_queue_close(p->to_detector);
    if (p->to_waterfall)
        g20_queue_close(p->to_waterfall);
}

void *g20_pipeline_read(void *arg)
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
    g20_pipeline_close_queues(p);
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

struct g20_energy_sinks g20_pipeline_energy_sinks(struct g20_pipeline *p)
{
    return (struct g20_energy_sinks){.tile = on_tile,
                                     .emission = on_emission,
                                     .look = p->sinks.look ? on_look : NULL,
                                     .image = p->sinks.image ? on_image : NULL,
                                     .user = p};
}
