/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "capture/session.h"

#include "base/alloc.h"
#include "base/thread.h"
#include "capture/notes.h"
#include "capture/record.h"
#include "capture/subband.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum {
    SEGMENTS = 16384,
    NOTES = 2048,
    WRITE_BYTES = 1 << 20,
    ROOM_FOR_META = 1 << 18, /* given back when the disk is full */
    READ_MS = 200,           /* waited for more of a stretch */
    SILENT_MS = 5000,        /* a stretch with an end that is that long silent has ended */
};

#define BUFFER_S     0.5
#define BUFFER_LEAST (4e6)
#define BUFFER_MOST  (64e6)

struct segment {
    struct g20_record_segment file;
    double stream; /* the stream's sample number of its first */
};

struct g20_session_capture {
    struct g20_capture_info info; /* under @lock but for the strings set at the start */
    struct g20_tap *tap;
    struct g20_tap_sink sink;
    struct g20_subband *band; /* NULL: the whole band */
    void (*done)(const struct g20_capture_info *info, void *user);
    void *user;
    double max_s;
    uint64_t max_bytes;
    struct g20_thread thread;
    struct g20_record *record;   /* writer thread */
    struct g20_stretch *stretch; /* writer thread; NULL: blocks come from the tap */

    /* Of the thread that has the blocks. */
    uint64_t next; /* stream sample expected */
    double center_hz;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint8_t *buf; /* (cap) */
    size_t cap, head, len;
    uint64_t taken; /* samples put into the buffer so far */
    bool broken;    /* the next sample put in begins a segment */
    bool closing;
    bool stopping;     /* no more is waited for */
    int silent_ms;     /* the writer's: since a block came */
    uint64_t end_us;   /* of a stretch; 0: open */
    uint64_t delay_us; /* the filters of the band want so much after the end */
    enum g20_sample_format format;
    double per;          /* stream samples a sample of the file; 0: nothing came yet */
    struct segment *seg; /* (SEGMENTS) */
    size_t nseg;
    struct g20_notes notes; /* in the stream's sample numbers */
};

/* The rest is called with the lock held. */
static void close_why(struct g20_session_capture *s, const char *why)
{
    if (s->closing)
        return;
    s->closing = true;
    snprintf(s->info.why, sizeof(s->info.why), "%s", why);
    pthread_cond_signal(&s->changed);
}

static void copy_in(struct g20_session_capture *s, const uint8_t *data, size_t bytes)
{
    const size_t tail = (s->head + s->len) % s->cap, first = G20_MIN(bytes, s->cap - tail);

    memcpy(s->buf + tail, data, first);
    if (bytes > first)
        memcpy(s->buf, data + first, bytes - first);
    s->len += bytes;
    pthread_cond_signal(&s->changed);
}

struct piece { /* a run of samples, from a block or a down-converter */
    const void *data;
    size_t n;
    enum g20_sample_format format;
    double rate_hz, center_hz, per, stream;
    uint64_t time_us;
    bool fresh;
};

/* Samples that the limits still allow. */
static size_t allowed(const struct g20_session_capture *s, const struct piece *p)
{
    const size_t each = g20_sample_bytes(p->format);
    double n = (double)p->n;

    if (s->max_s > 0)
        n = G20_MIN(n, s->max_s * p->rate_hz - (double)s->taken);
    if (s->max_bytes > 0)
        n = G20_MIN(n, (double)(s->max_bytes / each) - (double)s->taken);
    return n > 0 ? (size_t)n : 0;
}

static void put(struct g20_session_capture *s, const struct piece *p)
{
    const size_t each = g20_sample_bytes(p->format), n = allowed(s, p);

    if (s->closing)
        return;
    if (s->per != 0 && (s->format != p->format || s->info.rate_hz != p->rate_hz)) {
        close_why(s, "the stream's rate or format changed");
        return;
    }
    if (s->per == 0) {
        s->format = p->format;
        s->per = p->per;
        s->info.rate_hz = p->rate_hz;
        s->info.start_us = p->time_us;
        s->broken = true;
    }
    if (n * each > s->cap - s->len) { /* the disk is late */
        s->info.dropped += n;
        s->broken = true;
        return;
    }
    if ((p->fresh || s->broken) && n > 0) {
        if (s->nseg == SEGMENTS) {
            close_why(s, "too many gaps");
            return;
        }
        s->seg[s->nseg++] = (struct segment){
            .file = {.sample_start = s->taken, .time_us = p->time_us, .center_hz = p->center_hz},
            .stream = p->stream};
        s->broken = false;
    }
    copy_in(s, p->data, n * each);
    s->taken += n;
    s->info.end_us = p->time_us + (uint64_t)llround((double)n * 1e6 / p->rate_hz);
    if (n < p->n || (s->max_bytes > 0 && (s->taken + 1) * each > s->max_bytes))
        close_why(s, n < p->n && s->max_s > 0 && (double)s->taken >= s->max_s * p->rate_hz - 1
                         ? "its time is over"
                         : "its greatest size is reached");
}

static void on_run(const struct g20_subband_run *run, void *user)
{
    struct g20_session_capture *s = user;
    const struct piece p = {.data = run->samples,
                            .n = run->n,
                            .format = G20_CF32,
                            .rate_hz = run->rate_hz,
                            .center_hz = s->info.center_hz,
                            .per = run->per,
                            .stream = run->stream,
                            .time_us = run->time_us,
                            .fresh = run->fresh};

    pthread_mutex_lock(&s->lock);
    put(s, &p);
    pthread_mutex_unlock(&s->lock);
}

static void on_block(const struct g20_block *b, void *user)
{
    struct g20_session_capture *s = user;
    const bool fresh = b->first_sample != s->next || b->flags != 0 || b->center_hz != s->center_hz;
    const struct piece p = {.data = b->data,
                            .n = b->len,
                            .format = b->format,
                            .rate_hz = b->rate_hz,
                            .center_hz = b->center_hz,
                            .per = 1,
                            .stream = (double)b->first_sample,
                            .time_us = b->time_us,
                            .fresh = fresh};

    pthread_mutex_lock(&s->lock);
    if (s->next != 0 && b->first_sample > s->next) { /* on the way here, or in the radio */
        const double lost = (double)(b->first_sample - s->next);
        s->info.dropped += (uint64_t)(s->per > 0 ? lost / s->per : lost);
    }
    if (!s->band)
        put(s, &p);
    pthread_mutex_unlock(&s->lock);
    s->next = b->first_sample + b->len;
    s->center_hz = b->center_hz;
    if (s->band)
        g20_subband_push(s->band, b, on_run, s);
}

/* Open, update, close: the last word on each emission stays. */
static void on_event(const struct g20_hub_event *ev, void *user)
{
    struct g20_session_capture *s = user;

    pthread_mutex_lock(&s->lock);
    g20_notes_put(&s->notes, &ev->em);
    pthread_mutex_unlock(&s->lock);
}

/* The writer's thread from here on. */

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
        on_block(&b, s);
        return;
    }
    pthread_mutex_lock(&s->lock);
    if (r == -ENODATA || (r == 0 && stopping))
        close_why(s, stopping ? "stopped" : "its time is over");
    else if (r == 0 && end_us > 0 && s->silent_ms >= SILENT_MS)
        close_why(s, "the stream ended");
    else if (r < 0)
        close_why(s, e && e->msg[0] ? e->msg : g20_strerror(r));
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
    const struct segment *g = &s->seg[at];
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
    struct g20_sigmf_annotation *a = g20_calloc(NOTES, sizeof(*a));
    uint32_t n = 0;

    if (!a)
        return g20_fail(e, -ENOMEM, "out of memory");
    pthread_mutex_lock(&s->lock);
    for (size_t at = 0; at < s->nseg && n < NOTES; at++)
        n += place_notes(s, at, &a[n], NOTES - n);
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

static void *writer_main(void *arg)
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

void g20_session_info(struct g20_session_capture *s, struct g20_capture_info *ret)
{
    pthread_mutex_lock(&s->lock);
    *ret = s->info;
    pthread_mutex_unlock(&s->lock);
}

void g20_session_end_at(struct g20_session_capture *s, uint64_t end_us)
{
    pthread_mutex_lock(&s->lock);
    s->end_us = end_us;
    pthread_mutex_unlock(&s->lock);
}

void g20_session_finish(struct g20_session_capture *s, uint64_t end_us)
{
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    if (s->stretch && end_us > 0)
        s->end_us = s->end_us > 0 ? G20_MIN(s->end_us, end_us) : end_us;
    else
        close_why(s, "stopped");
    pthread_mutex_unlock(&s->lock);
    g20_tap_remove(s->tap, &s->sink);
    g20_thread_join(&s->thread);
}

void g20_session_destroy(struct g20_session_capture *s)
{
    if (!s)
        return;
    g20_session_finish(s, 0);
    g20_record_destroy(s->record);
    g20_subband_destroy(s->band);
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->lock);
    g20_free(s->buf);
    g20_free(s->seg);
    g20_notes_fini(&s->notes);
    g20_stretch_destroy(s->stretch);
    g20_free(s);
}

static int make(struct g20_session_capture *s, const struct g20_session_cfg *cfg, struct g20_err *e)
{
    const struct g20_capture_request *q = &cfg->request;
    const struct g20_subband_cfg band = {.center_hz = q->center_hz,
                                         .bandwidth_hz = q->bandwidth_hz};

    s->cap = (size_t)G20_CLAMP(cfg->byte_rate * BUFFER_S, BUFFER_LEAST, BUFFER_MOST) / 64 * 64;
    s->buf = g20_calloc_aligned(s->cap, 1);
    s->seg = g20_calloc(SEGMENTS, sizeof(*s->seg));
    if (!s->buf || !s->seg || g20_notes_init(&s->notes, NOTES) < 0 ||
        (q->bandwidth_hz > 0 && g20_subband_create(&s->band, &band) < 0))
        return g20_fail(e, -ENOMEM, "out of memory");
    snprintf(s->info.session_id, sizeof(s->info.session_id), "%s", q->session_id);
    snprintf(s->info.path, sizeof(s->info.path), "%s", cfg->base);
    s->info.center_hz = q->center_hz;
    s->info.bandwidth_hz = q->bandwidth_hz;
    s->info.about = q->about;
    s->max_s = q->max_s;
    if (q->bandwidth_hz > 0 && cfg->stretch) {
        s->delay_us = (uint64_t)G20_MIN(100e6 / q->bandwidth_hz, 1e6);
        if (q->start_us > 0 && q->end_us > 0) {
            const double most_s = (double)(q->end_us - q->start_us) * 1e-6;
            s->max_s = s->max_s > 0 ? G20_MIN(s->max_s, most_s) : most_s;
        }
    }
    s->max_bytes = q->max_bytes;
    s->end_us = q->end_us;
    for (size_t i = 0; i < cfg->notes; i++)
        g20_notes_put(&s->notes, &cfg->note[i]);
    const int r = g20_record_open(&s->record, cfg->base, e);
    return r < 0 ? r : g20_thread_start(&s->thread, "g20-capture", writer_main, s, e);
}

int g20_session_start(struct g20_session_capture **ret, const struct g20_session_cfg *cfg,
                      struct g20_tap *tap, struct g20_err *e)
{
    struct g20_session_capture *s = g20_calloc(1, sizeof(*s));

    if (!s)
        return g20_fail(e, -ENOMEM, "out of memory");
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->changed, NULL);
    s->tap = tap;
    s->done = cfg->done;
    s->user = cfg->user;
    s->stretch = cfg->stretch;
    s->sink = (struct g20_tap_sink){
        .block = s->stretch ? NULL : on_block, .event = cfg->past ? NULL : on_event, .user = s};
    const int r = make(s, cfg, e);
    if (r < 0) {
        s->stretch = NULL; /* still the caller's */
        g20_session_destroy(s);
        return r;
    }
    g20_tap_add(tap, &s->sink);
    *ret = s;
    return 0;
}
