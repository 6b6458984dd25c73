/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* trains: which short bursts come in regular trains.
 *
 * Several in the same band, as long and as strong as each other and as far apart from one to the
 * next, are the pulses, packets or slots of one transmitter. Interference, key clicks and quantised
 * noise are full of impulses of a few samples, so that one of those alone is no emission. Pure
 * function. */
#ifndef G20_DETECT_TRAINS_H
#define G20_DETECT_TRAINS_H

#include <stddef.h>

#include "detect/find.h"

/* Says of each of @find (n) whether it is_pulse: no longer than two transforms and of a train, with
 * pauses longer than itself if it is no impulse. Takes out what is on for fewer than
 * G20_SEGMENT_SHORTEST samples and belongs to none; the order stays. How many are left. */
size_t g20_trains_keep(struct g20_find *find, size_t n);

#endif
