/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* qwino_v3: the pair of rows of qconv.h for AVX2. */
#ifndef G20_NN_QWINO_V3_H
#define G20_NN_QWINO_V3_H

#include "nn/qconv.h"

void g20_qwino_v3(const struct g20_qconv_row given[2]);

#endif
