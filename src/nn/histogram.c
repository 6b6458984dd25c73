/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "nn/histogram.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { N = G20_HISTOGRAM_BINS, LEVELS = 255, TRIES = 64 };

/* Twice the reach: two bins become one, towards the middle. */
static void widen(struct g20_histogram *h)
{
    uint64_t bin[N] = {0};

    for (int i = 0; i < N; i++)
        bin[N / 4 + i / 2] += h->bin[i];
    memcpy(h->bin, bin, sizeof(bin));
    h->reach *= 2.0;
}

void g20_histogram_add(struct g20_histogram *h, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const double v = (double)x[i];
        if (!isfinite(v))
            continue;
        if (h->reach <= 0.0)
            h->reach = 0x1p-10;
        while (fabs(v) >= h->reach)
            widen(h);
        h->least = fmin(h->least, v);
        h->most = fmax(h->most, v);
        h->bin[(int)((v / h->reach + 1.0) * (N / 2))]++;
        h->total++;
    }
}

static double edge(const struct g20_histogram *h, int bin) /* lower edge */
{
    return ((double)bin / (N / 2) - 1.0) * h->reach;
}

static struct g20_span span(const struct g20_histogram *h, double lo, double hi)
{
    struct g20_span s = {(float)fmin(fmax(lo, h->least), 0.0), (float)fmax(fmin(hi, h->most), 0.0)};

    if (s.lo >= s.hi) /* nothing but zeros */
        s.hi = s.lo + 1.0f;
    return s;
}

struct g20_span g20_histogram_percentile(const struct g20_histogram *h, double share)
{
    const double sides = h->least < 0.0 && h->most > 0.0 ? 2.0 : 1.0;
    const double most = (1.0 - share) * (double)h->total / sides; /* outside, each side */
    double below = 0.0, above = 0.0;
    int lo = 0, hi = N;

    while (lo < N / 2 && below + (double)h->bin[lo] <= most)
        below += (double)h->bin[lo++];
    while (hi > N / 2 && above + (double)h->bin[hi - 1] <= most)
        above += (double)h->bin[--hi];
    return span(h, edge(h, lo), edge(h, hi));
}

/* Divergence of bins @lo .. @hi - 1, what is outside moved to their ends, from what is left of
 * them in LEVELS steps. */
static double divergence(const struct g20_histogram *h, int lo, int hi)
{
    const int n = hi - lo;
    double p[N], sum = 0.0;

    for (int i = 0; i < n; i++)
        p[i] = (double)h->bin[lo + i];
    for (int i = 0; i < lo; i++)
        p[0] += (double)h->bin[i];
    for (int i = hi; i < N; i++)
        p[n - 1] += (double)h->bin[i];
    for (int k = 0; k < LEVELS; k++) {
        const int from = n * k / LEVELS, to = n * (k + 1) / LEVELS;
        double inside = 0.0, used = 0.0;
        for (int i = from; i < to; i++) {
            inside += (double)h->bin[lo + i];
            used += h->bin[lo + i] > 0;
        }
        for (int i = from; i < to; i++) {
            if (p[i] <= 0.0)
                continue;
            /* A bin whose values all came from outside has nothing to stand for them. */
            const double q = h->bin[lo + i] > 0 ? inside / used : 1e-4;
            sum += p[i] * log(p[i] / q);
        }
    }
    return sum / (double)h->total;
}

/* The end of @lo .. @hi that @moves, drawn in towards the middle as far as it pays. */
static int draw_in(const struct g20_histogram *h, int lo, int hi, bool moves_hi)
{
    const int end = moves_hi ? hi : lo, way = end - N / 2;
    double least = INFINITY;
    int best = end;

    for (int k = 1; k <= TRIES && way != 0; k++) {
        const int at = N / 2 + (int)((int64_t)way * k / TRIES);
        const int a = moves_hi ? lo : at, b = moves_hi ? at : hi;
        if (b - a < LEVELS / 2)
            continue;
        const double d = divergence(h, a, b);
        if (d < least) {
            least = d;
            best = at;
        }
    }
    return best;
}

struct g20_span g20_histogram_entropy(const struct g20_histogram *h)
{
    const struct g20_span all = g20_histogram_percentile(h, 1.0);

    if (h->total == 0 || h->reach <= 0.0)
        return all;
    int lo = G20_CLAMP((int)floor(((double)all.lo / h->reach + 1.0) * (N / 2)), 0, N / 2);
    int hi = G20_CLAMP((int)ceil(((double)all.hi / h->reach + 1.0) * (N / 2)), N / 2, N);
    hi = draw_in(h, lo, hi, true);
    lo = draw_in(h, lo, hi, false);
    return span(h, edge(h, lo), edge(h, hi));
}
