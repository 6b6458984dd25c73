/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* models: where model files are. A name is looked for as NAME.onnx in paths.models_dir, then in
 * models/ beside the program (a build), then where G20 was installed.
 * What holds a slash or ends in .onnx or .ckpt is a file's path. Main thread only. */
#ifndef G20_APP_MODELS_H
#define G20_APP_MODELS_H

#include "base/err.h"
#include "config/config.h"

#define G20_MODELS_TRUNK "hydra-look" /* the second look's network, which heads stand on */

/* The path of @name into @path (@size); "energy" stays what it is.
 * @prefer_int8: NAME-int8.onnx, of the first folder that has either of the two. @models_dir NULL:
 * that of the environment. -ENOENT names the folders that were looked in. */
G20_MUST_USE int g20_models_find(const char *name, const char *models_dir, bool prefer_int8,
                                 char *path, size_t size, struct g20_err *e);

/* Each model that a name may stand for, in order of their names; false from @fn ends it. */
typedef bool g20_models_fn(const char *name, const char *path, void *user);
void g20_models_each(const char *models_dir, g20_models_fn *fn, void *user);

/* May inference.model name the file @path? Not when it says that it is a head or the network that
 * heads stand on. */
bool g20_models_is_detector(const char *path);

#endif
