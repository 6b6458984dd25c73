/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Envelopes of keyed tones in bands from a few bins of 65536 to half of the rate. */
#include "detect/envelope.h"

#include "base/alloc.h"
#include "sample_history.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { BLOCK = 50000, BLOCKS = 10, SAMPLES = BLOCK * BLOCKS };
enum { ON = 150001, OFF = 350001 }; /* when the tone is there */

#define TONE   0.1203
#define OTHERS 0.03 /* beside it, far stronger */

static struct g20_pool *pool;
static struct g20_history *history;
static struct g20_envelope_maker *maker;

static float complex sample(uint64_t n)
{
    const double t = (double)n;
    const double complex others = 0.1 * cexp(2.0 * M_PI * I * (TONE + OTHERS) * t) +
                                  0.1 * cexp(-2.0 * M_PI * I * (0.5 - TONE) * t) +
                                  0.05 * cexp(2.0 * M_PI * I * (TONE - 0.125) * t);

    return (float complex)(others +
                           (n >= ON && n < OFF ? 0.01 : 0.0) * cexp(2.0 * M_PI * I * TONE * t));
}

static int set_up(void **state)
{
    (void)state;
    history = sample_history(BLOCKS, BLOCK, sample, &pool);
    if (!history || g20_envelope_create(&maker, SAMPLES, NULL) < 0)
        return -1;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    g20_envelope_destroy(maker);
    g20_history_destroy(history);
    g20_pool_destroy(pool);
    return 0;
}

static void the_tone_alone_is_seen_when_it_is_there(void **state)
{
    (void)state;
    for (double width = 1e-4; width < 0.03; width *= 1.7) {
        struct g20_envelope e;
        /* From the stream's first sample on: windows begin before it. */
        g20_envelope_make(maker, history, 0, SAMPLES, TONE - width / 2, TONE + width / 2, &e);
        const double blur = 3.0 / width; /* samples */
        assert_true(e.n >= SAMPLES / e.step && e.start == 0);
        assert_true(e.pass_hi - e.pass_lo > 0.9 * width && e.pass_hi - e.pass_lo < 4.0 * width);
        for (size_t i = 0; i < SAMPLES / e.step; i++) {
            const double at = (double)(i * e.step);
            if (at > ON + blur && at < OFF - blur)
                assert_float_equal(e.power[i], 1e-4f, 15e-6f); /* after-ringing */
            else if ((at > blur && at < ON - blur) || (at > OFF + blur && at < SAMPLES - blur))
                assert_true(e.power[i] < 1e-6f); /* the others are 40 dB above */
        }
    }
}

static void its_samples_lie_at_zero_and_turn_with_the_stream(void **state)
{
    static float complex iq[SAMPLES];
    const uint64_t start = 200003;

    (void)state;
    for (double width = 2e-4; width < 0.02; width *= 3) {
        struct g20_envelope e;
        g20_envelope_cut(maker, history, start, 300000, TONE - width / 2, TONE + width / 2, iq,
                         SAMPLES, &e);
        assert_null(e.power);
        assert_true(e.n > 10);
        /* The tone's phase goes on from value to value, and from window to window. */
        const double turns = (TONE - e.centre) * e.step;
        for (size_t i = 1; i < e.n; i++) {
            const double complex step = (double complex)(iq[i] * conjf(iq[i - 1])) / 1e-4;
            assert_true(cabs(step - cexp(2.0 * M_PI * I * turns)) < 0.05);
        }
    }
}

static void nearly_the_whole_band_is_the_samples_themselves(void **state)
{
    struct g20_envelope e;

    (void)state;
    g20_envelope_make(maker, history, 1000, 31000, -0.4, 0.4, &e);
    assert_int_equal(e.n, 30000);
    assert_int_equal(e.step, 1);
    for (size_t i = 0; i < e.n; i++) {
        const float x = cabsf(sample(1000 + i));
        assert_float_equal(e.power[i], x * x, 1e-6f);
    }
}

static void every_allocation_that_fails_is_an_error(void **state)
{
    (void)state;
    for (unsigned nth = 0; nth < 100; nth++) {
        struct g20_envelope_maker *m = NULL;
        g20_alloc_fail_at(nth);
        const int r = g20_envelope_create(&m, 1000, NULL);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        if (r == 0) {
            g20_envelope_destroy(m);
            return;
        }
        assert_int_equal(r, -ENOMEM);
        assert_null(m);
    }
    fail();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tone_alone_is_seen_when_it_is_there),
        cmocka_unit_test(its_samples_lie_at_zero_and_turn_with_the_stream),
        cmocka_unit_test(nearly_the_whole_band_is_the_samples_themselves),
        cmocka_unit_test(every_allocation_that_fails_is_an_error),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
