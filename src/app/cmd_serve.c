/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* g20 serve: the daemon. What is started, in which order, is the one list `parts` below; it is
 * stopped in the reverse order. */
#include "app/api.h"
#include "app/app.h"
#include "app/ports.h"
#include "base/alloc.h"
#include "base/log.h"
#include "dsp/colormap.h"
#include "engine/live.h"
#include "server/server.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { WATERFALL_ROWS_PER_S = 60, CLOSE_MS = 2000, WATCH_MS = 200 };

struct serve {
    struct g20_config cfg;
    struct g20_hub *hub;
    struct g20_live *live;
    struct g20_server *server;
    bool ports_written;
};

static bool is_loopback(const char *bind)
{
    return strncmp(bind, "127.", 4) == 0 || strcmp(bind, "::1") == 0 ||
           strcmp(bind, "localhost") == 0;
}

static int start_hub(struct serve *s, struct g20_err *e)
{
    const int r = g20_hub_create(&s->hub);

    return r < 0 ? g20_fail(e, r, "hub: %s", g20_strerror(r)) : 0;
}

static void stop_hub(struct serve *s)
{
    g20_hub_destroy(s->hub);
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

static int create_live(struct serve *s, struct g20_err *e)
{
    struct g20_pipeline_cfg p = {
        .model = s->cfg.inference.model,
        .score_threshold = (float)s->cfg.inference.score_threshold,
        .max_detections = (uint32_t)s->cfg.inference.max_detections,
        .waterfall_nfft = (uint32_t)s->cfg.fft.waterfall_nfft,
        .waterfall_rows_per_s = WATERFALL_ROWS_PER_S,
        .wisdom_dir = s->cfg.paths.cache_dir,
    };

    source_of(&s->cfg, &p.source);
    const int r = g20_live_create(&s->live, &p, s->hub);
    return r < 0 ? g20_fail(e, r, "pipeline: %s", g20_strerror(r)) : 0;
}

static void destroy_live(struct serve *s)
{
    g20_live_destroy(s->live);
}

static json_t *capabilities(void *user)
{
    return g20_api_capabilities(&((struct serve *)user)->cfg);
}

static json_t *config(void *user)
{
    return g20_api_config(&((struct serve *)user)->cfg);
}

/* Beside the program first, so that a build runs uninstalled; else where it was installed. */
static void find_web(char *buf, size_t size)
{
    char exe[G20_CONFIG_PATH_MAX];
    const ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

    if (n > 0) {
        exe[n] = '\0';
        *strrchr(exe, '/') = '\0';
        snprintf(buf, size, "%s/web/index.html", exe);
        if (access(buf, R_OK) == 0) {
            snprintf(buf, size, "%s/web", exe);
            return;
        }
    }
    snprintf(buf, size, "%s", G20_WEB_DIR);
}

static int start_server(struct serve *s, struct g20_err *e)
{
    struct g20_server_cfg c;
    struct g20_control control;
    char web[G20_CONFIG_PATH_MAX + 32];
    int r;

    if (!is_loopback(s->cfg.server.bind))
        return g20_fail(e, -EINVAL,
                        "server.bind %s: clients are not authenticated yet, so only a "
                        "loopback address is served",
                        s->cfg.server.bind);
    find_web(web, sizeof(web));
    g20_live_control(s->live, &control);
    g20_server_cfg_default(&c);
    c.bind = s->cfg.server.bind;
    c.port = (int)s->cfg.server.ws_port;
    c.web_dir = web;
    c.dynamic_range_db = (float)s->cfg.fft.waterfall_dynamic_range_db;
    c.view.fps = (double)s->cfg.display.fps;
    const int colormap = g20_colormap_by_name(s->cfg.display.colormap);
    c.view.colormap = (uint8_t)G20_MAX(colormap, 0);
    c.max_clients = (uint32_t)s->cfg.limits.clients;
    c.max_connections = 2 * c.max_clients + 64;
    c.max_message_bytes = (uint32_t)s->cfg.limits.message_bytes;
    c.events_queued = (uint32_t)s->cfg.limits.client_messages;
    c.capabilities = capabilities;
    c.config = config;
    c.api_user = s;
    r = g20_server_create(&s->server, &c, s->hub, &control, e);
    return r < 0 ? r : g20_server_start(s->server, e);
}

static void stop_server(struct serve *s)
{
    if (s->server)
        g20_server_stop(s->server, CLOSE_MS);
    g20_server_destroy(s->server);
}

static int start_live(struct serve *s, struct g20_err *e)
{
    return g20_live_start(s->live, e);
}

static void stop_live(struct serve *s)
{
    g20_live_stop(s->live);
}

static int start_ports(struct serve *s, struct g20_err *e)
{
    return g20_ports_write(s->cfg.paths.runtime_dir, g20_server_port(s->server), e);
}

static void stop_ports(struct serve *s)
{
    g20_ports_remove(s->cfg.paths.runtime_dir);
}

static const struct part {
    const char *name;
    int (*start)(struct serve *s, struct g20_err *e);
    void (*stop)(struct serve *s); /* also after a start that failed half-way */
} parts[] = {
    {"hub", start_hub, stop_hub},          {"pipeline", create_live, destroy_live},
    {"server", start_server, stop_server}, /* drained before the pipeline's memory goes */
    {"source", start_live, stop_live},     {"ports.json", start_ports, stop_ports},
};

static bool parent_is_gone(int64_t pid)
{
    return pid > 0 && kill((pid_t)pid, 0) < 0 && errno == ESRCH;
}

static int serve(struct serve *s)
{
    struct g20_err e = {0};
    size_t started = 0;
    int r = 0;

    while (r == 0 && started < G20_COUNT_OF(parts)) {
        r = parts[started++].start(s, &e);
        if (r > 0)
            r = 0;
    }
    if (r < 0)
        g20_log(G20_LOG_ERROR, "serve", "cannot start", G20_F_STR("part", parts[started - 1].name),
                G20_F_STR("why", e.msg));
    if (r == 0) {
        char url[128];

        snprintf(url, sizeof(url), "http://%s:%d/", s->cfg.server.bind, g20_server_port(s->server));
        g20_log(G20_LOG_INFO, "serve", "ready", G20_F_STR("url", url));
        while (!parent_is_gone(s->cfg.server.parent_pid) && !g20_interrupt_wait(WATCH_MS))
            ;
        g20_log(G20_LOG_INFO, "serve",
                g20_interrupted() ? "stopping" : "stopping: the parent process is gone");
        g20_server_drain(s->server); /* no new work while the rest is taken down */
    }
    while (started > 0)
        parts[--started].stop(s);
    return r;
}

int g20_cmd_serve(int argc, char **argv)
{
    struct serve *s = g20_calloc(1, sizeof(*s));
    int first = 0;

    if (!s)
        return g20_cli_fail("serve", G20_EXIT_FAILED, "out of memory");
    const struct g20_cli cli = {
        .name = "serve",
        .args = "",
        .summary = "the daemon: live pipeline, web UI, WebSocket",
        .about = "Plays source.driver (a synthetic scene when nothing is configured), shows it at\n"
                 "http://server.bind:server.ws_port/ and writes ports.json into paths.runtime_dir\n"
                 "when it is ready. SIGTERM or SIGINT stops it within 5 s, a second one at once.\n",
        .config = &s->cfg,
    };
    int code = g20_cli_parse(&cli, argc, argv, &first);
    if (code == G20_CLI_RUN) {
        g20_interrupt_install();
        const int r = serve(s);
        code = r == 0 ? G20_EXIT_DONE : r == -EINVAL ? G20_EXIT_INPUT : G20_EXIT_FAILED;
    }
    g20_free(s);
    return code;
}
