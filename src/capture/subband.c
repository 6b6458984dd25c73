/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "capture/subband.h"

#include "base/alloc.h"
#include "dsp/ddc.h"

#include <errno.h>
#include <math.h>

enum { PIECE = 8192 }; /* samples down-converted at a time */

struct g20_subband {
    struct g20_subband_cfg cfg;
    struct g20_ddc *ddc;       /* NULL: the band lies outside, or no block came yet */
    double rate_hz, center_hz; /* of the stream that ddc is for */
    uint64_t next, first;      /* stream sample expected; that the filters began with */
    uint64_t first_us, out;    /* its time; outputs since then */
    bool fresh;
    uint64_t missed;
    float complex *buf; /* (most of a piece) */
};

static struct g20_ddc_cfg ddc_cfg(const struct g20_subband_cfg *c, double rate_hz, double center_hz)
{
    return (struct g20_ddc_cfg){.rate_hz = rate_hz,
                                .offset_hz = c->center_hz - center_hz,
                                .bandwidth_hz = c->bandwidth_hz,
                                .out_rate_hz = c->out_rate_hz};
}

int g20_subband_check(const struct g20_subband_cfg *cfg, double rate_hz, double center_hz,
                      struct g20_err *e)
{
    const struct g20_ddc_cfg c = ddc_cfg(cfg, rate_hz, center_hz);
    const double half = cfg->bandwidth_hz / 2;
    struct g20_ddc_plan plan;
    const int r = g20_ddc_plan_make(&plan, &c, e);

    if (r == -ERANGE)
        return g20_fail(e, r,
                        "center_hz, bandwidth_hz: %.10g to %.10g Hz is outside the stream, "
                        "which is %.10g to %.10g Hz",
                        cfg->center_hz - half, cfg->center_hz + half, center_hz - rate_hz / 2,
                        center_hz + rate_hz / 2);
    return r;
}

int g20_subband_create(struct g20_subband **ret, const struct g20_subband_cfg *cfg)
{
    struct g20_subband *s = g20_calloc(1, sizeof(*s));

    if (!s)
        return -ENOMEM;
    s->cfg = *cfg;
    *ret = s;
    return 0;
}

void g20_subband_destroy(struct g20_subband *s)
{
    if (!s)
        return;
    g20_ddc_destroy(s->ddc);
    g20_free(s->buf);
    g20_free(s);
}

uint64_t g20_subband_missed(const struct g20_subband *s)
{
    return s->missed;
}

/* A down-converter for the stream as it is now; none when the band cannot be had from it. */
static void fit(struct g20_subband *s, const struct g20_block *b)
{
    const struct g20_ddc_cfg c = ddc_cfg(&s->cfg, b->rate_hz, b->center_hz);
    struct g20_ddc *d = NULL;

    g20_ddc_destroy(s->ddc);
    g20_free(s->buf);
    s->ddc = NULL;
    s->buf = NULL;
    s->rate_hz = b->rate_hz;
    s->center_hz = b->center_hz;
    if (g20_ddc_create(&d, &c, NULL) < 0)
        return;
    s->buf = g20_calloc_aligned(g20_ddc_most(d, PIECE), sizeof(*s->buf));
    if (!s->buf) {
        g20_ddc_destroy(d);
        return;
    }
    s->ddc = d;
}

static void begin(struct g20_subband *s, const struct g20_block *b)
{
    if (s->rate_hz != b->rate_hz || s->center_hz != b->center_hz)
        fit(s, b);
    if (s->ddc)
        g20_ddc_reset(s->ddc, b->first_sample);
    s->first = b->first_sample;
    s->first_us = b->time_us;
    s->out = 0;
    s->fresh = true;
}

void g20_subband_push(struct g20_subband *s, const struct g20_block *b, g20_subband_fn *fn,
                      void *user)
{
    const size_t bytes = g20_sample_bytes(b->format);

    if (b->first_sample != s->next || b->flags != 0 || b->rate_hz != s->rate_hz ||
        b->center_hz != s->center_hz)
        begin(s, b);
    s->next = b->first_sample + b->len;
    if (!s->ddc) {
        s->missed += b->len;
        return;
    }
    const struct g20_ddc_plan *p = g20_ddc_plan(s->ddc);
    const double per = (double)p->down / (double)p->up;
    for (uint32_t at = 0; at < b->len; at += PIECE) {
        const size_t n = G20_MIN(b->len - at, (uint32_t)PIECE);
        const size_t made =
            g20_ddc_push(s->ddc, b->format, (const char *)b->data + at * bytes, n, s->buf);
        const double since = (double)s->out * per;
        const struct g20_subband_run run = {.samples = s->buf,
                                            .n = made,
                                            .time_us = s->first_us +
                                                       (uint64_t)llround(since * 1e6 / s->rate_hz),
                                            .stream = (double)s->first + since,
                                            .per = per,
                                            .rate_hz = p->out_rate_hz,
                                            .fresh = s->fresh};
        if (made == 0)
            continue;
        fn(&run, user);
        s->out += made;
        s->fresh = false;
    }
}
