/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The recorded messages in tests/data were written by another implementation (Python's struct);
 * tests/data/wire.json says what they hold. The web UI's tests read the same files. */
#include "server/wire.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static size_t load(const char *name, uint8_t *buf, size_t size)
{
    char path[1024];

    snprintf(path, sizeof(path), "%s/%s", TEST_DATA, name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    const size_t n = fread(buf, 1, size, f);
    fclose(f);
    return n;
}

static json_t *expected(const char *kind)
{
    char path[1024];

    snprintf(path, sizeof(path), "%s/wire.json", TEST_DATA);
    json_t *all = json_load_file(path, 0, NULL);
    assert_non_null(all);
    json_t *o = json_incref(json_object_get(all, kind));
    json_decref(all);
    assert_non_null(o);
    return o;
}

static double want(const json_t *o, const char *name)
{
    const json_t *v = json_object_get(o, name);

    assert_true(json_is_number(v));
    return json_number_value(v);
}

/* Singles compare as singles: the file says 0.314572 in decimal. */
#define SAME(kind, name, offset) \
    assert_true((g20_wire_##kind)want(o, #name) == (g20_wire_##kind)h.name);

static void recorded_row_decodes_to_the_fields_in_the_json(void **state)
{
    (void)state;
    uint8_t msg[4096];
    const size_t len = load("wf01.bin", msg, sizeof(msg));
    const uint8_t *pixels = NULL;
    struct g20_wf01 h;
    json_t *o = expected("wf01");

    assert_int_equal(g20_wf01_decode(msg, len, &h, &pixels, NULL), 0);
    G20_WF01_FIELDS(SAME)
    const json_t *px = json_object_get(o, "pixels");
    assert_int_equal(json_array_size(px), h.rows * h.bins);
    for (size_t i = 0; i < json_array_size(px); i++)
        assert_int_equal(json_integer_value(json_array_get(px, i)), pixels[i]);
    json_decref(o);
}

static void encoding_the_recorded_row_gives_the_same_bytes(void **state)
{
    (void)state;
    uint8_t msg[4096], again[G20_WF01_BYTES];
    const size_t len = load("wf01.bin", msg, sizeof(msg));
    const uint8_t *pixels;
    struct g20_wf01 h;

    assert_int_equal(g20_wf01_decode(msg, len, &h, &pixels, NULL), 0);
    g20_wf01_encode(&h, again);
    assert_memory_equal(again, msg, G20_WF01_BYTES);
}

static void recorded_tile_decodes_and_encodes_to_the_same_bytes(void **state)
{
    (void)state;
    uint8_t msg[4096], again[4096];
    const size_t len = load("dt01.bin", msg, sizeof(msg));
    struct g20_wire_box boxes[8];
    struct g20_dt01 h;
    json_t *o = expected("dt01");

    assert_int_equal(g20_dt01_decode(msg, len, &h, boxes, 8, NULL), 0);
    G20_DT01_FIELDS(SAME)
    assert_int_equal(len, g20_dt01_bytes(h.count));
    g20_dt01_encode(&h, boxes, again);
    assert_memory_equal(again, msg, len);
    json_decref(o);
}

static void boxes_hold_what_the_json_says(void **state)
{
    (void)state;
    uint8_t msg[4096];
    const size_t len = load("dt01.bin", msg, sizeof(msg));
    struct g20_wire_box boxes[8];
    struct g20_dt01 d;
    json_t *all = expected("dt01");

    assert_int_equal(g20_dt01_decode(msg, len, &d, boxes, 8, NULL), 0);
    for (uint32_t i = 0; i < d.count; i++) {
        const json_t *o = json_array_get(json_object_get(all, "boxes"), i);
        const struct g20_wire_box h = boxes[i];

        G20_WIRE_BOX_FIELDS(SAME)
    }
    json_decref(all);
}

static void every_truncation_and_a_wrong_size_are_refused(void **state)
{
    (void)state;
    uint8_t msg[4096] = {0};
    struct g20_wire_box boxes[8];
    const uint8_t *pixels;
    struct g20_wf01 w;
    struct g20_dt01 d;

    size_t len = load("wf01.bin", msg, sizeof(msg));
    for (size_t n = 0; n < len; n++)
        assert_int_equal(g20_wf01_decode(msg, n, &w, &pixels, NULL), G20_EFORMAT);
    assert_int_equal(g20_wf01_decode(msg, len + 1, &w, &pixels, NULL), G20_EFORMAT);
    msg[46] = 2; /* an unknown format */
    assert_int_equal(g20_wf01_decode(msg, len, &w, &pixels, NULL), G20_EFORMAT);

    len = load("dt01.bin", msg, sizeof(msg));
    for (size_t n = 0; n < len; n++)
        assert_int_equal(g20_dt01_decode(msg, n, &d, boxes, 8, NULL), G20_EFORMAT);
    memset(msg + 40, 0xff, 4); /* four thousand million boxes */
    assert_int_equal(g20_dt01_decode(msg, len, &d, boxes, 8, NULL), G20_EFORMAT);
}

static void flags_can_be_added_to_an_encoded_row(void **state)
{
    (void)state;
    uint8_t msg[4096];
    const size_t len = load("wf01.bin", msg, sizeof(msg));
    const uint8_t *pixels;
    struct g20_wf01 h;

    g20_wf01_add_flags(msg, 4);
    assert_int_equal(g20_wf01_decode(msg, len, &h, &pixels, NULL), 0);
    assert_int_equal(h.flags, 7);
}

/* The bytes are those of the protocol's table, written here by hand. */
static void iq_frames_have_the_bytes_of_the_protocol(void **state)
{
    static const uint8_t want[] = {'I',  'Q',  '0', '1',  8, 7, 6, 5,    4, 3, 2, 1, 0x44, 0x33,
                                   0x22, 0x11, 2,   0,    0, 0, 0, 0,    0, 0, 0, 0, 0x80, 0x3f,
                                   0,    0,    0,   0xc0, 0, 0, 0, 0x3f, 0, 0, 0, 0};
    const float complex x[] = {1.0f - 2.0f * I, 0.5f};
    const struct g20_iq01 h = {
        .time_us = 0x0102030405060708u, .frame_idx = 0x11223344u, .num_samples = 2};
    uint8_t msg[sizeof(want) + 1];
    struct g20_iq01 back;
    float complex y[2] = {0};
    struct g20_err e = {0};

    (void)state;
    assert_int_equal(g20_iq01_bytes(2), sizeof(want));
    g20_iq01_encode(&h, x, msg);
    assert_memory_equal(msg, want, sizeof(want));
    assert_int_equal(g20_iq01_decode(msg, sizeof(want), &back, y, 2, &e), 0);
    assert_true(back.time_us == h.time_us && back.frame_idx == h.frame_idx &&
                back.num_samples == 2 && back.reserved == 0);
    assert_memory_equal(y, x, sizeof(x));
    for (size_t len = 0; len <= sizeof(msg); len++) {
        const int r = g20_iq01_decode(msg, len, &back, y, 1, &e);
        assert_int_equal(r, len == sizeof(want) ? 0 : G20_EFORMAT);
    }
    msg[0] = 'X';
    assert_int_equal(g20_iq01_decode(msg, sizeof(want), &back, y, 2, &e), G20_EFORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(iq_frames_have_the_bytes_of_the_protocol),
        cmocka_unit_test(recorded_row_decodes_to_the_fields_in_the_json),
        cmocka_unit_test(encoding_the_recorded_row_gives_the_same_bytes),
        cmocka_unit_test(recorded_tile_decodes_and_encodes_to_the_same_bytes),
        cmocka_unit_test(boxes_hold_what_the_json_says),
        cmocka_unit_test(every_truncation_and_a_wrong_size_are_refused),
        cmocka_unit_test(flags_can_be_added_to_an_encoded_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
