/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* head_finds: what the detector finds in a labelled recording, and which of it is the signal.
 *
 * People draw a burst's box; a detector finds pieces of it, several bursts as one, or the burst
 * with its side lobes. So it is not areas that are compared: a find is the signal when most of its
 * energy lies in labelled boxes, whatever its own edges are, and it is not a mere splinter of one.
 */
#ifndef G20_APP_HEAD_FINDS_H
#define G20_APP_HEAD_FINDS_H

#include "detect/find.h"
#include "detect/trunk.h"
#include "eval/truth.h"

enum g20_head_verdict {
    G20_FIND_UNKNOWN, /* a splinter, half of it something else, or on what is to be ignored */
    G20_FIND_MEANT,
    G20_FIND_OTHER, /* it is something else for sure */
    G20_FIND_MAYBE, /* nobody labelled it, where not everything is labelled */
};

struct g20_head_find {
    float features[G20_TRUNK_FEATURES];
    double start, stop, f_lo, f_hi; /* samples, fractions of the rate */
    float share;                    /* of its energy that lies in labelled boxes, 0..1 */
    float energy;                   /* over the noise, of its labelled part */
    float part;                     /* of its box's area */
    int box;                        /* number of the box that most of that lies in, -1: none */
    enum g20_head_verdict verdict;
};

struct g20_head_finds { /* zeroed, then set: */
    struct g20_trunk *trunk;
    const struct g20_truth *truth; /* NULL: nothing of it is meant */
    const char *label;             /* in it, of what is meant */

    struct g20_head_find *item; /* (count) */
    size_t count, cap;
    bool *covered; /* (truth->count) boxes that a find stands for; after search() */
    bool joined;   /* several boxes are one find that nothing cuts; after search() */
    bool failed;   /* out of memory */
};

struct g20_head_search {
    const char *model;             /* the detector */
    double scene_rate_hz;          /* of a scene (docs/scene.md); 0: it is a recording */
    const struct g20_shape *shape; /* that is looked for too; NULL: none */
    bool quiet;
};

/* All that the detector finds in recording, or scene, @what, judged. -ECANCELED: interrupted. */
G20_MUST_USE int g20_head_finds_search(struct g20_head_finds *all, const char *what,
                                       const struct g20_head_search *how, struct g20_err *e);
void g20_head_finds_fini(struct g20_head_finds *all);

#endif
