/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* histogram: how a tensor's values are spread, and which range of them its bytes should cover.
 *
 * Few values are far out: a range that holds them all spends its 255 steps on them. Percentile cuts
 * a stated share off; entropy cuts where the bytes' distribution tells least apart from the values'
 * (Kullback-Leibler divergence; Migacz, "8-bit inference with TensorRT", GTC 2017). One thread. */
#ifndef G20_NN_HISTOGRAM_H
#define G20_NN_HISTOGRAM_H

#include "base/base.h"

#include <stddef.h>
#include <stdint.h>

enum { G20_HISTOGRAM_BINS = 4096 };

struct g20_histogram {  /* zero-initialised: empty */
    double reach;       /* bins cover -reach..reach; doubled when a value is outside */
    double least, most; /* values seen */
    uint64_t total;     /* finite values seen */
    uint64_t bin[G20_HISTOGRAM_BINS];
};

void g20_histogram_add(struct g20_histogram *h, const float *x, size_t n);

struct g20_span { /* of values; lo <= 0 <= hi, lo < hi */
    float lo, hi;
};

/* @share: of the values that are to be inside, 0..1; 1: all. */
struct g20_span g20_histogram_percentile(const struct g20_histogram *h, double share);
struct g20_span g20_histogram_entropy(const struct g20_histogram *h);

#endif
