/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* review: what a version would have found, for a person to accept or reject before it is trusted.
 *
 *     FOLDER/signals/NAME/versions/0003/review.json
 *
 * An answer makes a sample first (of the signal, or of what it is not) and is noted then: a kill
 * between loses nothing, the same answer again gives the same sample. Thread-safe. */
#ifndef G20_TEACH_REVIEW_H
#define G20_TEACH_REVIEW_H

#include "teach/samples.h"

/* Folder of FOLDER with recordings of what was received lately. */
#define G20_TEACH_HEARD "heard"

/* @review: {recordings, searched_s, truncated, items: [{item_id, path, sample_start, sample_count,
 * f_lo_hz, f_hi_hz, ...}]}. -ENOENT: there is no such version. */
G20_MUST_USE int g20_review_save(const char *dir, const char *signal, uint32_t version,
                                 const json_t *review, struct g20_err *e);

/* {version, state, ...} as above; *version 0: of the newest. When nobody looked yet, the state is
 * "none" and there are no items. */
G20_MUST_USE int g20_review_load(const char *dir, const char *signal, uint32_t version,
                                 json_t **ret, struct g20_err *e);

struct g20_review_answered {
    char sample_id[G20_SAMPLE_ID];
    uint32_t version;
    uint32_t left; /* items without an answer */
};
/* -ENOENT: there is no such item; -EEXIST: it has the other answer; -ESTALE: its samples are not
 * there any more. */
G20_MUST_USE int g20_review_answer(struct g20_samples *s, const char *signal, uint32_t version,
                                   const char *item_id, bool accept,
                                   struct g20_review_answered *ret, struct g20_err *e);

#endif
