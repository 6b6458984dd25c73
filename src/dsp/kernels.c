/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "dsp/kernels.h"

#include "base/block.h"
#include "dsp/kernels_sets.h"

size_t g20_kernels_all(const struct g20_kernels **sets, size_t cap)
{
    size_t n = 0;

    if (n < cap)
        sets[n++] = &g20_kernels_generic;
    return n;
}

const struct g20_kernels *g20_kernels(void)
{
    return &g20_kernels_generic;
}

float g20_kernels_scale(int format)
{
    static const float scale[] = {
        [G20_CF32] = 1.0f,
        [G20_CI16] = 1.0f / 32768.0f,
        [G20_CI8] = 1.0f / 128.0f,
        [G20_CU8] = 1.0f / 127.5f,
    };

    return scale[format];
}
