/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* What goes out to a WebSocket client: answers, events and data in turn. */
#include "server/internal.h"

#include <assert.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

static_assert(G20_MSG_ROOM >= LWS_PRE, "frame headers fit before a message");

enum {
    REPLIES_HOLD = 16, /* more replies than this waiting: stop reading from the client */
    ASKED_HOLD = 4,    /* the same for requests that a worker has */
    WRITES = 32,       /* to one client before the next one has its turn */
};

void g20_ws_hold(struct g20_ws_client *c)
{
    const bool full = c->replies.len >= REPLIES_HOLD || c->asked >= ASKED_HOLD;
    const bool low = c->replies.len < REPLIES_HOLD / 2 && c->asked < ASKED_HOLD;

    if (c->held ? !low : !full)
        return;
    c->held = !c->held;
    lws_rx_flow_control(c->wsi, !c->held);
}

void g20_ws_reply(struct g20_ws_client *c, json_t *o)
{
    struct g20_msg *m = g20_status_text(o);

    if (!m)
        return;
    g20_outbox_push(&c->replies, m);
    g20_msg_unref(m);
    g20_ws_hold(c);
    lws_callback_on_writable(c->wsi);
}

void g20_ws_give(struct g20_server *s, uint32_t wants, struct g20_msg *m)
{
    for (struct g20_ws_client *c = s->clients; c; c = c->next) {
        if (!(c->wants & wants) || c->close_code != 0 || (c->paused && m->binary))
            continue;
        g20_outbox_push(&c->events, m);
        lws_callback_on_writable(c->wsi);
    }
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

static bool has_data(struct g20_ws_client *c)
{
    struct g20_feed_stats feed = {0};
    size_t unused;

    if (c->view && g20_view_peek(c->view, &unused))
        return true;
    if (c->history)
        return true;
    if (c->feed)
        g20_feed_stats(c->feed, &feed);
    return feed.len > 0;
}

static int write_data(struct g20_server *s, struct g20_ws_client *c)
{
    size_t unused;

    if (c->view && g20_view_peek(c->view, &unused))
        return write_row(s, c);
    if (c->history) {
        struct g20_msg *past = g20_ws_history_next(s, c);

        return past ? write_msg(c, past) : 0;
    }
    struct g20_msg *m = c->feed ? g20_feed_take(c->feed) : NULL;
    if (!m)
        return 0;
    c->asked -= c->asked > 0 && !m->binary; /* a worker's answer */
    return write_msg(c, m);
}

static bool has_more(struct g20_ws_client *c)
{
    return c->replies.len + c->events.len > 0 || has_data(c);
}

/* Replies first, then data and events in turn. */
static int write_next(struct g20_server *s, struct g20_ws_client *c)
{
    const bool data = has_data(c);
    int r = 0;

    if (c->replies.len > 0)
        r = write_msg(c, g20_outbox_pop(&c->replies));
    else if (c->events.len > 0 && !(data && c->data_next))
        r = write_msg(c, g20_outbox_pop(&c->events));
    else if (data)
        r = write_data(s, c);
    c->data_next = !c->data_next;
    return r;
}

/* What follows goes out in as few segments as it fits in, once the cork is off again: a tile's
 * events are a dozen messages of 300 bytes, and to a client nearly all of what one costs is the
 * segment. */
static void set_cork(struct lws *wsi, int on)
{
    (void)setsockopt(lws_get_socket_fd(wsi), IPPROTO_TCP, TCP_CORK, &on, sizeof(on));
}

int g20_ws_writable(struct g20_server *s, struct g20_ws_client *c)
{
    if (!c)
        return 0;
    if (c->close_code != 0) {
        lws_close_reason(c->wsi, (enum lws_close_status)c->close_code,
                         (unsigned char *)c->close_reason, strlen(c->close_reason));
        return -1;
    }
    const bool many = c->replies.len + c->events.len > 1;
    int r = 0, n = 0;

    if (many)
        set_cork(c->wsi, 1);
    do
        r = write_next(s, c);
    while (r >= 0 && ++n < WRITES && has_more(c) && !lws_partial_buffered(c->wsi));
    if (many)
        set_cork(c->wsi, 0);
    g20_ws_hold(c);
    if (r >= 0 && has_more(c))
        lws_callback_on_writable(c->wsi);
    return r;
}

void g20_ws_check_feeds(struct g20_server *s)
{
    for (struct g20_ws_client *c = s->clients; c; c = c->next)
        if (c->feed && has_data(c))
            lws_callback_on_writable(c->wsi);
}

void g20_ws_broadcast_status(struct g20_server *s)
{
    for (struct g20_ws_client *c = s->clients; c; c = c->next)
        if (c->wants & G20_WANTS_STATUS && c->close_code == 0 && c->replies.len < REPLIES_HOLD)
            g20_ws_reply(c, g20_status_json(s, c, "status"));
}
