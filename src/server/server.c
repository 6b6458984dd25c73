/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/internal.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "dsp/colormap.h"
#include "engine/wf_history.h"
#include "server/video.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
    HUB_ROWS = 16, /* of the pipeline's pool of rows; more would starve it */
    HUB_TILES = 32,
    HUB_EVENTS = 512,
    HEADER_BYTES = 8192,
    HISTORY_BINS = 4096,
    TICK_US = 1000000,
    GIVE_WAY = 5, /* steps of niceness */
};

void g20_server_cfg_default(struct g20_server_cfg *cfg)
{
    *cfg = (struct g20_server_cfg){
        .bind = "127.0.0.1",
        .dynamic_range_db = 60,
        .view = {.full_span = true,
                 .width = 2048,
                 .fps = 30,
                 .format = G20_WF_U8,
                 .colormap = G20_COLORMAP_VIRIDIS,
                 .auto_range = true},
        .max_clients = 128,
        .max_connections = 256,
        .max_message_bytes = 65536,
        .max_training_bytes = 16u << 20,
        .rows_queued = 4,
        .events_queued = 256,
        .ping_s = 20,
        .request_s = 10,
    };
}

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

static bool loopback(const char *bind)
{
    return strncmp(bind, "127.", 4) == 0 || strcmp(bind, "::1") == 0 ||
           strcmp(bind, "localhost") == 0;
}

static int create_lws(struct g20_server *s, struct g20_err *e)
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
        return g20_fail(e, -ENOMEM, "server: cannot create the event loop");
    s->vhost = lws_create_vhost(s->lws, &info);
    if (!s->vhost)
        return g20_fail(e, -EADDRINUSE,
                        "server: cannot listen on %s port %d: address in use or "
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

static int check_cfg(const struct g20_server_cfg *c, struct g20_err *e)
{
    if (c->port < 0 || c->port > 65535)
        return g20_fail(e, -EINVAL, "server: port %d", c->port);
    if (c->max_clients < 1 || c->max_connections < 1 || c->max_connections > 65536 ||
        c->max_message_bytes < 64 || c->max_message_bytes > c->max_training_bytes ||
        c->max_training_bytes > 256u << 20 || c->rows_queued < 1 || c->rows_queued > 64 ||
        c->events_queued < 1 || c->events_queued > 65536 || c->ping_s < 1 || c->ping_s > 30000 ||
        c->request_s < 1)
        return g20_fail(e, -EINVAL, "server: a limit is out of range");
    return 0;
}

int g20_server_create(struct g20_server **ret, const struct g20_server_cfg *cfg,
                      struct g20_hub *hub, const struct g20_control *control, struct g20_err *e)
{
    struct g20_err why = {0};
    int r = check_cfg(cfg, e);

    if (r < 0)
        return r;
    struct g20_server *s = g20_calloc(1, sizeof(*s));
    if (!s)
        return g20_fail(e, -ENOMEM, "server: out of memory");
    s->cfg = *cfg;
    s->hub = hub;
    s->control = *control;
    s->range.dynamic_db = cfg->dynamic_range_db;
    s->start_ns = g20_clock_mono_ns();
    atomic_init(&s->beat_ns, s->start_ns);
    pthread_mutex_init(&s->lock, NULL);
    s->bind = g20_strdup(cfg->bind);
    s->web_dir = g20_strdup(cfg->web_dir ? cfg->web_dir : "");
    s->allowed_origins = g20_strdup(cfg->allowed_origins ? cfg->allowed_origins : "");
    r = -ENOMEM;
    s->tls_cert = g20_strdup(cfg->tls_cert ? cfg->tls_cert : "");
    s->tls_key = g20_strdup(cfg->tls_key ? cfg->tls_key : "");
    s->capture_dir = cfg->capture_dir ? g20_strdup(cfg->capture_dir) : NULL;
    s->cfg.capture_dir = s->capture_dir;
    if (!s->bind || !s->web_dir || !s->allowed_origins || !s->tls_cert || !s->tls_key ||
        (cfg->capture_dir && !s->capture_dir))
        goto oom;
    s->is_loopback = loopback(s->bind);
    if (s->web_dir[0]) {
        r = g20_static_load(&s->files, s->web_dir, &why);
        if (r == -ENOMEM)
            goto oom;
        if (r < 0)
            g20_log(G20_LOG_WARNING, "server", "no web UI", G20_F_STR("why", why.msg));
    }
    r = g20_view_cache_create(&s->cache);
    if (r < 0)
        goto oom;
    r = create_lws(s, e);
    if (r < 0)
        goto fail;
    const struct g20_hub_sub_cfg sub = {.rows = HUB_ROWS,
                                        .tiles = HUB_TILES,
                                        .events = HUB_EVENTS,
                                        .wake = g20_server_wake,
                                        .user = s};
    r = g20_hub_subscribe(hub, &sub, &s->sub);
    if (r < 0)
        goto oom;
    if (cfg->history_bytes > 0) {
        r = g20_wf_history_create(&s->history, G20_MAX(cfg->history_bytes, 65536u), HISTORY_BINS,
                                  e);
        if (r < 0)
            goto fail;
    }
    r = g20_video_create(&s->video, hub, cfg->view.colormap, cfg->dynamic_range_db, e);
    if (r < 0)
        goto fail;
    r = g20_news_create(&s->news, e);
    if (r < 0)
        goto fail;
    r = g20_training_create(&s->training, s, e);
    if (r < 0)
        goto fail;
    r = cfg->store ? g20_api_create(&s->api, s, e) : 0;
    if (r < 0)
        goto fail;
    lws_sul_schedule(s->lws, 0, &s->tick, on_tick, TICK_US);
    *ret = s;
    return 0;

oom:
    g20_fail(e, r, "server: %s", g20_strerror(r));
fail:
    g20_server_destroy(s);
    return r;
}

int g20_server_port(const struct g20_server *s)
{
    return s->port;
}

static void *server_main(void *arg)
{
    struct g20_server *s = arg;

    /* A hundred clients' rows come in bursts of some milliseconds: a look that is due goes first. A
     * quarter of a processor is left where detector and server both want all of it. */
    g20_thread_give_way(GIVE_WAY);
    while (!atomic_load(&s->stopping) && lws_service(s->lws, 0) >= 0)
        ;
    return NULL;
}

int g20_server_start(struct g20_server *s, struct g20_err *e)
{
    return g20_thread_start(&s->thread, "g20-server", server_main, s, e);
}

void g20_server_set_view(struct g20_server *s, const struct g20_view_cfg *view,
                         float dynamic_range_db)
{
    pthread_mutex_lock(&s->lock);
    s->next.view = *view;
    s->next.dynamic_range_db = dynamic_range_db;
    s->next.changed = true;
    pthread_mutex_unlock(&s->lock);
    lws_cancel_service(s->lws);
}

void g20_server_drain(struct g20_server *s)
{
    atomic_store(&s->draining, true);
    lws_cancel_service(s->lws);
}

void g20_server_stop(struct g20_server *s, int timeout_ms)
{
    if (!s->thread.running)
        return;
    g20_server_drain(s);
    const uint64_t until_ns = g20_clock_mono_ns() + (uint64_t)timeout_ms * 1000000u;
    while (atomic_load(&s->nclients) > 0 && g20_clock_mono_ns() < until_ns)
        g20_sleep_ns(5000000);
    atomic_store(&s->stopping, true);
    lws_cancel_service(s->lws);
    g20_thread_join(&s->thread);
}

void g20_server_destroy(struct g20_server *s)
{
    if (!s)
        return;
    if (s->lws)
        g20_server_stop(s, 1000);
    g20_api_destroy(s->api);
    s->api = NULL;
    g20_hub_unsubscribe(s->hub, s->sub); /* before the loop goes: its wake-up uses it */
    g20_training_destroy(s->training);   /* likewise */
    s->training = NULL;
    g20_news_destroy(s->news);
    s->news = NULL;
    s->sub = NULL;
    if (s->lws) {
        lws_sul_schedule(s->lws, 0, &s->tick, on_tick, LWS_SET_TIMER_USEC_CANCEL);
        lws_sul_schedule(s->lws, 0, &s->pace, on_tick, LWS_SET_TIMER_USEC_CANCEL);
        lws_context_destroy(s->lws);
    }
    g20_video_destroy(s->video);
    g20_wf_history_destroy(s->history);
    g20_view_cache_destroy(s->cache);
    g20_static_destroy(s->files);
    g20_free(s->tls_key);
    g20_free(s->tls_cert);
    g20_free(s->allowed_origins);
    g20_free(s->capture_dir);
    g20_free(s->web_dir);
    g20_free(s->bind);
    pthread_mutex_destroy(&s->lock);
    g20_free(s);
}

void g20_server_stats(struct g20_server *s, struct g20_server_stats *ret)
{
    *ret = (struct g20_server_stats){
        .clients = atomic_load(&s->nclients),
        .connections = atomic_load(&s->nconnections),
        .clients_total = atomic_load(&s->clients_total),
        .refused = atomic_load(&s->refused),
        .rows_sent = atomic_load(&s->rows_sent),
        .rows_dropped = atomic_load(&s->rows_dropped),
        .unauthorized = atomic_load(&s->unauthorized),
        .beat_ns = atomic_load(&s->beat_ns),
    };
}
