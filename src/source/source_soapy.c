/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The driver: samples of a radio into blocks, in the radio's own format. */
#include "source/source_soapy.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <SoapySDR/Errors.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#define LONGEST_S 0.05 /* of a block, so that a slow rate is not played in bursts */

static void close_dev(void *ptr)
{
    struct g20_soapy *s = ptr;

    if (!s)
        return;
    if (s->stream) {
        if (s->held_left > 0)
            SoapySDRDevice_releaseReadBuffer(s->dev, s->stream, s->held_handle);
        SoapySDRDevice_deactivateStream(s->dev, s->stream, 0, 0);
        SoapySDRDevice_closeStream(s->dev, s->stream);
    }
    if (s->dev)
        SoapySDRDevice_unmake(s->dev);
    g20_soapy_args_fini(&s->args);
    g20_free(s->scratch);
    g20_free(s->carry);
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->lock);
    g20_free(s);
}

static int open_dev(void **ret_dev, const struct g20_source_cfg *cfg, struct g20_source_info *info,
                    struct g20_err *e)
{
    pthread_condattr_t attr;
    struct g20_soapy *s = g20_calloc(1, sizeof(*s));

    if (!s)
        return g20_fail(e, -ENOMEM, "radio: out of memory");
    g20_soapy_log();
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->changed, &attr);
    pthread_condattr_destroy(&attr);
    s->info = info;
    int r = g20_soapy_args_parse(&s->args, cfg->args, e);
    if (r == 0) {
        s->carry = g20_calloc_aligned((size_t)2 * G20_SOAPY_CHUNK, sizeof(float));
        s->scratch = g20_calloc_aligned((size_t)2 * G20_SOAPY_CHUNK, sizeof(double));
        r = s->carry && s->scratch ? 0 : g20_fail(e, -ENOMEM, "radio: out of memory");
    }
    if (r == 0)
        r = g20_soapy_setup(s, cfg, e);
    if (r < 0) {
        close_dev(s);
        return r;
    }
    g20_stream_clock_init(&s->clock, info->rate_hz);
    *ret_dev = s;
    return 0;
}

/* Up to @n samples from the driver's own buffers to @to: one copy, nothing converted. */
static int read_direct(struct g20_soapy *s, void *to, uint32_t n, int *flags, long long *ns,
                       long timeout_us)
{
    const size_t bytes = g20_datatype_bytes(&s->type);

    if (s->held_left == 0) {
        const void *at[1] = {NULL};
        const int r = SoapySDRDevice_acquireReadBuffer(s->dev, s->stream, &s->held_handle, at,
                                                       flags, ns, timeout_us);
        if (r <= 0)
            return r;
        s->held = at[0];
        s->held_left = (uint32_t)r;
        s->held_ns = *ns;
        s->held_stamped = (*flags & SOAPY_SDR_HAS_TIME) != 0;
    }
    const uint32_t take = G20_MIN(n, s->held_left);
    memcpy(to, s->held, take * bytes);
    *flags = s->held_stamped ? SOAPY_SDR_HAS_TIME : 0;
    *ns = s->held_ns;
    s->held += take * bytes;
    s->held_ns += llround(take / s->info->rate_hz * 1e9);
    s->held_left -= take;
    if (s->held_left == 0)
        SoapySDRDevice_releaseReadBuffer(s->dev, s->stream, s->held_handle);
    return (int)take;
}

static void rescale(struct g20_soapy *s, void *data, uint32_t n)
{
    const size_t scalars = 2 * (size_t)n;

    if (s->scale == 1.0f)
        return;
    if (s->info->format == G20_CF32) {
        float *x = data;
        for (size_t i = 0; i < scalars; i++)
            x[i] *= s->scale;
    } else if (s->info->format == G20_CI16) {
        int16_t *x = data;
        for (size_t i = 0; i < scalars; i++)
            x[i] = (int16_t)G20_CLAMP((float)x[i] * s->scale, -32768.0f, 32767.0f);
    }
}

/* Samples in the block's format at @to, or SoapySDR's code. */
static int read_some(struct g20_soapy *s, void *to, uint32_t n, long timeout_us,
                     struct g20_stream_packet *p)
{
    void *at = s->converts ? s->scratch : to;
    void *const buffs[1] = {at};
    long long ns = 0;
    int flags = 0;

    const int r = s->args.direct ? read_direct(s, at, n, &flags, &ns, timeout_us)
                                 : SoapySDRDevice_readStream(s->dev, s->stream, buffs, n, &flags,
                                                             &ns, timeout_us);
    if (r <= 0)
        return r;
    if (s->converts) {
        g20_convert(&s->type, to, s->scratch, 2 * (size_t)r);
        s->info->bad_samples += g20_clear_bad(to, (size_t)r, 2);
    }
    rescale(s, to, (uint32_t)r);
    *p = (struct g20_stream_packet){.samples = (uint32_t)r,
                                    .has_stamp = s->args.stamps && (flags & SOAPY_SDR_HAS_TIME),
                                    .stamp_ns = ns,
                                    .overflow = s->overflowed,
                                    .mono_ns = g20_clock_mono_ns(),
                                    .utc_us = g20_clock_utc_us()};
    s->overflowed = false;
    return r;
}

/* True while @p may be of before the change; *ret_keep of its last samples are not. */
static bool is_stale(struct g20_soapy *s, const struct g20_stream_packet *p, uint32_t *ret_keep)
{
    uint32_t from = 0;

    *ret_keep = p->samples;
    if (!s->settling)
        return false;
    s->timed &= p->has_stamp;
    if (!s->drained && s->timed) {
        const double ahead = (double)(s->settled_ns - p->stamp_ns) * 1e-9 * s->info->rate_hz;
        if (ahead >= p->samples) {
            *ret_keep = 0;
        } else {
            from = ahead > 0 ? (uint32_t)ceil(ahead) : 0;
            s->drained = true;
        }
    } else if (!s->drained) {
        *ret_keep = 0;
        s->draining -= G20_MIN(s->draining, p->samples);
        s->drained = s->draining == 0;
    }
    if (*ret_keep > 0) {
        const uint64_t drop = G20_MIN(s->to_drop, (uint64_t)p->samples - from);
        s->to_drop -= drop;
        *ret_keep = p->samples - from - (uint32_t)drop;
        s->settling = s->to_drop > 0;
    }
    s->info->stale_samples += p->samples - *ret_keep;
    if (!s->settling)
        s->next_flags |= G20_BLOCK_RETUNED | G20_BLOCK_NEW_SEGMENT;
    return *ret_keep == 0;
}

/* What lies between the samples so far and @p. */
static void count_in(struct g20_soapy *s, const struct g20_stream_packet *p)
{
    uint64_t lost = 0;
    const enum g20_stream_step step = g20_stream_clock_take(&s->clock, p, &lost);

    s->next_lost += lost;
    if (step == G20_STREAM_LOST || lost > 0)
        s->next_flags |= G20_BLOCK_GAP;
    if (step == G20_STREAM_JUMP)
        s->next_flags |= G20_BLOCK_NEW_SEGMENT;
}

static void describe_block(struct g20_soapy *s, struct g20_block *b, uint32_t len, uint64_t first)
{
    b->format = s->info->format;
    b->len = len;
    b->flags = s->next_flags;
    b->lost = s->next_lost;
    b->first_sample = first;
    b->time_us = g20_stream_clock_utc(&s->clock, first);
    b->center_hz = s->now.center_hz;
    b->rate_hz = s->info->rate_hz;
    s->next_flags = 0;
    s->next_lost = 0;
}

/* A code of SoapySDR: go on, or the radio is gone. */
static int on_code(struct g20_soapy *s, int code, struct g20_err *e)
{
    if (code == SOAPY_SDR_OVERFLOW || code == SOAPY_SDR_CORRUPTION ||
        code == SOAPY_SDR_TIME_ERROR) {
        s->overflowed = true;
        s->info->overflows++;
        return 0;
    }
    g20_soapy_gone(s);
    return g20_fail(e, -EIO, "%.80s: reading failed: %s", s->info->name, SoapySDR_errToStr(code));
}

/* Nothing came. Radios that were pulled out often say no more than that. */
static int on_silence(struct g20_soapy *s, struct g20_err *e)
{
    const uint64_t now_ns = g20_clock_mono_ns();

    if (s->silent_ns == 0)
        s->silent_ns = now_ns;
    if ((double)(now_ns - s->silent_ns) * 1e-9 < s->args.stall_s)
        return -ETIMEDOUT;
    g20_soapy_gone(s);
    return g20_fail(e, -EIO, "%.80s: no samples for %g s", s->info->name, s->args.stall_s);
}

struct filling {
    struct g20_block *b;
    uint32_t len, cap;
    uint64_t first; /* sample number of data[0] */
    bool full;
};

static uint8_t *at(const struct g20_soapy *s, const struct filling *f)
{
    return (uint8_t *)f->b->data + f->len * g20_sample_bytes(s->info->format);
}

/* @p was read to the end of the block: keep what is good of it, or all of it for the next block
 * when something lies between. */
static void put(struct g20_soapy *s, struct filling *f, const struct g20_stream_packet *p)
{
    const size_t bytes = g20_sample_bytes(s->info->format);
    uint32_t keep;

    count_in(s, p);
    s->silent_ns = 0;
    if (is_stale(s, p, &keep))
        return;
    uint8_t *from = at(s, f) + (p->samples - keep) * bytes;
    if (f->len > 0 && s->next_flags) {
        memcpy(s->carry, from, keep * bytes);
        s->ncarry = keep;
        f->full = true;
        return;
    }
    if (keep < p->samples)
        memmove(at(s, f), from, keep * bytes);
    if (f->len == 0)
        f->first = s->clock.next - keep;
    f->len += keep;
    f->full = f->len == f->cap;
}

static void begin(struct g20_soapy *s, struct filling *f, struct g20_block *b)
{
    const double most = LONGEST_S * s->info->rate_hz;

    *f = (struct filling){.b = b, .cap = G20_MIN(b->cap, (uint32_t)G20_MAX(most, 1))};
    if (s->ncarry == 0)
        return;
    const size_t bytes = g20_sample_bytes(s->info->format);
    const uint32_t n = G20_MIN(s->ncarry, b->cap);
    memcpy(b->data, s->carry, n * bytes);
    memmove(s->carry, s->carry + n * bytes, (s->ncarry - n) * bytes);
    f->first = s->clock.next - s->ncarry;
    s->ncarry -= n;
    f->len = n;
    f->full = f->len >= f->cap || s->ncarry > 0;
}

static int read_dev(void *ptr, struct g20_block *b, int timeout_ms, struct g20_err *e)
{
    struct g20_soapy *s = ptr;
    const uint64_t until_ns =
        g20_clock_mono_ns() + (uint64_t)(timeout_ms < 0 ? 1000000 : timeout_ms) * 1000000u;
    struct filling f;
    int r = 0;

    g20_soapy_serve(s);
    begin(s, &f, b);
    /* The flags of this block: those that come up while it is filled are the next one's. */
    struct g20_block head = *b;
    uint64_t now_ns = g20_clock_mono_ns();
    if (f.len > 0)
        describe_block(s, &head, f.len, f.first);
    while (!f.full && r == 0 && (now_ns < until_ns || f.len == 0)) {
        struct g20_stream_packet p;
        const bool drain = s->settling && !s->drained && !s->timed;
        const long left_us = now_ns < until_ns ? (long)((until_ns - now_ns) / 1000u) : 0;
        const bool was_empty = f.len == 0;
        const int n = read_some(s, at(s, &f), G20_MIN(f.cap - f.len, (uint32_t)G20_SOAPY_CHUNK),
                                drain ? 0 : left_us, &p);

        if (n > 0) {
            put(s, &f, &p);
            if (was_empty && f.len > 0)
                describe_block(s, &head, f.len, f.first);
        } else if (n == 0 || n == SOAPY_SDR_TIMEOUT) {
            s->drained |= drain;
            if (!drain)
                break;
        } else {
            r = on_code(s, n, e);
        }
        if (g20_soapy_asked(s))
            break;
        now_ns = g20_clock_mono_ns();
        if (now_ns >= until_ns)
            break;
    }
    if (r < 0)
        return r;
    if (f.len == 0)
        return g20_soapy_asked(s) ? -ETIMEDOUT : on_silence(s, e);
    b->format = head.format;
    b->flags = head.flags;
    b->lost = head.lost;
    b->first_sample = head.first_sample;
    b->time_us = head.time_us;
    b->center_hz = head.center_hz;
    b->rate_hz = head.rate_hz;
    b->len = f.len;
    return (int)f.len;
}

const struct g20_source_ops g20_source_soapy_ops = {.name = "soapy",
                                                    .open = open_dev,
                                                    .read = read_dev,
                                                    .tune = g20_soapy_tune,
                                                    .close = close_dev,
                                                    .list = g20_soapy_list};
