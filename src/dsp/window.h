/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* window: tapers and their gains. */
#ifndef G20_DSP_WINDOW_H
#define G20_DSP_WINDOW_H

#include "base/base.h"

#include <stdint.h>

enum g20_window {
    G20_WINDOW_RECT,
    G20_WINDOW_HANN,
    G20_WINDOW_BLACKMAN_HARRIS,
    G20_WINDOW_FLATTOP
};

/* Fill @w (n) with the periodic (DFT-even) window. Harris, Proc. IEEE 66 (1978). */
void g20_window_fill(enum g20_window kind, float *w, uint32_t n);

double g20_window_coherent_gain(const float *w, uint32_t n); /* sum(w) / n */
double g20_window_enbw(const float *w, uint32_t n);          /* n sum(w^2) / sum(w)^2, in bins */
double g20_window_scalloping_db(const float *w, uint32_t n); /* loss half-way between bins, >= 0 */

#endif
