/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* review_run: recordings played to a version of a head; what it names there is for a person to
 * accept or reject (teach/review.h). */
#ifndef G20_APP_REVIEW_RUN_H
#define G20_APP_REVIEW_RUN_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct g20_review_run {
    const char *training_dir, *capture_dir; /* NULL or "": no captures */
    const char *signal, *model, *trunk;     /* the detector, the second look's network */
    uint32_t version;
};

/* What was received lately (heard.h; half of the items at most), the newest captures, then samples
 * (but for what is labelled there already), until some hundred items were found or some minutes of
 * IQ were played. Writes the review; *ret_items: their number. A recording that cannot be played is
 * left out. -ECANCELED: interrupted, nothing is written. */
G20_MUST_USE int g20_review_run(const struct g20_review_run *run, uint32_t *ret_items,
                                struct g20_err *e);

#endif
