/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* model_quantize: g20 model quantize. */
#ifndef G20_APP_MODEL_QUANTIZE_H
#define G20_APP_MODEL_QUANTIZE_H

#include "app/app.h"

struct g20_model_quantize {
    const char *model;  /* name or file, float32 */
    const char *out;    /* the ONNX file */
    const char *method; /* "percentile", "entropy" or "best" */
    double share;       /* of percentile: values inside the range, 0..1 */
    uint64_t tiles;     /* looked at, spread over all that is given */
    const struct g20_cli_list *scenes;
    double rate_hz; /* of scenes */
    char *const *files;
    int count; /* files */
    bool json, quiet;
};

/* The exit code. */
int g20_model_quantize(const struct g20_model_quantize *o);

#endif
