/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/hydra.h"

#include <string.h>

static uint32_t push(struct g20_net_layer *all, uint32_t *n, struct g20_net_layer l)
{
    all[*n] = l;
    return (*n)++;
}

/* x + relu(conv(x)) */
static uint32_t residual(struct g20_net_layer *all, uint32_t *n, uint32_t from, uint32_t channels)
{
    const uint32_t c = push(all, n,
                            (struct g20_net_layer){.kind = G20_NET_CONV,
                                                   .from = from,
                                                   .channels = channels,
                                                   .kh = 3,
                                                   .kw = 3,
                                                   .relu = true});

    return push(all, n, (struct g20_net_layer){.kind = G20_NET_ADD, .from = from, .with = c});
}

static uint32_t down(struct g20_net_layer *all, uint32_t *n, uint32_t from, uint32_t channels)
{
    return push(all, n,
                (struct g20_net_layer){.kind = G20_NET_PATCH,
                                       .from = from,
                                       .channels = channels,
                                       .kh = 2,
                                       .kw = 2,
                                       .relu = true});
}

static uint32_t mix(struct g20_net_layer *all, uint32_t *n, uint32_t from, uint32_t channels,
                    bool relu)
{
    return push(all, n,
                (struct g20_net_layer){.kind = G20_NET_CONV,
                                       .from = from,
                                       .channels = channels,
                                       .kh = 1,
                                       .kw = 1,
                                       .relu = relu});
}

/* Five halvings, and back to the first: the coarsest pixel is 64 rows by 256 bins. */
int g20_hydra_net(struct g20_net *net, uint32_t width, struct g20_err *e)
{
    enum { SCALES = 5 };
    static const uint32_t part[SCALES] = {1, 2, 3, 4, 4};
    static const uint32_t back[SCALES] = {0, 1, 0, 0, 0}; /* residuals on the way up */
    struct g20_net_layer all[G20_NET_LAYERS];
    uint32_t skip[SCALES], n = 0;

    push(all, &n, (struct g20_net_layer){.kind = G20_NET_INPUT, .channels = 32});
    uint32_t at = mix(all, &n, 0, width, true);
    for (uint32_t k = 0; k < SCALES; k++) {
        at = down(all, &n, at, part[k] * width);
        at = skip[k] = residual(all, &n, at, part[k] * width);
    }
    at = residual(all, &n, at, part[SCALES - 1] * width);
    for (uint32_t k = SCALES - 1; k-- > 0;) {
        at = mix(all, &n, at, part[k] * width, false);
        at = push(all, &n, (struct g20_net_layer){.kind = G20_NET_UP, .from = skip[k], .with = at});
        if (back[k])
            at = residual(all, &n, at, part[k] * width);
    }
    at = mix(all, &n, at, width, true);
    mix(all, &n, at, G20_HYDRA_OUTPUTS * G20_HYDRA_CELLS * G20_HYDRA_CELLS, false);
    return g20_net_init(net, all, n, e);
}

void g20_hydra_input(const uint8_t *image, uint32_t row0, uint32_t bin0, const struct g20_image *in)
{
    for (uint32_t b = 0; b < in->blocks; b++) {
        for (uint32_t y = 0; y < in->height; y++) {
            const size_t row = row0 + y * G20_HYDRA_PIXEL_ROWS + b;
            const uint8_t *restrict from = image + (row * G20_TILE_BINS + bin0) * 2;
            float *restrict to = g20_image_row(in, b, y);
            for (size_t i = 0; i < (size_t)in->width * G20_NN_BLOCK; i++)
                to[i] = (float)(from[i] - G20_IMAGE_NOISE) * G20_HYDRA_INPUT_SCALE;
        }
    }
}

void g20_hydra_input_bytes(const uint8_t *image, uint32_t y, uint8_t *row)
{
    const uint8_t *from = image + (size_t)y * G20_HYDRA_PIXEL_ROWS * G20_TILE_BINS * 2;

    for (size_t x = 0; x < G20_TILE_BINS / G20_HYDRA_PIXEL_BINS; x++)
        for (size_t b = 0; b < G20_HYDRA_PIXEL_ROWS; b++, row += G20_NN_BLOCK)
            memcpy(row, from + b * G20_TILE_BINS * 2 + x * G20_NN_BLOCK, G20_NN_BLOCK);
}
