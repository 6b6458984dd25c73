/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "train/head_gate.h"

#include "base/alloc.h"
#include "detect/heads.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum {
    RANGES = G20_HEAD_HIDDEN + G20_HEAD_PROTOTYPES, /* of the hidden: two for each number */
    HIDDEN = RANGES + 2 * G20_LOOK_NUMBERS,
};

#define LENGTH    4.0f  /* of places: g20_trunk_embed() */
#define FARTHER   0.2f  /* share of a signal's emissions that are farther from all others, */
#define MARGIN    0.05f /* and how much farther than those it may be */
#define NEAREST   0.85f /* it need not be nearer than this */
#define SLOPE     50.0f /* of the gate: it is open a fiftieth beyond its edge */
#define CLOSED    20.0f
#define WIDER     0.3f /* a number may be beyond all that were seen by this share of their range, */
#define FEWER     3.0f /* and by this much of it more for one emission, half of that for two, */
#define WIDER_BY  0.2f /* and by this */
#define LONGER_BY 1.0f /* or, a duration, by this: bursts are found joined, and in pieces */
#define OWN_WIDER 0.1f /* the same of a duration that is known to be the signal's own */
#define OWN_FEWER 1.0f
#define OWN_BY    0.1f
#define SAME_AGE  0.02f /* of the recording's time within which two examples are of one emission */

static float cosine(const float *a, const float *b)
{
    float sum = 0.0f;

    for (int i = 0; i < G20_TRUNK_PLACES; i++)
        sum += a[i] * b[i];
    return sum / (LENGTH * LENGTH);
}

/* Farthest first, so that few stand for all (Gonzalez, 1985); the rest is nearer than those. */
static void choose(struct g20_head_gate *g, const struct g20_head_example *const *meant,
                   size_t count, float *near)
{
    size_t next = 0;

    for (size_t i = 0; i < count; i++)
        near[i] = -1.0f;
    while (g->count < G20_HEAD_PROTOTYPES && g->count < count) {
        g->prototype[g->count++] = meant[next];
        float least = 2.0f;
        const float *at = meant[next]->features;
        for (size_t i = 0; i < count; i++) {
            near[i] = fmaxf(near[i], cosine(meant[i]->features, at));
            if (near[i] < least) {
                least = near[i];
                next = i;
            }
        }
        if (least > 0.999f)
            break;
    }
}

struct span {
    bool several;  /* recordings */
    float seconds; /* between the first and the last */
};

static struct span span_of(const struct g20_head_example *const *meant, size_t count)
{
    struct span s = {false, 0.0f};
    float lo = INFINITY, hi = -INFINITY;

    for (size_t i = 0; i < count; i++) {
        s.several = s.several || meant[i]->recording != meant[0]->recording;
        lo = fminf(lo, meant[i]->time_s);
        hi = fmaxf(hi, meant[i]->time_s);
    }
    s.seconds = hi - lo;
    return s;
}

static int ascending(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

/* How near emissions are to those of other recordings, or other times of the only one. */
static void measure(struct g20_head_gate *g, const struct g20_head_example *const *meant,
                    size_t count, float *near)
{
    const struct span s = span_of(meant, count);

    for (size_t i = 0; i < count; i++) {
        near[i] = -1.0f;
        for (uint32_t k = 0; k < g->count; k++) {
            const struct g20_head_example *p = g->prototype[k];
            const bool apart = s.several
                                   ? p->recording != meant[i]->recording
                                   : fabsf(p->time_s - meant[i]->time_s) > SAME_AGE * s.seconds;
            if (apart)
                near[i] = fmaxf(near[i], cosine(meant[i]->features, p->features));
        }
    }
    qsort(near, count, sizeof(*near), ascending);
    g->least = fminf(NEAREST, near[(size_t)(FARTHER * (float)(count - 1))] - MARGIN);
}

/* What the look's numbers were, and somewhat more. */
static void range(struct g20_head_gate *g, const struct g20_head_example *const *meant,
                  size_t count, enum g20_head_durations durations)
{
    uint32_t seen = 1; /* emissions: the fewer, the less is known of the range */

    for (size_t i = 0; i < count; i++)
        seen += meant[i]->role != G20_HEAD_TEACHES;
    for (int k = 0; k < G20_LOOK_NUMBERS; k++) {
        float lo = INFINITY, hi = -INFINITY;
        for (size_t i = 0; i < count; i++) {
            const float x = meant[i]->features[G20_TRUNK_PLACES + k];
            lo = fminf(lo, x);
            hi = fmaxf(hi, x);
        }
        const bool of_time = k == G20_LOOK_DURATION || k == G20_LOOK_PRODUCT;
        const float few = 1.0f / (float)seen, spread = hi - lo;
        const float own = (OWN_WIDER + OWN_FEWER * few) * spread + OWN_BY;
        const float more = (WIDER + FEWER * few) * spread + (of_time ? LONGER_BY : WIDER_BY);
        g->lo[k] = lo - (of_time && durations != G20_HEAD_ANY ? own : more);
        g->hi[k] = hi + (of_time && durations == G20_HEAD_OWN ? own : more);
    }
}

int g20_head_gate_make(struct g20_head_gate *g, const struct g20_head_example *const *learn,
                       size_t count, enum g20_head_durations durations)
{
    const struct g20_head_example **meant =
        g20_calloc(count + 1, sizeof(const struct g20_head_example *));
    float *near = g20_calloc(count + 1, sizeof(*near));
    size_t n = 0;

    *g = (struct g20_head_gate){.least = -1.0f};
    for (size_t i = 0; i < count && meant && near; i++)
        if (learn[i]->meant && !learn[i]->loose)
            meant[n++] = learn[i];
    if (n > 0) {
        choose(g, meant, n, near);
        measure(g, meant, n, near);
        range(g, meant, n, durations);
    }
    const int r = meant && near ? 0 : -ENOMEM;
    g20_free(meant);
    g20_free(near);
    return r;
}

float g20_head_gate_closed(const struct g20_head_gate *g, const struct g20_head_example *x)
{
    float open = 0.0f, outside = 0.0f;

    for (uint32_t i = 0; i < g->count; i++)
        open += fmaxf(cosine(x->features, g->prototype[i]->features) - g->least, 0.0f);
    for (int k = 0; k < G20_LOOK_NUMBERS && g->count > 0; k++) {
        const float at = x->features[G20_TRUNK_PLACES + k];
        outside += fmaxf(at - g->hi[k], 0.0f) + fmaxf(g->lo[k] - at, 0.0f);
    }
    return CLOSED * (fmaxf(1.0f - SLOPE * open, 0.0f) + SLOPE * outside);
}

/* The weight from channel @in to channel @out of layer @i. */
static float *weight(const struct g20_net *net, float *params, uint32_t i, uint32_t out,
                     uint32_t in)
{
    const uint32_t blocks = net->channels[i - 1] / G20_NN_BLOCK;
    const size_t tile = (size_t)(out / G20_NN_BLOCK) * blocks + in / G20_NN_BLOCK;

    return params + net->weight[i] + (tile * G20_NN_BLOCK + in % G20_NN_BLOCK) * G20_NN_BLOCK +
           out % G20_NN_BLOCK;
}

/* Hidden: the classifier's, then one for each prototype. Then its logit in two halves (rectifiers
 * let nothing below 0 pass) and how closed the gate is. */
static void fill(const struct g20_head_gate *g, const struct g20_head_fit *t, struct g20_model *m)
{
    const struct g20_net *net = &m->net, *from = g20_head_fit_net(t);
    float *to = m->params, *const own = (float *)(uintptr_t)g20_head_fit_params(t);

    for (uint32_t h = 0; h < G20_HEAD_HIDDEN; h++) {
        for (uint32_t i = 0; i < G20_TRUNK_FEATURES; i++)
            *weight(net, to, 1, h, i) = *weight(from, own, 1, h, i);
        to[net->bias[1] + h] = own[from->bias[1] + h];
        *weight(net, to, 2, 0, h) = *weight(from, own, 2, 0, h);
        *weight(net, to, 2, 1, h) = -*weight(from, own, 2, 0, h);
    }
    to[net->bias[2]] = own[from->bias[2]];
    to[net->bias[2] + 1] = -own[from->bias[2]];
    to[net->bias[2] + 2] = 1.0f;
    for (uint32_t k = 0; k < g->count; k++) {
        const uint32_t h = G20_HEAD_HIDDEN + k;
        for (uint32_t i = 0; i < G20_TRUNK_PLACES; i++)
            *weight(net, to, 1, h, i) = g->prototype[k]->features[i] / (LENGTH * LENGTH);
        to[net->bias[1] + h] = -g->least;
        *weight(net, to, 2, 2, h) = -SLOPE;
    }
    for (uint32_t k = 0; k < 2 * G20_LOOK_NUMBERS && g->count > 0; k++) {
        const uint32_t h = RANGES + k, number = k / 2;
        *weight(net, to, 1, h, G20_TRUNK_PLACES + number) = k % 2 ? -1.0f : 1.0f;
        to[net->bias[1] + h] = k % 2 ? g->lo[number] : -g->hi[number];
        *weight(net, to, 2, 3, h) = SLOPE;
    }
    *weight(net, to, 3, 0, 0) = 1.0f;
    *weight(net, to, 3, 0, 1) = -1.0f;
    *weight(net, to, 3, 0, 2) = -CLOSED;
    *weight(net, to, 3, 0, 3) = -CLOSED;
}

int g20_head_gate_build(const struct g20_head_gate *g, const struct g20_head_fit *t,
                        struct g20_model *ret, struct g20_err *e)
{
    static const struct g20_net_layer layers[] = {
        {.kind = G20_NET_INPUT, .channels = G20_TRUNK_FEATURES},
        {.kind = G20_NET_CONV, .from = 0, .channels = HIDDEN, .kh = 1, .kw = 1, .relu = true},
        {.kind = G20_NET_CONV, .from = 1, .channels = G20_NN_BLOCK, .kh = 1, .kw = 1, .relu = true},
        {.kind = G20_NET_CONV, .from = 2, .channels = G20_NN_BLOCK, .kh = 1, .kw = 1},
    };
    int r = g20_net_init(&ret->net, layers, G20_COUNT_OF(layers), e);

    if (r >= 0)
        r = g20_model_alloc(ret, e);
    if (r >= 0 && ret->params)
        fill(g, t, ret);
    return r;
}
