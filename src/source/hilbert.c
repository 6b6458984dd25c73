/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The imaginary part is a type III linear-phase FIR (Oppenheim and Schafer, "Discrete-Time Signal
 * Processing", section on Hilbert transformers): h[k] = 2 / (pi k) for odd k, 0 for even k, under a
 * Kaiser window. Odd symmetry leaves one multiplication for a pair of inputs. */
#include "source/hilbert.h"

#include "base/alloc.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { DELAY = G20_HILBERT_DELAY, TAPS = (DELAY + 1) / 2, STEP = 512 };

#define KAISER_BETA 7.857 /* 80 dB: 0.1102 (80 - 8.7), Kaiser 1974 */

struct g20_hilbert {
    float taps[TAPS]; /* for k = 1, 3, 5, ... */
    float *x;         /* (cap) DELAY inputs that are done, then those that wait */
    size_t cap, len;
    bool flushed;
};

static double bessel_i0(double x)
{
    double sum = 1, term = 1;

    for (int k = 1; k < 60; k++) {
        term *= (x / 2) / k * (x / 2) / k;
        sum += term;
    }
    return sum;
}

int g20_hilbert_create(struct g20_hilbert **ret, size_t chunk)
{
    struct g20_hilbert *h = g20_calloc(1, sizeof(*h));

    if (!h)
        return -ENOMEM;
    /* Twice the delay stays inside between calls, and flush() adds the delay once more. */
    h->cap = chunk + 3 * (size_t)DELAY;
    h->x = g20_calloc_aligned(h->cap, sizeof(*h->x));
    if (!h->x) {
        g20_hilbert_destroy(h);
        return -ENOMEM;
    }
    for (int i = 0; i < TAPS; i++) {
        const double k = 2 * i + 1, t = k / (DELAY + 1);
        const double window = bessel_i0(KAISER_BETA * sqrt(1 - t * t)) / bessel_i0(KAISER_BETA);
        h->taps[i] = (float)(2.0 / (M_PI * k) * window);
    }
    g20_hilbert_reset(h);
    *ret = h;
    return 0;
}

void g20_hilbert_destroy(struct g20_hilbert *h)
{
    if (!h)
        return;
    g20_free(h->x);
    g20_free(h);
}

void g20_hilbert_reset(struct g20_hilbert *h)
{
    memset(h->x, 0, DELAY * sizeof(*h->x));
    h->len = DELAY;
    h->flushed = false;
}

size_t g20_hilbert_room(const struct g20_hilbert *h)
{
    return h->flushed ? 0 : h->cap - DELAY - h->len;
}

void g20_hilbert_push(struct g20_hilbert *h, const float *in, size_t n)
{
    memcpy(h->x + h->len, in, n * sizeof(*in));
    h->len += n;
}

void g20_hilbert_flush(struct g20_hilbert *h)
{
    if (h->flushed)
        return;
    memset(h->x + h->len, 0, DELAY * sizeof(*h->x));
    h->len += DELAY;
    h->flushed = true;
}

/* The taps in the outer loop: the inner one runs over outputs and vectorises. */
static void run(const struct g20_hilbert *h, const float *restrict x, float complex *restrict out,
                size_t n)
{
    float im[STEP] = {0};

    for (size_t t = 0; t < TAPS; t++) {
        const float tap = h->taps[t];
        const float *before = x - (2 * t + 1), *after = x + (2 * t + 1);
        for (size_t i = 0; i < n; i++)
            im[i] += tap * (before[i] - after[i]);
    }
    float *iq = (float *)out; /* clang has no CMPLXF with this C library */
    for (size_t i = 0; i < n; i++) {
        iq[2 * i] = x[i];
        iq[2 * i + 1] = im[i];
    }
}

size_t g20_hilbert_pull(struct g20_hilbert *h, float complex *out, size_t max)
{
    const size_t ready = h->len > 2 * (size_t)DELAY ? h->len - 2 * (size_t)DELAY : 0;
    const size_t n = ready < max ? ready : max;

    for (size_t i = 0; i < n; i += STEP)
        run(h, h->x + DELAY + i, out + i, n - i < STEP ? n - i : STEP);
    h->len -= n;
    memmove(h->x, h->x + n, h->len * sizeof(*h->x));
    return n;
}
