/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* settle: the network's boxes measured on the samples themselves.
 *
 * The network knows what is there and about where; the samples know exactly where, as far as the
 * signal stands out of the noise. Where they agree, the samples' edges are taken; where they do
 * not, the network's. One thread; nothing is allocated after create(). */
#ifndef G20_DETECT_SETTLE_H
#define G20_DETECT_SETTLE_H

#include "detect/decode.h"
#include "detect/refine.h"

struct g20_settler;
/* @hands is borrowed until destroy(). */
G20_MUST_USE int g20_settler_create(struct g20_settler **ret, struct g20_hands *hands,
                                    uint32_t max_finds);
void g20_settler_destroy(struct g20_settler *s);

/* The finds of @box (count) that reach into rows from @from on; *ret_finds is borrowed until the
 * next call. A box's score is to be @threshold at least: somewhat less where it is weak but surely
 * there, somewhat more where it is not weak, or hardly over the noise; its find's is @threshold
 * then. */
size_t g20_settle(struct g20_settler *s, const struct g20_hydra_box *box, size_t count,
                  uint32_t from, const struct g20_tile *t, const struct g20_floor *f,
                  const struct g20_history *h, float threshold, const struct g20_find **ret_finds);

#endif
