/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* decimate: the surroundings of one frequency at a lower rate, for a stretch of samples that is at
 * hand (ddc.h is for streams).
 *
 * The frequency is moved to zero, and moving sums as long as the decimation (several times over,
 * folded into one filter) have their nulls where the lower rate folds: for narrow bands little more
 * than a few sums a sample. What they weaken within the band is known, and left to the caller.
 * After Hogenauer, "An economical class of digital filters for decimation and interpolation", IEEE
 * Trans. ASSP 29, 1981. Stateless: any thread, no memory. */
#ifndef G20_DSP_DECIMATE_H
#define G20_DSP_DECIMATE_H

#include <complex.h>
#include <stddef.h>
#include <stdint.h>

struct g20_decimation {
    uint32_t by;
    uint32_t taps;    /* of the filter, an odd number; the middle one is the output's moment */
    uint32_t read;    /* samples that an output looks at: the filter's, and some for nothing */
    double part;      /* the widest band, a fraction of the input's rate: folded 90 dB down */
    const float *tap; /* (2 read) each twice, zeros behind the last; they sum up to 1 */
};

/* The strongest that a band of @part of the input's rate bears; NULL: none, it is too wide. */
const struct g20_decimation *g20_decimation_for(double part);

/* What the filter leaves of a tone at @f cycles per input sample beside the band's middle: 0..1. */
float g20_decimation_gain(const struct g20_decimation *d, double f);

/* @n outputs at @out, (by) samples apart; the first belongs to the moment of sample taps / 2 of @in
 * ((n - 1) x by + read samples, finite), which is spoilt: what lies at @f cycles per sample is
 * turned to zero there, by a phase that is 0 at sample number 0, the first one's number being @at.
 */
void g20_decimate(const struct g20_decimation *d, float complex *in, size_t n, double f, double at,
                  float complex *out);

/* A filter turned to one frequency, in whole numbers (rounding them adds what is 100 dB down). */
struct g20_decimation_ci16 {
    const struct g20_decimation *d;
    double f;
    double scale;     /* of its sums over ci16 to full scale 1 */
    int16_t tap[128]; /* as fir_ci16() of kernels.h wants them */
};

void g20_decimation_turn(struct g20_decimation_ci16 *t, const struct g20_decimation *d, double f);

/* The same as g20_decimate() of ci16 samples, which stay as they are; @n a multiple of 4. */
void g20_decimate_ci16(const struct g20_decimation_ci16 *t, const int16_t *in, size_t n, double at,
                       float complex *out);

#endif
