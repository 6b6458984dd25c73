/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Which method a path is, what all of them need, and the health service. */
#include "rpc/internal.h"

#include "base/text.h"

#include <errno.h>
#include <health.pb-c.h>
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

char *g20_rpc_text(const char *text)
{
    return (char *)(uintptr_t)text;
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

static const struct g20_rpc_method_info *grpc_methods(size_t *ret_count)
{
    static const struct g20_rpc_method_info all[] = {
        {"/grpc.health.v1.Health/Check", G20_RPC_HEALTH_CHECK, G20_ROLE_NONE, health},
        {"/grpc.health.v1.Health/Watch", G20_RPC_HEALTH_WATCH, G20_ROLE_READ, NULL},
        {"/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", G20_RPC_REFLECTION,
         G20_ROLE_READ, NULL},
    };

    *ret_count = G20_COUNT_OF(all);
    return all;
}

const struct g20_rpc_method_info *g20_rpc_method_find(const char *path, size_t len)
{
    static const struct g20_rpc_method_info *(*const services[])(size_t * ret_count) = {
        g20_rpc_device_methods, g20_rpc_inference_methods, grpc_methods};

    for (size_t i = 0; i < G20_COUNT_OF(services); i++) {
        size_t n;
        const struct g20_rpc_method_info *all = services[i](&n);

        for (size_t k = 0; k < n; k++)
            if (strlen(all[k].path) == len && memcmp(all[k].path, path, len) == 0)
                return &all[k];
    }
    return NULL;
}
