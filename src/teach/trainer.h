/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* trainer: one run of `g20 train signal` as a process of its own, of low priority, without a shell;
 * it ends with the thread that started it. */
#ifndef G20_TEACH_TRAINER_H
#define G20_TEACH_TRAINER_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct g20_trainer_cfg {
    const char *exe; /* of g20; "/proc/self/exe" is this program */
    const char *training_dir, *models_dir;
    const char *capture_dir; /* "": none */
    const char *signal, *preset, *job_id;
    uint64_t seed;
    int wake_fd; /* becomes readable when .stop() is to be asked */
    /* 0: go on; 1: end it in an orderly way; 2: end it at once. */
    int (*stop)(void *user);
    void (*line)(const char *line, void *user); /* of its output, without the end */
    void *user;
};

/* Runs until the process has ended. 0: it did what it was to do; -ECANCELED: stopped; others: the
 * message is its own last one. */
G20_MUST_USE int g20_trainer_run(const struct g20_trainer_cfg *cfg, struct g20_err *e);

#endif
