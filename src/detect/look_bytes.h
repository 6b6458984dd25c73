/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* look_bytes: the first picture of a look for people: 64 moments of 64 frequencies, low to high;
 * 0 is as deep as the picture goes, 255 the strongest. */
#ifndef G20_DETECT_LOOK_BYTES_H
#define G20_DETECT_LOOK_BYTES_H

#include "base/base.h"
#include "detect/look.h"

#include <math.h>

enum { G20_LOOK_BYTES = G20_LOOK_SIDE * G20_LOOK_SIDE };

static inline void g20_look_bytes(const struct g20_look *look, uint8_t ret[G20_LOOK_BYTES])
{
    for (int t = 0; t < G20_LOOK_SIDE; t++)
        for (int k = 0; k < G20_LOOK_SIDE; k++)
            ret[t * G20_LOOK_SIDE + k] =
                (uint8_t)lrintf(255.0f * G20_CLAMP(look->picture[0][t][k], 0.0f, 1.0f));
}

#endif
