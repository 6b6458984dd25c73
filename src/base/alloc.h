/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* alloc: the only caller of malloc.
 *
 * Thread-safe. Memory comes zeroed unless the name says otherwise. A test can make the n-th
 * allocation fail and can ask how many allocations are live or were ever made, which is how the
 * tests prove that every error path frees what it took and that the hot path takes nothing. */
#ifndef G20_BASE_ALLOC_H
#define G20_BASE_ALLOC_H

#include "base/base.h"

#include <stdint.h>

/* @count x @size zeroed bytes; NULL on overflow or when out of memory. */
void *g20_calloc(size_t count, size_t size) G20_MUST_USE;

/* Like calloc, aligned to G20_ALIGN bytes: for every buffer that vector code touches. */
void *g20_calloc_aligned(size_t count, size_t size) G20_MUST_USE;

/* The same, but not zeroed: for large room that is written before it is read. Pages that are never
 * written cost no memory. What is 2 MiB or larger begins at a multiple of that: madvise(2) for huge
 * pages wants whole ones. */
void *g20_alloc_aligned(size_t count, size_t size) G20_MUST_USE;

/* Grow or shrink a block from g20_calloc (not from the aligned calls); new bytes are not
 * zeroed. On failure the old block is untouched and still owned by the caller. */
void *g20_realloc(void *ptr, size_t count, size_t size) G20_MUST_USE;

/* A copy of @text; NULL when out of memory. */
char *g20_strdup(const char *text) G20_MUST_USE;

/* Frees memory from any of the above; NULL is fine. */
void g20_free(void *ptr);

#define G20_ALLOC_NEVER UINT64_MAX

/* Test hook: the allocation after @nth further ones fails (0: the very next one), as does each
 * later one, until called again. G20_ALLOC_NEVER turns it off. */
void g20_alloc_fail_at(uint64_t nth);
int64_t g20_alloc_live(void);   /* blocks handed out and not freed */
uint64_t g20_alloc_total(void); /* blocks ever handed out */

#endif
