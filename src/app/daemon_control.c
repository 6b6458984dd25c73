/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* What the commands of the control socket do. */
#include "app/daemon.h"

#include "base/log.h"
#include "detect/heads.h"
#include "server/control_socket.h"
#include "server/metrics.h"

#include <math.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static json_t *done(void)
{
    return json_pack("{s:b}", "ok", 1);
}

static json_t *status(struct g20_daemon *d, const json_t *request)
{
    (void)request;
    return g20_server_status(d->server);
}

static json_t *tune(struct g20_daemon *d, const json_t *request)
{
    const json_t *wanted = json_object_get(request, "center_freq_hz");
    struct g20_err e = {0};
    double actual;

    if (!json_is_number(wanted) || !isfinite(json_number_value(wanted)))
        return g20_control_error("center_freq_hz required: a number");
    if (d->control.tune(json_number_value(wanted), &actual, &e, d->control.user) < 0)
        return g20_control_error("%s", e.msg);
    return json_pack("{s:b, s:f}", "ok", 1, "actual_freq_hz", actual);
}

/* A head by its file or by its name in the models folder. */
static json_t *load_model(struct g20_daemon *d, const json_t *request)
{
    const char *name = json_string_value(json_object_get(request, "name"));
    char path[G20_CONFIG_PATH_MAX + 300];
    struct g20_err e;

    if (!name)
        return g20_control_error("name required");
    if (!d->heads)
        return g20_control_error("there is no trunk that heads could stand on");
    snprintf(path, sizeof(path), strchr(name, '/') ? "%s%.250s" : "%s/heads/%.250s.onnx",
             strchr(name, '/') ? "" : d->cfg.paths.models_dir, name);
    if (g20_heads_add(d->heads, path, &e) < 0)
        return g20_control_error("%s", e.msg);
    g20_log(G20_LOG_INFO, "heads", "loaded", G20_F_STR("file", path));
    return done();
}

static json_t *unload_model(struct g20_daemon *d, const json_t *request)
{
    const char *name = json_string_value(json_object_get(request, "name"));
    struct g20_err e;

    if (!name)
        return g20_control_error("name required");
    if (!d->heads || g20_heads_remove(d->heads, name, &e) < 0)
        return g20_control_error("no head \"%.40s\" is loaded", name);
    g20_log(G20_LOG_INFO, "heads", "unloaded", G20_F_STR("name", name));
    return done();
}

/* The main thread does it, as for SIGHUP; its log says what became of it. */
static json_t *reload_config(struct g20_daemon *d, const json_t *request)
{
    (void)d;
    (void)request;
    kill(getpid(), SIGHUP);
    return done();
}

static json_t *stop(struct g20_daemon *d, const json_t *request)
{
    (void)d;
    (void)request;
    kill(getpid(), SIGTERM);
    return done();
}

static json_t *log_level(struct g20_daemon *d, const json_t *request)
{
    const json_t *wanted = json_object_get(request, "level");
    enum g20_log_level level = g20_log_get_level();

    (void)d;
    if (wanted &&
        (!json_is_string(wanted) || g20_log_parse_level(json_string_value(wanted), &level) < 0))
        return g20_control_error("level: want DEBUG, INFO, WARNING or ERROR");
    g20_log_set_level(level);
    return json_pack("{s:b, s:s}", "ok", 1, "level", g20_log_level_name(level));
}

static json_t *metrics(struct g20_daemon *d, const json_t *request)
{
    struct g20_text t = {0};

    (void)request;
    g20_metrics_text(d->server, &t);
    json_t *o = t.failed || !t.data ? NULL : json_pack("{s:b, s:s}", "ok", 1, "metrics", t.data);
    g20_text_fini(&t);
    return o;
}

static json_t *not_there(struct g20_daemon *d, const json_t *request)
{
    (void)d;
    return g20_control_error("%s: not implemented yet",
                             json_string_value(json_object_get(request, "command")));
}

json_t *g20_daemon_obey(const char *command, const json_t *request, void *user)
{
    static const struct {
        const char *name;
        json_t *(*obey)(struct g20_daemon *d, const json_t *request);
    } commands[] = {
        {"status", status},
        {"tune", tune},
        {"capture_start", not_there},
        {"capture_stop", not_there},
        {"load_model", load_model},
        {"unload_model", unload_model},
        {"reload_config", reload_config},
        {"log_level", log_level},
        {"shutdown", stop},
        {"metrics", metrics},
    };

    for (size_t i = 0; i < G20_COUNT_OF(commands); i++)
        if (strcmp(command, commands[i].name) == 0)
            return commands[i].obey(user, request);
    return g20_control_error("Unknown command: %.60s", command);
}
