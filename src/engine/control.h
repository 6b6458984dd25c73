/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* control: the only questions and commands that the server may put to the engine.
 *
 * A table of functions instead of the pipeline itself, because pipelines come and go (a radio that
 * disappears is reopened) while the server stays. Every function may be called from any thread
 * and must return within milliseconds; tune() waits for the device, 300 ms at most. */
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
    enum g20_pipeline_part failed; /* FAILED: what it is that failed */
    double retry_in_s;             /* < 0: no further try */
    uint64_t restarts;             /* pipelines started after the first */
    bool has_source; /* @source and @stats are of the pipeline running now (or the last one) */
    struct g20_source_info source;
    struct g20_pipeline_stats stats;
    const char *model;              /* static for the life of the control */
    const char *const *class_names; /* (nclasses) likewise; index: class_id. A model that names its
                                       own has them from its first pipeline on */
    size_t nclasses;
};

struct g20_control {
    void (*state)(struct g20_control_state *ret, void *user);
    /* As g20_source_tune(): what is NAN in @wanted stays, *ret_actual is what the device does now
     * (NAN: it has no such thing). -EOPNOTSUPP, -ERANGE, -ETIMEDOUT, -EBUSY, -ENODEV: nothing is
     * running. */
    int (*tune)(const struct g20_tune *wanted, struct g20_tune *ret_actual, struct g20_err *e,
                void *user);
    void *user;
};

#endif
