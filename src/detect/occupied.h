/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* occupied: the spectrum of one burst, and from it bandwidth and level.
 *
 * The burst's own samples are transformed at a length that suits its duration and averaged, a
 * short burst's with the same weight from its first to its last (a long burst's spectrum is that of
 * the tile's rows, which are the same transforms); the noise is taken off; the edges enclose 99 %
 * of what is left (occupied bandwidth, ITU-R SM.328), within the bins that are contiguous with the
 * peak and 6 dB over the noise, or of these and their side lobes (detect/side_lobes.h). One
 * thread. */
#ifndef G20_DETECT_OCCUPIED_H
#define G20_DETECT_OCCUPIED_H

#include "detect/history.h"
#include "detect/tile.h"

struct g20_occupied_meter;

G20_MUST_USE int g20_occupied_create(struct g20_occupied_meter **ret, struct g20_err *e);
void g20_occupied_destroy(struct g20_occupied_meter *m);

struct g20_occupied {
    double f_lo, f_hi;             /* fractions of the rate, -0.5 .. 0.5 */
    double visible_lo, visible_hi; /* contiguous and 6 dB over the noise */
    double power, noise; /* mean power and noise power within f_lo .. f_hi; full scale 1 */
    double peak; /* strongest bin of its band in any frame, as a tone's power; full scale 1 */
};

/* Samples start .. stop - 1; the search begins in hint_lo .. hint_hi. @noise (G20_TILE_BINS) is
 * the mean noise power per tile bin. @t: a tile whose samples @h has, or NULL. */
void g20_occupied_measure(struct g20_occupied_meter *m, const struct g20_history *h,
                          const struct g20_tile *t, uint64_t start, uint64_t stop, double hint_lo,
                          double hint_hi, const float *noise, struct g20_occupied *ret);

#endif
