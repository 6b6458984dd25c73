/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* model_foreign: g20 model list and info of detectors of other makers. Main thread only. */
#ifndef G20_APP_MODEL_FOREIGN_H
#define G20_APP_MODEL_FOREIGN_H

#include "base/err.h"

#include <jansson.h>
#include <stdbool.h>

/* Is @path an ONNX file of none of this program's own? */
bool g20_model_is_foreign(const char *path);

/* A line of the table, or an object added to @all. ONNX Runtime is not needed. */
void g20_model_foreign_list(const char *name, const char *path, json_t *all);

/* Loads it, so ONNX Runtime is needed, and prints what it takes and gives. */
G20_MUST_USE int g20_model_foreign_info(const char *name, const char *path, bool json,
                                        struct g20_err *e);

#endif
