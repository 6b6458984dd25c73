/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* kernels_sets: the tables that kernels.c chooses from; private to it and to kernels_*.c. */
#ifndef G20_DSP_KERNELS_SETS_H
#define G20_DSP_KERNELS_SETS_H

#include "dsp/kernels.h"

extern const struct g20_kernels g20_kernels_generic;
extern const struct g20_kernels g20_kernels_baseline; /* SSE2 on x86-64, NEON on aarch64 */
extern const struct g20_kernels g20_kernels_x86_64_v3;
extern const struct g20_kernels g20_kernels_x86_64_v4;

#endif
