/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* What each call of g20.v1.Inference does, on a worker: models, and what this program can. */
#include "rpc/internal.h"

#include "base/alloc.h"

#include <errno.h>
#include <inference.pb-c.h>

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
        to->name = g20_rpc_text(g20_rpc_safe(all->model[i].name));
        to->version = g20_rpc_text(g20_rpc_safe(all->model[i].version));
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
    m.name = g20_rpc_text(q->name);
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
    m.name = g20_rpc_text(q->name);
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
            to[n++] = g20_rpc_text(text);
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
    m.version = g20_rpc_text(G20_VERSION);
    m.n_providers = strings_of(inference, "providers", providers);
    m.providers = providers;
    m.n_models = strings_of(inference, "models", models);
    m.models = models;
    for (; m.n_class_names < st.nclasses && m.n_class_names < STRINGS; m.n_class_names++)
        classes[m.n_class_names] = g20_rpc_text(st.class_names[m.n_class_names]);
    m.class_names = classes;
    *ret = g20_rpc_pack(&m.base);
    g20_free(text);
    json_decref(o);
    return 0;
}

const struct g20_rpc_method_info *g20_rpc_inference_methods(size_t *ret_count)
{
    static const struct g20_rpc_method_info all[] = {
        {"/g20.v1.Inference/ListModels", G20_RPC_LIST_MODELS, G20_ROLE_READ, list_models},
        {"/g20.v1.Inference/LoadModel", G20_RPC_LOAD_MODEL, G20_ROLE_CONTROL, load_model},
        {"/g20.v1.Inference/UnloadModel", G20_RPC_UNLOAD_MODEL, G20_ROLE_CONTROL, unload_model},
        {"/g20.v1.Inference/StreamDetections", G20_RPC_STREAM_DETECTIONS, G20_ROLE_READ, NULL},
        {"/g20.v1.Inference/GetCapabilities", G20_RPC_GET_CAPABILITIES, G20_ROLE_READ,
         capabilities},
    };

    *ret_count = G20_COUNT_OF(all);
    return all;
}
