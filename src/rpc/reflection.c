/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Server reflection: which services there are, and the files that describe them. */
#include "rpc/internal.h"

#include "base/text.h"

#include <descriptors.h>
#include <reflection.pb-c.h>
#include <stdbool.h>
#include <string.h>

enum { FILES = 16, NOT_FOUND = 5, UNIMPLEMENTED = 12 };

typedef Grpc__Reflection__V1alpha__ServerReflectionRequest request_t;
typedef Grpc__Reflection__V1alpha__ServerReflectionResponse response_t;

static char *services[] = {(char[]){"g20.v1.DeviceControl"}, (char[]){"g20.v1.Inference"},
                           (char[]){"grpc.health.v1.Health"},
                           (char[]){"grpc.reflection.v1alpha.ServerReflection"}};

static int by_name(const char *name)
{
    for (unsigned i = 0; i < g20_descriptor_count; i++)
        if (strcmp(g20_descriptors[i].name, name) == 0)
            return (int)i;
    return -1;
}

static int by_symbol(const char *symbol)
{
    for (unsigned i = 0; i < g20_descriptor_count; i++)
        for (const char *const *s = g20_descriptors[i].symbols; *s; s++)
            if (strcmp(*s, symbol) == 0)
                return (int)i;
    return -1;
}

/* File @first and all that it needs; ours import nothing, so one level is enough. */
static size_t with_needs(int first, ProtobufCBinaryData to[FILES])
{
    const struct g20_descriptor *d = &g20_descriptors[first];
    size_t n = 0;

    to[n++] = (ProtobufCBinaryData){.len = d->len, .data = (uint8_t *)(uintptr_t)d->data};
    for (const char *const *need = d->needs; *need && n < FILES; need++) {
        const int i = by_name(*need);

        if (i >= 0)
            to[n++] = (ProtobufCBinaryData){.len = g20_descriptors[i].len,
                                            .data = (uint8_t *)(uintptr_t)g20_descriptors[i].data};
    }
    return n;
}

static grpc_byte_buffer *error_answer(response_t *m, int code, const char *text)
{
    Grpc__Reflection__V1alpha__ErrorResponse error =
        GRPC__REFLECTION__V1ALPHA__ERROR_RESPONSE__INIT;

    error.error_code = code;
    error.error_message = (char *)(uintptr_t)text;
    m->message_response_case =
        GRPC__REFLECTION__V1ALPHA__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_ERROR_RESPONSE;
    m->error_response = &error;
    grpc_byte_buffer *out = g20_rpc_pack(&m->base);
    m->error_response = NULL; /* what it pointed to ends here */
    return out;
}

static grpc_byte_buffer *file_answer(response_t *m, int file)
{
    Grpc__Reflection__V1alpha__FileDescriptorResponse files =
        GRPC__REFLECTION__V1ALPHA__FILE_DESCRIPTOR_RESPONSE__INIT;
    ProtobufCBinaryData data[FILES];

    if (file < 0)
        return error_answer(m, NOT_FOUND, "no such file or symbol");
    files.n_file_descriptor_proto = with_needs(file, data);
    files.file_descriptor_proto = data;
    m->message_response_case =
        GRPC__REFLECTION__V1ALPHA__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_FILE_DESCRIPTOR_RESPONSE;
    m->file_descriptor_response = &files;
    grpc_byte_buffer *out = g20_rpc_pack(&m->base);
    m->error_response = NULL; /* what it pointed to ends here */
    return out;
}

static grpc_byte_buffer *list_answer(response_t *m)
{
    Grpc__Reflection__V1alpha__ListServiceResponse list =
        GRPC__REFLECTION__V1ALPHA__LIST_SERVICE_RESPONSE__INIT;
    Grpc__Reflection__V1alpha__ServiceResponse service[G20_COUNT_OF(services)];
    Grpc__Reflection__V1alpha__ServiceResponse *at[G20_COUNT_OF(services)];

    for (size_t i = 0; i < G20_COUNT_OF(services); i++) {
        grpc__reflection__v1alpha__service_response__init(&service[i]);
        service[i].name = services[i];
        at[i] = &service[i];
    }
    list.n_service = G20_COUNT_OF(services);
    list.service = at;
    m->message_response_case =
        GRPC__REFLECTION__V1ALPHA__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_LIST_SERVICES_RESPONSE;
    m->list_services_response = &list;
    grpc_byte_buffer *out = g20_rpc_pack(&m->base);
    m->error_response = NULL; /* what it pointed to ends here */
    return out;
}

static bool is_text(const char *text)
{
    return !text || !*text || g20_text_is_clean(text);
}

static grpc_byte_buffer *answer(request_t *q)
{
    response_t m = GRPC__REFLECTION__V1ALPHA__SERVER_REFLECTION_RESPONSE__INIT;

    m.original_request = q;
    if (is_text(q->host))
        m.valid_host = q->host;
    switch (q->message_request_case) {
    case GRPC__REFLECTION__V1ALPHA__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_BY_FILENAME:
        return file_answer(&m, by_name(q->file_by_filename));
    case GRPC__REFLECTION__V1ALPHA__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_CONTAINING_SYMBOL:
        return file_answer(&m, by_symbol(q->file_containing_symbol));
    case GRPC__REFLECTION__V1ALPHA__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_LIST_SERVICES:
        return list_answer(&m);
    case GRPC__REFLECTION__V1ALPHA__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_CONTAINING_EXTENSION:
    case GRPC__REFLECTION__V1ALPHA__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_ALL_EXTENSION_NUMBERS_OF_TYPE:
        return error_answer(&m, NOT_FOUND, "there are no extensions");
    default:
        return error_answer(&m, UNIMPLEMENTED, "no such question");
    }
}

grpc_byte_buffer *g20_rpc_reflect(const uint8_t *data, size_t len)
{
    request_t *q =
        grpc__reflection__v1alpha__server_reflection_request__unpack(&g20_rpc_allocator, len, data);
    grpc_byte_buffer *out = q && is_text(q->host) ? answer(q) : NULL;

    if (q)
        grpc__reflection__v1alpha__server_reflection_request__free_unpacked(q, &g20_rpc_allocator);
    return out;
}
