/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "nn/qnet_own.h"

#include "base/alloc.h"
#include "nn/qwino.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* Does layer @i need no more of what the step before made than the same row? */
static bool follows(const struct g20_net *net, uint32_t i, uint32_t before)
{
    const struct g20_net_layer *l = &net->layer[i];

    if (l->kind == G20_NET_UP)
        return l->from == before && l->with != before;
    return l->from == before &&
           (l->kind == G20_NET_ADD || (l->kind == G20_NET_CONV && l->kh == 1 && l->kw == 1));
}

/* Layers into steps. A chain of steps that read row by row runs without meeting. */
static void plan(struct g20_qnet *q)
{
    const struct g20_net *net = &q->net;

    for (uint32_t i = 1; i < net->count; i++) {
        const bool swallows = g20_net_joins(net, i);
        struct g20_qstep *s = &q->step[q->steps];
        const uint32_t before = q->steps ? q->step[q->steps - 1].out : 0;
        *s = (struct g20_qstep){i, swallows ? i + 1 : i, true};
        s->meets = q->steps == 0 || swallows || !follows(net, i, before);
        q->steps++;
        i += swallows;
    }
}

static int take_tensor(struct g20_qbytes *t, uint32_t channels, uint8_t zero)
{
    const size_t bytes =
        ((size_t)t->height + 2) * ((size_t)t->width + 2) * channels + G20_QCONV_SLICE;

    t->channels = channels;
    t->zero = zero;
    t->data = g20_calloc_aligned(bytes, 1);
    if (!t->data)
        return -ENOMEM;
    if (zero != 0)
        memset(t->data, zero, bytes);
    return 0;
}

static int take_output(struct g20_image *m, const struct g20_qbytes *t, uint32_t channels)
{
    *m = (struct g20_image){channels / G20_NN_BLOCK, t->height, t->width, NULL};
    m->data = g20_calloc_aligned(m->blocks * g20_image_block(m), sizeof(float));
    return m->data ? 0 : -ENOMEM;
}

static int take_tensors(struct g20_qnet *q, const struct g20_model *m)
{
    struct g20_image all[G20_NET_LAYERS] = {{.height = m->height, .width = m->width}};
    const uint32_t last = q->net.count - 1;
    for (uint32_t i = 0; i <= last; i++) {
        struct g20_qbytes *t = &q->tensor[i];
        if (i > 0)
            g20_net_shape(&q->net, i, all, &all[i].height, &all[i].width);
        t->height = all[i].height;
        t->width = all[i].width;
        int r = 0;
        if (i == last)
            r = take_output(&q->output, t, q->net.channels[i]);
        else if (g20_model_has_bytes(m, i))
            r = take_tensor(t, q->net.channels[i], m->quant.zero[i]);
        if (r < 0)
            return r;
    }
    return 0;
}

/* Where in a row of a block's weights value @k of the run lies, for output @o. */
static size_t place(uint32_t k, uint32_t o)
{
    return (size_t)(k / 4) * 4 * G20_QCONV_OUT + (o % G20_QCONV_OUT) * 4 + k % 4;
}

/* The weights of output @o of layer @i into its place; their sum. */
static int32_t pack_output(const struct g20_model *m, uint32_t i, uint32_t o, float scale,
                           int8_t *weight)
{
    const struct g20_net_layer *l = &m->net.layer[i];
    const uint32_t in = m->net.channels[l->from], run = l->kw * in;
    const size_t row = (size_t)g20_qconv_slices(run) * G20_QCONV_SLICE * G20_QCONV_OUT;
    int8_t *block = weight + (size_t)(o / G20_QCONV_OUT) * l->kh * row;
    int32_t sum = 0;

    for (uint32_t y = 0; y < l->kh; y++)
        for (uint32_t k = 0; k < run; k++) {
            const uint32_t tap = y * l->kw + k / in;
            const int8_t b = g20_model_weight_byte(
                m->params[g20_model_weight_at(&m->net, i, o, k % in, tap)], scale);
            block[y * row + place(k, o)] = b;
            sum += b;
        }
    return sum;
}

/* Two rows at once, for a third of the products? */
static bool pairs(const struct g20_qnet *q, uint32_t i)
{
    const struct g20_net_layer *l = &q->net.layer[i];

    return q->set->pair && l->kind == G20_NET_CONV && l->kh == 3 && l->kw == 3 &&
           q->net.channels[l->from] <= G20_QWINO_MOST;
}

static int pack_wide(struct g20_qpacked *p, const struct g20_net *net, uint32_t i)
{
    const struct g20_net_layer *l = &net->layer[i];
    const uint32_t run = l->kw * net->channels[l->from], blocks = net->channels[i] / G20_QCONV_OUT;
    const size_t narrow = (size_t)l->kh * g20_qconv_slices(run) * G20_QCONV_SLICE * G20_QCONV_OUT;
    const size_t wide = (size_t)l->kh * run * G20_QCONV_OUT;

    p->wide = g20_calloc_aligned(wide * blocks, sizeof(*p->wide));
    if (!p->wide)
        return -ENOMEM;
    for (uint32_t b = 0; b < blocks; b++)
        g20_qconv_widen(p->wide + b * wide, p->weight + b * narrow, l->kh, run);
    return 0;
}

static int pack_pairs(struct g20_qpacked *p, const struct g20_model *m, uint32_t i)
{
    const uint32_t out = m->net.channels[i], in = m->net.channels[m->net.layer[i].from];
    const size_t row = (size_t)g20_qconv_slices(3 * in) * G20_QCONV_SLICE * G20_QCONV_OUT;

    p->wino = g20_calloc_aligned(g20_qwino_count(in, out), sizeof(*p->wino));
    if (!p->wino)
        return -ENOMEM;
    for (uint32_t o = 0; o < out; o++) {
        const int8_t *block = p->weight + (size_t)(o / G20_QCONV_OUT) * 3 * row;
        for (uint32_t c = 0; c < in; c++) {
            int8_t w[9];
            for (uint32_t k = 0; k < 9; k++)
                w[k] = block[k / 3 * row + place(k % 3 * in + c, o)];
            g20_qwino_pack(p->wino, in, c, o, w);
        }
    }
    return 0;
}

static int pack(struct g20_qpacked *p, const struct g20_model *m, uint32_t i)
{
    const struct g20_net_layer *l = &m->net.layer[i];
    const uint32_t out = m->net.channels[i], in = m->net.channels[l->from];
    const size_t slices = (size_t)l->kh * g20_qconv_slices(l->kw * in);

    p->weight = g20_calloc_aligned(slices * G20_QCONV_SLICE * out, 1);
    p->start = g20_calloc_aligned(out, sizeof(*p->start));
    p->scale = g20_calloc_aligned(out, sizeof(*p->scale));
    p->bias = g20_calloc_aligned(out, sizeof(*p->bias));
    if (!p->weight || !p->start || !p->scale || !p->bias)
        return -ENOMEM;
    for (uint32_t o = 0; o < out; o++) {
        const float scale = g20_model_weight_scale(m, i, o);
        p->start[o] = -(int32_t)m->quant.zero[l->from] * pack_output(m, i, o, scale, p->weight);
        p->scale[o] = scale * m->quant.scale[l->from];
        p->bias[o] = m->params[m->net.bias[i] + o];
    }
    return 0;
}

/* What a convolution's step makes is in units of the bytes it becomes, their rounding in the bias:
 * nothing is left to do behind the rectifier. */
static void set_units(struct g20_qnet *q, const struct g20_qstep *s)
{
    const bool is_last = s->out == q->net.count - 1;
    const float unit = is_last ? 1.0f : q->quant.scale[s->out];
    float origin = is_last ? 0.0f : (float)q->quant.zero[s->out] + 0.5f;
    struct g20_qpacked *p = &q->packed[s->layer];

    if (s->out != s->layer) {
        const uint32_t from = q->net.layer[s->out].from;
        p->add_scale = q->quant.scale[from] / unit;
        origin -= (float)q->quant.zero[from] * p->add_scale;
    }
    p->least = q->net.layer[s->layer].relu ? origin : -INFINITY;
    for (uint32_t o = 0; o < q->net.channels[s->layer]; o++) {
        p->scale[o] /= unit;
        p->bias[o] = p->bias[o] / unit + origin;
    }
}

static int build(struct g20_qnet *q, const struct g20_model *m, uint32_t threads, struct g20_err *e)
{
    const uint32_t last = q->net.count - 1;
    int r;

    if (!m->is_int8)
        return g20_fail(e, -EINVAL, "network: its tensors have no bytes");
    if (g20_qnet_sums(&q->net, last))
        return g20_fail(e, -EINVAL, "network: in INT8 its last layer must be a convolution");
    plan(q);
    r = take_tensors(q, m);
    for (uint32_t i = 1; i <= last && r >= 0; i++)
        if (!g20_qnet_sums(&q->net, i)) {
            r = pack(&q->packed[i], m, i);
            if (r >= 0 && q->set->wide)
                r = pack_wide(&q->packed[i], &q->net, i);
            if (r >= 0 && pairs(q, i))
                r = pack_pairs(&q->packed[i], m, i);
        }
    if (r < 0)
        return g20_fail(e, r, "network: out of memory");
    for (uint32_t k = 0; k < q->steps; k++)
        if (!g20_qnet_sums(&q->net, q->step[k].layer))
            set_units(q, &q->step[k]);
    return g20_crew_create(&q->crew, threads, e);
}

int g20_qnet_create(struct g20_qnet **ret, const struct g20_model *m, uint32_t threads,
                    const struct g20_qconv *set, struct g20_err *e)
{
    struct g20_qnet *q = g20_calloc(1, sizeof(*q));

    if (!q)
        return g20_fail(e, -ENOMEM, "network: out of memory");
    q->net = m->net;
    q->quant = m->quant;
    q->set = set ? set : g20_qconv();
    memset(q->right, 0xff, sizeof(q->right)); /* no row is right yet */
    const int r = build(q, m, threads, e);
    if (r < 0)
        g20_qnet_destroy(q);
    else
        *ret = q;
    return r;
}

void g20_qnet_destroy(struct g20_qnet *q)
{
    if (!q)
        return;
    g20_crew_destroy(q->crew);
    for (uint32_t i = 0; i < G20_NET_LAYERS; i++) {
        g20_free(q->tensor[i].data);
        g20_free(q->packed[i].weight);
        g20_free(q->packed[i].wide);
        g20_free(q->packed[i].wino);
        g20_free(q->packed[i].start);
        g20_free(q->packed[i].scale);
        g20_free(q->packed[i].bias);
    }
    g20_free(q->output.data);
    g20_free(q);
}

uint8_t *g20_qnet_row(const struct g20_qnet *q, uint32_t i, uint32_t y)
{
    return q->tensor[i].data ? g20_qbytes_row(&q->tensor[i], y) : NULL;
}

const struct g20_image *g20_qnet_output(const struct g20_qnet *q)
{
    return &q->output;
}
