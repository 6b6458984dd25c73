/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Compiled for what every CPU of this architecture has: SSE2 on x86-64, NEON on aarch64. */
#define G20_KERNELS_SET g20_kernels_baseline
#ifdef __aarch64__
#define G20_KERNELS_NAME "neon"
#else
#define G20_KERNELS_NAME "baseline"
#endif
#define G20_KERNELS_LANES 4
#include "dsp/kernels_fast.h"
