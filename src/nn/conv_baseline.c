/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* For the architecture's least: SSE2, NEON. */
#define CONV_SET   g20_conv_baseline
#define CONV_NAME  "baseline"
#define CONV_LANES 4
#define CONV_PX    3
#define CONV_OB    1
#define CONV_GI    2
#include "nn/conv_kernels.h"
