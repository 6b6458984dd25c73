/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* stats: the few pieces of statistics that the detector's thresholds rest on. Pure functions. */
#ifndef G20_DETECT_STATS_H
#define G20_DETECT_STATS_H

#include "base/base.h"

#include <stddef.h>
#include <stdint.h>

/* z such that a standard normal variable exceeds it with probability @p, 1e-30 <= p <= 0.5.
 * Abramowitz and Stegun 26.2.23, error below 5e-4. */
double g20_stats_normal_tail(double p);

/* Quantile at normal score @z of a gamma variable of shape @k and mean 1: the distribution of the
 * average of k independent exponential powers. Wilson and Hilferty, PNAS 17 (1931). */
double g20_stats_gamma_quantile(double k, double z);

/* The element that would stand at index @k (0..n-1) if @x (n) were sorted; @x is reordered. */
float g20_stats_select(float *x, size_t n, size_t k);

/* A network of comparisons between rows (Batcher, 1968) that puts the row in place which would
 * stand at index @k (0..n-1) if all @n were sorted; steps that only sort others are left out. */
enum { G20_STATS_COLUMNS = 16, G20_STATS_MOST_ROWS = 64 };
struct g20_stats_network {
    struct g20_stats_step {
        uint8_t low, high; /* rows: the lesser one goes to the first */
    } step[543];           /* (steps) 543 sort 64 rows */
    uint32_t steps, k;
};
void g20_stats_network_init(struct g20_stats_network *w, size_t n, size_t k);

/* Each column's element at the network's index, into @ret; @x is reordered. No branches, all
 * columns at once. */
void g20_stats_select_columns(const struct g20_stats_network *w,
                              float x[G20_STATS_MOST_ROWS][G20_STATS_COLUMNS],
                              float ret[G20_STATS_COLUMNS]);

/* out[i] = median of x[i - half .. i + half], cut at the ends; @half <= 256, not in place. */
void g20_stats_median_filter(const float *x, float *out, size_t n, size_t half);

#endif
