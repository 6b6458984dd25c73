/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* rpc: the gRPC server (proto/control.proto, proto/inference.proto), with the standard health and
 * reflection services.
 *
 * A thread takes events from gRPC's queue and checks requests, some workers carry them out, and one
 * thread feeds the streams from the hub. Nothing here trusts a client: calls, streams, messages,
 * time and memory are bounded. */
#ifndef G20_RPC_RPC_H
#define G20_RPC_RPC_H

#include "engine/control.h"
#include "engine/hub.h"

#include <jansson.h>

struct g20_rpc;
struct g20_tokens;
struct g20_tls;

enum { G20_RPC_NAME = 64, G20_RPC_PATH = 256, G20_RPC_MODELS = 320, G20_RPC_DEVICES = 32 };

struct g20_rpc_model {
    char name[G20_RPC_NAME], version[16];
    bool is_head, loaded;
};

struct g20_rpc_device {
    char driver[32], args[256], name[256];
    bool is_open;
    struct g20_source_caps caps;
};

struct g20_rpc_capture {
    char session_id[G20_RPC_NAME];  /* empty: choose one */
    char output_path[G20_RPC_PATH]; /* empty: the session's name; never absolute, never "..". */
    double duration_s;              /* 0: until it is stopped */
    double center_freq_hz, bandwidth_hz; /* 0: the device's; all of it */
};

struct g20_rpc_captured {
    bool whole; /* false: it ended early */
    uint64_t samples, bytes, dropped;
};

/* What calls do; called on workers, several at a time. Negative values become status codes:
 * -EINVAL INVALID_ARGUMENT, -ERANGE OUT_OF_RANGE, -ENOENT NOT_FOUND, -EEXIST ALREADY_EXISTS,
 * -ENODEV -EOPNOTSUPP G20_ELOCKED and files that do not fit FAILED_PRECONDITION, G20_EUNSUPPORTED
 * UNIMPLEMENTED, -ENOMEM -ENOSPC -EUSERS RESOURCE_EXHAUSTED, -ESHUTDOWN -EBUSY UNAVAILABLE,
 * -ETIMEDOUT DEADLINE_EXCEEDED, others INTERNAL. */
struct g20_rpc_ops {
    int (*start_capture)(const struct g20_rpc_capture *wanted, char ret_session[G20_RPC_NAME],
                         struct g20_err *e, void *user);
    int (*stop_capture)(const char *session_id, struct g20_rpc_captured *ret, struct g20_err *e,
                        void *user);
    /* At most @cap are written; their number is returned. */
    size_t (*devices)(struct g20_rpc_device *ret, size_t cap, void *user);
    size_t (*models)(struct g20_rpc_model *ret, size_t cap, void *user);
    int (*load_model)(const char *name, struct g20_err *e, void *user);
    int (*unload_model)(const char *name, struct g20_err *e, void *user);
    json_t *(*capabilities)(void *user); /* the caller owns it; NULL: out of memory */
    bool (*healthy)(void *user);         /* the whole daemon, as /health says */
    void *user;
};

struct g20_rpc_cfg {
    const char *bind;           /* address in figures; borrowed for the call */
    int port;                   /* 0: any free one */
    uint32_t max_workers;       /* 1..256 calls carried out at a time */
    uint32_t max_connections;   /* more are closed within half a second */
    uint32_t max_calls;         /* open calls, streams included; one more: RESOURCE_EXHAUSTED */
    uint32_t max_streams;       /* of detections */
    uint32_t max_message_bytes; /* a longer request: RESOURCE_EXHAUSTED */
    struct g20_tokens *tokens;  /* borrowed; NULL: everybody may do everything */
    const struct g20_tls *tls;  /* for the call only; NULL or without cert: no TLS */
};

void g20_rpc_cfg_default(struct g20_rpc_cfg *cfg);

/* Listens, but answers nothing yet. @hub, @control and what @ops stands on must outlive it. */
G20_MUST_USE int g20_rpc_create(struct g20_rpc **ret, const struct g20_rpc_cfg *cfg,
                                struct g20_hub *hub, const struct g20_control *control,
                                const struct g20_rpc_ops *ops, struct g20_err *e);
int g20_rpc_port(const struct g20_rpc *s);
G20_MUST_USE int g20_rpc_start(struct g20_rpc *s, struct g20_err *e);

struct g20_rpc_stats {
    uint32_t connections;        /* at most half a second ago */
    uint32_t calls, streams;     /* open; streams are among the calls */
    uint64_t connections_closed; /* because there were too many */
    uint64_t calls_total;        /* that came */
    uint64_t failed;             /* that ended with another status than OK */
    uint64_t refused;            /* of them: too many open, or too many waiting */
    uint64_t unauthorized;       /* of them: without a token that allows them */
    uint64_t messages, dropped;  /* sent by streams; tiles and events that slow clients lost */
};
void g20_rpc_stats(struct g20_rpc *s, struct g20_rpc_stats *ret); /* any thread */

/* From any thread, returns at once: new calls and open streams get UNAVAILABLE. */
void g20_rpc_drain(struct g20_rpc *s);
/* Drains, waits for open calls at most @timeout_ms, cancels what is left, ends the threads. */
void g20_rpc_stop(struct g20_rpc *s, int timeout_ms);
void g20_rpc_destroy(struct g20_rpc *s); /* stops first; NULL is fine */

#endif
