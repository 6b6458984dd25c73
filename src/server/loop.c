/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The server's event loop: made with libwebsockets, which tells it what happens at the sockets. */
#include "server/internal.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
    HEADER_BYTES = 8192,
    TICK_US = 1000000,
    GIVE_WAY = 5, /* steps of niceness */
};

/* lws calls these errors and warnings what a client's behaviour brings about. */
static void lws_to_log(int level, const char *line)
{
    char text[256];

    snprintf(text, sizeof(text), "%.*s", (int)strcspn(line, "\n"), line);
    g20_log(G20_LOG_DEBUG, "lws", text, G20_F_INT("lws_level", level));
}

static int on_tcp(struct g20_server *s, enum lws_callback_reasons reason)
{
    switch (reason) {
    case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
        if (atomic_load(&s->nconnections) < s->cfg.max_connections)
            return 0;
        atomic_fetch_add(&s->refused, 1);
        return -1;
    case LWS_CALLBACK_WSI_CREATE:
        atomic_fetch_add(&s->nconnections, 1);
        return 0;
    case LWS_CALLBACK_WSI_DESTROY:
        atomic_fetch_sub(&s->nconnections, 1);
        return 0;
    default:
        return 0;
    }
}

static void take_next_view(struct g20_server *s)
{
    pthread_mutex_lock(&s->lock);
    if (s->next.changed) {
        s->cfg.view = s->next.view;
        s->range.dynamic_db = s->next.dynamic_range_db;
        s->range.is_set = false; /* shown from the next row on */
        s->next.changed = false;
    }
    pthread_mutex_unlock(&s->lock);
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t len)
{
    struct g20_server *s = lws_context_user(lws_get_context(wsi));

    switch (reason) {
    case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
    case LWS_CALLBACK_WSI_CREATE:
    case LWS_CALLBACK_WSI_DESTROY:
        return on_tcp(s, reason);
    case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
        if (!s->sub)
            return 0;
        take_next_view(s);
        g20_api_drain(s->api);
        if (atomic_load(&s->draining))
            g20_ws_close_all(s, LWS_CLOSE_STATUS_GOINGAWAY, "shutting down");
        g20_ws_drain_hub(s);
        g20_news_drain(s);
        g20_ws_check_feeds(s);
        g20_mjpeg_check(s);
        return 0;
    case LWS_CALLBACK_HTTP:
    case LWS_CALLBACK_HTTP_WRITEABLE:
    case LWS_CALLBACK_HTTP_BODY:
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
    case LWS_CALLBACK_CLOSED_HTTP:
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
        return g20_http_callback(s, wsi, reason, user, in, len);
    default:
        return g20_ws_callback(s, wsi, reason, user, in, len);
    }
}

static const struct lws_protocols protocols[] = {
    {.name = "g20",
     .callback = callback,
     .per_session_data_size = sizeof(struct g20_session),
     .rx_buffer_size = 4096},
    {0},
};

static void on_tick(lws_sorted_usec_list_t *sul)
{
    struct g20_server *s = lws_container_of(sul, struct g20_server, tick);

    atomic_store(&s->beat_ns, g20_clock_mono_ns());
    if (g20_health_tick(s))
        g20_ws_broadcast_status(s);
    lws_sul_schedule(s->lws, 0, &s->tick, on_tick, TICK_US);
}

int g20_loop_create(struct g20_server *s, struct g20_err *e)
{
    struct lws_context_creation_info info = {0};

    s->idle = (lws_retry_bo_t){.secs_since_valid_ping = (uint16_t)s->cfg.ping_s,
                               .secs_since_valid_hangup = (uint16_t)(2 * s->cfg.ping_s)};
    lws_set_log_level(LLL_ERR | LLL_WARN, lws_to_log);
    info.port = s->cfg.port;
    info.iface = s->bind;
    info.protocols = protocols;
    info.user = s;
    info.server_string = "g20";
    info.vhost_name = "g20";
    info.gid = (gid_t)-1;
    info.uid = (uid_t)-1;
    info.timeout_secs = s->cfg.request_s;
    info.timeout_secs_ah_idle = s->cfg.request_s;
    info.keepalive_timeout = 15;
    info.max_http_header_data2 = HEADER_BYTES;
    info.max_http_header_pool2 = s->cfg.max_connections;
    info.fd_limit_per_thread = s->cfg.max_connections + 16;
    info.retry_and_idle_policy = &s->idle;
    info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                   LWS_SERVER_OPTION_HTTP_HEADERS_SECURITY_BEST_PRACTICES_ENFORCE |
                   LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND;
    if (!strchr(s->bind, ':'))
        info.options |= LWS_SERVER_OPTION_DISABLE_IPV6;

    if (s->tls_cert[0]) {
        info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
        info.alpn = "http/1.1"; /* WebSockets need it */
        info.ssl_cert_filepath = s->tls_cert;
        info.ssl_private_key_filepath = s->tls_key;
        info.ssl_options_set = SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1;
    }
    s->lws = lws_create_context(&info);
    if (!s->lws)
        return g20_fail(e, -ENOMEM, "cannot create the event loop");
    s->vhost = lws_create_vhost(s->lws, &info);
    if (!s->vhost)
        return g20_fail(e, -EADDRINUSE,
                        "cannot listen on %s port %d: address in use or "
                        "not of this machine",
                        s->bind, s->cfg.port);
    s->port = lws_get_vhost_listen_port(s->vhost);
    return 0;
}

void g20_server_wake(void *server)
{
    struct g20_server *s = server;

    lws_cancel_service(s->lws);
}

void *g20_loop_main(void *server)
{
    struct g20_server *s = server;

    /* A hundred clients' rows come in bursts of some milliseconds: a look that is due goes first. A
     * quarter of a processor is left where detector and server both want all of it. */
    g20_thread_give_way(GIVE_WAY);
    while (!atomic_load(&s->stopping) && lws_service(s->lws, 0) >= 0)
        ;
    return NULL;
}

void g20_loop_begin(struct g20_server *s)
{
    lws_sul_schedule(s->lws, 0, &s->tick, on_tick, TICK_US);
}

void g20_loop_destroy(struct g20_server *s)
{
    if (!s->lws)
        return;
    lws_sul_schedule(s->lws, 0, &s->tick, on_tick, LWS_SET_TIMER_USEC_CANCEL);
    lws_sul_schedule(s->lws, 0, &s->pace, on_tick, LWS_SET_TIMER_USEC_CANCEL);
    lws_context_destroy(s->lws);
}
