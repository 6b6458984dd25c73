/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* scene_rx: a whole receiver, drawn from a seed: the filter before the converter rolls off towards
 * the edges of the band, the oscillator has phase noise, the gain control steps now and then, and
 * the converter has 8, 12 or 16 bits and clips at full scale. */
#ifndef G20_SOURCE_SCENE_RX_H
#define G20_SOURCE_SCENE_RX_H

#include "base/base.h"

#include <complex.h>
#include <stdint.h>

#define G20_SCENE_RX_TAPS 33
#define G20_SCENE_RX_DELAY                                                \
    ((G20_SCENE_RX_TAPS - 1) / 2) /* samples that it delays everything by \
                                   */

struct g20_scene_rx;

/* @noise: total power of the noise that comes in, full scale 1: the converter gets no fewer bits
 * than keep its own noise below that. -ENOMEM. */
G20_MUST_USE int g20_scene_rx_create(struct g20_scene_rx **ret, uint64_t seed, double noise);
void g20_scene_rx_destroy(struct g20_scene_rx *rx);

/* The next G20_SCENE_BLOCK samples, in place. */
void g20_scene_rx_apply(struct g20_scene_rx *rx, float complex *out);

#endif
