/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* noise: the mean noise power of each bin of a spectrum, with signals left out.
 *
 * Tracked per group of 64 bins, in three steps, each made unbiased for noise alone:
 *  1. Within a group the mean of the bins below a clipping level that is itself set from that mean,
 *     begun from the lower quartile and corrected for the noise clipped away (consecutive mean
 *     excision: Henttu and Aromaa, ISSSTA 2002; the power of noise averaged over K spectra is
 *     Gamma-distributed with shape K). Removes signals that fill part of a group.
 *  2. In time the lower quartile of the last 16 of these means, corrected for its expectation in
 *     normal variates (Blom 1958). Removes bursts; cf. minimum statistics (Martin, IEEE Trans.
 *     Speech Audio Process. 9(5), 2001).
 *  3. A group more than 1.5 dB above the lower quartile of the groups around it (half the span) is
 *     a wide signal, and takes that quartile instead.
 * What it cannot tell from noise: a steady signal that fills more than about a third of the span,
 * and one below +1.5 dB. Where the noise itself falls off, at the edges of a filter, it follows.
 *
 * One thread at a time; nothing is allocated after create(). */
#ifndef G20_DSP_NOISE_H
#define G20_DSP_NOISE_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum { G20_NOISE_GROUP = 64, G20_NOISE_SLOTS = 16 };

struct g20_noise;

/* @bins: a multiple of G20_NOISE_GROUP, 512..65536. */
G20_MUST_USE int g20_noise_create(struct g20_noise **ret, uint32_t bins, struct g20_err *e);

/* Take in one spectrum: (bins) linear power, each the mean of @averages independent spectra
 * (Hann frames that overlap by half or less count as independent). Successive calls should be
 * at least half a frame apart; about eight a second give a memory of two seconds. */
void g20_noise_push(struct g20_noise *n, const float *power, uint32_t averages);

/* (bins / 64) linear mean noise power per bin of each group, lowest bins first; zeros before the
 * first push. Borrowed: valid until the next push. */
const float *g20_noise_floor(const struct g20_noise *n);

float g20_noise_level(const struct g20_noise *n);   /* the median of these */
bool g20_noise_is_known(const struct g20_noise *n); /* something was pushed since the reset */
void g20_noise_reset(struct g20_noise *n);          /* another band or gain: forget all */
void g20_noise_destroy(struct g20_noise *n);        /* NULL and half-built objects are fine */

#endif
