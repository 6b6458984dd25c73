/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/daemon.h"

#include "app/api.h"
#include "app/hardware.h"
#include "app/heads_load.h"
#include "app/inference.h"
#include "app/models.h"
#include "app/operations.h"
#include "app/ports.h"
#include "app/self.h"
#include "base/log.h"
#include "base/log_ring.h"
#include "dsp/colormap.h"
#include "server/control_socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { WATERFALL_ROWS_PER_S = 60, CLOSE_MS = 2000, LOG_BYTES = 256 << 10 };

static int start_log(void *user, struct g20_err *e)
{
    struct g20_daemon *d = user;
    const int r = g20_log_ring_create(&d->log_lines, LOG_BYTES, e);

    if (r == 0)
        g20_log_tap(g20_log_ring_put, d->log_lines);
    return r;
}

static void stop_log(void *user)
{
    struct g20_daemon *d = user;

    g20_log_tap(NULL, NULL);
    g20_log_ring_destroy(d->log_lines);
    d->log_lines = NULL;
}

static int start_notify(void *user, struct g20_err *e)
{
    struct g20_daemon *d = user;

    pthread_mutex_init(&d->lock, NULL);
    pthread_mutex_init(&d->reload_lock, NULL);
    return g20_notify_open(&d->notify, e);
}

static void stop_notify(void *user)
{
    struct g20_daemon *d = user;

    g20_notify_close(&d->notify);
    pthread_mutex_destroy(&d->reload_lock);
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
void g20_daemon_source(const struct g20_config *c, struct g20_source_cfg *ret)
{
    const bool scene = strcmp(c->source.driver, "scene") == 0 ||
                       (strcmp(c->source.driver, "file") == 0 && !c->source.args[0]);

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

static int start_devices(void *user, struct g20_err *e)
{
    const int r = g20_devices_create(&((struct g20_daemon *)user)->devices);

    return r < 0 ? g20_fail(e, r, "%s", g20_strerror(r)) : 0;
}

static void stop_devices(void *user)
{
    g20_devices_destroy(((struct g20_daemon *)user)->devices);
}

static int start_pipeline(void *user, struct g20_err *e)
{
    struct g20_daemon *d = user;
    char model[2 * G20_CONFIG_PATH_MAX];
    struct g20_provider provider;
    struct g20_pipeline_cfg p = {
        .model = model,
        .score_threshold = (float)d->cfg.inference.score_threshold,
        .nms_threshold = (float)d->cfg.inference.nms_threshold,
        .max_detections = (uint32_t)d->cfg.inference.max_detections,
        .threads = (uint32_t)d->cfg.inference.threads,
        .class_names = d->cfg.inference.class_names,
        .provider = &provider,
        .waterfall_nfft = (uint32_t)d->cfg.fft.waterfall_nfft,
        .waterfall_rows_per_s = WATERFALL_ROWS_PER_S,
        .wisdom_dir = d->cfg.paths.cache_dir,
    };

    g20_inference_provider(&d->cfg, &provider);
    int r = g20_models_find(d->cfg.inference.model, d->cfg.paths.models_dir,
                            d->cfg.inference.int8_quantization, model, sizeof(model), e);
    if (r < 0 || (r = g20_inference_check(&d->cfg, model, e)) < 0)
        return r;
    d->inference = g20_inference_json(&d->cfg);
    if (!d->inference)
        return g20_fail(e, -ENOMEM, "out of memory");
    g20_daemon_source(&d->cfg, &d->source);
    p.source = d->source;
    r = g20_heads_from_folder(&d->heads, d->cfg.paths.models_dir, e);
    if (r < 0)
        return r;
    p.heads = d->heads;
    if ((r = g20_memory_create(&d->memory)) < 0)
        return g20_fail(e, r, "memory of emissions: out of memory");
    p.memory = d->memory;
    r = g20_live_create(&d->live, &p, d->hub);
    if (r < 0)
        return g20_fail(e, r, "%s", g20_strerror(r));
    g20_live_control(d->live, &d->control);
    g20_live_number_from(d->live, g20_store_last_id(d->store));
    return 0;
}

static void stop_pipeline(void *user)
{
    struct g20_daemon *d = user;

    g20_live_destroy(d->live);
    g20_heads_destroy(d->heads);
    g20_memory_destroy(d->memory);
    d->heads = NULL;
    d->memory = NULL;
    json_decref(d->inference);
}

static int start_access(void *user, struct g20_err *e)
{
    struct g20_daemon *d = user;

    if (d->cfg.server.auth_token_file[0]) {
        const int r = g20_tokens_open(&d->tokens, d->cfg.server.auth_token_file, e);
        if (r < 0)
            return g20_fail_at(e, r, "server.auth_token_file");
        g20_log(G20_LOG_INFO, "serve", "clients must show a token",
                G20_F_INT("tokens", g20_tokens_count(d->tokens)));
    }
    if (d->cfg.server.tls_cert[0])
        return g20_tls_load(&d->tls, d->cfg.server.tls_cert, d->cfg.server.tls_key, e);
    if (!g20_config_is_loopback(d->cfg.server.bind))
        g20_log(G20_LOG_WARNING, "serve",
                "other machines can connect and there is no TLS: whoever is on the way reads the "
                "tokens; set server.tls_cert and server.tls_key",
                G20_F_STR("bind", d->cfg.server.bind));
    return 0;
}

static void stop_access(void *user)
{
    struct g20_daemon *d = user;

    g20_tls_fini(&d->tls);
    g20_tokens_destroy(d->tokens);
    d->tokens = NULL;
}

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

static int start_trainer(void *user, struct g20_err *e)
{
    struct g20_daemon *d = user;

    return d->teach ? g20_teach_start(d->teach, e) : 0;
}

static void stop_trainer(void *user)
{
    g20_teach_stop(((struct g20_daemon *)user)->teach);
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

    return g20_ports_write(d->cfg.paths.runtime_dir, g20_server_port(d->server),
                           d->rpc ? g20_rpc_port(d->rpc) : 0, e);
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
    snprintf(url, sizeof(url), strchr(d->cfg.server.bind, ':') ? "%s://[%s]:%d/" : "%s://%s:%d/",
             d->tls.cert ? "https" : "http", d->cfg.server.bind, g20_server_port(d->server));
    g20_log(G20_LOG_INFO, "serve", "ready", G20_F_STR("url", url),
            G20_F_INT("grpc_port", d->rpc ? g20_rpc_port(d->rpc) : 0));
    g20_notify_send(&d->notify, "READY=1");
    return 0;
}

/* First of all: no new work while the rest is taken down. */
static void stop_ready(void *user)
{
    struct g20_daemon *d = user;

    g20_notify_send(&d->notify, "STOPPING=1");
    g20_server_drain(d->server);
    if (d->rpc)
        g20_rpc_drain(d->rpc);
}

const struct g20_part *g20_daemon_parts(size_t *ret_count)
{
    static const struct g20_part parts[] = {
        {"log", start_log, stop_log}, /* the first, so that it has what the others say */
        {"service manager", start_notify, stop_notify},
        {"parent watch", start_parent, stop_parent},
        {"access", start_access, stop_access},
        {"hub", start_hub, stop_hub},
        {"devices", start_devices, stop_devices},
        {"storage", g20_daemon_start_store, g20_daemon_stop_store},
        {"pipeline", start_pipeline, stop_pipeline},
        {"captures", g20_daemon_start_captures, g20_daemon_stop_captures},
        {"triggers", g20_daemon_start_triggers, g20_daemon_stop_triggers},
        {"samples", g20_daemon_start_teach, g20_daemon_stop_teach},
        {"missions", g20_daemon_start_missions, g20_daemon_stop_missions},
        {"server", start_server, stop_server},    /* stopped before the pipeline's memory goes */
        {"trainer", start_trainer, stop_trainer}, /* tells the server's clients */
        {"gRPC", g20_daemon_start_rpc, g20_daemon_stop_rpc},
        {"source", start_source, stop_source},
        {"schedule of missions", g20_daemon_start_schedule, g20_daemon_stop_schedule},
        {"control socket", start_control, stop_control},
        {"ports.json", start_ports, stop_ports},
        {"ready", start_ready, stop_ready},
    };

    *ret_count = G20_COUNT_OF(parts);
    return parts;
}
