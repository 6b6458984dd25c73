/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/alloc.h"
#include "dsp/colormap.h"
#include "server/view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { BINS = 64, WIDTH = 16, ROOM = 16, QUEUED = 3 };

static const struct g20_view_range range = {.dynamic_db = 100, .db_min = -100, .db_max = 0};

/* One code is 100 / 255 dB: -100 dBFS is code 0, 0 dBFS code 255. */
struct stand {
    struct g20_view *view;
    struct g20_view_cache *cache;
    float db[BINS], floor_db[BINS / 64];
    struct g20_wf_row row;
    uint64_t now_ns;
};

static const struct g20_view_cfg plain = {
    .full_span = true, .width = WIDTH, .fps = 10, .format = G20_WF_U8, .auto_range = true};

static void stand_up(struct stand *s, const struct g20_view_cfg *cfg)
{
    *s = (struct stand){.now_ns = 1};
    s->row = (struct g20_wf_row){.center_hz = 100e6,
                                 .rate_hz = 64e3,
                                 .row_period_s = 0.1f,
                                 .noise_floor_db = -90,
                                 .nfft = BINS,
                                 .db = s->db,
                                 .floor_db = s->floor_db};
    for (int i = 0; i < BINS; i++)
        s->db[i] = -100;
    assert_int_equal(g20_view_cache_create(&s->cache), 0);
    assert_int_equal(g20_view_create(&s->view, cfg, ROOM, QUEUED), 0);
}

static void take_down(struct stand *s)
{
    g20_view_destroy(s->view);
    g20_view_cache_destroy(s->cache);
    assert_int_equal(g20_alloc_live(), 0);
}

/* The next row, with bin @bin at 0 dBFS, one row period later. */
static bool push(struct stand *s, int bin)
{
    s->db[bin] = 0;
    g20_view_cache_clear(s->cache);
    const bool queued = g20_view_push(s->view, &s->row, 0, &range, s->cache, s->now_ns);
    s->db[bin] = -100;
    s->row.index++;
    s->row.time_us += 100000;
    s->now_ns += 100000000;
    return queued;
}

/* Header and pixels of the oldest message. */
static const uint8_t *oldest(struct stand *s, struct g20_wf01 *h)
{
    size_t len = 0;
    const uint8_t *px = NULL, *m = g20_view_peek(s->view, &len);

    assert_non_null(m);
    assert_int_equal(g20_wf01_decode(m, len, h, &px, NULL), 0);
    return px;
}

static void a_row_becomes_a_message_of_the_whole_span(void **state)
{
    (void)state;
    struct stand s;
    struct g20_wf01 h;

    stand_up(&s, &plain);
    s.row.time_us = 5000000;
    assert_true(push(&s, 60)); /* the upper edge is on the right */
    const uint8_t *px = oldest(&s, &h);
    assert_int_equal(h.time_us, 5000000);
    assert_true(h.center_hz == 100e6 && h.span_hz == 64e3);
    assert_int_equal(h.bins, WIDTH);
    assert_true(h.db_min == -100 && h.db_max == 0 && h.noise_floor_db == -90);
    assert_int_equal(px[15], 255);
    for (int i = 0; i < 15; i++)
        assert_int_equal(px[i], 0);
    take_down(&s);
}

static void a_slow_client_loses_the_oldest_rows_and_is_told(void **state)
{
    (void)state;
    struct stand s;
    struct g20_wf01 h;
    struct g20_view_stats st;

    stand_up(&s, &plain);
    for (int i = 0; i < 5; i++)
        push(&s, i);
    g20_view_stats(s.view, &st);
    assert_int_equal(st.queued, QUEUED);
    assert_int_equal(st.dropped, 2);
    oldest(&s, &h);
    assert_int_equal(h.row_index, 2); /* 0 and 1 are gone */
    assert_true(h.flags & G20_WF_DROPPED);
    g20_view_pop(s.view);
    oldest(&s, &h);
    assert_int_equal(h.row_index, 3);
    assert_false(h.flags & G20_WF_DROPPED);
    g20_view_pop(s.view);
    g20_view_pop(s.view);
    g20_view_pop(s.view); /* one too many is nothing */
    size_t len;
    assert_null(g20_view_peek(s.view, &len));
    g20_view_stats(s.view, &st);
    assert_int_equal(st.sent, 3);
    take_down(&s);
}

static void rows_faster_than_the_client_are_folded_by_maximum(void **state)
{
    (void)state;
    struct stand s;
    struct g20_wf01 h;

    stand_up(&s, &plain);
    s.row.row_period_s = 0.05f; /* 20 rows a second for a client of 10 */
    assert_false(push(&s, 0));
    assert_true(push(&s, 63));
    const uint8_t *px = oldest(&s, &h);
    assert_int_equal(px[0], 255); /* neither burst is lost */
    assert_int_equal(px[15], 255);
    assert_int_equal(px[7], 0);
    assert_true(h.row_period_s > 0.099f && h.row_period_s < 0.101f);
    assert_int_equal(h.row_index, 0); /* the first of those folded */
    take_down(&s);
}

static void rows_lost_before_the_view_are_flagged(void **state)
{
    (void)state;
    struct stand s;
    struct g20_wf01 h;

    stand_up(&s, &plain);
    push(&s, 0);
    s.row.index += 4;
    push(&s, 0);
    g20_view_pop(s.view);
    oldest(&s, &h);
    assert_true(h.flags & G20_WF_DROPPED);
    take_down(&s);
}

static void a_zoom_shows_its_band_and_nothing_beyond_the_span(void **state)
{
    (void)state;
    struct g20_view_cfg zoom = plain;
    struct stand s;
    struct g20_wf01 h;

    zoom.full_span = false;
    zoom.f_lo_hz = 100e6 + 24e3; /* a quarter of the view lies in the span */
    zoom.f_hi_hz = 100e6 + 56e3;
    stand_up(&s, &zoom);
    push(&s, 59); /* 100 MHz + 27 kHz: pixel 1 of 2 kHz each */
    const uint8_t *px = oldest(&s, &h);
    assert_true(h.center_hz == 100e6 + 40e3 && h.span_hz == 32e3);
    assert_int_equal(px[1], 255);
    for (int i = 0; i < WIDTH; i++)
        assert_int_equal(px[i], i == 1 ? 255 : 0);
    take_down(&s);
}

static void colours_are_those_of_the_colormap(void **state)
{
    (void)state;
    struct g20_view_cfg colours = plain;
    struct stand s;
    struct g20_wf01 h;

    colours.format = G20_WF_RGBA8;
    colours.colormap = G20_COLORMAP_MAGMA;
    stand_up(&s, &colours);
    push(&s, 0);
    const uint8_t *px = oldest(&s, &h);
    assert_memory_equal(px, g20_colormap_rgb[G20_COLORMAP_MAGMA][255], 3);
    assert_memory_equal(px + 4, g20_colormap_rgb[G20_COLORMAP_MAGMA][0], 3);
    assert_int_equal(px[3], 255);
    take_down(&s);
}

static void the_automatic_range_stands_still_until_the_floor_has_moved(void **state)
{
    (void)state;
    struct g20_view_range r = {.dynamic_db = 60};

    g20_view_range_update(&r, -93);
    const float first = r.db_min;
    assert_true(r.db_min < -93 && r.db_max == r.db_min + 60);
    for (int i = 0; i < 100; i++)
        g20_view_range_update(&r, i % 2 ? -93.9f : -92.1f);
    assert_true(r.db_min == first);
    g20_view_range_update(&r, -70);
    assert_true(r.db_min > first + 15 && r.db_min < -70);
    const float second = r.db_min;
    r.dynamic_db = 90; /* as g20_server_set_view() does it */
    r.is_set = false;
    g20_view_range_update(&r, -70);
    assert_true(r.db_min == second && r.db_max == second + 90);
}

static void create_and_set_survive_every_failed_allocation(void **state)
{
    (void)state;
    struct g20_view *v = NULL;
    int fails = 0;

    for (int n = 0;; n++) {
        g20_alloc_fail_at((uint64_t)n);
        const int r = g20_view_create(&v, &plain, ROOM, QUEUED);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        if (r == 0)
            break;
        assert_int_equal(g20_alloc_live(), 0);
        fails++;
    }
    assert_int_equal(fails, 3);
    struct g20_view_cfg wide = plain;
    wide.width = 512;
    g20_alloc_fail_at(1);
    assert_true(g20_view_set(v, &wide) < 0);
    g20_alloc_fail_at(G20_ALLOC_NEVER);
    assert_int_equal(g20_view_get(v)->width, WIDTH);
    assert_int_equal(g20_view_set(v, &wide), 0);
    assert_int_equal(g20_view_get(v)->width, 512);
    g20_view_destroy(v);
    assert_int_equal(g20_alloc_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_becomes_a_message_of_the_whole_span),
        cmocka_unit_test(a_slow_client_loses_the_oldest_rows_and_is_told),
        cmocka_unit_test(rows_faster_than_the_client_are_folded_by_maximum),
        cmocka_unit_test(rows_lost_before_the_view_are_flagged),
        cmocka_unit_test(a_zoom_shows_its_band_and_nothing_beyond_the_span),
        cmocka_unit_test(colours_are_those_of_the_colormap),
        cmocka_unit_test(the_automatic_range_stands_still_until_the_floor_has_moved),
        cmocka_unit_test(create_and_set_survive_every_failed_allocation),
    };

    return cmocka_run_group_tests_name("view", tests, NULL, NULL);
}
