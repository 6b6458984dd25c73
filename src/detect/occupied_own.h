/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* occupied_own: what occupied_spectrum.c (a burst's spectrum, and what it takes to make one) and
 * occupied.c (what of it is the signal) share. */
#ifndef G20_DETECT_OCCUPIED_OWN_H
#define G20_DETECT_OCCUPIED_OWN_H

#include "detect/occupied.h"
#include "detect/side_lobes.h"

#include <complex.h>

enum { G20_OCCUPIED_MAX_LOG2 = 12 }; /* of a transform's length */

struct g20_occupied_meter {
    const struct g20_kernels *k;
    struct g20_fft *fft[G20_OCCUPIED_MAX_LOG2 + 1];
    float *window[G20_OCCUPIED_MAX_LOG2 + 1]; /* (2 n) each value twice, signs alternating */
    /* The rest is as long as the longest transform. */
    float complex *raw, *in, *out;
    int16_t *raw_ci16;    /* pairs, as they came in */
    float *frame;         /* powers of one frame */
    float *power, *noise; /* mean power and noise per bin; they sum to total power */
    float *most;          /* largest value of any frame, as a tone's power */
    float *smooth;        /* ratio of .power to .noise, over neighbouring bins */
};

/* The spectrum of samples start .. stop - 1 into .power and .most, the noise in it into .noise,
 * which the result points to; arguments as of g20_occupied_measure(). */
struct g20_spectrum g20_occupied_spectrum(struct g20_occupied_meter *m, const struct g20_history *h,
                                          const struct g20_tile *t, uint64_t start, uint64_t stop,
                                          const float *noise);

#endif
