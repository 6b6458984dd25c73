/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "nn/onnx_nodes.h"

#include <string.h>

int g20_onnx_add_symbol(struct g20_onnx_reader *r, struct g20_pb name, int kind, uint32_t index)
{
    for (uint32_t i = 0; i < r->symbols; i++)
        if (g20_onnx_same(r->symbol[i].name, name))
            return g20_onnx_bad(&r->file, "two things of one name");
    if (name.len == 0 || r->symbols == G20_COUNT_OF(r->symbol))
        return g20_onnx_bad(&r->file, "a thing without a name");
    r->symbol[r->symbols++] =
        (struct g20_onnx_symbol){.name = name, .kind = (unsigned)kind, .index = index};
    return 0;
}

struct g20_onnx_symbol *g20_onnx_find(struct g20_onnx_reader *r, struct g20_pb name)
{
    for (uint32_t i = 0; i < r->symbols; i++)
        if (g20_onnx_same(r->symbol[i].name, name))
            return &r->symbol[i];
    return NULL;
}

/* What node @n reads in place @i, of @kind. */
static int want(struct g20_onnx_reader *r, const struct g20_onnx_node *n, uint32_t i, int kind,
                struct g20_onnx_symbol **ret)
{
    char op[64], name[64];

    *ret = i < n->ins ? g20_onnx_find(r, n->in[i]) : NULL;
    if (!*ret || (int)(*ret)->kind != kind)
        return g20_fail(r->file.e, G20_EUNSUPPORTED, "%s: input %u of a %s is %s", r->file.name, i,
                        g20_onnx_show(n->op, op, sizeof(op)),
                        i < n->ins ? g20_onnx_show(n->in[i], name, sizeof(name)) : "missing");
    (*ret)->used = true;
    return 0;
}

static int unsupported(struct g20_onnx_reader *r, const struct g20_onnx_node *n, const char *what)
{
    char op[64], out[64];

    return g20_fail(r->file.e, G20_EUNSUPPORTED, "%s: node %s (%s): %s", r->file.name,
                    g20_onnx_show(n->out, out, sizeof(out)), g20_onnx_show(n->op, op, sizeof(op)),
                    what);
}

static int new_layer(struct g20_onnx_reader *r, const struct g20_onnx_node *n,
                     struct g20_net_layer l)
{
    if (r->layers == G20_NET_LAYERS)
        return unsupported(r, n, "too many layers");
    r->layer[r->layers] = l;
    return g20_onnx_add_symbol(r, n->out, G20_ONNX_LAYER, r->layers++);
}

static int convolution(struct g20_onnx_reader *r, const struct g20_onnx_node *n)
{
    uint64_t stride[2] = {1, 1}, pad[4] = {0}, group = 1, dilation[2] = {1, 1};
    struct g20_onnx_symbol *x, *w, *b;
    int rc;

    if ((rc = want(r, n, 0, G20_ONNX_LAYER, &x)) < 0 ||
        (rc = want(r, n, 1, G20_ONNX_TENSOR, &w)) < 0 ||
        (rc = want(r, n, 2, G20_ONNX_TENSOR, &b)) < 0)
        return rc;
    if (!x || !w || !b)
        return unsupported(r, n, "its inputs");
    struct g20_onnx_tensor *t = &r->file.tensor[w->index], *bias = &r->file.tensor[b->index];
    g20_onnx_attribute(n, "strides", stride, 2);
    g20_onnx_attribute(n, "pads", pad, 4);
    g20_onnx_attribute(n, "group", &group, 1);
    g20_onnx_attribute(n, "dilations", dilation, 2);
    if (t->dims != 4 || bias->dims != 1 || bias->dim[0] != t->dim[0])
        return unsupported(r, n, "weights not (out, in, height, width), or biases not (out)");
    const uint64_t kh = t->dim[2], kw = t->dim[3];
    const bool is_patch = stride[0] == kh && stride[1] == kw && (kh > 1 || kw > 1);
    const uint64_t ph = is_patch ? 0 : kh / 2, pw = is_patch ? 0 : kw / 2;
    if (t->dim[0] > G20_NET_CHANNELS || kh > 8 || kw > 8 || group != 1 || dilation[0] != 1 ||
        dilation[1] != 1 || pad[0] != ph || pad[2] != ph || pad[1] != pw || pad[3] != pw ||
        (!is_patch && (stride[0] != 1 || stride[1] != 1)))
        return unsupported(r, n, "neither stride 1 and as large as its input, nor its own stride");
    if (t->dim[1] != r->channels[x->index])
        return g20_fail(r->file.e, G20_ESHAPE, "%s: a Conv for %llu channels gets %u", r->file.name,
                        (unsigned long long)t->dim[1], r->channels[x->index]);
    if (t->taken || bias->taken)
        return unsupported(r, n, "shares its weights");
    t->taken = bias->taken = true;
    const uint32_t i = r->layers;
    rc = new_layer(r, n,
                   (struct g20_net_layer){.kind = is_patch ? G20_NET_PATCH : G20_NET_CONV,
                                          .from = x->index,
                                          .channels = (uint32_t)t->dim[0],
                                          .kh = (uint32_t)kh,
                                          .kw = (uint32_t)kw});
    if (rc < 0)
        return rc;
    r->channels[i] = (uint32_t)t->dim[0];
    r->weight[i] = w->index;
    r->bias[i] = b->index;
    return 0;
}

/* Becomes a part of the convolution before it. */
static int rectifier(struct g20_onnx_reader *r, const struct g20_onnx_node *n)
{
    struct g20_onnx_symbol *x = n->ins > 0 ? g20_onnx_find(r, n->in[0]) : NULL;

    if (!x || x->kind != G20_ONNX_LAYER || x->used || x->index == 0 || r->layer[x->index].relu ||
        r->layer[x->index].channels == 0)
        return unsupported(r, n, "not right behind a Conv that nobody else reads");
    r->layer[x->index].relu = true;
    x->used = true;
    const uint32_t index = x->index;
    x->name = (struct g20_pb){(const uint8_t *)"", 0}; /* what it was before is gone */
    return g20_onnx_add_symbol(r, n->out, G20_ONNX_LAYER, index);
}

static int add(struct g20_onnx_reader *r, const struct g20_onnx_node *n)
{
    struct g20_onnx_symbol *a = n->ins == 2 ? g20_onnx_find(r, n->in[0]) : NULL;
    struct g20_onnx_symbol *b = n->ins == 2 ? g20_onnx_find(r, n->in[1]) : NULL;

    if (a && a->kind == G20_ONNX_TWICE) {
        struct g20_onnx_symbol *c = a;
        a = b;
        b = c;
    }
    if (!a || !b || a->kind != G20_ONNX_LAYER || b->kind == G20_ONNX_TENSOR)
        return unsupported(r, n, "its inputs are not two layers");
    a->used = b->used = true;
    if (r->channels[a->index] != r->channels[b->index])
        return unsupported(r, n, "its inputs have different numbers of channels");
    if (r->layers < G20_NET_LAYERS)
        r->channels[r->layers] = r->channels[a->index];
    return new_layer(
        r, n,
        (struct g20_net_layer){.kind = b->kind == G20_ONNX_TWICE ? G20_NET_UP : G20_NET_ADD,
                               .from = a->index,
                               .with = b->index});
}

static int resize(struct g20_onnx_reader *r, const struct g20_onnx_node *n)
{
    static const uint32_t twice[] = {0x3f800000, 0x3f800000, 0x40000000, 0x40000000}; /* 1 1 2 2 */
    struct g20_onnx_symbol *x, *s;
    int rc;

    if ((rc = want(r, n, 0, G20_ONNX_LAYER, &x)) < 0 ||
        (rc = want(r, n, 2, G20_ONNX_TENSOR, &s)) < 0)
        return rc;
    if (!x || !s)
        return unsupported(r, n, "its inputs");
    const struct g20_onnx_tensor *t = &r->file.tensor[s->index];
    if (t->type != ONNX_TYPE_FLOAT || t->raw.len != sizeof(twice) ||
        memcmp(t->raw.data, twice, sizeof(twice)) != 0)
        return unsupported(r, n, "scales other than 1, 1, 2, 2");
    return g20_onnx_add_symbol(r, n->out, G20_ONNX_TWICE, x->index);
}

static int cast(struct g20_onnx_reader *r, const struct g20_onnx_node *n)
{
    struct g20_onnx_symbol *x;
    uint64_t to = 0;
    const int rc = want(r, n, 0, G20_ONNX_TENSOR, &x);

    if (rc < 0)
        return rc;
    if (!x || g20_onnx_attribute(n, "to", &to, 1) != 1 || to != ONNX_TYPE_FLOAT)
        return unsupported(r, n, "to another type than float");
    return g20_onnx_add_symbol(r, n->out, G20_ONNX_TENSOR, x->index);
}

/* Tensor @t as one number of @type (float or a byte). */
static int one_number(struct g20_onnx_reader *r, const struct g20_onnx_node *n, uint32_t i,
                      uint64_t type, float *ret)
{
    struct g20_onnx_symbol *s;
    const int rc = want(r, n, i, G20_ONNX_TENSOR, &s);

    *ret = 0.0f;
    if (rc < 0)
        return rc;
    if (!s)
        return unsupported(r, n, "its scale or zero");
    const struct g20_onnx_tensor *t = &r->file.tensor[s->index];
    if (t->type != type || t->raw.len != (type == ONNX_TYPE_FLOAT ? 4 : 1))
        return unsupported(r, n, "its scale or zero is not one number of its type");
    *ret = (float)t->raw.data[0];
    if (type == ONNX_TYPE_FLOAT)
        memcpy(ret, t->raw.data, sizeof(*ret));
    return 0;
}

static int scale_and_zero(struct g20_onnx_reader *r, const struct g20_onnx_node *n, float *scale,
                          float *zero)
{
    int rc = one_number(r, n, 1, ONNX_TYPE_FLOAT, scale);

    *zero = 0.0f;
    if (rc < 0 || (rc = one_number(r, n, 2, ONNX_TYPE_UINT8, zero)) < 0)
        return rc;
    return *scale > 0.0f && *scale < 1e30f ? 0 : unsupported(r, n, "a scale that is none");
}

static int to_bytes(struct g20_onnx_reader *r, const struct g20_onnx_node *n)
{
    struct g20_onnx_symbol *x;
    float scale, zero;
    int rc = want(r, n, 0, G20_ONNX_LAYER, &x);

    if (rc < 0 || (rc = scale_and_zero(r, n, &scale, &zero)) < 0)
        return rc;
    if (!x || r->has_bytes[x->index])
        return unsupported(r, n, "bytes of bytes");
    r->has_bytes[x->index] = true;
    r->m->quant.scale[x->index] = scale;
    r->m->quant.zero[x->index] = (uint8_t)zero;
    return g20_onnx_add_symbol(r, n->out, G20_ONNX_BYTES, x->index);
}

static int from_bytes(struct g20_onnx_reader *r, const struct g20_onnx_node *n)
{
    struct g20_onnx_symbol *x = n->ins >= 2 ? g20_onnx_find(r, n->in[0]) : NULL, *s;
    float scale, zero;
    int rc;

    if (x && x->kind == G20_ONNX_BYTES) {
        if ((rc = scale_and_zero(r, n, &scale, &zero)) < 0)
            return rc;
        const float had = r->m->quant.scale[x->index];
        if (scale < had || scale > had || (uint8_t)zero != r->m->quant.zero[x->index])
            return unsupported(r, n, "not the scale and zero that the bytes were made with");
        return g20_onnx_add_symbol(r, n->out, G20_ONNX_LAYER, x->index);
    }
    uint64_t axis = 1;
    if (!x || x->kind != G20_ONNX_TENSOR || n->ins != 2 ||
        g20_onnx_attribute(n, "axis", &axis, 1) != 1 || axis != 0 ||
        r->file.tensor[x->index].type != ONNX_TYPE_INT8 || r->file.tensor[x->index].scale)
        return unsupported(r, n, "neither a layer's bytes nor weights along axis 0");
    if ((rc = want(r, n, 1, G20_ONNX_TENSOR, &s)) < 0)
        return rc;
    x->used = true;
    r->file.tensor[x->index].scale = s ? s->index + 1 : 0;
    return g20_onnx_add_symbol(r, n->out, G20_ONNX_TENSOR, x->index);
}

int g20_onnx_take_node(struct g20_onnx_reader *r, const struct g20_onnx_node *n)
{
    static const struct {
        const char *op;
        int (*take)(struct g20_onnx_reader *r, const struct g20_onnx_node *n);
    } ops[] = {{"Conv", convolution},
               {"Relu", rectifier},
               {"Add", add},
               {"Resize", resize},
               {"Cast", cast},
               {"QuantizeLinear", to_bytes},
               {"DequantizeLinear", from_bytes}};

    for (size_t i = 0; i < G20_COUNT_OF(ops); i++)
        if (g20_onnx_is(n->op, ops[i].op))
            return ops[i].take(r, n);
    return unsupported(r, n,
                       "not one of Conv, Relu, Add, Resize, Cast, QuantizeLinear, "
                       "DequantizeLinear");
}
