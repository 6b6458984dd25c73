/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* /ws/iq: one band of the stream as IQ01 frames, ?center_hz=...&bandwidth_hz=...[&rate_hz=...].
 *
 * The tap's thread down-converts and encodes, the client's feed is bounded: a slow client loses its
 * oldest frames and sees it in frame_idx. At a gap in the stream, and when the radio was tuned
 * elsewhere, frame_idx jumps by one as well; while the band lies outside the stream nothing is
 * sent. */
#include "base/alloc.h"
#include "capture/subband.h"
#include "dsp/ddc_plan.h"
#include "server/feed.h"
#include "server/internal.h"
#include "server/wire.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum { FRAMES_QUEUED = 64, LEAST_FRAME = 256, MOST_FRAME = 24576 };

#define FRAME_S 0.02

struct iq {
    struct g20_server *server;
    struct g20_tap_sink sink;
    struct g20_subband *band;
    struct g20_feed *feed; /* a reference of its own */
    struct g20_subband_cfg cfg;
    double rate_hz;
    /* Tap thread. */
    struct g20_iq01 head;
    float complex *frame; /* (frame_len) being filled; head.num_samples are there */
    uint32_t frame_len;
    uint64_t dropped;
};

static void send_frame(struct iq *q)
{
    struct g20_feed_stats st;

    if (q->head.num_samples == 0)
        return;
    struct g20_msg *m = g20_msg_create(g20_iq01_bytes(q->head.num_samples), true);
    if (m)
        g20_iq01_encode(&q->head, q->frame, g20_msg_data(m));
    atomic_fetch_add(&q->server->iq_frames, 1);
    if (!m || !g20_feed_push(q->feed, m)) /* it closed: its client goes */
        atomic_fetch_add(&q->server->iq_dropped, 1);
    g20_feed_stats(q->feed, &st);
    atomic_fetch_add(&q->server->iq_dropped, st.dropped - q->dropped);
    q->dropped = st.dropped;
    q->head.frame_idx++;
    q->head.num_samples = 0;
}

static void on_run(const struct g20_subband_run *run, void *user)
{
    struct iq *q = user;

    if (run->fresh) {
        const bool is_first = q->head.frame_idx == 0 && q->head.num_samples == 0;
        send_frame(q);
        q->head.frame_idx += !is_first;
    }
    for (size_t at = 0; at < run->n;) {
        const size_t some = G20_MIN(run->n - at, (size_t)(q->frame_len - q->head.num_samples));
        if (q->head.num_samples == 0)
            q->head.time_us = run->time_us + (uint64_t)llround((double)at * 1e6 / run->rate_hz);
        memcpy(q->frame + q->head.num_samples, run->samples + at, some * sizeof(*q->frame));
        q->head.num_samples += (uint32_t)some;
        at += some;
        if (q->head.num_samples == q->frame_len)
            send_frame(q);
    }
}

static void on_block(const struct g20_block *b, void *user)
{
    struct iq *q = user;

    g20_subband_push(q->band, b, on_run, q);
}

/* The stream as it is; -EBUSY: there is none. */
static int stream_of(struct g20_server *s, double *ret_rate, double *ret_center, struct g20_err *e)
{
    struct g20_control_state *st = g20_calloc(1, sizeof(*st));

    if (!st)
        return g20_fail(e, -ENOMEM, "out of memory");
    s->control.state(st, s->control.user);
    const bool runs = st->run == G20_RUN_RUNNING && st->has_source;
    *ret_rate = st->stats.rate_hz > 0 ? st->stats.rate_hz : st->source.rate_hz;
    *ret_center = st->stats.rate_hz > 0 ? st->stats.center_hz : st->source.center_hz;
    g20_free(st);
    return runs && s->cfg.tap ? 0 : g20_fail(e, -EBUSY, "nothing is being received");
}

static int read_band(struct g20_server *s, const struct g20_query *query, struct iq *q,
                     struct g20_err *e)
{
    static const char *const names[] = {"center_hz", "bandwidth_hz", "rate_hz"};
    double *const values[] = {&q->cfg.center_hz, &q->cfg.bandwidth_hz, &q->cfg.out_rate_hz};
    double rate = 0, center = 0;
    struct g20_ddc_plan plan;

    int r = g20_query_only(query, names, G20_COUNT_OF(names), e);
    for (size_t i = 0; i < G20_COUNT_OF(names) && r >= 0; i++) {
        r = g20_query_number(query, names[i], i == 0 ? 0 : 1, 1e12, values[i], e);
        if (r == 0 && i < 2)
            return g20_fail(e, -EINVAL, "%s: required, a number", names[i]);
    }
    if (r < 0 || (r = stream_of(s, &rate, &center, e)) < 0)
        return r;
    r = g20_subband_check(&q->cfg, rate, center, e);
    if (r < 0)
        return r == -ERANGE ? -EINVAL : r;
    const struct g20_ddc_cfg c = {.rate_hz = rate,
                                  .offset_hz = q->cfg.center_hz - center,
                                  .bandwidth_hz = q->cfg.bandwidth_hz,
                                  .out_rate_hz = q->cfg.out_rate_hz};
    r = g20_ddc_plan_make(&plan, &c, e);
    if (r < 0)
        return r;
    q->rate_hz = plan.out_rate_hz;
    q->frame_len =
        (uint32_t)G20_CLAMP(q->rate_hz * FRAME_S, (double)LEAST_FRAME, (double)MOST_FRAME);
    return 0;
}

static uint32_t count(const struct g20_server *s)
{
    uint32_t n = 0;

    for (const struct g20_ws_client *c = s->clients; c; c = c->next)
        n += c->ops == &g20_ws_iq && c->own;
    return n;
}

static int on_established(struct g20_server *s, struct g20_ws_client *c,
                          const struct g20_query *query, struct g20_err *e)
{
    if (count(s) >= s->cfg.iq_clients)
        return g20_fail(e, -EBUSY, "limits.sessions: %u subbands are being sent",
                        s->cfg.iq_clients);
    struct iq *q = g20_calloc(1, sizeof(*q));
    if (!q)
        return g20_fail(e, -ENOMEM, "out of memory");
    int r = read_band(s, query, q, e);
    if (r < 0) {
        g20_free(q);
        return r;
    }
    c->own = q;
    q->server = s;
    q->sink = (struct g20_tap_sink){.block = on_block, .user = q};
    q->frame = g20_calloc(q->frame_len, sizeof(*q->frame));
    if (!q->frame || g20_subband_create(&q->band, &q->cfg) < 0 ||
        g20_feed_create(&c->feed, FRAMES_QUEUED, g20_server_wake, s) < 0)
        return g20_fail(e, -ENOMEM, "out of memory");
    q->feed = g20_feed_ref(c->feed);
    g20_tap_add(s->cfg.tap, &q->sink);
    atomic_fetch_add(&s->iq_clients, 1);
    return 0;
}

static void on_closed(struct g20_server *s, struct g20_ws_client *c)
{
    struct iq *q = c->own;

    if (!q)
        return;
    c->own = NULL;
    if (q->feed) {
        g20_tap_remove(s->cfg.tap, &q->sink);
        atomic_fetch_sub(&s->iq_clients, 1);
    }
    g20_feed_unref(&q->feed);
    g20_subband_destroy(q->band);
    g20_free(q->frame);
    g20_free(q);
}

static json_t *on_command(struct g20_server *s, struct g20_ws_client *c, struct g20_request *r)
{
    const struct iq *q = c->own;

    (void)s;
    if (!q || strcmp(r->command, "info") != 0)
        return g20_ws_refuse(g20_request_unknown, r->command);
    return json_pack("{s:s, s:f, s:f, s:f, s:i}", "type", "iq", "center_hz", q->cfg.center_hz,
                     "bandwidth_hz", q->cfg.bandwidth_hz, "sample_rate_hz", q->rate_hz,
                     "frame_samples", (int)q->frame_len);
}

const struct g20_ws_ops g20_ws_iq = {
    .established = on_established, .command = on_command, .closed = on_closed};
