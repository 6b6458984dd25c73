/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* What the files of the server share; nothing outside src/server includes this. Everything here
 * belongs to the server thread except where noted. */
#ifndef G20_SERVER_INTERNAL_H
#define G20_SERVER_INTERNAL_H

#include "base/thread.h"
#include "server/outbox.h"
#include "server/route.h"
#include "server/server.h"
#include "server/static.h"

#include <libwebsockets.h>

struct g20_server {
    struct g20_server_cfg cfg;
    char *bind, *web_dir, *allowed_origins; /* cfg's strings, owned */
    bool is_loopback;
    struct g20_hub *hub;
    struct g20_control control;
    struct g20_static *files; /* NULL: the web UI is not built */
    struct lws_context *lws;
    struct lws_vhost *vhost;
    int port;
    struct g20_thread thread;
    struct g20_hub_sub *sub;
    struct g20_view_cache *cache;
    struct g20_view_range range;
    struct g20_ws_client *clients; /* list */
    lws_sorted_usec_list_t tick, pace;
    uint64_t pace_until_ns; /* no row is handed on before */
    lws_retry_bo_t idle;    /* lws keeps a pointer to it */
    uint64_t start_ns;

    /* What the stream is like now: set by rows, told to clients when it changes. */
    struct stream_facts {
        bool known;
        double center_hz, rate_hz;
        uint32_t nfft;
        float row_period_s, noise_floor_db;
    } stream;
    struct health_facts { /* of the last tick, to notice changes and stand-still */
        int run;
        bool ok;
        uint64_t samples_in, samples_ns;
        double center_hz;
    } seen;

    /* Shared with other threads. */
    pthread_mutex_t lock; /* of @next, and of @seen above */
    struct {
        bool changed; /* the server thread takes the rest over */
        struct g20_view_cfg view;
        float dynamic_range_db;
    } next;
    atomic_uint_fast64_t beat_ns;
    atomic_bool draining, stopping;
    atomic_uint nclients, nconnections;
    atomic_uint_fast64_t clients_total, refused, rows_sent, rows_dropped;
};

/* One WebSocket connection (ws.c). */
struct g20_ws_client {
    struct g20_ws_client *next, **link;
    struct lws *wsi;
    enum g20_ws_route route;
    struct g20_view *view;
    struct g20_outbox replies, events;
    char *rx; /* (cfg.max_message_bytes) message being received; NULL between */
    size_t rx_len;
    bool paused, row_next, held; /* held: not reading, too many replies wait */
    int close_code;              /* 0: stays open */
    char close_reason[124];
};

/* One HTTP reply on its way (http.c). */
struct g20_http_reply {
    const uint8_t *body; /* @owned, or a static file's */
    char *owned;
    size_t len, sent;
    bool close;
};

/* Memory of libwebsockets for each connection; zeroed by it. */
struct g20_session {
    struct g20_ws_client *client;
    struct g20_http_reply *reply;
};

int g20_http_callback(struct g20_server *s, struct lws *wsi, enum lws_callback_reasons reason,
                      struct g20_session *session, void *in, size_t len);
int g20_ws_callback(struct g20_server *s, struct lws *wsi, enum lws_callback_reasons reason,
                    struct g20_session *session, void *in, size_t len);
void g20_ws_drain_hub(struct g20_server *s);
void g20_ws_close_all(struct g20_server *s, int code, const char *reason);
void g20_ws_broadcast_status(struct g20_server *s);

/* health.c */
struct g20_health {
    bool ok, source_ok, pipeline_ok, model_ok;
    char source[400], pipeline[400], model[400]; /* what is wrong; "ok" otherwise */
};
void g20_health_get(struct g20_server *s, const struct g20_control_state *st,
                    struct g20_health *ret);
json_t *g20_health_json(struct g20_server *s);
/* Called once a second: notes progress; true when clients should be told of a change. */
bool g20_health_tick(struct g20_server *s);

/* status.c: the texts that clients get; NULL when out of memory. */
json_t *g20_status_json(struct g20_server *s, const struct g20_ws_client *c, const char *type);
json_t *g20_status_string(const char *text); /* @text, with what is no UTF-8 replaced */
json_t *g20_status_view(const struct g20_view_cfg *v);
json_t *g20_status_error(const char *code, const char *message, json_t *id);
struct g20_msg *g20_status_event(const struct g20_hub_event *ev);
struct g20_msg *g20_status_tile(const struct g20_hub_tile *t);
struct g20_msg *g20_status_text(json_t *o); /* takes over @o; NULL in, NULL out */

#endif
