/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* daemon: what g20 serve is made of. The list of its parts, in the order of their start, is at the
 * end of daemon.c. All functions are for the main thread, unless noted. */
#ifndef G20_APP_DAEMON_H
#define G20_APP_DAEMON_H

#include "app/app.h"
#include "app/missions.h"
#include "app/notify.h"
#include "base/lifecycle.h"
#include "capture/capture.h"
#include "capture/trigger.h"
#include "config/tls.h"
#include "config/tokens.h"
#include "engine/live.h"
#include "rpc/rpc.h"
#include "server/server.h"
#include "store/store.h"
#include "teach/service.h"

#include <pthread.h>

struct g20_daemon {
    pthread_mutex_t lock;        /* of cfg and rpc once the server runs: it reads them */
    pthread_mutex_t reload_lock; /* one reload at a time */
    struct g20_config cfg;
    struct g20_cli_reload from; /* where cfg came from */
    struct g20_notify notify;
    struct g20_log_ring *log_lines; /* what GET /api/logs shows */
    int parent_fd;                  /* -1: no process is watched */
    struct g20_hub *hub;
    struct g20_store *store;
    struct g20_keeper *keeper; /* hands emissions to the store (daemon_store.c) */
    struct g20_live *live;
    struct g20_devices *devices;
    struct g20_memory *memory;  /* of what the second look saw */
    struct g20_heads *heads;    /* NULL: there is no trunk */
    json_t *inference;          /* as app/inference.h makes it */
    struct g20_control control; /* of live */
    struct g20_source_cfg source;
    struct g20_tap *tap;
    struct g20_ring *ring; /* NULL: storage.ring_bytes is 0 */
    struct g20_captures *captures;
    struct g20_triggers *triggers;
    struct g20_missions *missions;
    struct g20_tokens *tokens; /* NULL: nobody has to show one */
    struct g20_tls tls;        /* cert NULL: no TLS */
    struct g20_teach *teach;   /* NULL: it cannot be, its folder cannot be written */
    struct g20_server *server;
    struct g20_rpc *rpc; /* NULL: server.grpc_port is 0 */
    struct g20_control_socket *control_socket;
};

/* The parts in the order of their start; user: struct g20_daemon *, zeroed, cfg and from filled. */
const struct g20_part *g20_daemon_parts(size_t *ret_count);

/* The part "pipeline" (daemon_pipeline.c). */
G20_MUST_USE int g20_daemon_start_pipeline(void *user, struct g20_err *e);
void g20_daemon_stop_pipeline(void *user);

/* The source that the settings name. With nothing configured the synthetic scene plays: a machine
 * without a radio shows something. */
void g20_daemon_source(const struct g20_config *cfg, struct g20_source_cfg *ret);

/* The part "server" (daemon_server.c). */
G20_MUST_USE int g20_daemon_start_server(void *user, struct g20_err *e);
void g20_daemon_stop_server(void *user);

/* What a client sees before it asks for anything else: fps and colormap; the rest of @view stays.
 */
void g20_daemon_view(const struct g20_config *cfg, struct g20_view_cfg *view);

/* Load the settings again, apply what may change while running and log every difference. A fault
 * is logged and changes nothing. Any thread. @ret (NULL: not wanted) gets what came of it, owned by
 * the caller: {"ok": true, "changed": [KEY, ..], "restart": [KEY, ..]} or {"error": ..}. */
void g20_daemon_reload(struct g20_daemon *d, json_t **ret);

/* The database and the thread that hands it emissions (daemon_store.c). */
int g20_daemon_start_store(void *user, struct g20_err *e);
void g20_daemon_stop_store(void *user);

/* What command @command of the control socket does; its thread. */
json_t *g20_daemon_obey(const char *command, const json_t *request, void *user);

/* daemon_capture.c: parts of the daemon, and the commands of the control socket. */
int g20_daemon_start_captures(void *user, struct g20_err *e);
void g20_daemon_stop_captures(void *user);
void g20_daemon_capture_done(const struct g20_capture_info *i, void *user); /* stored, logged */
json_t *g20_daemon_capture_start(struct g20_daemon *d, const json_t *request);
json_t *g20_daemon_capture_stop(struct g20_daemon *d, const json_t *request);
json_t *g20_daemon_capture_list(struct g20_daemon *d, const json_t *request);
/* triggers.c: captures that emissions start. A mission's rules: g20_triggers_set(d->triggers, its
 * id, ...). */
int g20_daemon_start_triggers(void *user, struct g20_err *e);
void g20_daemon_stop_triggers(void *user);
/* /api/triggers; @request NULL: only asked. */
G20_MUST_USE int g20_daemon_triggers(const json_t *request, json_t **ret, struct g20_err *e,
                                     void *user);

/* POST /api/captures: what was recorded at a time, cut to a band. */
G20_MUST_USE int g20_daemon_capture_box(const json_t *request, char *ret_id, size_t size,
                                        struct g20_err *e, void *user);

/* daemon_missions.c: likewise; the schedule is their thread. */
G20_MUST_USE int g20_daemon_start_missions(void *user, struct g20_err *e);
void g20_daemon_stop_missions(void *user);
G20_MUST_USE int g20_daemon_start_schedule(void *user, struct g20_err *e);
void g20_daemon_stop_schedule(void *user);
void g20_daemon_serve_missions(struct g20_daemon *d, struct g20_server_cfg *ret);
json_t *g20_daemon_mission_start(struct g20_daemon *d, const json_t *request);
json_t *g20_daemon_mission_stop(struct g20_daemon *d, const json_t *request);
json_t *g20_daemon_mission_status(struct g20_daemon *d, const json_t *request);

/* daemon_teach.c. */
G20_MUST_USE int g20_daemon_start_teach(void *user, struct g20_err *e);
void g20_daemon_stop_teach(void *user);

/* The part "gRPC" (daemon_rpc.c). */
G20_MUST_USE int g20_daemon_start_rpc(void *user, struct g20_err *e);
void g20_daemon_stop_rpc(void *user);

/* What the server's own metrics do not know: gRPC, trainings (metrics.c). Any thread. */
void g20_daemon_metrics(struct g20_text *text, void *user);

/* Tell the service manager the state, and that we are alive when server and pipeline are. */
void g20_daemon_report(struct g20_daemon *d);

#endif
