/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* scene_args: "seed=7,noise=-50,density=2,impairments=off,quiet=on,kind=ofdm" */
#ifndef G20_SOURCE_SCENE_ARGS_H
#define G20_SOURCE_SCENE_ARGS_H

#include "source/scene.h"

/* Every key may be left out; @args may be NULL or empty. *cfg is untouched on failure, and the
 * message names the key. */
G20_MUST_USE int g20_scene_parse_args(struct g20_scene_cfg *cfg, const char *args,
                                      struct g20_err *e);

#endif
