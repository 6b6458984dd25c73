/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* What each call does, on a worker. */
#include "rpc/internal.h"

#include "base/alloc.h"
#include "base/text.h"

#include <control.pb-c.h>
#include <errno.h>
#include <health.pb-c.h>
#include <inference.pb-c.h>
#include <math.h>
#include <string.h>

enum { UNKNOWN_SERVICE = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVICE_UNKNOWN };

grpc_status_code g20_rpc_status_of(int code)
{
    switch (code) {
    case -EINVAL:
        return GRPC_STATUS_INVALID_ARGUMENT;
    case -ERANGE:
        return GRPC_STATUS_OUT_OF_RANGE;
    case -ENOENT:
        return GRPC_STATUS_NOT_FOUND;
    case -EEXIST:
        return GRPC_STATUS_ALREADY_EXISTS;
    case -ENODEV:
    case -EOPNOTSUPP:
    case G20_ELOCKED:
    case -EBADMSG:
    case G20_EFORMAT:
    case G20_EVERSION:
    case G20_ESHAPE:
        return GRPC_STATUS_FAILED_PRECONDITION;
    case G20_EUNSUPPORTED:
        return GRPC_STATUS_UNIMPLEMENTED;
    case -ENOMEM:
    case -ENOSPC:
    case -EUSERS:
        return GRPC_STATUS_RESOURCE_EXHAUSTED;
    case -ESHUTDOWN:
    case -EBUSY:
        return GRPC_STATUS_UNAVAILABLE;
    case -ETIMEDOUT:
        return GRPC_STATUS_DEADLINE_EXCEEDED;
    case -ECANCELED:
        return GRPC_STATUS_CANCELLED;
    default:
        return GRPC_STATUS_INTERNAL;
    }
}

grpc_byte_buffer *g20_rpc_pack(const ProtobufCMessage *m)
{
    grpc_slice slice = grpc_slice_malloc(protobuf_c_message_get_packed_size(m));

    protobuf_c_message_pack(m, GRPC_SLICE_START_PTR(slice));
    grpc_byte_buffer *b = grpc_raw_byte_buffer_create(&slice, 1);
    grpc_slice_unref(slice);
    return b;
}

const char *g20_rpc_safe(char *text)
{
    if (!g20_text_is_clean(text))
        for (char *p = text; *p; p++)
            if ((unsigned char)*p >= 0x7f || (unsigned char)*p < 0x20)
                *p = '?';
    return text;
}

/* Messages hold char * that they do not change. */
static char *in(const char *text)
{
    return (char *)(uintptr_t)text;
}

static int tune(struct g20_rpc *s, const struct g20_rpc_request *q, grpc_byte_buffer **ret,
                struct g20_err *e)
{
    G20__V1__TuneChannelResponse m = G20__V1__TUNE_CHANNEL_RESPONSE__INIT;
    struct g20_control_state st;
    struct g20_tune actual;

    const int r = s->control.tune(&q->tune, &actual, e, s->control.user);
    if (r < 0)
        return r;
    s->control.state(&st, s->control.user);
    m.success = true;
    m.actual_freq_hz = actual.center_hz;
    m.actual_bandwidth_hz = isnan(actual.bandwidth_hz) ? st.stats.rate_hz : actual.bandwidth_hz;
    if (!isnan(actual.gain_db)) {
        m.gain_case = G20__V1__TUNE_CHANNEL_RESPONSE__GAIN_ACTUAL_GAIN_DB;
        m.actual_gain_db = actual.gain_db;
    }
    *ret = g20_rpc_pack(&m.base);
    return 0;
}

static int channel_status(struct g20_rpc *s, const struct g20_rpc_request *q,
                          grpc_byte_buffer **ret, struct g20_err *e)
{
    static const G20__V1__SourceState states[] = {
        [G20_RUN_STARTING] = G20__V1__SOURCE_STATE__SOURCE_STATE_STARTING,
        [G20_RUN_RUNNING] = G20__V1__SOURCE_STATE__SOURCE_STATE_RUNNING,
        [G20_RUN_ENDED] = G20__V1__SOURCE_STATE__SOURCE_STATE_ENDED,
        [G20_RUN_FAILED] = G20__V1__SOURCE_STATE__SOURCE_STATE_FAILED};
    G20__V1__GetChannelStatusResponse m = G20__V1__GET_CHANNEL_STATUS_RESPONSE__INIT;
    struct g20_control_state st;

    s->control.state(&st, s->control.user);
    const uint32_t channels = st.has_source ? G20_MAX(st.source.caps.channels, 1u) : 1u;
    if (q->channel_id >= channels)
        return g20_fail(e, -EINVAL, "channel_id: %u: the device has %u", q->channel_id, channels);
    m.channel_id = q->channel_id;
    m.state = states[st.run];
    m.error = in(g20_rpc_safe(st.error));
    m.samples = st.stats.samples_in;
    m.samples_lost = st.stats.samples_lost;
    m.restarts = st.restarts;
    if (st.has_source) {
        m.driver = in(st.source.driver);
        m.name = in(g20_rpc_safe(st.source.name));
        m.center_freq_hz = st.stats.center_hz;
        m.sample_rate_hz = st.stats.rate_hz;
        m.center_known = st.source.center_known;
    }
    *ret = g20_rpc_pack(&m.base);
    return 0;
}

static int start_capture(struct g20_rpc *s, const struct g20_rpc_request *q, grpc_byte_buffer **ret,
                         struct g20_err *e)
{
    G20__V1__StartCaptureResponse m = G20__V1__START_CAPTURE_RESPONSE__INIT;
    char session[G20_RPC_NAME] = "";

    if (!s->ops.start_capture)
        return g20_fail(e, G20_EUNSUPPORTED, "captures: not implemented yet");
    const int r = s->ops.start_capture(&q->capture, session, e, s->ops.user);
    if (r < 0)
        return r;
    m.success = true;
    m.session_id = session;
    *ret = g20_rpc_pack(&m.base);
    return 0;
}

static int stop_capture(struct g20_rpc *s, const struct g20_rpc_request *q, grpc_byte_buffer **ret,
                        struct g20_err *e)
{
    G20__V1__StopCaptureResponse m = G20__V1__STOP_CAPTURE_RESPONSE__INIT;
    struct g20_rpc_captured done = {0};

    if (!s->ops.stop_capture)
        return g20_fail(e, G20_EUNSUPPORTED, "captures: not implemented yet");
    const int r = s->ops.stop_capture(q->name, &done, e, s->ops.user);
    if (r < 0)
        return r;
    m.success = done.whole;
    m.session_id = in(q->name);
    m.samples = done.samples;
    m.bytes = done.bytes;
    m.dropped = done.dropped;
    *ret = g20_rpc_pack(&m.base);
    return 0;
}

struct device_message {
    G20__V1__Device m;
    G20__V1__Span span[2 * G20_CAPS_SPANS], *rate[G20_CAPS_SPANS], *bandwidth[G20_CAPS_SPANS];
};

static size_t fill_spans(G20__V1__Span *m, G20__V1__Span **at, const struct g20_span *from,
                         size_t n)
{
    for (size_t i = 0; i < n; i++) {
        at[i] = &m[i];
        g20__v1__span__init(at[i]);
        at[i]->min = from[i].lo;
        at[i]->max = from[i].hi;
    }
    return n;
}

static void fill_device(struct device_message *to, struct g20_rpc_device *d)
{
    const struct g20_source_caps *c = &d->caps;
    G20__V1__Device *m = &to->m;

    g20__v1__device__init(m);
    m->driver = in(g20_rpc_safe(d->driver));
    m->args = in(g20_rpc_safe(d->args));
    m->name = in(g20_rpc_safe(d->name));
    m->is_open = d->is_open;
    m->channels = c->channels;
    m->min_freq_hz = c->min_hz;
    m->max_freq_hz = c->max_hz;
    m->min_gain_db = c->has_gain ? c->min_gain_db : 0;
    m->max_gain_db = c->has_gain ? c->max_gain_db : 0;
    m->n_sample_rates_hz = fill_spans(to->span, to->rate, c->rates_hz, c->nrates);
    m->sample_rates_hz = to->rate;
    m->n_bandwidths_hz =
        fill_spans(to->span + G20_CAPS_SPANS, to->bandwidth, c->bandwidths_hz, c->nbandwidths);
    m->bandwidths_hz = to->bandwidth;
}

static int list_devices(struct g20_rpc *s, const struct g20_rpc_request *q, grpc_byte_buffer **ret,
                        struct g20_err *e)
{
    G20__V1__ListDevicesResponse m = G20__V1__LIST_DEVICES_RESPONSE__INIT;
    G20__V1__Device *at[G20_RPC_DEVICES];
    struct {
        struct g20_rpc_device device[G20_RPC_DEVICES];
        struct device_message message[G20_RPC_DEVICES];
    } *all = g20_calloc(1, sizeof(*all));

    (void)q;
    if (!all)
        return g20_fail(e, -ENOMEM, "out of memory");
    m.n_devices = s->ops.devices(all->device, G20_RPC_DEVICES, s->ops.user);
    for (size_t i = 0; i < m.n_devices; i++) {
        fill_device(&all->message[i], &all->device[i]);
        at[i] = &all->message[i].m;
    }
    m.devices = at;
    *ret = g20_rpc_pack(&m.base);
    g20_free(all);
    return 0;
}

static int list_models(struct g20_rpc *s, const struct g20_rpc_request *q, grpc_byte_buffer **ret,
                       struct g20_err *e)
{
    G20__V1__ListModelsResponse m = G20__V1__LIST_MODELS_RESPONSE__INIT;
    struct {
        struct g20_rpc_model model[G20_RPC_MODELS];
        G20__V1__Model message[G20_RPC_MODELS], *at[G20_RPC_MODELS];
    } *all = g20_calloc(1, sizeof(*all));

    (void)q;
    if (!all)
        return g20_fail(e, -ENOMEM, "out of memory");
    m.n_models = s->ops.models(all->model, G20_RPC_MODELS, s->ops.user);
    for (size_t i = 0; i < m.n_models; i++) {
        G20__V1__Model *to = all->at[i] = &all->message[i];

        g20__v1__model__init(to);
        to->name = in(g20_rpc_safe(all->model[i].name));
        to->version = in(g20_rpc_safe(all->model[i].version));
        to->kind = all->model[i].is_head ? G20__V1__MODEL_KIND__MODEL_KIND_HEAD
                                         : G20__V1__MODEL_KIND__MODEL_KIND_DETECTOR;
        to->loaded = all->model[i].loaded;
    }
    m.models = all->at;
    *ret = g20_rpc_pack(&m.base);
    g20_free(all);
    return 0;
}

static int load_model(struct g20_rpc *s, const struct g20_rpc_request *q, grpc_byte_buffer **ret,
                      struct g20_err *e)
{
    G20__V1__LoadModelResponse m = G20__V1__LOAD_MODEL_RESPONSE__INIT;
    const int r = s->ops.load_model(q->name, e, s->ops.user);

    if (r < 0)
        return r;
    m.success = true;
    m.name = in(q->name);
    *ret = g20_rpc_pack(&m.base);
    return 0;
}

static int unload_model(struct g20_rpc *s, const struct g20_rpc_request *q, grpc_byte_buffer **ret,
                        struct g20_err *e)
{
    G20__V1__UnloadModelResponse m = G20__V1__UNLOAD_MODEL_RESPONSE__INIT;
    const int r = s->ops.unload_model(q->name, e, s->ops.user);

    if (r < 0)
        return r;
    m.success = true;
    m.name = in(q->name);
    *ret = g20_rpc_pack(&m.base);
    return 0;
}

enum { STRINGS = 256 };

/* The strings of list @key in @o, borrowed from it. */
static size_t strings_of(const json_t *o, const char *key, char *to[STRINGS])
{
    const json_t *list = json_object_get(o, key);
    size_t n = 0;

    for (size_t i = 0; i < json_array_size(list) && n < STRINGS; i++) {
        const char *text = json_string_value(json_array_get(list, i));

        if (text)
            to[n++] = in(text);
    }
    return n;
}

static int capabilities(struct g20_rpc *s, const struct g20_rpc_request *q, grpc_byte_buffer **ret,
                        struct g20_err *e)
{
    G20__V1__GetCapabilitiesResponse m = G20__V1__GET_CAPABILITIES_RESPONSE__INIT;
    char *providers[STRINGS], *models[STRINGS], *classes[STRINGS];
    struct g20_control_state st;
    json_t *o = s->ops.capabilities(s->ops.user);
    const json_t *inference = json_object_get(o, "inference");
    const size_t len = o ? json_dumpb(o, NULL, 0, JSON_COMPACT) : 0;
    char *text = len > 0 ? g20_calloc(1, len + 1) : NULL;

    (void)q;
    if (!text) {
        json_decref(o);
        return g20_fail(e, -ENOMEM, "out of memory");
    }
    json_dumpb(o, text, len, JSON_COMPACT);
    s->control.state(&st, s->control.user);
    m.json = text;
    m.version = in(G20_VERSION);
    m.n_providers = strings_of(inference, "providers", providers);
    m.providers = providers;
    m.n_models = strings_of(inference, "models", models);
    m.models = models;
    for (; m.n_class_names < st.nclasses && m.n_class_names < STRINGS; m.n_class_names++)
        classes[m.n_class_names] = in(st.class_names[m.n_class_names]);
    m.class_names = classes;
    *ret = g20_rpc_pack(&m.base);
    g20_free(text);
    json_decref(o);
    return 0;
}

int g20_rpc_health_of(struct g20_rpc *s, const char *service)
{
    struct g20_control_state st;
    bool ok;

    s->control.state(&st, s->control.user);
    const bool running = st.run == G20_RUN_RUNNING;
    if (strcmp(service, "") == 0)
        ok = s->ops.healthy(s->ops.user);
    else if (strcmp(service, "g20.v1.DeviceControl") == 0)
        ok = running && st.stats.source_ok;
    else if (strcmp(service, "g20.v1.Inference") == 0)
        ok = running && st.stats.detector_ok;
    else
        return UNKNOWN_SERVICE;
    return ok ? GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING
              : GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__NOT_SERVING;
}

static int health(struct g20_rpc *s, const struct g20_rpc_request *q, grpc_byte_buffer **ret,
                  struct g20_err *e)
{
    Grpc__Health__V1__HealthCheckResponse m = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__INIT;
    const int status = g20_rpc_health_of(s, q->service);

    if (status == UNKNOWN_SERVICE)
        return g20_fail(e, -ENOENT, "service: there is no %.100s", q->service);
    m.status = (Grpc__Health__V1__HealthCheckResponse__ServingStatus)status;
    *ret = g20_rpc_pack(&m.base);
    return 0;
}

const struct g20_rpc_method_info *g20_rpc_method_find(const char *path, size_t len)
{
    static const struct g20_rpc_method_info all[] = {
        {"/g20.v1.DeviceControl/TuneChannel", G20_RPC_TUNE_CHANNEL, G20_ROLE_CONTROL, tune},
        {"/g20.v1.DeviceControl/GetChannelStatus", G20_RPC_GET_CHANNEL_STATUS, G20_ROLE_READ,
         channel_status},
        {"/g20.v1.DeviceControl/StartCapture", G20_RPC_START_CAPTURE, G20_ROLE_CONTROL,
         start_capture},
        {"/g20.v1.DeviceControl/StopCapture", G20_RPC_STOP_CAPTURE, G20_ROLE_CONTROL, stop_capture},
        {"/g20.v1.DeviceControl/ListDevices", G20_RPC_LIST_DEVICES, G20_ROLE_READ, list_devices},
        {"/g20.v1.Inference/ListModels", G20_RPC_LIST_MODELS, G20_ROLE_READ, list_models},
        {"/g20.v1.Inference/LoadModel", G20_RPC_LOAD_MODEL, G20_ROLE_CONTROL, load_model},
        {"/g20.v1.Inference/UnloadModel", G20_RPC_UNLOAD_MODEL, G20_ROLE_CONTROL, unload_model},
        {"/g20.v1.Inference/StreamDetections", G20_RPC_STREAM_DETECTIONS, G20_ROLE_READ, NULL},
        {"/g20.v1.Inference/GetCapabilities", G20_RPC_GET_CAPABILITIES, G20_ROLE_READ,
         capabilities},
        {"/grpc.health.v1.Health/Check", G20_RPC_HEALTH_CHECK, G20_ROLE_NONE, health},
        {"/grpc.health.v1.Health/Watch", G20_RPC_HEALTH_WATCH, G20_ROLE_READ, NULL},
        {"/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", G20_RPC_REFLECTION,
         G20_ROLE_READ, NULL},
    };

    for (size_t i = 0; i < G20_COUNT_OF(all); i++)
        if (strlen(all[i].path) == len && memcmp(all[i].path, path, len) == 0)
            return &all[i];
    return NULL;
}
