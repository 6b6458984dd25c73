/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Missions in the daemon: its parts, the commands of the control socket, what the API asks. */
#include "app/captured.h"

#include "base/log.h"
#include "server/control_socket.h"

#include <stdio.h>
#include <string.h>

static void news(json_t *o, void *user)
{
    g20_server_news(((struct g20_daemon *)user)->server, G20_NEWS_MISSIONS, o);
}

int g20_daemon_start_missions(void *user, struct g20_err *e)
{
    struct g20_daemon *d = user;
    const struct g20_missions_cfg cfg = {.hub = d->hub,
                                         .control = &d->control,
                                         .store = d->store,
                                         .heads = d->heads,
                                         .models_dir = d->cfg.paths.models_dir,
                                         .source = &d->source,
                                         .captures = d->captures,
                                         .triggers = d->triggers,
                                         .capture_bytes = (uint64_t)d->cfg.limits.capture_bytes,
                                         .capture_dir = d->cfg.paths.capture_dir,
                                         .begun = g20_captured_begun,
                                         .done = g20_daemon_capture_done,
                                         .news = news,
                                         .user = d};

    return g20_missions_create(&d->missions, &cfg, e);
}

void g20_daemon_stop_missions(void *user)
{
    struct g20_daemon *d = user;

    g20_missions_destroy(d->missions);
    d->missions = NULL;
}

int g20_daemon_start_schedule(void *user, struct g20_err *e)
{
    return g20_missions_start(((struct g20_daemon *)user)->missions, e);
}

void g20_daemon_stop_schedule(void *user)
{
    g20_missions_stop(((struct g20_daemon *)user)->missions);
}

static void changed(void *user)
{
    g20_missions_changed(((struct g20_daemon *)user)->missions);
}

static int enable(const char *id, bool enabled, struct g20_err *e, void *user)
{
    return g20_missions_enable(((struct g20_daemon *)user)->missions, id, enabled, e);
}

static void fill(json_t *record, void *user)
{
    g20_missions_fill(((struct g20_daemon *)user)->missions, record);
}

void g20_daemon_serve_missions(struct g20_daemon *d, struct g20_server_cfg *ret)
{
    ret->missions.changed = changed;
    ret->missions.enable = enable;
    ret->missions.fill = fill;
    ret->missions.user = d;
}

static int read_plan(const json_t *p, struct g20_mission_plan *ret, struct g20_err *e)
{
    if (json_is_string(p))
        return g20_mission_plan_parse(ret, json_string_value(p), json_string_length(p), e);
    if (!json_is_object(p))
        return g20_fail(e, -1, "plan required: an object, or its text; or the id of a stored one");
    return g20_mission_plan_read(ret, p, e);
}

json_t *g20_daemon_mission_start(struct g20_daemon *d, const json_t *request)
{
    const json_t *id = json_object_get(request, "id");
    struct g20_mission_plan plan = {0};
    struct g20_err e = {0};

    if (id && !json_is_string(id))
        return g20_control_error("id: want a text");
    if (id && g20_missions_enable(d->missions, json_string_value(id), true, &e) < 0)
        return g20_control_error("%s", e.msg);
    if (id)
        return json_pack("{s:b, s:s}", "ok", 1, "id", json_string_value(id));
    if (read_plan(json_object_get(request, "plan"), &plan, &e) < 0 ||
        g20_missions_run(d->missions, &plan, &e) < 0)
        return g20_control_error("%s", e.msg);
    return json_pack("{s:b, s:s}", "ok", 1, "name", plan.name);
}

json_t *g20_daemon_mission_stop(struct g20_daemon *d, const json_t *request)
{
    char id[72];
    struct g20_err e = {0};

    (void)request;
    if (!g20_missions_current(d->missions, id))
        return g20_control_error("no mission runs");
    const int r = id[0] ? g20_missions_enable(d->missions, id, false, &e)
                        : g20_missions_run(d->missions, NULL, &e);
    return r < 0 ? g20_control_error("%s", e.msg) : json_pack("{s:b}", "ok", 1);
}

json_t *g20_daemon_mission_status(struct g20_daemon *d, const json_t *request)
{
    json_t *o = g20_missions_status(d->missions);

    (void)request;
    if (o)
        json_object_set_new(o, "ok", json_true());
    return o;
}
