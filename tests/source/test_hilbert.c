/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "source/hilbert.h"

#include "base/alloc.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { N = 4000 };

/* All of @in through the filter in pieces of @piece; returns the outputs. */
static size_t filter(const float *in, float complex *out, size_t piece)
{
    struct g20_hilbert *h = NULL;
    size_t done = 0, got = 0, n;

    assert_int_equal(g20_hilbert_create(&h, piece), 0);
    while (done < N) {
        n = piece < N - done ? piece : N - done;
        assert_true(n <= g20_hilbert_room(h));
        g20_hilbert_push(h, in + done, n);
        done += n;
        while ((n = g20_hilbert_pull(h, out + got, 77)) > 0)
            got += n;
    }
    g20_hilbert_flush(h);
    while ((n = g20_hilbert_pull(h, out + got, 77)) > 0)
        got += n;
    g20_hilbert_destroy(h);
    return got;
}

static void a_real_tone_becomes_a_complex_one_at_plus_f_without_delay(void **state)
{
    (void)state;
    static float in[N];
    static float complex out[N];
    static const double freqs[] = {0.02, 0.1, 0.25, 0.3333, 0.48};

    for (size_t k = 0; k < sizeof(freqs) / sizeof(freqs[0]); k++) {
        for (int i = 0; i < N; i++)
            in[i] = (float)cos(2 * M_PI * freqs[k] * i);
        assert_int_equal(filter(in, out, 512), N);
        /* 80 dB is 1e-4; both ends are edges of the signal, a filter length away from them. */
        for (int i = 300; i < N - 300; i++) {
            const double p = 2 * M_PI * freqs[k] * i;
            assert_true(fabs((double)crealf(out[i]) - cos(p)) < 1e-6);
            assert_true(fabs((double)cimagf(out[i]) - sin(p)) < 4e-4);
        }
    }
}

static void the_split_into_calls_does_not_matter(void **state)
{
    (void)state;
    static float in[N];
    static float complex a[N], b[N];

    for (int i = 0; i < N; i++)
        in[i] = sinf((float)(i * i) * 1e-4f);
    for (size_t piece = 1; piece < 700; piece += 173) {
        assert_int_equal(filter(in, a, N), N);
        assert_int_equal(filter(in, b, piece), N);
        for (int i = 0; i < N; i++)
            assert_true(cabsf(a[i] - b[i]) < 1e-6f);
    }
}

static void create_survives_every_failed_allocation(void **state)
{
    (void)state;
    const int64_t before = g20_alloc_live();

    for (unsigned nth = 0; nth < 10; nth++) {
        struct g20_hilbert *h = NULL;
        g20_alloc_fail_at(nth);
        const int r = g20_hilbert_create(&h, 100);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        assert_true(r == 0 || (r == -ENOMEM && !h));
        g20_hilbert_destroy(h);
        assert_int_equal(g20_alloc_live(), before);
        if (r == 0)
            return;
    }
    fail();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_real_tone_becomes_a_complex_one_at_plus_f_without_delay),
        cmocka_unit_test(the_split_into_calls_does_not_matter),
        cmocka_unit_test(create_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
