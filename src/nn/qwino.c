/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "nn/qwino.h"

/* The fractions (1, 1/2, 1/2, 1) down and (1/4, 1/6, 1/6, 1/24, 1/24, 1) across are made up for
 * where the sums are put together. */
static void across(int to[G20_QWINO_ACROSS], int a, int b, int c)
{
    to[0] = a;
    to[1] = -a - b - c;
    to[2] = -a + b - c;
    to[3] = a + 2 * b + 4 * c;
    to[4] = a - 2 * b + 4 * c;
    to[5] = c;
}

void g20_qwino_pack(int16_t *to, uint32_t in, uint32_t c, uint32_t o, const int8_t weight[9])
{
    enum { O = G20_QCONV_OUT };
    const int8_t *w = weight;
    int16_t *at = to + (size_t)(o / O) * G20_QWINO_POINTS * in * O + (size_t)(c / 2) * 2 * O +
                  o % O * 2 + c % 2;
    int all[G20_QWINO_DOWN][G20_QWINO_ACROSS];

    across(all[0], w[0], w[1], w[2]);
    across(all[1], w[0] + w[3] + w[6], w[1] + w[4] + w[7], w[2] + w[5] + w[8]);
    across(all[2], w[0] - w[3] + w[6], w[1] - w[4] + w[7], w[2] - w[5] + w[8]);
    across(all[3], w[6], w[7], w[8]);
    for (int y = 0; y < G20_QWINO_DOWN; y++)
        for (int x = 0; x < G20_QWINO_ACROSS; x++, at += (size_t)in * O)
            *at = (int16_t)all[y][x];
}
