/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/hydra_ort.h"

#include "base/alloc.h"
#include "detect/hydra.h"

#include <errno.h>
#include <string.h>

struct g20_hydra_ort {
    struct g20_ort *ort;
    struct g20_ort_session *session;
    struct g20_ort_shape in, out;
    float *input; /* (channels, height, width) */
    struct g20_image output;
};

static int set_up(struct g20_hydra_ort *h, const struct g20_model *m, const void *data, size_t len,
                  const char *name, const struct g20_provider *provider, uint32_t threads,
                  struct g20_err *e)
{
    const struct g20_ort_cfg cfg = {.provider = provider->on,
                                    .threads = threads,
                                    .int8 = m->is_int8,
                                    .use_dla = provider->use_dla,
                                    .dla_core = provider->dla_core};
    const uint32_t channels = m->net.channels[m->net.count - 1];
    int r;

    h->in = (struct g20_ort_shape){4, {1, m->net.channels[0], m->height, m->width}};
    h->output.blocks = channels / G20_NN_BLOCK;
    g20_net_size(&m->net, m->height, m->width, &h->output.height, &h->output.width);
    h->out = (struct g20_ort_shape){4, {1, channels, h->output.height, h->output.width}};
    h->input =
        g20_calloc_aligned((size_t)m->net.channels[0] * m->height * m->width, sizeof(*h->input));
    h->output.data =
        g20_calloc_aligned(h->output.blocks * g20_image_block(&h->output), sizeof(*h->output.data));
    if (!h->input || !h->output.data)
        return g20_fail(e, -ENOMEM, "%s: out of memory", name);
    if ((r = g20_ort_open(&h->ort, provider->library, e)) < 0)
        return r;
    return g20_ort_session_create(&h->session, h->ort, data, len, &cfg, name, e);
}

int g20_hydra_ort_create(struct g20_hydra_ort **ret, const struct g20_model *m, const void *data,
                         size_t len, const char *name, const struct g20_provider *provider,
                         uint32_t threads, struct g20_err *e)
{
    struct g20_hydra_ort *h = g20_calloc(1, sizeof(*h));

    if (!h)
        return g20_fail(e, -ENOMEM, "%s: out of memory", name);
    const int r = set_up(h, m, data, len, name, provider, threads, e);
    if (r < 0)
        g20_hydra_ort_destroy(h);
    else
        *ret = h;
    return r;
}

void g20_hydra_ort_destroy(struct g20_hydra_ort *h)
{
    if (!h)
        return;
    g20_ort_session_destroy(h->session);
    g20_ort_close(h->ort);
    g20_free(h->input);
    g20_free(h->output.data);
    g20_free(h);
}

static void fill(struct g20_hydra_ort *h, const uint8_t *image)
{
    const uint32_t height = (uint32_t)h->in.dim[2], width = (uint32_t)h->in.dim[3];
    const uint32_t of_row = (uint32_t)h->in.dim[1] / G20_HYDRA_PIXEL_ROWS;
    float *to = h->input;

    for (uint32_t c = 0; c < h->in.dim[1]; c++)
        for (uint32_t y = 0; y < height; y++) {
            const size_t row = (size_t)y * G20_HYDRA_PIXEL_ROWS + c / of_row;
            const uint8_t *from = image + row * G20_TILE_BINS * 2 + c % of_row;
            for (uint32_t x = 0; x < width; x++)
                *to++ = (float)(from[(size_t)x * of_row] - G20_IMAGE_NOISE) * G20_HYDRA_INPUT_SCALE;
        }
}

const struct g20_image *g20_hydra_ort_forward(struct g20_hydra_ort *h, const uint8_t *image,
                                              struct g20_err *e)
{
    struct g20_ort_shape shape;
    const float *from;

    fill(h, image);
    if (g20_ort_run(h->session, h->input, &h->in, &from, &shape, e) < 0)
        return NULL;
    if (shape.dims != h->out.dims || memcmp(shape.dim, h->out.dim, 4 * sizeof(shape.dim[0])) != 0) {
        g20_fail(e, -EIO, "ONNX Runtime: an output of another shape");
        return NULL;
    }
    for (uint32_t b = 0; b < h->output.blocks; b++)
        for (uint32_t c = 0; c < G20_NN_BLOCK; c++)
            for (uint32_t y = 0; y < h->output.height; y++) {
                float *to = g20_image_row(&h->output, b, y) + c;
                for (uint32_t x = 0; x < h->output.width; x++)
                    to[(size_t)x * G20_NN_BLOCK] = *from++;
            }
    return &h->output;
}
