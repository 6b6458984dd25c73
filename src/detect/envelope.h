/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* envelope: the power of one frequency band over time, at the finest time scale the band allows.
 *
 * The band is cut out by fast convolution (overlap-save: transform, keep the band's bins under a
 * raised-cosine taper, transform back at the lower rate), a narrow one decimated before, so its
 * cost is that of one forward transform over the samples at most. One thread; nothing is allocated
 * after create(). */
#ifndef G20_DETECT_ENVELOPE_H
#define G20_DETECT_ENVELOPE_H

#include "detect/history.h"

struct g20_envelope_maker;

/* @max_samples: longest stretch that is ever asked for. */
G20_MUST_USE int g20_envelope_create(struct g20_envelope_maker **ret, size_t max_samples,
                                     struct g20_err *e);
void g20_envelope_destroy(struct g20_envelope_maker *m);

struct g20_envelope {
    const float *power; /* (n) |sample|^2 within the band; borrowed until the next call */
    size_t n;
    uint64_t start;          /* stream number at the centre of power[0] */
    uint32_t step;           /* samples from one value to the next, a power of two */
    double centre;           /* of the band that was cut out, a fraction of the rate */
    double pass_lo, pass_hi; /* equivalent rectangular band, as fractions of the rate */
};

/* Band f_lo .. f_hi as fractions of the rate (-0.5 .. 0.5), samples start .. stop - 1. */
void g20_envelope_make(struct g20_envelope_maker *m, const struct g20_history *h, uint64_t start,
                       uint64_t stop, double f_lo, double f_hi, struct g20_envelope *ret);

/* The same band as complex samples into @iq (cap): ret->n of them, ret->centre at DC, full scale 1;
 * ret->power is NULL. */
void g20_envelope_cut(struct g20_envelope_maker *m, const struct g20_history *h, uint64_t start,
                      uint64_t stop, double f_lo, double f_hi, float complex *iq, size_t cap,
                      struct g20_envelope *ret);

#endif
