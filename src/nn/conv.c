/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "nn/conv.h"

size_t g20_conv_all(const struct g20_conv **sets, size_t cap)
{
    const struct g20_conv *have[3] = {&g20_conv_baseline};
    size_t n = 1;

#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        have[n++] = &g20_conv_v3;
        if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
            __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
            have[n++] = &g20_conv_v4;
    }
#endif
    n = G20_MIN(n, cap);
    for (size_t i = 0; i < n; i++)
        sets[i] = have[i];
    return n;
}

const struct g20_conv *g20_conv(void)
{
    const struct g20_conv *sets[3];

    return sets[g20_conv_all(sets, G20_COUNT_OF(sets)) - 1];
}
