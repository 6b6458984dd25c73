/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The driver "file": plays a recording, segment after segment, once or in a loop, paced or not. */
#include "base/alloc.h"
#include "base/clock.h"
#include "source/reader.h"
#include "source/recording.h"
#include "source/source.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

extern const struct g20_source_ops g20_source_file_ops;

struct file_dev {
    struct g20_recording *rec;
    struct g20_reader *reader;
    struct g20_source_info *info; /* the source's, for bad_samples */
    bool loop, realtime, ended;

    size_t segment;       /* being played */
    uint64_t done;        /* samples of it handed out */
    uint64_t played;      /* samples handed out since open */
    uint32_t flags;       /* of the next block */
    uint64_t pass_us;     /* how far loops have moved time on */
    uint64_t *segment_us; /* (nsegments) time of each segment's first sample in the first pass */
    uint64_t end_us;      /* of the last sample in the first pass */
    uint64_t start_ns;    /* monotonic, of the first read when paced; 0 before it */
};

static uint64_t samples_us(const struct file_dev *d, uint64_t samples)
{
    /* Capped: a hostile rate and length must not overflow the conversion. */
    return (uint64_t)llround(fmin((double)samples / d->rec->rate_hz * 1e6, 9e18));
}

/* A segment with a date starts there; one without follows on. A recording without any date starts
 * at 0, or now when it is played in real time. */
static void set_times(struct file_dev *d)
{
    uint64_t t = d->realtime ? g20_clock_utc_us() : 0;

    for (size_t i = 0; i < d->rec->nsegments; i++) {
        const struct g20_segment *s = &d->rec->segments[i];
        d->segment_us[i] = s->time_us ? s->time_us : t;
        t = d->segment_us[i] + samples_us(d, s->count);
    }
    d->end_us = t;
}

static void file_close(void *dev)
{
    struct file_dev *d = dev;

    if (!d)
        return;
    g20_reader_destroy(d->reader);
    g20_recording_destroy(d->rec);
    g20_free(d->segment_us);
    g20_free(d);
}

static void tell(const struct file_dev *d, struct g20_source_info *info)
{
    snprintf(info->name, sizeof(info->name), "%s", d->rec->name);
    info->rate_hz = d->rec->rate_hz;
    info->center_hz = d->rec->segments[0].center_hz;
    info->center_known = info->center_hz != 0;
    info->format = g20_reader_format(d->reader);
    info->total_samples = d->loop ? 0 : d->rec->total;
}

static int file_open(void **ret_dev, const struct g20_source_cfg *cfg, struct g20_source_info *info,
                     struct g20_err *e)
{
    struct g20_file_args args;
    int r = g20_file_args_parse(&args, cfg->args ? cfg->args : "", e);

    if (r < 0)
        return r;
    struct file_dev *d = g20_calloc(1, sizeof(*d));
    if (!d)
        return g20_fail(e, -ENOMEM, "%.200s: out of memory", args.path);
    if ((r = g20_recording_open(&d->rec, &args, cfg->rate_hz, cfg->center_hz, e)) < 0)
        goto fail;
    if (d->rec->is_stream && cfg->loop) {
        r = g20_fail(e, -EINVAL, "%s: a stream cannot be played in a loop", d->rec->name);
        goto fail;
    }
    if ((r = g20_reader_create(&d->reader, d->rec, e)) < 0)
        goto fail;
    d->loop = cfg->loop;
    d->realtime = cfg->realtime;
    d->info = info;
    d->segment_us = g20_calloc(d->rec->nsegments, sizeof(*d->segment_us));
    if (!d->segment_us) {
        r = g20_fail(e, -ENOMEM, "%s: out of memory", d->rec->name);
        goto fail;
    }
    set_times(d);
    tell(d, info);
    *ret_dev = d;
    return 0;

fail:
    file_close(d);
    return r;
}

/* To the next segment, or to the first one again. */
static void next_segment(struct file_dev *d)
{
    const size_t next = d->segment + 1 < d->rec->nsegments ? d->segment + 1 : 0;

    if (next == 0 && !d->loop) {
        d->ended = true;
        return;
    }
    d->flags |= G20_BLOCK_NEW_SEGMENT;
    if (d->rec->segments[next].center_hz != d->rec->segments[d->segment].center_hz)
        d->flags |= G20_BLOCK_RETUNED;
    if (next == 0) /* dates may run backwards in a file, but a loop never does */
        d->pass_us +=
            G20_MAX((int64_t)(d->end_us - d->segment_us[0]), (int64_t)samples_us(d, d->rec->total));
    d->segment = next;
    d->done = 0;
    g20_reader_seek(d->reader, next);
}

/* Wait until @n more samples would have come from a radio. The due time is always counted from the
 * start, so that errors of single waits never add up. Returns the rest of the time in ms, or
 * -ETIMEDOUT when it is not yet due at the end of @timeout_ms. */
static int pace(struct file_dev *d, uint64_t n, int timeout_ms)
{
    if (!d->realtime)
        return timeout_ms;
    const uint64_t now = g20_clock_mono_ns();
    if (d->start_ns == 0) {
        d->start_ns = now;
        set_times(d); /* it may have been opened long before */
    }
    const double due = fmin((double)(d->played + n) / d->rec->rate_hz * 1e9, 9e18);
    const uint64_t due_ns = d->start_ns + (uint64_t)due;
    if (due_ns <= now)
        return timeout_ms;
    const uint64_t wait_ns = due_ns - now;
    if (timeout_ms >= 0 && wait_ns > (uint64_t)timeout_ms * 1000000u) {
        g20_sleep_ns((uint64_t)timeout_ms * 1000000u);
        return -ETIMEDOUT;
    }
    g20_sleep_ns(wait_ns);
    return timeout_ms < 0 ? timeout_ms : timeout_ms - (int)(wait_ns / 1000000u);
}

static int file_read(void *dev, struct g20_block *b, int timeout_ms, struct g20_err *e)
{
    struct file_dev *d = dev;

    if (d->ended)
        return 0;
    const struct g20_segment *s = &d->rec->segments[d->segment];
    const uint64_t left = d->rec->is_stream ? b->cap : s->count - d->done;
    timeout_ms = pace(d, G20_MIN(left, b->cap), timeout_ms);
    if (timeout_ms == -ETIMEDOUT)
        return timeout_ms;
    const int n = g20_reader_read(d->reader, b->data, b->cap, timeout_ms, e);
    d->info->bad_samples = g20_reader_bad(d->reader);
    if (n <= 0) {
        d->ended = n == 0;
        return n;
    }

    b->format = d->info->format;
    b->len = (uint32_t)n;
    b->flags = d->flags;
    b->first_sample = d->played;
    b->time_us = d->segment_us[d->segment] + samples_us(d, d->done) + d->pass_us;
    b->center_hz = s->center_hz;
    b->rate_hz = d->rec->rate_hz;
    b->lost = 0;
    d->flags = 0;
    d->done += (uint64_t)n;
    d->played += (uint64_t)n;
    if (!d->rec->is_stream && d->done == s->count)
        next_segment(d);
    return n;
}

const struct g20_source_ops g20_source_file_ops = {
    .name = "file", .open = file_open, .read = file_read, .close = file_close};
