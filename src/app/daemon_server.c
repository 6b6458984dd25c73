/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The part "server": what the settings make of HTTP and WebSockets, and whom they ask. */
#include "app/daemon.h"

#include "app/api.h"
#include "app/hardware.h"
#include "app/operations.h"
#include "app/self.h"
#include "dsp/colormap.h"

#include <stdio.h>
#include <unistd.h>

enum { CLOSE_MS = 2000 };

static json_t *capabilities(void *user)
{
    return g20_op_capabilities(user);
}

static json_t *config(void *user)
{
    struct g20_daemon *d = user;

    pthread_mutex_lock(&d->lock);
    json_t *o = g20_api_config(&d->cfg);
    pthread_mutex_unlock(&d->lock);
    return o;
}

static json_t *devices(void *user)
{
    return g20_devices_json(((struct g20_daemon *)user)->devices);
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

int g20_daemon_start_server(void *user, struct g20_err *e)
{
    struct g20_daemon *d = user;
    struct g20_server_cfg c;
    char web[G20_CONFIG_PATH_MAX + 32];

    find_web(web, sizeof(web));
    g20_server_cfg_default(&c);
    c.bind = d->cfg.server.bind;
    c.port = (int)d->cfg.server.ws_port;
    c.web_dir = web;
    c.tokens = d->tokens;
    c.tls_cert = d->tls.cert ? d->cfg.server.tls_cert : NULL;
    c.tls_key = d->tls.cert ? d->cfg.server.tls_key : NULL;
    c.dynamic_range_db = (float)d->cfg.fft.waterfall_dynamic_range_db;
    g20_daemon_view(&d->cfg, &c.view);
    c.max_clients = (uint32_t)d->cfg.limits.clients;
    c.max_connections = 2 * c.max_clients + 64;
    c.max_message_bytes = (uint32_t)d->cfg.limits.message_bytes;
    c.max_training_bytes =
        G20_MAX((uint32_t)d->cfg.limits.training_message_bytes, c.max_message_bytes);
    c.history_bytes = (uint64_t)d->cfg.limits.history_bytes;
    c.rows_queued = (uint32_t)d->cfg.limits.client_rows;
    c.events_queued = (uint32_t)d->cfg.limits.client_messages;
    c.capabilities = capabilities;
    c.config = config;
    c.models = models;
    c.devices = devices;
    c.metrics = g20_daemon_metrics;
    c.api_user = d;
    c.logs = d->log_lines;
    c.tap = d->tap;
    c.iq_clients = (uint32_t)d->cfg.limits.sessions;
    c.captures = d->captures;
    c.ring = d->ring;
    c.triggers = d->triggers;
    c.ask_triggers = g20_daemon_triggers;
    c.capture_dir = d->cfg.paths.capture_dir;
    c.capture = d->store ? g20_daemon_capture_box : NULL;
    c.training = d->teach ? g20_teach_obey : NULL;
    c.training_user = d->teach;
    c.store = d->store;
    g20_daemon_serve_missions(d, &c);
    const int r = g20_server_create(&d->server, &c, d->hub, &d->control, e);
    return r < 0 ? r : g20_server_start(d->server, e);
}

void g20_daemon_stop_server(void *user)
{
    struct g20_daemon *d = user;

    if (d->server)
        g20_server_stop(d->server, CLOSE_MS);
    g20_server_destroy(d->server);
}
