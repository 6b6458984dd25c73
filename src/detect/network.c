/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/network.h"

#include "base/alloc.h"
#include "nn/checkpoint.h"

#include <errno.h>

enum { MAX_BOXES = 1024, STEP_WIDTH = 16, MAX_WIDTH = 128 };

struct g20_network {
    struct g20_net net;
    float *params;
    struct g20_net_run *run;
    struct g20_decoder *decoder;
    uint8_t *image; /* (ROWS, BINS, 2) */
};

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

static int load(struct g20_network *n, const char *path, struct g20_err *e)
{
    struct g20_checkpoint c = {0};
    int r = g20_checkpoint_params(path, &c.params, e);

    if (r < 0 || (r = find_net(&n->net, c.params, path, e)) < 0)
        return r;
    c.weights = n->params = g20_calloc_aligned(n->net.params, sizeof(*n->params));
    n->image = g20_calloc_aligned(G20_IMAGE_BYTES, 1);
    if (!n->params || !n->image || g20_decoder_create(&n->decoder, MAX_BOXES) < 0)
        return g20_fail(e, -ENOMEM, "%s: out of memory", path);
    r = g20_checkpoint_read(&c, path, e);
    if (r < 0)
        return r;
    return g20_net_run_create(&n->run, &n->net, G20_TILE_ROWS / G20_HYDRA_PIXEL_ROWS,
                              G20_TILE_BINS / G20_HYDRA_PIXEL_BINS, false, e);
}

int g20_network_load(struct g20_network **ret, const char *path, struct g20_err *e)
{
    struct g20_network *n = g20_calloc(1, sizeof(*n));

    if (!n)
        return g20_fail(e, -ENOMEM, "%s: out of memory", path);
    const int r = load(n, path, e);
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
    g20_decoder_destroy(n->decoder);
    g20_free(n->image);
    g20_free(n->params);
    g20_free(n);
}

size_t g20_network_look(struct g20_network *n, const struct g20_tile *t, const struct g20_floor *f,
                        float threshold, struct g20_hydra_box **ret_boxes)
{
    g20_image_make(t, f, n->image);
    g20_hydra_input(n->image, 0, 0, g20_net_input(n->run));
    g20_net_forward(n->run, n->params);
    return g20_decode(n->decoder, g20_net_output(n->run), G20_MIN(t->rows, (uint32_t)G20_TILE_ROWS),
                      threshold, ret_boxes);
}
