/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* score: emissions against truth, file by file and in total.
 *
 * Events, by the rules of the reference script (shared/data/score.py): true boxes closer than one
 * 4096-sample window are joined; a box is found when an emission (or emissions joined the same way)
 * overlaps it by IoU >= 0.3 with edges that may be off by one window and two bins; a box shorter
 * than a window whose time is covered counts by its frequency IoU. Emissions half inside ignored
 * regions are neither. False ones are counted on complete truth only. Fragments lie inside a true
 * box without being its match.
 *
 * Average precision: boxes sorted by confidence over all files, greedily matched one to one at IoU
 * 0.50, 0.55 ... 0.95 with a tolerance of one hop (2048 samples) and two bins, area under the
 * precision-recall curve made monotonic (Everingham et al., IJCV 2010). An emission that matches
 * nothing is a false positive on complete truth outside ignored regions, else it is left out.
 *
 * Not thread-safe; one object collects any number of files. */
#ifndef G20_EVAL_SCORE_H
#define G20_EVAL_SCORE_H

#include "base/text.h"
#include "detect/emission.h"
#include "eval/truth.h"

#define G20_EVAL_SNR_LO_DB (-10.0)
#define G20_EVAL_SNR_STEP  2.0
enum { G20_EVAL_AP_STEPS = 10, G20_EVAL_SNR_STEPS = 25, G20_EVAL_MAX_KINDS = 64 };

struct g20_score_file {
    char name[256];
    bool partial, noise_only;
    double seconds, rate_hz;
    uint32_t boxes, found, emissions, fragments, false_count; /* false_count 0 when partial */
    double median_iou;                                        /* of the found; NAN when none */
};

struct g20_score_kind {
    char name[64];
    uint32_t boxes, found;
};

struct g20_score_total {
    uint32_t files, boxes, found, emissions, fragments, false_count, noise_files, noise_false;
    double complete_s, complete_mhz_min; /* length of recordings with complete truth */
    double recall, median_iou, false_per_min, false_per_mhz_min; /* NAN without a basis */
    double ap50, ap50_95;
    struct g20_score_kind kind[G20_EVAL_MAX_KINDS];
    size_t kinds;
    uint32_t snr_boxes[G20_EVAL_SNR_STEPS], snr_found[G20_EVAL_SNR_STEPS]; /* known SNR only */
};

struct g20_score;

G20_MUST_USE int g20_score_create(struct g20_score **ret);
/* -ENOMEM leaves the totals as they were. @ret_file may be NULL. */
G20_MUST_USE int g20_score_add(struct g20_score *s, const struct g20_truth *t,
                               const struct g20_emission *em, size_t n,
                               struct g20_score_file *ret_file);
void g20_score_total(struct g20_score *s, struct g20_score_total *ret);
void g20_score_destroy(struct g20_score *s);

/* Reports: the table's head, a line a file, the totals; and one JSON object a model. */
void g20_score_table_head(struct g20_text *out);
void g20_score_table_file(const struct g20_score_file *f, struct g20_text *out);
void g20_score_table_total(const struct g20_score_total *t, struct g20_text *out);
void g20_score_json(const char *model, const struct g20_score_file *files, size_t n,
                    const struct g20_score_total *t, struct g20_text *out);

#endif
