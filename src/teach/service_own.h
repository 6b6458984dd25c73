/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* service_own: what service.c, jobs.c and the commands (command.c, command_signal.c, seen.c) share.
 * Private to the folder. */
#ifndef G20_TEACH_SERVICE_OWN_H
#define G20_TEACH_SERVICE_OWN_H

#include "teach/request.h"
#include "teach/service.h"

#include "base/thread.h"

enum { G20_JOBS_KEPT = 32 };

enum g20_job_state {
    G20_JOB_QUEUED,
    G20_JOB_RUNNING,
    G20_JOB_DONE,
    G20_JOB_FAILED,
    G20_JOB_CANCELLED,
};

struct g20_job {
    char id[G20_JOB_ID], signal[G20_SIGNAL_NAME], preset[12];
    uint64_t seed;
    enum g20_job_state state;
    char message[200];
    uint32_t version;
    bool promoted, cancel;
    json_t *progress; /* the last one; owned */
};

struct g20_teach {
    char training_dir[G20_FOLDER_PATH], models_dir[G20_FOLDER_PATH], exe[G20_FOLDER_PATH];
    char presets[64];
    char capture_dir[G20_FOLDER_PATH];
    struct g20_teach_cfg cfg;
    struct g20_samples *samples;
    struct g20_thread thread;
    int wake_fd;
    pthread_mutex_t
        index_lock;       /* from the look at the files to the last record that is put right */
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t changed;
    bool stopping;
    struct g20_job job[G20_JOBS_KEPT + G20_TEACH_QUEUE + 1]; /* oldest first */
    size_t jobs;
    uint64_t ended[G20_JOB_CANCELLED + 1]; /* by their last state */
};

/* A new job; its id into @id. -EBUSY: the queue is full, or the signal is being trained. */
G20_MUST_USE int g20_jobs_add(struct g20_teach *t, const struct g20_teach_request *r, char *id,
                              struct g20_err *e);
/* "" is the one that runs. -ENOENT: there is none, or it is over. */
G20_MUST_USE int g20_jobs_cancel(struct g20_teach *t, const char *id, struct g20_err *e);
/* All jobs, or the one with @id: {job_id, signal_name, preset, seed, state, ...}; NULL: none. */
json_t *g20_jobs_describe(struct g20_teach *t, const char *id);

/* What one command does; *ret is its answer. */
typedef int g20_teach_command(struct g20_teach *t, const struct g20_teach_request *q, json_t **ret,
                              struct g20_err *e);

/* command_signal.c; promote() and delete() undo as well: by the kind of the request. */
g20_teach_command g20_teach_signal_versions, g20_teach_signal_promote, g20_teach_signal_rename,
    g20_teach_signal_delete, g20_teach_signal_export;
/* seen.c */
g20_teach_command g20_seen_review, g20_seen_answer, g20_seen_similar, g20_seen_clusters,
    g20_seen_teach_cluster;

/* The active version of @signal is what names from now on; none: nothing does. */
G20_MUST_USE int g20_teach_activate(struct g20_teach *t, const char *signal, struct g20_err *e);

/* The store's records of @signal (NULL: of all) are as the files are; a failure is logged. */
void g20_teach_index(struct g20_teach *t, const char *signal);
/* Logs that failure; @r >= 0: there is none. */
void g20_teach_index_result(int r, const struct g20_err *e);

#endif
