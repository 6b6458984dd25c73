/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Compiled for AVX2 and FMA. */
#define G20_KERNELS_SET   g20_kernels_x86_64_v3
#define G20_KERNELS_NAME  "x86-64-v3"
#define G20_KERNELS_LANES 8
#include "dsp/kernels_fast.h"
