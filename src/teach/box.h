/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* box: what a person drew on the waterfall, checked. x is frequency (low to high), y is time (old
 * to new), both 0..1 of a sample's own span and length. Pure. */
#ifndef G20_TEACH_BOX_H
#define G20_TEACH_BOX_H

#include "base/err.h"
#include "base/text.h"

#include <jansson.h>
#include <stdint.h>

enum { G20_BOXES_MOST = 1024 }; /* of one sample */

#define G20_BOX_OTHER  "other"      /* label: it is not the signal */
#define G20_BOX_IGNORE "g20:ignore" /* label: nobody knows what it is */

struct g20_teach_box {
    double x_min, x_max, y_min, y_max;
    char label[32]; /* "": the sample's own signal; else it is something else */
};

/* What boxes in real units are relative to. */
struct g20_box_span {
    double rate_hz, duration_s;
    uint64_t samples;
};

/* -EINVAL: x_min >= x_max, y_min >= y_max, outside 0..1, not a number, or shorter than the 32
 * samples that a look needs; the message begins with "boxes[@i]". */
G20_MUST_USE int g20_box_check(const struct g20_teach_box *b, size_t i, uint64_t samples,
                               struct g20_err *e);

/* One box, {x_min, y_min, x_max, y_max} or {f_lo_hz, f_hi_hz (from the centre), t_start_s,
 * t_stop_s}, number @i of its list for messages. Checked. */
G20_MUST_USE int g20_box_parse(const json_t *o, size_t i, const struct g20_box_span *span,
                               struct g20_teach_box *ret, struct g20_err *e);

/* Sorts them, so that the same boxes in another order are the same. */
void g20_boxes_sort(struct g20_teach_box *box, size_t count);

/* The canonical text of sorted boxes, a line each in parts of 1e-9: what a sample's id is made of
 * beside its samples. */
void g20_boxes_text(const struct g20_teach_box *box, size_t count, struct g20_text *t);

#endif
