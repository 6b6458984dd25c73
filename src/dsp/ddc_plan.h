/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* ddc_plan: how a down-converter gets from one sample rate to another: a chain of filters, each
 * keeping every down-th sample, the last one a rational resampler when the rates ask for it.
 *
 * Only the last filter is sharp. One before it passes the band asked for and stops what would fold
 * onto the output's band, so it may be short. Among all ways to factor the decimation the one with
 * the least arithmetic is taken. Pure. */
#ifndef G20_DSP_DDC_PLAN_H
#define G20_DSP_DDC_PLAN_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

#define G20_DDC_STOP_DB   80.0 /* promised: what lies outside the output's band is that far down */
#define G20_DDC_RIPPLE_DB 0.01 /* promised: level within the band asked for */
#define G20_DDC_DESIGN_DB 84.0 /* of each filter, so that together they keep both promises */

enum { G20_DDC_STAGES = 5, G20_DDC_MOST_DOWN = 65536, G20_DDC_MOST_UP = 1024 };

struct g20_ddc_cfg {
    double rate_hz;      /* of the input, > 0 */
    double offset_hz;    /* middle of the band, from the input's centre */
    double bandwidth_hz; /* > 0; flat within G20_DDC_RIPPLE_DB */
    double out_rate_hz;  /* at least 1.05 times the bandwidth, at most rate_hz; 0: the lowest whole
                            fraction of rate_hz that is at least 1.25 times the bandwidth */
};

struct g20_ddc_step {
    uint32_t up, down; /* up > 1: only the last */
    double pass, stop; /* edges, in cycles a sample of this step's input */
    uint32_t taps;     /* of the prototype at up times the input's rate; 1: no filter */
};

struct g20_ddc_plan {
    uint32_t steps;
    struct g20_ddc_step step[G20_DDC_STAGES];
    uint64_t up, down;  /* of the whole: out_rate = rate up / down, exactly */
    double out_rate_hz; /* what comes out: within 1e-5 of what was asked for */
};

/* -EINVAL names the field and what it may be; -ERANGE: the band leaves the input's. */
G20_MUST_USE int g20_ddc_plan_make(struct g20_ddc_plan *ret, const struct g20_ddc_cfg *cfg,
                                   struct g20_err *e);

#endif
