/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/boxes.h"

#include "base/alloc.h"
#include "base/text.h"
#include "server/wire.h"

#include <stdio.h>
#include <string.h>

static float unit(double x)
{
    return (float)G20_CLAMP(x, 0.0, 1.0);
}

static struct g20_wire_box box_of(const struct g20_detections *d, const struct g20_box *b)
{
    /* Complex samples: the span is the sample rate. */
    const double samples = d->span_hz * d->duration_s;
    const double start = (double)(int64_t)(b->sample_start - d->first_sample);

    return (struct g20_wire_box){
        .x1 = unit(b->f_lo_hz / d->span_hz + 0.5),
        .x2 = unit(b->f_hi_hz / d->span_hz + 0.5),
        .y1 = unit(start / samples),
        .y2 = unit((start + (double)b->sample_count) / samples),
        .class_id = b->class_id,
        .confidence = b->confidence,
    };
}

struct g20_msg *g20_boxes_dt01(const struct g20_hub_tile *t)
{
    const struct g20_detections *d = &t->d;
    const struct g20_dt01 h = {
        .time_us = d->time_us,
        .frame_idx = d->frame_idx,
        .center_hz = d->center_hz,
        .span_hz = d->span_hz,
        .duration_s = d->duration_s,
        .count = (uint32_t)d->count,
    };
    struct g20_wire_box *boxes = g20_calloc(d->count + 1, sizeof(*boxes));
    struct g20_msg *m = boxes ? g20_msg_create(g20_dt01_bytes(h.count), true) : NULL;

    for (uint32_t i = 0; m && i < h.count; i++)
        boxes[i] = box_of(d, &d->boxes[i]);
    if (m)
        g20_dt01_encode(&h, boxes, g20_msg_data(m));
    g20_free(boxes);
    return m;
}

static void put_box(struct g20_text *t, const struct g20_wire_box *b, const char *const *names,
                    size_t nnames)
{
    const float v[] = {b->x1, b->y1, b->x2, b->y2, b->confidence};
    char unnamed[32];

    g20_text_puts(t, "[");
    for (size_t i = 0; i < G20_COUNT_OF(v); i++) {
        g20_text_num(t, (double)v[i], 7);
        g20_text_puts(t, ",");
    }
    snprintf(unnamed, sizeof(unnamed), "class %d", (int)b->class_id);
    const bool named = b->class_id >= 0 && (size_t)b->class_id < nnames && names[b->class_id];
    g20_text_json(t, named ? names[b->class_id] : unnamed);
    g20_text_puts(t, "]");
}

struct g20_msg *g20_boxes_json(const struct g20_hub_tile *t, const char *const *names,
                               size_t nnames)
{
    const struct g20_detections *d = &t->d;
    struct g20_text text = {0};
    struct g20_msg *m = NULL;

    g20_text_printf(&text, "{\"type\":\"detections\",\"timestamp_us\":%llu,\"frame_idx\":%u,",
                    (unsigned long long)d->time_us, d->frame_idx);
    g20_text_puts(&text, "\"center_hz\":");
    g20_text_num(&text, d->center_hz, 3);
    g20_text_puts(&text, ",\"span_hz\":");
    g20_text_num(&text, d->span_hz, 3);
    g20_text_puts(&text, ",\"duration_s\":");
    g20_text_num(&text, d->duration_s, 9);
    g20_text_puts(&text, ",\"boxes\":[");
    for (size_t i = 0; i < d->count; i++) {
        const struct g20_wire_box b = box_of(d, &d->boxes[i]);

        if (i > 0)
            g20_text_puts(&text, ",");
        put_box(&text, &b, names, nnames);
    }
    g20_text_puts(&text, "]}");
    if (!text.failed && text.data)
        m = g20_msg_create(text.len, false);
    if (m && text.data)
        memcpy(g20_msg_data(m), text.data, text.len);
    g20_text_fini(&text);
    return m;
}
