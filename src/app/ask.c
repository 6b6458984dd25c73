/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/ask.h"

#include "server/control_socket.h"

#include <errno.h>

/* Of a daemon that systemd started: RuntimeDirectory=g20 of deploy/g20.service.in. */
#define SERVICE_SOCKET "/run/g20/g20.sock"

static bool is_default(const struct g20_config *cfg, const char *key)
{
    size_t count;

    return cfg->origin[g20_config_find(key) - g20_config_options(&count)].kind == G20_FROM_DEFAULT;
}

int g20_ask_daemon(const struct g20_config *cfg, const char *socket, const char *line,
                   int timeout_ms, json_t **ret, struct g20_err *e)
{
    struct g20_err own = {0};
    int r =
        g20_control_ask(socket ? socket : cfg->server.control_socket, line, timeout_ms, ret, &own);

    if (r == -ENOENT && !socket && is_default(cfg, "server.control_socket") &&
        is_default(cfg, "paths.runtime_dir")) {
        r = g20_control_ask(SERVICE_SOCKET, line, timeout_ms, ret, e);
        if (r != -ENOENT)
            return r;
        return g20_fail(e, r, "%.240s Nor is there a service's, %s", own.msg, SERVICE_SOCKET);
    }
    return r < 0 ? g20_fail(e, r, "%s", own.msg) : r;
}
