/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* head_job: a head from labelled recordings, from their samples to the file: what `g20 train head`
 * and `g20 train signal` share. */
#ifndef G20_APP_HEAD_JOB_H
#define G20_APP_HEAD_JOB_H

#include "app/app.h"
#include "train/head.h"

struct g20_head_progress {
    uint32_t done, total;   /* recordings and scenes looked at */
    uint32_t epoch, epochs; /* 0 before it learns */
    double loss, f1;        /* of what is held back; meaningful once it learns */
};

struct g20_head_job {
    const char *name, *out, *version, *without, *trunk;
    const char *model; /* the detector whose finds it is to name */
    const char *cache; /* folder for what does not depend on the recordings; NULL: none */
    const struct g20_head_preset *preset;
    int own; /* the first of the files, which are of this signal: in those of others the label
                "other" says what is not theirs, and nothing here */
    uint64_t seed;
    bool quiet;
    void (*progress)(const struct g20_head_progress *p, void *user); /* NULL: nobody asks */
    void *user;
};

struct g20_head_result {
    struct g20_head_report report;
    uint32_t labelled; /* emissions */
    /* The invariance check: labelled emissions that are named as recorded, shown again higher,
     * lower, later, weaker and stronger; and how many of those views are named still. */
    uint32_t asked, kept;
    double seconds;
};

/* -ECANCELED: interrupted; the message names the file at fault otherwise. */
G20_MUST_USE int g20_head_job_run(const struct g20_head_job *job, int count, char *const *files,
                                  struct g20_head_result *ret, struct g20_err *e);

/* The members of an object, without braces: "\"labelled\":20,...". */
void g20_head_result_text(const struct g20_head_result *x, char *buf, size_t size);

#endif
