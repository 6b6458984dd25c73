/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* server: HTTP and WebSocket on one port, one thread.
 *
 * The server only reads from the hub and asks the control: a client can slow down nothing but its
 * own queue. All limits are in the configuration below. Nothing here trusts a client: messages,
 * headers, connections, idle time and queues are bounded. */
#ifndef G20_SERVER_SERVER_H
#define G20_SERVER_SERVER_H

#include "base/text.h"
#include "capture/capture.h"
#include "capture/trigger.h"
#include "engine/control.h"
#include "engine/hub.h"
#include "server/view.h"
#include "store/store.h"

#include <jansson.h>

struct g20_server;
struct g20_tokens;
struct g20_log_ring;

struct g20_server_cfg {
    const char *bind;            /* address; borrowed for the call, as are all strings here */
    int port;                    /* 0: any free one */
    const char *web_dir;         /* NULL or missing: "/" answers 503 and says how to build it */
    const char *allowed_origins; /* besides the server's own, see g20_route_origin_ok() */
    struct g20_tokens *tokens;   /* who may do what; NULL: everybody everything. Not copied */
    const char *tls_cert;        /* files that g20_tls_load() took; NULL: no TLS */
    const char *tls_key;
    float dynamic_range_db;     /* of the automatic level range */
    struct g20_view_cfg view;   /* what a new client gets */
    uint32_t max_clients;       /* WebSocket clients; one more is closed with 1013 */
    uint32_t max_connections;   /* TCP connections of any kind; one more is closed at once */
    uint32_t max_message_bytes; /* a longer message from a client closes with 1009 */
    /* The same on /ws/training, where samples come in; at least the former. */
    uint32_t max_training_bytes;
    uint64_t history_bytes; /* of waterfall kept for scrolling back; 0: none */
    uint32_t rows_queued;   /* waterfall rows waiting for one client */
    uint32_t events_queued; /* text events and DT01 waiting for one client */
    uint32_t ping_s;        /* a silent client is pinged after this long, and closed after
                               twice as long without an answer */
    uint32_t request_s;     /* time to send a request's headers, and to read a reply */
    /* Bodies of GET /api/capabilities and /api/config, called on the server thread; the caller
     * owns the result. NULL: the path is 404. */
    json_t *(*capabilities)(void *user);
    json_t *(*config)(void *user);
    json_t *(*models)(void *user);  /* GET /api/models */
    json_t *(*devices)(void *user); /* GET /api/devices */
    /* More of /metrics (metrics.h), any thread; NULL: there is none. */
    void (*metrics)(struct g20_text *text, void *user);
    void *api_user;
    struct g20_log_ring *logs;     /* GET /api/logs; borrowed, NULL: 404 */
    struct g20_tap *tap;           /* where /ws/iq takes samples from; NULL: nowhere */
    uint32_t iq_clients;           /* of /ws/iq at a time; one more is closed with 1013 */
    struct g20_captures *captures; /* for metrics; NULL: none */
    struct g20_ring *ring;         /* for status, metrics and GET /api/ring; NULL: none */
    const char *capture_dir;       /* where the files of captures are; NULL: none are handed out */
    /* POST /api/captures, on the API's worker: begins one, whose id in the store goes to @ret_id.
     * Errors as g20_captures_start(). NULL: answered 501. */
    int (*capture)(const json_t *request, char *ret_id, size_t size, struct g20_err *e, void *user);
    struct g20_triggers *triggers; /* for metrics; NULL: none */
    /* GET (@request NULL) and POST /api/triggers, on the API's worker; *ret is the caller's. NULL:
     * answered 501. */
    int (*ask_triggers)(const json_t *request, json_t **ret, struct g20_err *e, void *user);
    /* The commands of /ws/training, all from one thread of the server's own, one after the other,
     * so they may take their time. @command is one that protocol.md names; the caller owns the
     * reply, which needs a "type" and gets the request's "id". NULL: answered not_implemented. */
    json_t *(*training)(const char *command, const json_t *request, void *user);
    void *training_user;
    struct g20_store *store; /* borrowed, outlives the server; NULL: nothing is stored */
    /* The plans of the store as they are carried out, on the API's thread; NULL: nobody does. */
    struct {
        void (*changed)(void *user); /* records were made, changed or deleted */
        /* POST /api/missions/{id}/start and stop. -ENOENT, -EBUSY; -EINVAL: it cannot run. */
        int (*enable)(const char *id, bool enabled, struct g20_err *e, void *user);
        void (*fill)(json_t *record, void *user); /* what it does now goes into it */
        void *user;
    } missions;
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

enum g20_news_kind {                    /* who hears it */
                     G20_NEWS_TRAINING, /* clients of /ws/training: progress, training_done, ... */
                     G20_NEWS_MISSIONS, /* clients of /ws/pipeline: mission */
                     G20_NEWS
};
/* Sends @news to every client of its kind; from any thread, returns at once and takes over the
 * reference (NULL: nothing). */
void g20_server_news(struct g20_server *s, enum g20_news_kind kind, json_t *news);

/* From any thread, returns at once: /health says 503, new clients are refused, present ones are
 * closed with 1001. */
void g20_server_drain(struct g20_server *s);

/* Drains, waits for the clients to go (at most @timeout_ms) and ends the thread. */
void g20_server_stop(struct g20_server *s, int timeout_ms);
void g20_server_destroy(struct g20_server *s); /* stops first; NULL is fine */

struct g20_server_stats {
    uint32_t clients, connections;
    uint64_t clients_total, refused, rows_sent, rows_dropped;
    uint64_t unauthorized; /* requests without a token that allows them */
    uint64_t beat_ns;      /* g20_clock_mono_ns() of its thread's last sign of life: one a second */
};
void g20_server_stats(struct g20_server *s, struct g20_server_stats *ret); /* any thread */

/* What /health says in one word; any thread. */
bool g20_server_healthy(struct g20_server *s);

/* What the command "status" of a client answers, without a client; any thread, the caller owns it.
 */
json_t *g20_server_status(struct g20_server *s);

#endif
