/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "nn/qnet_own.h"
#include "nn/qwino.h"

#include <string.h>

static struct g20_qconv_row row_for(const struct g20_qnet *q, const struct g20_qstep *s, uint32_t y)
{
    const struct g20_net_layer *l = &q->net.layer[s->layer];
    const struct g20_qbytes *in = &q->tensor[l->from], *out = &q->tensor[s->out];
    const struct g20_qpacked *p = &q->packed[s->layer];
    const bool same = l->kind == G20_NET_CONV, is_last = s->out == q->net.count - 1;
    const uint32_t sy = same ? 1 : l->kh, sx = same ? 1 : l->kw;
    struct g20_qconv_row row = {
        .in = g20_qbytes_row(in, y * sy),
        .in_step = (ptrdiff_t)sx * in->channels,
        .in_run = (ptrdiff_t)g20_qbytes_stride(in),
        .runs = l->kh,
        .run = l->kw * in->channels,
        .weight = p->weight,
        .wide = p->wide,
        .wino = p->wino,
        .start = p->start,
        .scale = p->scale,
        .bias = p->bias,
        .least = p->least,
        .out_blocks = q->net.channels[s->layer] / G20_QCONV_OUT,
        .count = out->width,
    };

    if (same)
        row.in -= (ptrdiff_t)(l->kh / 2) * row.in_run + (ptrdiff_t)(l->kw / 2) * in->channels;
    if (is_last) {
        row.real = g20_image_row(&q->output, 0, y);
        row.real_block = (ptrdiff_t)g20_image_block(&q->output);
    } else {
        row.out = g20_qbytes_row(out, y);
        row.out_step = out->channels;
    }
    if (s->out != s->layer) {
        row.add = g20_qbytes_row(&q->tensor[q->net.layer[s->out].from], y);
        row.add_scale = p->add_scale;
    }
    return row;
}

/* Row @y; @two: and the next. */
static void convolve(const struct g20_qnet *q, const struct g20_qstep *s, uint32_t y, bool two)
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
    const struct g20_qbytes *a = &q->tensor[l->from], *b = &q->tensor[l->with],
                            *out = &q->tensor[i];
    const uint32_t times = l->kind == G20_NET_UP ? 2 : 1;
    const float scale[2] = {q->quant.scale[l->from] / q->quant.scale[i],
                            q->quant.scale[l->with] / q->quant.scale[i]};
    const float offset =
        (float)out->zero + 0.5f - scale[0] * (float)a->zero - scale[1] * (float)b->zero;

    q->set->add(g20_qbytes_row(out, y), g20_qbytes_row(a, y), g20_qbytes_row(b, y / times), scale,
                offset, out->width, out->channels, times);
}

/* Row @y of layer @i's tensor will be read, and what lies behind it. */
static void want(struct g20_qnet *q, uint32_t i, uint32_t y)
{
    q->wanted[i] = G20_MIN(q->wanted[i], y);
}

/* Which rows will be read, so that the output is right from row @from on. */
static void look_back(struct g20_qnet *q, uint32_t from)
{
    for (uint32_t i = 0; i < q->net.count; i++)
        q->wanted[i] = q->tensor[i].height;
    want(q, q->net.count - 1, from);
    for (uint32_t k = q->steps; k-- > 0;) {
        const struct g20_qstep *s = &q->step[k];
        const struct g20_net_layer *l = &q->net.layer[s->layer];
        const uint32_t y = G20_MAX(q->wanted[s->out], q->kept[s->out]);

        if (y >= q->tensor[s->out].height)
            continue;
        if (l->kind == G20_NET_PATCH)
            want(q, l->from, y * l->kh);
        else if (l->kind == G20_NET_CONV)
            want(q, l->from, y - G20_MIN(y, l->kh / 2));
        else
            want(q, l->from, y);
        if (g20_qnet_sums(&q->net, s->layer))
            want(q, l->with, l->kind == G20_NET_UP ? y / 2 : y);
        if (s->out != s->layer)
            want(q, q->net.layer[s->out].from, y);
    }
}

/* How many of each tensor's last rows saw what lies behind the input's end. */
static void find_edges(const struct g20_net *net, uint32_t *edge)
{
    edge[0] = 0;
    for (uint32_t i = 1; i < net->count; i++) {
        const struct g20_net_layer *l = &net->layer[i];
        const uint32_t e = edge[l->from];

        if (l->kind == G20_NET_PATCH)
            edge[i] = (e + l->kh - 1) / l->kh;
        else if (l->kind == G20_NET_CONV)
            edge[i] = e + l->kh / 2;
        else
            edge[i] = G20_MAX(e, edge[l->with] * (l->kind == G20_NET_UP ? 2 : 1));
    }
}

uint32_t g20_qnet_scroll(struct g20_qnet *q, uint32_t rows, uint32_t from)
{
    uint32_t edge[G20_NET_LAYERS], up[G20_NET_LAYERS] = {0};
    bool moves[G20_NET_LAYERS]; /* by whole rows, as all do that it is made of */
    const uint32_t height = q->tensor[0].height;
    bool is_sure = false;

    find_edges(&q->net, edge);
    for (uint32_t i = 0; i < q->net.count; i++) {
        const struct g20_qbytes *t = &q->tensor[i];
        const struct g20_net_layer *l = &q->net.layer[i];
        up[i] = rows * t->height / height;
        moves[i] = up[i] * height == rows * t->height && (i == 0 || moves[l->from]) &&
                   (!g20_qnet_sums(&q->net, i) || moves[l->with]);
        const bool stays = t->data && moves[i] && up[i] + edge[i] < t->height;
        q->kept[i] = stays ? t->height - up[i] - edge[i] : 0;
    }
    while (!is_sure) { /* a tensor with a hole is made anew, for which others must be there */
        is_sure = true;
        look_back(q, from);
        for (uint32_t i = 0; i < q->net.count; i++)
            if (q->wanted[i] < q->kept[i] && (uint64_t)q->wanted[i] + up[i] < q->right[i]) {
                q->kept[i] = 0;
                is_sure = false;
            }
    }
    for (uint32_t i = 0; i < q->net.count; i++)
        if (q->wanted[i] < q->kept[i])
            memmove(g20_qbytes_row(&q->tensor[i], q->wanted[i]),
                    g20_qbytes_row(&q->tensor[i], q->wanted[i] + up[i]),
                    (q->kept[i] - q->wanted[i]) * g20_qbytes_stride(&q->tensor[i]));
    q->is_scrolled = true;
    return G20_MAX(q->wanted[0], q->kept[0]);
}

/* Row @y of those steps of a chain that it is wanted of. */
static void run_chain(const struct g20_qnet *q, uint32_t first, uint32_t end, uint32_t y)
{
    for (uint32_t k = first; k < end; k++) {
        const struct g20_qstep *s = &q->step[k];
        if (y < q->wanted[s->out])
            continue;
        if (g20_qnet_sums(&q->net, s->layer))
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
    const struct g20_qstep *s = &q->step[first];
    const bool by_pairs = !g20_qnet_sums(&q->net, s->layer) && q->packed[s->layer].wino;

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
    if (!q->is_scrolled)
        memset(q->kept, 0, sizeof(q->kept));
    q->is_scrolled = false;
    look_back(q, from);
    for (uint32_t i = 0; i < q->net.count; i++) {
        q->right[i] = q->wanted[i];
        q->wanted[i] = G20_MAX(q->wanted[i], q->kept[i]);
    }
    for (size_t i = 0; i < G20_NET_LAYERS; i++)
        for (size_t k = 0; k < G20_COUNT_OF(q->taken[i]); k++)
            atomic_store_explicit(&q->taken[i][k], 0, memory_order_relaxed);
    g20_crew_run(q->crew, forward, q);
}
