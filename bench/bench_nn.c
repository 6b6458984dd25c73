/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Rows of the tile network: the shipped model on a tile of noise with signals in it. Peers are
 * oneDNN and ONNX Runtime, where they are installed. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/rng.h"
#include "bench.h"
#include "bench_dnnl.h"
#include "detect/heads.h"
#include "detect/hydra.h"
#include "detect/hydra_model.h"
#include "detect/image.h"
#include "nn/ort.h"
#include "nn/qnet.h"

#include <errno.h>

extern const struct g20_bench_row g20_bench_nn_rows[];

enum { TILES = 10, HEADS = 1000 }; /* a round */
enum { REST_NS = 10000000 };       /* until the threads of a peer no longer spin */

struct nn {
    struct g20_model int8, real;
    struct g20_qnet *q;
    struct g20_net_run *run;
    uint8_t *image;
    struct g20_bench_dnnl *dnnl; /* NULL: not there */
    struct g20_ort *ort;         /* the same */
    struct g20_ort_session *session;
    float *input; /* of .session */
};

static void teardown(void *state)
{
    struct nn *s = state;

    if (!s)
        return;
    g20_qnet_destroy(s->q);
    g20_net_run_destroy(s->run);
    g20_model_fini(&s->int8);
    g20_model_fini(&s->real);
    g20_bench_dnnl_destroy(s->dnnl);
    g20_ort_session_destroy(s->session);
    g20_ort_close(s->ort);
    g20_free(s->input);
    g20_free(s->image);
    g20_free(s);
}

static void draw(uint8_t *image)
{
    struct g20_rng rng;

    g20_rng_init(&rng, 1);
    for (size_t i = 0; i < G20_IMAGE_BYTES; i++) {
        const size_t bin = i / 2 % G20_TILE_BINS, row = i / 2 / G20_TILE_BINS;
        const bool on = (bin > 800 && bin < 960) || (bin > 2000 && bin < 2100 && row % 50 < 9);
        image[i] = (uint8_t)(20 + g20_rng_below(&rng, 16) + (on ? 60 : 0));
    }
}

static int begin(void **ret_state, const struct g20_bench_env *env, struct g20_err *e)
{
    struct nn *s = g20_calloc(1, sizeof(*s));

    if (!s)
        return g20_fail(e, -ENOMEM, "out of memory");
    *ret_state = s;
    s->image = g20_calloc_aligned(G20_IMAGE_BYTES, 1);
    if (!s->image)
        return g20_fail(e, -ENOMEM, "out of memory");
    draw(s->image);
    if (!env->model || !env->model_int8)
        return g20_fail(e, -ENOENT, "the shipped model is not there");
    return 0;
}

static int setup_int8(void **ret_state, const struct g20_bench_env *env, uint32_t threads,
                      struct g20_err *e)
{
    int r = begin(ret_state, env, e);

    if (r < 0)
        return r;
    struct nn *s = *ret_state;
    if ((r = g20_hydra_load(&s->int8, env->model_int8, e)) < 0)
        return r;
    return g20_qnet_create(&s->q, &s->int8, threads, NULL, e);
}

static int setup_dnnl(void **ret_state, const struct g20_bench_env *env, uint32_t threads,
                      struct g20_err *e)
{
    const int r = setup_int8(ret_state, env, threads, e);
    struct nn *s = *ret_state;

    if (r >= 0)
        s->dnnl = g20_bench_dnnl_create(&s->int8, threads);
    return r;
}

static int setup_1(void **ret_state, const struct g20_bench_env *env, struct g20_err *e)
{
    return setup_dnnl(ret_state, env, 1, e);
}

static int setup_2(void **ret_state, const struct g20_bench_env *env, struct g20_err *e)
{
    return setup_dnnl(ret_state, env, 2, e);
}

/* ONNX Runtime with the model in @path, or no peer. */
static void begin_ort(struct nn *s, const struct g20_bench_env *env, const char *path,
                      const struct g20_model *m, uint32_t threads)
{
    const struct g20_ort_cfg cfg = {.provider = G20_ORT_CPU, .threads = threads};
    char *data = NULL;
    size_t len;

    s->input =
        g20_calloc_aligned((size_t)m->net.channels[0] * m->height * m->width, sizeof(*s->input));
    if (s->input && g20_ort_open(&s->ort, env->onnxruntime, NULL) >= 0 &&
        g20_file_read(path, 1 << 26, &data, &len, NULL) >= 0 &&
        g20_ort_session_create(&s->session, s->ort, data, len, &cfg, path, NULL) < 0)
        s->session = NULL;
    g20_free(data);
}

static int setup_ort_int8(void **ret_state, const struct g20_bench_env *env, struct g20_err *e)
{
    const int r = setup_int8(ret_state, env, 2, e);
    struct nn *s = *ret_state;

    if (r >= 0)
        begin_ort(s, env, env->model_int8, &s->int8, 2);
    return r;
}

static int setup_float(void **ret_state, const struct g20_bench_env *env, struct g20_err *e)
{
    int r = begin(ret_state, env, e);

    if (r < 0)
        return r;
    struct nn *s = *ret_state;
    if ((r = g20_hydra_load(&s->real, env->model, e)) < 0)
        return r;
    begin_ort(s, env, env->model, &s->real, 1);
    return g20_net_run_create(&s->run, &s->real.net, s->real.height, s->real.width, false, e);
}

static int run_dnnl(void *state, struct g20_bench_samples *out, struct g20_err *e)
{
    struct nn *s = state;

    for (int i = 0; i < TILES && s->dnnl; i++) {
        const uint64_t t0 = g20_clock_mono_ns();
        if (!g20_bench_dnnl_run(s->dnnl))
            return g20_fail(e, -EIO, "oneDNN failed");
        g20_bench_add(out, (double)(g20_clock_mono_ns() - t0) * 1e-6);
    }
    if (s->dnnl)
        g20_sleep_ns(REST_NS);
    return 0;
}

static int run_ort(void *state, struct g20_bench_samples *out, struct g20_err *e)
{
    struct nn *s = state;
    struct g20_ort_shape shape;
    const float *y;

    for (int i = 0; i < TILES && s->session; i++) {
        const uint64_t t0 = g20_clock_mono_ns();
        const int r = g20_ort_run(s->session, s->input, g20_ort_input(s->session), &y, &shape, e);
        if (r < 0)
            return r;
        g20_bench_add(out, (double)(g20_clock_mono_ns() - t0) * 1e-6);
    }
    return 0;
}

static int run_int8(void *state, struct g20_bench_samples *out, struct g20_err *e)
{
    struct nn *s = state;
    (void)e;

    for (int i = 0; i < TILES; i++) {
        const uint64_t t0 = g20_clock_mono_ns();
        for (uint32_t y = 0; y < s->int8.height; y++)
            g20_hydra_input_bytes(s->image, y, g20_qnet_row(s->q, 0, y));
        g20_qnet_forward(s->q, 0);
        g20_bench_add(out, (double)(g20_clock_mono_ns() - t0) * 1e-6);
    }
    return 0;
}

static int run_float(void *state, struct g20_bench_samples *out, struct g20_err *e)
{
    struct nn *s = state;
    (void)e;

    const uint64_t t0 = g20_clock_mono_ns();
    g20_hydra_input(s->image, 0, 0, g20_net_input(s->run));
    g20_net_forward(s->run, s->real.params);
    g20_bench_add(out, (double)(g20_clock_mono_ns() - t0) * 1e-6);
    return 0;
}

/* One head: its weights do not matter to its time. */
static int setup_head(void **ret_state, const struct g20_bench_env *env, struct g20_err *e)
{
    struct nn *s = g20_calloc(1, sizeof(*s));
    int r;
    (void)env;

    if (!s)
        return g20_fail(e, -ENOMEM, "out of memory");
    *ret_state = s;
    if ((r = g20_head_net(&s->real.net, e)) < 0 || (r = g20_model_alloc(&s->real, e)) < 0)
        return r;
    g20_net_draw(&s->real.net, 1, s->real.params);
    return g20_net_run_create(&s->run, &s->real.net, 1, 1, false, e);
}

static int run_head(void *state, struct g20_bench_samples *out, struct g20_err *e)
{
    struct nn *s = state;
    (void)e;

    const uint64_t t0 = g20_clock_mono_ns();
    for (int i = 0; i < HEADS; i++)
        g20_net_forward(s->run, s->real.params);
    g20_bench_add(out, (double)(g20_clock_mono_ns() - t0) * 1e-6 / HEADS);
    return 0;
}

const struct g20_bench_row g20_bench_nn_rows[] = {
    {.name = "inference_tile_int8",
     .what = "network on a 1-Mpixel tile, INT8, 2 threads",
     .unit = "ms",
     .target = 2.0,
     .target_p99 = 5.0,
     .peer = "oneDNN u8 x s8: the convolutions alone, 2 threads",
     .setup = setup_2,
     .run = run_int8,
     .run_peer = run_dnnl,
     .teardown = teardown},
    {.name = "inference_tile_int8_1t",
     .what = "network on a 1-Mpixel tile, INT8, 1 thread",
     .unit = "ms",
     .target = 4.0,
     .peer = "oneDNN u8 x s8: the convolutions alone, 1 thread",
     .setup = setup_1,
     .run = run_int8,
     .run_peer = run_dnnl,
     .teardown = teardown},
    {.name = "inference_tile_int8_ort",
     .what = "network on a 1-Mpixel tile, INT8, 2 threads",
     .unit = "ms",
     .peer = "ONNX Runtime on the same file, 2 threads",
     .setup = setup_ort_int8,
     .run = run_int8,
     .run_peer = run_ort,
     .teardown = teardown},
    {.name = "inference_tile_float",
     .what = "network on a 1-Mpixel tile, float32, 1 thread",
     .unit = "ms",
     .peer = "ONNX Runtime on the same file, 1 thread",
     .setup = setup_float,
     .run = run_float,
     .run_peer = run_ort,
     .teardown = teardown},
    {.name = "head_more",
     .what = "one taught head more",
     .unit = "ms",
     .target = 0.15,
     .setup = setup_head,
     .run = run_head,
     .teardown = teardown},
    {.name = NULL},
};
