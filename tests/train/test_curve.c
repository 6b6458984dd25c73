/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The loss curve of a tiny training beside a second implementation that shares nothing with the
 * first: plain loops over (channel, row, column) in double, derivatives written out layer by layer,
 * and an Adam of its own. Every kind of layer is in it. */
#include "train/adam.h"

#include "base/alloc.h"
#include "base/rng.h"
#include "nn/net.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { C = 16, H = 8, W = 8, H2 = H / 2, W2 = W / 2, STEPS = 25 };

/* x -> a = relu(conv3x3) -> p = relu(patch 2x2) -> c = conv3x3(p), s = p + relu(c) -> u = a + up(s)
 * -> y = conv1x1(u). Loss: half the mean square of y - target. */
static const struct g20_net_layer layers[] = {
    {.kind = G20_NET_INPUT, .channels = C},
    {.kind = G20_NET_CONV, .from = 0, .channels = C, .kh = 3, .kw = 3, .relu = true},
    {.kind = G20_NET_PATCH, .from = 1, .channels = C, .kh = 2, .kw = 2, .relu = true},
    {.kind = G20_NET_CONV, .from = 2, .channels = C, .kh = 3, .kw = 3, .relu = true},
    {.kind = G20_NET_ADD, .from = 2, .with = 3},
    {.kind = G20_NET_UP, .from = 1, .with = 4},
    {.kind = G20_NET_CONV, .from = 5, .channels = C, .kh = 1, .kw = 1},
};

static double x[C][H][W], target[C][H][W];

/* --- the second implementation --- */

struct kernel {
    int n;                        /* n x n */
    double w[C][C][3][3], b[C];   /* (out, in, row, column) */
    double gw[C][C][3][3], gb[C]; /* gradient */
    double m[C][C][3][3], v[C][C][3][3], mb[C], vb[C];
};

static struct kernel k1, k2, k3, k4;
static double a[C][H][W], u[C][H][W], y[C][H][W], p[C][H2][W2], c3[C][H2][W2], s[C][H2][W2];
static double ga[C][H][W], gu[C][H][W], gp[C][H2][W2], gc[C][H2][W2], gs[C][H2][W2], gy[C][H][W];

/* @h x @w outputs; stride 1 with a margin of zeros, or the kernel's own size. */
static void conv(const struct kernel *k, const double *in, double *out, int h, int w, bool patch,
                 bool relu)
{
    const int ih = patch ? 2 * h : h, iw = patch ? 2 * w : w, shift = patch ? 0 : k->n / 2;

    for (int o = 0; o < C; o++)
        for (int r = 0; r < h; r++)
            for (int q = 0; q < w; q++) {
                double sum = k->b[o];
                for (int i = 0; i < C; i++)
                    for (int dr = 0; dr < k->n; dr++)
                        for (int dq = 0; dq < k->n; dq++) {
                            const int rr = (patch ? 2 * r : r) + dr - shift;
                            const int qq = (patch ? 2 * q : q) + dq - shift;
                            if (rr >= 0 && rr < ih && qq >= 0 && qq < iw)
                                sum += k->w[o][i][dr][dq] * in[(i * ih + rr) * iw + qq];
                        }
                out[(o * h + r) * w + q] = relu && sum < 0.0 ? 0.0 : sum;
            }
}

/* @g is the gradient by the output (already 0 where a rectifier was shut); adds to @gin. */
static void back(struct kernel *k, const double *in, const double *g, double *gin, int h, int w,
                 bool patch)
{
    const int ih = patch ? 2 * h : h, iw = patch ? 2 * w : w, shift = patch ? 0 : k->n / 2;

    for (int o = 0; o < C; o++)
        for (int r = 0; r < h; r++)
            for (int q = 0; q < w; q++) {
                const double d = g[(o * h + r) * w + q];
                k->gb[o] += d;
                for (int i = 0; i < C; i++)
                    for (int dr = 0; dr < k->n; dr++)
                        for (int dq = 0; dq < k->n; dq++) {
                            const int rr = (patch ? 2 * r : r) + dr - shift;
                            const int qq = (patch ? 2 * q : q) + dq - shift;
                            if (rr < 0 || rr >= ih || qq < 0 || qq >= iw)
                                continue;
                            k->gw[o][i][dr][dq] += d * in[(i * ih + rr) * iw + qq];
                            if (gin)
                                gin[(i * ih + rr) * iw + qq] += d * k->w[o][i][dr][dq];
                        }
            }
}

static double forward_and_back(void)
{
    double loss = 0.0;

    conv(&k1, &x[0][0][0], &a[0][0][0], H, W, false, true);
    conv(&k2, &a[0][0][0], &p[0][0][0], H2, W2, true, true);
    conv(&k3, &p[0][0][0], &c3[0][0][0], H2, W2, false, true);
    memset(ga, 0, sizeof(ga));
    memset(gu, 0, sizeof(gu));
    memset(gp, 0, sizeof(gp));
    memset(gs, 0, sizeof(gs));
    for (int i = 0; i < C; i++)
        for (int r = 0; r < H; r++)
            for (int q = 0; q < W; q++) {
                s[i][r / 2][q / 2] = p[i][r / 2][q / 2] + c3[i][r / 2][q / 2];
                u[i][r][q] = a[i][r][q] + s[i][r / 2][q / 2];
            }
    conv(&k4, &u[0][0][0], &y[0][0][0], H, W, false, false);
    for (int i = 0; i < C; i++)
        for (int r = 0; r < H; r++)
            for (int q = 0; q < W; q++) {
                const double d = y[i][r][q] - target[i][r][q];
                loss += 0.5 * d * d / (C * H * W);
                gy[i][r][q] = d / (C * H * W);
            }
    back(&k4, &u[0][0][0], &gy[0][0][0], &gu[0][0][0], H, W, false);
    for (int i = 0; i < C; i++)
        for (int r = 0; r < H; r++)
            for (int q = 0; q < W; q++) {
                ga[i][r][q] += gu[i][r][q];
                gs[i][r / 2][q / 2] += gu[i][r][q];
            }
    for (int i = 0; i < C; i++)
        for (int r = 0; r < H2; r++)
            for (int q = 0; q < W2; q++) {
                gp[i][r][q] += gs[i][r][q];
                gc[i][r][q] = c3[i][r][q] > 0.0 ? gs[i][r][q] : 0.0;
            }
    back(&k3, &p[0][0][0], &gc[0][0][0], &gp[0][0][0], H2, W2, false);
    for (int i = 0; i < C; i++)
        for (int r = 0; r < H2; r++)
            for (int q = 0; q < W2; q++)
                gp[i][r][q] = p[i][r][q] > 0.0 ? gp[i][r][q] : 0.0;
    back(&k2, &a[0][0][0], &gp[0][0][0], &ga[0][0][0], H2, W2, true);
    for (int i = 0; i < C; i++)
        for (int r = 0; r < H; r++)
            for (int q = 0; q < W; q++)
                ga[i][r][q] = a[i][r][q] > 0.0 ? ga[i][r][q] : 0.0;
    back(&k1, &x[0][0][0], &ga[0][0][0], NULL, H, W, false);
    return loss;
}

/* Kingma and Ba, ICLR 2015, with decay as Loshchilov and Hutter have it. */
static void adam(double *w, double *g, double *m, double *v, double rate, double decay, int t)
{
    *m = 0.9 * *m + 0.1 * *g;
    *v = 0.999 * *v + 0.001 * *g * *g;
    const double mean = *m / (1.0 - pow(0.9, t)), square = *v / (1.0 - pow(0.999, t));
    *w -= rate * (mean / (sqrt(square) + 1e-8) + decay * *w);
    *g = 0.0;
}

static void improve(struct kernel *k, double rate, double decay, int t)
{
    for (int o = 0; o < C; o++) {
        adam(&k->b[o], &k->gb[o], &k->mb[o], &k->vb[o], rate, decay, t);
        for (int i = 0; i < C; i++)
            for (int r = 0; r < k->n; r++)
                for (int q = 0; q < k->n; q++)
                    adam(&k->w[o][i][r][q], &k->gw[o][i][r][q], &k->m[o][i][r][q],
                         &k->v[o][i][r][q], rate, decay, t);
    }
}

/* --- both begin with the same weights --- */

static void take(struct kernel *k, int n, const struct g20_net *net, uint32_t layer,
                 const float *params)
{
    const float *w = params + net->weight[layer];

    memset(k, 0, sizeof(*k));
    k->n = n;
    for (int o = 0; o < C; o++) {
        k->b[o] = (double)params[net->bias[layer] + (size_t)o];
        for (int i = 0; i < C; i++)
            for (int t = 0; t < n * n; t++) /* one block of 16 x 16: (tap, in, out) */
                k->w[o][i][t / n][t % n] = (double)w[(t * C + i) * C + o];
    }
}

static void the_curve_is_that_of_a_second_implementation(void **state)
{
    const struct g20_adam how = {.rate = 5e-3f, .decay = 1e-2f, .longest = 1e9f};
    struct g20_net net;
    struct g20_net_run *run;
    struct g20_rng rng;
    struct g20_err e;
    double first = 0.0, loss = 0.0;

    (void)state;
    assert_int_equal(g20_net_init(&net, layers, G20_COUNT_OF(layers), &e), 0);
    assert_int_equal(g20_net_run_create(&run, &net, H, W, true, &e), 0);
    float *params = g20_calloc_aligned(net.params, sizeof(float));
    float *grad = g20_calloc_aligned(net.params, sizeof(float));
    float *turned = g20_calloc_aligned(net.params, sizeof(float));
    float *moments = g20_calloc_aligned(2 * net.params, sizeof(float));
    assert_true(params && grad && turned && moments);
    g20_net_draw(&net, 3, params);
    g20_rng_init(&rng, 4);
    for (uint32_t r = 0; r < H; r++)
        for (uint32_t q = 0; q < W; q++)
            for (uint32_t i = 0; i < C; i++) {
                x[i][r][q] = g20_rng_normal(&rng);
                target[i][r][q] = g20_rng_normal(&rng);
                g20_image_row(g20_net_input(run), 0, r)[q * C + i] = (float)x[i][r][q];
            }
    take(&k1, 3, &net, 1, params);
    take(&k2, 2, &net, 2, params);
    take(&k3, 3, &net, 3, params);
    take(&k4, 1, &net, 6, params);
    for (int step = 1; step <= STEPS; step++) {
        double ours = 0.0;
        memset(grad, 0, net.params * sizeof(*grad));
        g20_net_turn(&net, params, turned);
        g20_net_forward(run, params);
        for (uint32_t r = 0; r < H; r++)
            for (uint32_t q = 0; q < W * C; q++) {
                const double d =
                    (double)g20_image_row(g20_net_output(run), 0, r)[q] - target[q % C][r][q / C];
                ours += 0.5 * d * d / (C * H * W);
                g20_image_row(g20_net_output_grad(run), 0, r)[q] = (float)(d / (C * H * W));
            }
        g20_net_backward(run, turned, grad);
        loss = forward_and_back();
        assert_true(fabs(ours - loss) < 2e-3 * loss);
        first = step == 1 ? loss : first;
        g20_adam_step(&how, (uint64_t)step, net.params, params, grad, moments);
        improve(&k1, (double)how.rate, (double)how.decay, step);
        improve(&k2, (double)how.rate, (double)how.decay, step);
        improve(&k3, (double)how.rate, (double)how.decay, step);
        improve(&k4, (double)how.rate, (double)how.decay, step);
    }
    assert_true(loss < 0.5 * first); /* it learns */
    g20_net_run_destroy(run);
    g20_free(params);
    g20_free(grad);
    g20_free(turned);
    g20_free(moments);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_curve_is_that_of_a_second_implementation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
