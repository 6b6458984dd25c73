/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* base: the compiler attributes and tiny helpers that every other file uses. */
#ifndef G20_BASE_BASE_H
#define G20_BASE_BASE_H

#include <stddef.h>

#define G20_MUST_USE                __attribute__((warn_unused_result))
#define G20_PRINTF(fmt_at, args_at) __attribute__((format(printf, fmt_at, args_at)))

#define G20_COUNT_OF(array)  (sizeof(array) / sizeof((array)[0]))
#define G20_MIN(a, b)        ((a) < (b) ? (a) : (b))
#define G20_MAX(a, b)        ((a) > (b) ? (a) : (b))
#define G20_CLAMP(x, lo, hi) G20_MIN(G20_MAX(x, lo), hi)

/* Before a function whose loops gain from wider registers: the compiler makes further versions for
 * processors with AVX2 and AVX-512, chosen when the program starts. All give the same results: no
 * products and sums are fused. Sanitizers cannot follow the choice. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define G20_SANITIZED
#endif
#endif
#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(G20_SANITIZED) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#if !defined(__clang__) && __GNUC__ >= 12
#define G20_WIDE __attribute__((target_clones("arch=x86-64-v4", "avx2", "default")))
#else
#define G20_WIDE __attribute__((target_clones("avx2", "default")))
#endif
#else
#define G20_WIDE
#endif

/* Every buffer that a vector kernel touches starts on a cache line. */
#define G20_ALIGN 64

#endif
