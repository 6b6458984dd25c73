/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/daemon.h"

#include "app/api.h"
#include "app/heads_load.h"
#include "app/models.h"
#include "app/ports.h"
#include "app/self.h"
#include "base/log.h"
#include "dsp/colormap.h"
#include "nn/conv.h"
#include "nn/qconv.h"
#include "server/control_socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { WATERFALL_ROWS_PER_S = 60, CLOSE_MS = 2000 };

static int start_notify(void *user, struct g20_err *e)
{
    struct g20_daemon *d = user;

    pthread_mutex_init(&d->lock, NULL);
    return g20_notify_open(&d->notify, e);
}

static void stop_notify(void *user)
{
    struct g20_daemon *d = user;

    g20_notify_close(&d->notify);
    pthread_mutex_destroy(&d->lock);
}

static int start_parent(void *user, struct g20_err *e)
{
    struct g20_daemon *d = user;

    d->parent_fd = -1;
    if (d->cfg.server.parent_pid == 0)
        return 0;
    const int fd = g20_wait_parent(d->cfg.server.parent_pid, e);
    if (fd >= 0)
        d->parent_fd = fd;
    return fd;
}

static void stop_parent(void *user)
{
    struct g20_daemon *d = user;

    if (d->parent_fd >= 0)
        close(d->parent_fd);
}

static int start_hub(void *user, struct g20_err *e)
{
    const int r = g20_hub_create(&((struct g20_daemon *)user)->hub);

    return r < 0 ? g20_fail(e, r, "%s", g20_strerror(r)) : 0;
}

static void stop_hub(void *user)
{
    g20_hub_destroy(((struct g20_daemon *)user)->hub);
}

/* With nothing configured the synthetic scene plays: a machine without a radio shows something. */
static void source_of(const struct g20_config *c, struct g20_source_cfg *ret)
{
    const bool scene = strcmp(c->source.driver, "scene") == 0 || !c->source.args[0];

    *ret = (struct g20_source_cfg){
        .driver = scene ? "scene" : c->source.driver,
        .args = c->source.args,
        .rate_hz = c->source.sample_rate_hz,
        .center_hz = c->source.center_freq_hz,
        .bandwidth_hz = c->source.bandwidth_hz,
        .gain_db = c->source.gain_db,
        .antenna = c->source.antenna,
        .loop = c->source.loop,
        .realtime = c->source.realtime || scene,
    };
    if (scene && ret->rate_hz <= 0)
        ret->rate_hz = 20e6;
}

static int start_pipeline(void *user, struct g20_err *e)
{
    struct g20_daemon *d = user;
    char model[2 * G20_CONFIG_PATH_MAX];
    struct g20_pipeline_cfg p = {
        .model = model,
        .score_threshold = (float)d->cfg.inference.score_threshold,
        .max_detections = (uint32_t)d->cfg.inference.max_detections,
        .threads = (uint32_t)d->cfg.inference.threads,
        .waterfall_nfft = (uint32_t)d->cfg.fft.waterfall_nfft,
        .waterfall_rows_per_s = WATERFALL_ROWS_PER_S,
        .wisdom_dir = d->cfg.paths.cache_dir,
    };

    if (strcmp(d->cfg.inference.provider, "auto") != 0 &&
        strcmp(d->cfg.inference.provider, "cpu") != 0)
        return g20_fail(e, -EINVAL,
                        "inference.provider: %s is not built in, this program runs models on the "
                        "CPU: want auto or cpu",
                        d->cfg.inference.provider);
    g20_log(G20_LOG_INFO, "inference", "provider", G20_F_STR("provider", "cpu"),
            G20_F_STR("int8", g20_qconv()->name), G20_F_STR("float32", g20_conv()->name));
    int r = g20_models_find(d->cfg.inference.model, d->cfg.paths.models_dir,
                            d->cfg.inference.int8_quantization, model, sizeof(model), e);
    if (r < 0)
        return r;
    source_of(&d->cfg, &p.source);
    r = g20_heads_from_folder(&d->heads, d->cfg.paths.models_dir, e);
    if (r < 0)
        return r;
    p.heads = d->heads;
    r = g20_live_create(&d->live, &p, d->hub);
    if (r < 0)
        return g20_fail(e, r, "%s", g20_strerror(r));
    g20_live_control(d->live, &d->control);
    return 0;
}

static void stop_pipeline(void *user)
{
    struct g20_daemon *d = user;

    g20_live_destroy(d->live);
    g20_heads_destroy(d->heads);
    d->heads = NULL;
}

static json_t *capabilities(void *user)
{
    struct g20_daemon *d = user;

    pthread_mutex_lock(&d->lock);
    json_t *o = g20_api_capabilities(&d->cfg);
    pthread_mutex_unlock(&d->lock);
    return o;
}

static json_t *config(void *user)
{
    struct g20_daemon *d = user;

    pthread_mutex_lock(&d->lock);
    json_t *o = g20_api_config(&d->cfg);
    pthread_mutex_unlock(&d->lock);
    return o;
}

static json_t *models(void *user)
{
    struct g20_daemon *d = user;

    pthread_mutex_lock(&d->lock);
    json_t *o = g20_api_models(&d->cfg, d->heads);
    pthread_mutex_unlock(&d->lock);
    return o;
}

/* Beside the program first, so that a build runs uninstalled; else where it was installed. */
static void find_web(char *buf, size_t size)
{
    if (!g20_self_beside("web/index.html", buf, size) || access(buf, R_OK) != 0 ||
        !g20_self_beside("web", buf, size))
        snprintf(buf, size, "%s", G20_WEB_DIR);
}

void g20_daemon_view(const struct g20_config *c, struct g20_view_cfg *view)
{
    const int colormap = g20_colormap_by_name(c->display.colormap);

    view->fps = (double)c->display.fps;
    view->colormap = (uint8_t)G20_MAX(colormap, 0);
}

static int start_server(void *user, struct g20_err *e)
{
    struct g20_daemon *d = user;
    struct g20_server_cfg c;
    char web[G20_CONFIG_PATH_MAX + 32];

    find_web(web, sizeof(web));
    g20_server_cfg_default(&c);
    c.bind = d->cfg.server.bind;
    c.port = (int)d->cfg.server.ws_port;
    c.web_dir = web;
    c.dynamic_range_db = (float)d->cfg.fft.waterfall_dynamic_range_db;
    g20_daemon_view(&d->cfg, &c.view);
    c.max_clients = (uint32_t)d->cfg.limits.clients;
    c.max_connections = 2 * c.max_clients + 64;
    c.max_message_bytes = (uint32_t)d->cfg.limits.message_bytes;
    c.rows_queued = (uint32_t)d->cfg.limits.client_rows;
    c.events_queued = (uint32_t)d->cfg.limits.client_messages;
    c.capabilities = capabilities;
    c.config = config;
    c.models = models;
    c.api_user = d;
    const int r = g20_server_create(&d->server, &c, d->hub, &d->control, e);
    return r < 0 ? r : g20_server_start(d->server, e);
}

static void stop_server(void *user)
{
    struct g20_daemon *d = user;

    if (d->server)
        g20_server_stop(d->server, CLOSE_MS);
    g20_server_destroy(d->server);
}

static int start_source(void *user, struct g20_err *e)
{
    return g20_live_start(((struct g20_daemon *)user)->live, e);
}

static void stop_source(void *user)
{
    g20_live_stop(((struct g20_daemon *)user)->live);
}

static int start_control(void *user, struct g20_err *e)
{
    struct g20_daemon *d = user;
    const int r = g20_ports_folder(d->cfg.paths.runtime_dir, e);

    return r < 0 ? r
                 : g20_control_socket_open(&d->control_socket, d->cfg.server.control_socket,
                                           g20_daemon_obey, d, e);
}

static void stop_control(void *user)
{
    g20_control_socket_close(((struct g20_daemon *)user)->control_socket);
}

static int start_ports(void *user, struct g20_err *e)
{
    struct g20_daemon *d = user;

    return g20_ports_write(d->cfg.paths.runtime_dir, g20_server_port(d->server), e);
}

static void stop_ports(void *user)
{
    g20_ports_remove(((struct g20_daemon *)user)->cfg.paths.runtime_dir);
}

static int start_ready(void *user, struct g20_err *e)
{
    struct g20_daemon *d = user;
    char url[128];

    (void)e;
    snprintf(url, sizeof(url),
             strchr(d->cfg.server.bind, ':') ? "http://[%s]:%d/" : "http://%s:%d/",
             d->cfg.server.bind, g20_server_port(d->server));
    g20_log(G20_LOG_INFO, "serve", "ready", G20_F_STR("url", url));
    g20_notify_send(&d->notify, "READY=1");
    return 0;
}

/* First of all: no new work while the rest is taken down. */
static void stop_ready(void *user)
{
    struct g20_daemon *d = user;

    g20_notify_send(&d->notify, "STOPPING=1");
    g20_server_drain(d->server);
}

const struct g20_part *g20_daemon_parts(size_t *ret_count)
{
    static const struct g20_part parts[] = {
        {"service manager", start_notify, stop_notify},
        {"parent watch", start_parent, stop_parent},
        {"hub", start_hub, stop_hub},
        {"pipeline", start_pipeline, stop_pipeline},
        {"server", start_server, stop_server}, /* stopped before the pipeline's memory goes */
        {"source", start_source, stop_source},
        {"control socket", start_control, stop_control},
        {"ports.json", start_ports, stop_ports},
        {"ready", start_ready, stop_ready},
    };

    *ret_count = G20_COUNT_OF(parts);
    return parts;
}
