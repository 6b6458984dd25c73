/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* folder: a temporary folder of a test, and blocks of a fixed pool. */
#ifndef G20_TESTS_CAPTURE_FOLDER_H
#define G20_TESTS_CAPTURE_FOLDER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/block.h"

#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static inline void make_folder(char *buf, size_t size)
{
    const char *tmp = getenv("TMPDIR");

    snprintf(buf, size, "%s/g20-capture-XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(buf));
}

static inline void remove_folder(char *folder)
{
    char *const roots[] = {folder, NULL};
    FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);

    for (FTSENT *f; tree && (f = fts_read(tree));) {
        if (f->fts_info != FTS_D)
            remove(f->fts_accpath);
    }
    fts_close(tree);
}

/* @len samples of ci16: sample n is (n mod 20011, -n mod 20011), so that each tells its number. */
static inline struct g20_block *numbered_block(struct g20_pool *pool, uint64_t first, uint32_t len)
{
    struct g20_block *b = g20_pool_get(pool, 1000);

    assert_non_null(b);
    int16_t *x = b->data;
    b->format = G20_CI16;
    b->len = len;
    b->first_sample = first;
    b->time_us = 1700000000000000u + first; /* 1 MS/s */
    b->rate_hz = 1e6;
    b->center_hz = 100e6;
    for (uint32_t i = 0; i < len; i++) {
        x[2 * i] = (int16_t)((first + i) % 20011);
        x[2 * i + 1] = (int16_t)-x[2 * i];
    }
    return b;
}

#endif
