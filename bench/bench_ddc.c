/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Rows of the down-converter: one core, ci16 at 20 MS/s as from a radio. The peer is liquid-dsp
 * (oscillator, then its multi-stage resampler) on the same samples as floats; it is loaded here
 * when it is installed, so that the program does not depend on it. */
#include "base/alloc.h"
#include "base/block.h"
#include "base/clock.h"
#include "base/rng.h"
#include "bench.h"
#include "dsp/ddc.h"
#include "server/wire.h"

#include <dlfcn.h>
#include <errno.h>
#include <liquid/liquid.h>

extern const struct g20_bench_row g20_bench_ddc_rows[];

enum { N = 1 << 16, BLOCKS = 16 };

#define RATE_HZ 20e6

struct peer {
    void *library;
    __typeof__(&nco_crcf_create) nco_create;
    __typeof__(&nco_crcf_set_frequency) nco_set;
    __typeof__(&nco_crcf_mix_block_down) nco_mix;
    __typeof__(&nco_crcf_destroy) nco_destroy;
    __typeof__(&msresamp_crcf_create) create;
    __typeof__(&msresamp_crcf_execute) execute;
    __typeof__(&msresamp_crcf_destroy) destroy;
    nco_crcf nco;
    msresamp_crcf resampler;
};

struct ddc {
    int16_t *ints;        /* (N, 2) */
    float complex *x, *y; /* (N) the same; turned */
    float complex *out;
    struct g20_ddc *ddc;
    struct peer peer;
};

static void teardown(void *state)
{
    struct ddc *d = state;

    if (!d)
        return;
    if (d->peer.resampler)
        d->peer.destroy(d->peer.resampler);
    if (d->peer.nco)
        d->peer.nco_destroy(d->peer.nco);
    if (d->peer.library)
        dlclose(d->peer.library);
    g20_ddc_destroy(d->ddc);
    g20_free(d->ints);
    g20_free(d->x);
    g20_free(d->y);
    g20_free(d->out);
    g20_free(d);
}

static void load_peer(struct peer *p, double rate)
{
    p->library = dlopen("libliquid.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!p->library)
        return;
    /* POSIX's way to get a function from an object pointer */
    *(void **)&p->nco_create = dlsym(p->library, "nco_crcf_create");
    *(void **)&p->nco_set = dlsym(p->library, "nco_crcf_set_frequency");
    *(void **)&p->nco_mix = dlsym(p->library, "nco_crcf_mix_block_down");
    *(void **)&p->nco_destroy = dlsym(p->library, "nco_crcf_destroy");
    *(void **)&p->create = dlsym(p->library, "msresamp_crcf_create");
    *(void **)&p->execute = dlsym(p->library, "msresamp_crcf_execute");
    *(void **)&p->destroy = dlsym(p->library, "msresamp_crcf_destroy");
    if (!p->nco_create || !p->nco_set || !p->nco_mix || !p->nco_destroy || !p->create ||
        !p->execute || !p->destroy)
        return;
    p->nco = p->nco_create(LIQUID_NCO);
    p->nco_set(p->nco, 0.9f);
    p->resampler = p->create((float)rate, (float)G20_DDC_STOP_DB);
}

static int setup(void **ret_state, double bandwidth_hz, struct g20_err *e)
{
    struct ddc *d = g20_calloc(1, sizeof(*d));
    struct g20_rng rng;

    if (!d)
        return -ENOMEM;
    *ret_state = d;
    const struct g20_ddc_cfg c = {
        .rate_hz = RATE_HZ, .offset_hz = 3e6, .bandwidth_hz = bandwidth_hz};
    const int r = g20_ddc_create(&d->ddc, &c, e);
    if (r < 0)
        return r;
    d->ints = g20_calloc((size_t)2 * N, sizeof(*d->ints));
    d->x = g20_calloc(N, sizeof(*d->x));
    d->y = g20_calloc(N, sizeof(*d->y));
    d->out = g20_calloc(g20_ddc_most(d->ddc, N), sizeof(*d->out));
    if (!d->ints || !d->x || !d->y || !d->out)
        return -ENOMEM;
    g20_rng_init(&rng, 1);
    for (size_t i = 0; i < (size_t)2 * N; i++) {
        d->ints[i] = (int16_t)(g20_rng_normal(&rng) * 1000);
        ((float *)d->x)[i] = (float)d->ints[i] / 32768;
    }
    load_peer(&d->peer, g20_ddc_plan(d->ddc)->out_rate_hz / RATE_HZ);
    return 0;
}

static int setup_narrow(void **ret_state, const struct g20_bench_env *env, struct g20_err *e)
{
    (void)env;
    return setup(ret_state, 200e3, e);
}

static int setup_wide(void **ret_state, const struct g20_bench_env *env, struct g20_err *e)
{
    (void)env;
    return setup(ret_state, 2e6, e);
}

static double rate_of(uint64_t t0, double samples)
{
    return samples * 1e3 / g20_bench_ns(t0, g20_clock_mono_ns());
}

static int run(void *state, struct g20_bench_samples *out, struct g20_err *e)
{
    struct ddc *d = state;
    const uint64_t t0 = g20_clock_mono_ns();
    (void)e;

    for (int b = 0; b < BLOCKS; b++)
        g20_ddc_push(d->ddc, G20_CI16, d->ints, N, d->out);
    g20_bench_add(out, rate_of(t0, (double)BLOCKS * N));
    return 0;
}

static int run_liquid(void *state, struct g20_bench_samples *out, struct g20_err *e)
{
    struct ddc *d = state;
    const uint64_t t0 = g20_clock_mono_ns();
    unsigned made = 0;
    (void)e;

    if (!d->peer.resampler)
        return 0; /* not installed: no figure */
    d->peer.nco_mix(d->peer.nco, d->x, d->y, N);
    d->peer.execute(d->peer.resampler, d->y, N, d->out, &made);
    g20_bench_add(out, rate_of(t0, N));
    return 0;
}

enum { FRAME = 24576 };

struct frame {
    float complex *x;
    uint8_t *message;
};

static void teardown_frame(void *state)
{
    struct frame *f = state;

    if (!f)
        return;
    g20_free(f->x);
    g20_free(f->message);
    g20_free(f);
}

static int setup_frame(void **ret_state, const struct g20_bench_env *env, struct g20_err *e)
{
    struct frame *f = g20_calloc(1, sizeof(*f));
    (void)env;
    (void)e;

    if (!f)
        return -ENOMEM;
    *ret_state = f;
    f->x = g20_calloc_aligned(FRAME, sizeof(*f->x));
    f->message = g20_calloc_aligned(g20_iq01_bytes(FRAME), 1);
    return f->x && f->message ? 0 : -ENOMEM;
}

static int run_frame(void *state, struct g20_bench_samples *out, struct g20_err *e)
{
    struct frame *f = state;
    struct g20_iq01 head = {.time_us = 1, .num_samples = FRAME};
    const uint64_t allocated = g20_alloc_total();

    for (int k = 0; k < 200; k++) {
        const uint64_t t0 = g20_clock_mono_ns();
        g20_iq01_encode(&head, f->x, f->message);
        g20_bench_add(out, g20_bench_ns(t0, g20_clock_mono_ns()) * 1e-3);
        head.frame_idx++;
    }
    return g20_alloc_total() == allocated ? 0
                                          : g20_fail(e, -EINVAL, "memory was allocated meanwhile");
}

const struct g20_bench_row g20_bench_ddc_rows[] = {
    {.name = "iq01_serialize",
     .what = "24 576 samples to an IQ01 message, header included",
     .unit = "us",
     .target = 6.0,
     .setup = setup_frame,
     .run = run_frame,
     .teardown = teardown_frame},
    {.name = "ddc_200k",
     .what = "down-converter: 200 kHz out of 20 MS/s ci16, one core",
     .unit = "MS/s",
     .higher_is_better = true,
     .target_ratio = 2.0,
     .peer = "liquid-dsp: nco, msresamp",
     .setup = setup_narrow,
     .run = run,
     .run_peer = run_liquid,
     .teardown = teardown},
    {.name = "ddc_2M",
     .what = "the same, 2 MHz",
     .unit = "MS/s",
     .higher_is_better = true,
     .target_ratio = 2.0,
     .peer = "liquid-dsp: nco, msresamp",
     .setup = setup_wide,
     .run = run,
     .run_peer = run_liquid,
     .teardown = teardown},
    {.name = NULL},
};
