/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Rows that ask whether many subbands should share one FFT (docs/decisions/ddc.md): CPU time a
 * sample and subband of 200 kHz out of 20 MS/s ci16. Ours is what the daemon does, a down-converter
 * each. The peer is the fast-convolution channelizer that it does not have: one forward FFT of 8192
 * every 7168 samples; for each subband the bins of twice its band, back to time, and there a small
 * down-converter for the place between the bins, the sharp filter and the rate. */
#include "base/alloc.h"
#include "base/rng.h"
#include "bench.h"
#include "dsp/ddc.h"
#include "dsp/fft.h"

#include <errno.h>
#include <string.h>
#include <time.h>

extern const struct g20_bench_row g20_bench_subbands_rows[];

enum { MOST = 64, NFFT = 8192, HOP = 7168, HOPS = 8, CUT = 256, BLOCK = HOP * HOPS };

#define RATE_HZ 20e6
#define BAND_HZ 200e3

struct subbands {
    int count;
    int16_t *ints;              /* (BLOCK, 2) */
    float complex *x, *spectra; /* (NFFT) */
    float complex *cut, *back;  /* (CUT) */
    float complex *out;
    struct g20_fft *forward, *inverse;
    struct g20_ddc *own[MOST], *fine[MOST];
};

static void teardown(void *state)
{
    struct subbands *s = state;

    if (!s)
        return;
    for (int i = 0; i < MOST; i++) {
        g20_ddc_destroy(s->own[i]);
        g20_ddc_destroy(s->fine[i]);
    }
    g20_fft_destroy(s->forward);
    g20_fft_destroy(s->inverse);
    g20_free(s->ints);
    g20_free(s->x);
    g20_free(s->spectra);
    g20_free(s->cut);
    g20_free(s->back);
    g20_free(s->out);
    g20_free(s);
}

static double offset_of(const struct subbands *s, int i)
{
    return (i - s->count / 2) * 8e6 / MOST;
}

static int create_ddcs(struct subbands *s, struct g20_err *e)
{
    int r = 0;

    for (int i = 0; i < s->count && r >= 0; i++) {
        const struct g20_ddc_cfg own = {
            .rate_hz = RATE_HZ, .offset_hz = offset_of(s, i), .bandwidth_hz = BAND_HZ};
        r = g20_ddc_create(&s->own[i], &own, e);
        if (r < 0)
            return r;
        const struct g20_ddc_cfg fine = {.rate_hz = RATE_HZ * CUT / NFFT,
                                         .offset_hz = 1234,
                                         .bandwidth_hz = BAND_HZ,
                                         .out_rate_hz = g20_ddc_plan(s->own[i])->out_rate_hz};
        r = g20_ddc_create(&s->fine[i], &fine, e);
    }
    return r;
}

static int setup(void **ret_state, int count, const struct g20_bench_env *env, struct g20_err *e)
{
    struct subbands *s = g20_calloc(1, sizeof(*s));
    struct g20_rng rng;

    if (!s)
        return -ENOMEM;
    *ret_state = s;
    s->count = count;
    int r = create_ddcs(s, e);
    if (r >= 0)
        r = g20_fft_create(&s->forward, NFFT, G20_FFT_FORWARD, env->wisdom_dir, e);
    if (r >= 0)
        r = g20_fft_create(&s->inverse, CUT, G20_FFT_INVERSE, env->wisdom_dir, e);
    if (r < 0)
        return r;
    s->ints = g20_calloc((size_t)2 * BLOCK, sizeof(*s->ints));
    s->x = g20_calloc_aligned(NFFT, sizeof(*s->x));
    s->spectra = g20_calloc_aligned(NFFT, sizeof(*s->spectra));
    s->cut = g20_calloc_aligned(CUT, sizeof(*s->cut));
    s->back = g20_calloc_aligned(CUT, sizeof(*s->back));
    s->out = g20_calloc(g20_ddc_most(s->own[0], BLOCK), sizeof(*s->out));
    if (!s->ints || !s->x || !s->spectra || !s->cut || !s->back || !s->out)
        return -ENOMEM;
    g20_rng_init(&rng, 1);
    for (size_t i = 0; i < (size_t)2 * BLOCK; i++)
        s->ints[i] = (int16_t)(g20_rng_normal(&rng) * 1000);
    return 0;
}

static int setup_1(void **ret_state, const struct g20_bench_env *env, struct g20_err *e)
{
    return setup(ret_state, 1, env, e);
}

static int setup_4(void **ret_state, const struct g20_bench_env *env, struct g20_err *e)
{
    return setup(ret_state, 4, env, e);
}

static int setup_16(void **ret_state, const struct g20_bench_env *env, struct g20_err *e)
{
    return setup(ret_state, 16, env, e);
}

static int setup_64(void **ret_state, const struct g20_bench_env *env, struct g20_err *e)
{
    return setup(ret_state, MOST, env, e);
}

/* Of this thread: others on the machine do not count. */
static double cpu_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int run(void *state, struct g20_bench_samples *out, struct g20_err *e)
{
    struct subbands *s = state;
    const double t0 = cpu_ns();
    (void)e;

    for (int i = 0; i < s->count; i++)
        g20_ddc_push(s->own[i], G20_CI16, s->ints, BLOCK, s->out);
    g20_bench_add(out, (cpu_ns() - t0) / BLOCK / s->count);
    return 0;
}

static void transform(struct subbands *s, int hop)
{
    const int16_t *in = s->ints + (size_t)2 * HOP * (size_t)hop;
    float *to = (float *)(s->x + NFFT - HOP);

    memmove(s->x, s->x + HOP, (NFFT - HOP) * sizeof(*s->x));
    for (int i = 0; i < 2 * HOP; i++)
        to[i] = (float)in[i] * (1.0f / 32768 / NFFT);
    g20_fft_execute(s->forward, s->x, s->spectra);
}

static void take_subband(struct subbands *s, int i)
{
    const unsigned first = (unsigned)(int)(offset_of(s, i) / RATE_HZ * NFFT);
    const int keep = CUT * HOP / NFFT;

    for (unsigned k = 0; k < CUT; k++)
        s->cut[k] = s->spectra[(first + (k < CUT / 2 ? k : k - CUT)) % NFFT];
    g20_fft_execute(s->inverse, s->cut, s->back);
    g20_ddc_push(s->fine[i], G20_CF32, s->back + CUT - keep, (size_t)keep, s->out);
}

static int run_shared(void *state, struct g20_bench_samples *out, struct g20_err *e)
{
    struct subbands *s = state;
    const double t0 = cpu_ns();
    (void)e;

    for (int hop = 0; hop < HOPS; hop++) {
        transform(s, hop);
        for (int i = 0; i < s->count; i++)
            take_subband(s, i);
    }
    g20_bench_add(out, (cpu_ns() - t0) / BLOCK / s->count);
    return 0;
}

#define ROW(n, set_up)                                                                            \
    {                                                                                             \
        .name = "subbands_" #n, .what = "CPU a sample and subband, " #n " of 200 kHz at 20 MS/s", \
        .unit = "ns", .peer = "one FFT for all", .setup = set_up, .run = run,                     \
        .run_peer = run_shared, .teardown = teardown                                              \
    }

const struct g20_bench_row g20_bench_subbands_rows[] = {
    ROW(1, setup_1), ROW(4, setup_4), ROW(16, setup_16), ROW(64, setup_64), {.name = NULL}};
