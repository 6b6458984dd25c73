/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/boxes.h"

#include "base/alloc.h"
#include "server/wire.h"

#include <jansson.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* A tile of 1 MHz and 10 ms (10000 samples) at 100 MHz; boxes are given in samples and hertz. */
static struct g20_hub_tile *tile(const struct g20_box *boxes, size_t count)
{
    struct g20_hub_tile *t = g20_calloc(1, sizeof(*t) + count * sizeof(*boxes));

    assert_non_null(t);
    t->d = (struct g20_detections){.time_us = 1700000000123456,
                                   .first_sample = 50000,
                                   .frame_idx = 7,
                                   .center_hz = 100e6,
                                   .span_hz = 1e6,
                                   .duration_s = 0.01,
                                   .boxes = t->boxes,
                                   .count = count};
    if (count > 0)
        memcpy(t->boxes, boxes, count * sizeof(*boxes));
    return t;
}

static const struct g20_box known[] = {
    /* the whole tile; a quarter of it from its middle; over its edges on every side */
    {.sample_start = 50000,
     .sample_count = 10000,
     .f_lo_hz = -5e5,
     .f_hi_hz = 5e5,
     .class_id = 0,
     .confidence = 1.0f},
    {.sample_start = 55000,
     .sample_count = 2500,
     .f_lo_hz = 0,
     .f_hi_hz = 2.5e5,
     .class_id = 1,
     .confidence = 0.75f},
    {.sample_start = 40000,
     .sample_count = 90000,
     .f_lo_hz = -9e5,
     .f_hi_hz = 9e5,
     .class_id = 5,
     .confidence = 0.5f},
};
static const double want[][5] = {
    {0, 0, 1, 1, 1.0}, {0.5, 0.5, 0.75, 0.75, 0.75}, {0, 0, 1, 1, 0.5}};

static void dt01_has_the_known_boxes(void **state)
{
    (void)state;
    struct g20_hub_tile *t = tile(known, 3);
    struct g20_msg *m = g20_boxes_dt01(t);
    struct g20_wire_box b[3];
    struct g20_dt01 h;

    assert_non_null(m);
    assert_true(m->binary);
    assert_int_equal(g20_dt01_decode(g20_msg_data(m), m->len, &h, b, 3, NULL), 0);
    assert_true(h.time_us == 1700000000123456 && h.frame_idx == 7 && h.count == 3);
    assert_true(h.center_hz == 100e6 && h.span_hz == 1e6 && h.duration_s == 0.01);
    for (int i = 0; i < 3; i++) {
        const float v[] = {b[i].x1, b[i].y1, b[i].x2, b[i].y2, b[i].confidence};

        for (int k = 0; k < 5; k++)
            assert_float_equal(v[k], (float)want[i][k], 1e-6f);
        assert_int_equal(b[i].class_id, known[i].class_id);
    }
    g20_msg_unref(m);
    g20_free(t);
}

static void json_has_the_known_boxes(void **state)
{
    (void)state;
    static const char *const names[] = {"back\"ground", "signal"};
    static const char *const words[] = {"back\"ground", "signal", "class 5"};
    struct g20_hub_tile *t = tile(known, 3);
    struct g20_msg *m = g20_boxes_json(t, names, 2);

    assert_non_null(m);
    assert_false(m->binary);
    json_t *o = json_loadb((char *)g20_msg_data(m), m->len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(o);
    assert_string_equal(json_string_value(json_object_get(o, "type")), "detections");
    assert_true(json_integer_value(json_object_get(o, "timestamp_us")) == 1700000000123456);
    assert_int_equal(json_integer_value(json_object_get(o, "frame_idx")), 7);
    assert_true(json_number_value(json_object_get(o, "center_hz")) == 100e6);
    assert_true(json_number_value(json_object_get(o, "span_hz")) == 1e6);
    assert_true(json_number_value(json_object_get(o, "duration_s")) == 0.01);
    const json_t *boxes = json_object_get(o, "boxes");
    assert_int_equal(json_array_size(boxes), 3);
    for (size_t i = 0; i < 3; i++) {
        const json_t *b = json_array_get(boxes, i);

        assert_int_equal(json_array_size(b), 6);
        for (size_t k = 0; k < 5; k++)
            assert_float_equal(json_number_value(json_array_get(b, k)), want[i][k], 1e-6);
        assert_string_equal(json_string_value(json_array_get(b, 5)), words[i]);
    }
    json_decref(o);
    g20_msg_unref(m);
    g20_free(t);
}

static void a_tile_without_boxes_is_told_too(void **state)
{
    (void)state;
    struct g20_hub_tile *t = tile(NULL, 0);
    struct g20_msg *m = g20_boxes_json(t, NULL, 0), *d = g20_boxes_dt01(t);

    assert_non_null(strstr((char *)g20_msg_data(m), "\"boxes\":[]}"));
    assert_int_equal(d->len, G20_DT01_BYTES);
    g20_msg_unref(m);
    g20_msg_unref(d);
    g20_free(t);
}

static void without_memory_there_is_no_message(void **state)
{
    (void)state;
    struct g20_hub_tile *t = tile(known, 3);
    const int64_t before = g20_alloc_live();

    for (uint64_t n = 0; n < 2; n++) {
        g20_alloc_fail_at(n);
        struct g20_msg *m = g20_boxes_dt01(t), *j = g20_boxes_json(t, NULL, 0);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        assert_null(m);
        assert_null(j);
    }
    assert_int_equal(g20_alloc_live(), before);
    g20_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dt01_has_the_known_boxes),
        cmocka_unit_test(json_has_the_known_boxes),
        cmocka_unit_test(a_tile_without_boxes_is_told_too),
        cmocka_unit_test(without_memory_there_is_no_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
