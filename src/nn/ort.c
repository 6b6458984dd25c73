/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "nn/ort.h"

#include "base/alloc.h"
#include "nn/onnx_file.h"
#include "nn/ort_own.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SONAME "libonnxruntime.so.1"

int g20_ort_check(const struct g20_ort *o, ort_result status, int code, const char *what,
                  struct g20_err *e)
{
    char text[240];

    if (!status)
        return 0;
    snprintf(text, sizeof(text), "%s", o->api.GetErrorMessage(status));
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ')
            *c = ' ';
    o->api.ReleaseStatus(status);
    return g20_fail(e, code, "%.100s: ONNX Runtime: %s", what, text);
}

static void be_silent(void *user, int severity, const char *category, const char *id,
                      const char *location, const char *text)
{
    (void)user, (void)severity, (void)category, (void)id, (void)location, (void)text;
}

/* A later 1.x only appends to the table; what a 2 would do nobody knows. */
static bool is_known(const char *version)
{
    char *end;

    if (strncmp(version, "1.", 2) != 0)
        return false;
    const long minor = strtol(version + 2, &end, 10);
    return end > version + 2 && (*end == '.' || *end == '\0') && minor >= ORT_API_ASKED;
}

/* Every entry must be a function of the library itself: a table that is shorter or laid out
 * otherwise is found before it is used. */
static bool take_entries(struct ort_api *api, const ort_entry *table, const void *library)
{
    bool good = true;
    Dl_info info;
    void *at;

    /* POSIX's way to get an object pointer from a function's */
#define X(place, type, name, args)                                       \
    memcpy(&at, &table[place], sizeof(at));                              \
    good = good && at && dladdr(at, &info) && info.dli_fbase == library; \
    memcpy(&api->name, &table[place], sizeof(api->name));
    ORT_ENTRIES(X)
#undef X
    return good;
}

static int load(struct g20_ort *o, const char *file, struct g20_err *e)
{
    const struct ort_base *(*get_base)(void);
    Dl_info info;
    void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE), *symbol;

    if (!library)
        return g20_fail(e, -ENOENT, "ONNX Runtime: %s", dlerror());
    symbol = dlsym(library, "OrtGetApiBase");
    memcpy(&get_base, &symbol, sizeof(get_base));
    dlclose(library); /* the handle; the library stays */
    if (!symbol || !dladdr(symbol, &info))
        return g20_fail(e, G20_EUNSUPPORTED,
                        "%s: it has no OrtGetApiBase, so it is not ONNX Runtime", file);
    const struct ort_base *base = get_base();
    const char *version = base && base->get_version ? base->get_version() : NULL;
    if (!version || !is_known(version))
        return g20_fail(e, G20_EUNSUPPORTED, "%s: ONNX Runtime %.20s, want 1.%d or a later 1.x",
                        file, version ? version : "of no version", ORT_API_ASKED);
    snprintf(o->version, sizeof(o->version), "%.31s", version);
    const ort_entry *table = base->get_api ? base->get_api(ORT_API_ASKED) : NULL;
    if (!table || !take_entries(&o->api, table, info.dli_fbase))
        return g20_fail(e, G20_EUNSUPPORTED,
                        "%s: ONNX Runtime %s: its table of functions is not that of version %d",
                        file, o->version, ORT_API_ASKED);
    return 0;
}

static int list_offers(struct g20_ort *o, struct g20_err *e)
{
    char **names = NULL;
    int n = 0;
    const int r = g20_ort_check(o, o->api.GetAvailableProviders(&names, &n), G20_EUNSUPPORTED,
                                "GetAvailableProviders", e);

    if (r < 0)
        return r;
    for (int i = 0; i < n; i++) {
        const size_t at = strlen(o->offers);
        snprintf(o->offers + at, sizeof(o->offers) - at, "%s%s", i ? " " : "", names[i]);
    }
    return g20_ort_check(o, o->api.ReleaseAvailableProviders(names, n), G20_EUNSUPPORTED,
                         "ReleaseAvailableProviders", e);
}

static void put_value(struct g20_text *graph, uint32_t number, const char *name, uint64_t length)
{
    struct g20_text value = {0}, type = {0}, tensor = {0}, shape = {0}, dim = {0};

    g20_pb_put_string(&value, 1, name);
    g20_pb_put_int(&tensor, 1, ONNX_TYPE_FLOAT);
    g20_pb_put_int(&dim, 1, length);
    g20_pb_put_message(&shape, 1, &dim);
    g20_pb_put_message(&tensor, 2, &shape);
    g20_pb_put_message(&type, 1, &tensor);
    g20_pb_put_message(&value, 2, &type);
    g20_pb_put_message(graph, number, &value);
}

/* A network of one node: y = x + x. */
static void put_doubler(struct g20_text *model)
{
    struct g20_text graph = {0}, node = {0}, opset = {0};

    g20_pb_put_string(&node, ONNX_NODE_INPUT, "x");
    g20_pb_put_string(&node, ONNX_NODE_INPUT, "x");
    g20_pb_put_string(&node, ONNX_NODE_OUTPUT, "y");
    g20_pb_put_string(&node, ONNX_NODE_OP, "Add");
    g20_pb_put_message(&graph, ONNX_GRAPH_NODE, &node);
    g20_pb_put_string(&graph, ONNX_GRAPH_NAME, "check");
    put_value(&graph, ONNX_GRAPH_INPUT, "x", 2);
    put_value(&graph, ONNX_GRAPH_OUTPUT, "y", 2);
    g20_pb_put_int(&opset, 2, 13);
    g20_pb_put_int(model, ONNX_MODEL_IR, 8);
    g20_pb_put_message(model, ONNX_MODEL_GRAPH, &graph);
    g20_pb_put_message(model, ONNX_MODEL_OPSET, &opset);
}

int g20_ort_try(struct g20_ort *o, enum g20_ort_provider p, struct g20_err *e)
{
    const struct g20_ort_cfg cfg = {.provider = p, .threads = 1};
    const struct g20_ort_shape two = {.dims = 1, .dim = {2}};
    struct g20_ort_shape shape = {0};
    struct g20_ort_session *s = NULL;
    struct g20_text model = {0};
    float x[2] = {1.0f, -2.5f};
    const float *y = NULL;

    put_doubler(&model);
    int r = model.failed
                ? g20_fail(e, -ENOMEM, "ONNX Runtime: out of memory")
                : g20_ort_session_create(&s, o, model.data, model.len, &cfg, "a first try", e);
    if (r >= 0)
        r = g20_ort_run(s, x, &two, &y, &shape, e);
    if (r >= 0 && (shape.dims != 1 || shape.dim[0] != 2 || y[0] != 2.0f || y[1] != -5.0f))
        r = g20_fail(e, G20_EUNSUPPORTED, "ONNX Runtime does not compute what it should");
    g20_ort_session_destroy(s);
    g20_text_fini(&model);
    return r == -ENOMEM || r >= 0 ? r : G20_EUNSUPPORTED;
}

static int set_up(struct g20_ort *o, const char *file, struct g20_err *e)
{
    int r = load(o, file, e);

    if (r < 0)
        return r;
    if ((r = g20_ort_check(
             o, o->api.CreateEnvWithCustomLogger(be_silent, NULL, ORT_LOG_ERROR, "g20", &o->env),
             G20_EUNSUPPORTED, file, e)) < 0 ||
        (r = g20_ort_check(
             o, o->api.CreateCpuMemoryInfo(ORT_ARENA_ALLOCATOR, ORT_MEMORY_DEFAULT, &o->memory),
             G20_EUNSUPPORTED, file, e)) < 0 ||
        (r = g20_ort_check(o, o->api.GetAllocatorWithDefaultOptions(&o->allocator),
                           G20_EUNSUPPORTED, file, e)) < 0 ||
        (r = list_offers(o, e)) < 0)
        return r;
    if ((r = g20_ort_try(o, G20_ORT_CPU, e)) < 0)
        return g20_fail_at(e, r, "%.80s: version %s does not work here", file, o->version);
    return 0;
}

int g20_ort_open(struct g20_ort **ret, const char *path, struct g20_err *e)
{
    struct g20_ort *o = g20_calloc(1, sizeof(*o));

    if (!o)
        return g20_fail(e, -ENOMEM, "ONNX Runtime: out of memory");
    const int r = set_up(o, path && *path ? path : SONAME, e);
    if (r < 0)
        g20_ort_close(o);
    else
        *ret = o;
    return r;
}

void g20_ort_close(struct g20_ort *o)
{
    if (!o)
        return;
    if (o->memory)
        o->api.ReleaseMemoryInfo(o->memory);
    if (o->env)
        o->api.ReleaseEnv(o->env);
    g20_free(o);
}

const char *g20_ort_version(const struct g20_ort *o)
{
    return o->version;
}

const char *g20_ort_offers(const struct g20_ort *o)
{
    return o->offers;
}

bool g20_ort_has(const struct g20_ort *o, enum g20_ort_provider p)
{
    static const char *const name[] = {
        [G20_ORT_CPU] = "CPUExecutionProvider",
        [G20_ORT_CUDA] = "CUDAExecutionProvider",
        [G20_ORT_TENSORRT] = "TensorrtExecutionProvider",
    };

    return strstr(o->offers, name[p]) != NULL;
}
