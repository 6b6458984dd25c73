/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* recorded: looks at the annotated emissions of a SigMF recording. */
#ifndef G20_TRAIN_RECORDED_H
#define G20_TRAIN_RECORDED_H

#include "detect/look.h"

struct g20_recorded_look {
    const struct g20_look *look; /* borrowed for the call */
    const char *label;           /* of the annotation, "" when it has none */
    uint32_t annotation;         /* its number in the file */
    uint32_t variant;            /* 0: as annotated; else edges and noise were varied */
};

/* false: stop. */
typedef bool g20_recorded_fn(const struct g20_recorded_look *l, void *user);

/* Every annotation of @path (any of its names) that is not to be ignored, as annotated and
 * @variants times with other edges and some noise, drawn from @seed; one longer than a tile in
 * parts of a tile's length. Errors name the file and what is wrong with it. */
G20_MUST_USE int g20_recorded_looks(const char *path, uint32_t variants, uint64_t seed,
                                    g20_recorded_fn *fn, void *user, struct g20_err *e);

#endif
