/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* daemon: what g20 serve is made of. The list of its parts, in the order of their start, is at the
 * end of daemon.c. All functions are for the main thread. */
#ifndef G20_APP_DAEMON_H
#define G20_APP_DAEMON_H

#include "app/app.h"
#include "app/notify.h"
#include "base/lifecycle.h"
#include "engine/live.h"
#include "server/server.h"

#include <pthread.h>

struct g20_daemon {
    pthread_mutex_t lock; /* of cfg once the server runs: /api/config reads it */
    struct g20_config cfg;
    struct g20_cli_reload from; /* where cfg came from */
    struct g20_notify notify;
    int parent_fd; /* -1: no process is watched */
    struct g20_hub *hub;
    struct g20_live *live;
    struct g20_heads *heads;    /* NULL: there is no trunk */
    struct g20_control control; /* of live */
    struct g20_server *server;
    struct g20_control_socket *control_socket;
};

/* The parts in the order of their start; user: struct g20_daemon *, zeroed, cfg and from filled. */
const struct g20_part *g20_daemon_parts(size_t *ret_count);

/* What a client sees before it asks for anything else: fps and colormap; the rest of @view stays.
 */
void g20_daemon_view(const struct g20_config *cfg, struct g20_view_cfg *view);

/* Load the settings again, apply what may change while running and log every difference. A fault
 * is logged and changes nothing. */
void g20_daemon_reload(struct g20_daemon *d);

/* What command @command of the control socket does; its thread. */
json_t *g20_daemon_obey(const char *command, const json_t *request, void *user);

/* Tell the service manager the state, and that we are alive when server and pipeline are. */
void g20_daemon_report(struct g20_daemon *d);

#endif
