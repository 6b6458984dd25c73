/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "dsp/fir.h"

#include <math.h>

/* Modified Bessel function of order 0, by its series: every term is positive, so nothing cancels.
 */
static double bessel_i0(double x)
{
    double sum = 1, term = 1;

    for (int k = 1; k < 200 && term > 1e-18 * sum; k++) {
        term *= x * x / (4.0 * k * k);
        sum += term;
    }
    return sum;
}

/* Kaiser's fit. */
static double beta_of(double stop_db)
{
    if (stop_db > 50)
        return 0.1102 * (stop_db - 8.7);
    return stop_db > 21 ? 0.5842 * pow(stop_db - 21, 0.4) + 0.07886 * (stop_db - 21) : 0;
}

uint32_t g20_fir_length(double transition, double stop_db)
{
    const double order = (stop_db - 7.95) / (2.285 * 2 * M_PI * transition);

    return (uint32_t)ceil(G20_MAX(order, 2.0) / 2) * 2 + 1;
}

void g20_fir_lowpass(double *h, uint32_t n, double cutoff, double stop_db)
{
    const double beta = beta_of(stop_db), middle = (n - 1) / 2.0;
    double sum = 0;

    for (uint32_t k = 0; k < n; k++) {
        const double t = k - middle, x = middle > 0 ? t / middle : 0;
        const double sinc = t == 0 ? 2 * cutoff : sin(2 * M_PI * cutoff * t) / (M_PI * t);

        h[k] = sinc * bessel_i0(beta * sqrt(G20_MAX(0.0, 1 - x * x)));
        sum += h[k];
    }
    for (uint32_t k = 0; k < n; k++)
        h[k] /= sum;
}
