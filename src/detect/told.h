/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* told: which finds of a tile the stronger ones tell already, and which may be no more than that.
 *
 * A strong signal shows in other places than its own: regions over and beside it hold parts of it
 * again, a burst leaves clicks and a skirt in other bins of the transforms that see it, and the
 * receiver answers it with images, splatter and intermodulation. Those are never told. An answer is
 * known by being there only while the burst is, and far weaker; how far depends on the receiver, so
 * that between 30 and 45 dB under the burst a find is doubtful and only over 45 dB surely an
 * answer, over 20 dB where it starts and stops with it too. Moments beside a signal, nearer than it
 * is wide, are of its far sidebands from 30 dB under it on, also where it never stops.
 *
 * Times are samples, bands fractions of the rate, powers linear, full scale 1. No limit in told.c
 * is derived: they were chosen by what they leave of generated scenes and the shared recordings
 * (most emissions, fewest false ones). Pure functions. */
#ifndef G20_DETECT_TOLD_H
#define G20_DETECT_TOLD_H

#include <stddef.h>

#include "detect/find.h"

enum { G20_LINE_BINS = 6 }; /* of a tile, that a carrier under its window fills at most */

/* Mean power over the noise x samples that it is on. */
double g20_find_energy(const struct g20_find *f);

/* Is @weak but an answer to @strong, its skirt or of its far sidebands: much weaker, and there only
 * while it is? Both last a sample at least. */
bool g20_find_is_artefact(const struct g20_find *weak, const struct g20_find *strong);

/* Do the finds of stronger regions (@kept: n) tell @find already: is it an artefact of one, or do
 * those in its band hold most of its time or energy? What is doubtful itself tells nothing. */
bool g20_find_is_told(const struct g20_find *find, const struct g20_find *kept, size_t n);

/* May @find be an answer to one of them that is not doubtful itself? */
bool g20_find_is_doubtful(const struct g20_find *find, const struct g20_find *kept, size_t n);

#endif
