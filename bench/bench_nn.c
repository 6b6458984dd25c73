/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Rows of the tile network: the shipped model on a tile of noise with signals in it. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/rng.h"
#include "bench.h"
#include "detect/heads.h"
#include "detect/hydra.h"
#include "detect/hydra_model.h"
#include "detect/image.h"
#include "nn/qnet.h"

#include <errno.h>

extern const struct g20_bench_row g20_bench_nn_rows[];

enum { TILES = 10, HEADS = 1000 }; /* a round */

struct nn {
    struct g20_model int8, real;
    struct g20_qnet *q;
    struct g20_net_run *run;
    uint8_t *image;
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

static int setup(void **ret_state, const struct g20_bench_env *env, uint32_t threads,
                 struct g20_err *e)
{
    struct nn *s = g20_calloc(1, sizeof(*s));
    int r;

    if (!s)
        return g20_fail(e, -ENOMEM, "out of memory");
    *ret_state = s;
    s->image = g20_calloc_aligned(G20_IMAGE_BYTES, 1);
    if (!s->image)
        return g20_fail(e, -ENOMEM, "out of memory");
    draw(s->image);
    if (!env->model || !env->model_int8)
        return g20_fail(e, -ENOENT, "the shipped model is not there");
    if ((r = g20_hydra_load(&s->int8, env->model_int8, e)) < 0 ||
        (r = g20_hydra_load(&s->real, env->model, e)) < 0 ||
        (r = g20_qnet_create(&s->q, &s->int8, threads, NULL, e)) < 0)
        return r;
    return g20_net_run_create(&s->run, &s->real.net, s->real.height, s->real.width, false, e);
}

static int setup_1(void **ret_state, const struct g20_bench_env *env, struct g20_err *e)
{
    return setup(ret_state, env, 1, e);
}

static int setup_2(void **ret_state, const struct g20_bench_env *env, struct g20_err *e)
{
    return setup(ret_state, env, 2, e);
}

static int run_int8(void *state, struct g20_bench_samples *out, struct g20_err *e)
{
    struct nn *s = state;
    (void)e;

    for (int i = 0; i < TILES; i++) {
        const uint64_t t0 = g20_clock_mono_ns();
        for (uint32_t y = 0; y < s->int8.height; y++)
            g20_hydra_input_bytes(s->image, y, g20_qnet_row(s->q, 0, y));
        g20_qnet_forward(s->q);
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
     .peer = "ours in float32, 1 thread",
     .setup = setup_2,
     .run = run_int8,
     .run_peer = run_float,
     .teardown = teardown},
    {.name = "inference_tile_int8_1t",
     .what = "network on a 1-Mpixel tile, INT8, 1 thread",
     .unit = "ms",
     .target = 4.0,
     .peer = "ours in float32, 1 thread",
     .setup = setup_1,
     .run = run_int8,
     .run_peer = run_float,
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
