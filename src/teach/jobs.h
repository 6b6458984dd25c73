/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* jobs: the list of trainings of a service, in memory and on disk. Private to the folder. */
#ifndef G20_TEACH_JOBS_H
#define G20_TEACH_JOBS_H

#include "teach/service_own.h"

/* Those on disk into @t, before its thread runs; damaged files are passed over. */
G20_MUST_USE int g20_jobs_load(struct g20_teach *t, struct g20_err *e);

/* The lock is held for both. */
G20_MUST_USE int g20_job_save(struct g20_teach *t, const struct g20_job *j, struct g20_err *e);
struct g20_job *g20_job_find(struct g20_teach *t, const char *id); /* NULL: there is none */

#endif
