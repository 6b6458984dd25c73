/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* A history of samples that a test makes, one by one. */
#ifndef G20_TESTS_DETECT_SAMPLE_HISTORY_H
#define G20_TESTS_DETECT_SAMPLE_HISTORY_H

#include "detect/history.h"

/* @blocks of @len samples each from the stream's first on; *ret_pool outlives the history. */
static struct g20_history *sample_history(uint32_t blocks, uint32_t len,
                                          float complex (*sample)(uint64_t n),
                                          struct g20_pool **ret_pool)
{
    struct g20_history *h = NULL;

    if (g20_pool_create(ret_pool, blocks, len) < 0 || g20_history_create(&h, blocks) < 0)
        return NULL;
    for (uint64_t n = 0; n < (uint64_t)blocks * len; n += len) {
        struct g20_block *b = g20_pool_get(*ret_pool, 0);
        b->format = G20_CF32;
        b->len = len;
        b->first_sample = n;
        for (uint64_t k = 0; k < len; k++)
            ((float complex *)b->data)[k] = sample(n + k);
        g20_history_push(h, b);
        g20_block_unref(&b);
    }
    return h;
}

#endif
