/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Plain C, for every CPU. */
#include "nn/qconv_last.h"

QCONV_INLINE void tile(const struct g20_qconv_row *r, uint32_t pixel, uint32_t block,
                       const uint32_t px, const uint32_t ob)
{
    int32_t sum[4][O];

    (void)ob; /* 1 */
    for (uint32_t p = 0; p < px; p++)
        memcpy(sum[p], r->start + (size_t)block * O, sizeof(sum[p]));
    for (uint32_t k = 0; k < r->runs; k++) {
        const uint8_t *in = r->in + (ptrdiff_t)pixel * r->in_step + (ptrdiff_t)k * r->in_run;
        const int8_t *w = r->weight + (size_t)block * filter_bytes(r) +
                          (size_t)k * g20_qconv_slices(r->run) * G20_QCONV_SLICE * O;
        for (uint32_t i = 0; i < r->run; i += 4, w += 4 * O)
            for (uint32_t p = 0; p < px; p++) {
                const uint8_t *x = in + (ptrdiff_t)p * r->in_step + i;
                for (int o = 0; o < O; o++)
                    sum[p][o] += x[0] * w[4 * o] + x[1] * w[4 * o + 1] + x[2] * w[4 * o + 2] +
                                 x[3] * w[4 * o + 3];
            }
    }
    for (uint32_t p = 0; p < px; p++)
        finish(r, sum[p], pixel + p, block);
}

QCONV_ROW(tile, 4, 1)

const struct g20_qconv g20_qconv_baseline = {"baseline", false, row, NULL, add};
