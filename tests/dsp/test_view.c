/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "dsp/waterfall.h"
#include "signals.h"

enum { N = 4096 };
static const double CENTER = 100e6, RATE = 4.096e6, BIN = 1000; /* RATE / N */

static float row_db[N];
static struct g20_wf_row row = {.center_hz = 100e6, .rate_hz = 4.096e6, .nfft = N, .db = row_db};

/* Codes are the decibels themselves: 0..255. */
static void view(double f_lo, double f_hi, uint32_t width, uint8_t *out)
{
    g20_wf_row_view(&row, f_lo, f_hi, width, 0, 255, out);
}

static void silence_with(size_t bin, float db)
{
    for (size_t i = 0; i < N; i++)
        row_db[i] = 1;
    row_db[bin] = db;
}

static double bin_hz(size_t bin)
{
    return CENTER + ((double)bin - N / 2) * BIN;
}

static void every_bin_shows_in_exactly_one_pixel_of_the_whole_span(void **state)
{
    (void)state;
    static const uint32_t widths[] = {1, 7, 100, 1000, 1024, 2048, 4095, 4096};
    uint8_t out[4096];

    for (size_t w = 0; w < G20_COUNT_OF(widths); w++) {
        for (size_t bin = 1; bin < N; bin += 13) {
            uint32_t pixels = 0;

            silence_with(bin, 200);
            view(CENTER - RATE / 2 - BIN / 2, CENTER + RATE / 2 - BIN / 2, widths[w], out);
            for (uint32_t i = 0; i < widths[w]; i++) {
                assert_true(out[i] == 200 || out[i] == 1);
                pixels += out[i] == 200;
            }
            assert_int_equal(pixels, 1);
            assert_int_equal(out[(2 * bin + 1) * widths[w] / (2 * N)], 200); /* its centre */
        }
    }
}

static void a_signal_shows_at_its_frequency_at_every_zoom(void **state)
{
    (void)state;
    uint8_t out[1000];
    struct g20_rng rng;

    g20_rng_init(&rng, 50);
    for (int turn = 0; turn < 2000; turn++) {
        const size_t bin = 100 + g20_rng_below(&rng, N - 200);
        const double span = g20_rng_log_range(&rng, BIN, 10 * RATE), f = bin_hz(bin);
        const double lo = f - span * g20_rng_range(&rng, 0.05, 0.95);

        silence_with(bin, 200);
        view(lo, lo + span, 1000, out);
        const double at = (f - lo) / span * 1000;
        assert_int_equal(out[(size_t)at], 200);
        /* and no further away than half a bin and a pixel */
        const double reach = BIN / 2 / span * 1000 + 1;
        for (int i = 0; i < 1000; i++) {
            if (fabs(i + 0.5 - at) > reach + 0.5)
                assert_true(out[i] != 200);
        }
    }
}

static void a_bin_wider_than_a_pixel_is_repeated(void **state)
{
    (void)state;
    uint8_t out[40];

    for (size_t i = 0; i < N; i++)
        row_db[i] = (float)(i % 256);
    view(bin_hz(1000) - BIN / 2, bin_hz(1004) - BIN / 2, 40, out);
    for (size_t i = 0; i < 40; i++)
        assert_int_equal(out[i], (1000 + i / 10) % 256);
}

static void outside_the_span_is_code_0(void **state)
{
    (void)state;
    uint8_t out[300];

    silence_with(5, 9);
    view(CENTER - 1.5 * RATE, CENTER + 1.5 * RATE, 300, out);
    for (size_t i = 0; i < 300; i++)
        assert_int_equal(out[i] != 0, i >= 100 && i < 200);
    view(CENTER + RATE, CENTER + 2 * RATE, 300, out);
    for (size_t i = 0; i < 300; i++)
        assert_int_equal(out[i], 0);
    view(0, 1, 300, out); /* far away and narrow */
    for (size_t i = 0; i < 300; i++)
        assert_int_equal(out[i], 0);
}

static void views_that_make_no_sense_read_0(void **state)
{
    (void)state;
    static const struct {
        double lo, hi;
        float min, max;
    } cases[] = {
        {101e6, 99e6, 0, 255},
        {100e6, 100e6, 0, 255},
        {(double)NAN, 101e6, 0, 255},
        {99e6, (double)NAN, 0, 255},
        {99e6, (double)INFINITY, 0, 255},
        {-(double)INFINITY, 101e6, 0, 255},
        {99e6, 101e6, 10, 10},
        {99e6, 101e6, 255, 0},
        {99e6, 101e6, NAN, 255},
        {99e6, 101e6, 0, NAN},
    };

    silence_with(N / 2, 200);
    for (size_t c = 0; c < G20_COUNT_OF(cases); c++) {
        uint8_t out[64];
        memset(out, 77, sizeof(out));
        g20_wf_row_view(&row, cases[c].lo, cases[c].hi, 64, cases[c].min, cases[c].max, out);
        for (size_t i = 0; i < 64; i++)
            assert_int_equal(out[i], 0);
    }
    g20_wf_row_view(&row, 99e6, 101e6, 0, 0, 255, NULL); /* no pixel: nothing is touched */
}

static void codes_run_from_db_min_to_db_max(void **state)
{
    (void)state;
    uint8_t out;

    for (int i = 0; i < 256; i++) {
        const float db = -100.0f + 60.0f * (float)i / 255.0f;
        for (size_t bin = 0; bin < N; bin++)
            row_db[bin] = db;
        g20_wf_row_view(&row, 99e6, 101e6, 1, -100, -40, &out);
        assert_int_equal(out, i);
    }
    row_db[N / 2] = 1e9f;
    g20_wf_row_view(&row, 99e6, 101e6, 1, -100, -40, &out);
    assert_int_equal(out, 255);
}

/* Only what the view covers is read: the rest may be missing altogether. */
static void only_the_bins_of_the_view_are_read(void **state)
{
    (void)state;
    struct g20_wf_row part = row;
    float *eight = g20_calloc(8, sizeof(*eight));
    uint8_t out[4];

    assert_non_null(eight);
    for (int i = 0; i < 8; i++)
        eight[i] = (float)(10 * i + 10);
    part.db = eight - 2000; /* bins 2000..2007 exist; the sanitizers watch the others */
    g20_wf_row_view(&part, bin_hz(2000) - BIN / 2, bin_hz(2008) - BIN / 2, 4, 0, 255, out);
    for (int i = 0; i < 4; i++)
        assert_int_equal(out[i], 20 * i + 20);
    g20_free(eight);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_bin_shows_in_exactly_one_pixel_of_the_whole_span),
        cmocka_unit_test(a_signal_shows_at_its_frequency_at_every_zoom),
        cmocka_unit_test(a_bin_wider_than_a_pixel_is_repeated),
        cmocka_unit_test(outside_the_span_is_code_0),
        cmocka_unit_test(views_that_make_no_sense_read_0),
        cmocka_unit_test(codes_run_from_db_min_to_db_max),
        cmocka_unit_test(only_the_bins_of_the_view_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
