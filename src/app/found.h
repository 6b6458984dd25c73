/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* found: one recording through the pipeline, its emissions in order of their start. What detect
 * and eval share. */
#ifndef G20_APP_FOUND_H
#define G20_APP_FOUND_H

#include "app/progress.h"
#include "engine/pipeline.h"

struct g20_found_cfg {
    const char *command; /* "detect", for the log */
    const char *model;
    const char *driver; /* NULL: "file", what is run is a path; else it is the driver's arguments */
    double rate_hz;     /* for a driver that wants it */
    double threshold;   /* least confidence, 0..1 */
    bool quiet;         /* no progress */
    struct g20_heads *heads;                         /* that name emissions; NULL: none */
    const struct g20_shape *shape;                   /* that is looked for too; NULL: none */
    bool prefer_int8;                                /* NAME-int8 where there is one */
    void (*image)(const uint8_t *image, void *user); /* what the network looked at; may be NULL */
    /* The second look at a find; may be NULL. */
    void (*look)(const struct g20_find *f, const struct g20_look *look, void *user);
    void *user; /* of .image and .look */
};

struct g20_found {
    struct g20_emission *item; /* (count) owned */
    size_t count, cap;
    bool failed;                   /* more than memory holds */
    struct g20_pipeline *pipeline; /* while it runs: to stop when interrupted */
    struct g20_progress progress;
    const struct g20_found_cfg *how; /* while it runs */
    struct g20_pipeline_stats stats;
    uint64_t took_ns;
};

/* @file: a path, or an argument string of the driver "file" (docs/sources.md). @f zero-initialised.
 * Stops early when interrupted, with success: ask g20_interrupted(). Errors are in *e. */
G20_MUST_USE int g20_found_run(struct g20_found *f, const char *file,
                               const struct g20_found_cfg *cfg, struct g20_err *e);
void g20_found_fini(struct g20_found *f);

#endif
