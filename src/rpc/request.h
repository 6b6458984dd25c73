/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* request: the bytes of a request as a checked struct. Pure; this is the fuzz target. */
#ifndef G20_RPC_REQUEST_H
#define G20_RPC_REQUEST_H

#include "rpc/rpc.h"

enum g20_rpc_method {
    G20_RPC_TUNE_CHANNEL,
    G20_RPC_GET_CHANNEL_STATUS,
    G20_RPC_START_CAPTURE,
    G20_RPC_STOP_CAPTURE,
    G20_RPC_LIST_DEVICES,
    G20_RPC_LIST_MODELS,
    G20_RPC_LOAD_MODEL,
    G20_RPC_UNLOAD_MODEL,
    G20_RPC_STREAM_DETECTIONS,
    G20_RPC_GET_CAPABILITIES,
    G20_RPC_HEALTH_CHECK,
    G20_RPC_HEALTH_WATCH,
    G20_RPC_REFLECTION, /* read by reflection.c */
    G20_RPC_METHODS,
};

struct g20_rpc_request {
    enum g20_rpc_method method;
    struct g20_tune tune; /* TUNE_CHANNEL */
    uint32_t channel_id;  /* GET_CHANNEL_STATUS, 0..255 */
    struct g20_rpc_capture capture;
    char name[G20_RPC_NAME]; /* STOP_CAPTURE, LOAD_, UNLOAD_MODEL */
    char service[128];       /* HEALTH_: cut, which makes it one that is not there */
    struct {
        float min_confidence;
        bool skip_empty, emissions, tiles;
    } stream;
};

/* -EINVAL with the field in *e, -ENOMEM. Nothing of @data is needed afterwards. */
G20_MUST_USE int g20_rpc_request_parse(enum g20_rpc_method method, const uint8_t *data, size_t len,
                                       struct g20_rpc_request *ret, struct g20_err *e);

/* Memory of protobuf-c from our allocator. */
struct ProtobufCAllocator;
extern struct ProtobufCAllocator g20_rpc_allocator;

#endif
