/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "nn/onnx.h"

#include "base/alloc.h"
#include "base/file.h"
#include "nn/net_run.h"
#include "nn/onnx_file.h"

#include <errno.h>
#include <stdio.h>

enum { IR = 7, OPSET = 13, ATTR_INT = 2, ATTR_STRING = 3, ATTR_INTS = 7, NAME = 32 };

static void begin(struct g20_text *n, const char *op, const char *const *in, size_t inputs,
                  const char *out)
{
    *n = (struct g20_text){0};
    for (size_t i = 0; i < inputs; i++)
        g20_pb_put_string(n, ONNX_NODE_INPUT, in[i]);
    g20_pb_put_string(n, ONNX_NODE_OUTPUT, out);
    g20_pb_put_string(n, ONNX_NODE_OP, op);
}

static void attribute_ints(struct g20_text *n, const char *name, const uint64_t *v, size_t count)
{
    struct g20_text a = {0};

    g20_pb_put_string(&a, ONNX_ATTR_NAME, name);
    for (size_t i = 0; i < count; i++)
        g20_pb_put_int(&a, ONNX_ATTR_INTS, v[i]);
    g20_pb_put_int(&a, ONNX_ATTR_TYPE, ATTR_INTS);
    g20_pb_put_message(n, ONNX_NODE_ATTR, &a);
}

static void attribute_string(struct g20_text *n, const char *name, const char *v)
{
    struct g20_text a = {0};

    g20_pb_put_string(&a, ONNX_ATTR_NAME, name);
    g20_pb_put_string(&a, ONNX_ATTR_STRING, v);
    g20_pb_put_int(&a, ONNX_ATTR_TYPE, ATTR_STRING);
    g20_pb_put_message(n, ONNX_NODE_ATTR, &a);
}

static void attribute_int(struct g20_text *n, const char *name, uint64_t v)
{
    struct g20_text a = {0};

    g20_pb_put_string(&a, ONNX_ATTR_NAME, name);
    g20_pb_put_int(&a, ONNX_ATTR_INT, v);
    g20_pb_put_int(&a, ONNX_ATTR_TYPE, ATTR_INT);
    g20_pb_put_message(n, ONNX_NODE_ATTR, &a);
}

static void tensor(struct g20_text *graph, const char *name, int type, const uint64_t *dim,
                   size_t dims, const void *data, size_t len)
{
    struct g20_text t = {0};

    for (size_t i = 0; i < dims; i++)
        g20_pb_put_int(&t, ONNX_TENSOR_DIM, dim[i]);
    g20_pb_put_int(&t, ONNX_TENSOR_TYPE, (uint64_t)type);
    g20_pb_put_string(&t, ONNX_TENSOR_NAME, name);
    g20_pb_put_bytes(&t, ONNX_TENSOR_RAW, data, len);
    g20_pb_put_message(graph, ONNX_GRAPH_TENSOR, &t);
}

static void cast(struct g20_text *graph, const char *from, const char *to)
{
    struct g20_text n;

    begin(&n, "Cast", (const char *[]){from}, 1, to);
    attribute_int(&n, "to", ONNX_TYPE_FLOAT);
    g20_pb_put_message(graph, ONNX_GRAPH_NODE, &n);
}

/* The weights of layer @i as bytes with a scale for each output, and the node that makes @to of
 * them. */
static int byte_weights(struct g20_text *graph, const struct g20_model *m, uint32_t i,
                        const char *to)
{
    const struct g20_net_layer *l = &m->net.layer[i];
    const uint32_t out = m->net.channels[i], in = m->net.channels[l->from], taps = l->kh * l->kw;
    const uint64_t dim[] = {out, in, l->kh, l->kw}, outputs = out;
    const size_t count = (size_t)out * in * taps;
    int8_t *byte = g20_calloc(count, sizeof(*byte));
    float *scale = g20_calloc(out, sizeof(*scale));
    char bytes[NAME], scales[NAME];
    struct g20_text n;

    snprintf(bytes, sizeof(bytes), "bytes%u", i);
    snprintf(scales, sizeof(scales), "scales%u", i);
    for (uint32_t o = 0; byte && scale && o < out; o++) {
        scale[o] = g20_model_weight_scale(m, i, o);
        for (uint32_t c = 0; c < in; c++)
            for (uint32_t t = 0; t < taps; t++)
                byte[((size_t)o * in + c) * taps + t] = g20_model_weight_byte(
                    m->params[g20_model_weight_at(&m->net, i, o, c, t)], scale[o]);
        scale[o] = scale[o] > 0.0f ? scale[o] : 1.0f; /* of zeros any will do */
    }
    const int r = byte && scale ? 0 : -ENOMEM;
    if (r == 0) {
        tensor(graph, bytes, ONNX_TYPE_INT8, dim, 4, byte, count);
        tensor(graph, scales, ONNX_TYPE_FLOAT, &outputs, 1, scale, out * sizeof(*scale));
        begin(&n, "DequantizeLinear", (const char *[]){bytes, scales}, 2, to);
        attribute_int(&n, "axis", 0);
        g20_pb_put_message(graph, ONNX_GRAPH_NODE, &n);
    }
    g20_free(byte);
    g20_free(scale);
    return r;
}

/* The weights of layer @i, (out, in, height, width), as float16, and the node that makes @to. */
static int half_weights(struct g20_text *graph, const struct g20_model *m, uint32_t i,
                        const char *to)
{
    const struct g20_net_layer *l = &m->net.layer[i];
    const uint32_t out = m->net.channels[i], in = m->net.channels[l->from], taps = l->kh * l->kw;
    const uint64_t dim[] = {out, in, l->kh, l->kw};
    const size_t count = (size_t)out * in * taps;
    uint16_t *half = g20_calloc(count, sizeof(*half));
    char name[NAME];

    if (!half)
        return -ENOMEM;
    snprintf(name, sizeof(name), "half%u", i);
    for (uint32_t o = 0; o < out; o++)
        for (uint32_t c = 0; c < in; c++)
            for (uint32_t t = 0; t < taps; t++)
                half[((size_t)o * in + c) * taps + t] =
                    g20_half_of(m->params[g20_model_weight_at(&m->net, i, o, c, t)]);
    tensor(graph, name, ONNX_TYPE_HALF, dim, 4, half, count * sizeof(*half));
    cast(graph, name, to);
    g20_free(half);
    return 0;
}

static int convolution(struct g20_text *graph, const struct g20_model *m, uint32_t i,
                       const char *from, const char *to)
{
    const struct g20_net_layer *l = &m->net.layer[i];
    const bool same = l->kind == G20_NET_CONV;
    const uint64_t kernel[] = {l->kh, l->kw}, stride[] = {same ? 1 : l->kh, same ? 1 : l->kw};
    const uint64_t pad[] = {same ? l->kh / 2 : 0, same ? l->kw / 2 : 0, same ? l->kh / 2 : 0,
                            same ? l->kw / 2 : 0};
    const uint64_t outputs = m->net.channels[i];
    char full[NAME], bias[NAME], sum[NAME];
    struct g20_text n;

    snprintf(full, sizeof(full), "weight%u", i);
    snprintf(bias, sizeof(bias), "bias%u", i);
    snprintf(sum, sizeof(sum), "sum%u", i);
    const int r = m->is_int8 ? byte_weights(graph, m, i, full) : half_weights(graph, m, i, full);
    tensor(graph, bias, ONNX_TYPE_FLOAT, &outputs, 1, m->params + m->net.bias[i],
           (size_t)outputs * sizeof(float));

    begin(&n, "Conv", (const char *[]){from, full, bias}, 3, l->relu ? sum : to);
    attribute_ints(&n, "kernel_shape", kernel, 2);
    attribute_ints(&n, "strides", stride, 2);
    attribute_ints(&n, "pads", pad, 4);
    g20_pb_put_message(graph, ONNX_GRAPH_NODE, &n);
    if (l->relu) {
        begin(&n, "Relu", (const char *[]){sum}, 1, to);
        g20_pb_put_message(graph, ONNX_GRAPH_NODE, &n);
    }
    return r;
}

/* The name that readers of layer @i's output know it by. */
static void name_of(const struct g20_model *m, uint32_t i, char *buf)
{
    snprintf(buf, NAME, g20_model_has_bytes(m, i) ? "read%u" : "layer%u", i);
}

/* Layer @i's output to bytes and back, as whoever runs the model in INT8 is to take it. */
static void through_bytes(struct g20_text *graph, const struct g20_model *m, uint32_t i)
{
    char real[NAME], byte[NAME], back[NAME], scale[NAME], zero[NAME];
    struct g20_text n;

    snprintf(real, sizeof(real), "layer%u", i);
    snprintf(byte, sizeof(byte), "byte%u", i);
    snprintf(scale, sizeof(scale), "scale%u", i);
    snprintf(zero, sizeof(zero), "zero%u", i);
    name_of(m, i, back);
    tensor(graph, scale, ONNX_TYPE_FLOAT, NULL, 0, &m->quant.scale[i], sizeof(float));
    tensor(graph, zero, ONNX_TYPE_UINT8, NULL, 0, &m->quant.zero[i], 1);
    begin(&n, "QuantizeLinear", (const char *[]){real, scale, zero}, 3, byte);
    g20_pb_put_message(graph, ONNX_GRAPH_NODE, &n);
    begin(&n, "DequantizeLinear", (const char *[]){byte, scale, zero}, 3, back);
    g20_pb_put_message(graph, ONNX_GRAPH_NODE, &n);
}

static int layer(struct g20_text *graph, const struct g20_model *m, uint32_t i)
{
    const struct g20_net_layer *l = &m->net.layer[i];
    char from[NAME], with[NAME], to[NAME], twice[NAME];
    struct g20_text n;

    name_of(m, l->from, from);
    name_of(m, l->with, with);
    snprintf(to, sizeof(to), "layer%u", i);
    if (l->kind == G20_NET_CONV || l->kind == G20_NET_PATCH)
        return convolution(graph, m, i, from, to);
    if (l->kind == G20_NET_UP) {
        snprintf(twice, sizeof(twice), "twice%u", i);
        begin(&n, "Resize", (const char *[]){with, "", "scales"}, 3, twice);
        attribute_string(&n, "mode", "nearest");
        attribute_string(&n, "coordinate_transformation_mode", "asymmetric");
        attribute_string(&n, "nearest_mode", "floor");
        g20_pb_put_message(graph, ONNX_GRAPH_NODE, &n);
    }
    begin(&n, "Add", (const char *[]){from, l->kind == G20_NET_UP ? twice : with}, 2, to);
    g20_pb_put_message(graph, ONNX_GRAPH_NODE, &n);
    return 0;
}

/* ValueInfoProto: a float image of (1, channels, height, width). */
static void value(struct g20_text *graph, uint32_t field, uint32_t i, uint32_t channels,
                  uint32_t height, uint32_t width)
{
    const uint64_t dim[] = {1, channels, height, width};
    struct g20_text v = {0}, type = {0}, t = {0}, shape = {0};
    char name[NAME];

    snprintf(name, sizeof(name), "layer%u", i);
    for (size_t k = 0; k < G20_COUNT_OF(dim); k++) {
        struct g20_text d = {0};
        g20_pb_put_int(&d, 1, dim[k]);
        g20_pb_put_message(&shape, 1, &d);
    }
    g20_pb_put_int(&t, 1, ONNX_TYPE_FLOAT);
    g20_pb_put_message(&t, 2, &shape);
    g20_pb_put_message(&type, 1, &t);
    g20_pb_put_string(&v, 1, name);
    g20_pb_put_message(&v, 2, &type);
    g20_pb_put_message(graph, field, &v);
}

static int write_graph(struct g20_text *graph, const struct g20_model *m)
{
    static const float scales[] = {1, 1, 2, 2};
    static const uint64_t four = 4;
    struct g20_image shape[G20_NET_LAYERS] = {{.height = m->height, .width = m->width}};
    const uint32_t last = m->net.count - 1;
    int r = 0;

    g20_pb_put_string(graph, ONNX_GRAPH_NAME, "g20");
    for (uint32_t i = 0; i <= last && r >= 0; i++) {
        if (i > 0) {
            g20_net_shape(&m->net, i, shape, &shape[i].height, &shape[i].width);
            r = layer(graph, m, i);
        }
        if (g20_model_has_bytes(m, i))
            through_bytes(graph, m, i);
    }
    tensor(graph, "scales", ONNX_TYPE_FLOAT, &four, 1, scales, sizeof(scales));
    value(graph, ONNX_GRAPH_INPUT, 0, m->net.channels[0], m->height, m->width);
    value(graph, ONNX_GRAPH_OUTPUT, last, m->net.channels[last], shape[last].height,
          shape[last].width);
    return r;
}

int g20_onnx_write(const struct g20_model *m, const char *path, struct g20_err *e)
{
    struct g20_text file = {0}, graph = {0}, opset = {0};
    int r = write_graph(&graph, m);

    g20_pb_put_int(&file, ONNX_MODEL_IR, IR);
    g20_pb_put_string(&file, ONNX_MODEL_PRODUCER, "g20");
    g20_pb_put_message(&file, ONNX_MODEL_GRAPH, &graph);
    g20_pb_put_string(&opset, 1, "");
    g20_pb_put_int(&opset, 2, OPSET);
    g20_pb_put_message(&file, ONNX_MODEL_OPSET, &opset);
    for (uint32_t i = 0; i < m->props; i++) {
        struct g20_text p = {0};
        g20_pb_put_string(&p, 1, m->prop[i].key);
        g20_pb_put_string(&p, 2, m->prop[i].value);
        g20_pb_put_message(&file, ONNX_MODEL_PROP, &p);
    }
    if (r < 0 || file.failed)
        r = g20_fail(e, -ENOMEM, "%s: out of memory", path);
    else
        r = g20_file_write(path, file.data, file.len, e);
    g20_text_fini(&file);
    return r;
}
