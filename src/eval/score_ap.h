/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* score_ap: average precision over boxes of many files; part of score. */
#ifndef G20_EVAL_SCORE_AP_H
#define G20_EVAL_SCORE_AP_H

#include "eval/geom.h"

struct g20_ap_item {
    float confidence;
    uint16_t right;    /* bit i: a match at IoU 0.50 + 0.05 i */
    uint16_t left_out; /* bit i: neither right nor wrong at that IoU */
};

struct g20_ap { /* zero-initialised; private but for its size */
    struct g20_ap_item *item;
    size_t count, cap, boxes;
};

/* Room for @n emissions more, so that add cannot fail half-way. */
G20_MUST_USE int g20_ap_reserve(struct g20_ap *a, size_t n);
/* One file. @skip (n): an emission that matches nothing is left out instead of wrong. */
G20_MUST_USE int g20_ap_add(struct g20_ap *a, const struct g20_truth_box *box, size_t nbox,
                            const struct g20_span_box *em, const float *confidence,
                            const bool *skip, size_t n, struct g20_tolerance tol);
/* At IoU 0.50 + 0.05 @step. NAN without true boxes. */
double g20_ap_at(struct g20_ap *a, int step);
void g20_ap_fini(struct g20_ap *a);

#endif
