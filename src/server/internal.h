/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* What the files of the server share; nothing outside src/server includes this. Everything here
 * belongs to the server thread except where noted. */
#ifndef G20_SERVER_INTERNAL_H
#define G20_SERVER_INTERNAL_H

#include "base/thread.h"
#include "config/tokens.h"
#include "server/feed.h"
#include "server/loss.h"
#include "server/outbox.h"
#include "server/query.h"
#include "server/request.h"
#include "server/route.h"
#include "server/server.h"
#include "server/static.h"

#include <libwebsockets.h>

struct g20_api;

struct g20_server {
    struct g20_server_cfg cfg;
    char *bind, *web_dir, *allowed_origins, *tls_cert, *tls_key,
        *capture_dir; /* cfg's strings, owned */
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
    struct g20_api *api; /* NULL: nothing is stored */
    struct g20_view_range range;
    struct g20_ws_client *clients; /* list */
    lws_sorted_usec_list_t tick, pace;
    uint64_t pace_until_ns; /* no row is handed on before */
    lws_retry_bo_t idle;    /* lws keeps a pointer to it */
    size_t rx_bytes;        /* messages being received, all clients together */
    struct g20_training *training;
    struct g20_news *news;
    struct g20_wf_history *history; /* NULL: none is kept */
    struct g20_video *video;
    struct g20_mjpeg *viewers; /* list: who watches /video.mjpeg */
    uint64_t start_ns;
    uint64_t refusal_logged_ns; /* 0: never */

    /* What the stream is like now: set by rows, told to clients when it changes. */
    struct stream_facts {
        bool known;
        double center_hz, rate_hz;
        uint32_t nfft;
        float row_period_s, noise_floor_db;
    } stream;
    struct health_facts { /* of the last tick, to notice changes and stand-still */
        int run;
        bool ok, losing;
        uint64_t samples_in, samples_ns;
        double center_hz;
        struct g20_loss loss;
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
    atomic_uint nclients, nconnections, iq_clients;
    atomic_uint_fast64_t iq_frames, iq_dropped; /* made; lost by clients that were slow */
    atomic_uint_fast64_t clients_total, refused, rows_sent, rows_dropped, unauthorized;
};

struct g20_ws_client;

/* What serves one WebSocket path; ws.c has the table. Called on the server's thread; must be quick.
 * Messages get to the client by g20_ws_reply(), its outbox of events or, from a worker's thread,
 * its feed. */
struct g20_ws_ops {
    /* A client came. The route's flags go to c->wants, its own memory to c->own and c->feed. On
     * failure it is closed: -EINVAL with 1008, -EBUSY with 1013 and the reason in @e. May be NULL.
     */
    int (*established)(struct g20_server *s, struct g20_ws_client *c, const struct g20_query *q,
                       struct g20_err *e);
    /* A request but "status", which all paths answer alike; the reply, which gets the request's id.
     * NULL: is answered later. */
    /* May take over @r->json: it and @r->id are NULL then. */
    json_t *(*command)(struct g20_server *s, struct g20_ws_client *c, struct g20_request *r);
    /* The client goes: frees c->own; c->feed is closed and given back by the caller. Also after a
     * failed established(). May be NULL. */
    void (*closed)(struct g20_server *s, struct g20_ws_client *c);
    bool big; /* takes messages up to max_training_bytes */
};

enum g20_ws_wants {                           /* of a client, from the hub */
                    G20_WANTS_ROWS = 1,       /* into its view */
                    G20_WANTS_DT01 = 2,       /* the boxes of each tile as DT01 */
                    G20_WANTS_BOXES_JSON = 4, /* or as JSON */
                    G20_WANTS_EMISSIONS = 8,
                    G20_WANTS_STATUS = 16,   /* whenever it changes */
                    G20_WANTS_TRAINING = 32, /* news of lessons */
                    G20_WANTS_MISSIONS = 64, /* and of missions */
};

/* One WebSocket connection (ws.c). */
struct g20_ws_client {
    struct g20_ws_client *next, **link;
    struct lws *wsi;
    const struct g20_ws_ops *ops; /* NULL: unknown path, being closed */
    enum g20_role role;           /* READ: commands that change something are refused */
    uint32_t wants;               /* enum g20_ws_wants */
    struct g20_view *view;        /* NULL: no waterfall on this path */
    struct g20_outbox replies, events;
    struct g20_feed *feed;          /* NULL: no worker sends to it */
    struct g20_ws_history *history; /* being sent; NULL */
    void *own;                      /* the route's */
    uint32_t asked;                 /* requests that a worker has not answered yet */
    char *rx;                       /* (rx_cap) message being received; NULL between */
    size_t rx_len, rx_cap;
    bool paused, data_next, held; /* held: not reading, too many replies wait */
    int close_code;               /* 0: stays open */
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
    struct g20_mjpeg *mjpeg;
    struct g20_api_job *job; /* of api.c */
};

/* loop.c: the event loop. With create() the server listens; nothing is served before its thread,
 * main(), runs. */
G20_MUST_USE int g20_loop_create(struct g20_server *s, struct g20_err *e);
void g20_loop_begin(struct g20_server *s);   /* once all is there: its ticks */
void *g20_loop_main(void *server);           /* until .stopping */
void g20_loop_destroy(struct g20_server *s); /* one that was not created is fine */
void g20_server_wake(void *server);          /* any thread: makes the server's thread look around */

int g20_http_callback(struct g20_server *s, struct lws *wsi, enum lws_callback_reasons reason,
                      struct g20_session *session, void *in, size_t len);
/* The head of an answer whose body the caller sends. */
struct g20_http_head {
    unsigned status;
    const char *type, *allow; /* NULL: none */
    const char *file_name;    /* NULL, or what a browser shall save it as: plain ASCII */
    int64_t len;              /* < 0: not known yet */
    bool chunked, close, no_body;
};
int g20_http_begin(struct lws *wsi, const struct g20_http_head *head);

/* api.c: what the store knows; the server thread. */
int g20_api_create(struct g20_api **ret, struct g20_server *s, struct g20_err *e);
void g20_api_destroy(struct g20_api *a); /* before the event loop; NULL is fine */
void g20_api_drain(struct g20_api *a);   /* after a wake-up; NULL is fine */
bool g20_api_owns(const char *path);
int g20_api_request(struct g20_server *s, struct lws *wsi, struct g20_session *session,
                    const char *path);
int g20_api_body(struct g20_session *session, const void *in, size_t len);
int g20_api_body_done(struct g20_server *s, struct lws *wsi, struct g20_session *session);
int g20_api_writable(struct g20_server *s, struct lws *wsi, struct g20_session *session);
void g20_api_gone(struct g20_session *session); /* the connection, or its last request */

int g20_ws_callback(struct g20_server *s, struct lws *wsi, enum lws_callback_reasons reason,
                    struct g20_session *session, void *in, size_t len);
void g20_ws_close_all(struct g20_server *s, int code, const char *reason);
void g20_ws_check_feeds(struct g20_server *s); /* after a wake-up */
void g20_ws_broadcast_status(struct g20_server *s);
/* Queues one text message for @c; takes over @o (NULL: nothing). */
void g20_ws_reply(struct g20_ws_client *c, json_t *o);
/* Stops reading from a client that asks faster than it reads answers, and begins again. */
void g20_ws_hold(struct g20_ws_client *c);
/* The socket of @c (NULL: gone) has room; < 0: the connection ends. */
int g20_ws_writable(struct g20_server *s, struct g20_ws_client *c);
/* Queues @m for every client that wants one of @wants; the caller keeps its reference. */
void g20_ws_give(struct g20_server *s, uint32_t wants, struct g20_msg *m);

/* ws_data.c: what the hub has for clients */
void g20_ws_drain_hub(struct g20_server *s);

/* ws_*.c: the paths */
extern const struct g20_ws_ops g20_ws_pipeline, g20_ws_inference, g20_ws_video, g20_ws_iq,
    g20_ws_training;
json_t *g20_ws_refuse(int (*refuse)(struct g20_command_error *err, const char *what),
                      const char *what); /* the reply to a bad request */

/* What stands behind the path's "?"; a token is left out. */
G20_MUST_USE int g20_read_query(struct lws *wsi, struct g20_query *q, struct g20_err *e);

/* mjpeg.c */
/* 0: session->mjpeg is there (unless @head_only), and start() sends the headers; -EINVAL: a bad
 * parameter; -EBUSY: too many watch. */
G20_MUST_USE int g20_mjpeg_open(struct g20_server *s, struct lws *wsi, struct g20_session *session,
                                bool head_only, struct g20_err *e);
int g20_mjpeg_start(struct lws *wsi);
int g20_mjpeg_writable(struct g20_server *s, struct g20_session *session);
void g20_mjpeg_close(struct g20_server *s, struct g20_session *session); /* none is fine */
void g20_mjpeg_check(struct g20_server *s);                              /* after a wake-up */

/* ws_history.c */
/* NULL: answered when the rows were sent; @id is borrowed. */
json_t *g20_ws_history_begin(struct g20_server *s, struct g20_ws_client *c, uint64_t from_us,
                             uint64_t to_us, uint32_t rows, json_t *id);
/* The next message, the reply at last, which frees c->history. NULL: out of memory. */
struct g20_msg *g20_ws_history_next(struct g20_server *s, struct g20_ws_client *c);
void g20_ws_history_end(struct g20_ws_client *c); /* nothing being sent is fine */

/* ws_training.c */
int g20_training_create(struct g20_training **ret, struct g20_server *s, struct g20_err *e);
void g20_training_destroy(struct g20_training *t); /* NULL is fine */

/* news.c */
G20_MUST_USE int g20_news_create(struct g20_news **ret, struct g20_err *e);
void g20_news_destroy(struct g20_news *n); /* NULL is fine */
void g20_news_drain(struct g20_server *s); /* after a wake-up */

/* access.c */
/* What the token in the headers allows (without authentication: everything). */
enum g20_role g20_access_role(struct g20_server *s, struct lws *wsi, const char *path);
const char *g20_access_challenge(struct lws *wsi, enum g20_role role); /* WWW-Authenticate */
void g20_access_refused(struct g20_server *s, struct lws *wsi, const char *path); /* counts, logs */
/* Answers an upgrade with 401; -1, for libwebsockets to close. */
int g20_access_refuse_ws(struct g20_server *s, struct lws *wsi, const char *path);

/* health.c */
struct g20_health {
    bool ok, source_ok, pipeline_ok, model_ok, storage_ok;
    bool losing; /* the pipeline is at work, but samples are lost: @pipeline says how many */
    char source[400], pipeline[400], model[400], storage[400]; /* what is wrong; "ok" otherwise */
};
void g20_health_get(struct g20_server *s, const struct g20_control_state *st,
                    struct g20_health *ret);
json_t *g20_health_json(struct g20_server *s);
json_t *g20_health_brief(struct g20_server *s); /* for those without a token */
/* Called once a second: notes progress; true when clients should be told of a change. */
bool g20_health_tick(struct g20_server *s);

/* status.c: the texts that clients get; NULL when out of memory. */
json_t *g20_status_json(struct g20_server *s, const struct g20_ws_client *c, const char *type);
json_t *g20_status_ring(struct g20_ring *ring); /* null without one */
json_t *g20_status_string(const char *text);    /* @text, with what is no UTF-8 replaced */
json_t *g20_status_view(const struct g20_view_cfg *v);
json_t *g20_status_error(const char *code, const char *message, json_t *id);
struct g20_msg *g20_status_event(const struct g20_hub_event *ev);
struct g20_msg *g20_status_text(json_t *o); /* takes over @o; NULL in, NULL out */

#endif
