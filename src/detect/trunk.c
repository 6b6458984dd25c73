/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/trunk.h"

#include "base/alloc.h"
#include "detect/model_props.h"
#include "nn/onnx.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define LENGTH 4.0f /* of a point's places together */

struct g20_trunk {
    struct g20_model model;
    struct g20_net_run *run;
};

static const struct g20_model_lock locks[] = {
    {"g20.format", 1, NULL},
    {"g20.kind", 0, "look"},
    {"g20.look_side", G20_LOOK_SIDE, NULL},
    {"g20.look_pictures", 0, "whole close"},
    {"g20.look_numbers", G20_LOOK_NUMBERS, NULL},
    {"g20.places", G20_TRUNK_PLACES, NULL},
};

int g20_trunk_net(struct g20_net *net, struct g20_err *e)
{
    static const struct g20_net_layer layers[] = {
        {.kind = G20_NET_INPUT, .channels = G20_TRUNK_INPUT},
        {.kind = G20_NET_CONV, .from = 0, .channels = 32, .kh = 3, .kw = 3, .relu = true},
        {.kind = G20_NET_CONV, .from = 1, .channels = 32, .kh = 3, .kw = 3, .relu = true},
        {.kind = G20_NET_ADD, .from = 1, .with = 2},
        {.kind = G20_NET_PATCH, .from = 3, .channels = 48, .kh = 2, .kw = 2, .relu = true},
        {.kind = G20_NET_CONV, .from = 4, .channels = 48, .kh = 3, .kw = 3, .relu = true},
        {.kind = G20_NET_ADD, .from = 4, .with = 5},
        {.kind = G20_NET_PATCH, .from = 6, .channels = 64, .kh = 2, .kw = 2, .relu = true},
        {.kind = G20_NET_CONV, .from = 7, .channels = 64, .kh = 3, .kw = 3, .relu = true},
        {.kind = G20_NET_ADD, .from = 7, .with = 8},
        {.kind = G20_NET_PATCH, .from = 9, .channels = 96, .kh = 4, .kw = 4, .relu = true},
        {.kind = G20_NET_CONV, .from = 10, .channels = G20_TRUNK_PLACES, .kh = 1, .kw = 1},
    };

    return g20_net_init(net, layers, G20_COUNT_OF(layers), e);
}

void g20_trunk_input(const struct g20_look *look, const struct g20_image *in)
{
    for (uint32_t p = 0; p < G20_LOOK_PICTURES; p++)
        for (uint32_t t = 0; t < G20_LOOK_SIDE; t++)
            for (uint32_t k = 0; k < G20_LOOK_SIDE; k++)
                g20_image_row(in, p, t / 4)[(k / 4) * G20_NN_BLOCK + t % 4 * 4 + k % 4] =
                    look->picture[p][t][k];
}

int g20_trunk_describe(struct g20_model *m, struct g20_err *e)
{
    m->height = m->width = G20_TRUNK_SIDE;
    return g20_model_describe(m, locks, G20_COUNT_OF(locks), e);
}

static int check(const struct g20_model *m, const char *name, struct g20_err *e)
{
    const int r = g20_model_check(m, locks, G20_COUNT_OF(locks), name, e);
    const uint32_t last = m->net.count - 1;

    if (r < 0)
        return r;
    if (m->height != G20_TRUNK_SIDE || m->width != G20_TRUNK_SIDE ||
        m->net.channels[0] != G20_TRUNK_INPUT || m->net.channels[last] != G20_TRUNK_PLACES)
        return g20_fail(e, G20_ESHAPE, "%s: %u x %u x %u to %u places, not %d x %d x %d to %d",
                        name, m->net.channels[0], m->height, m->width, m->net.channels[last],
                        G20_TRUNK_INPUT, G20_TRUNK_SIDE, G20_TRUNK_SIDE, G20_TRUNK_PLACES);
    return 0;
}

static int finish(struct g20_trunk *t, const char *name, struct g20_err *e)
{
    int r = check(&t->model, name, e);

    if (r < 0 || (r = g20_net_run_create(&t->run, &t->model.net, t->model.height, t->model.width,
                                         false, e)) < 0)
        return r;
    const struct g20_image *out = g20_net_output(t->run);
    if (out->height != 1 || out->width != 1)
        return g20_fail(e, G20_ESHAPE, "%s: an output of %u x %u pixels, not one", name,
                        out->height, out->width);
    return 0;
}

int g20_trunk_load(struct g20_trunk **ret, const char *path, struct g20_err *e)
{
    struct g20_trunk *t = g20_calloc(1, sizeof(*t));

    if (!t)
        return g20_fail(e, -ENOMEM, "%s: out of memory", path);
    int r = g20_onnx_read(&t->model, path, e);
    if (r >= 0)
        r = finish(t, path, e);
    if (r < 0)
        g20_trunk_destroy(t);
    else
        *ret = t;
    return r < 0 ? r : 0;
}

void g20_trunk_destroy(struct g20_trunk *t)
{
    if (!t)
        return;
    g20_net_run_destroy(t->run);
    g20_model_fini(&t->model);
    g20_free(t);
}

void g20_trunk_embed(struct g20_trunk *t, const struct g20_look *look,
                     float features[G20_TRUNK_FEATURES])
{
    float sum = 1e-12f;

    g20_trunk_input(look, g20_net_input(t->run));
    g20_net_forward(t->run, t->model.params);
    const struct g20_image *out = g20_net_output(t->run);
    for (uint32_t i = 0; i < G20_TRUNK_PLACES; i++) {
        features[i] = g20_image_row(out, i / G20_NN_BLOCK, 0)[i % G20_NN_BLOCK];
        sum += features[i] * features[i];
    }
    for (uint32_t i = 0; i < G20_TRUNK_PLACES; i++)
        features[i] *= LENGTH / sqrtf(sum);
    memcpy(features + G20_TRUNK_PLACES, look->number, sizeof(look->number));
}

uint64_t g20_trunk_hash(const struct g20_trunk *t)
{
    return g20_model_hash(&t->model);
}
