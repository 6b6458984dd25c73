/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* hydra_model: the tile network as a model file: what its properties say, and whether a file is one
 * that this program's tiles fit. docs/models.md has the properties. */
#ifndef G20_DETECT_HYDRA_MODEL_H
#define G20_DETECT_HYDRA_MODEL_H

#include "nn/model.h"

/* The model that @path holds: an ONNX file, or a checkpoint of g20 train. -ENOENT there is no such
 * file, -EBADMSG it is damaged, G20_EUNSUPPORTED and G20_ELOCKED it does not fit: the message names
 * what. The caller gives *m to g20_model_fini(). */
G20_MUST_USE int g20_hydra_load(struct g20_model *m, const char *path, struct g20_err *e);

/* Does @m (of file @name) fit? Network and properties; what differs is named. */
G20_MUST_USE int g20_hydra_check(const struct g20_model *m, const char *name, struct g20_err *e);

/* Properties that say what @m must be fed with and how to read its output. */
G20_MUST_USE int g20_hydra_describe(struct g20_model *m, struct g20_err *e);

#endif
