/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "train/angles.h"

#include <math.h>

enum { D = G20_TRUNK_PLACES, MOST = 64 };

#define SHARP 16.0f /* times the cosine: how sure an angle of 0 is */

static float length(const float *x)
{
    float sum = 1e-12f;

    for (int i = 0; i < D; i++)
        sum += x[i] * x[i];
    return sqrtf(sum);
}

/* to += scale x (what of @x / @len is not along @along, a unit vector) / of_len */
static void add_across(float *to, const float *x, float len, const float *along, float cosine,
                       float scale)
{
    for (int i = 0; i < D; i++)
        to[i] += scale * (x[i] / len - cosine * along[i]);
}

double g20_angles_loss(const struct g20_angles *a, bool *ret_nearest)
{
    const float len = length(a->place);
    float unit[D], cosine[MOST], long_kind[MOST], p[MOST], most = -2.0f, sum = 0.0f;
    uint32_t best = 0;

    for (int i = 0; i < D; i++) {
        unit[i] = a->place[i] / len;
        a->grad[i] = 0.0f;
    }
    for (uint32_t k = 0; k < a->kinds; k++) {
        const float *w = a->kind + (size_t)k * D;
        float dot = 0.0f;
        long_kind[k] = length(w);
        for (int i = 0; i < D; i++)
            dot += unit[i] * w[i];
        cosine[k] = dot / long_kind[k];
        if (cosine[k] > most) {
            most = cosine[k];
            best = k;
        }
    }
    for (uint32_t k = 0; k < a->kinds; k++)
        sum += p[k] = expf(SHARP * (cosine[k] - most));
    for (uint32_t k = 0; k < a->kinds; k++) {
        const float *w = a->kind + (size_t)k * D;
        const float wrong = SHARP * (p[k] / sum - (k == a->right ? 1.0f : 0.0f));
        add_across(a->grad, w, long_kind[k], unit, cosine[k], wrong / len);
        if (!a->kind_grad)
            continue;
        float along[D];
        for (int i = 0; i < D; i++)
            along[i] = w[i] / long_kind[k];
        add_across(a->kind_grad + (size_t)k * D, unit, 1.0f, along, cosine[k],
                   wrong / long_kind[k]);
    }
    *ret_nearest = best == a->right;
    return log((double)sum) - (double)(SHARP * (cosine[a->right] - most));
}
