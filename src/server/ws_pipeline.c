/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* /ws/pipeline: waterfall rows, boxes, emissions, and the commands that steer them. */
#include "server/command.h"
#include "server/internal.h"

#include <errno.h>
#include <math.h>

static json_t *set_view(struct g20_ws_client *c, const struct g20_command *cmd)
{
    if (g20_view_set(c->view, &cmd->view) < 0)
        return g20_status_error("out_of_memory", "the view was not changed", NULL);
    return json_pack("{s:s, s:o}", "type", "view", "view", g20_status_view(&cmd->view));
}

static json_t *tune(struct g20_server *s, const struct g20_command *cmd)
{
    struct g20_err e = {0};
    struct g20_tune actual;

    const int r = s->control.tune(&cmd->tune, &actual, &e, s->control.user);
    if (r < 0) {
        const char *code = r == -EOPNOTSUPP                                 ? "not_supported"
                           : r == -ERANGE || r == -EINVAL                   ? "out_of_range"
                           : r == -ENODEV || r == -ETIMEDOUT || r == -EBUSY ? "unavailable"
                                                                            : "tune_failed";
        return g20_status_error(code, e.msg[0] ? e.msg : g20_strerror(r), NULL);
    }
    json_t *o = json_pack("{s:s, s:i}", "type", "tuned", "channel_id", (int)actual.channel);
    json_object_set_new(o, "center_freq_hz", json_real(actual.center_hz));
    if (!isnan(actual.bandwidth_hz))
        json_object_set_new(o, "bandwidth_hz", json_real(actual.bandwidth_hz));
    if (!isnan(actual.gain_db))
        json_object_set_new(o, "gain_db", json_real(actual.gain_db));
    return o;
}

static json_t *set_paused(struct g20_ws_client *c, bool paused)
{
    c->paused = paused;
    g20_view_clear(c->view);
    return json_pack("{s:s}", "type", paused ? "paused" : "resumed");
}

static json_t *carry_out(struct g20_server *s, struct g20_ws_client *c,
                         const struct g20_command *cmd, json_t *id)
{
    if (cmd->kind == G20_COMMAND_TUNE && c->role < G20_ROLE_CONTROL)
        return g20_status_error("forbidden", "tune: this token may only read", NULL);
    switch (cmd->kind) {
    case G20_COMMAND_STATUS:
        return g20_status_json(s, c, "status");
    case G20_COMMAND_SET_VIEW:
        return set_view(c, cmd);
    case G20_COMMAND_TUNE:
        return tune(s, cmd);
    case G20_COMMAND_PAUSE:
        return set_paused(c, true);
    case G20_COMMAND_RESUME:
        return set_paused(c, false);
    case G20_COMMAND_HISTORY:
        return g20_ws_history_begin(s, c, cmd->from_us, cmd->to_us, cmd->rows, id);
    }
    return g20_status_error("not_implemented", "not implemented yet", NULL);
}

static json_t *on_command(struct g20_server *s, struct g20_ws_client *c, struct g20_request *r)
{
    struct g20_command_error err = {0};
    struct g20_command cmd;

    if (g20_command_read(r, g20_view_get(c->view), &cmd, &err) < 0)
        return g20_status_error(err.code, err.message, NULL);
    return carry_out(s, c, &cmd, r->id);
}

static int on_established(struct g20_server *s, struct g20_ws_client *c, const struct g20_query *q,
                          struct g20_err *e)
{
    (void)q; /* no parameters: set_view says what the client wants */
    const int r = g20_view_create(&c->view, &s->cfg.view, LWS_PRE, s->cfg.rows_queued);
    if (r < 0)
        return g20_fail(e, r, "out of memory");
    c->wants = G20_WANTS_ROWS | G20_WANTS_DT01 | G20_WANTS_EMISSIONS | G20_WANTS_STATUS |
               G20_WANTS_MISSIONS;
    g20_ws_reply(c, g20_status_json(s, c, "hello"));
    return 0;
}

const struct g20_ws_ops g20_ws_pipeline = {.established = on_established, .command = on_command};
