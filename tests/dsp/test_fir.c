/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The design against what it promises at many frequencies, and against liquid-dsp's. */
#include "dsp/fir.h"
#include "signals.h"

#include <liquid/liquid.h>

enum { MOST = 4096 };

static double h[MOST];

static double response_db(uint32_t n, double f)
{
    double complex sum = 0;

    for (uint32_t k = 0; k < n; k++)
        sum += h[k] * cexp(-I * 2 * M_PI * f * k);
    return 20 * log10(cabs(sum));
}

static void designs_keep_their_promises(void **state)
{
    struct g20_rng rng;

    (void)state;
    g20_rng_init(&rng, 51);
    for (int i = 0; i < 60; i++) {
        const double stop_db = g20_rng_range(&rng, 60, 100);
        const double width = g20_rng_log_range(&rng, 0.004, 0.2);
        const double pass = g20_rng_range(&rng, 0.0, 0.45 - width), stop = pass + width;
        const double ripple = pow(10, -stop_db / 20);
        const uint32_t n = g20_fir_length(width, stop_db);

        assert_true(n % 2 == 1 && n <= MOST);
        g20_fir_lowpass(h, n, (pass + stop) / 2, stop_db);
        for (uint32_t k = 0; k < n; k++)
            assert_float_equal(h[k], h[n - 1 - k], 1e-15);
        for (int t = 0; t < 200; t++) {
            /* Kaiser's fits are good to 3.5 dB; level 1 is that at 0, itself off
             * by a ripple. */
            const double in = response_db(n, g20_rng_range(&rng, 0, pass));
            assert_true(fabs(in) <= 20 * log10(1 + 4 * ripple));
            assert_true(response_db(n, g20_rng_range(&rng, stop, 0.5)) <= -stop_db + 4);
        }
        assert_float_equal(response_db(n, (pass + stop) / 2), 20 * log10(0.5), 0.05);
    }
}

static void taps_equal_those_of_liquid(void **state)
{
    (void)state;
    for (uint32_t n = 11; n < 400; n = 2 * n + 1) {
        const float cutoff = 0.4f / (float)n + 0.1f;
        float theirs[400], sum = 0;

        liquid_firdes_kaiser(n, cutoff, 84, 0, theirs);
        g20_fir_lowpass(h, n, (double)cutoff, 84);
        for (uint32_t k = 0; k < n; k++)
            sum += theirs[k];
        for (uint32_t k = 0; k < n; k++)
            assert_float_equal((double)(theirs[k] / sum), h[k], 2e-6);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(designs_keep_their_promises),
        cmocka_unit_test(taps_equal_those_of_liquid),
    };
    return cmocka_run_group_tests_name("fir", tests, NULL, NULL);
}
