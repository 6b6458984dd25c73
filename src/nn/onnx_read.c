/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* A file is read in two passes: what names which bytes (spans into the file), then nodes in their
 * order become layers, and those get their weights. */
#include "nn/onnx.h"

#include "base/alloc.h"
#include "base/file.h"
#include "nn/net_run.h"
#include "nn/onnx_nodes.h"

#include <errno.h>
#include <string.h>

enum { MOST_BYTES = 64 << 20 };

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

static int check_tensor(struct g20_onnx_reader *r, const struct g20_onnx_tensor *t, size_t count)
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
static int check_weights(struct g20_onnx_reader *r, uint32_t i)
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

static void take_weights(struct g20_onnx_reader *r, uint32_t i)
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
static int check_bytes(struct g20_onnx_reader *r)
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
static int check_shapes(struct g20_onnx_reader *r)
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

static int build(struct g20_onnx_reader *r)
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
    rc = g20_onnx_add_symbol(r, r->file.input, G20_ONNX_LAYER, 0);
    for (uint32_t i = 0; i < r->file.tensors && rc >= 0; i++)
        rc = g20_onnx_add_symbol(r, r->file.tensor[i].name, G20_ONNX_TENSOR, i);
    for (uint32_t i = 0; i < r->file.nodes && rc >= 0; i++)
        rc = g20_onnx_take_node(r, &r->file.node[i]);
    if (rc < 0)
        return rc;
    const struct g20_onnx_symbol *last = g20_onnx_find(r, r->file.output);
    if (!last || last->kind != G20_ONNX_LAYER || last->index != r->layers - 1)
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
    struct g20_onnx_reader *r = g20_calloc(1, sizeof(*r));

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
