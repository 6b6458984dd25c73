/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "dsp/ddc.h"

#include "base/alloc.h"
#include "dsp/fir.h"
#include "dsp/kernels.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum {
    CHUNK = 2048, /* samples converted at a time: stays in the first cache */
    TURNS = 256,  /* outputs between two computed phases */
};

struct step {
    uint32_t up, down;
    uint32_t taps;        /* of one phase, padded to G20_FIR_MULTIPLE; 1: no filter */
    uint32_t ahead;       /* inputs after the first that the first output needs */
    float *bank;          /* (up) x (2 taps), or for complex ones (4 taps), last tap first */
    float *in;            /* (cap) complex: what is still needed, then what is new */
    size_t fill, cap, at; /* inputs in @in; where the next output's sum begins */
    uint32_t phase;       /* which of the bank it takes */
};

struct g20_ddc {
    struct g20_ddc_plan plan;
    const struct g20_kernels *k;
    struct step step[G20_DDC_STAGES];
    float *scale[4];     /* (2 CHUNK) of each format */
    float *turn;         /* (TURNS) complex: e^(-j w k) */
    uint64_t turn_step;  /* w for one output of the first step, in 2^-64 of a turn */
    uint64_t input_step; /* the same for one input */
    uint64_t phase0;     /* of the first output */
    uint64_t turned;     /* outputs of the first step */
    uint64_t in, out;    /* since the start */
};

void g20_ddc_destroy(struct g20_ddc *d)
{
    if (!d)
        return;
    for (int i = 0; i < G20_DDC_STAGES; i++) {
        g20_free(d->step[i].bank);
        g20_free(d->step[i].in);
    }
    for (int i = 0; i < 4; i++)
        g20_free(d->scale[i]);
    g20_free(d->turn);
    g20_free(d);
}

/* Frequency as a share of the rate, in 2^-64 of a turn a sample; negative ones wrap. */
static uint64_t turns(double cycles)
{
    const double c = cycles - floor(cycles); /* 0 <= c < 1 */

    return (uint64_t)ldexp(c, 63) << 1;
}

static double angle(uint64_t phase)
{
    return ldexp((double)(int64_t)phase, -63) * M_PI;
}

/* The prototype's taps sorted by phase: output m, at up m / down of the input, is the sum of
 * in[i] h[c + m down - i up] over i, where c is the middle of h. @cycles: mixer's frequency. */
static int fill_bank(struct step *s, const struct g20_ddc_step *p, double cycles, bool is_complex)
{
    const uint32_t each = (p->taps + p->up - 1) / p->up;
    const uint32_t padded = (each + G20_FIR_MULTIPLE - 1) / G20_FIR_MULTIPLE * G20_FIR_MULTIPLE;
    const size_t stride = (size_t)padded * (is_complex ? 4 : 2);
    double *h = g20_calloc(p->taps, sizeof(*h));

    s->taps = padded;
    s->ahead = (p->taps - 1) / 2 / p->up;
    s->bank = g20_calloc_aligned(stride * p->up, sizeof(float));
    if (!h || !s->bank) {
        g20_free(h);
        return -ENOMEM;
    }
    g20_fir_lowpass(h, p->taps, (p->pass + p->stop) / 2 / p->up, G20_DDC_DESIGN_DB);
    for (uint32_t phase = 0; phase < p->up; phase++) {
        float *bank = s->bank + phase * stride;
        for (uint32_t q = 0; q < each && phase + q * p->up < p->taps; q++) {
            const double tap = h[phase + q * p->up] * p->up;
            const uint32_t j = padded - 1 - q;
            /* The mixer, relative to the output's own moment: its input is q - c away. */
            const double w = 2 * M_PI * cycles * ((double)q - (p->taps - 1) / 2.0);
            bank[2 * j] = bank[2 * j + 1] = (float)(is_complex ? tap * cos(w) : tap);
            if (is_complex)
                bank[2 * (padded + j)] = bank[2 * (padded + j) + 1] = (float)(tap * sin(w));
        }
    }
    g20_free(h);
    return 0;
}

static int make_step(struct g20_ddc *d, uint32_t i, size_t most_in, double cycles)
{
    const struct g20_ddc_step *p = &d->plan.step[i];
    struct step *s = &d->step[i];
    int r = 0;

    s->up = p->up;
    s->down = p->down;
    s->taps = 1;
    if (p->taps > 1)
        r = fill_bank(s, p, i == 0 ? cycles : 0, i == 0);
    s->cap = most_in + 2 * (size_t)s->taps + s->down;
    s->in = g20_calloc_aligned(2 * s->cap, sizeof(float));
    return r < 0 || !s->in ? -ENOMEM : 0;
}

static int make_tables(struct g20_ddc *d)
{
    for (int f = 0; f < 4; f++) {
        d->scale[f] = g20_calloc_aligned((size_t)2 * CHUNK, sizeof(float));
        if (!d->scale[f])
            return -ENOMEM;
        for (int i = 0; i < 2 * CHUNK; i++)
            d->scale[f][i] = g20_kernels_scale(f);
    }
    d->turn = g20_calloc_aligned((size_t)2 * TURNS, sizeof(float));
    if (!d->turn)
        return -ENOMEM;
    for (uint64_t i = 0; i < TURNS; i++) {
        d->turn[2 * i] = (float)cos(angle(d->turn_step * i));
        d->turn[2 * i + 1] = (float)sin(angle(d->turn_step * i));
    }
    return 0;
}

static int make(struct g20_ddc *d, const struct g20_ddc_cfg *cfg)
{
    const double cycles = cfg->offset_hz / cfg->rate_hz;
    size_t most = CHUNK;
    int r = 0;

    d->k = g20_kernels();
    d->input_step = turns(-cycles);
    d->turn_step = d->input_step * d->plan.step[0].down;
    for (uint32_t i = 0; i < d->plan.steps && r >= 0; i++) {
        r = make_step(d, i, most, cycles);
        most = most / d->step[i].down * d->step[i].up + 2 * (size_t)d->step[i].up + 2;
    }
    return r < 0 ? r : make_tables(d);
}

int g20_ddc_create(struct g20_ddc **ret, const struct g20_ddc_cfg *cfg, struct g20_err *e)
{
    struct g20_ddc_plan plan;
    int r = g20_ddc_plan_make(&plan, cfg, e);

    if (r < 0)
        return r;
    struct g20_ddc *d = g20_calloc(1, sizeof(*d));
    if (!d)
        return g20_fail(e, -ENOMEM, "out of memory");
    d->plan = plan;
    r = make(d, cfg);
    if (r < 0) {
        g20_ddc_destroy(d);
        return g20_fail(e, r, "out of memory");
    }
    g20_ddc_reset(d, 0);
    *ret = d;
    return 0;
}

const struct g20_ddc_plan *g20_ddc_plan(const struct g20_ddc *d)
{
    return &d->plan;
}

void g20_ddc_reset(struct g20_ddc *d, uint64_t first)
{
    for (uint32_t i = 0; i < d->plan.steps; i++) {
        struct step *s = &d->step[i];
        const uint32_t middle = (d->plan.step[i].taps - 1) / 2;

        s->at = 0;
        s->phase = middle % s->up;
        s->fill = s->taps - 1 - s->ahead; /* silence before the first */
        memset(s->in, 0, 2 * s->fill * sizeof(float));
    }
    d->phase0 = d->input_step * first;
    d->turned = 0;
    d->in = d->out = 0;
}

size_t g20_ddc_most(const struct g20_ddc *d, size_t n)
{
    uint64_t late = 0, down = 1; /* inputs between the first one and the first output */

    for (uint32_t i = 0; i < d->plan.steps; i++) {
        late += down * (d->step[i].ahead + 1);
        down *= d->step[i].down;
    }
    return (size_t)((double)(n + late) * (double)d->plan.up / (double)d->plan.down) +
           G20_DDC_STAGES + 1;
}

/* All outputs that the inputs at hand allow. */
static size_t run(const struct g20_ddc *d, struct step *s, bool is_complex, float *out)
{
    size_t n = 0;

    if (s->taps == 1) { /* no filter */
        n = s->fill;
        memcpy(out, s->in, 2 * n * sizeof(float));
        s->fill = 0;
        return n;
    }
    if (s->up == 1) {
        if (s->fill >= s->at + s->taps)
            n = (s->fill - s->at - s->taps) / s->down + 1;
        if (n > 0)
            (is_complex ? d->k->fir_complex : d->k->fir)(out, s->in + 2 * s->at, s->bank, s->taps,
                                                         s->down, n);
        s->at += n * s->down;
    }
    for (; s->up > 1 && s->fill >= s->at + s->taps; n++) {
        d->k->fir(out + 2 * n, s->in + 2 * s->at, s->bank + 2 * (size_t)s->taps * s->phase, s->taps,
                  1, 1);
        const uint32_t next = s->phase + s->down;
        s->at += next / s->up;
        s->phase = next % s->up;
    }
    const size_t gone = G20_MIN(s->at, s->fill);
    memmove(s->in, s->in + 2 * gone, 2 * (s->fill - gone) * sizeof(float));
    s->fill -= gone;
    s->at -= gone;
    return n;
}

/* Each stretch of TURNS outputs starts from a phase of its own, so errors do not add up. */
static void turn(struct g20_ddc *d, float *iq, size_t n)
{
    while (n > 0 && d->input_step != 0) {
        const size_t from = d->turned % TURNS, some = G20_MIN(n, TURNS - from);
        const double at = angle(d->phase0 + d->turn_step * (d->turned - from));

        d->k->rotate(iq, d->turn + 2 * from, some, (float)cos(at), (float)sin(at));
        iq += 2 * some;
        n -= some;
        d->turned += some;
    }
}

/* Passes what lies in the first step's input through the chain. */
static size_t pass(struct g20_ddc *d, float *out)
{
    size_t n = 0;

    for (uint32_t i = 0; i < d->plan.steps; i++) {
        struct step *next = i + 1 < d->plan.steps ? &d->step[i + 1] : NULL;
        float *to = next ? next->in + 2 * next->fill : out;

        n = run(d, &d->step[i], i == 0, to);
        if (i == 0)
            turn(d, to, n);
        if (next)
            next->fill += n;
    }
    return n;
}

size_t g20_ddc_push(struct g20_ddc *d, enum g20_sample_format format, const void *data, size_t n,
                    float complex *out)
{
    const size_t bytes = g20_sample_bytes(format);
    struct step *first = &d->step[0];
    float *to = (float *)out;
    size_t made = 0;

    for (size_t at = 0; at < n; at += CHUNK) {
        const size_t some = G20_MIN(n - at, (size_t)CHUNK);

        d->k->window[format](first->in + 2 * first->fill, (const char *)data + at * bytes,
                             d->scale[format], some);
        first->fill += some;
        made += pass(d, to + 2 * made);
    }
    d->in += n;
    d->out += made;
    return made;
}

size_t g20_ddc_flush(struct g20_ddc *d, float complex *out)
{
    /* Moments up to the last input's: m down / up <= in - 1. */
    const double span = d->in > 0 ? (double)(d->in - 1) * (double)d->plan.up : 0;
    const uint64_t all = d->in > 0 ? (uint64_t)(span / (double)d->plan.down) + 1 : 0;
    struct step *first = &d->step[0];
    float *to = (float *)out;
    size_t made = 0;

    while (d->out + made < all) { /* about one output at a time: @out has room for few more */
        const size_t per = (size_t)(d->plan.down / d->plan.up);
        const size_t some = G20_CLAMP(per, (size_t)1, (size_t)CHUNK);
        memset(first->in + 2 * first->fill, 0, 2 * some * sizeof(float));
        first->fill += some;
        made += pass(d, to + 2 * made);
    }
    made = G20_MIN(made, (size_t)(all - G20_MIN(all, d->out)));
    d->out += made;
    return made;
}
