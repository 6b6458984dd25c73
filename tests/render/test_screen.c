/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "render/screen.h"

#include "base/alloc.h"
#include "render/font.h"
#include "render/jpeg.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <turbojpeg.h>

#include <cmocka.h>

enum { NFFT = 4096, W = 640, H = 360, TOP = 2 * (G20_FONT_H + 3), STEP = 1000 };

static float db[NFFT], floor_db[NFFT / 64];

static void push(struct g20_screen *s, uint64_t i, double center_hz, int bin)
{
    const struct g20_wf_row row = {.index = i,
                                   .first_sample = i * STEP,
                                   .time_us = 1700000000000000 + i * 20000,
                                   .center_hz = center_hz,
                                   .rate_hz = 2e6,
                                   .row_period_s = 0.02f,
                                   .nfft = NFFT,
                                   .db = db,
                                   .floor_db = floor_db};

    for (int k = 0; k < NFFT; k++)
        db[k] = -100;
    if (bin >= 0)
        for (int k = bin; k < bin + 64; k++)
            db[k] = -10;
    g20_screen_push(s, &row, -100, 0);
}

static const uint8_t *at(const struct g20_canvas *c, int x, int y)
{
    return c->rgb + 3 * ((size_t)y * (size_t)c->width + (size_t)x);
}

static bool is(const uint8_t *p, int r, int g, int b)
{
    return p[0] == r && p[1] == g && p[2] == b;
}

static struct g20_screen *made(void)
{
    struct g20_screen *s = NULL;

    assert_int_equal(g20_screen_create(&s, W, 0, NULL), 0);
    return s;
}

static void rows_lie_newest_first_and_move_down(void **state)
{
    (void)state;
    struct g20_screen *s = made();

    for (uint64_t i = 0; i < 500; i++) /* more than there is room for */
        push(s, i, 100e6, i == 450 ? 3000 : -1);
    const struct g20_canvas *c = g20_screen_draw(s);
    assert_int_equal(c->width, W);
    assert_int_equal(c->height, H);
    const int x = (3000 + 32) * W / NFFT;
    for (int y = 0; y < H - TOP; y++)
        assert_int_equal(at(c, x, TOP + y)[1] > 150, y == 49); /* viridis: bright is green */
    g20_screen_destroy(s);
}

static void emissions_are_framed_where_they_are(void **state)
{
    (void)state;
    const struct g20_emission em = {.id = 1,
                                    .class_id = 0,
                                    .class_name = "signal",
                                    .confidence = 0.9f,
                                    .sample_start = 100 * STEP,
                                    .sample_count = 50 * STEP,
                                    .f_lo_hz = 99.75e6,
                                    .f_hi_hz = 100.25e6};
    struct g20_screen *s = made();

    for (uint64_t i = 0; i < 200; i++)
        push(s, i, 100e6, -1);
    g20_screen_emission(s, G20_EMISSION_CLOSE, &em);
    const struct g20_canvas *c = g20_screen_draw(s);
    /* 2 MHz over 640 pixels: 240 to 400; rows 100 to 150 of 200: 49 and 99 below the top */
    for (int x = 300; x < 400; x++) {
        assert_true(is(at(c, x, TOP + 49), 0xff, 0xb0, 0x00));
        assert_true(is(at(c, x, TOP + 99), 0xff, 0xb0, 0x00));
    }
    for (int y = 50; y < 99; y++) {
        assert_true(is(at(c, 240, TOP + y), 0xff, 0xb0, 0x00));
        assert_true(is(at(c, 400, TOP + y), 0xff, 0xb0, 0x00));
        assert_false(is(at(c, 320, TOP + y), 0xff, 0xb0, 0x00));
    }
    /* an update moves it, a retune takes it away with the rows */
    push(s, 200, 100e6, -1);
    c = g20_screen_draw(s);
    assert_true(is(at(c, 350, TOP + 50), 0xff, 0xb0, 0x00));
    push(s, 201, 200e6, -1);
    c = g20_screen_draw(s);
    for (int y = TOP + 1; y < H; y++)
        assert_true(is(at(c, 350, y), 0, 0, 0));
    g20_screen_destroy(s);
}

static void a_hostile_emission_draws_nothing_outside(void **state)
{
    (void)state;
    struct g20_emission em = {.sample_count = UINT64_MAX,
                              .sample_start = UINT64_MAX / 2,
                              .f_lo_hz = -1e300,
                              .f_hi_hz = 1e300,
                              .class_id = -7};
    struct g20_screen *s = made();

    memset(em.class_name, 'W', sizeof(em.class_name) - 1);
    for (uint64_t i = 0; i < 2000; i++) {
        em.id = i;
        g20_screen_emission(s, i % 2 ? G20_EMISSION_OPEN : G20_EMISSION_CLOSE, &em);
    }
    assert_non_null(g20_screen_draw(s));
    push(s, 1, 100e6, 5);
    for (uint64_t i = 0; i < 600; i++) {
        em.sample_start = i * 7777;
        em.id = i;
        g20_screen_emission(s, G20_EMISSION_OPEN, &em);
        push(s, 2 + i, 100e6, 5);
    }
    assert_non_null(g20_screen_draw(s));
    g20_screen_destroy(s);
}

static void a_picture_becomes_jpeg_and_back(void **state)
{
    (void)state;
    struct g20_screen *s = made();
    struct g20_jpeg *j = NULL;
    static uint8_t back[W * H * 3];
    const uint8_t *data = NULL;
    size_t len = 0;
    int w = 0, h = 0, sub = 0, space = 0;
    uint64_t sum = 0;

    for (uint64_t i = 0; i < 200; i++)
        push(s, i, 433.92e6, (int)i * 10);
    const struct g20_canvas *c = g20_screen_draw(s);
    assert_int_equal(g20_jpeg_create(&j, W, H, 90, NULL), 0);
    assert_int_equal(g20_jpeg_encode(j, c, &data, &len, NULL), 0);
    assert_in_range(len, 2000, 200000);
    tjhandle t = tjInitDecompress();
    assert_int_equal(tjDecompressHeader3(t, data, len, &w, &h, &sub, &space), 0);
    assert_true(w == W && h == H);
    assert_int_equal(tjDecompress2(t, data, len, back, W, 0, H, TJPF_RGB, 0), 0);
    tjDestroy(t);
    for (size_t i = 0; i < sizeof(back); i++)
        sum += (uint64_t)(back[i] > c->rgb[i] ? back[i] - c->rgb[i] : c->rgb[i] - back[i]);
    assert_true(sum / sizeof(back) < 6);
    g20_jpeg_destroy(j);
    g20_screen_destroy(s);
}

static void bad_sizes_and_every_failed_allocation_are_told(void **state)
{
    (void)state;
    const int64_t before = g20_alloc_live();
    static const int bad[] = {0, -2, 158, 641, 3842};
    struct g20_screen *s = NULL;
    struct g20_jpeg *j = NULL;

    for (size_t i = 0; i < G20_COUNT_OF(bad); i++)
        assert_int_equal(g20_screen_create(&s, bad[i], 0, NULL), -EINVAL);
    assert_int_equal(g20_screen_create(&s, W, 99, NULL), -EINVAL);
    assert_int_equal(g20_jpeg_create(&j, 0, 5, 80, NULL), -EINVAL);
    assert_int_equal(g20_jpeg_create(&j, 5, 5, 101, NULL), -EINVAL);
    for (uint64_t n = 0; n < 20 && !(s && j); n++) {
        g20_alloc_fail_at(n);
        const int r = s ? 0 : g20_screen_create(&s, W, 0, NULL);
        const int q = j ? 0 : g20_jpeg_create(&j, W, H, 80, NULL);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        assert_true(r == 0 || (r == -ENOMEM && !s));
        assert_true(q == 0 || (q == -ENOMEM && !j));
    }
    assert_true(s && j);
    g20_jpeg_destroy(j);
    g20_screen_destroy(s);
    g20_jpeg_destroy(NULL);
    g20_screen_destroy(NULL);
    assert_int_equal(g20_alloc_live(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_lie_newest_first_and_move_down),
        cmocka_unit_test(emissions_are_framed_where_they_are),
        cmocka_unit_test(a_hostile_emission_draws_nothing_outside),
        cmocka_unit_test(a_picture_becomes_jpeg_and_back),
        cmocka_unit_test(bad_sizes_and_every_failed_allocation_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
