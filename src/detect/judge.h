/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* judge: what the search by energy found and what the network saw in the same tile, made one list.
 *
 * The search knows edges to the sample and misses what is weak or takes it to pieces; the network
 * knows what belongs together but no edge closer than a row. So: a find that fills a box stands for
 * it; pieces of one box are joined, or give way to the box; a box without finds stands for itself;
 * a find that the network saw nothing of must be surer than others. Pure function. */
#ifndef G20_DETECT_JUDGE_H
#define G20_DETECT_JUDGE_H

#include "detect/decode.h"
#include "detect/refine.h"

/* First, boxes (n_box) against finds (n_find, .score: how sure the search is): finds that a box
 * speaks for are surer, pieces are joined (one that was taken in has no time left), the others lose
 * a part. Boxes without a find that stands for them are moved to the front; their number. */
size_t g20_judge_boxes(struct g20_find *find, size_t n_find, struct g20_hydra_box *box,
                       size_t n_box, const struct g20_tile *t);

/* Then what those boxes are on the samples, @seen (n_seen): is it told by the finds already, an
 * artefact of one, or are finds but slivers of it? All that stands is gathered in @find (cap). */
size_t g20_judge_finds(struct g20_find *find, size_t n_find, size_t cap,
                       const struct g20_find *seen, size_t n_seen);

/* The same of finds (n) that were joined since, which shows moments of what had been pieces: how
 * many are left. */
size_t g20_judge_moments(struct g20_find *find, size_t n);

#endif
