/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/yolo.h"

#include "base/alloc.h"
#include "detect/class_list.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    PLACE = 4,       /* x, y, width, height */
    MOST = 1 << 20,  /* candidates */
    COMPARED = 8192, /* of them that boxes are made from: the surest */
};

struct candidate {
    float score;
    uint32_t at, class_id;
};

struct g20_yolo {
    struct g20_yolo_shape shape;
    uint32_t max_boxes;
    float nms_threshold;
    struct candidate *candidate; /* (candidates) */
    struct g20_hydra_box *box;   /* (max_boxes) */
};

static int check(struct g20_yolo_shape *ret, const struct g20_ort_shape *out,
                 enum g20_yolo_layout layout, uint32_t classes, struct g20_err *e)
{
    const bool v8 = layout == G20_YOLO_V8;
    const int64_t outputs = out->dim[v8 ? 1 : 2], candidates = out->dim[v8 ? 2 : 1];
    const int64_t found = outputs - PLACE - !v8;
    char text[64];

    g20_ort_show(out, text, sizeof(text));
    if (found < 1 || found > G20_CLASSES_MOST || candidates > MOST)
        return g20_fail(e, G20_ESHAPE,
                        "an output of %s is %lld candidates of %lld classes, want at most %d of 1 "
                        "to %d",
                        text, (long long)candidates, (long long)found, MOST, G20_CLASSES_MOST);
    if (classes > 0 && found != (int64_t)classes)
        return g20_fail(e, G20_ESHAPE, "an output of %s has %lld classes, the file names %u", text,
                        (long long)found, classes);
    *ret = (struct g20_yolo_shape){
        .layout = layout, .candidates = (uint32_t)candidates, .classes = (uint32_t)found};
    return 0;
}

int g20_yolo_recognise(struct g20_yolo_shape *ret, const struct g20_ort_shape *out,
                       uint32_t classes, const char *layout, struct g20_err *e)
{
    char text[64];

    g20_ort_show(out, text, sizeof(text));
    if (out->dims != 3 || out->dim[0] != 1 || out->dim[1] < 1 || out->dim[2] < 1)
        return g20_fail(e, G20_ESHAPE,
                        "an output of %s, want 1 x (4 + classes) x candidates (yolov8) or 1 x "
                        "candidates x (5 + classes) (yolov5)",
                        text);
    if (layout && strcmp(layout, "yolov8") == 0)
        return check(ret, out, G20_YOLO_V8, classes, e);
    if (layout && strcmp(layout, "yolov5") == 0)
        return check(ret, out, G20_YOLO_V5, classes, e);
    if (layout)
        return g20_fail(e, G20_ESHAPE, "g20.layout is %.40s, want yolov8 or yolov5", layout);
    const bool v8 = classes ? out->dim[1] == PLACE + (int64_t)classes : out->dim[1] < out->dim[2];
    const bool v5 =
        classes ? out->dim[2] == PLACE + 1 + (int64_t)classes : out->dim[2] < out->dim[1];
    if (v8 && v5)
        return g20_fail(e, G20_ESHAPE, "an output of %s can be both: say g20.layout", text);
    if (classes && !v8 && !v5)
        return g20_fail(e, G20_ESHAPE,
                        "an output of %s has neither 4 + %u (yolov8) in its second nor 5 + %u "
                        "(yolov5) in its third dimension, and the file names %u classes",
                        text, classes, classes, classes);
    if (!v8 && !v5)
        return g20_fail(e, G20_ESHAPE, "an output of %s: say g20.layout", text);
    return check(ret, out, v8 ? G20_YOLO_V8 : G20_YOLO_V5, classes, e);
}

int g20_yolo_create(struct g20_yolo **ret, const struct g20_yolo_shape *shape, uint32_t max_boxes,
                    float nms_threshold)
{
    struct g20_yolo *y = g20_calloc(1, sizeof(*y));

    if (!y)
        return -ENOMEM;
    *y = (struct g20_yolo){.shape = *shape, .max_boxes = max_boxes, .nms_threshold = nms_threshold};
    y->candidate = g20_calloc(shape->candidates, sizeof(*y->candidate));
    y->box = g20_calloc(max_boxes, sizeof(*y->box));
    if (!y->candidate || !y->box) {
        g20_yolo_destroy(y);
        return -ENOMEM;
    }
    *ret = y;
    return 0;
}

void g20_yolo_destroy(struct g20_yolo *y)
{
    if (!y)
        return;
    g20_free(y->candidate);
    g20_free(y->box);
    g20_free(y);
}

/* Output @k of candidate @i. */
static float value(const struct g20_yolo *y, const float *out, uint32_t k, uint32_t i)
{
    if (y->shape.layout == G20_YOLO_V8)
        return out[(size_t)k * y->shape.candidates + i];
    return out[(size_t)i * (PLACE + 1 + y->shape.classes) + k];
}

static struct candidate best_class(const struct g20_yolo *y, const float *out, uint32_t i)
{
    const bool v5 = y->shape.layout == G20_YOLO_V5;
    struct candidate c = {.at = i, .score = -1.0f};

    for (uint32_t k = 0; k < y->shape.classes; k++) {
        const float score = value(y, out, PLACE + v5 + k, i);
        if (score > c.score) { /* never for NaN */
            c.score = score;
            c.class_id = k + 1;
        }
    }
    if (v5)
        c.score *= value(y, out, PLACE, i);
    return c;
}

static int surest_first(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;

    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    return (x->at > y->at) - (x->at < y->at);
}

/* False: it is no box within the tile. */
static bool make_box(const struct g20_yolo *y, const float *out, const struct candidate *c,
                     uint32_t rows, struct g20_hydra_box *ret)
{
    const float bins = (float)G20_TILE_BINS / (float)y->shape.width;
    const float lines = (float)G20_TILE_ROWS / (float)y->shape.height;
    const float mid_x = value(y, out, 0, c->at), mid_y = value(y, out, 1, c->at);
    const float half_w = value(y, out, 2, c->at) / 2, half_h = value(y, out, 3, c->at) / 2;

    if (!isfinite(mid_x) || !isfinite(mid_y) || !isfinite(half_w) || !isfinite(half_h))
        return false;
    *ret = (struct g20_hydra_box){.row0 = fmaxf((mid_y - half_h) * lines, 0.0f),
                                  .row1 = fminf((mid_y + half_h) * lines, (float)rows),
                                  .bin0 = fmaxf((mid_x - half_w) * bins, 0.0f),
                                  .bin1 = fminf((mid_x + half_w) * bins, (float)G20_TILE_BINS),
                                  .score = fminf(c->score, 1.0f),
                                  .class_id = c->class_id};
    return ret->row1 > ret->row0 && ret->bin1 > ret->bin0;
}

static float area(const struct g20_hydra_box *b)
{
    return (b->row1 - b->row0) * (b->bin1 - b->bin0);
}

static bool is_same(const struct g20_hydra_box *a, const struct g20_hydra_box *b, float threshold)
{
    const float rows = fminf(a->row1, b->row1) - fmaxf(a->row0, b->row0);
    const float bins = fminf(a->bin1, b->bin1) - fmaxf(a->bin0, b->bin0);

    if (a->class_id != b->class_id || rows <= 0.0f || bins <= 0.0f)
        return false;
    return rows * bins > threshold * (area(a) + area(b) - rows * bins);
}

size_t g20_yolo_decode(struct g20_yolo *y, const float *out, uint32_t rows, float threshold,
                       struct g20_hydra_box **ret_boxes)
{
    uint32_t count = 0, boxes = 0;

    for (uint32_t i = 0; i < y->shape.candidates; i++) {
        const struct candidate c = best_class(y, out, i);
        if (c.score >= threshold && c.class_id > 0 && isfinite(c.score))
            y->candidate[count++] = c;
    }
    qsort(y->candidate, count, sizeof(*y->candidate), surest_first);
    count = G20_MIN(count, (uint32_t)COMPARED);
    for (uint32_t i = 0; i < count && boxes < y->max_boxes; i++) {
        struct g20_hydra_box b;
        bool known = !make_box(y, out, &y->candidate[i], rows, &b);
        for (uint32_t k = 0; k < boxes && !known; k++)
            known = is_same(&b, &y->box[k], y->nms_threshold);
        if (!known)
            y->box[boxes++] = b;
    }
    *ret_boxes = y->box;
    return boxes;
}
