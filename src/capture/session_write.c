/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* A capture's writer: from the buffer, which it fills itself from a stretch of the past, to the
 * disk. */
#include "capture/session_own.h"

#include "base/alloc.h"

#include <errno.h>
#include <stdio.h>

enum {
    WRITE_BYTES = 1 << 20,
    ROOM_FOR_META = 1 << 18, /* given back when the disk is full */
    READ_MS = 200,           /* waited for more of a stretch */
    SILENT_MS = 5000,        /* a stretch with an end that is that long silent has ended */
};

static int write_segments(struct g20_session_capture *s, size_t n, struct g20_err *e)
{
    struct g20_record_segment *seg = g20_calloc(n, sizeof(*seg));

    if (!seg)
        return g20_fail(e, -ENOMEM, "out of memory");
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < n; i++)
        seg[i] = s->seg[i].file;
    g20_record_describe(s->record, s->format, s->info.rate_hz);
    pthread_mutex_unlock(&s->lock);
    const int r = g20_record_segments(s->record, seg, n, e);
    g20_free(seg);
    return r;
}

/* The next block of the stretch into the buffer, which is empty. */
static void feed(struct g20_session_capture *s, struct g20_err *e)
{
    struct g20_block b;

    pthread_mutex_lock(&s->lock);
    const uint64_t end_us = s->end_us > 0 ? s->end_us + s->delay_us : 0;
    const bool stopping = s->stopping;
    pthread_mutex_unlock(&s->lock);
    const int r = g20_stretch_next(s->stretch, end_us, stopping ? 0 : READ_MS, &b, e);
    s->silent_ms = r == 0 ? s->silent_ms + READ_MS : 0;
    if (r == 1) {
        g20_session_block(&b, s);
        return;
    }
    pthread_mutex_lock(&s->lock);
    if (r == -ENODATA || (r == 0 && stopping))
        g20_session_close(s, stopping ? "stopped" : "its time is over");
    else if (r == 0 && end_us > 0 && s->silent_ms >= SILENT_MS)
        g20_session_close(s, "the stream ended");
    else if (r < 0)
        g20_session_close(s, e && e->msg[0] ? e->msg : g20_strerror(r));
    pthread_mutex_unlock(&s->lock);
}

static bool wants_feed(struct g20_session_capture *s)
{
    pthread_mutex_lock(&s->lock);
    const bool wants = s->stretch && s->len == 0 && !s->closing;
    pthread_mutex_unlock(&s->lock);
    return wants;
}

/* From the buffer to the disk until it is closed and drained. */
static int write_all(struct g20_session_capture *s, struct g20_err *e)
{
    size_t known = 0;
    int r = 0;

    while (r >= 0) {
        while (wants_feed(s))
            feed(s, e);
        pthread_mutex_lock(&s->lock);
        while (s->len == 0 && !s->closing)
            pthread_cond_wait(&s->changed, &s->lock);
        const size_t n = G20_MIN(G20_MIN(s->len, s->cap - s->head), (size_t)WRITE_BYTES);
        const uint8_t *from = s->buf + s->head;
        const size_t nseg = s->nseg;
        pthread_mutex_unlock(&s->lock);
        if (n == 0)
            return 0;
        if (nseg > known)
            r = write_segments(s, nseg, e);
        known = nseg;
        if (r >= 0)
            r = g20_record_write(s->record, from, n, e); /* nobody else touches what is in there */
        pthread_mutex_lock(&s->lock);
        s->head = (s->head + n) % s->cap;
        s->len -= n;
        s->info.bytes = g20_record_bytes(s->record);
        s->info.samples = s->info.bytes / g20_sample_bytes(s->format);
        pthread_mutex_unlock(&s->lock);
    }
    return r;
}

/* The emissions seen in one segment of the file; with the lock. */
static uint32_t place_notes(const struct g20_session_capture *s, size_t at,
                            struct g20_sigmf_annotation *a, uint32_t most)
{
    const struct g20_session_segment *g = &s->seg[at];
    const uint64_t end = at + 1 < s->nseg ? s->seg[at + 1].file.sample_start : s->info.samples;
    const double half = s->band ? s->info.rate_hz / 2 : 0;
    const struct g20_notes_run run = {.first = g->file.sample_start,
                                      .last = G20_MIN(end, s->info.samples),
                                      .stream = g->stream,
                                      .per = s->per,
                                      .time_us = g->file.time_us,
                                      .rate_hz = s->info.rate_hz,
                                      .f_lo_hz = s->band ? s->info.center_hz - half : 0,
                                      .f_hi_hz = s->band ? s->info.center_hz + half : 0};
    uint32_t n = 0;

    for (size_t i = 0; i < s->notes.count && n < most; i++)
        n += g20_notes_place(&s->notes.em[i], &run, &a[n]);
    return n;
}

static int finish(struct g20_session_capture *s, struct g20_err *e)
{
    struct g20_sigmf_annotation *a = g20_calloc(G20_SESSION_NOTES, sizeof(*a));
    uint32_t n = 0;

    if (!a)
        return g20_fail(e, -ENOMEM, "out of memory");
    pthread_mutex_lock(&s->lock);
    for (size_t at = 0; at < s->nseg && n < G20_SESSION_NOTES; at++)
        n += place_notes(s, at, &a[n], G20_SESSION_NOTES - n);
    s->info.annotations = n;
    s->info.segments = (uint32_t)s->nseg;
    pthread_mutex_unlock(&s->lock);
    const int r = g20_record_finish(s->record, a, n, e);
    g20_free(a);
    return r;
}

static bool is_full(int r)
{
    return r == -ENOSPC || r == -EFBIG || r == -EDQUOT;
}

void *g20_session_write(void *arg)
{
    struct g20_session_capture *s = arg;
    struct g20_err e = {0}, last = {0};
    const int written = write_all(s, &e);

    pthread_mutex_lock(&s->lock);
    if (written < 0) { /* also when it was being stopped already */
        s->closing = true;
        snprintf(s->info.why, sizeof(s->info.why), "%s", e.msg);
    }
    pthread_mutex_unlock(&s->lock);
    if (is_full(written))
        g20_record_shorten(s->record, ROOM_FOR_META);
    pthread_mutex_lock(&s->lock);
    s->info.bytes = g20_record_bytes(s->record);
    s->info.samples = s->per > 0 ? s->info.bytes / g20_sample_bytes(s->format) : 0;
    if (written < 0)
        s->info.dropped += s->taken - s->info.samples;
    pthread_mutex_unlock(&s->lock);
    const int r = finish(s, &last);

    pthread_mutex_lock(&s->lock);
    s->info.state = is_full(written) || is_full(r) ? G20_CAPTURE_DISK_FULL
                    : written < 0 || r < 0         ? G20_CAPTURE_FAILED
                                                   : G20_CAPTURE_DONE;
    if (r < 0 && written >= 0) /* else what went wrong first is the reason */
        snprintf(s->info.why, sizeof(s->info.why), "%s", last.msg);
    const struct g20_capture_info info = s->info;
    pthread_mutex_unlock(&s->lock);
    if (s->done)
        s->done(&info, s->user);
    return NULL;
}
