/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* trains: which pulses too short to count alone come in regular trains.
 *
 * Interference, key clicks and quantised noise are full of impulses of a few samples, so that one
 * alone is no emission. Several in the same band, as long and as strong as each other and as far
 * apart from one to the next, are the pulses of one transmitter. Pure function. */
#ifndef G20_DETECT_TRAINS_H
#define G20_DETECT_TRAINS_H

#include <stddef.h>

#include "detect/find.h"

/* Takes out of @find (n) what is on for fewer than G20_SEGMENT_SHORTEST samples and belongs to no
 * train; the order stays. How many are left. */
size_t g20_trains_keep(struct g20_find *find, size_t n);

#endif
