/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* geom: overlaps of intervals and boxes with tolerant edges. Pure functions. */
#ifndef G20_EVAL_GEOM_H
#define G20_EVAL_GEOM_H

#include "eval/truth.h"

struct g20_span_box { /* an emission; samples, offsets in hertz */
    double start, stop, f_lo, f_hi;
};

struct g20_tolerance {
    double samples, hz;
};

/* Intersection over union of a0..a1 and b0..b1 when each edge of a may move up to @tol towards
 * b's; 1 for two empty intervals in one place. */
double g20_iou_1d(double a0, double a1, double b0, double b1, double tol);

/* Frequency IoU against the true or the visible edges, whichever is better. */
double g20_iou_freq(const struct g20_span_box *e, const struct g20_truth_box *b, double tol);

/* Time IoU x frequency IoU. (With no tolerance left this is the IoU of the areas when either side
 * of the boxes agrees, and a little below it otherwise.) */
double g20_iou_box(const struct g20_span_box *e, const struct g20_truth_box *b,
                   struct g20_tolerance tol);

/* Join boxes closer than @gap samples that overlap in frequency, in place; returns how many are
 * left. No spectrogram tells such neighbours apart. */
size_t g20_merge_boxes(struct g20_truth_box *b, size_t n, double gap);

#endif
