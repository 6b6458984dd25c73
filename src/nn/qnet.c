/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "nn/qnet.h"

#include "base/alloc.h"
#include "nn/crew.h"
#include "nn/net_run.h"
#include "nn/qwino.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

struct bytes { /* (height + 2, width + 2, channels): a margin that reads as 0 all round */
    uint32_t height, width, channels;
    uint8_t zero;
    uint8_t *data; /* NULL: nobody wants it */
};

struct packed { /* of a convolution, as qconv.h wants them */
    int8_t *weight;
    int16_t *wide, *wino; /* NULL: not used */
    int32_t *start;
    float *scale, *bias;
};

struct step {
    uint32_t layer; /* a convolution or a sum */
    uint32_t out;   /* whose tensor it writes: .layer, or the sum that it makes with it */
    bool meets;     /* all rows of what it reads must be there */
};

struct g20_qnet {
    struct g20_net net;
    struct g20_quant quant;
    const struct g20_qconv *set;
    struct g20_crew *crew;
    struct bytes tensor[G20_NET_LAYERS];
    struct packed packed[G20_NET_LAYERS];
    struct g20_image output;
    uint32_t steps;
    struct step step[G20_NET_LAYERS];
    uint32_t wanted[G20_NET_LAYERS]; /* of each tensor: the rows from this one on, this time */
    atomic_uint taken[G20_NET_LAYERS][(G20_CREW_MAX + 1) / 2]; /* pairs of rows: of each chain, by
                                                                  two members each */
};

static size_t stride_of(const struct bytes *t)
{
    return ((size_t)t->width + 2) * t->channels;
}

static uint8_t *row_of(const struct bytes *t, uint32_t y)
{
    return t->data + (y + 1u) * stride_of(t) + t->channels;
}

static bool sums(const struct g20_net *net, uint32_t i)
{
    return net->layer[i].kind == G20_NET_ADD || net->layer[i].kind == G20_NET_UP;
}

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
        struct step *s = &q->step[q->steps];
        const uint32_t before = q->steps ? q->step[q->steps - 1].out : 0;
        *s = (struct step){i, swallows ? i + 1 : i, true};
        s->meets = q->steps == 0 || swallows || !follows(net, i, before);
        q->steps++;
        i += swallows;
    }
}

static int take_tensor(struct bytes *t, uint32_t channels, uint8_t zero)
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

static int take_output(struct g20_image *m, const struct bytes *t, uint32_t channels)
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
        struct bytes *t = &q->tensor[i];
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

static int pack_wide(struct packed *p, const struct g20_net *net, uint32_t i)
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

static int pack_pairs(struct packed *p, const struct g20_model *m, uint32_t i)
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

static int pack(struct packed *p, const struct g20_model *m, uint32_t i)
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

static int build(struct g20_qnet *q, const struct g20_model *m, uint32_t threads, struct g20_err *e)
{
    const uint32_t last = q->net.count - 1;
    int r;

    if (!m->is_int8)
        return g20_fail(e, -EINVAL, "network: its tensors have no bytes");
    if (sums(&q->net, last))
        return g20_fail(e, -EINVAL, "network: in INT8 its last layer must be a convolution");
    plan(q);
    r = take_tensors(q, m);
    for (uint32_t i = 1; i <= last && r >= 0; i++)
        if (!sums(&q->net, i)) {
            r = pack(&q->packed[i], m, i);
            if (r >= 0 && q->set->wide)
                r = pack_wide(&q->packed[i], &q->net, i);
            if (r >= 0 && pairs(q, i))
                r = pack_pairs(&q->packed[i], m, i);
        }
    if (r < 0)
        return g20_fail(e, r, "network: out of memory");
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
    return q->tensor[i].data ? row_of(&q->tensor[i], y) : NULL;
}

const struct g20_image *g20_qnet_output(const struct g20_qnet *q)
{
    return &q->output;
}

static struct g20_qconv_row row_for(const struct g20_qnet *q, const struct step *s, uint32_t y)
{
    const struct g20_net_layer *l = &q->net.layer[s->layer];
    const struct bytes *in = &q->tensor[l->from], *out = &q->tensor[s->out];
    const struct packed *p = &q->packed[s->layer];
    const bool same = l->kind == G20_NET_CONV, is_last = s->out == q->net.count - 1;
    const uint32_t sy = same ? 1 : l->kh, sx = same ? 1 : l->kw;
    struct g20_qconv_row row = {
        .in = row_of(in, y * sy),
        .in_step = (ptrdiff_t)sx * in->channels,
        .in_run = (ptrdiff_t)stride_of(in),
        .runs = l->kh,
        .run = l->kw * in->channels,
        .weight = p->weight,
        .wide = p->wide,
        .wino = p->wino,
        .start = p->start,
        .scale = p->scale,
        .bias = p->bias,
        .out_blocks = q->net.channels[s->layer] / G20_QCONV_OUT,
        .count = out->width,
        .relu = l->relu,
    };

    if (same)
        row.in -= (ptrdiff_t)(l->kh / 2) * row.in_run + (ptrdiff_t)(l->kw / 2) * in->channels;
    if (is_last) {
        row.real = g20_image_row(&q->output, 0, y);
        row.real_block = (ptrdiff_t)g20_image_block(&q->output);
    } else {
        row.out = row_of(out, y);
        row.out_step = out->channels;
        row.out_inverse = 1.0f / q->quant.scale[s->out];
        row.out_zero = (float)q->quant.zero[s->out];
    }
    if (s->out != s->layer) {
        const uint32_t from = q->net.layer[s->out].from;
        row.add = row_of(&q->tensor[from], y);
        row.add_scale = q->quant.scale[from];
        row.add_zero = (float)q->quant.zero[from];
    }
    return row;
}

/* Row @y; @two: and the next. */
static void convolve(const struct g20_qnet *q, const struct step *s, uint32_t y, bool two)
{
    const struct g20_qconv_row row[2] = {row_for(q, s, y), row_for(q, s, two ? y + 1 : y)};

    if (two)
        q->set->pair(row);
    else
        q->set->row(row);
}

static void add(const struct g20_qnet *q, uint32_t i, uint32_t y)
{
    const struct g20_net_layer *l = &q->net.layer[i];
    const struct bytes *a = &q->tensor[l->from], *b = &q->tensor[l->with], *out = &q->tensor[i];
    const uint32_t times = l->kind == G20_NET_UP ? 2 : 1;
    const float scale[2] = {q->quant.scale[l->from] / q->quant.scale[i],
                            q->quant.scale[l->with] / q->quant.scale[i]};
    const float offset = (float)out->zero - scale[0] * (float)a->zero - scale[1] * (float)b->zero;

    q->set->add(row_of(out, y), row_of(a, y), row_of(b, y / times), scale, offset, out->width,
                out->channels, times);
}

/* Row @y of layer @i's tensor will be read, and what lies behind it. */
static void want(struct g20_qnet *q, uint32_t i, uint32_t y)
{
    q->wanted[i] = G20_MIN(q->wanted[i], y);
}

/* What each step must make, so that the output is right from row @from on. */
static void look_back(struct g20_qnet *q, uint32_t from)
{
    for (uint32_t i = 0; i < q->net.count; i++)
        q->wanted[i] = q->tensor[i].height;
    want(q, q->net.count - 1, from);
    for (uint32_t k = q->steps; k-- > 0;) {
        const struct step *s = &q->step[k];
        const struct g20_net_layer *l = &q->net.layer[s->layer];
        const uint32_t y = q->wanted[s->out];

        if (l->kind == G20_NET_PATCH)
            want(q, l->from, y * l->kh);
        else if (l->kind == G20_NET_CONV)
            want(q, l->from, y - G20_MIN(y, l->kh / 2));
        else
            want(q, l->from, y);
        if (sums(&q->net, s->layer))
            want(q, l->with, l->kind == G20_NET_UP ? y / 2 : y);
        if (s->out != s->layer)
            want(q, q->net.layer[s->out].from, y);
    }
}

/* Row @y of those steps of a chain that it is wanted of. */
static void run_chain(const struct g20_qnet *q, uint32_t first, uint32_t end, uint32_t y)
{
    for (uint32_t k = first; k < end; k++) {
        const struct step *s = &q->step[k];
        if (y < q->wanted[s->out])
            continue;
        if (sums(&q->net, s->layer))
            add(q, s->layer, y);
        else
            convolve(q, s, y, false);
    }
}

/* Rows @y to @to - 1 of a chain. Only its first step can look at other rows than its own, so that
 * one alone is ever made by pairs. */
static void run_rows(const struct g20_qnet *q, uint32_t first, uint32_t end, uint32_t y,
                     uint32_t to)
{
    const struct step *s = &q->step[first];
    const bool by_pairs = !sums(&q->net, s->layer) && q->packed[s->layer].wino;

    while (y < to) {
        if (by_pairs && to - y >= 2 && y >= q->wanted[s->out]) {
            convolve(q, s, y, true);
            run_chain(q, first + 1, end, y++);
            run_chain(q, first + 1, end, y++);
        } else {
            run_chain(q, first, end, y++);
        }
    }
}

/* What of @n is @member's and its neighbour's. */
static void share_of_two(uint32_t n, uint32_t member, uint32_t members, uint32_t *ret_from,
                         uint32_t *ret_to)
{
    uint32_t between;

    g20_crew_share(n, member / 2 * 2, members, ret_from, &between);
    g20_crew_share(n, G20_MIN(member / 2 * 2 + 1, members - 1), members, &between, ret_to);
}

/* Pairs of rows @from to @to - 1 of a chain, which begins at row @top, are those of two members.
 * One takes them from the front, the other from the back, until all are taken: rows stay near to
 * those that the member made before, and who is late has less to do. */
static void take_pairs(struct g20_qnet *q, uint32_t first, uint32_t end, uint32_t top,
                       uint32_t from, uint32_t to, uint32_t member)
{
    const uint32_t height = q->tensor[q->step[first].out].height;
    atomic_uint *taken = &q->taken[first][member / 2];

    for (uint32_t i = 0; atomic_fetch_add_explicit(taken, 1, memory_order_relaxed) < to - from;
         i++) {
        const uint32_t y = top + 2 * (member % 2 ? to - 1 - i : from + i);
        run_rows(q, first, end, y, G20_MIN(y + 2, height));
    }
}

/* A member's rows, of one chain of steps after the other. */
static void forward(struct g20_crew *c, uint32_t member, uint32_t members, void *user)
{
    struct g20_qnet *q = user;

    for (uint32_t first = 0, end; first < q->steps; first = end) {
        const uint32_t height = q->tensor[q->step[first].out].height;
        uint32_t top = q->wanted[q->step[first].out], from, to;
        for (end = first + 1; end < q->steps && !q->step[end].meets; end++)
            top = G20_MIN(top, q->wanted[q->step[end].out]);
        if (first > 0)
            g20_crew_meet(c);
        share_of_two((height - top + 1) / 2, member, members, &from, &to);
        take_pairs(q, first, end, top, from, to, member);
    }
}

void g20_qnet_forward(struct g20_qnet *q, uint32_t from)
{
    look_back(q, from);
    for (size_t i = 0; i < G20_NET_LAYERS; i++)
        for (size_t k = 0; k < G20_COUNT_OF(q->taken[i]); k++)
            atomic_store_explicit(&q->taken[i][k], 0, memory_order_relaxed);
    g20_crew_run(q->crew, forward, q);
}
