/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* inference: what the configuration says of who runs networks, and what is there to do so. */
#ifndef G20_APP_INFERENCE_H
#define G20_APP_INFERENCE_H

#include "config/config.h"
#include "nn/ort.h"

#include <jansson.h>

/* Strings are borrowed from @cfg. */
void g20_inference_provider(const struct g20_config *cfg, struct g20_provider *ret);

/* Is what runs the model in file @model there? What is used is logged. *e names what is missing. */
G20_MUST_USE int g20_inference_check(const struct g20_config *cfg, const char *model,
                                     struct g20_err *e);

/* {"providers": ["cpu", ...], "onnxruntime": "1.16.3" or null}: what a small network ran on when
 * it was tried just now. May take a while. */
json_t *g20_inference_json(const struct g20_config *cfg);

#endif
