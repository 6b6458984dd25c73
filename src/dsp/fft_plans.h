/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* fft_plans: plans for transforms that must give the same bits on every machine, so that none is
 * timed where it runs: chosen once (gen_fft_plans.c) among those FFTW has for AVX, as its wisdom,
 * for powers of two of 16 to 8192 points, where they are faster than its estimates. FFTW refuses
 * all of them where its version or the processor's codelets are others. */
#ifndef G20_DSP_FFT_PLANS_H
#define G20_DSP_FFT_PLANS_H

extern const char g20_fft_plans[];

#endif
