/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "nn/onnx_file.h"

#include <errno.h>
#include <string.h>

int g20_onnx_bad(const struct g20_onnx_file *r, const char *what)
{
    return g20_fail(r->e, -EBADMSG, "%s: no ONNX model that is whole: %s", r->name, what);
}

bool g20_onnx_is(struct g20_pb s, const char *text)
{
    return s.len == strlen(text) && memcmp(s.data, text, s.len) == 0;
}

bool g20_onnx_same(struct g20_pb a, struct g20_pb b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static struct g20_pb span_of(const struct g20_pb_field *f)
{
    return f->wire == G20_PB_BYTES ? f->sub : (struct g20_pb){(const uint8_t *)"", 0};
}

const char *g20_onnx_show(struct g20_pb s, char *buf, size_t size)
{
    struct g20_text t;
    char plain[48] = {0};

    if (s.len > 0)
        memcpy(plain, s.data, G20_MIN(s.len, sizeof(plain) - 1));
    g20_text_fixed(&t, buf, size);
    g20_text_plain(&t, plain);
    return buf;
}

static int take_dim(struct g20_pb_field *f, uint64_t *dim, uint32_t *dims)
{
    uint64_t v = f->value;
    int r = 1;

    while (f->wire == G20_PB_VARINT || (r = g20_pb_packed(&f->sub, &v)) > 0) {
        if (*dims == G20_ONNX_DIMS)
            return -EBADMSG;
        dim[(*dims)++] = v;
        if (f->wire == G20_PB_VARINT)
            return 0;
    }
    return r;
}

static int read_tensor(struct g20_onnx_file *r, struct g20_pb p)
{
    struct g20_pb_field f;
    int k;

    if (r->tensors == G20_ONNX_TENSORS)
        return g20_onnx_bad(r, "too many tensors");
    struct g20_onnx_tensor *t = &r->tensor[r->tensors++];
    while ((k = g20_pb_next(&p, &f)) > 0) {
        if (f.number == ONNX_TENSOR_DIM && take_dim(&f, t->dim, &t->dims) < 0)
            return g20_onnx_bad(r, "a tensor of more than four dimensions");
        if (f.number == ONNX_TENSOR_TYPE)
            t->type = f.value;
        if (f.number == ONNX_TENSOR_NAME)
            t->name = span_of(&f);
        if (f.number == ONNX_TENSOR_RAW)
            t->raw = span_of(&f);
    }
    return k < 0 ? g20_onnx_bad(r, "a tensor is cut short") : 0;
}

static int read_node(struct g20_onnx_file *r, struct g20_pb p)
{
    struct g20_pb_field f;
    int k;

    if (r->nodes == G20_ONNX_NODES)
        return g20_onnx_bad(r, "too many nodes");
    struct g20_onnx_node *n = &r->node[r->nodes++];
    while ((k = g20_pb_next(&p, &f)) > 0) {
        if (f.number == ONNX_NODE_INPUT) {
            if (n->ins == G20_ONNX_INPUTS)
                return g20_onnx_bad(r, "a node with more than four inputs");
            n->in[n->ins++] = span_of(&f);
        }
        if (f.number == ONNX_NODE_OUTPUT) {
            n->out = span_of(&f);
            n->outs++;
        }
        if (f.number == ONNX_NODE_OP)
            n->op = span_of(&f);
        if (f.number == ONNX_NODE_ATTR && f.wire == G20_PB_BYTES) {
            if (n->attrs == G20_ONNX_ATTRS)
                return g20_onnx_bad(r, "a node with more than eight attributes");
            n->attr[n->attrs++] = f.sub;
        }
    }
    if (k < 0 || n->outs != 1)
        return g20_onnx_bad(r, "a node is cut short, or has not one output");
    return 0;
}

/* The field @number within @p that is a message; an empty one when there is none. */
static struct g20_pb inner(struct g20_pb p, uint32_t number)
{
    struct g20_pb_field f;

    while (g20_pb_next(&p, &f) > 0)
        if (f.number == number && f.wire == G20_PB_BYTES)
            return f.sub;
    return (struct g20_pb){(const uint8_t *)"", 0};
}

/* A ValueInfoProto: its name, and its shape (@dim NULL: not wanted). */
static int read_value(struct g20_onnx_file *r, struct g20_pb p, struct g20_pb *name, uint64_t *dim)
{
    struct g20_pb shape = inner(inner(inner(p, 2), 1), 2);
    struct g20_pb_field f;
    uint32_t dims = 0;

    *name = inner(p, 1);
    while (dim && g20_pb_next(&shape, &f) > 0) {
        struct g20_pb_field d = {0};
        if (f.number != 1 || f.wire != G20_PB_BYTES || dims == G20_ONNX_DIMS)
            return g20_onnx_bad(r, "the input's shape");
        if (g20_pb_next(&f.sub, &d) > 0 && d.number == 1 && d.wire == G20_PB_VARINT)
            dim[dims] = d.value;
        dims++;
    }
    return !dim || dims == G20_ONNX_DIMS
               ? 0
               : g20_onnx_bad(r, "the input's shape is not (1, channels, rows, bins)");
}

static int read_graph(struct g20_onnx_file *r, struct g20_pb p)
{
    struct g20_pb_field f;
    int k, rc = 0;

    while (rc >= 0 && (k = g20_pb_next(&p, &f)) > 0) {
        if (f.wire != G20_PB_BYTES)
            continue;
        if (f.number == ONNX_GRAPH_NODE)
            rc = read_node(r, f.sub);
        else if (f.number == ONNX_GRAPH_TENSOR)
            rc = read_tensor(r, f.sub);
        else if (f.number == ONNX_GRAPH_INPUT && r->inputs++ == 0)
            rc = read_value(r, f.sub, &r->input, r->shape);
        else if (f.number == ONNX_GRAPH_OUTPUT && r->outputs++ == 0)
            rc = read_value(r, f.sub, &r->output, NULL);
    }
    if (rc < 0)
        return rc;
    if (k < 0)
        return g20_onnx_bad(r, "its graph is cut short");
    if (r->inputs != 1 || r->outputs != 1)
        return g20_onnx_bad(r, "not one input and one output");
    return 0;
}

static int read_prop(struct g20_onnx_file *r, struct g20_pb p, struct g20_model *m)
{
    const struct g20_pb key = inner(p, 1), value = inner(p, 2);
    char k[G20_MODEL_KEY] = {0}, v[G20_MODEL_VALUE] = {0};

    if (key.len >= sizeof(k) || value.len >= sizeof(v))
        return 0; /* none of ours */
    memcpy(k, key.data, key.len);
    memcpy(v, value.data, value.len);
    if (!g20_text_is_clean(k) || !g20_text_is_clean(v))
        return g20_onnx_bad(r, "a property that is no plain text");
    return g20_model_set(m, k, v, r->e);
}

int g20_onnx_attribute(const struct g20_onnx_node *n, const char *name, uint64_t *v, int cap)
{
    for (uint32_t i = 0; i < n->attrs; i++) {
        struct g20_pb p = n->attr[i];
        const struct g20_pb key = inner(p, ONNX_ATTR_NAME);
        struct g20_pb_field f;
        uint64_t dim[G20_ONNX_DIMS] = {0};
        uint32_t count = 0;

        if (!g20_onnx_is(key, name))
            continue;
        while (g20_pb_next(&p, &f) > 0)
            if ((f.number == ONNX_ATTR_INTS || f.number == ONNX_ATTR_INT) &&
                take_dim(&f, dim, &count) < 0)
                return 0;
        for (int k = 0; k < cap && k < (int)count; k++)
            v[k] = dim[k];
        return (int)count;
    }
    return -1;
}

int g20_onnx_file_read(struct g20_onnx_file *r, struct g20_pb p, struct g20_model *m)
{
    struct g20_pb_field f;
    bool has_graph = false;
    int k, rc = 0;

    while (rc >= 0 && (k = g20_pb_next(&p, &f)) > 0) {
        if (f.number == ONNX_MODEL_GRAPH && f.wire == G20_PB_BYTES && !has_graph) {
            has_graph = true;
            rc = read_graph(r, f.sub);
        } else if (f.number == ONNX_MODEL_PROP && f.wire == G20_PB_BYTES) {
            rc = read_prop(r, f.sub, m);
        }
    }
    if (rc < 0)
        return rc;
    if (k < 0 || !has_graph)
        return g20_onnx_bad(r, k < 0 ? "it is cut short" : "it has no graph");
    return 0;
}
