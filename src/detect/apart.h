/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* apart: the band of each of a candidate's bursts, without its neighbours'.
 *
 * The frames of a burst's spectrum reach over its ends by a quarter. A hop that begins on another
 * channel before that would be seen in them, and the two told as wide as both: so the frames end
 * where they see none of it. What goes on in the same band (a line of a picture, behind the pause
 * that parts it from the next) is no neighbour: its edges belong to the signal. */
#ifndef G20_DETECT_APART_H
#define G20_DETECT_APART_H

#include "detect/hands.h"

/* Fills @hand->own for the first @n of @hand->burst, which are in order of time. They were found
 * in f_lo .. f_hi (fractions of the rate); @noise: mean power per tile bin. */
void g20_apart_measure(struct g20_hand *hand, size_t n, const struct g20_history *h,
                       const struct g20_tile *t, double f_lo, double f_hi, const float *noise);

#endif
