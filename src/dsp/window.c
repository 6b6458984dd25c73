/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "dsp/window.h"

#include <complex.h>
#include <math.h>

/* w[i] = sum over k of (-1)^k a_k cos(2 pi k i / n). Hann and Blackman-Harris: Harris 1978, table
 * 1 (4-term, -92 dB); flat top: Heinzel et al. 2002, appendix C, as Matlab's flattopwin. */
enum { TERMS = 5 };
static const double COSINES[][TERMS] = {
    [G20_WINDOW_RECT] = {1},
    [G20_WINDOW_HANN] = {0.5, 0.5},
    [G20_WINDOW_BLACKMAN_HARRIS] = {0.35875, 0.48829, 0.14128, 0.01168},
    [G20_WINDOW_FLATTOP] = {0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368},
};

void g20_window_fill(enum g20_window kind, float *w, uint32_t n)
{
    const double *a = COSINES[kind];

    for (uint32_t i = 0; i < n; i++) {
        double sum = 0, sign = 1;
        for (int k = 0; k < TERMS; k++, sign = -sign)
            sum += sign * a[k] * cos(2 * M_PI * k * i / n);
        w[i] = (float)sum;
    }
}

double g20_window_coherent_gain(const float *w, uint32_t n)
{
    double sum = 0;

    for (uint32_t i = 0; i < n; i++)
        sum += (double)w[i];
    return sum / n;
}

double g20_window_enbw(const float *w, uint32_t n)
{
    double sum = 0, squares = 0;

    for (uint32_t i = 0; i < n; i++) {
        sum += (double)w[i];
        squares += (double)w[i] * (double)w[i];
    }
    return n * squares / (sum * sum);
}

double g20_window_scalloping_db(const float *w, uint32_t n)
{
    double complex half = 0;
    double sum = 0;

    for (uint32_t i = 0; i < n; i++) {
        half += (double)w[i] * cexp(-I * M_PI * i / n);
        sum += (double)w[i];
    }
    return 20 * log10(fabs(sum) / cabs(half));
}
