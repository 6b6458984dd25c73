/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/alloc.h"
#include "nn/ort_own.h"

#include <errno.h>
#include <stdio.h>

struct g20_ort_session {
    struct g20_ort *o;
    struct ort_session *session;
    char *input, *output; /* names, of the library's memory */
    struct g20_ort_shape in, out;
    struct ort_value *result; /* of the last run */
    char name[128];           /* of the file */
};

void g20_ort_show(const struct g20_ort_shape *shape, char *buf, size_t size)
{
    size_t at = 0;

    buf[0] = '\0';
    for (uint32_t i = 0; i < shape->dims && at < size; i++)
        at += (size_t)(shape->dim[i] < 0 ? snprintf(buf + at, size - at, "%s?", i ? "x" : "")
                                         : snprintf(buf + at, size - at, "%s%lld", i ? "x" : "",
                                                    (long long)shape->dim[i]));
}

/* Of a tensor of float32, or G20_ESHAPE. */
static int read_shape(struct g20_ort_session *s, const struct ort_shape *info, const char *what,
                      struct g20_ort_shape *ret, struct g20_err *e)
{
    const struct ort_api *api = &s->o->api;
    size_t dims = 0;
    int type = 0, r;

    if ((r = g20_ort_check(s->o, api->GetTensorElementType(info, &type), -EBADMSG, s->name, e)) <
            0 ||
        (r = g20_ort_check(s->o, api->GetDimensionsCount(info, &dims), -EBADMSG, s->name, e)) < 0)
        return r;
    if (type != ORT_ELEMENT_FLOAT)
        return g20_fail(e, G20_ESHAPE, "%s: its %s holds elements of type %d, not float32 (1)",
                        s->name, what, type);
    if (dims > G20_ORT_DIMS)
        return g20_fail(e, G20_ESHAPE, "%s: its %s has %zu dimensions", s->name, what, dims);
    ret->dims = (uint32_t)dims;
    return g20_ort_check(s->o, api->GetDimensions(info, ret->dim, dims), -EBADMSG, s->name, e);
}

static int read_port(struct g20_ort_session *s, struct ort_type *type, const char *what,
                     struct g20_ort_shape *ret, struct g20_err *e)
{
    const struct ort_shape *info = NULL;
    int r =
        g20_ort_check(s->o, s->o->api.CastTypeInfoToTensorInfo(type, &info), -EBADMSG, s->name, e);

    if (r >= 0 && !info)
        r = g20_fail(e, G20_ESHAPE, "%s: its %s is no tensor", s->name, what);
    if (r >= 0)
        r = read_shape(s, info, what, ret, e);
    s->o->api.ReleaseTypeInfo(type);
    return r;
}

static int read_ports(struct g20_ort_session *s, struct g20_err *e)
{
    const struct ort_api *api = &s->o->api;
    struct ort_type *type;
    size_t ins = 0, outs = 0;
    int r;

    if ((r = g20_ort_check(s->o, api->SessionGetInputCount(s->session, &ins), -EBADMSG, s->name,
                           e)) < 0 ||
        (r = g20_ort_check(s->o, api->SessionGetOutputCount(s->session, &outs), -EBADMSG, s->name,
                           e)) < 0)
        return r;
    if (ins != 1 || outs < 1)
        return g20_fail(e, G20_ESHAPE, "%s: %zu inputs and %zu outputs, want one input", s->name,
                        ins, outs);
    if ((r = g20_ort_check(s->o,
                           api->SessionGetInputName(s->session, 0, s->o->allocator, &s->input),
                           -EBADMSG, s->name, e)) < 0 ||
        (r = g20_ort_check(s->o,
                           api->SessionGetOutputName(s->session, 0, s->o->allocator, &s->output),
                           -EBADMSG, s->name, e)) < 0 ||
        (r = g20_ort_check(s->o, api->SessionGetInputTypeInfo(s->session, 0, &type), -EBADMSG,
                           s->name, e)) < 0 ||
        (r = read_port(s, type, "input", &s->in, e)) < 0 ||
        (r = g20_ort_check(s->o, api->SessionGetOutputTypeInfo(s->session, 0, &type), -EBADMSG,
                           s->name, e)) < 0)
        return r;
    return read_port(s, type, "output", &s->out, e);
}

static int add_cuda(struct g20_ort *o, struct ort_options *options, struct g20_err *e)
{
    struct ort_cuda *cuda = NULL;
    int r = g20_ort_check(o, o->api.CreateCUDAProviderOptions(&cuda), G20_EUNSUPPORTED, "CUDA", e);

    if (r < 0)
        return r;
    r = g20_ort_check(o, o->api.SessionOptionsAppendExecutionProvider_CUDA_V2(options, cuda),
                      G20_EUNSUPPORTED, "CUDA", e);
    o->api.ReleaseCUDAProviderOptions(cuda);
    return r;
}

static int add_tensorrt(struct g20_ort *o, struct ort_options *options,
                        const struct g20_ort_cfg *cfg, struct g20_err *e)
{
    static const char *const keys[] = {"trt_fp16_enable", "trt_int8_enable", "trt_dla_enable",
                                       "trt_dla_core"};
    const char *const values[] = {"1", cfg->int8 ? "1" : "0", cfg->use_dla ? "1" : "0",
                                  cfg->dla_core ? "1" : "0"};
    struct ort_tensorrt *rt = NULL;
    int r = g20_ort_check(o, o->api.CreateTensorRTProviderOptions(&rt), G20_EUNSUPPORTED,
                          "TensorRT", e);

    if (r < 0)
        return r;
    if ((r = g20_ort_check(
             o, o->api.UpdateTensorRTProviderOptions(rt, keys, values, G20_COUNT_OF(keys)),
             G20_EUNSUPPORTED, "TensorRT", e)) >= 0)
        r = g20_ort_check(o, o->api.SessionOptionsAppendExecutionProvider_TensorRT_V2(options, rt),
                          G20_EUNSUPPORTED, "TensorRT", e);
    o->api.ReleaseTensorRTProviderOptions(rt);
    return r;
}

/* What TensorRT does not take goes to CUDA, what that does not, to the CPU. */
static int add_provider(struct g20_ort *o, struct ort_options *options,
                        const struct g20_ort_cfg *cfg, struct g20_err *e)
{
    static const char *const name[] = {"cpu", "cuda", "tensorrt"};
    int r = 0;

    if (!g20_ort_has(o, cfg->provider))
        return g20_fail(e, G20_EUNSUPPORTED,
                        "%s: ONNX Runtime %s that was found offers only: %.150s",
                        name[cfg->provider], o->version, o->offers);
    if (cfg->provider == G20_ORT_TENSORRT)
        r = add_tensorrt(o, options, cfg, e);
    if (r >= 0 && cfg->provider != G20_ORT_CPU && g20_ort_has(o, G20_ORT_CUDA))
        r = add_cuda(o, options, e);
    return r;
}

static int set_options(struct g20_ort *o, struct ort_options *options,
                       const struct g20_ort_cfg *cfg, const char *name, struct g20_err *e)
{
    const struct ort_api *api = &o->api;
    int r;

    if ((r = g20_ort_check(o, api->SetIntraOpNumThreads(options, (int)cfg->threads), -EINVAL, name,
                           e)) < 0 ||
        (r = g20_ort_check(o, api->SetInterOpNumThreads(options, 1), -EINVAL, name, e)) < 0 ||
        (r = g20_ort_check(o, api->SetSessionGraphOptimizationLevel(options, ORT_OPTIMIZE_ALL),
                           -EINVAL, name, e)) < 0 ||
        (r = g20_ort_check(
             o, api->AddSessionConfigEntry(options, "session.intra_op.allow_spinning", "0"),
             -EINVAL, name, e)) < 0)
        return r;
    return add_provider(o, options, cfg, e);
}

static int set_up(struct g20_ort_session *s, const void *model, size_t len,
                  const struct g20_ort_cfg *cfg, struct g20_err *e)
{
    const struct ort_api *api = &s->o->api;
    struct ort_options *options = NULL;
    int r = g20_ort_check(s->o, api->CreateSessionOptions(&options), -EINVAL, s->name, e);

    if (r < 0)
        return r;
    if ((r = set_options(s->o, options, cfg, s->name, e)) >= 0)
        r = g20_ort_check(s->o,
                          api->CreateSessionFromArray(s->o->env, model, len, options, &s->session),
                          -EBADMSG, s->name, e);
    api->ReleaseSessionOptions(options);
    return r < 0 ? r : read_ports(s, e);
}

int g20_ort_session_create(struct g20_ort_session **ret, struct g20_ort *o, const void *model,
                           size_t len, const struct g20_ort_cfg *cfg, const char *name,
                           struct g20_err *e)
{
    struct g20_ort_session *s = g20_calloc(1, sizeof(*s));

    if (!s)
        return g20_fail(e, -ENOMEM, "%s: out of memory", name);
    s->o = o;
    snprintf(s->name, sizeof(s->name), "%s", name);
    const int r = set_up(s, model, len, cfg, e);
    if (r < 0)
        g20_ort_session_destroy(s);
    else
        *ret = s;
    return r;
}

static void free_name(struct g20_ort *o, char *name)
{
    ort_result status = name ? o->api.AllocatorFree(o->allocator, name) : NULL;

    if (status)
        o->api.ReleaseStatus(status);
}

void g20_ort_session_destroy(struct g20_ort_session *s)
{
    if (!s)
        return;
    if (s->result)
        s->o->api.ReleaseValue(s->result);
    free_name(s->o, s->input);
    free_name(s->o, s->output);
    if (s->session)
        s->o->api.ReleaseSession(s->session);
    g20_free(s);
}

const struct g20_ort_shape *g20_ort_input(const struct g20_ort_session *s)
{
    return &s->in;
}

const struct g20_ort_shape *g20_ort_output(const struct g20_ort_session *s)
{
    return &s->out;
}

static int read_result(struct g20_ort_session *s, const float **ret_out,
                       struct g20_ort_shape *ret_shape, struct g20_err *e)
{
    const struct ort_api *api = &s->o->api;
    struct ort_shape *info = NULL;
    void *data = NULL;
    int r;

    if ((r = g20_ort_check(s->o, api->GetTensorTypeAndShape(s->result, &info), -EIO, s->name, e)) <
        0)
        return r;
    r = read_shape(s, info, "output", ret_shape, e);
    api->ReleaseTensorTypeAndShapeInfo(info);
    if (r < 0 || (r = g20_ort_check(s->o, api->GetTensorMutableData(s->result, &data), -EIO,
                                    s->name, e)) < 0)
        return r;
    *ret_out = data;
    return 0;
}

int g20_ort_run(struct g20_ort_session *s, float *in, const struct g20_ort_shape *shape,
                const float **ret_out, struct g20_ort_shape *ret_shape, struct g20_err *e)
{
    const struct ort_api *api = &s->o->api;
    struct ort_value *value = NULL;
    size_t bytes = sizeof(float);
    int r;

    for (uint32_t i = 0; i < shape->dims; i++)
        bytes *= (size_t)shape->dim[i];
    if (s->result)
        api->ReleaseValue(s->result);
    s->result = NULL;
    r = g20_ort_check(s->o,
                      api->CreateTensorWithDataAsOrtValue(s->o->memory, in, bytes, shape->dim,
                                                          shape->dims, ORT_ELEMENT_FLOAT, &value),
                      -EINVAL, s->name, e);
    if (r < 0)
        return r;
    r = g20_ort_check(s->o,
                      api->Run(s->session, NULL, (const char *const *)&s->input,
                               (const struct ort_value *const *)&value, 1,
                               (const char *const *)&s->output, 1, &s->result),
                      -EIO, s->name, e);
    api->ReleaseValue(value);
    return r < 0 ? r : read_result(s, ret_out, ret_shape, e);
}
