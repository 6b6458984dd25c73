/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* yolo: boxes from the output of detectors of other makers, in the two layouts of the YOLO family.
 *
 *     v8: (1, 4 + classes, candidates)     a candidate's middle x, y, width, height, and scores
 *     v5: (1, candidates, 5 + classes)     the same with a score for the box before the classes
 *
 * All in pixels of the input image and as scores 0..1, no logits. Of each candidate the best class
 * counts; then, class by class, a box that overlaps a surer one too much is dropped. One thread;
 * nothing is allocated after create(). */
#ifndef G20_DETECT_YOLO_H
#define G20_DETECT_YOLO_H

#include "detect/decode.h"
#include "nn/ort.h"

enum g20_yolo_layout { G20_YOLO_V8, G20_YOLO_V5 };

struct g20_yolo_shape {
    enum g20_yolo_layout layout;
    uint32_t candidates, classes;
    uint32_t height, width; /* of the input image, pixels; to be set by the caller */
};

/* What an output of shape @out is, where the file names @classes classes (0: it does not say) and
 * may name the @layout ("yolov8", "yolov5", NULL). G20_ESHAPE: neither, or it could be both; *e
 * tells what differs. */
G20_MUST_USE int g20_yolo_recognise(struct g20_yolo_shape *ret, const struct g20_ort_shape *out,
                                    uint32_t classes, const char *layout, struct g20_err *e);

struct g20_yolo;
/* At most @max_boxes are given, the surest. @nms_threshold: IoU from which two boxes of one class
 * are the same. */
G20_MUST_USE int g20_yolo_create(struct g20_yolo **ret, const struct g20_yolo_shape *shape,
                                 uint32_t max_boxes, float nms_threshold);
void g20_yolo_destroy(struct g20_yolo *y);

/* @out: as many floats as the shape says. Boxes in rows and bins of a tile, cut at its first @rows
 * rows, with score >= @threshold, surest first; class_id counts from 1. What is not finite or has
 * no extent is no box. *ret_boxes is borrowed until the next call. */
size_t g20_yolo_decode(struct g20_yolo *y, const float *out, uint32_t rows, float threshold,
                       struct g20_hydra_box **ret_boxes);

#endif
