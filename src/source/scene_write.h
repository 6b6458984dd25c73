/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* scene_write: a scene as a SigMF recording with exact annotations: edges in time and frequency,
 * the kind as label, SNR and emitter in the comment, spurs marked g20:ignore. */
#ifndef G20_SOURCE_SCENE_WRITE_H
#define G20_SOURCE_SCENE_WRITE_H

#include "source/scene.h"

struct g20_scene_write {
    struct g20_scene_cfg scene; /* .seconds > 0 */
    const char *base;           /* path without ending; both files are replaced */
    bool floats;                /* cf32_le; otherwise ci16_le */
    /* Samples written so far; false: stop. NULL: nobody wants to know. */
    bool (*progress)(uint64_t done, uint64_t total, void *user);
    void *user;
};

/* Bytes of the samples of such a recording. */
uint64_t g20_scene_write_bytes(const struct g20_scene_cfg *scene, bool floats);

/* Samples first, then metadata, each written aside, synced and renamed: on failure, and on
 * -ECANCELED, neither is there. *ret_boxes: annotations; may be NULL. */
G20_MUST_USE int g20_scene_write(const struct g20_scene_write *w, size_t *ret_boxes,
                                 struct g20_err *e);

#endif
