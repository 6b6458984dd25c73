/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* widen: a short burst looked at again in the whole of the band that it fills.
 *
 * Rows show a burst far shorter than they are in scraps of its band, and a scrap's envelope knows
 * its beginning and its end no better than the scrap is wide: of a sweep it shows a part, of a
 * plain pulse one that is drawn out. What the samples between those ends fill is wider, and the
 * envelope of that shows the burst nearer to what it is; and so on, a few times.
 *
 * A short burst may be as sharp as an impulse (segment.h) afterwards, and what begins as a scrap of
 * a stronger burst's skirt may end as that burst: finds are told apart later (trains.h, told.h).
 * The limits were chosen on generated scenes and the shared recordings. */
#ifndef G20_DETECT_WIDEN_H
#define G20_DETECT_WIDEN_H

#include "detect/floor.h"
#include "detect/hands.h"

/* @burst of at most two transforms with its @occupied, found in the band f_lo .. f_hi (fractions of
 * the rate), made better where that can be done; else they stay as they are. @t: as for
 * g20_occupied_measure(). @noise: (G20_TILE_BINS) the most that the mean power of the tile's bins
 * may be when the burst is off; @f: its noise is the least. @hand: all but its .burst is used. */
void g20_widen(struct g20_hand *hand, const struct g20_history *h, const struct g20_tile *t,
               const struct g20_floor *f, const float *noise, double f_lo, double f_hi,
               struct g20_burst *burst, struct g20_occupied *occupied);

#endif
