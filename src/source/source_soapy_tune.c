/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* A change of frequency, filter or gain: asked for by any thread, done by the reading one. */
#include "base/clock.h"
#include "source/source_soapy.h"

#include <errno.h>
#include <math.h>

#define DRAIN_S 2.0 /* no radio queues more than this */

int g20_soapy_tune(void *dev, const struct g20_tune *wanted, struct g20_tune *ret_actual,
                   struct g20_err *e)
{
    struct g20_soapy *s = dev;
    const struct timespec until = g20_clock_deadline(G20_SOAPY_TUNE_MS);
    int r = 0;

    if (wanted->channel != s->args.channel)
        return g20_fail(e, -EOPNOTSUPP, "channel_id: channel %zu is open", s->args.channel);
    pthread_mutex_lock(&s->lock);
    while (s->ask != G20_SOAPY_NOTHING && !s->gone && r == 0)
        r = pthread_cond_timedwait(&s->changed, &s->lock, &until);
    if (s->gone) {
        r = g20_fail(e, -ENODEV, "the radio is gone");
    } else if (s->ask != G20_SOAPY_NOTHING) {
        r = g20_fail(e, -EBUSY, "the radio still works on an earlier change");
    } else {
        s->ask = G20_SOAPY_ASKED;
        s->wanted = *wanted;
        s->abandoned = false;
        for (r = 0; s->ask != G20_SOAPY_ANSWERED && !s->gone && r == 0;)
            r = pthread_cond_timedwait(&s->changed, &s->lock, &until);
        if (s->ask == G20_SOAPY_ANSWERED) {
            r = s->answer;
            if (r < 0)
                r = g20_fail(e, r, "%s", s->error.msg);
            else
                *ret_actual = s->actual;
            s->ask = G20_SOAPY_NOTHING;
        } else {
            /* Not begun: it will not be. Begun: whoever does it finds nobody waiting. */
            s->abandoned = s->ask == G20_SOAPY_AT_IT;
            s->ask = s->abandoned ? s->ask : G20_SOAPY_NOTHING;
            r = s->gone ? g20_fail(e, -ENODEV, "the radio is gone")
                        : g20_fail(e, -ETIMEDOUT, "the radio does not answer");
        }
        pthread_cond_broadcast(&s->changed);
    }
    pthread_mutex_unlock(&s->lock);
    return r;
}

bool g20_soapy_asked(struct g20_soapy *s)
{
    pthread_mutex_lock(&s->lock);
    const bool asked = s->ask == G20_SOAPY_ASKED;
    pthread_mutex_unlock(&s->lock);
    return asked;
}

void g20_soapy_gone(struct g20_soapy *s)
{
    pthread_mutex_lock(&s->lock);
    s->gone = true;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

/* What is NAN stays. */
static int set(struct g20_soapy *s, const struct g20_tune *t, struct g20_err *e)
{
    const size_t ch = s->args.channel;

    if (!isnan(t->center_hz) &&
        SoapySDRDevice_setFrequency(s->dev, SOAPY_SDR_RX, ch, t->center_hz, NULL) != 0)
        return g20_soapy_fail(e, -EIO, "center_freq_hz");
    if (!isnan(t->bandwidth_hz) &&
        SoapySDRDevice_setBandwidth(s->dev, SOAPY_SDR_RX, ch, t->bandwidth_hz) != 0)
        return g20_soapy_fail(e, -EIO, "bandwidth_hz");
    if (!isnan(t->gain_db) && SoapySDRDevice_setGain(s->dev, SOAPY_SDR_RX, ch, t->gain_db) != 0)
        return g20_soapy_fail(e, -EIO, "gain_db");
    return 0;
}

void g20_soapy_look(struct g20_soapy *s)
{
    struct g20_frontend *f = &s->info->frontend;
    const size_t ch = s->args.channel;

    s->now.center_hz = SoapySDRDevice_getFrequency(s->dev, SOAPY_SDR_RX, ch);
    if (!isnan(s->now.bandwidth_hz))
        s->now.bandwidth_hz = SoapySDRDevice_getBandwidth(s->dev, SOAPY_SDR_RX, ch);
    if (!isnan(s->now.gain_db))
        s->now.gain_db = SoapySDRDevice_getGain(s->dev, SOAPY_SDR_RX, ch);
    f->bandwidth_hz = s->now.bandwidth_hz;
    f->agc = SoapySDRDevice_hasGainMode(s->dev, SOAPY_SDR_RX, ch) &&
             SoapySDRDevice_getGainMode(s->dev, SOAPY_SDR_RX, ch);
    f->gain_db = f->agc ? (double)NAN : s->now.gain_db;
}

/* From here on, until it is over, what comes is dropped. */
static void settle(struct g20_soapy *s)
{
    const double rate = s->info->rate_hz;

    s->settling = true;
    s->drained = false;
    s->draining = (uint64_t)(DRAIN_S * rate);
    s->to_drop = (uint64_t)s->mtu;
    s->ncarry = 0;
    s->timed = s->has_time && g20_stream_clock_trusts(&s->clock);
    if (s->timed)
        s->settled_ns =
            SoapySDRDevice_getHardwareTime(s->dev, "") + llround(s->args.settle_s * 1e9);
    else
        s->to_drop += (uint64_t)llround(s->args.settle_s * rate);
}

void g20_soapy_serve(struct g20_soapy *s)
{
    const struct g20_tune before = s->now;
    struct g20_tune wanted;
    struct g20_err e = {0};

    pthread_mutex_lock(&s->lock);
    const bool asked = s->ask == G20_SOAPY_ASKED;
    if (asked)
        s->ask = G20_SOAPY_AT_IT;
    wanted = s->wanted;
    pthread_mutex_unlock(&s->lock);
    if (!asked)
        return;
    const int r = set(s, &wanted, &e);
    if (r < 0) {
        struct g20_err again;

        if (set(s, &before, &again) < 0) /* all or nothing, as far as the device plays along */
            g20_fail(&e, r, "%.150s, nor does it take back what it did", e.msg);
    }
    g20_soapy_look(s);
    if (r < 0 || !isnan(wanted.center_hz) || !isnan(wanted.bandwidth_hz) || !isnan(wanted.gain_db))
        settle(s);
    pthread_mutex_lock(&s->lock);
    s->answer = r;
    s->actual = s->now;
    s->error = e;
    s->ask = s->abandoned ? G20_SOAPY_NOTHING : G20_SOAPY_ANSWERED;
    s->abandoned = false;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}
