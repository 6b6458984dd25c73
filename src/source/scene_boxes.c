/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "source/scene_boxes.h"

#include "base/alloc.h"

#include <errno.h>
#include <stdlib.h>

int g20_scene_boxes_init(struct g20_scene_boxes *b)
{
    b->count = 0;
    b->box = g20_calloc(G20_SCENE_BOXES, sizeof(*b->box));
    return b->box ? 0 : -ENOMEM;
}

void g20_scene_boxes_fini(struct g20_scene_boxes *b)
{
    g20_free(b->box);
    b->box = NULL;
}

uint64_t g20_scene_boxes_add(struct g20_scene_boxes *b, const struct g20_scene_box *box)
{
    b->box[b->count % G20_SCENE_BOXES] = *box;
    return b->count++;
}

void g20_scene_boxes_end(struct g20_scene_boxes *b, uint64_t number, uint64_t at)
{
    struct g20_scene_box *box = &b->box[number % G20_SCENE_BOXES];

    if (number + G20_SCENE_BOXES < b->count)
        return; /* forgotten */
    if (box->sample_start >= at)
        box->sample_count = 0;
    else if (box->sample_start + box->sample_count > at)
        box->sample_count = at - box->sample_start;
}

static int by_start(const void *a, const void *b)
{
    const uint64_t x = ((const struct g20_scene_box *)a)->sample_start;
    const uint64_t y = ((const struct g20_scene_box *)b)->sample_start;

    return (x > y) - (x < y);
}

size_t g20_scene_boxes_get(const struct g20_scene_boxes *b, uint64_t since, uint64_t given,
                           struct g20_scene_box *out, size_t cap)
{
    const uint64_t oldest = b->count > G20_SCENE_BOXES ? b->count - G20_SCENE_BOXES : 0;
    size_t n = 0;

    for (uint64_t i = oldest; i < b->count; i++) {
        struct g20_scene_box box = b->box[i % G20_SCENE_BOXES];

        if (box.sample_count == 0 || box.sample_start >= given)
            continue;
        box.sample_count = G20_MIN(box.sample_count, given - box.sample_start);
        if (box.sample_start + box.sample_count <= since)
            continue;
        if (n < cap)
            out[n] = box;
        n++;
    }
    if (cap > 0)
        qsort(out, G20_MIN(n, cap), sizeof(*out), by_start);
    return n;
}
