/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "nn/onnx_scan.h"

#include "nn/onnx_file.h"

#include <errno.h>
#include <string.h>

enum { TENSOR_ELSEWHERE = 13, PROP_KEY = 1, PROP_VALUE = 2 };

static int bad(const char *name, const char *what, struct g20_err *e)
{
    return g20_fail(e, -EBADMSG, "%s: %s", name, what);
}

static int scan_prop(struct g20_onnx_scan *s, struct g20_pb p)
{
    struct g20_pb key = {0}, value = {0};
    struct g20_pb_field f;
    int r;

    while ((r = g20_pb_next(&p, &f)) > 0) {
        if (f.wire == G20_PB_BYTES && f.number == PROP_KEY)
            key = f.sub;
        if (f.wire == G20_PB_BYTES && f.number == PROP_VALUE)
            value = f.sub;
    }
    if (r >= 0 && s->props < G20_ONNX_SCAN_PROPS) {
        s->prop[s->props].key = key;
        s->prop[s->props++].value = value;
    }
    return r;
}

/* 1: field @number of bytes is in @p and, if @text, reads so; 0: it is not. */
static int has(struct g20_pb p, uint32_t number, const char *text)
{
    struct g20_pb_field f;
    int r;

    while ((r = g20_pb_next(&p, &f)) > 0)
        if (f.wire == G20_PB_BYTES && f.number == number && (!text || g20_onnx_is(f.sub, text)))
            return 1;
    return r;
}

static int scan_graph(struct g20_onnx_scan *s, struct g20_pb p, const char *name, struct g20_err *e)
{
    struct g20_pb_field f;
    int r, is = 0;

    while ((r = g20_pb_next(&p, &f)) > 0) {
        if (f.wire != G20_PB_BYTES)
            continue;
        if (f.number == ONNX_GRAPH_NODE) {
            is = has(f.sub, ONNX_NODE_OP, "DequantizeLinear");
            s->is_quantized = s->is_quantized || is > 0;
        }
        if (f.number == ONNX_GRAPH_TENSOR && (is = has(f.sub, TENSOR_ELSEWHERE, NULL)) > 0)
            return g20_fail(e, G20_EUNSUPPORTED,
                            "%s: its weights are in another file, not read here", name);
        if (is < 0)
            return bad(name, "damaged: a node or a tensor is cut short", e);
    }
    return r < 0 ? bad(name, "damaged: its graph is cut short", e) : 0;
}

int g20_onnx_scan(struct g20_onnx_scan *ret, const void *data, size_t len, const char *name,
                  struct g20_err *e)
{
    struct g20_pb p = {data, len};
    struct g20_onnx_scan s = {0};
    struct g20_pb_field f;
    bool has_graph = false;
    int r;

    while ((r = g20_pb_next(&p, &f)) > 0) {
        if (f.wire != G20_PB_BYTES)
            continue;
        if (f.number == ONNX_MODEL_PROP && scan_prop(&s, f.sub) < 0)
            return bad(name, "damaged: a property is cut short", e);
        if (f.number == ONNX_MODEL_GRAPH) {
            if ((r = scan_graph(&s, f.sub, name, e)) < 0)
                return r;
            has_graph = true;
        }
    }
    if (r < 0)
        return bad(name, "damaged, or no ONNX file", e);
    if (!has_graph)
        return bad(name, "no ONNX file: it holds no graph", e);
    *ret = s;
    return 0;
}

int g20_onnx_scan_prop(const struct g20_onnx_scan *s, const char *key, char *buf, size_t size)
{
    for (uint32_t i = 0; i < s->props; i++) {
        const struct g20_pb v = s->prop[i].value;
        if (!g20_onnx_is(s->prop[i].key, key))
            continue;
        if (v.len >= size)
            return -EOVERFLOW;
        if (v.len > 0)
            memcpy(buf, v.data, v.len);
        buf[v.len] = '\0';
        return (int)v.len;
    }
    return -1;
}
