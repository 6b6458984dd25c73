/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* look_numbers: moments and lines of an emission that was cut out; private to look.c. */
#ifndef G20_DETECT_LOOK_NUMBERS_H
#define G20_DETECT_LOOK_NUMBERS_H

#include "base/err.h"

#include <complex.h>
#include <stddef.h>

enum { G20_LOOK_WINDOW = 1024 };

struct g20_look_window { /* Hann's; all zeros before the first use */
    size_t len;
    float w[G20_LOOK_WINDOW]; /* (len) */
};

/* A window of @len samples, 1..G20_LOOK_WINDOW, made anew if @window has another. */
const float *g20_look_window(struct g20_look_window *window, size_t len);

struct g20_look_meter;
G20_MUST_USE int g20_look_meter_create(struct g20_look_meter **ret, struct g20_err *e);
void g20_look_meter_destroy(struct g20_look_meter *m);

/* @iq (n), the band @bw wide around @offset, cycles a sample; fills numbers from DUTY on. */
void g20_look_measure(struct g20_look_meter *m, const float complex *iq, size_t n, double bw,
                      double offset, float *number);

#endif
