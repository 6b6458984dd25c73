/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* foreign: a detector of another maker, an ONNX file with one image in and the boxes of yolo.h out,
 * run by ONNX Runtime. docs/models.md tells what such a file must be.
 *
 * What it sees is the tile's image (image.h) at its own size: an output pixel is the highest level
 * of the rows and bins that it covers, so that a narrow carrier or a short burst stays what it is;
 * rows repeat where the picture is higher than the tile. Time goes down, frequency to the right;
 * 0 is 8 dB under the noise, 1 is 72 dB over it. One thread. */
#ifndef G20_DETECT_FOREIGN_H
#define G20_DETECT_FOREIGN_H

#include "detect/class_list.h"
#include "detect/decode.h"
#include "nn/onnx_scan.h"
#include "nn/ort.h"

struct g20_foreign;

/* Is the file that @scan is of none of this program's own? */
bool g20_foreign_is(const struct g20_onnx_scan *scan);

/* The model in @data (@len), which @scan is of; @name: of the file. It is run once. As
 * g20_ort_open() and g20_ort_session_create() fail; G20_ESHAPE: its input or output is not what
 * this program knows, -EINVAL: a property of it; *e says what differs. */
G20_MUST_USE int g20_foreign_create(struct g20_foreign **ret, const void *data, size_t len,
                                    const struct g20_onnx_scan *scan, const char *name,
                                    const struct g20_provider *provider, uint32_t threads,
                                    uint32_t max_boxes, float nms_threshold, struct g20_err *e);
void g20_foreign_destroy(struct g20_foreign *f);

const struct g20_class_list *g20_foreign_classes(const struct g20_foreign *f);

/* "1x3x640x640 -> 1x5x8400, yolov8, ONNX Runtime 1.16.3" */
void g20_foreign_show(const struct g20_foreign *f, char *buf, size_t size);

/* Boxes of @image (image.h), of which the first @rows are the tile's, into *ret_count and
 * *ret_boxes, as g20_yolo_decode() gives them. -EIO: the run failed. */
G20_MUST_USE int g20_foreign_look(struct g20_foreign *f, const uint8_t *image, uint32_t rows,
                                  float threshold, size_t *ret_count,
                                  struct g20_hydra_box **ret_boxes, struct g20_err *e);

#endif
