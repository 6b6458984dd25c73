/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "nn/net.h"

#include "base/rng.h"
#include "nn/net_run.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static int check(const struct g20_net *net, uint32_t i, struct g20_err *e)
{
    const struct g20_net_layer *l = &net->layer[i];

    if ((i == 0) != (l->kind == G20_NET_INPUT))
        return g20_fail(e, -EINVAL, "network: layer %u: only layer 0 is the input", i);
    if (i > 0 && (l->from >= i || l->with >= i))
        return g20_fail(e, -EINVAL, "network: layer %u reads a layer that is not before it", i);
    if (l->kind == G20_NET_ADD || l->kind == G20_NET_UP) {
        if (net->channels[l->from] != net->channels[l->with])
            return g20_fail(e, -EINVAL, "network: layer %u adds %u and %u channels", i,
                            net->channels[l->from], net->channels[l->with]);
        return 0;
    }
    if (l->channels == 0 || l->channels % G20_NN_BLOCK || l->channels > G20_NET_CHANNELS)
        return g20_fail(e, -EINVAL, "network: layer %u: %u channels, not a multiple of 16 to %d", i,
                        l->channels, G20_NET_CHANNELS);
    if (l->kind == G20_NET_INPUT)
        return 0;
    if (l->kh == 0 || l->kw == 0 || l->kh > 8 || l->kw > 8 ||
        (l->kind == G20_NET_CONV && (l->kh > 3 || l->kw > 3 || l->kh % 2 == 0 || l->kw % 2 == 0)))
        return g20_fail(e, -EINVAL, "network: layer %u: a kernel of %u x %u", i, l->kh, l->kw);
    return 0;
}

int g20_net_init(struct g20_net *net, const struct g20_net_layer *layer, uint32_t count,
                 struct g20_err *e)
{
    *net = (struct g20_net){.count = count};
    if (count < 2 || count > G20_NET_LAYERS)
        return g20_fail(e, -EINVAL, "network: %u layers, not 2..%d", count, G20_NET_LAYERS);
    for (uint32_t i = 0; i < count; i++) {
        net->layer[i] = layer[i];
        const int r = check(net, i, e);
        if (r < 0)
            return r;
        const bool sums = layer[i].kind == G20_NET_ADD || layer[i].kind == G20_NET_UP;
        net->channels[i] = sums ? net->channels[layer[i].from] : layer[i].channels;
        net->weight[i] = net->params;
        if (!sums && i > 0)
            net->params +=
                (size_t)net->channels[i] * net->channels[layer[i].from] * layer[i].kh * layer[i].kw;
        net->bias[i] = net->params;
        if (!sums && i > 0)
            net->params += net->channels[i];
    }
    return 0;
}

void g20_net_shape(const struct g20_net *net, uint32_t i, const struct g20_image *all, uint32_t *h,
                   uint32_t *w)
{
    const struct g20_net_layer *l = &net->layer[i];

    *h = all[l->from].height;
    *w = all[l->from].width;
    if (l->kind == G20_NET_PATCH) {
        *h /= l->kh;
        *w /= l->kw;
    }
}

bool g20_net_joins(const struct g20_net *net, uint32_t i)
{
    if (i + 2 >= net->count || net->layer[i].kind != G20_NET_CONV ||
        net->layer[i + 1].kind != G20_NET_ADD || net->layer[i + 1].with != i ||
        net->layer[i + 1].from == i)
        return false;
    for (uint32_t k = i + 2; k < net->count; k++)
        if (net->layer[k].from == i || net->layer[k].with == i)
            return false;
    return true;
}

void g20_net_size(const struct g20_net *net, uint32_t height, uint32_t width, uint32_t *ret_height,
                  uint32_t *ret_width)
{
    struct g20_image all[G20_NET_LAYERS] = {{.height = height, .width = width}};

    for (uint32_t i = 1; i < net->count; i++)
        g20_net_shape(net, i, all, &all[i].height, &all[i].width);
    *ret_height = all[net->count - 1].height;
    *ret_width = all[net->count - 1].width;
}

uint64_t g20_net_macs(const struct g20_net *net, uint32_t height, uint32_t width)
{
    struct g20_image all[G20_NET_LAYERS] = {{.height = height, .width = width}};
    uint64_t sum = 0;

    for (uint32_t i = 1; i < net->count; i++) {
        g20_net_shape(net, i, all, &all[i].height, &all[i].width);
        sum += (uint64_t)all[i].height * all[i].width * (net->bias[i] - net->weight[i]);
    }
    return sum;
}

void g20_net_draw(const struct g20_net *net, uint64_t seed, float *params)
{
    struct g20_rng rng;

    g20_rng_init(&rng, seed);
    memset(params, 0, net->params * sizeof(*params));
    for (uint32_t i = 1; i < net->count; i++) {
        const struct g20_net_layer *l = &net->layer[i];
        const double n = (double)net->channels[l->from] * l->kh * l->kw;
        for (size_t k = net->weight[i]; k < net->bias[i]; k++)
            params[k] = (float)(sqrt(2.0 / n) * g20_rng_normal(&rng));
    }
}

/* What must be the same of two layers whose weights can stand for each other. */
struct likeness {
    uint32_t kind, kh, kw, in, out, height, width, is_first;
};

static void liken(const struct g20_net *net, struct likeness *of)
{
    enum { SIDE = 1 << 16 }; /* of an input that every PATCH divides */
    struct g20_image all[G20_NET_LAYERS] = {{.height = SIDE, .width = SIDE}};

    for (uint32_t i = 1; i < net->count; i++) {
        const struct g20_net_layer *l = &net->layer[i];
        g20_net_shape(net, i, all, &all[i].height, &all[i].width);
        of[i] =
            (struct likeness){l->kind,          l->kh,         l->kw,        net->channels[l->from],
                              net->channels[i], all[i].height, all[i].width, l->from == 0};
    }
}

uint32_t g20_net_carry(const struct g20_net *net, float *params, const struct g20_net *from,
                       const float *weights, bool ret_carried[G20_NET_LAYERS])
{
    struct likeness to[G20_NET_LAYERS], of[G20_NET_LAYERS];
    bool used[G20_NET_LAYERS] = {false};
    uint32_t carried = 0;

    liken(net, to);
    liken(from, of);
    for (uint32_t i = 1; i < net->count; i++)
        for (uint32_t k = 1; k < from->count && net->bias[i] > net->weight[i]; k++) {
            if (used[k] || memcmp(&to[i], &of[k], sizeof(to[i])) != 0)
                continue;
            used[k] = ret_carried[i] = true;
            carried++;
            memcpy(params + net->weight[i], weights + from->weight[k],
                   (net->bias[i] - net->weight[i] + net->channels[i]) * sizeof(*params));
            break;
        }
    return carried;
}

void g20_net_turn(const struct g20_net *net, const float *params, float *turned)
{
    enum { S = G20_NN_BLOCK };

    for (uint32_t i = 1; i < net->count; i++) {
        const struct g20_net_layer *l = &net->layer[i];
        const uint32_t taps = l->kh * l->kw, ob = net->channels[i] / S;
        const uint32_t ib = net->channels[l->from] / S;
        if (net->bias[i] == net->weight[i])
            continue;
        for (uint32_t o = 0; o < ob; o++)
            for (uint32_t c = 0; c < ib; c++)
                for (uint32_t t = 0; t < taps; t++) {
                    const uint32_t to = l->kind == G20_NET_CONV ? taps - 1 - t : t;
                    const float *w =
                        params + net->weight[i] + (((size_t)o * ib + c) * taps + t) * S * S;
                    /* A patch's taps are used one at a time, so they come first. */
                    float *out = turned + net->weight[i] +
                                 (l->kind == G20_NET_CONV ? ((size_t)c * ob + o) * taps + to
                                                          : ((size_t)to * ib + c) * ob + o) *
                                     S * S;
                    for (uint32_t x = 0; x < S; x++)
                        for (uint32_t y = 0; y < S; y++)
                            out[y * S + x] = w[x * S + y];
                }
    }
}
