/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* ask: a question of a command to the daemon that runs on this machine. */
#ifndef G20_APP_ASK_H
#define G20_APP_ASK_H

#include "config/config.h"

#include <jansson.h>

/* As g20_control_ask() on the control socket @socket; NULL: that of the settings and, where these
 * name none and none is at its place, that of the service (deploy/). */
G20_MUST_USE int g20_ask_daemon(const struct g20_config *cfg, const char *socket, const char *line,
                                int timeout_ms, json_t **ret, struct g20_err *e);

#endif
