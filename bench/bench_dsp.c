/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Rows of src/dsp. One thread; samples are noise in ci16, as a radio gives them. */
#include "base/alloc.h"
#include "base/block.h"
#include "base/clock.h"
#include "base/rng.h"
#include "bench.h"
#include "dsp/fft.h"
#include "dsp/kernels.h"
#include "dsp/stft.h"
#include "dsp/waterfall.h"

#include <errno.h>
#include <fftw3.h> /* the peer; the daemon itself goes through dsp/fft.h */

extern const struct g20_bench_row g20_bench_dsp_rows[];

enum {
    N = 4096,
    HOP = N / 2,
    BLOCK = 1 << 16, /* samples; 256 KiB, as fresh from a radio: in the cache, not in memory */
    BLOCKS = 16,     /* a round */
    WF_N = 65536,
    WF_BLOCK = 16 * WF_N,
    VIEW = 2048,
    PLANS = 6
};

struct dsp {
    struct g20_pool *pool;
    struct g20_block *block;
    struct g20_stft *stft;
    struct g20_waterfall *waterfall;
    struct g20_fft *fft;
    fftwf_plan best;         /* of PLANS, made in this run */
    float complex *in, *out; /* (N) */
    uint8_t codes[VIEW > N ? VIEW : N];
    uint64_t sink; /* uses every result */
};

static void teardown(void *state)
{
    struct dsp *d = state;

    if (!d)
        return;
    g20_stft_destroy(d->stft);
    g20_waterfall_destroy(d->waterfall);
    g20_fft_destroy(d->fft);
    if (d->best)
        fftwf_destroy_plan(d->best);
    g20_block_unref(&d->block);
    g20_pool_destroy(d->pool);
    g20_free(d->out);
    g20_free(d->in);
    g20_free(d);
}

/* Everything but the object measured. Wisdom goes to the row's own folder where there is no cache:
 * a plan by estimate is not what the daemon runs. */
static int setup_samples(void **ret_state, uint32_t len, double rate_hz)
{
    struct g20_rng rng;
    struct dsp *d = g20_calloc(1, sizeof(*d));

    if (!d)
        return -ENOMEM;
    *ret_state = d;
    const int r = g20_pool_create(&d->pool, 3, len);
    if (r < 0)
        return r;
    d->block = g20_pool_get(d->pool, 0);
    d->block->format = G20_CI16;
    d->block->len = len;
    d->block->rate_hz = rate_hz;
    d->block->first_sample = 0;
    int16_t *x = d->block->data;
    g20_rng_init(&rng, 1);
    for (size_t i = 0; i < 2 * (size_t)len; i++)
        x[i] = (int16_t)(g20_rng_normal(&rng) * 1000);
    return 0;
}

static const char *cache(const struct g20_bench_env *env)
{
    return env->wisdom_dir ? env->wisdom_dir : env->tmp_dir;
}

static double time_plan(fftwf_plan p)
{
    double best = 1e9;

    for (int batch = 0; batch < 20; batch++) {
        const uint64_t t0 = g20_clock_mono_ns();
        for (int i = 0; i < 100; i++)
            fftwf_execute(p);
        best = G20_MIN(best, g20_bench_ns(t0, g20_clock_mono_ns()));
    }
    return best;
}

static int setup_fft(void **ret_state, const struct g20_bench_env *env, struct g20_err *e)
{
    int r = setup_samples(ret_state, BLOCK, 20e6);
    if (r < 0)
        return r;
    struct dsp *d = *ret_state;
    d->in = g20_calloc_aligned(N, sizeof(*d->in));
    d->out = g20_calloc_aligned(N, sizeof(*d->out));
    if (!d->in || !d->out)
        return -ENOMEM;
    r = g20_fft_create(&d->fft, N, G20_FFT_FORWARD, cache(env), e);
    if (r < 0)
        return r;
    double best = 0;
    for (int i = 0; i < PLANS; i++) { /* single-threaded here: no lock is needed */
        fftwf_forget_wisdom();
        fftwf_plan p = fftwf_plan_dft_1d(N, d->in, d->out, FFTW_FORWARD, FFTW_MEASURE);
        const double t = p ? time_plan(p) : 1e9;
        if (p && (!d->best || t < best)) {
            if (d->best)
                fftwf_destroy_plan(d->best);
            d->best = p;
            best = t;
        } else if (p) {
            fftwf_destroy_plan(p);
        }
    }
    fftwf_forget_wisdom();
    for (int i = 0; i < N; i++)
        d->in[i] = (float)((int16_t *)d->block->data)[i];
    return d->best ? 0 : -ENOMEM;
}

enum { TRANSFORMS = 256 }; /* a sample is the mean of so many: the clock costs 30 ns */

static double us_each(uint64_t t0, uint64_t n)
{
    return g20_bench_ns(t0, g20_clock_mono_ns()) * 1e-3 / (double)n;
}

static int run_fft(void *state, struct g20_bench_samples *out, struct g20_err *e)
{
    struct dsp *d = state;
    (void)e;

    for (int k = 0; k < 20; k++) {
        const uint64_t t0 = g20_clock_mono_ns();
        for (int i = 0; i < TRANSFORMS; i++)
            g20_fft_execute(d->fft, d->in, d->out);
        g20_bench_add(out, us_each(t0, TRANSFORMS));
    }
    return 0;
}

static int run_fft_peer(void *state, struct g20_bench_samples *out, struct g20_err *e)
{
    struct dsp *d = state;
    (void)e;

    for (int k = 0; k < 20; k++) {
        const uint64_t t0 = g20_clock_mono_ns();
        for (int i = 0; i < TRANSFORMS; i++)
            fftwf_execute_dft(d->best, d->in, d->out);
        g20_bench_add(out, us_each(t0, TRANSFORMS));
    }
    return 0;
}

static int setup_chain(void **ret_state, const struct g20_bench_env *env, struct g20_err *e)
{
    const struct g20_stft_cfg cfg = {
        .nfft = N, .hop = HOP, .window = G20_WINDOW_HANN, .wisdom_dir = cache(env)};
    const int r = setup_fft(ret_state, env, e);

    return r < 0 ? r : g20_stft_create(&((struct dsp *)*ret_state)->stft, &cfg, e);
}

static void to_codes(const struct g20_frame *f, void *user)
{
    struct dsp *d = user;

    g20_kernels()->power_to_u8(d->codes, f->power, N, -120, -40);
    d->sink += d->codes[f->first_sample % N];
}

static int run_chain(void *state, struct g20_bench_samples *out, struct g20_err *e)
{
    struct dsp *d = state;
    (void)e;

    const uint64_t t0 = g20_clock_mono_ns();
    size_t frames = 0;
    for (int i = 0; i < BLOCKS; i++) {
        frames += g20_stft_push(d->stft, d->block, to_codes, d);
        d->block->first_sample += d->block->len;
    }
    g20_bench_add(out, 1 / us_each(t0, frames * HOP));
    return 0;
}

/* The same number of transforms and nothing else. */
static int run_bare_fft(void *state, struct g20_bench_samples *out, struct g20_err *e)
{
    struct dsp *d = state;
    const uint64_t t0 = g20_clock_mono_ns();
    (void)e;

    for (int i = 0; i < BLOCKS * BLOCK / HOP; i++)
        fftwf_execute_dft(d->best, d->in, d->out);
    g20_bench_add(out, 1 / us_each(t0, BLOCKS * BLOCK));
    return 0;
}

/* A block too short for a frame: what taking it in costs. Nothing is copied or allocated. */
static int run_handover(void *state, struct g20_bench_samples *out, struct g20_err *e)
{
    enum { LEN = 256, TIMES = N / LEN - 1 };
    struct dsp *d = state;
    const uint64_t allocated = g20_alloc_total();

    d->block->len = LEN;
    for (int k = 0; k < 200; k++) {
        g20_stft_reset(d->stft);
        for (int i = 0; i < TIMES; i++) {
            d->block->first_sample = (uint64_t)i * LEN;
            const uint64_t t0 = g20_clock_mono_ns();
            g20_stft_push(d->stft, d->block, to_codes, d);
            g20_bench_add(out, us_each(t0, 1));
        }
    }
    if (g20_alloc_total() != allocated)
        return g20_fail(e, -EINVAL, "memory was allocated on the way to the transform");
    return 0;
}

static int setup_waterfall(void **ret_state, const struct g20_bench_env *env, struct g20_err *e)
{
    /* 20 MS/s and so many rows that each is one transform */
    const struct g20_waterfall_cfg cfg = {
        .nfft = WF_N, .rows_per_s = 20e6 / WF_N, .pool_rows = 4, .wisdom_dir = cache(env)};
    const int r = setup_samples(ret_state, WF_BLOCK, 20e6);

    return r < 0 ? r : g20_waterfall_create(&((struct dsp *)*ret_state)->waterfall, &cfg, e);
}

static void view_row(struct g20_wf_row *row, void *user)
{
    struct dsp *d = user;

    g20_wf_row_view(row, -10e6, 10e6, VIEW, -120, -40, d->codes);
    d->sink += d->codes[row->index % VIEW];
    g20_wf_row_unref(&row);
}

static int run_waterfall(void *state, struct g20_bench_samples *out, struct g20_err *e)
{
    struct dsp *d = state;
    const uint64_t t0 = g20_clock_mono_ns();
    const size_t rows = g20_waterfall_push(d->waterfall, d->block, view_row, d);
    (void)e;

    g20_bench_add(out, us_each(t0, G20_MAX(rows, 1)));
    d->block->first_sample += d->block->len;
    return 0;
}

const struct g20_bench_row g20_bench_dsp_rows[] = {
    {.name = "block_to_fft_input",
     .what = "sample block to FFT input: hand-over, 0 copies",
     .unit = "us",
     .target = 2.0,
     .setup = setup_chain,
     .run = run_handover,
     .teardown = teardown},
    {.name = "fft_4096",
     .what = "complex FFT 4096, plan from the cache",
     .unit = "us",
     .target_ratio = 1.1,
     .peer = "best of six FFTW plans made in this run",
     .setup = setup_fft,
     .run = run_fft,
     .run_peer = run_fft_peer,
     .teardown = teardown},
    {.name = "ci16_to_u8_row",
     .what = "ci16 -> window -> FFT 4096 -> dB -> u8, 50 % overlap, one core",
     .unit = "MS/s",
     .higher_is_better = true,
     .target = 300.0,
     .target_ratio = 0.75,
     .peer = "the bare FFT (best of six plans)",
     .setup = setup_chain,
     .run = run_chain,
     .run_peer = run_bare_fft,
     .teardown = teardown},
    {.name = "waterfall_65536_row",
     .what = "waterfall: 65536 samples to a row pooled to 2048 codes",
     .unit = "us",
     .target = 400.0,
     .setup = setup_waterfall,
     .run = run_waterfall,
     .teardown = teardown},
    {.name = NULL},
};
