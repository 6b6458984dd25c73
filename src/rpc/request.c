/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "rpc/request.h"

#include "base/alloc.h"
#include "base/text.h"

#include <control.pb-c.h>
#include <errno.h>
#include <health.pb-c.h>
#include <inference.pb-c.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const double MAX_HZ = 1e12;

static void *take(void *user, size_t size)
{
    (void)user;
    return g20_calloc(1, size);
}

static void give(void *user, void *ptr)
{
    (void)user;
    g20_free(ptr);
}

ProtobufCAllocator g20_rpc_allocator = {.alloc = take, .free = give};

static int number(const char *field, double v, double lo, double hi, struct g20_err *e)
{
    if (!isfinite(v))
        return g20_fail(e, -EINVAL, "%s: it is no finite number", field);
    if (v < lo || v > hi)
        return g20_fail(e, -EINVAL, "%s: %g is not within %g to %g", field, v, lo, hi);
    return 0;
}

/* Text of 1 to @size - 1 bytes into @to. */
static int text(const char *field, const char *v, char *to, size_t size, struct g20_err *e)
{
    const size_t n = v ? strlen(v) : 0;

    if (n == 0)
        return g20_fail(e, -EINVAL, "%s: it is missing", field);
    if (n >= size)
        return g20_fail(e, -EINVAL, "%s: %zu bytes are more than %zu", field, n, size - 1);
    if (!g20_text_is_clean(v))
        return g20_fail(e, -EINVAL, "%s: it is no UTF-8, or has control characters", field);
    memcpy(to, v, n + 1);
    return 0;
}

/* A name that is safe as a file's. */
static int name(const char *field, const char *v, char to[G20_RPC_NAME], struct g20_err *e)
{
    const int r = text(field, v, to, G20_RPC_NAME, e);

    if (r < 0)
        return r;
    for (const char *p = to; *p; p++) {
        const char c = *p;

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '_' || (c == '.' && p > to)))
            return g20_fail(e, -EINVAL, "%s: want letters, digits and - _ . only, and no dot first",
                            field);
    }
    return 0;
}

/* A path that stays below the folder it is relative to. */
static int path(const char *field, const char *v, char to[G20_RPC_PATH], struct g20_err *e)
{
    const int r = text(field, v, to, G20_RPC_PATH, e);

    if (r < 0)
        return r;
    for (const char *p = to;; p++) {
        const size_t n = strcspn(p, "/");

        if (n == 0)
            return g20_fail(e, -EINVAL, "%s: want a path relative to the capture folder", field);
        if (*p == '.')
            return g20_fail(e, -EINVAL, "%s: no part of it may begin with a dot", field);
        p += n;
        if (!*p)
            return 0;
    }
}

static int channel(uint32_t v, uint32_t *to, struct g20_err *e)
{
    if (v > 255)
        return g20_fail(e, -EINVAL, "channel_id: %u is not within 0 to 255", v);
    *to = v;
    return 0;
}

static double given(double v)
{
    return v > 0 ? v : (double)NAN;
}

static int parse_tune(const G20__V1__TuneChannelRequest *m, struct g20_rpc_request *q,
                      struct g20_err *e)
{
    const bool has_gain = m->gain_case == G20__V1__TUNE_CHANNEL_REQUEST__GAIN_GAIN_DB;

    if (channel(m->channel_id, &q->tune.channel, e) < 0 ||
        number("center_freq_hz", m->center_freq_hz, 0, MAX_HZ, e) < 0 ||
        number("bandwidth_hz", m->bandwidth_hz, 0, MAX_HZ, e) < 0 ||
        (has_gain && number("gain_db", m->gain_db, -1000, 1000, e) < 0))
        return -EINVAL;
    if (m->center_freq_hz == 0 && m->bandwidth_hz == 0 && !has_gain)
        return g20_fail(e, -EINVAL,
                        "center_freq_hz: it is missing, as are bandwidth_hz and gain_db");
    q->tune.center_hz = given(m->center_freq_hz);
    q->tune.bandwidth_hz = given(m->bandwidth_hz);
    q->tune.gain_db = has_gain ? m->gain_db : (double)NAN;
    return 0;
}

static int parse_status(const G20__V1__GetChannelStatusRequest *m, struct g20_rpc_request *q,
                        struct g20_err *e)
{
    return channel(m->channel_id, &q->channel_id, e);
}

static int parse_start(const G20__V1__StartCaptureRequest *m, struct g20_rpc_request *q,
                       struct g20_err *e)
{
    struct g20_rpc_capture *c = &q->capture;

    if ((m->session_id && *m->session_id && name("session_id", m->session_id, c->session_id, e)) ||
        (m->output_path && *m->output_path &&
         path("output_path", m->output_path, c->output_path, e)) ||
        number("duration_s", m->duration_s, 0, 86400, e) < 0 ||
        number("center_freq_hz", m->center_freq_hz, 0, MAX_HZ, e) < 0 ||
        number("bandwidth_hz", m->bandwidth_hz, 0, MAX_HZ, e) < 0)
        return -EINVAL;
    if (m->center_freq_hz > 0 && m->bandwidth_hz == 0)
        return g20_fail(e, -EINVAL, "bandwidth_hz: it is missing, with center_freq_hz given");
    c->duration_s = m->duration_s;
    c->center_freq_hz = m->center_freq_hz;
    c->bandwidth_hz = m->bandwidth_hz;
    return 0;
}

static int parse_stop(const G20__V1__StopCaptureRequest *m, struct g20_rpc_request *q,
                      struct g20_err *e)
{
    return name("session_id", m->session_id, q->name, e);
}

static int parse_load(const G20__V1__LoadModelRequest *m, struct g20_rpc_request *q,
                      struct g20_err *e)
{
    return name("name", m->name, q->name, e);
}

static int parse_unload(const G20__V1__UnloadModelRequest *m, struct g20_rpc_request *q,
                        struct g20_err *e)
{
    return text("name", m->name, q->name, sizeof(q->name), e);
}

static int parse_stream(const G20__V1__StreamDetectionsRequest *m, struct g20_rpc_request *q,
                        struct g20_err *e)
{
    if (number("min_confidence", (double)m->min_confidence, 0, 1, e) < 0)
        return -EINVAL;
    if (m->no_tiles && !m->emissions)
        return g20_fail(e, -EINVAL, "no_tiles: nothing is left to send, set emissions");
    q->stream.min_confidence = m->min_confidence;
    q->stream.skip_empty = m->skip_empty;
    q->stream.emissions = m->emissions;
    q->stream.tiles = !m->no_tiles;
    return 0;
}

static int parse_health(const Grpc__Health__V1__HealthCheckRequest *m, struct g20_rpc_request *q,
                        struct g20_err *e)
{
    if (m->service && *m->service && !g20_text_is_clean(m->service))
        return g20_fail(e, -EINVAL, "service: it is no UTF-8, or has control characters");
    snprintf(q->service, sizeof(q->service), "%s", m->service ? m->service : "");
    return 0;
}

static int parse_nothing(const ProtobufCMessage *m, struct g20_rpc_request *q, struct g20_err *e)
{
    (void)m;
    (void)q;
    (void)e;
    return 0;
}

static int parse_message(enum g20_rpc_method method, const ProtobufCMessage *m,
                         struct g20_rpc_request *q, struct g20_err *e)
{
    switch (method) {
    case G20_RPC_TUNE_CHANNEL:
        return parse_tune((const void *)m, q, e);
    case G20_RPC_GET_CHANNEL_STATUS:
        return parse_status((const void *)m, q, e);
    case G20_RPC_START_CAPTURE:
        return parse_start((const void *)m, q, e);
    case G20_RPC_STOP_CAPTURE:
        return parse_stop((const void *)m, q, e);
    case G20_RPC_LOAD_MODEL:
        return parse_load((const void *)m, q, e);
    case G20_RPC_UNLOAD_MODEL:
        return parse_unload((const void *)m, q, e);
    case G20_RPC_STREAM_DETECTIONS:
        return parse_stream((const void *)m, q, e);
    case G20_RPC_HEALTH_CHECK:
    case G20_RPC_HEALTH_WATCH:
        return parse_health((const void *)m, q, e);
    default:
        return parse_nothing(m, q, e);
    }
}

int g20_rpc_request_parse(enum g20_rpc_method method, const uint8_t *data, size_t len,
                          struct g20_rpc_request *ret, struct g20_err *e)
{
    static const ProtobufCMessageDescriptor *const types[G20_RPC_METHODS] = {
        [G20_RPC_TUNE_CHANNEL] = &g20__v1__tune_channel_request__descriptor,
        [G20_RPC_GET_CHANNEL_STATUS] = &g20__v1__get_channel_status_request__descriptor,
        [G20_RPC_START_CAPTURE] = &g20__v1__start_capture_request__descriptor,
        [G20_RPC_STOP_CAPTURE] = &g20__v1__stop_capture_request__descriptor,
        [G20_RPC_LIST_DEVICES] = &g20__v1__list_devices_request__descriptor,
        [G20_RPC_LIST_MODELS] = &g20__v1__list_models_request__descriptor,
        [G20_RPC_LOAD_MODEL] = &g20__v1__load_model_request__descriptor,
        [G20_RPC_UNLOAD_MODEL] = &g20__v1__unload_model_request__descriptor,
        [G20_RPC_STREAM_DETECTIONS] = &g20__v1__stream_detections_request__descriptor,
        [G20_RPC_GET_CAPABILITIES] = &g20__v1__get_capabilities_request__descriptor,
        [G20_RPC_HEALTH_CHECK] = &grpc__health__v1__health_check_request__descriptor,
        [G20_RPC_HEALTH_WATCH] = &grpc__health__v1__health_check_request__descriptor,
    };
    struct g20_rpc_request q = {.method = method};

    if (method >= G20_RPC_METHODS || !types[method])
        return g20_fail(e, -EINVAL, "request: no such method");
    ProtobufCMessage *m = protobuf_c_message_unpack(types[method], &g20_rpc_allocator, len, data);
    if (!m)
        return g20_fail(e, -EINVAL, "request: its bytes are no %s", types[method]->name);
    const int r = parse_message(method, m, &q, e);
    protobuf_c_message_free_unpacked(m, &g20_rpc_allocator);
    if (r < 0)
        return r;
    *ret = q;
    return 0;
}
