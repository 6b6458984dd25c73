/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* fft_plans: plans for transforms that must give the same bits on every machine, so that none is
 * timed where it runs: chosen once (gen_fft_plans.c) among those FFTW has for AVX, as its wisdom.
 * FFTW refuses what another version or another set of codelets made; then it estimates. Sizes for
 * which its estimate is as good are not here. */
#ifndef G20_DSP_FFT_PLANS_H
#define G20_DSP_FFT_PLANS_H

#include <stddef.h>
#include <stdint.h>

struct g20_fft_plan {
    uint32_t n;
    int dir; /* as enum g20_fft_dir */
    const char *wisdom;
};

extern const struct g20_fft_plan g20_fft_plans[];
extern const size_t g20_fft_plans_count;

#endif
