/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* scene_boxes: the newest boxes of a scene, in order of their starts. */
#ifndef G20_SOURCE_SCENE_BOXES_H
#define G20_SOURCE_SCENE_BOXES_H

#include "source/scene.h"

#define G20_SCENE_BOXES 65536

struct g20_scene_boxes {
    struct g20_scene_box *box; /* (G20_SCENE_BOXES) ring: number i is at i mod size */
    uint64_t count;            /* ever added */
};

int g20_scene_boxes_init(struct g20_scene_boxes *b);
void g20_scene_boxes_fini(struct g20_scene_boxes *b);
uint64_t g20_scene_boxes_add(struct g20_scene_boxes *b, const struct g20_scene_box *box);
void g20_scene_boxes_end(struct g20_scene_boxes *b, uint64_t number, uint64_t at);
/* As g20_scene_boxes(); @given: samples read so far. */
size_t g20_scene_boxes_get(const struct g20_scene_boxes *b, uint64_t since, uint64_t given,
                           struct g20_scene_box *out, size_t cap);

#endif
