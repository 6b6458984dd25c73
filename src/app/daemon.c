/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The parts of the daemon: the list of all, and those that need few words. */
#include "app/daemon.h"

#include "app/hardware.h"
#include "app/ports.h"
#include "base/log.h"
#include "base/log_ring.h"
#include "server/control_socket.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LOG_BYTES = 256 << 10 };

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

static int start_devices(void *user, struct g20_err *e)
{
    const int r = g20_devices_create(&((struct g20_daemon *)user)->devices);

    return r < 0 ? g20_fail(e, r, "%s", g20_strerror(r)) : 0;
}

static void stop_devices(void *user)
{
    g20_devices_destroy(((struct g20_daemon *)user)->devices);
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

static int start_trainer(void *user, struct g20_err *e)
{
    struct g20_daemon *d = user;

    return d->teach ? g20_teach_start(d->teach, e) : 0;
}

static void stop_trainer(void *user)
{
    g20_teach_stop(((struct g20_daemon *)user)->teach);
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
        {"pipeline", g20_daemon_start_pipeline, g20_daemon_stop_pipeline},
        {"captures", g20_daemon_start_captures, g20_daemon_stop_captures},
        {"triggers", g20_daemon_start_triggers, g20_daemon_stop_triggers},
        {"samples", g20_daemon_start_teach, g20_daemon_stop_teach},
        {"missions", g20_daemon_start_missions, g20_daemon_stop_missions},
        {"server", g20_daemon_start_server,
         g20_daemon_stop_server},                 /* stopped before the pipeline's memory goes */
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
