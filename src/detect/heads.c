/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/heads.h"

#include "base/alloc.h"
#include "detect/model_props.h"
#include "nn/onnx.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct head {
    struct g20_model model;
    struct g20_net_run *run;
    struct g20_head_info info;
    float stretch, least; /* least: of the stretched score */
};

struct g20_heads {
    pthread_mutex_t lock;
    struct g20_trunk *trunk;
    char trunk_text[20]; /* its hash, as heads name it */
    size_t count;
    struct head *head[G20_HEADS_MOST];
};

static const struct g20_model_lock locks[] = {
    {"g20.format", 1, NULL},
    {"g20.kind", 0, "head"},
    {"g20.features", G20_TRUNK_FEATURES, NULL},
};

int g20_head_net(struct g20_net *net, struct g20_err *e)
{
    static const struct g20_net_layer layers[] = {
        {.kind = G20_NET_INPUT, .channels = G20_TRUNK_FEATURES},
        {.kind = G20_NET_CONV,
         .from = 0,
         .channels = G20_HEAD_HIDDEN,
         .kh = 1,
         .kw = 1,
         .relu = true},
        {.kind = G20_NET_CONV, .from = 1, .channels = G20_NN_BLOCK, .kh = 1, .kw = 1},
    };

    return g20_net_init(net, layers, G20_COUNT_OF(layers), e);
}

static void trunk_text(uint64_t hash, char *buf, size_t size)
{
    snprintf(buf, size, "%016llx", (unsigned long long)hash);
}

static bool is_plain(const char *name)
{
    const size_t n = strlen(name);

    for (size_t i = 0; i < n; i++)
        if ((unsigned char)name[i] < ' ' || name[i] == 127 || name[i] == '/')
            return false;
    return n > 0 && n < G20_HEAD_NAME;
}

int g20_head_describe(struct g20_model *m, const char *name, uint64_t trunk, double threshold,
                      struct g20_err *e)
{
    char text[32];
    int r;

    if (!is_plain(name))
        return g20_fail(e, -EINVAL, "\"%.40s\": want a name of 1 to %d plain characters, no slash",
                        name, G20_HEAD_NAME - 1);
    m->height = m->width = 1;
    if ((r = g20_model_describe(m, locks, G20_COUNT_OF(locks), e)) < 0 ||
        (r = g20_model_set(m, "g20.name", name, e)) < 0)
        return r;
    trunk_text(trunk, text, sizeof(text));
    if ((r = g20_model_set(m, "g20.trunk", text, e)) < 0)
        return r;
    snprintf(text, sizeof(text), "%.4f", threshold);
    return g20_model_set(m, "g20.score_threshold", text, e);
}

static void destroy_head(struct head *d)
{
    if (!d)
        return;
    g20_net_run_destroy(d->run);
    g20_model_fini(&d->model);
    g20_free(d);
}

static int check(const struct g20_heads *h, const struct g20_model *m, const char *path,
                 struct g20_err *e)
{
    const int r = g20_model_check(m, locks, G20_COUNT_OF(locks), path, e);
    const char *trunk = g20_model_prop(m, "g20.trunk"), *name = g20_model_prop(m, "g20.name");

    if (r < 0)
        return r;
    if (m->height != 1 || m->width != 1 || m->net.channels[0] != G20_TRUNK_FEATURES)
        return g20_fail(e, G20_ESHAPE, "%s: an input of %u x %u x %u, not %d x 1 x 1", path,
                        m->net.channels[0], m->height, m->width, G20_TRUNK_FEATURES);
    if (!name || !is_plain(name))
        return g20_fail(e, G20_EUNSUPPORTED, "%s: it has no name", path);
    if (!trunk || strcmp(trunk, h->trunk_text) != 0)
        return g20_fail(e, G20_ELOCKED, "%s: trained on trunk %.20s, this one is %s", path,
                        trunk ? trunk : "(none)", h->trunk_text);
    return 0;
}

static int load(const struct g20_heads *h, const char *path, struct head **ret, struct g20_err *e)
{
    struct head *d = g20_calloc(1, sizeof(*d));
    int r;

    if (!d)
        return g20_fail(e, -ENOMEM, "%s: out of memory", path);
    r = g20_onnx_read(&d->model, path, e);
    if (r >= 0)
        r = check(h, &d->model, path, e);
    if (r >= 0)
        r = g20_net_run_create(&d->run, &d->model.net, 1, 1, false, e);
    if (r < 0) {
        destroy_head(d);
        return r;
    }
    const char *threshold = g20_model_prop(&d->model, "g20.score_threshold");
    const char *version = g20_model_prop(&d->model, "g20.version");
    const float t = threshold ? strtof(threshold, NULL) : 0.5f;
    d->least = 0.5f;
    d->stretch = t > 0.01f && t < 0.99f ? logf(0.5f) / logf(t) : 1.0f;
    snprintf(d->info.name, sizeof(d->info.name), "%s", g20_model_prop(&d->model, "g20.name"));
    snprintf(d->info.version, sizeof(d->info.version), "%.15s", version ? version : "1");
    const char *shape = g20_model_prop(&d->model, "g20.shape");
    if (shape && !g20_shape_read(&d->info.shape, shape)) {
        r = g20_fail(e, G20_EUNSUPPORTED, "%s: g20.shape is no shape: \"%.40s\"", path, shape);
        destroy_head(d);
        return r;
    }
    *ret = d;
    return 0;
}

int g20_heads_create(struct g20_heads **ret, const char *trunk, struct g20_err *e)
{
    struct g20_heads *h = g20_calloc(1, sizeof(*h));

    if (!h)
        return g20_fail(e, -ENOMEM, "heads: out of memory");
    pthread_mutex_init(&h->lock, NULL);
    const int r = g20_trunk_load(&h->trunk, trunk, e);
    if (r < 0) {
        g20_heads_destroy(h);
        return r;
    }
    trunk_text(g20_trunk_hash(h->trunk), h->trunk_text, sizeof(h->trunk_text));
    *ret = h;
    return 0;
}

void g20_heads_destroy(struct g20_heads *h)
{
    if (!h)
        return;
    for (size_t i = 0; i < h->count; i++)
        destroy_head(h->head[i]);
    g20_trunk_destroy(h->trunk);
    pthread_mutex_destroy(&h->lock);
    g20_free(h);
}

static size_t find(const struct g20_heads *h, const char *name)
{
    size_t i = 0;

    while (i < h->count && strcmp(h->head[i]->info.name, name) != 0)
        i++;
    return i;
}

static int put(struct g20_heads *h, struct head **at, const char *path, bool replace,
               struct g20_err *e)
{
    struct head *d = *at;
    int r = 0;

    pthread_mutex_lock(&h->lock);
    const size_t i = find(h, d->info.name);
    if (i < h->count && replace) {
        d->least = h->head[i]->least;
        *at = h->head[i]; /* for the caller to destroy, outside of the lock */
        h->head[i] = d;
    } else if (i < h->count)
        r = g20_fail(e, -EEXIST, "%s: a head \"%s\" is loaded already", path, d->info.name);
    else if (h->count == G20_HEADS_MOST)
        r = g20_fail(e, -ENOSPC, "%s: %d heads are loaded already", path, G20_HEADS_MOST);
    else {
        h->head[h->count++] = d;
        *at = NULL;
    }
    pthread_mutex_unlock(&h->lock);
    return r;
}

int g20_heads_add(struct g20_heads *h, const char *path, struct g20_err *e)
{
    struct head *d = NULL;
    int r = load(h, path, &d, e);

    if (r < 0 || !d)
        return r;
    r = put(h, &d, path, false, e);
    destroy_head(d);
    return r;
}

int g20_heads_put(struct g20_heads *h, const char *path, const char *name, struct g20_err *e)
{
    struct head *d = NULL;
    int r = load(h, path, &d, e);

    if (r < 0 || !d)
        return r;
    if (name)
        snprintf(d->info.name, sizeof(d->info.name), "%.31s", name);
    r = put(h, &d, path, true, e);
    destroy_head(d);
    return r;
}

int g20_heads_remove(struct g20_heads *h, const char *name, struct g20_err *e)
{
    struct head *d = NULL;

    pthread_mutex_lock(&h->lock);
    const size_t i = find(h, name);
    if (i < h->count) {
        d = h->head[i];
        memmove(&h->head[i], &h->head[i + 1], (--h->count - i) * sizeof(struct head *));
    }
    pthread_mutex_unlock(&h->lock);
    if (!d)
        return g20_fail(e, -ENOENT, "no head \"%.40s\" is loaded", name);
    destroy_head(d);
    return 0;
}

int g20_heads_threshold(struct g20_heads *h, const char *name, double threshold, double *ret_before)
{
    pthread_mutex_lock(&h->lock);
    const size_t i = find(h, name);
    const bool there = i < h->count;
    if (there && ret_before)
        *ret_before = (double)h->head[i]->least;
    if (there && !isnan(threshold))
        h->head[i]->least = (float)G20_CLAMP(threshold, 0.0, 1.0);
    pthread_mutex_unlock(&h->lock);
    return there ? 0 : -ENOENT;
}

size_t g20_heads_list(struct g20_heads *h, struct g20_head_info *ret, size_t cap)
{
    pthread_mutex_lock(&h->lock);
    const size_t n = h->count;
    for (size_t i = 0; i < n && i < cap; i++)
        ret[i] = h->head[i]->info;
    pthread_mutex_unlock(&h->lock);
    return n;
}

static float score_of(struct head *d, const float *features)
{
    const struct g20_image *in = g20_net_input(d->run);

    for (uint32_t i = 0; i < G20_TRUNK_FEATURES; i++)
        g20_image_row(in, i / G20_NN_BLOCK, 0)[i % G20_NN_BLOCK] = features[i];
    g20_net_forward(d->run, d->model.params);
    const float logit = g20_image_row(g20_net_output(d->run), 0, 0)[0];
    return powf(1.0f / (1.0f + expf(-logit)), d->stretch);
}

void g20_heads_embed(struct g20_heads *h, const struct g20_look *look,
                     float features[G20_TRUNK_FEATURES])
{
    pthread_mutex_lock(&h->lock);
    g20_trunk_embed(h->trunk, look, features);
    pthread_mutex_unlock(&h->lock);
}

bool g20_heads_judge(struct g20_heads *h, const float *features, struct g20_naming *ret)
{
    *ret = (struct g20_naming){.score = 0.0f};
    pthread_mutex_lock(&h->lock);
    for (size_t i = 0; i < h->count; i++) {
        const float s = score_of(h->head[i], features);
        if (s < h->head[i]->least || s <= ret->score)
            continue;
        ret->score = s;
        memcpy(ret->name, h->head[i]->info.name, sizeof(ret->name));
    }
    pthread_mutex_unlock(&h->lock);
    return ret->score > 0.0f;
}

bool g20_heads_name(struct g20_heads *h, const struct g20_look *look, struct g20_naming *ret)
{
    float features[G20_TRUNK_FEATURES];

    *ret = (struct g20_naming){.score = 0.0f};
    if (g20_heads_list(h, NULL, 0) == 0)
        return false;
    g20_heads_embed(h, look, features);
    return g20_heads_judge(h, features, ret);
}
