/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "nn/qwino.h"

/* Three weights at each point; the fractions (1, 1/2, 1/2, 1) and (1/4, 1/6, 1/6, 1/24, 1/24, 1)
 * are made up for where the sums are put together. */
static const int down[G20_QWINO_DOWN][3] = {{1, 0, 0}, {1, 1, 1}, {1, -1, 1}, {0, 0, 1}};
static const int across[G20_QWINO_ACROSS][3] = {{1, 0, 0}, {-1, -1, -1}, {-1, 1, -1},
                                                {1, 2, 4}, {1, -2, 4},   {0, 0, 1}};

void g20_qwino_pack(int16_t *to, uint32_t in, uint32_t c, uint32_t o, const int8_t weight[9])
{
    enum { O = G20_QCONV_OUT };
    int16_t *block = to + (size_t)(o / O) * G20_QWINO_POINTS * in * O;

    for (int i = 0; i < G20_QWINO_POINTS; i++) {
        int sum = 0;
        for (int k = 0; k < 9; k++)
            sum +=
                down[i / G20_QWINO_ACROSS][k / 3] * across[i % G20_QWINO_ACROSS][k % 3] * weight[k];
        block[(((size_t)i * in + c / 2 * 2) * O) + o % O * 2 + c % 2] = (int16_t)sum;
    }
}
