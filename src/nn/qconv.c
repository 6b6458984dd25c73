/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "nn/qconv.h"

#ifdef __x86_64__
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ASK_XSTATE = 0x1023, TILE_DATA = 18 }; /* ARCH_REQ_XCOMP_PERM of Linux 5.16 */

/* Linux gives a process the tiles' 8 KiB of state when it asks for them; threads inherit it. */
static bool has_amx(void)
{
    unsigned a, b, c, d;

    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d))
        return false;
    if (!(d >> 24 & 1) || !(d >> 25 & 1)) /* AMX-TILE, AMX-INT8 */
        return false;
    return syscall(SYS_arch_prctl, ASK_XSTATE, TILE_DATA) == 0;
}
#endif

void g20_qconv_widen(int16_t *to, const int8_t *weight, uint32_t runs, uint32_t run)
{
    enum { O = G20_QCONV_OUT };
    const size_t row = (size_t)g20_qconv_slices(run) * G20_QCONV_SLICE * O;

    for (uint32_t y = 0; y < runs; y++, weight += row)
        for (uint32_t k = 0; k < run; k += 2, to += (size_t)2 * O)
            for (uint32_t o = 0; o < O; o++) {
                const int8_t *two = weight + (size_t)(k / 4) * 4 * O + o * 4 + k % 4;
                to[2 * o] = (int16_t)(int)two[0];
                to[2 * o + 1] = (int16_t)(int)two[1];
            }
}

size_t g20_qconv_all(const struct g20_qconv *sets[G20_QCONV_SETS])
{
    size_t n = 0;

    sets[n++] = &g20_qconv_baseline;
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2"))
        sets[n++] = &g20_qconv_v3;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512vnni")) {
        sets[n++] = &g20_qconv_vnni;
        if (has_amx())
            sets[n++] = &g20_qconv_amx;
    }
#endif
    return n;
}

const struct g20_qconv *g20_qconv(void)
{
    const struct g20_qconv *sets[G20_QCONV_SETS];

    return sets[g20_qconv_all(sets) - 1];
}
