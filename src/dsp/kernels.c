/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "dsp/kernels.h"

#include "base/block.h"
#include "dsp/kernels_sets.h"

#include <pthread.h>

/* The psABI's levels, feature by feature: older compilers cannot be asked for the level itself.
 * The compiler's own check also asks whether the operating system saves the wide registers. */
#ifdef __x86_64__
static bool has_v3(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
           __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
}

static bool has_v4(void)
{
    return has_v3() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
}
#endif

size_t g20_kernels_all(const struct g20_kernels **sets, size_t cap)
{
    const struct g20_kernels *have[4] = {&g20_kernels_generic, &g20_kernels_baseline};
    size_t n = 2;

#ifdef __x86_64__
    __builtin_cpu_init();
    if (has_v3())
        have[n++] = &g20_kernels_x86_64_v3;
    if (has_v4())
        have[n++] = &g20_kernels_x86_64_v4;
#endif
    n = G20_MIN(n, cap);
    for (size_t i = 0; i < n; i++)
        sets[i] = have[i];
    return n;
}

static const struct g20_kernels *chosen;

static void choose(void)
{
    const struct g20_kernels *sets[8];

    chosen = sets[g20_kernels_all(sets, G20_COUNT_OF(sets)) - 1]; /* the last is the fastest */
}

const struct g20_kernels *g20_kernels(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, choose);
    return chosen;
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
