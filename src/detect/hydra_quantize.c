/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/hydra_quantize.h"

#include "base/alloc.h"
#include "detect/hydra.h"

#include <errno.h>
#include <math.h>

#define NEAR  0.1f /* score from which a cell's score counts */
#define THERE 0.5f /* and from which its edges do */

struct sums {
    double scores, edges;
    uint64_t near, there;
};

static float score_at(const struct g20_image *m, uint32_t y, uint32_t x)
{
    return 1.0f /
           (1.0f + expf(-(*g20_hydra_value(m, y, x, G20_HYDRA_SIGNAL) + G20_HYDRA_SIGNAL_PRIOR)));
}

static void add_cell(struct sums *s, const struct g20_image *a, const struct g20_image *b,
                     uint32_t y, uint32_t x)
{
    const float sa = score_at(a, y, x), sb = score_at(b, y, x);

    if (sa < NEAR && sb < NEAR)
        return;
    s->scores += (double)((sa - sb) * (sa - sb));
    s->near++;
    if (sa < THERE)
        return;
    for (uint32_t k = G20_HYDRA_BEFORE; k < G20_HYDRA_OUTPUTS; k++) {
        const float off = *g20_hydra_value(a, y, x, k) - *g20_hydra_value(b, y, x, k);
        s->edges += (double)(off * off) / (G20_HYDRA_OUTPUTS - G20_HYDRA_BEFORE);
    }
    s->there++;
}

static void add_outputs(struct sums *s, const struct g20_image *a, const struct g20_image *b)
{
    for (uint32_t y = 0; y < G20_TILE_ROWS; y++)
        for (uint32_t x = 0; x < G20_TILE_BINS / G20_HYDRA_CELL_BINS; x++)
            add_cell(s, a, b, y, x);
}

/* @q beside float32 on all images. */
static void compare(struct g20_quantizer *z, struct g20_qnet *q, const struct g20_model *m,
                    const uint8_t *const *image, size_t count, struct g20_quantize_try *t,
                    struct g20_quant_error *layer)
{
    struct sums s = {0};

    for (size_t i = 0; i < count; i++) {
        g20_hydra_input(image[i], 0, 0, g20_quantizer_input(z));
        for (uint32_t y = 0; y < m->height; y++)
            g20_hydra_input_bytes(image[i], y, g20_qnet_row(q, 0, y));
        g20_qnet_forward(q, 0);
        add_outputs(&s, g20_quantizer_again(z), g20_qnet_output(q));
        g20_quantizer_compare(z, q, &m->quant, layer);
    }
    t->scores = s.near ? s.scores / (double)s.near : 0.0;
    t->edges = s.there ? s.edges / (double)s.there : 0.0;
}

static int try_way(struct g20_quantizer *z, struct g20_quant_way way, const uint8_t *const *image,
                   size_t count, struct g20_model *ret, struct g20_quantize_try *t,
                   struct g20_quant_error *layer, struct g20_err *e)
{
    struct g20_qnet *q;
    int r = g20_quantizer_make(z, way, ret, e);

    if (r < 0)
        return r;
    if ((r = g20_qnet_create(&q, ret, 1, NULL, e)) < 0) {
        g20_model_fini(ret);
        return r;
    }
    t->way = way;
    compare(z, q, ret, image, count, t, layer);
    g20_qnet_destroy(q);
    return 0;
}

int g20_hydra_quantize(const struct g20_model *m, const uint8_t *const *image, size_t count,
                       const struct g20_quant_way *way, uint32_t n, struct g20_model *ret,
                       struct g20_quantize_report *report, struct g20_err *e)
{
    struct g20_quantizer *z;
    double least = INFINITY;

    *report = (struct g20_quantize_report){.best = 0};
    *ret = (struct g20_model){.params = NULL};
    if (m->is_int8 || count == 0 || n == 0 || n > G20_QUANTIZE_WAYS)
        return g20_fail(e, -EINVAL,
                        m->is_int8 ? "the model is in INT8 already" : "nothing to calibrate with");
    int r = g20_quantizer_create(&z, m, G20_HYDRA_INPUT_SCALE, G20_IMAGE_NOISE, e);
    if (r < 0)
        return r;
    for (size_t i = 0; i < count; i++) {
        g20_hydra_input(image[i], 0, 0, g20_quantizer_input(z));
        g20_quantizer_look(z);
    }
    for (uint32_t k = 0; k < n && r >= 0; k++) {
        struct g20_model made;
        struct g20_quant_error layer = {{0}, {0}, {0}};
        struct g20_quantize_try *t = &report->tried[k];
        if ((r = try_way(z, way[k], image, count, &made, t, &layer, e)) < 0)
            break;
        if (t->scores + t->edges < least) {
            least = t->scores + t->edges;
            report->best = k;
            report->layer = layer;
            g20_model_fini(ret);
            *ret = made;
        } else {
            g20_model_fini(&made);
        }
    }
    g20_quantizer_destroy(z);
    if (r < 0)
        g20_model_fini(ret);
    return r;
}
