/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* recorded: looks at the annotated emissions of a SigMF recording. */
#ifndef G20_TRAIN_RECORDED_H
#define G20_TRAIN_RECORDED_H

#include "detect/look.h"
#include "train/examples.h"

struct g20_recorded_look {
    const struct g20_look *look; /* borrowed for the call */
    const char *label;           /* of the annotation, "" when it has none */
    uint32_t annotation;         /* its number in the file, or among the extents */
    uint32_t variant;            /* 0: as annotated; else edges and noise were varied */
    bool piece;                  /* the variant is a piece of it only */
    double time_s;               /* its middle, from the recording's begin */
};

/* false: stop. */
typedef bool g20_recorded_fn(const struct g20_recorded_look *l, void *user);

/* The recording as it might have been received: what a head has to be indifferent to. */
struct g20_recorded_change {
    double shift;  /* higher in frequency, by this share of the rate; what leaves the band is not
                      shown */
    uint64_t late; /* samples */
    float gain;    /* of the amplitude; 0: 1 */
};

/* Every annotation of @path (any of its names) that is not to be ignored, as annotated and
 * @variants times with other edges and some noise, every fourth of them a piece of it only, drawn
 * from @seed; one longer than a tile in parts of a tile's length. Errors name the file and what is
 * wrong with it. */
G20_MUST_USE int g20_recorded_looks(const char *path, uint32_t variants, uint64_t seed,
                                    g20_recorded_fn *fn, void *user, struct g20_err *e);

/* The @variants alone, of @count extents in the recording (label ""). */
G20_MUST_USE int g20_recorded_extents(const char *path, const struct g20_edges *at, size_t count,
                                      uint32_t variants, uint64_t seed, g20_recorded_fn *fn,
                                      void *user, struct g20_err *e);

/* The same, as annotated only, in a recording that is changed by @change. */
G20_MUST_USE int g20_recorded_changed(const char *path, const struct g20_recorded_change *change,
                                      g20_recorded_fn *fn, void *user, struct g20_err *e);

#endif
