/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* control: the only questions and commands that the server may put to the engine.
 *
 * A table of functions instead of the pipeline itself, because pipelines come and go (a radio that
 * disappears is reopened) while the server stays. Every function may be called from any thread
 * and must return within milliseconds. */
#ifndef G20_ENGINE_CONTROL_H
#define G20_ENGINE_CONTROL_H

#include "engine/pipeline.h"

enum g20_run_state {
    G20_RUN_STARTING, /* the source is being opened, or waits for its next try */
    G20_RUN_RUNNING,
    G20_RUN_ENDED,  /* a recording played once is over */
    G20_RUN_FAILED, /* source or stage failed; @error says why, @retry_in_s when it is tried again
                     */
};

struct g20_control_state {
    enum g20_run_state run;
    char error[320];
    double retry_in_s; /* < 0: no further try */
    uint64_t restarts; /* pipelines started after the first */
    bool has_source;   /* @source and @stats are of the pipeline running now (or the last one) */
    struct g20_source_info source;
    struct g20_pipeline_stats stats;
    const char *model;              /* static for the life of the control */
    const char *const *class_names; /* (nclasses) likewise; index: class_id */
    size_t nclasses;
};

struct g20_control {
    void (*state)(struct g20_control_state *ret, void *user);
    /* The value the device really took goes to *ret_actual_hz. -EOPNOTSUPP: cannot be tuned,
     * -ENODEV: nothing is running. */
    int (*tune)(double center_hz, double *ret_actual_hz, struct g20_err *e, void *user);
    void *user;
};

#endif
