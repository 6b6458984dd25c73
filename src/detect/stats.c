/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/stats.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

double g20_stats_normal_tail(double p)
{
    const double t = sqrt(-2.0 * log(G20_CLAMP(p, 1e-30, 0.5)));

    return t - (2.515517 + t * (0.802853 + t * 0.010328)) /
                   (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
}

double g20_stats_gamma_quantile(double k, double z)
{
    const double c = 1.0 - 1.0 / (9.0 * k) + z / (3.0 * sqrt(k));

    return c > 0.0 ? c * c * c : 0.0;
}

float g20_stats_select(float *x, size_t n, size_t k)
{
    size_t lo = 0, hi = n - 1;

    while (lo < hi) { /* Hoare's quickselect with the middle element as pivot */
        const float pivot = x[lo + (hi - lo) / 2];
        size_t i = lo, j = hi;
        while (i <= j) {
            while (x[i] < pivot)
                i++;
            while (x[j] > pivot)
                j--;
            if (i <= j) {
                const float tmp = x[i];
                x[i++] = x[j];
                x[j] = tmp;
                if (j == 0)
                    break;
                j--;
            }
        }
        if (k <= j)
            hi = j;
        else if (k >= i)
            lo = i;
        else
            break;
    }
    return x[k];
}

void g20_stats_network_init(struct g20_stats_network *w, size_t n, size_t k)
{
    bool wanted[G20_STATS_MOST_ROWS] = {false};
    size_t rows = 1, all = 0, kept = G20_COUNT_OF(w->step);

    while (rows < n)
        rows *= 2;
    for (size_t part = 1; part < rows; part *= 2) /* Knuth, TAOCP 3, 5.2.2, algorithm M */
        for (size_t gap = part; gap > 0; gap /= 2)
            for (size_t j = gap % part; j + gap < rows; j += 2 * gap)
                for (size_t i = j; i < j + gap && i + gap < n; i++)
                    if (i / (2 * part) == (i + gap) / (2 * part))
                        w->step[all++] = (struct g20_stats_step){(uint8_t)i, (uint8_t)(i + gap)};
    /* From the end: a step that no wanted row comes from is left out. */
    wanted[k] = true;
    for (size_t s = all; s-- > 0;) {
        const struct g20_stats_step step = w->step[s];
        if (!wanted[step.low] && !wanted[step.high])
            continue;
        wanted[step.low] = wanted[step.high] = true;
        w->step[--kept] = step;
    }
    w->steps = (uint32_t)(G20_COUNT_OF(w->step) - kept);
    w->k = (uint32_t)k;
    memmove(w->step, w->step + kept, w->steps * sizeof(w->step[0]));
}

G20_WIDE static void select_columns(const struct g20_stats_network *w,
                                    float x[G20_STATS_MOST_ROWS][G20_STATS_COLUMNS],
                                    float ret[G20_STATS_COLUMNS])
{
    for (uint32_t s = 0; s < w->steps; s++) {
        float *low = x[w->step[s].low], *high = x[w->step[s].high];
        float least[G20_STATS_COLUMNS], most[G20_STATS_COLUMNS];
        for (int c = 0; c < G20_STATS_COLUMNS; c++) {
            least[c] = low[c] < high[c] ? low[c] : high[c];
            most[c] = low[c] < high[c] ? high[c] : low[c];
        }
        memcpy(low, least, sizeof(least));
        memcpy(high, most, sizeof(most));
    }
    memcpy(ret, x[w->k], sizeof(x[w->k]));
}

void g20_stats_select_columns(const struct g20_stats_network *w,
                              float x[G20_STATS_MOST_ROWS][G20_STATS_COLUMNS],
                              float ret[G20_STATS_COLUMNS])
{
    select_columns(w, x, ret);
}

/* Index of the first element of sorted @x (n) that is not below @v: without a branch, which could
 * not be foretold. */
static size_t lower_bound(const float *x, size_t n, float v)
{
    size_t lo = 0;

    for (; n > 1; n -= n / 2)
        lo += (size_t)(x[lo + n / 2 - 1] < v) * (n / 2);
    return n == 1 ? lo + (x[lo] < v) : 0;
}

/* @fresh for @gone, which is in sorted @x (n). */
static void replace(float *x, size_t n, float gone, float fresh)
{
    const size_t at = lower_bound(x, n, gone), to = lower_bound(x, n, fresh);

    if (to > at) {
        memmove(x + at, x + at + 1, (to - 1 - at) * sizeof(*x));
        x[to - 1] = fresh;
    } else {
        memmove(x + to + 1, x + to, (at - to) * sizeof(*x));
        x[to] = fresh;
    }
}

static void insert(float *x, size_t n, float fresh)
{
    const size_t at = lower_bound(x, n, fresh);

    memmove(x + at + 1, x + at, (n - at) * sizeof(*x));
    x[at] = fresh;
}

static void take(float *x, size_t n, float gone)
{
    const size_t at = lower_bound(x, n, gone);

    memmove(x + at, x + at + 1, (n - at - 1) * sizeof(*x));
}

void g20_stats_median_filter(const float *x, float *out, size_t n, size_t half)
{
    float sorted[513]; /* the window, kept in order */
    size_t len = 0;

    for (size_t i = 0; i < n + half; i++) {
        const bool comes = i < n;
        const bool goes = i > 2 * half;
        if (comes && goes)
            replace(sorted, len, x[i - 2 * half - 1], x[i]);
        else if (comes)
            insert(sorted, len++, x[i]);
        else if (goes)
            take(sorted, len--, x[i - 2 * half - 1]);
        if (i >= half)
            out[i - half] = sorted[len / 2];
    }
}
