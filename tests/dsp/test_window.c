/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "dsp/window.h"
#include "signals.h"

/* Published figures: Harris 1978, table 1; Heinzel et al. 2002, table 2 and figure 22 ff.; the
 * gains follow from the first coefficient alone. docs/levels.md quotes these. */
static const struct {
    double gain, enbw, scalloping_db;
} PUBLISHED[] = {
    [G20_WINDOW_RECT] = {1.0, 1.0, 3.92},
    [G20_WINDOW_HANN] = {0.5, 1.5, 1.42},
    [G20_WINDOW_BLACKMAN_HARRIS] = {0.35875, 2.0044, 0.8256},
    [G20_WINDOW_FLATTOP] = {0.21557895, 3.7703, 0.0096},
};

static void figures_are_the_published_ones(void **state)
{
    (void)state;
    static float w[65536];

    for (int kind = G20_WINDOW_RECT; kind <= G20_WINDOW_FLATTOP; kind++) {
        for (uint32_t n = 256; n <= 65536; n *= 16) {
            g20_window_fill((enum g20_window)kind, w, n);
            assert_float_equal(g20_window_coherent_gain(w, n), PUBLISHED[kind].gain, 1e-5);
            assert_float_equal(g20_window_enbw(w, n), PUBLISHED[kind].enbw, 1e-3);
            assert_float_equal(g20_window_scalloping_db(w, n), PUBLISHED[kind].scalloping_db, 6e-3);
        }
    }
}

/* Periodic: symmetric about n / 2, not about (n - 1) / 2; that of a longer window's first half. */
static void windows_are_periodic_and_peak_in_the_middle(void **state)
{
    (void)state;
    enum { N = 512 };
    float w[N];

    for (int kind = G20_WINDOW_RECT; kind <= G20_WINDOW_FLATTOP; kind++) {
        g20_window_fill((enum g20_window)kind, w, N);
        assert_float_equal(w[N / 2], 1.0, 1e-5);
        for (int i = 1; i < N; i++) {
            assert_float_equal(w[i], w[N - i], 1e-6);
            assert_true(w[i] <= w[N / 2]);
        }
    }
}

static void hann_frames_at_half_overlap_add_up_to_one(void **state)
{
    (void)state;
    enum { N = 4096 };
    static float w[N];

    g20_window_fill(G20_WINDOW_HANN, w, N);
    for (int i = 0; i < N / 2; i++)
        assert_float_equal(w[i] + w[i + N / 2], 1.0, 1e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_are_the_published_ones),
        cmocka_unit_test(windows_are_periodic_and_peak_in_the_middle),
        cmocka_unit_test(hann_frames_at_half_overlap_add_up_to_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
