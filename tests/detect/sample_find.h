/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* A find by its samples and its band, on all the time; @power over a noise of 1. */
#ifndef G20_TESTS_DETECT_SAMPLE_FIND_H
#define G20_TESTS_DETECT_SAMPLE_FIND_H

#include "detect/find.h"

static struct g20_find find(uint64_t start, uint64_t stop, double f_lo, double f_hi, double power)
{
    return (struct g20_find){.start = start,
                             .stop = stop,
                             .on = stop - start,
                             .f_lo = f_lo,
                             .f_hi = f_hi,
                             .power = power + 1,
                             .noise = 1,
                             .score = 0.5f};
}

#endif
