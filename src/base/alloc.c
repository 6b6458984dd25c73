/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/alloc.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 2 << 20 };

static atomic_int_fast64_t live;
static atomic_uint_fast64_t total;
static atomic_uint_fast64_t fail_at = G20_ALLOC_NEVER;

static bool must_fail(void)
{
    uint_fast64_t left = atomic_load_explicit(&fail_at, memory_order_relaxed);

    if (left == G20_ALLOC_NEVER)
        return false;
    while (left > 0) {
        if (atomic_compare_exchange_weak(&fail_at, &left, left - 1))
            return false;
    }
    return true;
}

static void *counted(void *ptr)
{
    if (ptr) {
        atomic_fetch_add_explicit(&live, 1, memory_order_relaxed);
        atomic_fetch_add_explicit(&total, 1, memory_order_relaxed);
    }
    return ptr;
}

void *g20_calloc(size_t count, size_t size)
{
    size_t bytes;

    /* calloc() would refuse too, but a sanitizer takes it for a bug. */
    if (must_fail() || __builtin_mul_overflow(count, size, &bytes))
        return NULL;
    return counted(calloc(count ? count : 1, size ? size : 1));
}

/* What is large begins at a huge page, so that a caller may ask for such. */
static void *alloc_aligned(size_t count, size_t size, size_t *ret_bytes)
{
    size_t bytes;

    if (must_fail() || __builtin_mul_overflow(count, size, &bytes) ||
        bytes > SIZE_MAX - 2 * (size_t)HUGE_PAGE)
        return NULL;
    const size_t align = bytes >= HUGE_PAGE ? HUGE_PAGE : G20_ALIGN;
    *ret_bytes = bytes;
    /* never zero, always a multiple */
    return counted(aligned_alloc(align, (bytes + align) / align * align));
}

void *g20_alloc_aligned(size_t count, size_t size)
{
    size_t bytes;

    return alloc_aligned(count, size, &bytes);
}

void *g20_calloc_aligned(size_t count, size_t size)
{
    size_t bytes, done = 0;
    void *ptr = alloc_aligned(count, size, &bytes);

    if (!ptr)
        return NULL;
    if (bytes >= HUGE_PAGE) { /* pages that the system gives back zeroed, when first touched */
        const size_t whole = bytes / HUGE_PAGE * HUGE_PAGE;
        (void)madvise(ptr, bytes, MADV_HUGEPAGE);
        done = madvise(ptr, whole, MADV_DONTNEED) == 0 ? whole : 0;
    }
    memset((char *)ptr + done, 0, bytes - done);
    return ptr;
}

void *g20_realloc(void *ptr, size_t count, size_t size)
{
    size_t bytes;

    if (must_fail() || __builtin_mul_overflow(count, size, &bytes))
        return NULL;
    void *grown = realloc(ptr, bytes ? bytes : 1);
    return ptr ? grown : counted(grown);
}

char *g20_strdup(const char *text)
{
    size_t n = strlen(text) + 1;
    char *copy = g20_calloc(n, 1);

    if (copy)
        memcpy(copy, text, n);
    return copy;
}

void g20_free(void *ptr)
{
    if (!ptr)
        return;
    atomic_fetch_sub_explicit(&live, 1, memory_order_relaxed);
    free(ptr);
}

void g20_alloc_fail_at(uint64_t nth)
{
    atomic_store(&fail_at, nth);
}

int64_t g20_alloc_live(void)
{
    return atomic_load(&live);
}

uint64_t g20_alloc_total(void)
{
    return atomic_load(&total);
}
