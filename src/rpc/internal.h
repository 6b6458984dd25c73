/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* What the files of the gRPC server share; nothing outside src/rpc includes this. */
#ifndef G20_RPC_INTERNAL_H
#define G20_RPC_INTERNAL_H

#include "base/queue.h"
#include "base/thread.h"
#include "config/tokens.h"
#include "rpc/connections.h"
#include "rpc/request.h"

#include <grpc/byte_buffer.h>
#include <grpc/grpc.h>
#include <protobuf-c/protobuf-c.h>

struct g20_rpc {
    struct g20_rpc_cfg cfg; /* strings are not kept */
    struct g20_hub *hub;
    struct g20_control control;
    struct g20_rpc_ops ops;
    int port;
    bool has_init, has_lock;
    grpc_completion_queue *cq;
    grpc_server *server;
    struct g20_thread events, streamer, *workers; /* (cfg.max_workers) */
    struct g20_connections *connections;          /* the streamer's */
    struct g20_queue *work;                       /* calls; each item holds a reference */

    pthread_mutex_t lock;   /* of all below, and of calls; never held while the hub is called */
    pthread_cond_t changed; /* streams have something to do, a call went, the server is down */
    struct g20_rpc_call *calls, *streams; /* lists */
    uint32_t ncalls, nstreams;
    struct g20_rpc_stats totals; /* but for @calls and @streams */
    bool draining, down, stop_streams;
};

enum g20_rpc_tag_kind { G20_RPC_NEW, G20_RPC_CLOSED, G20_RPC_RECEIVED, G20_RPC_SENT, G20_RPC_DOWN };

struct g20_rpc_tag {
    enum g20_rpc_tag_kind kind;
    struct g20_rpc_call *call;
};

/* One call. gRPC writes @details, @meta, @cancelled and @received; their tags tell when. */
struct g20_rpc_call {
    struct g20_rpc *s;
    struct g20_rpc_call *next, **link;               /* of s->calls */
    struct g20_rpc_call *stream_next, **stream_link; /* of s->streams */
    unsigned refs; /* one for each tag under way and each thread */
    grpc_call *call;
    grpc_call_details details;
    grpc_metadata_array meta;
    struct g20_rpc_tag on_new, on_closed, on_received, on_sent;
    int cancelled;
    grpc_byte_buffer *received, *sending;
    grpc_slice why;
    bool has_headers; /* were sent */
    bool finished;    /* the status was sent, or is being */
    bool gone;        /* the client cancelled, or its deadline is over */
    const struct g20_rpc_method_info *method;
    struct g20_rpc_request request;
    /* streams */
    struct g20_hub_sub *sub; /* NULL: health */
    bool ready, busy;        /* there may be something to send; a batch is under way, or is made */
    int last_health;         /* what was sent; -1: nothing */
    uint64_t dropped;        /* tiles and events that @sub lost, as last looked */
};

struct g20_rpc_method_info {
    const char *path; /* "/g20.v1.DeviceControl/TuneChannel" */
    enum g20_rpc_method method;
    enum g20_role role; /* that may call it */
    /* Workers; NULL: a stream. *ret is the reply, owned by the caller. */
    int (*run)(struct g20_rpc *s, const struct g20_rpc_request *q, grpc_byte_buffer **ret,
               struct g20_err *e);
};

/* call.c; all that end in _locked want s->lock. */
G20_MUST_USE int g20_rpc_call_next(struct g20_rpc *s); /* wait for one more; -ENOMEM */
void g20_rpc_call_event(struct g20_rpc_tag *tag, bool ok);
void g20_rpc_call_work(struct g20_rpc_call *c); /* on a worker; takes over a reference */
void g20_rpc_unref_locked(struct g20_rpc_call *c);
/* @reply is taken over; NULL: no message. The first one counts. */
void g20_rpc_finish_locked(struct g20_rpc_call *c, grpc_status_code code, const char *why,
                           grpc_byte_buffer *reply);
/* One message of a stream, or (@message NULL) its headers alone. */
void g20_rpc_send_locked(struct g20_rpc_call *c, grpc_byte_buffer *message);
void g20_rpc_receive_locked(struct g20_rpc_call *c);

/* method.c */
const struct g20_rpc_method_info *g20_rpc_method_find(const char *path, size_t len);
grpc_status_code g20_rpc_status_of(int code);
grpc_byte_buffer *g20_rpc_pack(const ProtobufCMessage *m);
const char *g20_rpc_safe(char *text); /* what is no UTF-8 becomes '?' */
char *g20_rpc_text(const char *text); /* itself: messages do not change what they point to */
int g20_rpc_health_of(struct g20_rpc *s, const char *service); /* ServingStatus; 3: unknown */

/* method_device.c, method_inference.c: all of a service. */
const struct g20_rpc_method_info *g20_rpc_device_methods(size_t *ret_count);
const struct g20_rpc_method_info *g20_rpc_inference_methods(size_t *ret_count);

/* stream.c */
G20_MUST_USE int g20_rpc_stream_open(struct g20_rpc_call *c, struct g20_err *e);
void *g20_rpc_stream_main(void *arg);

/* reflection.c: the answer to one request; NULL: it is none. */
grpc_byte_buffer *g20_rpc_reflect(const uint8_t *data, size_t len);

#endif
