/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "nn/quantize.h"

#include "base/alloc.h"
#include "nn/histogram.h"
#include "nn/net_run.h"

#include <errno.h>
#include <math.h>
#include <string.h>

struct g20_quantizer {
    const struct g20_model *model;
    float input_scale;
    uint8_t input_zero;
    struct g20_net_run *run;
    struct g20_histogram *histogram; /* (layers) */
    double (*sum)[G20_NET_CHANNELS]; /* (layers): of each channel's values */
    uint64_t pixels[G20_NET_LAYERS]; /* that they are sums of */
};

int g20_quantizer_create(struct g20_quantizer **ret, const struct g20_model *m, float input_scale,
                         uint8_t input_zero, struct g20_err *e)
{
    struct g20_quantizer *z = g20_calloc(1, sizeof(*z));
    int r = -ENOMEM;

    if (!z)
        return g20_fail(e, -ENOMEM, "quantizing: out of memory");
    *z = (struct g20_quantizer){.model = m, .input_scale = input_scale, .input_zero = input_zero};
    z->histogram = g20_calloc(m->net.count, sizeof(*z->histogram));
    z->sum = g20_calloc(m->net.count, sizeof(*z->sum));
    if (!z->histogram || !z->sum)
        g20_fail(e, r, "quantizing: out of memory");
    else
        r = g20_net_run_create(&z->run, &m->net, m->height, m->width, false, e);
    if (r < 0)
        g20_quantizer_destroy(z);
    else
        *ret = z;
    return r;
}

void g20_quantizer_destroy(struct g20_quantizer *z)
{
    if (!z)
        return;
    g20_net_run_destroy(z->run);
    g20_free(z->histogram);
    g20_free(z->sum);
    g20_free(z);
}

const struct g20_image *g20_quantizer_input(struct g20_quantizer *z)
{
    return g20_net_input(z->run);
}

const struct g20_image *g20_quantizer_again(struct g20_quantizer *z)
{
    g20_net_forward(z->run, z->model->params);
    return g20_net_output(z->run);
}

static void add_row(double *sum, const float *row, uint32_t width)
{
    for (uint32_t x = 0; x < width; x++)
        for (uint32_t c = 0; c < G20_NN_BLOCK; c++)
            sum[c] += (double)row[x * G20_NN_BLOCK + c];
}

void g20_quantizer_look(struct g20_quantizer *z)
{
    g20_net_forward(z->run, z->model->params);
    for (uint32_t i = 0; i + 1 < z->model->net.count; i++) {
        const struct g20_image *m = &z->run->out[i];
        z->pixels[i] += (uint64_t)m->height * m->width;
        for (uint32_t b = 0; b < m->blocks; b++)
            for (uint32_t y = 0; y < m->height; y++) {
                const float *row = g20_image_row(m, b, y);
                g20_histogram_add(&z->histogram[i], row, (size_t)m->width * G20_NN_BLOCK);
                add_row(z->sum[i] + (size_t)b * G20_NN_BLOCK, row, m->width);
            }
    }
}

static void round_weights(const struct g20_quantizer *z, struct g20_model *m, uint32_t i)
{
    const struct g20_net_layer *l = &m->net.layer[i];
    const double pixels = (double)G20_MAX(z->pixels[l->from], UINT64_C(1));

    if (l->kind != G20_NET_CONV && l->kind != G20_NET_PATCH)
        return;
    for (uint32_t o = 0; o < m->net.channels[i]; o++) {
        const float scale = g20_model_weight_scale(m, i, o);
        for (uint32_t c = 0; c < m->net.channels[l->from] && scale > 0.0f; c++)
            for (uint32_t t = 0; t < l->kh * l->kw; t++) {
                float *w = &m->params[g20_model_weight_at(&m->net, i, o, c, t)];
                const float rounded = (float)g20_model_weight_byte(*w, scale) * scale;
                m->params[m->net.bias[i] + o] -=
                    (rounded - *w) * (float)(z->sum[l->from][c] / pixels);
                *w = rounded;
            }
    }
}

static void set_range(struct g20_quant *q, uint32_t i, struct g20_span s)
{
    q->scale[i] = (s.hi - s.lo) / 255.0f;
    q->zero[i] = (uint8_t)lrintf(-s.lo / q->scale[i]);
}

int g20_quantizer_make(const struct g20_quantizer *z, struct g20_quant_way way,
                       struct g20_model *ret, struct g20_err *e)
{
    *ret = *z->model;
    ret->params = NULL;
    const int r = g20_model_alloc(ret, e);
    if (r < 0)
        return r;
    memcpy(ret->params, z->model->params, ret->net.params * sizeof(*ret->params));
    ret->is_int8 = true;
    ret->quant.scale[0] = z->input_scale;
    ret->quant.zero[0] = z->input_zero;
    for (uint32_t i = 1; i < ret->net.count; i++) {
        const struct g20_histogram *h = &z->histogram[i];
        round_weights(z, ret, i);
        set_range(&ret->quant, i,
                  way.method == G20_QUANT_ENTROPY ? g20_histogram_entropy(h)
                                                  : g20_histogram_percentile(h, way.share));
    }
    return 0;
}

static void compare_row(const float *want, const uint8_t *byte, uint32_t step, float scale,
                        uint8_t zero, uint32_t width, double *power, double *wrong)
{
    for (uint32_t x = 0; x < width; x++)
        for (uint32_t c = 0; c < G20_NN_BLOCK; c++) {
            const double w = (double)want[x * G20_NN_BLOCK + c];
            const double d = w - (double)scale * (byte[(size_t)x * step + c] - zero);
            *power += w * w;
            *wrong += d * d;
        }
}

static void compare_last(const struct g20_image *want, const struct g20_image *got, double *power,
                         double *wrong)
{
    for (uint32_t b = 0; b < want->blocks; b++)
        for (uint32_t y = 0; y < want->height; y++) {
            const float *a = g20_image_row(want, b, y), *c = g20_image_row(got, b, y);
            for (uint32_t x = 0; x < want->width * G20_NN_BLOCK; x++) {
                const double w = (double)a[x], d = w - (double)c[x];
                *power += w * w;
                *wrong += d * d;
            }
        }
}

void g20_quantizer_compare(const struct g20_quantizer *z, const struct g20_qnet *q,
                           const struct g20_quant *quant, struct g20_quant_error *sum)
{
    const uint32_t last = z->model->net.count - 1;

    for (uint32_t i = 1; i < last; i++) {
        const struct g20_image *m = &z->run->out[i];
        const uint32_t channels = z->model->net.channels[i];
        sum->there[i] = g20_qnet_row(q, i, 0) != NULL;
        for (uint32_t b = 0; b < m->blocks && sum->there[i]; b++)
            for (uint32_t y = 0; y < m->height; y++)
                compare_row(g20_image_row(m, b, y), g20_qnet_row(q, i, y) + b * G20_NN_BLOCK,
                            channels, quant->scale[i], quant->zero[i], m->width, &sum->power[i],
                            &sum->wrong[i]);
    }
    sum->there[last] = true;
    compare_last(g20_net_output(z->run), g20_qnet_output(q), &sum->power[last], &sum->wrong[last]);
}
