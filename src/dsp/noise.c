/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "dsp/noise.h"

#include "base/alloc.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum {
    GROUP = G20_NOISE_GROUP,
    SLOTS = G20_NOISE_SLOTS,
    MAX_GROUPS = 65536 / GROUP,
    ANCHORS = 32,   /* points at which the surroundings are looked at, linear between them */
    CLIP_ROUNDS = 5 /* each divides the error of the start by about four */
};

static const double CLIPPED = 0.02;      /* share of plain noise above the clipping level */
static const float WIDE_SIGNAL = 1.413f; /* 1.5 dB above its surroundings */

struct g20_noise {
    uint32_t groups;
    uint32_t used, next;     /* slots that hold a value; the one to write */
    float *slot;             /* (groups, SLOTS) mean noise power of the last spectra */
    float *own;              /* (groups) step 2 */
    float *floor;            /* (groups) step 3 */
    float *scratch;          /* (groups) */
    float level;             /* median of floor */
    float expect[SLOTS + 1]; /* of the lower quartile of so many normal variates, in sigmas */

    uint32_t averages;  /* that what follows is for */
    float quartile;     /* of the noise's distribution, as a fraction of its mean */
    float clip;         /* clipping level, likewise */
    float mean_clipped; /* mean of what is below it, likewise */
    float sigma;        /* standard deviation of a group's mean, likewise */
};

/* Share of a Gamma distribution of shape @a below @x (DLMF 8.11.4, a series of positive terms). */
static double gamma_below(double a, double x)
{
    int sign;
    double term = exp(a * log(x) - x - lgamma_r(a + 1, &sign)), sum = term;

    for (int i = 1; i < 100000 && term > sum * 1e-12; i++) {
        term *= x / (a + i);
        sum += term;
    }
    return G20_MIN(sum, 1.0);
}

static double gamma_quantile(double a, double share)
{
    double lo = 1e-12, hi = a + 12 * sqrt(a) + 30;

    for (int i = 0; i < 60; i++) {
        const double mid = (lo + hi) / 2;
        *(gamma_below(a, mid) < share ? &lo : &hi) = mid;
    }
    return lo;
}

static double normal_quantile(double share)
{
    double lo = -8, hi = 8;

    for (int i = 0; i < 60; i++) {
        const double mid = (lo + hi) / 2;
        *(erfc(-mid / M_SQRT2) / 2 < share ? &lo : &hi) = mid;
    }
    return lo;
}

static uint32_t quartile_index(uint32_t n)
{
    return (n - 1) / 4;
}

static void set_averages(struct g20_noise *n, uint32_t averages)
{
    const double k = averages;
    const double x = gamma_quantile(k, 1 - CLIPPED);

    n->averages = averages;
    n->quartile = (float)(gamma_quantile(k, (quartile_index(GROUP) + 0.5) / GROUP) / k);
    n->clip = (float)(x / k);
    n->mean_clipped = (float)(gamma_below(k + 1, x) / gamma_below(k, x));
    /* Bins next to each other in a Hann spectrum share 4/9 of their power's variance, the next but
     * one 1/36: 64 bins are worth 64 / (1 + 2 (4/9 + 1/36)) independent ones. */
    n->sigma = (float)sqrt((1 + 2 * (4.0 / 9 + 1.0 / 36)) / (GROUP * k));
}

int g20_noise_create(struct g20_noise **ret, uint32_t bins, struct g20_err *e)
{
    if (bins < 8 * GROUP || bins > MAX_GROUPS * GROUP || bins % GROUP != 0)
        return g20_fail(e, -EINVAL, "noise floor of %u bins: want a multiple of %d in %d..%d", bins,
                        GROUP, 8 * GROUP, MAX_GROUPS * GROUP);

    struct g20_noise *n = g20_calloc(1, sizeof(*n));
    if (!n)
        goto fail;
    n->groups = bins / GROUP;
    n->slot = g20_calloc((size_t)n->groups * SLOTS, sizeof(*n->slot));
    n->own = g20_calloc(n->groups, sizeof(*n->own));
    n->floor = g20_calloc(n->groups, sizeof(*n->floor));
    n->scratch = g20_calloc(n->groups, sizeof(*n->scratch));
    if (!n->slot || !n->own || !n->floor || !n->scratch)
        goto fail;
    for (uint32_t i = 1; i <= SLOTS; i++) /* Blom's approximation of the expected order statistic */
        n->expect[i] = (float)normal_quantile((quartile_index(i) + 0.625) / (i + 0.25));
    set_averages(n, 1);

    *ret = n;
    return 0;

fail:
    g20_noise_destroy(n);
    return g20_fail(e, -ENOMEM, "noise floor of %u bins: %s", bins, g20_strerror(-ENOMEM));
}

/* The @k-th smallest of @n values, which are left in another order (Hoare's selection as in Wirth,
 * "Algorithms + Data Structures = Programs", 1976). */
static float kth_smallest(float *x, uint32_t n, uint32_t k)
{
    int lo = 0, hi = (int)n - 1;
    const int at = (int)k;

    while (lo < hi) {
        const float pivot = x[at];
        int i = lo, j = hi;
        do {
            while (x[i] < pivot)
                i++;
            while (pivot < x[j])
                j--;
            if (i <= j) {
                const float t = x[i];
                x[i++] = x[j];
                x[j--] = t;
            }
        } while (i <= j);
        if (j < at)
            lo = i;
        if (at < i)
            hi = j;
    }
    return x[at];
}

/* Step 1: the mean of the noise among 64 bins. */
static float clipped_mean(const struct g20_noise *n, const float *power)
{
    float x[GROUP];

    memcpy(x, power, sizeof(x));
    float mean = kth_smallest(x, GROUP, quartile_index(GROUP)) / n->quartile;
    for (int round = 0; round < CLIP_ROUNDS; round++) {
        const float below = mean * n->clip;
        float sum = 0, count = 0;
        for (int i = 0; i < GROUP; i++) {
            const float in = power[i] <= below ? 1.0f : 0.0f;
            sum += in * power[i];
            count += in;
        }
        if (count == 0) /* cannot be for a positive mean, but rounding */
            break;
        mean = sum / (count * n->mean_clipped);
    }
    return mean;
}

/* Step 2: the lower quartile in time. */
static float quartile_in_time(const struct g20_noise *n, uint32_t group)
{
    float x[SLOTS];

    memcpy(x, n->slot + (size_t)group * SLOTS, n->used * sizeof(*x));
    return kth_smallest(x, n->used, quartile_index(n->used)) / (1 + n->expect[n->used] * n->sigma);
}

/* Step 3: the lower quartile of the half span around an anchor. */
static float quartile_around(struct g20_noise *n, uint32_t anchor)
{
    const uint32_t width = n->groups / 2;
    const uint32_t at = (uint32_t)((uint64_t)anchor * (n->groups - 1) / (ANCHORS - 1));
    const uint32_t lo = G20_CLAMP((int64_t)at - width / 2, 0, n->groups - width);

    memcpy(n->scratch, n->own + lo, width * sizeof(*n->scratch));
    return kth_smallest(n->scratch, width, quartile_index(width));
}

static void replace_wide_signals(struct g20_noise *n)
{
    float around[ANCHORS];

    for (uint32_t a = 0; a < ANCHORS; a++)
        around[a] = quartile_around(n, a);
    for (uint32_t g = 0; g < n->groups; g++) {
        const float x = (float)g * (ANCHORS - 1) / (float)(n->groups - 1);
        const uint32_t a = G20_MIN((uint32_t)x, ANCHORS - 2);
        const float usual = around[a] + (x - (float)a) * (around[a + 1] - around[a]);

        n->floor[g] = n->own[g] > usual * WIDE_SIGNAL ? usual : n->own[g];
    }
    memcpy(n->scratch, n->floor, n->groups * sizeof(*n->scratch));
    n->level = kth_smallest(n->scratch, n->groups, n->groups / 2);
}

void g20_noise_push(struct g20_noise *n, const float *power, uint32_t averages)
{
    if (averages != n->averages)
        set_averages(n, G20_MAX(averages, 1));
    if (n->used < SLOTS)
        n->used++;
    for (uint32_t g = 0; g < n->groups; g++) {
        n->slot[(size_t)g * SLOTS + n->next] = clipped_mean(n, power + (size_t)g * GROUP);
        n->own[g] = quartile_in_time(n, g);
    }
    n->next = (n->next + 1) % SLOTS;
    replace_wide_signals(n);
}

const float *g20_noise_floor(const struct g20_noise *n)
{
    return n->floor;
}

float g20_noise_level(const struct g20_noise *n)
{
    return n->level;
}

bool g20_noise_is_known(const struct g20_noise *n)
{
    return n->used > 0;
}

void g20_noise_reset(struct g20_noise *n)
{
    n->used = n->next = 0;
    n->level = 0;
    memset(n->floor, 0, n->groups * sizeof(*n->floor));
}

void g20_noise_destroy(struct g20_noise *n)
{
    if (!n)
        return;
    g20_free(n->scratch);
    g20_free(n->floor);
    g20_free(n->own);
    g20_free(n->slot);
    g20_free(n);
}
