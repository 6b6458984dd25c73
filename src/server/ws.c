/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/internal.h"

#include "base/alloc.h"
#include "base/log.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum {
    CLOSE_TRY_AGAIN_LATER = 1013, /* RFC 6455 registry; not in libwebsockets 4.1 */
    REPLIES_QUEUED = 64,
    BIG_AT_ONCE = 4,          /* messages of the big size being received, all clients together */
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

static void client_free(struct g20_server *s, struct g20_ws_client *c)
{
    if (!c)
        return;
    if (c->link) {
        *c->link = c->next;
        if (c->next)
            c->next->link = c->link;
    }
    if (c->ops && c->ops->closed)
        c->ops->closed(s, c);
    if (c->feed)
        g20_feed_close(c->feed);
    g20_feed_unref(&c->feed);
    g20_ws_history_end(c);
    g20_view_destroy(c->view);
    s->rx_bytes -= c->rx_cap;
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
        g20_outbox_init(&c->events, s->cfg.events_queued) < 0) {
        client_free(s, c);
        return NULL;
    }
    c->next = s->clients;
    c->link = &s->clients;
    if (c->next)
        c->next->link = &c->next;
    s->clients = c;
    return c;
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
    if (g20_route_origin_ok(has_origin ? origin : NULL, host, s->allowed_origins, s->is_loopback)) {
        char path[1024];

        uri_of(wsi, path, sizeof(path));
        return g20_access_role(s, wsi, path) == G20_ROLE_NONE ? g20_access_refuse_ws(s, wsi, path)
                                                              : 0;
    }
    atomic_fetch_add(&s->refused, 1);
    g20_log(G20_LOG_WARNING, "server", "WebSocket refused: origin not allowed",
            G20_F_STR("origin", origin), G20_F_STR("host", host));
    lws_return_http_status(wsi, HTTP_STATUS_FORBIDDEN, "origin not allowed");
    return -1;
}

static const struct g20_ws_ops *const paths[] = {
    [G20_WS_UNKNOWN] = NULL,
    [G20_WS_PIPELINE] = &g20_ws_pipeline,
    [G20_WS_INFERENCE] = &g20_ws_inference,
    [G20_WS_VIDEO] = &g20_ws_video,
    [G20_WS_IQ] = &g20_ws_iq,
    [G20_WS_TRAINING] = &g20_ws_training,
};

/* libwebsockets has split the query and undone its escapes. */
int g20_read_query(struct lws *wsi, struct g20_query *q, struct g20_err *e)
{
    char item[G20_QUERY_BYTES];

    for (int i = 0;; i++) {
        const int n = lws_hdr_copy_fragment(wsi, item, sizeof(item), WSI_TOKEN_HTTP_URI_ARGS, i);

        if (n == -2)
            return g20_fail(e, -EINVAL, "query: too long");
        if (n < 0)
            return 0;
        const bool skip = n == 0 || strncmp(item, "token=", 6) == 0; /* access.c read it */
        const int r = skip ? 0 : g20_query_add(q, item, (size_t)n, e);
        if (r < 0)
            return r;
    }
}

static void close_for(struct g20_ws_client *c, int r, const struct g20_err *e)
{
    close_with(c,
               r == -EINVAL  ? LWS_CLOSE_STATUS_POLICY_VIOLATION
               : r == -EBUSY ? CLOSE_TRY_AGAIN_LATER
                             : LWS_CLOSE_STATUS_UNEXPECTED_CONDITION,
               e->msg[0] ? e->msg : g20_strerror(r));
}

static void admit(struct g20_server *s, struct g20_ws_client *c, const char *path)
{
    struct g20_query query = {0};
    struct g20_err e = {0};
    char reason[1100];

    c->ops = paths[g20_route_ws(path)];
    if (!c->ops) {
        snprintf(reason, sizeof(reason), "Unknown path: %s", path);
        close_with(c, LWS_CLOSE_STATUS_POLICY_VIOLATION, reason);
        return;
    }
    int r = g20_read_query(c->wsi, &query, &e);
    if (r == 0 && c->ops->established)
        r = c->ops->established(s, c, &query, &e);
    if (r < 0)
        close_for(c, r, &e);
}

static int on_established(struct g20_server *s, struct lws *wsi, struct g20_session *session)
{
    const int low = UNSENT_BYTES, on = 1;
    const int fd = lws_get_socket_fd(wsi);
    char path[1024];

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
    c->role = g20_access_role(s, wsi, path);
    if (atomic_fetch_add(&s->nclients, 1) >= s->cfg.max_clients) {
        close_with(c, CLOSE_TRY_AGAIN_LATER, "too many clients");
        atomic_fetch_add(&s->refused, 1);
    } else if (atomic_load(&s->draining)) {
        close_with(c, LWS_CLOSE_STATUS_GOINGAWAY, "shutting down");
    } else {
        admit(s, c, path);
    }
    return 0;
}

static int refuse_message(struct g20_ws_client *c, int code, const char *reason)
{
    c->close_code = code;
    lws_close_reason(c->wsi, (enum lws_close_status)code, (unsigned char *)(uintptr_t)reason,
                     strlen(reason));
    return -1;
}

static void message_done(struct g20_server *s, struct g20_ws_client *c)
{
    g20_free(c->rx); /* an idle client holds no buffer */
    s->rx_bytes -= c->rx_cap;
    c->rx = NULL;
    c->rx_len = c->rx_cap = 0;
}

/* Room for @want bytes. Only what has come is ever taken memory for, doubling. */
static int make_room(struct g20_server *s, struct g20_ws_client *c, size_t want, size_t most)
{
    size_t cap = c->rx_cap > 0 ? c->rx_cap : G20_MIN(most, 4096);

    while (cap < want)
        cap = G20_MIN(2 * cap, most);
    if (cap == c->rx_cap)
        return 0;
    char *rx = g20_realloc(c->rx, cap, 1);
    if (!rx)
        return -ENOMEM;
    s->rx_bytes += cap - c->rx_cap;
    c->rx = rx;
    c->rx_cap = cap;
    return 0;
}

static json_t *answer(struct g20_server *s, struct g20_ws_client *c, const char *text, size_t len,
                      bool is_binary)
{
    struct g20_command_error err;
    struct g20_request request;

    if (is_binary)
        return g20_status_error("invalid_message", "want a text message", NULL);
    if (g20_request_parse(text, len, &request, &err) < 0) {
        json_t *o = g20_status_error(err.code, err.message, err.id);

        g20_command_error_fini(&err);
        return o;
    }
    json_t *o = strcmp(request.command, "status") == 0 ? g20_status_json(s, c, "status")
                                                       : c->ops->command(s, c, &request);
    if (o && request.id)
        json_object_set(o, "id", request.id);
    g20_request_fini(&request);
    return o;
}

json_t *g20_ws_refuse(int (*refuse)(struct g20_command_error *err, const char *what),
                      const char *what)
{
    struct g20_command_error err = {0};

    refuse(&err, what);
    return g20_status_error(err.code, err.message, NULL);
}

static int on_receive(struct g20_server *s, struct g20_ws_client *c, const char *in, size_t len)
{
    if (!c || !c->ops || c->close_code != 0)
        return 0;
    const size_t most = c->ops->big ? s->cfg.max_training_bytes : s->cfg.max_message_bytes;
    const size_t rest = lws_remaining_packet_payload(c->wsi);
    if (len > most - c->rx_len || rest > most - c->rx_len - len)
        return refuse_message(c, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, "message too big");
    if (c->rx_len + len > s->cfg.max_message_bytes &&
        s->rx_bytes > (size_t)BIG_AT_ONCE * s->cfg.max_training_bytes)
        return refuse_message(c, CLOSE_TRY_AGAIN_LATER, "too many big messages at once");
    if (make_room(s, c, c->rx_len + len, most) < 0)
        return -1;
    if (len > 0)
        memcpy(c->rx + c->rx_len, in, len);
    c->rx_len += len;
    if (!lws_is_final_fragment(c->wsi) || rest > 0)
        return 0;

    g20_ws_reply(c, answer(s, c, c->rx, c->rx_len, lws_frame_is_binary(c->wsi)));
    g20_ws_hold(c);
    message_done(s, c);
    return 0;
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
        return g20_ws_writable(s, session->client);
    case LWS_CALLBACK_CLOSED:
        if (session && session->client) {
            client_free(s, session->client);
            session->client = NULL;
            atomic_fetch_sub(&s->nclients, 1);
        }
        return 0;
    default:
        return 0;
    }
}
