/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The driver "file": plays a recording. Samples that a block can hold as they are go straight from
 * the file into the block; all others are converted once, while it is filled. */
#include "base/alloc.h"
#include "base/clock.h"
#include "source/file_io.h"
#include "source/recording.h"
#include "source/source.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

extern const struct g20_source_ops g20_source_file_ops;

enum { STAGING_BYTES = 1 << 18 };

struct file_dev {
    struct g20_recording *rec;
    struct g20_source_info *info; /* the source's, for bad_samples */
    enum g20_sample_format format;
    bool native, loop, realtime;

    size_t segment;       /* being played */
    uint64_t pos;         /* next sample of the recording */
    uint64_t played;      /* samples handed out since open */
    uint32_t flags;       /* of the next block */
    uint64_t pass_us;     /* how far loops have moved time on */
    uint64_t *segment_us; /* (nsegments) time of each segment's first sample in the first pass */
    uint64_t end_us;      /* of the last sample in the first pass */
    uint64_t start_ns;    /* monotonic, of the first sample when paced; 0 before it */
    char *staging;        /* (STAGING_BYTES) what is to be converted */
};

static uint64_t samples_us(const struct file_dev *d, uint64_t samples)
{
    return (uint64_t)llround((double)samples / d->rec->rate_hz * 1e6);
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
    g20_recording_destroy(d->rec);
    g20_free(d->segment_us);
    g20_free(d->staging);
    g20_free(d);
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
        return g20_fail(e, -ENOMEM, "%s: out of memory", args.path);
    if ((r = g20_recording_open(&d->rec, &args, cfg->rate_hz, cfg->center_hz, e)) < 0)
        goto fail;
    d->native = g20_datatype_is_native(&d->rec->type, &d->format);
    if (!d->native || d->rec->channels > 1) {
        r = g20_fail(e, G20_EUNSUPPORTED, "%s: its sample format comes next", args.path);
        goto fail;
    }
    d->loop = cfg->loop;
    d->realtime = cfg->realtime;
    d->info = info;
    d->segment_us = g20_calloc(d->rec->nsegments, sizeof(*d->segment_us));
    d->staging = g20_calloc_aligned(STAGING_BYTES, 1);
    if (!d->segment_us || !d->staging) {
        r = g20_fail(e, -ENOMEM, "%s: out of memory", args.path);
        goto fail;
    }
    set_times(d);

    snprintf(info->name, sizeof(info->name), "%s", d->rec->name);
    info->rate_hz = d->rec->rate_hz;
    info->center_hz = d->rec->segments[0].center_hz;
    info->center_known = info->center_hz != 0;
    info->format = d->format;
    info->total_samples = d->loop ? 0 : d->rec->total;
    *ret_dev = d;
    return 0;

fail:
    file_close(d);
    return r;
}

/* @n frames from sample @at of the recording into the block, in its format. */
static int fill(struct file_dev *d, struct g20_block *b, uint64_t byte, uint32_t n,
                struct g20_err *e)
{
    const size_t want = n * g20_recording_frame(d->rec);
    const int64_t got = g20_file_pread(d->rec->fd, b->data, want, byte);

    if (got < 0)
        return g20_fail(e, (int)got, "%s: %s", d->rec->name, g20_strerror((int)got));
    if ((uint64_t)got < want)
        return g20_fail(e, G20_EFORMAT, "%s: became shorter while it was played", d->rec->name);
    if (d->format == G20_CF32)
        d->info->bad_samples += g20_clear_bad(b->data, n, 2);
    return 0;
}

static bool at_end(struct file_dev *d)
{
    if (d->pos < d->rec->total)
        return false;
    if (!d->loop)
        return true;
    const size_t last = d->rec->nsegments - 1;
    if (d->rec->segments[last].center_hz != d->rec->segments[0].center_hz)
        d->flags |= G20_BLOCK_RETUNED;
    d->flags |= G20_BLOCK_NEW_SEGMENT;
    d->pass_us += d->end_us - d->segment_us[0];
    d->pos = 0;
    d->segment = 0;
    return false;
}

static int file_read(void *dev, struct g20_block *b, int timeout_ms, struct g20_err *e)
{
    struct file_dev *d = dev;

    (void)timeout_ms;
    if (at_end(d))
        return 0;
    const struct g20_segment *s = &d->rec->segments[d->segment];
    const uint64_t in_segment = d->pos - s->first;
    const uint32_t n = (uint32_t)G20_MIN(b->cap, s->count - in_segment);
    const int r = fill(d, b, s->byte + in_segment * g20_recording_frame(d->rec), n, e);
    if (r < 0)
        return r;

    b->format = d->format;
    b->len = n;
    b->flags = d->flags;
    b->first_sample = d->played;
    b->time_us = d->segment_us[d->segment] + samples_us(d, in_segment) + d->pass_us;
    b->center_hz = s->center_hz;
    b->rate_hz = d->rec->rate_hz;
    b->lost = 0;
    d->flags = 0;
    d->pos += n;
    d->played += n;
    if (d->pos == s->first + s->count && d->segment + 1 < d->rec->nsegments) {
        d->segment++;
        d->flags = G20_BLOCK_NEW_SEGMENT;
        if (s[1].center_hz != s->center_hz)
            d->flags |= G20_BLOCK_RETUNED;
    }
    return (int)n;
}

const struct g20_source_ops g20_source_file_ops = {
    .name = "file", .open = file_open, .read = file_read, .close = file_close};
