/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "bench_dnnl.h"

#include "base/alloc.h"

#ifndef HAVE_DNNL

struct g20_bench_dnnl *g20_bench_dnnl_create(const struct g20_model *m, uint32_t threads)
{
    (void)m, (void)threads;
    return NULL;
}

void g20_bench_dnnl_destroy(struct g20_bench_dnnl *d)
{
    (void)d;
}

bool g20_bench_dnnl_run(struct g20_bench_dnnl *d)
{
    (void)d;
    return false;
}

#else

#include <dlfcn.h>
#include <oneapi/dnnl/dnnl.h>

#define CALLS(X)                             \
    X(dnnl_engine_create)                    \
    X(dnnl_engine_destroy)                   \
    X(dnnl_stream_create)                    \
    X(dnnl_stream_destroy)                   \
    X(dnnl_stream_wait)                      \
    X(dnnl_memory_desc_init_by_tag)          \
    X(dnnl_convolution_forward_desc_init)    \
    X(dnnl_primitive_attr_create)            \
    X(dnnl_primitive_attr_destroy)           \
    X(dnnl_primitive_attr_set_post_ops)      \
    X(dnnl_primitive_attr_set_output_scales) \
    X(dnnl_post_ops_create)                  \
    X(dnnl_post_ops_destroy)                 \
    X(dnnl_post_ops_append_eltwise)          \
    X(dnnl_primitive_desc_create)            \
    X(dnnl_primitive_desc_destroy)           \
    X(dnnl_primitive_desc_query_md)          \
    X(dnnl_primitive_create)                 \
    X(dnnl_primitive_destroy)                \
    X(dnnl_primitive_execute)                \
    X(dnnl_memory_create)                    \
    X(dnnl_memory_destroy)

struct layer {
    dnnl_primitive_t run;                /* NULL: no convolution */
    dnnl_memory_t weight, bias, own_out; /* own_out NULL: .out is an earlier layer's */
    dnnl_memory_t out;
    uint32_t height, width;
};

struct g20_bench_dnnl {
    void *library;
    void (*set_threads)(int);
#define X(name) __typeof__(&name) name;
    CALLS(X)
#undef X
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    struct g20_net net;
    uint32_t threads;
    struct layer layer[G20_NET_LAYERS];
};

static bool load(struct g20_bench_dnnl *d)
{
    bool all = true;

    d->library = dlopen("libdnnl.so.2", RTLD_NOW | RTLD_LOCAL);
    if (!d->library)
        return false;
        /* POSIX's way to get a function from an object pointer */
#define X(name)                                    \
    *(void **)&d->name = dlsym(d->library, #name); \
    all = all && d->name;
    CALLS(X)
#undef X
    *(void **)&d->set_threads = dlsym(d->library, "omp_set_num_threads");
    return all && d->set_threads;
}

static bool make_memory(struct g20_bench_dnnl *d, dnnl_memory_t *ret, const dnnl_memory_desc_t *md)
{
    return d->dnnl_memory_create(ret, md, d->engine, DNNL_MEMORY_ALLOCATE) == dnnl_success;
}

/* Pixels of layer @i as bytes, or as floats: channels side by side. */
static bool describe(struct g20_bench_dnnl *d, uint32_t i, dnnl_memory_desc_t *md)
{
    const dnnl_dims_t dims = {1, d->net.channels[i], d->layer[i].height, d->layer[i].width};
    const bool last = i == d->net.count - 1;

    return d->dnnl_memory_desc_init_by_tag(md, 4, dims, last ? dnnl_f32 : dnnl_u8, dnnl_nhwc) ==
           dnnl_success;
}

static bool make_attributes(struct g20_bench_dnnl *d, bool relu, dnnl_primitive_attr_t *ret)
{
    const float scale = 0.01f;
    dnnl_post_ops_t post = NULL;
    bool good = d->dnnl_primitive_attr_create(ret) == dnnl_success &&
                d->dnnl_primitive_attr_set_output_scales(*ret, 1, 0, &scale) == dnnl_success;

    if (good && relu) {
        good = d->dnnl_post_ops_create(&post) == dnnl_success &&
               d->dnnl_post_ops_append_eltwise(post, 1.0f, dnnl_eltwise_relu, 0.0f, 0.0f) ==
                   dnnl_success &&
               d->dnnl_primitive_attr_set_post_ops(*ret, post) == dnnl_success;
        if (post)
            d->dnnl_post_ops_destroy(post);
    }
    return good;
}

static bool make_convolution(struct g20_bench_dnnl *d, uint32_t i)
{
    const struct g20_net_layer *l = &d->net.layer[i];
    const bool patch = l->kind == G20_NET_PATCH;
    const dnnl_dims_t weights = {d->net.channels[i], d->net.channels[l->from], l->kh, l->kw};
    const dnnl_dims_t biases = {d->net.channels[i]};
    const dnnl_dims_t stride = {patch ? l->kh : 1, patch ? l->kw : 1};
    const dnnl_dims_t pad = {patch ? 0 : l->kh / 2, patch ? 0 : l->kw / 2};
    dnnl_memory_desc_t in, out, weight, bias;
    dnnl_convolution_desc_t conv;
    dnnl_primitive_attr_t attr = NULL;
    dnnl_primitive_desc_t pd = NULL;
    struct layer *to = &d->layer[i];
    bool good =
        describe(d, l->from, &in) && describe(d, i, &out) &&
        d->dnnl_memory_desc_init_by_tag(&weight, 4, weights, dnnl_s8, dnnl_format_tag_any) ==
            dnnl_success &&
        d->dnnl_memory_desc_init_by_tag(&bias, 1, biases, dnnl_f32, dnnl_x) == dnnl_success &&
        d->dnnl_convolution_forward_desc_init(&conv, dnnl_forward_inference,
                                              dnnl_convolution_direct, &in, &weight, &bias, &out,
                                              stride, pad, pad) == dnnl_success &&
        make_attributes(d, l->relu, &attr) &&
        d->dnnl_primitive_desc_create(&pd, &conv, attr, d->engine, NULL) == dnnl_success &&
        make_memory(d, &to->weight,
                    d->dnnl_primitive_desc_query_md(pd, dnnl_query_weights_md, 0)) &&
        make_memory(d, &to->bias, &bias) && make_memory(d, &to->own_out, &out) &&
        d->dnnl_primitive_create(&to->run, pd) == dnnl_success;

    to->out = to->own_out;
    if (attr)
        d->dnnl_primitive_attr_destroy(attr);
    if (pd)
        d->dnnl_primitive_desc_destroy(pd);
    return good;
}

static bool make_layer(struct g20_bench_dnnl *d, uint32_t i)
{
    const struct g20_net_layer *l = &d->net.layer[i];
    const struct layer *from = &d->layer[l->from];
    const uint32_t by_h = l->kind == G20_NET_PATCH ? l->kh : 1;
    const uint32_t by_w = l->kind == G20_NET_PATCH ? l->kw : 1;

    d->layer[i].height = from->height / by_h;
    d->layer[i].width = from->width / by_w;
    if (l->kind == G20_NET_CONV || l->kind == G20_NET_PATCH)
        return make_convolution(d, i);
    d->layer[i].out = from->out;
    return true;
}

struct g20_bench_dnnl *g20_bench_dnnl_create(const struct g20_model *m, uint32_t threads)
{
    struct g20_bench_dnnl *d = g20_calloc(1, sizeof(*d));
    dnnl_memory_desc_t in;

    if (!d)
        return NULL;
    d->net = m->net;
    d->threads = threads;
    d->layer[0].height = m->height;
    d->layer[0].width = m->width;
    bool good = load(d);
    if (good)
        d->set_threads((int)threads);
    good =
        good && d->dnnl_engine_create(&d->engine, dnnl_cpu, 0) == dnnl_success &&
        d->dnnl_stream_create(&d->stream, d->engine, dnnl_stream_default_flags) == dnnl_success &&
        describe(d, 0, &in) && make_memory(d, &d->layer[0].own_out, &in);
    d->layer[0].out = d->layer[0].own_out;
    for (uint32_t i = 1; i < m->net.count && good; i++)
        good = make_layer(d, i);
    if (good)
        return d;
    g20_bench_dnnl_destroy(d);
    return NULL;
}

void g20_bench_dnnl_destroy(struct g20_bench_dnnl *d)
{
    if (!d)
        return;
    for (uint32_t i = 0; i < d->net.count; i++) {
        const struct layer *l = &d->layer[i];
        if (l->run)
            d->dnnl_primitive_destroy(l->run);
        for (int k = 0; k < 3; k++) {
            const dnnl_memory_t memory[] = {l->weight, l->bias, l->own_out};
            if (memory[k])
                d->dnnl_memory_destroy(memory[k]);
        }
    }
    if (d->stream)
        d->dnnl_stream_destroy(d->stream);
    if (d->engine)
        d->dnnl_engine_destroy(d->engine);
    g20_free(d); /* the library stays: its threads do not end */
}

bool g20_bench_dnnl_run(struct g20_bench_dnnl *d)
{
    bool good = true;

    d->set_threads((int)d->threads);
    for (uint32_t i = 1; i < d->net.count && good; i++) {
        const struct layer *l = &d->layer[i];
        const dnnl_exec_arg_t args[] = {
            {DNNL_ARG_SRC, d->layer[d->net.layer[i].from].out},
            {DNNL_ARG_WEIGHTS, l->weight},
            {DNNL_ARG_BIAS, l->bias},
            {DNNL_ARG_DST, l->out},
        };
        if (l->run)
            good = d->dnnl_primitive_execute(l->run, d->stream, 4, args) == dnnl_success;
    }
    return good && d->dnnl_stream_wait(d->stream) == dnnl_success;
}

#endif
