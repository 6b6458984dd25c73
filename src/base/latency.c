/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/latency.h"

const double g20_latency_bound[G20_LATENCY_BUCKETS] = {
    1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0};

void g20_latency_add(struct g20_latency *l, double seconds)
{
    uint32_t i = 0;

    while (i < G20_LATENCY_BUCKETS && seconds > g20_latency_bound[i])
        i++;
    l->count[i]++;
    l->sum_s += seconds;
}
