/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* refine: regions of a tile measured on the samples themselves.
 *
 * Start and stop come from the envelope of the region's own band, the frequency edges from the
 * burst's own spectrum, so a burst shorter than one transform gets its true start, length and
 * width. What the stronger ones tell already is taken out (told.h), and so are impulses (trains.h).
 * One thread; nothing is allocated after create(). */
#ifndef G20_DETECT_REFINE_H
#define G20_DETECT_REFINE_H

#include "detect/hands.h"
#include "detect/region.h"

struct g20_refiner;
/* @hands is borrowed until destroy(). */
G20_MUST_USE int g20_refiner_create(struct g20_refiner **ret, struct g20_hands *hands,
                                    uint32_t max_finds);
void g20_refiner_destroy(struct g20_refiner *r);

/* Measures @s on the samples of @h. Returns the number of finds, strongest first; *ret_finds is
 * borrowed until the next call. */
size_t g20_refine(struct g20_refiner *r, const struct g20_regions *s, const struct g20_tile *t,
                  const struct g20_floor *f, const struct g20_history *h,
                  const struct g20_find **ret_finds);

#endif
