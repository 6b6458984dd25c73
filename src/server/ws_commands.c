/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/ws_commands.h"

#include "server/command.h"

#include <errno.h>

static json_t *with_id(json_t *o, json_t *id)
{
    if (o && id)
        json_object_set(o, "id", id);
    return o;
}

static json_t *set_view(struct g20_ws_client *c, const struct g20_command *cmd)
{
    if (g20_view_set(c->view, &cmd->view) < 0)
        return g20_status_error("out_of_memory", "the view was not changed", NULL);
    return json_pack("{s:s, s:o}", "type", "view", "view", g20_status_view(&cmd->view));
}

static json_t *tune(struct g20_server *s, const struct g20_command *cmd)
{
    struct g20_err e = {0};
    double actual_hz = 0;

    const int r = s->control.tune(cmd->center_freq_hz, &actual_hz, &e, s->control.user);
    if (r < 0) {
        const char *code = r == -EOPNOTSUPP               ? "not_supported"
                           : r == -ERANGE || r == -EINVAL ? "out_of_range"
                           : r == -ENODEV                 ? "unavailable"
                                                          : "tune_failed";
        return g20_status_error(code, e.msg[0] ? e.msg : g20_strerror(r), NULL);
    }
    return json_pack("{s:s, s:i, s:f}", "type", "tuned", "channel_id", 0, "center_freq_hz",
                     actual_hz);
}

static json_t *set_paused(struct g20_ws_client *c, bool paused)
{
    c->paused = paused;
    g20_view_clear(c->view);
    return json_pack("{s:s}", "type", paused ? "paused" : "resumed");
}

static json_t *carry_out(struct g20_server *s, struct g20_ws_client *c,
                         const struct g20_command *cmd)
{
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
        break; /* the parser refuses it */
    }
    return g20_status_error("not_implemented", "not implemented yet", NULL);
}

void g20_ws_command(struct g20_server *s, struct g20_ws_client *c, const char *text, size_t len,
                    bool is_binary)
{
    struct g20_command_error err;
    struct g20_command cmd;

    if (is_binary) {
        g20_ws_reply(c, g20_status_error("invalid_message", "want a text message", NULL));
        return;
    }
    const int r = g20_command_parse(text, len, g20_view_get(c->view), &cmd, &err);
    const bool is_json = r == 0 || strcmp(err.code, "invalid_json") != 0;
    if (c->route == G20_WS_LATER && is_json) {
        json_t *id = r == 0 ? cmd.id : err.id;
        g20_ws_reply(c, g20_status_error("not_implemented",
                                         "not implemented yet: this path has no commands", id));
    } else if (r < 0) {
        g20_ws_reply(c, g20_status_error(err.code, err.message, err.id));
    } else {
        g20_ws_reply(c, with_id(carry_out(s, c, &cmd), cmd.id));
    }
    if (r == 0)
        g20_command_fini(&cmd);
    else
        g20_command_error_fini(&err);
}
