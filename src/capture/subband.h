/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* subband: a band of the stream, by the down-converter, across gaps and retunes.
 *
 * The band is absolute: when the radio is tuned elsewhere the same hertz are taken from the new
 * place. While they lie outside the stream nothing comes; samples are counted as missed. At a gap
 * or retune the filters start anew and the run that follows says so. One thread at a time. */
#ifndef G20_CAPTURE_SUBBAND_H
#define G20_CAPTURE_SUBBAND_H

#include "base/block.h"

#include <complex.h>

struct g20_subband;

struct g20_subband_cfg {
    double center_hz, bandwidth_hz;
    double out_rate_hz; /* 0: chosen, dsp/ddc_plan.h */
};

struct g20_subband_run {
    const float complex *samples; /* (n) borrowed for the call */
    size_t n;
    uint64_t time_us; /* UTC of the first */
    double stream;    /* its moment, in the stream's sample numbers */
    double per;       /* the stream's samples between two of them */
    double rate_hz;
    bool fresh; /* does not follow the run before */
};

typedef void g20_subband_fn(const struct g20_subband_run *run, void *user);

/* Whether the band can be had from a stream of this rate and centre: 0, or what ddc_plan says. */
G20_MUST_USE int g20_subband_check(const struct g20_subband_cfg *cfg, double stream_rate_hz,
                                   double stream_center_hz, struct g20_err *e);
G20_MUST_USE int g20_subband_create(struct g20_subband **ret, const struct g20_subband_cfg *cfg);
void g20_subband_destroy(struct g20_subband *s); /* NULL is fine */
void g20_subband_push(struct g20_subband *s, const struct g20_block *b, g20_subband_fn *fn,
                      void *user);
uint64_t g20_subband_missed(const struct g20_subband *s); /* stream samples without the band */

#endif
