/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "dsp/decimate.h"

#include "base/alloc.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { OUT = 300, MOST = OUT * 8 + 64 };

#define PLACE -0.173 /* of the band's middle, in cycles per sample */

static float complex *in, *out;

static int set_up(void **state)
{
    (void)state;
    in = g20_calloc_aligned(MOST, sizeof(*in));
    out = g20_calloc_aligned(OUT, sizeof(*out));
    return in && out ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    g20_free(in);
    g20_free(out);
    return 0;
}

/* A tone @f beside the band's middle, decimated from sample number @at on. */
static void pass(const struct g20_decimation *d, double f, double at)
{
    for (uint32_t i = 0; i < MOST; i++)
        in[i] = (float complex)cexp(2.0 * M_PI * I * (PLACE + f) * (at + i));
    g20_decimate(d, in, OUT, PLACE, at, out);
}

static void the_decimation_suits_the_band(void **state)
{
    (void)state;
    assert_int_equal(g20_decimation_for(1e-3)->by, 8);
    assert_int_equal(g20_decimation_for(1.0 / 64)->by, 8);
    assert_int_equal(g20_decimation_for(1.0 / 63)->by, 4);
    assert_int_equal(g20_decimation_for(1.0 / 16)->by, 4);
    assert_null(g20_decimation_for(1.0 / 15));
}

static void tones_of_the_band_come_out_where_and_as_strong_as_they_should(void **state)
{
    (void)state;
    for (double part = 1.0 / 64; part < 0.1; part *= 4) {
        const struct g20_decimation *d = g20_decimation_for(part);
        for (double f = -part / 2; f <= part / 2; f += part / 8) {
            const double gain = (double)g20_decimation_gain(d, f);
            pass(d, f, 12345.0);
            assert_true(gain > 0.8 && gain <= 1.0 + 1e-6);
            for (uint32_t m = 0; m < OUT; m++) { /* the phase that the tone has at that moment */
                const double moment = 12345.0 + m * d->by + d->taps / 2;
                const double complex want = gain * cexp(2.0 * M_PI * I * f * moment);
                assert_true(cabs((double complex)out[m] - want) < 1e-4);
            }
        }
    }
    assert_float_equal(g20_decimation_gain(g20_decimation_for(0.01), 0.0), 1.0f, 1e-6);
}

static void what_would_fold_into_the_band_is_90_db_down(void **state)
{
    (void)state;
    for (double part = 1.0 / 64; part < 0.1; part *= 4) {
        const struct g20_decimation *d = g20_decimation_for(part);
        for (int k = 1; k < (int)d->by; k++)
            for (int side = -1; side <= 1; side++) {
                pass(d, (double)k / d->by + side * part / 2, 0.0);
                for (uint32_t m = 0; m < OUT; m++)
                    assert_true(cabsf(out[m]) < 4e-5f); /* of 0.86 at the least within */
            }
    }
}

/* Full scale, so that the sums come as near to 32 bits as they can. */
static void whole_numbers_give_what_floats_give(void **state)
{
    static int16_t whole[2 * MOST];
    static float complex got[OUT];

    (void)state;
    for (double part = 1.0 / 64; part < 0.1; part *= 4) {
        const struct g20_decimation *d = g20_decimation_for(part);
        struct g20_decimation_ci16 turned;
        g20_decimation_turn(&turned, d, PLACE);
        for (double f = 0.0; f < 0.5; f += 1.0 / 64) {
            for (uint32_t i = 0; i < MOST; i++) {
                const double complex x = 32767.0 * cexp(2.0 * M_PI * I * (PLACE + f) * i);
                whole[2 * i] = (int16_t)lround(creal(x));
                whole[2 * i + 1] = (int16_t)lround(cimag(x));
                in[i] = (float)whole[2 * i] / 32768.0f + I * ((float)whole[2 * i + 1] / 32768.0f);
            }
            g20_decimate_ci16(&turned, whole, OUT, 777.0, got);
            g20_decimate(d, in, OUT, PLACE, 777.0, out);
            for (uint32_t m = 0; m < OUT; m++)
                assert_true(cabsf(got[m] - out[m]) < 3e-5f); /* 90 dB down */
        }
    }
}

/* What is there all the time, all of it as large as it can be: the sums do not turn over. */
static void the_largest_samples_do_not_overflow(void **state)
{
    static int16_t whole[2 * MOST];

    (void)state;
    for (size_t i = 0; i < G20_COUNT_OF(whole); i++)
        whole[i] = -32768;
    for (double part = 1.0 / 64; part < 0.1; part *= 4) {
        const struct g20_decimation *d = g20_decimation_for(part);
        struct g20_decimation_ci16 turned;
        g20_decimation_turn(&turned, d, 0.0);
        g20_decimate_ci16(&turned, whole, OUT, 0.0, out);
        for (uint32_t m = 0; m < OUT; m++)
            assert_true(cabsf(out[m] - (-1.0f - I)) < 1e-4f);
    }
}

static void no_output_reads_nothing(void **state)
{
    (void)state;
    g20_decimate(g20_decimation_for(0.01), NULL, 0, 0.1, 0.0, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_decimation_suits_the_band),
        cmocka_unit_test(tones_of_the_band_come_out_where_and_as_strong_as_they_should),
        cmocka_unit_test(what_would_fold_into_the_band_is_90_db_down),
        cmocka_unit_test(whole_numbers_give_what_floats_give),
        cmocka_unit_test(the_largest_samples_do_not_overflow),
        cmocka_unit_test(no_output_reads_nothing),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
