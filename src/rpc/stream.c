/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Streams: one thread sends what their mailboxes in the hub hold, one message at a time to each
 * client, so that a slow one fills its own mailbox and loses its own oldest. */
#include "rpc/internal.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <health.pb-c.h>
#include <inference.pb-c.h>

enum { TILES = 32, EVENTS = 256, LOOK_MS = 500 };

/* On a publisher's thread, with the hub's lock held. */
static void wake(void *user)
{
    struct g20_rpc_call *c = user;

    pthread_mutex_lock(&c->s->lock);
    c->ready = true;
    pthread_cond_broadcast(&c->s->changed);
    pthread_mutex_unlock(&c->s->lock);
}

int g20_rpc_stream_open(struct g20_rpc_call *c, struct g20_err *e)
{
    const bool detections = c->request.method == G20_RPC_STREAM_DETECTIONS;
    const struct g20_hub_sub_cfg cfg = {.tiles = c->request.stream.tiles ? TILES : 0,
                                        .events = c->request.stream.emissions ? EVENTS : 0,
                                        .wake = wake,
                                        .user = c};
    struct g20_rpc *s = c->s;
    struct g20_hub_sub *sub = NULL;
    int r = 0;

    pthread_mutex_lock(&s->lock);
    if (s->nstreams >= s->cfg.max_streams)
        r = g20_fail(e, -EUSERS, "too many streams are open");
    pthread_mutex_unlock(&s->lock);
    if (r >= 0 && detections) {
        r = g20_hub_subscribe(s->hub, &cfg, &sub);
        if (r < 0)
            g20_fail(e, r, "too many subscribers, or out of memory");
    }
    if (r < 0)
        return r;
    pthread_mutex_lock(&s->lock);
    c->sub = sub;
    c->stream_next = s->streams;
    c->stream_link = &s->streams;
    if (c->stream_next)
        c->stream_next->stream_link = &c->stream_next;
    s->streams = c;
    s->nstreams++;
    c->refs++;
    c->busy = true;
    g20_rpc_send_locked(c, NULL); /* headers: the client knows that it is connected */
    pthread_mutex_unlock(&s->lock);
    return 0;
}

static void leave_locked(struct g20_rpc_call *c)
{
    struct g20_rpc *s = c->s;
    struct g20_hub_sub *sub = c->sub;

    *c->stream_link = c->stream_next;
    if (c->stream_next)
        c->stream_next->stream_link = c->stream_link;
    s->nstreams--;
    c->sub = NULL;
    pthread_mutex_unlock(&s->lock);
    g20_hub_unsubscribe(s->hub, sub);
    pthread_mutex_lock(&s->lock);
    if (!c->finished) /* cancelled: gRPC wants a status all the same */
        g20_rpc_finish_locked(c, GRPC_STATUS_CANCELLED, "cancelled", NULL);
    g20_rpc_unref_locked(c);
}

static float part(double x)
{
    return (float)G20_CLAMP(x, 0.0, 1.0);
}

static void fill_box(G20__V1__Box *m, const struct g20_box *b, const struct g20_detections *d)
{
    const double samples = G20_MAX(d->span_hz * d->duration_s, 1.0);
    const double start = (double)(int64_t)(b->sample_start - d->first_sample);

    g20__v1__box__init(m);
    m->x1 = part(b->f_lo_hz / d->span_hz + 0.5);
    m->x2 = part(b->f_hi_hz / d->span_hz + 0.5);
    m->y1 = part(start / samples);
    m->y2 = part((start + (double)b->sample_count) / samples);
    m->class_id = b->class_id;
    m->confidence = b->confidence;
    m->f_lo_hz = d->center_hz + b->f_lo_hz;
    m->f_hi_hz = d->center_hz + b->f_hi_hz;
    m->snr_db = b->snr_db;
    m->level_dbfs = b->level_dbfs;
}

/* NULL: nothing of it is wanted, or out of memory. */
static grpc_byte_buffer *tile_message(const struct g20_rpc_request *q, const struct g20_hub_tile *t,
                                      uint64_t dropped)
{
    G20__V1__StreamDetectionsResponse m = G20__V1__STREAM_DETECTIONS_RESPONSE__INIT;
    G20__V1__Tile tile = G20__V1__TILE__INIT;
    const struct g20_detections *d = &t->d;
    G20__V1__Box *boxes = g20_calloc(d->count + 1, sizeof(*boxes));
    G20__V1__Box **at = g20_calloc(d->count + 1, sizeof(void *));
    grpc_byte_buffer *out = NULL;
    size_t n = 0;

    for (size_t i = 0; boxes && at && i < d->count; i++) {
        if (t->boxes[i].confidence < q->stream.min_confidence)
            continue;
        at[n] = &boxes[n];
        fill_box(at[n++], &t->boxes[i], d);
    }
    if (boxes && at && (n > 0 || !q->stream.skip_empty)) {
        tile.timestamp_us = d->time_us;
        tile.frame_idx = d->frame_idx;
        tile.center_hz = d->center_hz;
        tile.span_hz = d->span_hz;
        tile.duration_s = d->duration_s;
        tile.n_boxes = n;
        tile.boxes = at;
        m.what_case = G20__V1__STREAM_DETECTIONS_RESPONSE__WHAT_TILE;
        m.tile = &tile;
        m.dropped = dropped;
        out = g20_rpc_pack(&m.base);
    }
    g20_free(at);
    g20_free(boxes);
    return out;
}

static grpc_byte_buffer *event_message(const struct g20_rpc_request *q,
                                       const struct g20_hub_event *ev, uint64_t dropped)
{
    G20__V1__StreamDetectionsResponse m = G20__V1__STREAM_DETECTIONS_RESPONSE__INIT;
    G20__V1__Emission o = G20__V1__EMISSION__INIT;
    struct g20_emission em = ev->em;

    if (em.confidence < q->stream.min_confidence)
        return NULL;
    o.event = (G20__V1__EmissionEvent)((int)ev->kind + 1);
    o.id = em.id;
    o.channel = (uint32_t)em.channel;
    o.class_name = (char *)(uintptr_t)g20_rpc_safe(em.class_name);
    o.confidence = em.confidence;
    o.start_us = em.start_us;
    o.duration_s = em.duration_s;
    o.f_lo_hz = em.f_lo_hz;
    o.f_hi_hz = em.f_hi_hz;
    o.center_known = em.center_known;
    o.level_dbfs = em.level_dbfs;
    o.peak_dbfs = em.peak_dbfs;
    o.snr_db = em.snr_db;
    o.duty = em.duty;
    o.model = (char *)(uintptr_t)g20_rpc_safe(em.model);
    o.model_version = (char *)(uintptr_t)g20_rpc_safe(em.model_version);
    m.what_case = G20__V1__STREAM_DETECTIONS_RESPONSE__WHAT_EMISSION;
    m.emission = &o;
    m.dropped = dropped;
    return g20_rpc_pack(&m.base);
}

/* The next that the client wants; NULL: nothing waits. */
static grpc_byte_buffer *next_message(struct g20_rpc_call *c)
{
    const struct g20_rpc_request *q = &c->request;
    grpc_byte_buffer *out = NULL;
    struct g20_hub_sub_stats stats;
    struct g20_hub_event *event;
    struct g20_hub_tile *tile;

    g20_hub_sub_stats(c->sub, &stats);
    const uint64_t dropped = stats.tiles_dropped + stats.events_dropped;
    pthread_mutex_lock(&c->s->lock);
    c->s->totals.dropped += dropped - c->dropped;
    c->dropped = dropped;
    pthread_mutex_unlock(&c->s->lock);
    while (!out && q->stream.emissions && (event = g20_hub_take_event(c->sub))) {
        out = event_message(q, event, dropped);
        g20_hub_event_unref(event);
    }
    while (!out && q->stream.tiles && (tile = g20_hub_take_tile(c->sub))) {
        out = tile_message(q, tile, dropped);
        g20_hub_tile_unref(tile);
    }
    return out;
}

static grpc_byte_buffer *next_health(struct g20_rpc_call *c)
{
    Grpc__Health__V1__HealthCheckResponse m = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__INIT;
    const int now = g20_rpc_health_of(c->s, c->request.service);

    if (now == c->last_health)
        return NULL;
    c->last_health = now;
    m.status = (Grpc__Health__V1__HealthCheckResponse__ServingStatus)now;
    return g20_rpc_pack(&m.base);
}

/* One step of one stream; false: none had anything to do. */
static bool step_locked(struct g20_rpc *s)
{
    for (struct g20_rpc_call *c = s->streams; c; c = c->stream_next) {
        if (c->busy)
            continue;
        if (c->gone || c->finished) {
            leave_locked(c);
            return true;
        }
        if (s->draining || s->stop_streams) {
            c->busy = true;
            g20_rpc_finish_locked(c, GRPC_STATUS_UNAVAILABLE, "shutting down", NULL);
            return true;
        }
        if (!c->ready)
            continue;
        c->ready = false;
        c->busy = true; /* nobody else touches it */
        pthread_mutex_unlock(&s->lock);
        grpc_byte_buffer *message = c->sub ? next_message(c) : next_health(c);
        pthread_mutex_lock(&s->lock);
        if (message) {
            s->totals.messages++;
            g20_rpc_send_locked(c, message);
        } else {
            c->busy = false;
        }
        return true;
    }
    return false;
}

/* What nobody tells of: whether the health changed, how many connections there are. */
static void look_locked(struct g20_rpc *s)
{
    uint64_t closed = 0;

    for (struct g20_rpc_call *c = s->streams; c; c = c->stream_next)
        c->ready = c->ready || !c->sub;
    pthread_mutex_unlock(&s->lock);
    const uint32_t n = g20_connections_check(s->connections, s->cfg.max_connections, &closed);
    if (closed > 0)
        g20_log(G20_LOG_WARNING, "grpc", "too many connections: the last ones were closed",
                G20_F_INT("closed", closed), G20_F_INT("limit", s->cfg.max_connections));
    pthread_mutex_lock(&s->lock);
    s->totals.connections = n;
    s->totals.connections_closed += closed;
}

void *g20_rpc_stream_main(void *arg)
{
    struct g20_rpc *s = arg;
    uint64_t look_ns = 0;

    pthread_mutex_lock(&s->lock);
    while (!s->stop_streams || s->streams) {
        const uint64_t now_ns = g20_clock_mono_ns();
        const struct timespec until = g20_clock_deadline(LOOK_MS);

        if (now_ns >= look_ns) {
            look_ns = now_ns + (uint64_t)LOOK_MS * 1000000u;
            look_locked(s);
        } else if (!step_locked(s)) {
            pthread_cond_timedwait(&s->changed, &s->lock, &until);
        }
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}
