/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* truth: what is really in a recording, from its SigMF annotations or from a scene. */
#ifndef G20_EVAL_TRUTH_H
#define G20_EVAL_TRUTH_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Samples and offsets from the centre in hertz, as doubles: the scores are ratios of areas. */
struct g20_truth_box {
    double start, stop, f_lo, f_hi;
    double vis_lo, vis_hi; /* visible edges, outside of f_lo..f_hi; an edge between is right */
    bool ignore;           /* neither hit nor miss, and no false alarm on it */
    float snr_db;          /* in-band; NAN when unknown */
    char kind[64];
};

struct g20_truth {
    char name[256]; /* for people */
    double rate_hz, center_hz;
    uint64_t samples; /* of the recording; 0 unknown */
    bool partial;     /* other real signals may be unmarked: no false alarms are counted */
    struct g20_truth_box *box;
    size_t count;
};

/* @path: any of a SigMF recording's three names. */
G20_MUST_USE int g20_truth_load(struct g20_truth **ret, const char *path, struct g20_err *e);
/* Of the synthetic scene that the driver "scene" plays with @args, which must hold seconds=N
 * (docs/scene.md). Makes all of its samples to know it. */
G20_MUST_USE int g20_truth_scene(struct g20_truth **ret, const char *args, double rate_hz,
                                 struct g20_err *e);
/* @boxes empty boxes to be filled in by the caller. */
G20_MUST_USE int g20_truth_create(struct g20_truth **ret, size_t boxes);
void g20_truth_destroy(struct g20_truth *t); /* NULL is fine */

#endif
