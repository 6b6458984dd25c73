/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* A file is read in two passes: what names which bytes (spans into the file), then nodes in their
 * order become layers. A name stands for a layer's output (as it is, or through bytes and back), a
 * tensor of the file (as it is, cast to float, or bytes with their scales), a layer's output twice
 * as large, which only Add may read, or its bytes, which only DequantizeLinear may. */
#include "nn/onnx.h"

#include "base/alloc.h"
#include "base/file.h"
#include "nn/net_run.h"
#include "nn/onnx_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { MOST_BYTES = 64 << 20 };

struct symbol {
    struct g20_pb name;
    enum { LAYER, TENSOR, TWICE, BYTES } kind;
    uint32_t index;
    bool used;
};

struct reader {
    struct g20_onnx_file file;
    struct g20_model *m;
    uint32_t symbols, layers;
    struct symbol symbol[G20_ONNX_NODES + G20_ONNX_TENSORS + 1];
    struct g20_net_layer layer[G20_NET_LAYERS];
    uint32_t weight[G20_NET_LAYERS], bias[G20_NET_LAYERS]; /* tensors */
    uint32_t channels[G20_NET_LAYERS];
    bool has_bytes[G20_NET_LAYERS];
};

static int add_symbol(struct reader *r, struct g20_pb name, int kind, uint32_t index)
{
    for (uint32_t i = 0; i < r->symbols; i++)
        if (g20_onnx_same(r->symbol[i].name, name))
            return g20_onnx_bad(&r->file, "two things of one name");
    if (name.len == 0 || r->symbols == G20_COUNT_OF(r->symbol))
        return g20_onnx_bad(&r->file, "a thing without a name");
    r->symbol[r->symbols++] = (struct symbol){.name = name, .kind = (unsigned)kind, .index = index};
    return 0;
}

static struct symbol *find(struct reader *r, struct g20_pb name)
{
    for (uint32_t i = 0; i < r->symbols; i++)
        if (g20_onnx_same(r->symbol[i].name, name))
            return &r->symbol[i];
    return NULL;
}

/* What node @n reads in place @i, of @kind. */
static int want(struct reader *r, const struct g20_onnx_node *n, uint32_t i, int kind,
                struct symbol **ret)
{
    char op[64], name[64];

    *ret = i < n->ins ? find(r, n->in[i]) : NULL;
    if (!*ret || (int)(*ret)->kind != kind)
        return g20_fail(r->file.e, G20_EUNSUPPORTED, "%s: input %u of a %s is %s", r->file.name, i,
                        g20_onnx_show(n->op, op, sizeof(op)),
                        i < n->ins ? g20_onnx_show(n->in[i], name, sizeof(name)) : "missing");
    (*ret)->used = true;
    return 0;
}

static int unsupported(struct reader *r, const struct g20_onnx_node *n, const char *what)
{
    char op[64], out[64];

    return g20_fail(r->file.e, G20_EUNSUPPORTED, "%s: node %s (%s): %s", r->file.name,
                    g20_onnx_show(n->out, out, sizeof(out)), g20_onnx_show(n->op, op, sizeof(op)),
                    what);
}

static int new_layer(struct reader *r, const struct g20_onnx_node *n, struct g20_net_layer l)
{
    if (r->layers == G20_NET_LAYERS)
        return unsupported(r, n, "too many layers");
    r->layer[r->layers] = l;
    return add_symbol(r, n->out, LAYER, r->layers++);
}

static int convolution(struct reader *r, const struct g20_onnx_node *n)
{
    uint64_t stride[2] = {1, 1}, pad[4] = {0}, group = 1, dilation[2] = {1, 1};
    struct symbol *x, *w, *b;
    int rc;

    if ((rc = want(r, n, 0, LAYER, &x)) < 0 || (rc = want(r, n, 1, TENSOR, &w)) < 0 ||
        (rc = want(r, n, 2, TENSOR, &b)) < 0)
        return rc;
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
static int rectifier(struct reader *r, const struct g20_onnx_node *n)
{
    struct symbol *x = n->ins > 0 ? find(r, n->in[0]) : NULL;

    if (!x || x->kind != LAYER || x->used || x->index == 0 || r->layer[x->index].relu ||
        r->layer[x->index].channels == 0)
        return unsupported(r, n, "not right behind a Conv that nobody else reads");
    r->layer[x->index].relu = true;
    x->used = true;
    const uint32_t index = x->index;
    x->name = (struct g20_pb){(const uint8_t *)"", 0}; /* what it was before is gone */
    return add_symbol(r, n->out, LAYER, index);
}

static int add(struct reader *r, const struct g20_onnx_node *n)
{
    struct symbol *a = n->ins == 2 ? find(r, n->in[0]) : NULL;
    struct symbol *b = n->ins == 2 ? find(r, n->in[1]) : NULL;

    if (a && a->kind == TWICE) {
        struct symbol *c = a;
        a = b;
        b = c;
    }
    if (!a || !b || a->kind != LAYER || b->kind == TENSOR)
        return unsupported(r, n, "its inputs are not two layers");
    a->used = b->used = true;
    if (r->channels[a->index] != r->channels[b->index])
        return unsupported(r, n, "its inputs have different numbers of channels");
    if (r->layers < G20_NET_LAYERS)
        r->channels[r->layers] = r->channels[a->index];
    return new_layer(r, n,
                     (struct g20_net_layer){.kind = b->kind == TWICE ? G20_NET_UP : G20_NET_ADD,
                                            .from = a->index,
                                            .with = b->index});
}

static int resize(struct reader *r, const struct g20_onnx_node *n)
{
    static const uint32_t twice[] = {0x3f800000, 0x3f800000, 0x40000000, 0x40000000}; /* 1 1 2 2 */
    struct symbol *x, *s;
    int rc;

    if ((rc = want(r, n, 0, LAYER, &x)) < 0 || (rc = want(r, n, 2, TENSOR, &s)) < 0)
        return rc;
    if (!x || !s)
        return unsupported(r, n, "its inputs");
    const struct g20_onnx_tensor *t = &r->file.tensor[s->index];
    if (t->type != ONNX_TYPE_FLOAT || t->raw.len != sizeof(twice) ||
        memcmp(t->raw.data, twice, sizeof(twice)) != 0)
        return unsupported(r, n, "scales other than 1, 1, 2, 2");
    return add_symbol(r, n->out, TWICE, x->index);
}

static int cast(struct reader *r, const struct g20_onnx_node *n)
{
    struct symbol *x;
    uint64_t to = 0;
    const int rc = want(r, n, 0, TENSOR, &x);

    if (rc < 0)
        return rc;
    if (!x || g20_onnx_attribute(n, "to", &to, 1) != 1 || to != ONNX_TYPE_FLOAT)
        return unsupported(r, n, "to another type than float");
    return add_symbol(r, n->out, TENSOR, x->index);
}

/* Tensor @t as one number of @type (float or a byte). */
static int one_number(struct reader *r, const struct g20_onnx_node *n, uint32_t i, uint64_t type,
                      float *ret)
{
    struct symbol *s;
    const int rc = want(r, n, i, TENSOR, &s);

    if (rc < 0)
        return rc;
    const struct g20_onnx_tensor *t = s ? &r->file.tensor[s->index] : NULL;
    if (!t || t->type != type || t->raw.len != (type == ONNX_TYPE_FLOAT ? 4 : 1))
        return unsupported(r, n, "its scale or zero is not one number of its type");
    *ret = (float)t->raw.data[0];
    if (type == ONNX_TYPE_FLOAT)
        memcpy(ret, t->raw.data, sizeof(*ret));
    return 0;
}

static int scale_and_zero(struct reader *r, const struct g20_onnx_node *n, float *scale,
                          float *zero)
{
    int rc = one_number(r, n, 1, ONNX_TYPE_FLOAT, scale);

    if (rc < 0 || (rc = one_number(r, n, 2, ONNX_TYPE_UINT8, zero)) < 0)
        return rc;
    return *scale > 0.0f && *scale < 1e30f ? 0 : unsupported(r, n, "a scale that is none");
}

static int to_bytes(struct reader *r, const struct g20_onnx_node *n)
{
    struct symbol *x;
    float scale, zero;
    int rc = want(r, n, 0, LAYER, &x);

    if (rc < 0 || (rc = scale_and_zero(r, n, &scale, &zero)) < 0)
        return rc;
    if (!x || r->has_bytes[x->index])
        return unsupported(r, n, "bytes of bytes");
    r->has_bytes[x->index] = true;
    r->m->quant.scale[x->index] = scale;
    r->m->quant.zero[x->index] = (uint8_t)zero;
    return add_symbol(r, n->out, BYTES, x->index);
}

static int from_bytes(struct reader *r, const struct g20_onnx_node *n)
{
    struct symbol *x = n->ins >= 2 ? find(r, n->in[0]) : NULL, *s;
    float scale, zero;
    int rc;

    if (x && x->kind == BYTES) {
        if ((rc = scale_and_zero(r, n, &scale, &zero)) < 0)
            return rc;
        if (memcmp(&scale, &r->m->quant.scale[x->index], sizeof(scale)) != 0 ||
            (uint8_t)zero != r->m->quant.zero[x->index])
            return unsupported(r, n, "not the scale and zero that the bytes were made with");
        return add_symbol(r, n->out, LAYER, x->index);
    }
    uint64_t axis = 1;
    if (!x || x->kind != TENSOR || n->ins != 2 || g20_onnx_attribute(n, "axis", &axis, 1) != 1 ||
        axis != 0 || r->file.tensor[x->index].type != ONNX_TYPE_INT8 ||
        r->file.tensor[x->index].scale)
        return unsupported(r, n, "neither a layer's bytes nor weights along axis 0");
    if ((rc = want(r, n, 1, TENSOR, &s)) < 0)
        return rc;
    x->used = true;
    r->file.tensor[x->index].scale = s ? s->index + 1 : 0;
    return add_symbol(r, n->out, TENSOR, x->index);
}

static int take_node(struct reader *r, const struct g20_onnx_node *n)
{
    static const struct {
        const char *op;
        int (*take)(struct reader *r, const struct g20_onnx_node *n);
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

/* Value @i of tensor @t, whose length was checked; @scale of its bytes, if it has any. */
static float value(const struct g20_onnx_tensor *t, size_t i, float scale)
{
    if (t->type == ONNX_TYPE_INT8) {
        int8_t b;
        memcpy(&b, t->raw.data + i, sizeof(b));
        return (float)b * scale;
    }
    if (t->type == ONNX_TYPE_HALF) {
        uint16_t h;
        memcpy(&h, t->raw.data + i * sizeof(h), sizeof(h));
        return g20_half_to(h);
    }
    float x;
    memcpy(&x, t->raw.data + i * sizeof(x), sizeof(x));
    return x;
}

static int check_tensor(struct reader *r, const struct g20_onnx_tensor *t, size_t count)
{
    const bool scaled = t->type == ONNX_TYPE_INT8 && t->scale;
    const size_t bytes = t->type == ONNX_TYPE_FLOAT  ? 4
                         : t->type == ONNX_TYPE_HALF ? 2
                         : scaled                    ? 1
                                                     : 0;
    char name[64];

    if (bytes == 0)
        return g20_fail(r->file.e, G20_EUNSUPPORTED,
                        "%s: tensor %s: type %llu, not float, float16 or int8 with scales",
                        r->file.name, g20_onnx_show(t->name, name, sizeof(name)),
                        (unsigned long long)t->type);
    if (t->raw.len != count * bytes)
        return g20_fail(r->file.e, -EBADMSG, "%s: tensor %s: %zu bytes of values, want %zu",
                        r->file.name, g20_onnx_show(t->name, name, sizeof(name)), t->raw.len,
                        count * bytes);
    return 0;
}

/* Are the tensors of layer @i as long as it wants? */
static int check_weights(struct reader *r, uint32_t i)
{
    const struct g20_net *net = &r->m->net;
    const size_t count = net->bias[i] - net->weight[i];

    if (count == 0)
        return 0;
    const struct g20_onnx_tensor *w = &r->file.tensor[r->weight[i]];
    int rc = check_tensor(r, w, count);
    if (rc >= 0 && w->scale) {
        const struct g20_onnx_tensor *s = &r->file.tensor[w->scale - 1];
        rc = s->type == ONNX_TYPE_FLOAT ? check_tensor(r, s, net->channels[i])
                                        : g20_onnx_bad(&r->file, "scales that are not float");
    }
    return rc < 0 ? rc : check_tensor(r, &r->file.tensor[r->bias[i]], net->channels[i]);
}

static void take_weights(struct reader *r, uint32_t i)
{
    const struct g20_net *net = &r->m->net;
    const struct g20_net_layer *l = &net->layer[i];
    const struct g20_onnx_tensor *w = &r->file.tensor[r->weight[i]],
                                 *b = &r->file.tensor[r->bias[i]];
    const uint32_t out = net->channels[i], taps = l->kh * l->kw;

    if (l->kind == G20_NET_ADD || l->kind == G20_NET_UP)
        return;
    const uint32_t in = net->channels[l->from];
    for (uint32_t o = 0; o < out; o++) {
        const float scale = w->scale ? value(&r->file.tensor[w->scale - 1], o, 1.0f) : 1.0f;
        r->m->params[net->bias[i] + o] = value(b, o, 1.0f);
        for (uint32_t c = 0; c < in; c++)
            for (uint32_t t = 0; t < taps; t++)
                r->m->params[g20_model_weight_at(net, i, o, c, t)] =
                    value(w, ((size_t)o * in + c) * taps + t, scale);
    }
}

/* Has every tensor its bytes, when some have? */
static int check_bytes(struct reader *r)
{
    for (uint32_t i = 0; i < r->layers; i++)
        r->m->is_int8 |= r->has_bytes[i];
    for (uint32_t i = 0; i < r->layers && r->m->is_int8; i++)
        if (g20_model_has_bytes(r->m, i) != r->has_bytes[i])
            return g20_fail(r->file.e, G20_EUNSUPPORTED, "%s: layer %u %s bytes, unlike others",
                            r->file.name, i, r->has_bytes[i] ? "has" : "has no");
    return 0;
}

/* Do the sizes of all layers fit, for the input that the file states? */
static int check_shapes(struct reader *r)
{
    struct g20_image all[G20_NET_LAYERS] = {{.height = r->m->height, .width = r->m->width}};

    for (uint32_t i = 1; i < r->m->net.count; i++) {
        const struct g20_net_layer *l = &r->m->net.layer[i];
        const uint32_t part = l->kind == G20_NET_UP ? 2 : 1;
        const bool two = l->kind == G20_NET_ADD || l->kind == G20_NET_UP;

        g20_net_shape(&r->m->net, i, all, &all[i].height, &all[i].width);
        if ((two && (all[l->with].height * part != all[l->from].height ||
                     all[l->with].width * part != all[l->from].width)) ||
            all[i].height == 0 || all[i].width == 0)
            return g20_fail(r->file.e, G20_ESHAPE, "%s: layer %u: sizes do not fit", r->file.name,
                            i);
    }
    return 0;
}

static int build(struct reader *r)
{
    int rc = 0;

    if (r->file.shape[0] != 1 || r->file.shape[1] == 0 || r->file.shape[1] > G20_NET_CHANNELS ||
        r->file.shape[2] == 0 || r->file.shape[2] > 4096 || r->file.shape[3] == 0 ||
        r->file.shape[3] > 65536)
        return g20_onnx_bad(&r->file, "the input's shape is not (1, channels, rows, bins)");
    r->layers = 1;
    r->layer[0] =
        (struct g20_net_layer){.kind = G20_NET_INPUT, .channels = (uint32_t)r->file.shape[1]};
    r->channels[0] = (uint32_t)r->file.shape[1];
    rc = add_symbol(r, r->file.input, LAYER, 0);
    for (uint32_t i = 0; i < r->file.tensors && rc >= 0; i++)
        rc = add_symbol(r, r->file.tensor[i].name, TENSOR, i);
    for (uint32_t i = 0; i < r->file.nodes && rc >= 0; i++)
        rc = take_node(r, &r->file.node[i]);
    if (rc < 0)
        return rc;
    const struct symbol *last = find(r, r->file.output);
    if (!last || last->kind != LAYER || last->index != r->layers - 1)
        return g20_onnx_bad(&r->file, "its output is not its last layer");
    r->m->height = (uint32_t)r->file.shape[2];
    r->m->width = (uint32_t)r->file.shape[3];
    if ((rc = g20_net_init(&r->m->net, r->layer, r->layers, r->file.e)) < 0)
        return g20_fail_at(r->file.e, rc, "%s", r->file.name);
    if ((rc = check_shapes(r)) < 0 || (rc = check_bytes(r)) < 0)
        return rc;
    for (uint32_t i = 1; i < r->layers && rc >= 0; i++)
        rc = check_weights(r, i);
    if (rc >= 0) /* they are in the file, so it has room for no more of them than its length */
        rc = g20_model_alloc(r->m, r->file.e);
    for (uint32_t i = 1; i < r->layers && rc >= 0; i++)
        take_weights(r, i);
    return rc;
}

int g20_onnx_parse(struct g20_model *m, const void *data, size_t len, const char *name,
                   struct g20_err *e)
{
    struct reader *r = g20_calloc(1, sizeof(*r));

    *m = (struct g20_model){0};
    if (!r)
        return g20_fail(e, -ENOMEM, "%s: out of memory", name);
    r->file.name = name;
    r->file.e = e;
    r->m = m;
    int rc = g20_onnx_file_read(&r->file, (struct g20_pb){data, len}, m);
    if (rc >= 0)
        rc = build(r);
    g20_free(r);
    if (rc < 0)
        g20_model_fini(m);
    return rc < 0 ? rc : 0;
}

int g20_onnx_read(struct g20_model *m, const char *path, struct g20_err *e)
{
    char *data;
    size_t len;
    int r = g20_file_read(path, MOST_BYTES, &data, &len, e);

    if (r < 0)
        return r;
    r = g20_onnx_parse(m, data, len, path, e);
    g20_free(data);
    return r;
}
