/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* latency: how long something took, counted in buckets as Prometheus has them. Not locked. */
#ifndef G20_BASE_LATENCY_H
#define G20_BASE_LATENCY_H

#include "base/base.h"

#include <stdint.h>

enum { G20_LATENCY_BUCKETS = 14 };

extern const double g20_latency_bound[G20_LATENCY_BUCKETS]; /* s, rising: 0.1 ms to 5 s */

struct g20_latency {                         /* zero-initialised: nothing was counted */
    uint64_t count[G20_LATENCY_BUCKETS + 1]; /* up to each bound (and over the one before); more */
    double sum_s;
};

void g20_latency_add(struct g20_latency *l, double seconds);

#endif
