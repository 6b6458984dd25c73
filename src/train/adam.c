/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "train/adam.h"

#include <math.h>

#define BETA1   0.9
#define BETA2   0.999
#define EPSILON 1e-8f

double g20_adam_step(const struct g20_adam *a, uint64_t step, size_t n, float *params, float *grad,
                     float *moments)
{
    double square = 0.0;

    for (size_t i = 0; i < n; i++)
        square += (double)grad[i] * (double)grad[i];
    const double length = sqrt(square);
    const float scale = length > (double)a->longest ? (float)((double)a->longest / length) : 1.0f;
    const float c1 = (float)(1.0 / (1.0 - pow(BETA1, (double)step)));
    const float c2 = (float)(1.0 / (1.0 - pow(BETA2, (double)step)));
    float *restrict m = moments, *restrict v = moments + n;

    if (!isfinite(length)) /* one bad step must not spoil all that was learned */
        return length;
    for (size_t i = 0; i < n; i++) {
        const float g = grad[i] * scale;
        m[i] = (float)BETA1 * m[i] + (float)(1.0 - BETA1) * g;
        v[i] = (float)BETA2 * v[i] + (float)(1.0 - BETA2) * g * g;
        params[i] -= a->rate * (c1 * m[i] / (sqrtf(c2 * v[i]) + EPSILON) + a->decay * params[i]);
    }
    return length;
}

float g20_adam_rate(float rate, float least, uint64_t step, uint64_t warm, uint64_t total)
{
    if (step < warm)
        return rate * (float)(step + 1) / (float)warm;
    if (step >= total)
        return rate * least;
    const double part = (double)(step - warm) / (double)(total - warm);
    return rate * (float)((double)least +
                          (1.0 - (double)least) * 0.5 * (1.0 + cos(3.14159265358979 * part)));
}
