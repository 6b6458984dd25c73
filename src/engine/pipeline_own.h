/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* pipeline_own: what pipeline.c (making and life) and pipeline_run.c (its threads) share. */
#ifndef G20_ENGINE_PIPELINE_OWN_H
#define G20_ENGINE_PIPELINE_OWN_H

#include "base/queue.h"
#include "base/thread.h"
#include "detect/energy.h"
#include "engine/pipeline.h"

#include <stdatomic.h>

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

/* The threads, @arg the pipeline: each ends when its queue is closed and empty, the first when the
 * source ends. */
void *g20_pipeline_read(void *arg);
void *g20_pipeline_detect(void *arg);
void *g20_pipeline_rows(void *arg);

/* Nothing comes any more. */
void g20_pipeline_close_queues(struct g20_pipeline *p);

/* What the detector tells. */
struct g20_energy_sinks g20_pipeline_energy_sinks(struct g20_pipeline *p);

#endif
