/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* registry: the versions of the heads that were taught, and which of them is active.
 *
 *     FOLDER/signals/NAME/versions/0003/head.onnx, version.json     written aside, then renamed
 *     FOLDER/signals/NAME/active.json    {"history": [1, 3]}: what was promoted; the last is active
 *
 * The one rename of active.json is the promotion: a kill at any moment leaves the version before or
 * the one after. Five versions are kept, the active one always. Thread-safe, and safe against other
 * processes (the lock of the folder). Paths are G20_FOLDER_PATH long. */
#ifndef G20_TEACH_REGISTRY_H
#define G20_TEACH_REGISTRY_H

#include "teach/folder.h"

#include <stdint.h>

enum { G20_VERSIONS_KEPT = 5 };

/* A folder of its own for version files that are being made, into @work; what earlier trainings
 * that were killed left there is taken away. */
G20_MUST_USE int g20_version_begin(const char *dir, const char *signal, char *work,
                                   struct g20_err *e);

/* The head in @work/head.onnx becomes the next version of the signal, with what @info says of it
 * (f1, asked, kept, job_id, ...), and is made active when g20_version_better(). @info gets
 * "version", "promoted" and, why or why not, "promotion". Old versions go. */
G20_MUST_USE int g20_version_commit(const char *dir, const char *signal, const char *work,
                                    json_t *info, struct g20_err *e);

/* The rule of promotion. @active: what is known of the active version, NULL: there is none.
 * *ret_why says it in words (static). */
bool g20_version_better(const json_t *info, const json_t *active, const char **ret_why);

/* Objects {version, active, f1, precision, recall, ..} with the oldest first. */
G20_MUST_USE int g20_versions_list(const char *dir, const char *signal, json_t **ret,
                                   struct g20_err *e);
/* The number of the active version; 0: none is. */
G20_MUST_USE int g20_version_active(const char *dir, const char *signal, uint32_t *ret,
                                    struct g20_err *e);
/* Where the head of a version is; -ENOENT: there is no such version. */
G20_MUST_USE int g20_version_path(const char *dir, const char *signal, uint32_t version, char *path,
                                  struct g20_err *e);
/* The number of the version that training @job_id made, 0: none did. */
G20_MUST_USE int g20_version_of_job(const char *dir, const char *signal, const char *job_id,
                                    uint32_t *ret, struct g20_err *e);

G20_MUST_USE int g20_version_promote(const char *dir, const char *signal, uint32_t version,
                                     struct g20_err *e);
/* To the one that was active before; its number to *ret. -ENOENT: there was none, or it is gone. */
G20_MUST_USE int g20_version_rollback(const char *dir, const char *signal, uint32_t *ret,
                                      struct g20_err *e);

#endif
