/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* service: teaching in a daemon: samples, trainings one at a time from a bounded queue, versions
 * put to work while detectors run. What the commands do is in command.c, command_signal.c and
 * seen.c.
 *
 * Jobs are files (FOLDER/jobs/ID.json) before they are promised to anybody; those that were queued
 * or running when the daemon ended are taken up again by the next one. */
#ifndef G20_TEACH_SERVICE_H
#define G20_TEACH_SERVICE_H

#include "detect/heads.h"
#include "detect/memory.h"
#include "store/store.h"
#include "teach/clip.h"
#include "teach/samples.h"

enum { G20_TEACH_QUEUE = 8 }; /* trainings waiting */

/* Complex samples of a stretch of time. */
struct g20_teach_iq {
    float *iq; /* (samples) complex, full scale 1; from g20_calloc() */
    uint64_t samples, time_us;
    double rate_hz, center_hz;
};

struct g20_teach_cfg {
    const char *training_dir, *models_dir;
    const char *capture_dir;   /* recordings to look through; NULL or "": none */
    const char *exe;           /* NULL: this program */
    struct g20_heads *heads;   /* borrowed; NULL: nothing can be put to work */
    struct g20_memory *memory; /* of what was looked at; borrowed; NULL: nothing is like anything */
    struct g20_store *store;   /* borrowed; gets records of samples and versions; NULL: none */
    const char *presets;       /* that may be asked for, "quick balanced"; NULL: all there are */
    size_t most_iq;            /* bytes of samples in one answer */
    /* What was received from UTC @start_us on, at most @most samples, without a gap; *ret is the
     * caller's. -ENODATA: it is not held any more. NULL: nothing is kept. */
    int (*fetch)(uint64_t start_us, uint64_t duration_us, uint64_t most, struct g20_teach_iq *ret,
                 struct g20_err *e, void *user);
    void *fetch_user;
    /* Keeps what was received lately as a recording in @folder, for the review of the training that
     * begins; from the service's thread, takes its time. NULL: nothing is kept. */
    void (*keep)(const char *folder, void *user);
    void *keep_user;
    /* Progress and ends of trainings, each a message of protocol.md; takes over @news. Called from
     * the service's thread. NULL: nobody listens. */
    void (*news)(json_t *news, void *user);
    void *news_user;
};

struct g20_teach;
/* Opens the folder and puts the active versions to work. Strings are copied. */
G20_MUST_USE int g20_teach_create(struct g20_teach **ret, const struct g20_teach_cfg *cfg,
                                  struct g20_err *e);
/* Trainings begin: after this .news is called. */
G20_MUST_USE int g20_teach_start(struct g20_teach *t, struct g20_err *e);
/* A training that runs is killed; it begins again with the next start. */
void g20_teach_stop(struct g20_teach *t);
void g20_teach_destroy(struct g20_teach *t); /* stops first; NULL is fine */

struct g20_teach_stats {
    uint32_t running, queued;         /* trainings */
    uint64_t done, failed, cancelled; /* since create() */
};
void g20_teach_stats(struct g20_teach *t, struct g20_teach_stats *ret); /* any thread */

/* The answer to a command of /ws/training; any thread, takes its time. The caller owns it; NULL:
 * out of memory. @user: struct g20_teach *. */
json_t *g20_teach_obey(const char *command, const json_t *request, void *user);

#endif
