/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* For AVX-512: 32 registers of 16 floats. */
#define CONV_SET   g20_conv_v4
#define CONV_NAME  "x86-64-v4"
#define CONV_LANES 16
#define CONV_PX    8
#define CONV_OB    2
#define CONV_GI    16
#include "nn/conv_kernels.h"
