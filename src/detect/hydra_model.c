/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/hydra_model.h"

#include "detect/hydra.h"
#include "detect/model_props.h"
#include "nn/checkpoint.h"
#include "nn/onnx.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    STEP_WIDTH = 16,
    MAX_WIDTH = 128,
    CHANNELS = G20_HYDRA_OUTPUTS * G20_HYDRA_CELLS * G20_HYDRA_CELLS,
};

/* What is locked to the trained weights. */
static const struct g20_model_lock locks[] = {
    {"g20.format", 1, NULL},
    {"g20.kind", 0, "tile"},
    {"g20.nfft", G20_TILE_BINS, NULL},
    {"g20.hop", G20_TILE_HOP, NULL},
    {"g20.window", 0, "hann"},
    {"g20.accumulation_frames", G20_TILE_FOLD, NULL},
    {"g20.rows", G20_TILE_ROWS, NULL},
    {"g20.bins", G20_TILE_BINS, NULL},
    {"g20.channels", 0, "mean max"},
    {"g20.range_db", (double)G20_IMAGE_RANGE_DB, NULL},
    {"g20.below_noise_db", (double)G20_IMAGE_BELOW_DB, NULL},
    {"g20.pixel", 0, "2x8"},
    {"g20.cell", 0, "1x4"},
    {"g20.outputs", 0, "signal before after below above"},
    {"g20.output_pixel", 0, "4x4 cells"},
};

int g20_hydra_describe(struct g20_model *m, struct g20_err *e)
{
    const int r = g20_model_describe(m, locks, G20_COUNT_OF(locks), e);

    return r < 0 ? r : g20_model_set(m, "g20.class_names", "background signal", e);
}

int g20_hydra_check(const struct g20_model *m, const char *name, struct g20_err *e)
{
    const struct g20_net *n = &m->net;
    const int r = g20_model_check(m, locks, G20_COUNT_OF(locks), name, e);
    uint32_t height, width;

    if (r < 0)
        return r;
    if (m->height != G20_TILE_ROWS / G20_HYDRA_PIXEL_ROWS ||
        m->width != G20_TILE_BINS / G20_HYDRA_PIXEL_BINS ||
        n->channels[0] != 2 * G20_HYDRA_PIXEL_ROWS * G20_HYDRA_PIXEL_BINS)
        return g20_fail(e, G20_ESHAPE, "%s: an input of %u x %u x %u, not %d x %d x %d", name,
                        n->channels[0], m->height, m->width,
                        2 * G20_HYDRA_PIXEL_ROWS * G20_HYDRA_PIXEL_BINS,
                        G20_TILE_ROWS / G20_HYDRA_PIXEL_ROWS, G20_TILE_BINS / G20_HYDRA_PIXEL_BINS);
    if (m->is_int8 && (fabsf(m->quant.scale[0] - G20_HYDRA_INPUT_SCALE) > 1e-6f ||
                       m->quant.zero[0] != G20_IMAGE_NOISE))
        return g20_fail(e, G20_ELOCKED,
                        "%s: its input's bytes are (b - %u) x %g, this program's (b - %d) x %g",
                        name, m->quant.zero[0], (double)m->quant.scale[0], G20_IMAGE_NOISE,
                        (double)G20_HYDRA_INPUT_SCALE);
    g20_net_size(n, m->height, m->width, &height, &width);
    if (n->channels[n->count - 1] != CHANNELS || height * G20_HYDRA_CELLS != G20_TILE_ROWS ||
        width * G20_HYDRA_CELLS * G20_HYDRA_CELL_BINS != G20_TILE_BINS)
        return g20_fail(e, G20_ESHAPE, "%s: an output of %u x %u x %u, not %d x %d x %d", name,
                        n->channels[n->count - 1], height, width, CHANNELS,
                        G20_TILE_ROWS / G20_HYDRA_CELLS,
                        G20_TILE_BINS / G20_HYDRA_CELL_BINS / G20_HYDRA_CELLS);
    return 0;
}

/* The network of @params parameters: a checkpoint does not name its width. */
static int find_net(struct g20_net *net, uint64_t params, const char *path, struct g20_err *e)
{
    for (uint32_t width = STEP_WIDTH; width <= MAX_WIDTH; width += STEP_WIDTH) {
        const int r = g20_hydra_net(net, width, e);
        if (r < 0)
            return r;
        if (net->params == params)
            return 0;
    }
    return g20_fail(e, -EBADMSG, "%s: %llu parameters fit no width of the network", path,
                    (unsigned long long)params);
}

static int load_checkpoint(struct g20_model *m, const char *path, struct g20_err *e)
{
    struct g20_checkpoint c = {0};
    char steps[32];
    int r = g20_checkpoint_params(path, &c.params, e);

    if (r < 0 || (r = find_net(&m->net, c.params, path, e)) < 0 || (r = g20_model_alloc(m, e)) < 0)
        return r;
    c.weights = m->params;
    m->height = G20_TILE_ROWS / G20_HYDRA_PIXEL_ROWS;
    m->width = G20_TILE_BINS / G20_HYDRA_PIXEL_BINS;
    if ((r = g20_checkpoint_read(&c, path, e)) < 0 || (r = g20_hydra_describe(m, e)) < 0)
        return r;
    snprintf(steps, sizeof(steps), "%llu", (unsigned long long)c.step);
    return g20_model_set(m, "g20.steps", steps, e);
}

int g20_hydra_load(struct g20_model *m, const char *path, struct g20_err *e)
{
    uint64_t params;

    *m = (struct g20_model){0};
    int r = g20_checkpoint_params(path, &params, NULL);
    if (r >= 0)
        r = load_checkpoint(m, path, e);
    else
        r = g20_onnx_read(m, path, e);
    if (r >= 0)
        r = g20_hydra_check(m, path, e);
    if (r < 0)
        g20_model_fini(m);
    return r < 0 ? r : 0;
}
