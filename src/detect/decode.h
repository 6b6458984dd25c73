/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* decode: boxes from the network's grid of cells (hydra.h).
 *
 * The surest cell's box is taken first; every cell inside it that means the same box votes on its
 * edges, the closer to an edge the more, since distances are known to a part of themselves. Cells
 * that voted, or whose boxes lie inside, begin no box of their own. One thread; nothing is
 * allocated after create(). */
#ifndef G20_DETECT_DECODE_H
#define G20_DETECT_DECODE_H

#include "detect/hydra.h"

struct g20_hydra_box { /* ends one behind */
    float row0, row1, bin0, bin1;
    float score;       /* 0..1 */
    uint32_t class_id; /* 1 and up; 0: of no class */
};

struct g20_decoder;

/* @nms_threshold: IoU above which two cells mean the same box, 0..1. */
G20_MUST_USE int g20_decoder_create(struct g20_decoder **ret, uint32_t max_boxes,
                                    float nms_threshold);
void g20_decoder_destroy(struct g20_decoder *d);

/* Of the cells in rows @from .. @rows - 1 of @out (at most a tile); their boxes may begin before.
 * Cells under @threshold begin no box. Surest first; *ret_boxes is borrowed until the next call. */
size_t g20_decode(struct g20_decoder *d, const struct g20_image *out, uint32_t from, uint32_t rows,
                  float threshold, struct g20_hydra_box **ret_boxes);

#endif
