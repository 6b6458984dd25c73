/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* What the commands of the control socket do. */
#include "app/daemon.h"

#include "app/operations.h"
#include "base/log.h"
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

/* 1: there and a finite number; 0: not there; -1: something else. */
static int number_of(const json_t *request, const char *field, double *ret)
{
    const json_t *v = json_object_get(request, field);

    if (!v)
        return 0;
    if (!json_is_number(v) || !isfinite(json_number_value(v)))
        return -1;
    *ret = json_number_value(v);
    return 1;
}

static json_t *tune(struct g20_daemon *d, const json_t *request)
{
    struct g20_tune wanted = {.center_hz = NAN, .bandwidth_hz = NAN, .gain_db = NAN}, actual;
    struct g20_err e = {0};
    double channel = 0;

    const int center = number_of(request, "center_freq_hz", &wanted.center_hz);
    const int width = number_of(request, "bandwidth_hz", &wanted.bandwidth_hz);
    const int gain = number_of(request, "gain_db", &wanted.gain_db);
    if (center < 0 || (center == 0 && width == 0 && gain == 0))
        return g20_control_error("center_freq_hz required: a number");
    if (width < 0 || gain < 0)
        return g20_control_error("%s: want a number", width < 0 ? "bandwidth_hz" : "gain_db");
    if (number_of(request, "channel_id", &channel) < 0 || channel != floor(channel) ||
        channel < 0 || channel > 255)
        return g20_control_error("channel_id: want a whole number of 0 to 255");
    wanted.channel = (uint32_t)channel;
    if (d->control.tune(&wanted, &actual, &e, d->control.user) < 0)
        return g20_control_error("%s", e.msg);
    json_t *o = json_pack("{s:b, s:f}", "ok", 1, "actual_freq_hz", actual.center_hz);
    if (!isnan(actual.bandwidth_hz))
        json_object_set_new(o, "actual_bandwidth_hz", json_real(actual.bandwidth_hz));
    if (!isnan(actual.gain_db))
        json_object_set_new(o, "actual_gain_db", json_real(actual.gain_db));
    return o;
}

static json_t *load_model(struct g20_daemon *d, const json_t *request)
{
    const char *name = json_string_value(json_object_get(request, "name"));
    struct g20_err e = {0};

    if (!name)
        return g20_control_error("name required");
    return g20_op_load_model(d, name, true, &e) < 0 ? g20_control_error("%s", e.msg) : done();
}

static json_t *unload_model(struct g20_daemon *d, const json_t *request)
{
    const char *name = json_string_value(json_object_get(request, "name"));
    struct g20_err e = {0};

    if (!name)
        return g20_control_error("name required");
    return g20_op_unload_model(d, name, &e) < 0 ? g20_control_error("%s", e.msg) : done();
}

/* As SIGHUP does. */
static json_t *reload_config(struct g20_daemon *d, const json_t *request)
{
    json_t *answer = NULL;

    (void)request;
    g20_daemon_reload(d, &answer);
    return answer;
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

json_t *g20_daemon_obey(const char *command, const json_t *request, void *user)
{
    static const struct {
        const char *name;
        json_t *(*obey)(struct g20_daemon *d, const json_t *request);
    } commands[] = {
        {"status", status},
        {"tune", tune},
        {"capture_start", g20_daemon_capture_start},
        {"capture_stop", g20_daemon_capture_stop},
        {"capture_list", g20_daemon_capture_list},
        {"load_model", load_model},
        {"unload_model", unload_model},
        {"mission_start", g20_daemon_mission_start},
        {"mission_stop", g20_daemon_mission_stop},
        {"mission_status", g20_daemon_mission_status},
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
