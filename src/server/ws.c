/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/internal.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "server/ws_commands.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static_assert(G20_MSG_ROOM >= LWS_PRE, "frame headers fit before a message");

enum {
    CLOSE_TRY_AGAIN_LATER = 1013, /* RFC 6455 registry; not in libwebsockets 4.1 */
    REPLIES_QUEUED = 64,
    REPLIES_HOLD = 16,        /* more replies than this waiting: stop reading from the client */
    UNSENT_BYTES = 64 * 1024, /* kept in the kernel; more would only make rows old */
};

static void close_with(struct g20_ws_client *c, int code, const char *reason)
{
    if (c->close_code != 0)
        return;
    c->close_code = code;
    snprintf(c->close_reason, sizeof(c->close_reason), "%s", reason);
    /* Do not split a UTF-8 character: the peer would see a broken close frame. */
    if (strlen(reason) >= sizeof(c->close_reason)) {
        size_t n = strlen(c->close_reason);

        while (n > 0 && ((unsigned char)c->close_reason[n - 1] & 0xc0) == 0x80)
            c->close_reason[--n] = '\0';
        if (n > 0 && (unsigned char)c->close_reason[n - 1] >= 0xc0)
            c->close_reason[n - 1] = '\0';
    }
    /* A client that does not even take the close frame is dropped a little later. */
    lws_set_timeout(c->wsi, PENDING_TIMEOUT_CLOSE_SEND, 3);
    lws_callback_on_writable(c->wsi);
}

static void client_free(struct g20_ws_client *c)
{
    if (!c)
        return;
    if (c->link) {
        *c->link = c->next;
        if (c->next)
            c->next->link = c->link;
    }
    g20_view_destroy(c->view);
    if (c->replies.slot)
        g20_outbox_fini(&c->replies);
    if (c->events.slot)
        g20_outbox_fini(&c->events);
    g20_free(c->rx);
    g20_free(c);
}

static struct g20_ws_client *client_create(struct g20_server *s, struct lws *wsi)
{
    struct g20_ws_client *c = g20_calloc(1, sizeof(*c));

    if (!c)
        return NULL;
    c->wsi = wsi;
    if (g20_outbox_init(&c->replies, REPLIES_QUEUED) < 0 ||
        g20_outbox_init(&c->events, s->cfg.events_queued) < 0 ||
        g20_view_create(&c->view, &s->cfg.view, LWS_PRE, s->cfg.rows_queued) < 0) {
        client_free(c);
        return NULL;
    }
    c->next = s->clients;
    c->link = &s->clients;
    if (c->next)
        c->next->link = &c->next;
    s->clients = c;
    return c;
}

void g20_ws_reply(struct g20_ws_client *c, json_t *o)
{
    struct g20_msg *m = g20_status_text(o);

    if (!m)
        return;
    g20_outbox_push(&c->replies, m);
    g20_msg_unref(m);
    if (!c->held && c->replies.len >= REPLIES_HOLD) {
        c->held = true;
        lws_rx_flow_control(c->wsi, 0);
    }
    lws_callback_on_writable(c->wsi);
}

static const char *uri_of(struct lws *wsi, char *buf, size_t size)
{
    if (lws_hdr_copy(wsi, buf, (int)size, WSI_TOKEN_GET_URI) <= 0)
        snprintf(buf, size, "/");
    return buf;
}

static int on_filter(struct g20_server *s, struct lws *wsi)
{
    char origin[512], host[256];
    const int n = lws_hdr_total_length(wsi, WSI_TOKEN_ORIGIN);
    const bool has_origin = n > 0;

    if (has_origin && lws_hdr_copy(wsi, origin, sizeof(origin), WSI_TOKEN_ORIGIN) <= 0)
        snprintf(origin, sizeof(origin), "(too long)");
    if (lws_hdr_copy(wsi, host, sizeof(host), WSI_TOKEN_HOST) <= 0)
        host[0] = '\0';
    if (g20_route_origin_ok(has_origin ? origin : NULL, host, s->allowed_origins, s->is_loopback))
        return 0;
    atomic_fetch_add(&s->refused, 1);
    g20_log(G20_LOG_WARNING, "server", "WebSocket refused: origin not allowed",
            G20_F_STR("origin", origin), G20_F_STR("host", host));
    lws_return_http_status(wsi, HTTP_STATUS_FORBIDDEN, "origin not allowed");
    return -1;
}

static int on_established(struct g20_server *s, struct lws *wsi, struct g20_session *session)
{
    const int low = UNSENT_BYTES, on = 1;
    const int fd = lws_get_socket_fd(wsi);
    char path[1024], reason[1100];

    struct g20_ws_client *c = client_create(s, wsi);
    if (!c)
        return -1;
    session->client = c;
    atomic_fetch_add(&s->clients_total, 1);
    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &low, sizeof(low));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));

    uri_of(wsi, path, sizeof(path));
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        path[--n] = '\0';
    c->route = g20_route_ws(path);
    if (atomic_fetch_add(&s->nclients, 1) >= s->cfg.max_clients) {
        close_with(c, CLOSE_TRY_AGAIN_LATER, "too many clients");
        atomic_fetch_add(&s->refused, 1);
    } else if (atomic_load(&s->draining)) {
        close_with(c, LWS_CLOSE_STATUS_GOINGAWAY, "shutting down");
    } else if (c->route == G20_WS_UNKNOWN) {
        snprintf(reason, sizeof(reason), "Unknown path: %s", path);
        close_with(c, LWS_CLOSE_STATUS_POLICY_VIOLATION, reason);
    } else if (c->route == G20_WS_PIPELINE) {
        g20_ws_reply(c, g20_status_json(s, c, "hello"));
    }
    return 0;
}

static int refuse_message(struct g20_ws_client *c, const char *reason)
{
    c->close_code = LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE;
    lws_close_reason(c->wsi, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, (unsigned char *)(uintptr_t)reason,
                     strlen(reason));
    return -1;
}

static int on_receive(struct g20_server *s, struct g20_ws_client *c, const char *in, size_t len)
{
    if (!c || c->close_code != 0)
        return 0;
    if (len > s->cfg.max_message_bytes - c->rx_len ||
        lws_remaining_packet_payload(c->wsi) > s->cfg.max_message_bytes)
        return refuse_message(c, "message too big");
    if (!c->rx)
        c->rx = g20_calloc(1, s->cfg.max_message_bytes);
    if (!c->rx)
        return -1;
    if (len > 0)
        memcpy(c->rx + c->rx_len, in, len);
    c->rx_len += len;
    if (!lws_is_final_fragment(c->wsi) || lws_remaining_packet_payload(c->wsi) > 0)
        return 0;

    g20_ws_command(s, c, c->rx, c->rx_len, lws_frame_is_binary(c->wsi));
    g20_free(c->rx); /* an idle client holds no buffer */
    c->rx = NULL;
    c->rx_len = 0;
    return 0;
}

static int write_msg(struct g20_ws_client *c, struct g20_msg *m)
{
    const int n =
        lws_write(c->wsi, g20_msg_data(m), m->len, m->binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT);
    const int r = n < (int)m->len ? -1 : 0;

    g20_msg_unref(m);
    return r;
}

static int write_row(struct g20_server *s, struct g20_ws_client *c)
{
    size_t len = 0;
    uint8_t *row = g20_view_peek(c->view, &len);

    if (!row)
        return 0;
    const int n = lws_write(c->wsi, row, len, LWS_WRITE_BINARY);
    g20_view_pop(c->view);
    atomic_fetch_add(&s->rows_sent, 1);
    return n < (int)len ? -1 : 0;
}

/* One write each time the socket has room: replies first, then rows and events in turn. */
static int on_writable(struct g20_server *s, struct g20_ws_client *c)
{
    size_t unused;
    int r = 0;

    if (!c)
        return 0;
    if (c->close_code != 0) {
        lws_close_reason(c->wsi, (enum lws_close_status)c->close_code,
                         (unsigned char *)c->close_reason, strlen(c->close_reason));
        return -1;
    }
    const bool has_row = g20_view_peek(c->view, &unused) != NULL;

    if (c->replies.len > 0)
        r = write_msg(c, g20_outbox_pop(&c->replies));
    else if (c->events.len > 0 && !(has_row && c->row_next))
        r = write_msg(c, g20_outbox_pop(&c->events));
    else if (has_row)
        r = write_row(s, c);
    c->row_next = !c->row_next;
    if (c->held && c->replies.len < REPLIES_HOLD / 2) {
        c->held = false;
        lws_rx_flow_control(c->wsi, 1);
    }
    if (c->replies.len + c->events.len > 0 || g20_view_peek(c->view, &unused))
        lws_callback_on_writable(c->wsi);
    return r;
}

static void note_row(struct g20_server *s, const struct g20_wf_row *row)
{
    struct stream_facts *f = &s->stream;

    pthread_mutex_lock(&s->lock);
    const bool changed = !f->known || f->center_hz != row->center_hz ||
                         f->rate_hz != row->rate_hz || f->nfft != row->nfft ||
                         f->row_period_s != row->row_period_s;
    const float db_min = s->range.db_min;

    *f = (struct stream_facts){.known = true,
                               .center_hz = row->center_hz,
                               .rate_hz = row->rate_hz,
                               .nfft = row->nfft,
                               .row_period_s = row->row_period_s,
                               .noise_floor_db = row->noise_floor_db};
    g20_view_range_update(&s->range, row->noise_floor_db);
    const bool moved = s->range.db_min != db_min;
    pthread_mutex_unlock(&s->lock);
    if (changed || moved)
        g20_ws_broadcast_status(s);
}

static bool takes_data(const struct g20_ws_client *c)
{
    return c->route == G20_WS_PIPELINE && c->close_code == 0;
}

static void give_row(struct g20_server *s, const struct g20_wf_row *row, uint32_t flags)
{
    const uint64_t now_ns = g20_clock_mono_ns();

    note_row(s, row);
    g20_view_cache_clear(s->cache);
    for (struct g20_ws_client *c = s->clients; c; c = c->next) {
        struct g20_view_stats before, after;

        if (!takes_data(c) || c->paused)
            continue;
        g20_view_stats(c->view, &before);
        if (g20_view_push(c->view, row, flags, &s->range, s->cache, now_ns))
            lws_callback_on_writable(c->wsi);
        g20_view_stats(c->view, &after);
        atomic_fetch_add(&s->rows_dropped, after.dropped - before.dropped);
    }
}

static void give_msg(struct g20_server *s, struct g20_msg *m)
{
    if (!m)
        return;
    for (struct g20_ws_client *c = s->clients; c; c = c->next) {
        if (!takes_data(c) || (c->paused && m->binary))
            continue;
        g20_outbox_push(&c->events, m);
        lws_callback_on_writable(c->wsi);
    }
    g20_msg_unref(m);
}

static void on_pace(lws_sorted_usec_list_t *sul)
{
    g20_ws_drain_hub(lws_container_of(sul, struct g20_server, pace));
}

/* Blocks bring rows in bunches. They are handed on one by one, a quarter of a row period apart, so
 * that a bunch does not overflow the short queue of a client that keeps up. When the mailbox fills
 * nevertheless (a recording played as fast as possible), they go on at once. */
static void drain_row(struct g20_server *s)
{
    enum { HURRY = 10, LONGEST_US = 5000 };
    const uint64_t now_ns = g20_clock_mono_ns();
    struct g20_hub_sub_stats waiting;
    uint32_t flags = 0;

    g20_hub_sub_stats(s->sub, &waiting);
    if (now_ns < s->pace_until_ns && waiting.rows < HURRY)
        return; /* the timer is running */
    struct g20_wf_row *row = g20_hub_take_row(s->sub, &flags);
    if (!row)
        return;
    give_row(s, row, flags);
    const double quarter_us = (double)row->row_period_s * 1e6 / 4;
    const lws_usec_t pause_us =
        waiting.rows > HURRY ? 1 : (lws_usec_t)G20_CLAMP(quarter_us, 1.0, (double)LONGEST_US);
    g20_wf_row_unref(&row);
    s->pace_until_ns = now_ns + (uint64_t)pause_us * 1000u;
    lws_sul_schedule(s->lws, 0, &s->pace, on_pace, pause_us + 1);
}

void g20_ws_drain_hub(struct g20_server *s)
{
    struct g20_hub_tile *tile;
    struct g20_hub_event *event;

    while ((event = g20_hub_take_event(s->sub))) {
        give_msg(s, g20_status_event(event));
        g20_hub_event_unref(event);
    }
    while ((tile = g20_hub_take_tile(s->sub))) {
        give_msg(s, g20_status_tile(tile));
        g20_hub_tile_unref(tile);
    }
    drain_row(s);
}

void g20_ws_broadcast_status(struct g20_server *s)
{
    for (struct g20_ws_client *c = s->clients; c; c = c->next)
        if (takes_data(c) && c->replies.len < REPLIES_HOLD)
            g20_ws_reply(c, g20_status_json(s, c, "status"));
}

void g20_ws_close_all(struct g20_server *s, int code, const char *reason)
{
    for (struct g20_ws_client *c = s->clients; c; c = c->next)
        close_with(c, code, reason);
}

int g20_ws_callback(struct g20_server *s, struct lws *wsi, enum lws_callback_reasons reason,
                    struct g20_session *session, void *in, size_t len)
{
    switch (reason) {
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
        return on_filter(s, wsi);
    case LWS_CALLBACK_ESTABLISHED:
        return on_established(s, wsi, session);
    case LWS_CALLBACK_RECEIVE:
        return on_receive(s, session->client, in, len);
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return on_writable(s, session->client);
    case LWS_CALLBACK_CLOSED:
        if (session && session->client) {
            client_free(session->client);
            session->client = NULL;
            atomic_fetch_sub(&s->nclients, 1);
        }
        return 0;
    default:
        return 0;
    }
}
