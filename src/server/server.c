/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The life of a server: what it is made of, from its settings to its end. */
#include "server/internal.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "dsp/colormap.h"
#include "engine/wf_history.h"
#include "server/video.h"

#include <errno.h>
#include <string.h>

enum {
    HUB_ROWS = 16, /* of the pipeline's pool of rows; more would starve it */
    HUB_TILES = 32,
    HUB_EVENTS = 512,
    HISTORY_BINS = 4096,
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

static bool loopback(const char *bind)
{
    return strncmp(bind, "127.", 4) == 0 || strcmp(bind, "::1") == 0 ||
           strcmp(bind, "localhost") == 0;
}

static int check_cfg(const struct g20_server_cfg *c, struct g20_err *e)
{
    if (c->port < 0 || c->port > 65535)
        return g20_fail(e, -EINVAL, "port %d", c->port);
    if (c->max_clients < 1 || c->max_connections < 1 || c->max_connections > 65536 ||
        c->max_message_bytes < 64 || c->max_message_bytes > c->max_training_bytes ||
        c->max_training_bytes > 256u << 20 || c->rows_queued < 1 || c->rows_queued > 64 ||
        c->events_queued < 1 || c->events_queued > 65536 || c->ping_s < 1 || c->ping_s > 30000 ||
        c->request_s < 1)
        return g20_fail(e, -EINVAL, "a limit is out of range");
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
        return g20_fail(e, -ENOMEM, "out of memory");
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
    r = g20_loop_create(s, e);
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
    g20_loop_begin(s);
    *ret = s;
    return 0;

oom:
    g20_fail(e, r, "%s", g20_strerror(r));
fail:
    g20_server_destroy(s);
    return r;
}

int g20_server_port(const struct g20_server *s)
{
    return s->port;
}

int g20_server_start(struct g20_server *s, struct g20_err *e)
{
    return g20_thread_start(&s->thread, "g20-server", g20_loop_main, s, e);
}

void g20_server_set_view(struct g20_server *s, const struct g20_view_cfg *view,
                         float dynamic_range_db)
{
    pthread_mutex_lock(&s->lock);
    s->next.view = *view;
    s->next.dynamic_range_db = dynamic_range_db;
    s->next.changed = true;
    pthread_mutex_unlock(&s->lock);
    g20_server_wake(s);
}

void g20_server_drain(struct g20_server *s)
{
    atomic_store(&s->draining, true);
    g20_server_wake(s);
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
    g20_server_wake(s);
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
    g20_loop_destroy(s);
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
