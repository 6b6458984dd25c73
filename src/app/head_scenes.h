/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* head_scenes: examples of what a head is not, from scenes of the generator: what the detector
 * finds in them, looked at. They depend on nothing that is taught, so they are kept in a folder for
 * the next training. */
#ifndef G20_APP_HEAD_SCENES_H
#define G20_APP_HEAD_SCENES_H

#include "train/head.h"

struct g20_head_scenes {
    struct g20_trunk *trunk;
    const char *model;   /* the detector */
    const char *without; /* a kind that is left out; NULL: none */
    const char *cache;   /* folder; NULL: none */
    uint32_t count;      /* of a second each */
    uint64_t seed;       /* of the rates that they are seen at too (train/head_scale.h) */
    bool quiet;
    void (*step)(void *user); /* after each */
    void *user;
};

/* Into @set, where the signal is already. -ECANCELED: interrupted. */
G20_MUST_USE int g20_head_scenes_take(const struct g20_head_scenes *how, struct g20_head_set *set,
                                      struct g20_err *e);

#endif
