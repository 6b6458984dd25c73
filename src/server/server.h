/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* server: HTTP and WebSocket on one port, one thread.
 *
 * The server only reads from the hub and asks the control: a client can slow down nothing but its
 * own queue. All limits are in the configuration below. Nothing here trusts a client: messages,
 * headers, connections, idle time and queues are bounded. */
#ifndef G20_SERVER_SERVER_H
#define G20_SERVER_SERVER_H

#include "engine/control.h"
#include "engine/hub.h"
#include "server/view.h"

#include <jansson.h>

struct g20_server;

struct g20_server_cfg {
    const char *bind;            /* address; borrowed for the call, as are all strings here */
    int port;                    /* 0: any free one */
    const char *web_dir;         /* NULL or missing: "/" answers 503 and says how to build it */
    const char *allowed_origins; /* besides the server's own, see g20_route_origin_ok() */
    float dynamic_range_db;      /* of the automatic level range */
    struct g20_view_cfg view;    /* what a new client gets */
    uint32_t max_clients;        /* WebSocket clients; one more is closed with 1013 */
    uint32_t max_connections;    /* TCP connections of any kind; one more is closed at once */
    uint32_t max_message_bytes;  /* a longer message from a client closes with 1009 */
    uint32_t rows_queued;        /* waterfall rows waiting for one client */
    uint32_t events_queued;      /* text events and DT01 waiting for one client */
    uint32_t ping_s;             /* a silent client is pinged after this long, and closed after
                                    twice as long without an answer */
    uint32_t request_s;          /* time to send a request's headers, and to read a reply */
    /* Bodies of GET /api/capabilities and /api/config, called on the server thread; the caller
     * owns the result. NULL: the path is 404. */
    json_t *(*capabilities)(void *user);
    json_t *(*config)(void *user);
    json_t *(*models)(void *user); /* GET /api/models */
    void *api_user;
};

void g20_server_cfg_default(struct g20_server_cfg *cfg);

/* Binds the port and takes all memory; @hub and @control are borrowed and must outlive it. */
G20_MUST_USE int g20_server_create(struct g20_server **ret, const struct g20_server_cfg *cfg,
                                   struct g20_hub *hub, const struct g20_control *control,
                                   struct g20_err *e);
int g20_server_port(const struct g20_server *s); /* the real one when 0 was asked for */
G20_MUST_USE int g20_server_start(struct g20_server *s, struct g20_err *e);

/* What changes while running, from any thread: @view is what clients that connect from now on get
 * (present ones keep theirs), @dynamic_range_db counts for all. */
void g20_server_set_view(struct g20_server *s, const struct g20_view_cfg *view,
                         float dynamic_range_db);

/* From any thread, returns at once: /health says 503, new clients are refused, present ones are
 * closed with 1001. */
void g20_server_drain(struct g20_server *s);

/* Drains, waits for the clients to go (at most @timeout_ms) and ends the thread. */
void g20_server_stop(struct g20_server *s, int timeout_ms);
void g20_server_destroy(struct g20_server *s); /* stops first; NULL is fine */

struct g20_server_stats {
    uint32_t clients, connections;
    uint64_t clients_total, refused, rows_sent, rows_dropped;
    uint64_t beat_ns; /* g20_clock_mono_ns() of its thread's last sign of life: one a second */
};
void g20_server_stats(struct g20_server *s, struct g20_server_stats *ret); /* any thread */

/* What the command "status" of a client answers, without a client; any thread, the caller owns it.
 */
json_t *g20_server_status(struct g20_server *s);

#endif
