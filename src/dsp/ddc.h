/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* ddc: digital down-converter: one band of a stream of samples, moved to zero and at a lower rate.
 *
 * The mixer is folded into the first filter's taps and the decimated output is turned by a phase
 * that is counted in 2^-64 of a turn from sample number 0 of the stream: it neither drifts nor
 * jumps. Filters and promises: ddc_plan.h. The filters' delay is taken off: output m belongs to the
 * moment of input sample m * down / up after the first, exactly. Before the first sample and after
 * the last there is silence; the filters see it for a few output samples.
 *
 * What comes out does not depend on how the input is cut. create() takes all the memory; push()
 * allocates nothing. One thread at a time. docs/decisions/ddc.md has the measurements. */
#ifndef G20_DSP_DDC_H
#define G20_DSP_DDC_H

#include "base/block.h"
#include "dsp/ddc_plan.h"

#include <complex.h>

struct g20_ddc;

G20_MUST_USE int g20_ddc_create(struct g20_ddc **ret, const struct g20_ddc_cfg *cfg,
                                struct g20_err *e);
void g20_ddc_destroy(struct g20_ddc *d); /* NULL and half-built objects are fine */

const struct g20_ddc_plan *g20_ddc_plan(const struct g20_ddc *d);

/* Outputs that push() of @n samples, or flush(), may yield at most. */
size_t g20_ddc_most(const struct g20_ddc *d, size_t n);

/* @n samples at @data, the next ones of the stream, to at most g20_ddc_most() values at @out;
 * returns how many. A value that is no number, or absurd, counts as 0 (dsp/kernels.h). */
size_t g20_ddc_push(struct g20_ddc *d, enum g20_sample_format format, const void *data, size_t n,
                    float complex *out);

/* The outputs that still wait for later samples: all up to the moment of the last input. reset()
 * has to follow. */
size_t g20_ddc_flush(struct g20_ddc *d, float complex *out);

/* Start anew at sample @first of the stream: after a gap, or at another place. */
void g20_ddc_reset(struct g20_ddc *d, uint64_t first);

#endif
