/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* fir: design of low-pass filters with linear phase, by the Kaiser window (Kaiser 1974).
 *
 * Frequencies are in cycles a sample of the filter's input. A design of @stop_db keeps its
 * stopband that far down and its passband within the same distance of 1, both to 3.5 dB (the fit
 * for length and shape is no better): 84 dB is a ripple of
 * 0.0006 dB. Pure. */
#ifndef G20_DSP_FIR_H
#define G20_DSP_FIR_H

#include "base/base.h"

#include <stdint.h>

/* Odd number of taps that gets from pass to stop within @transition (0 < .. <= 0.5). */
uint32_t g20_fir_length(double transition, double stop_db);

/* @h (n, odd) gets a low-pass whose response is half at @cutoff (0 < .. < 0.5); its sum is 1. */
void g20_fir_lowpass(double *h, uint32_t n, double cutoff, double stop_db);

#endif
