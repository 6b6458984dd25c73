/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* look: the second look at an emission: two small pictures and a few numbers that say what kind of
 * signal it is, whatever its place, level, bandwidth and duration.
 *
 * The emission is cut out with as much again at each side of its band. The first picture is the
 * whole of it, the second its beginning and its middle closer by (16 / bandwidth each); both are
 * spectra over time in dB under their strongest, 30 dB deep. The numbers are moments of envelope
 * and frequency, lines of powers of the signal (which tell phase modulations apart; Dobre et al.,
 * "Survey of automatic modulation classification techniques", IET 2007), and what the pictures
 * leave out: bandwidth, duration, duty. One thread; nothing is allocated after create(). */
#ifndef G20_DETECT_LOOK_H
#define G20_DETECT_LOOK_H

#include "detect/history.h"

#include "base/err.h"

enum {
    G20_LOOK_SIDE = 64, /* moments, and frequencies: the band is the middle half of them */
    G20_LOOK_PICTURES = 2,
    G20_LOOK_NUMBERS = 16,
    G20_LOOK_MOST = 1 << 16, /* longest duration x bandwidth that is looked at */
};

enum g20_look_number { /* each about -2 .. 2 */
                       G20_LOOK_BANDWIDTH,
                       G20_LOOK_DURATION,
                       G20_LOOK_PRODUCT,   /* of both */
                       G20_LOOK_DUTY,      /* share of the time that it is there */
                       G20_LOOK_KURTOSIS,  /* of the amplitude */
                       G20_LOOK_VARIATION, /* of the amplitude */
                       G20_LOOK_DEVIATION, /* of the frequency over the bandwidth */
                       G20_LOOK_FREQUENCY_KURTOSIS,
                       G20_LOOK_FLATNESS,      /* of the spectrum within the band */
                       G20_LOOK_SKEW,          /* of the spectrum's middle from the band's */
                       G20_LOOK_LINE_1,        /* strongest line over the mean, of the signal, */
                       G20_LOOK_LINE_2,        /* its square, */
                       G20_LOOK_LINE_4,        /* its fourth power, */
                       G20_LOOK_LINE_ENVELOPE, /* its power over time, */
                       G20_LOOK_RATE,          /* and where that line is, over the bandwidth */
};

struct g20_look {
    float picture[G20_LOOK_PICTURES][G20_LOOK_SIDE][G20_LOOK_SIDE]; /* (time, frequency) 0..1 */
    float number[G20_LOOK_NUMBERS];
};

struct g20_looker;
G20_MUST_USE int g20_looker_create(struct g20_looker **ret, struct g20_err *e);
void g20_looker_destroy(struct g20_looker *l);

/* Samples start .. stop - 1, band f_lo .. f_hi (fractions of the rate). false: there is nothing to
 * look at (not held any more, no power). */
bool g20_looker_look(struct g20_looker *l, const struct g20_history *h, uint64_t start,
                     uint64_t stop, double f_lo, double f_hi, double rate_hz, struct g20_look *ret);

/* What the next looks get added to the samples: white noise, @ratio of their mean power within the
 * band (0: none), drawn from @seed. For training: weaker examples from strong ones. */
void g20_looker_noise(struct g20_looker *l, float ratio, uint64_t seed);

#endif
