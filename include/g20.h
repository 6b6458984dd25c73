/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* g20: the pieces of G20 that other programs embed. Link with `pkg-config --libs g20`.
 *
 * Needs nothing but a C99 or C++ compiler. Every function is thread-safe, allocates nothing and
 * keeps no state, unless it says otherwise. */
#ifndef G20_H
#define G20_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Values of colormap_id; the tables are matplotlib's (CC0) and Google's turbo (Apache-2.0). */
enum { G20_VIRIDIS = 0, G20_PLASMA = 1, G20_INFERNO = 2, G20_MAGMA = 3, G20_TURBO = 4 };

/* Colour a row of decibels.
 *
 * @db: (length) values; any alignment. @rgba: (4 x length) bytes R, G, B, A with A = 255; must not
 * overlap @db. @db_min and below is the map's first colour, @db_max and above its last, between
 * them round(255 (db - db_min) / (db_max - db_min)) is the colour's index. NaN takes the first
 * colour, and so does everything when db_max <= db_min or a limit is not finite.
 * @colormap_id: 0..4 as above; any other is drawn as viridis. @length <= 0: nothing is done. */
void apply_colormap(const float *db, uint8_t *rgba, int length, int colormap_id, float db_min,
                    float db_max);

#ifdef __cplusplus
}
#endif

#endif
