/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* pipeline: source -> blocks -> rows -> tiles -> detector -> tracker -> emissions, and blocks ->
 * waterfall rows, on threads of its own. serve and detect run the same one.
 *
 * Callbacks come from the pipeline's threads (named at each; the detector has two, of which one at
 * a time calls); they must not block for long and must not call back into the pipeline, except as
 * noted. */
#ifndef G20_ENGINE_PIPELINE_H
#define G20_ENGINE_PIPELINE_H

#include "base/block.h"
#include "base/cancel.h"
#include "base/latency.h"
#include "detect/emission.h"
#include "dsp/waterfall.h"
#include "source/source.h"

struct g20_pipeline;
struct g20_heads;
struct g20_shape;
struct g20_memory;
struct g20_find;
struct g20_look;
struct g20_provider;

struct g20_detections { /* one tile's, for DT01 */
    uint64_t time_us;   /* of the tile's first sample */
    uint64_t first_sample;
    uint32_t frame_idx; /* tiles so far */
    double center_hz, span_hz, duration_s;
    const struct g20_box *boxes; /* (count) borrowed for the call */
    size_t count;
    const char *const *class_names; /* index: class_id */
};

struct g20_pipeline_sinks {
    /* waterfall thread; the callee owns the reference. NULL: no waterfall is computed */
    void (*row)(struct g20_wf_row *row, void *user);
    /* source thread: each block as it was read; borrowed, take a reference to keep it (at most
     * @tap_blocks of the configuration). May be NULL */
    void (*block)(struct g20_block *b, void *user);
    void (*detections)(const struct g20_detections *d,
                       void *user); /* detector thread; may be NULL */
    void (*emission)(enum g20_emission_event ev, const struct g20_emission *em,
                     void *user); /* detector thread; may be NULL */
    void (*progress)(uint64_t samples_done,
                     void *user); /* detector thread, per tile; may be NULL */
    /* Detector thread: the second look at a find; may be NULL. */
    void (*look)(const struct g20_find *f, const struct g20_look *look, void *user);
    void (*image)(const uint8_t *image, void *user); /* detector thread: what a network looked at
                                                        (detect/image.h); may be NULL */
    void *user;
};

enum g20_pipeline_part { G20_PART_SOURCE, G20_PART_MODEL, G20_PART_PIPELINE };

struct g20_pipeline_cfg {
    struct g20_source_cfg source;
    /* "energy", or a model's file: the tile network or a detector of another maker; NULL: samples
     * only, no detector and no waterfall. Borrowed */
    const char *model;
    const struct g20_provider *provider; /* that runs it; NULL: the CPU. Borrowed */
    float score_threshold;               /* 0..1 */
    float nms_threshold;       /* 0..1: overlap (IoU) from which two boxes of the network are one */
    uint32_t max_detections;   /* per tile */
    struct g20_heads *heads;   /* that name emissions; NULL: none. Borrowed until destroy() */
    struct g20_memory *memory; /* of what was looked at; NULL: none. Borrowed too */
    const struct g20_shape *shape; /* that is looked for too; NULL: those of heads. Borrowed too */
    uint32_t threads;              /* of the network; 0: as many as there are cores */
    uint32_t waterfall_nfft;
    double waterfall_rows_per_s;
    const char *wisdom_dir; /* cache folder for FFT plans */
    /* Looked at by create() between its steps, and then it fails with -ECANCELED; NULL: none. */
    const struct g20_cancel *cancel;
    uint32_t block_samples; /* 0: chosen from the rate */
    /* Classes 0 and 1 where the model does not name them, "background signal"; NULL: these. */
    const char *class_names;
    uint32_t tap_blocks;            /* that whoever gets blocks may hold at a time */
    enum g20_pipeline_part *failed; /* gets what create() or start() failed at; NULL: not asked */
};

struct g20_pipeline_stats {
    uint64_t samples_in, samples_lost;
    uint64_t samples_stale, overflows; /* as in struct g20_source_info */
    uint64_t samples_bad;              /* of them: no numbers, or absurd ones; they count as 0 */
    uint64_t blocks, rows, rows_dropped, tiles, blocks_dropped, boxes, emissions_open,
        emissions_closed;
    uint32_t detector_queue, waterfall_queue; /* blocks that wait */
    double rate_hz, center_hz;
    struct g20_frontend frontend;
    struct g20_latency tile_latency; /* each tile's, as the last one's below */
    struct g20_latency inference;    /* the network's part of it */
    uint64_t tile_latency_us; /* of the last tile: its last sample read until its boxes were out */
    bool source_ok, detector_ok, waterfall_ok, finished;
    char error[320]; /* why a part is not ok; empty otherwise */
};

/* Opens the source and builds every stage; nothing runs yet. */
G20_MUST_USE int g20_pipeline_create(struct g20_pipeline **ret, const struct g20_pipeline_cfg *cfg,
                                     const struct g20_pipeline_sinks *sinks, struct g20_err *e);
G20_MUST_USE int g20_pipeline_start(struct g20_pipeline *p, struct g20_err *e);
/* Waits for the end of a finite recording (or for stop()); 0, or the source's or a stage's error.
 */
G20_MUST_USE int g20_pipeline_wait(struct g20_pipeline *p, struct g20_err *e);
/* From any thread, also from a callback; returns at once. Stages end from the source on, and leave
 * what is queued; emissions are closed as they were last seen. */
void g20_pipeline_stop(struct g20_pipeline *p);
void g20_pipeline_destroy(struct g20_pipeline *p); /* stops, joins, frees */

const struct g20_source_info *g20_pipeline_source(const struct g20_pipeline *p);
/* As g20_energy_classes(); without a detector the names that "energy" has. */
size_t g20_pipeline_classes(const struct g20_pipeline *p, const char *const **ret);
void g20_pipeline_stats(struct g20_pipeline *p, struct g20_pipeline_stats *ret);
/* As g20_source_tune(); from any thread. */
G20_MUST_USE int g20_pipeline_tune(struct g20_pipeline *p, const struct g20_tune *wanted,
                                   struct g20_tune *ret_actual, struct g20_err *e);

#endif
