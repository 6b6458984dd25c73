/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/network.h"

#include "base/alloc.h"
#include "detect/hydra_model.h"
#include "nn/qnet.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

enum { MAX_BOXES = 1024, MOST_CORES = 4 };

struct g20_network {
    struct g20_model model;
    struct g20_net_run *run; /* NULL: */
    struct g20_qnet *bytes;  /* a model in INT8 */
    struct g20_decoder *decoder;
    uint8_t *image; /* (ROWS, BINS, 2) */
    float stretch;  /* power of its scores after which its own threshold reads 0.5 */
};

static int load(struct g20_network *n, const char *path, uint32_t threads, struct g20_err *e)
{
    const int r = g20_hydra_load(&n->model, path, e);

    if (r < 0)
        return r;
    const char *threshold = g20_model_prop(&n->model, "g20.score_threshold");
    const float t = threshold ? strtof(threshold, NULL) : 0.5f;
    n->stretch = t > 0.05f && t < 0.95f ? logf(0.5f) / logf(t) : 1.0f;
    n->image = g20_calloc_aligned(G20_IMAGE_BYTES, 1);
    if (!n->image || g20_decoder_create(&n->decoder, MAX_BOXES) < 0)
        return g20_fail(e, -ENOMEM, "%s: out of memory", path);
    if (n->model.is_int8) {
        const long cores = sysconf(_SC_NPROCESSORS_ONLN);
        return g20_qnet_create(&n->bytes, &n->model,
                               threads ? threads : (uint32_t)G20_CLAMP(cores, 1L, (long)MOST_CORES),
                               NULL, e);
    }
    return g20_net_run_create(&n->run, &n->model.net, n->model.height, n->model.width, false, e);
}

int g20_network_load(struct g20_network **ret, const char *path, uint32_t threads,
                     struct g20_err *e)
{
    struct g20_network *n = g20_calloc(1, sizeof(*n));

    if (!n)
        return g20_fail(e, -ENOMEM, "%s: out of memory", path);
    const int r = load(n, path, threads, e);
    if (r < 0)
        g20_network_destroy(n);
    else
        *ret = n;
    return r;
}

void g20_network_destroy(struct g20_network *n)
{
    if (!n)
        return;
    g20_net_run_destroy(n->run);
    g20_qnet_destroy(n->bytes);
    g20_decoder_destroy(n->decoder);
    g20_free(n->image);
    g20_model_fini(&n->model);
    g20_free(n);
}

const char *g20_network_prop(const struct g20_network *n, const char *key)
{
    return g20_model_prop(&n->model, key);
}

const uint8_t *g20_network_image(const struct g20_network *n)
{
    return n->image;
}

static const struct g20_image *forward(struct g20_network *n)
{
    if (n->bytes) {
        for (uint32_t y = 0; y < n->model.height; y++)
            g20_hydra_input_bytes(n->image, y, g20_qnet_row(n->bytes, 0, y));
        g20_qnet_forward(n->bytes);
        return g20_qnet_output(n->bytes);
    }
    g20_hydra_input(n->image, 0, 0, g20_net_input(n->run));
    g20_net_forward(n->run, n->model.params);
    return g20_net_output(n->run);
}

size_t g20_network_look(struct g20_network *n, const struct g20_tile *t, const struct g20_floor *f,
                        float threshold, struct g20_hydra_box **ret_boxes)
{
    g20_image_make(t, f, n->image);
    const size_t count =
        g20_decode(n->decoder, forward(n), G20_MIN(t->rows, (uint32_t)G20_TILE_ROWS),
                   powf(threshold, 1.0f / n->stretch), ret_boxes);
    for (size_t i = 0; i < count; i++)
        (*ret_boxes)[i].score = powf((*ret_boxes)[i].score, n->stretch);
    return count;
}
