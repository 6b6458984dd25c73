/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* For AVX2 and FMA: 16 registers of 8 floats: 12 hold sums. */
#define CONV_SET   g20_conv_v3
#define CONV_NAME  "x86-64-v3"
#define CONV_LANES 8
#define CONV_PX    6
#define CONV_OB    1
#define CONV_GI    4
#include "nn/conv_kernels.h"
