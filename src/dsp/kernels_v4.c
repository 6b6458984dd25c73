/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Compiled for AVX-512 F, BW, CD, DQ, VL. */
#define G20_KERNELS_SET   g20_kernels_x86_64_v4
#define G20_KERNELS_NAME  "x86-64-v4"
#define G20_KERNELS_LANES 16
#include "dsp/kernels_fast.h"
