/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "dsp/fft.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "dsp/fft_plans.h"
#include "dsp/wisdom.h"

#include <errno.h>
#include <fftw3.h> /* after complex.h: fftwf_complex is float complex */
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

enum {
    PLAN_TRIES = 6,               /* docs/decisions/fftw.md: a seventh seldom wins */
    TIMED_BATCHES = 9,            /* of each plan; the fastest batch counts */
    BATCH_SAMPLES = 1 << 18,      /* transforms in a batch: this over n, at least 2 */
    PLANNING_LIMIT_MS = 700,      /* no new try after that long: a cold start takes <= 2 s */
    TRY_LIMIT_MS = 1500,          /* then the try ends with an estimate, which is not remembered */
    WISDOM_MAX_BYTES = 256 * 1024 /* a plan's wisdom takes about 2 KiB */
};

struct g20_fft {
    fftwf_plan plan;
    uint32_t n;
};

/* FFTW's planner and its wisdom are process-wide and not thread-safe. */
static pthread_mutex_t planner = PTHREAD_MUTEX_INITIALIZER;
static bool knows_plans; /* its wisdom is g20_fft_plans; guarded by .planner, as that is */

static double seconds_per_run(fftwf_plan plan, uint32_t n)
{
    const int runs = G20_MAX(2, (int)(BATCH_SAMPLES / n));
    double best = 1e9;

    for (int batch = 0; batch < TIMED_BATCHES; batch++) {
        const uint64_t t0 = g20_clock_mono_ns();
        for (int i = 0; i < runs; i++)
            fftwf_execute(plan);
        best = G20_MIN(best, (double)(g20_clock_mono_ns() - t0) * 1e-9 / runs);
    }
    return best;
}

struct text {
    char *at; /* (WISDOM_MAX_BYTES) */
    size_t len;
    bool full;
};

static void put_char(char c, void *user)
{
    struct text *t = user;

    if (t->len + 1 < WISDOM_MAX_BYTES)
        t->at[t->len++] = c;
    else
        t->full = true;
}

/* The fastest of several measured plans, NULL when cancelled before the last try; its wisdom as
 * text in @best, empty when it did not fit. Each try starts from nothing, or FFTW would repeat the
 * first one's choice. */
static fftwf_plan plan_best_of_several(uint32_t n, int sign, float complex *in, float complex *out,
                                       const struct g20_cancel *cancel, struct text *best)
{
    const uint64_t until = g20_clock_mono_ns() + PLANNING_LIMIT_MS * UINT64_C(1000000);
    fftwf_plan kept = NULL;
    double kept_s = 0;

    for (int i = 0; i < PLAN_TRIES && (i == 0 || g20_clock_mono_ns() < until); i++) {
        if (g20_cancelled(cancel)) {
            if (kept)
                fftwf_destroy_plan(kept);
            return NULL;
        }
        fftwf_forget_wisdom();
        const uint64_t begun_ns = g20_clock_mono_ns();
        fftwf_plan plan = fftwf_plan_dft_1d((int)n, in, out, sign, FFTW_MEASURE);
        const bool timed_out = g20_clock_mono_ns() - begun_ns >= TRY_LIMIT_MS * UINT64_C(1000000);
        if (!plan)
            break;
        const double s = seconds_per_run(plan, n);
        if (kept && s >= kept_s) {
            fftwf_destroy_plan(plan);
            continue;
        }
        if (kept)
            fftwf_destroy_plan(kept);
        kept = plan;
        kept_s = s;
        best->len = 0;
        best->full = false;
        fftwf_export_wisdom(put_char, best);
        if (best->full || timed_out)
            best->len = 0;
        best->at[best->len] = '\0';
    }
    return kept;
}

static fftwf_plan plan_from_wisdom(uint32_t n, int sign, float complex *in, float complex *out,
                                   const char *wisdom)
{
    fftwf_forget_wisdom();
    if (!fftwf_import_wisdom_from_string(wisdom))
        return NULL;
    return fftwf_plan_dft_1d((int)n, in, out, sign, FFTW_MEASURE | FFTW_WISDOM_ONLY);
}

/* The same on every machine of an instruction set: chosen beforehand, or FFTW's estimate. It reads
 * the addresses alone. */
static fftwf_plan plan_untimed(uint32_t n, int sign, float complex *in, float complex *out)
{
    if (!knows_plans) { /* 0.2 ms */
        fftwf_forget_wisdom();
        (void)!fftwf_import_wisdom_from_string(g20_fft_plans);
        knows_plans = true;
    }
    fftwf_plan plan = fftwf_plan_dft_1d((int)n, in, out, sign, FFTW_MEASURE | FFTW_WISDOM_ONLY);
    return plan ? plan : fftwf_plan_dft_1d((int)n, in, out, sign, FFTW_ESTIMATE);
}

/* With the planner locked. 0, -ENOMEM or -ECANCELED. */
static int make_plan(struct g20_fft *f, enum g20_fft_dir dir, const char *wisdom_dir,
                     const struct g20_cancel *cancel)
{
    const size_t n = f->n;
    float complex *in = g20_alloc_aligned(n, sizeof(*in));
    float complex *out = g20_alloc_aligned(n, sizeof(*out));
    struct text text = {.at = NULL};

    if (!in || !out)
        goto done;
    if (!wisdom_dir) {
        f->plan = plan_untimed(f->n, (int)dir, in, out);
        goto done;
    }
    text.at = g20_calloc(WISDOM_MAX_BYTES, 1);
    if (!text.at)
        goto done;
    knows_plans = false;
    memset(in, 0, n * sizeof(*in)); /* what is timed is not denormal */
    char name[64];
    g20_wisdom_name(name, sizeof(name), f->n, (int)dir);
    if (g20_wisdom_load(wisdom_dir, name, fftwf_version, text.at, WISDOM_MAX_BYTES) == 0)
        f->plan = plan_from_wisdom(f->n, (int)dir, in, out, text.at);
    if (!f->plan) {
        fftwf_set_timelimit(1e-3 * TRY_LIMIT_MS);
        f->plan = plan_best_of_several(f->n, (int)dir, in, out, cancel, &text);
        fftwf_set_timelimit(FFTW_NO_TIMELIMIT);
        /* A cache that cannot be written costs time at the next start and nothing else. */
        if (f->plan && text.len > 0)
            (void)!g20_wisdom_save(wisdom_dir, name, fftwf_version, text.at);
    }
    fftwf_forget_wisdom();
done:
    g20_free(text.at);
    g20_free(out);
    g20_free(in);
    return f->plan ? 0 : g20_cancelled(cancel) ? -ECANCELED : -ENOMEM;
}

int g20_fft_create(struct g20_fft **ret, uint32_t n, enum g20_fft_dir dir, const char *wisdom_dir,
                   struct g20_err *e)
{
    return g20_fft_create_unless(ret, n, dir, wisdom_dir, NULL, e);
}

int g20_fft_create_unless(struct g20_fft **ret, uint32_t n, enum g20_fft_dir dir,
                          const char *wisdom_dir, const struct g20_cancel *cancel,
                          struct g20_err *e)
{
    int r = -ENOMEM;

    if (n < 2 || n > 1048576)
        return g20_fail(e, -EINVAL, "transform of %u points: want 2..1048576", n);
    if (dir != G20_FFT_FORWARD && dir != G20_FFT_INVERSE)
        return g20_fail(e, -EINVAL, "transform of %u points: bad direction", n);

    struct g20_fft *f = g20_calloc(1, sizeof(*f));
    if (!f)
        goto fail;
    f->n = n;
    pthread_mutex_lock(&planner);
    r = make_plan(f, dir, wisdom_dir, cancel);
    pthread_mutex_unlock(&planner);
    if (r < 0)
        goto fail;

    *ret = f;
    return 0;

fail:
    g20_fft_destroy(f);
    return g20_fail(e, r, "transform of %u points: %s", n, g20_strerror(r));
}

void g20_fft_execute(const struct g20_fft *f, const float complex *in, float complex *out)
{
    /* An out-of-place complex plan preserves its input unless told otherwise (FFTW manual 4.3.2),
     * so const is true although FFTW's type does not say it. */
    fftwf_execute_dft(f->plan, (float complex *)in, out);
}

void g20_fft_destroy(struct g20_fft *f)
{
    if (!f)
        return;
    if (f->plan) {
        pthread_mutex_lock(&planner);
        fftwf_destroy_plan(f->plan);
        pthread_mutex_unlock(&planner);
    }
    g20_free(f);
}
