/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "capture/session_own.h"

#include "base/alloc.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { SEGMENTS = 16384 };

#define BUFFER_S     0.5
#define BUFFER_LEAST (4e6)
#define BUFFER_MOST  (64e6)

void g20_session_close(struct g20_session_capture *s, const char *why)
{
    if (s->closing)
        return;
    s->closing = true;
    snprintf(s->info.why, sizeof(s->info.why), "%s", why);
    pthread_cond_signal(&s->changed);
}

/* With the lock, as what follows up to the blocks. */
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
        g20_session_close(s, "the stream's rate or format changed");
        return;
    }
    if (s->per == 0) {
        s->format = p->format;
        s->per = p->per;
        s->info.rate_hz = p->rate_hz;
        s->info.center_hz = p->center_hz; /* a retune may have come between */
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
            g20_session_close(s, "too many gaps");
            return;
        }
        s->seg[s->nseg++] = (struct g20_session_segment){
            .file = {.sample_start = s->taken, .time_us = p->time_us, .center_hz = p->center_hz},
            .stream = p->stream};
        s->broken = false;
    }
    copy_in(s, p->data, n * each);
    s->taken += n;
    s->info.end_us = p->time_us + (uint64_t)llround((double)n * 1e6 / p->rate_hz);
    if (n < p->n || (s->max_bytes > 0 && (s->taken + 1) * each > s->max_bytes))
        g20_session_close(s,
                          n < p->n && s->max_s > 0 && (double)s->taken >= s->max_s * p->rate_hz - 1
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

void g20_session_block(const struct g20_block *b, void *user)
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
        g20_session_close(s, "stopped");
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
    if (!s->buf || !s->seg || g20_notes_init(&s->notes, G20_SESSION_NOTES) < 0 ||
        (q->bandwidth_hz > 0 && g20_subband_create(&s->band, &band) < 0))
        return g20_fail(e, -ENOMEM, "out of memory");
    snprintf(s->info.session_id, sizeof(s->info.session_id), "%s", q->session_id);
    snprintf(s->info.path, sizeof(s->info.path), "%s", cfg->base);
    s->info.center_hz = cfg->center_hz;
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
    return r < 0 ? r : g20_thread_start(&s->thread, "g20-capture", g20_session_write, s, e);
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
    s->sink = (struct g20_tap_sink){.block = s->stretch ? NULL : g20_session_block,
                                    .event = cfg->past ? NULL : on_event,
                                    .user = s};
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
