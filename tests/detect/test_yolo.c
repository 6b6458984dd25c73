/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Candidates of an image of 64 x 256 pixels, where a pixel is 4 rows by 16 bins, in both layouts.
 */
#include "detect/yolo.h"

#include "base/alloc.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { N = 12, CLASSES = 3, MOST = 5, OUTPUTS = 5 + CLASSES };

static struct g20_err err;
static float out[N * OUTPUTS];
static struct g20_yolo_shape shape = {
    .candidates = N, .classes = CLASSES, .height = 64, .width = 256};

static void put(uint32_t i, uint32_t k, float v)
{
    if (shape.layout == G20_YOLO_V5)
        out[i * OUTPUTS + k] = v;
    else if (k != 4)
        out[(k > 4 ? k - 1 : k) * N + i] = v;
}

static void set(uint32_t i, float x, float y, float w, float h, uint32_t class_id, float score)
{
    const float place[] = {x, y, w, h};

    for (uint32_t k = 0; k < 4; k++)
        put(i, k, place[k]);
    put(i, 4, 1.0f);
    for (uint32_t k = 0; k < CLASSES; k++)
        put(i, 5 + k, k + 1 == class_id ? score : 0.01f);
}

static struct g20_yolo *begin(enum g20_yolo_layout layout)
{
    struct g20_yolo *y = NULL;

    shape.layout = layout;
    memset(out, 0, sizeof(out));
    assert_int_equal(g20_yolo_create(&y, &shape, MOST, 0.4f), 0);
    return y;
}

static void a_candidate_becomes_a_box_of_its_class(enum g20_yolo_layout layout)
{
    struct g20_yolo *y = begin(layout);
    struct g20_hydra_box *b;

    set(3, 100, 20, 10, 8, 2, 0.8f);
    set(4, 200, 30, 4, 4, 3, 0.9f);
    set(5, 50, 30, 4, 4, 1, 0.49f);
    assert_int_equal(g20_yolo_decode(y, out, 256, 0.5f, &b), 2);
    assert_int_equal(b[0].class_id, 3);
    assert_int_equal(b[1].class_id, 2);
    assert_float_equal(b[1].score, 0.8f, 1e-6);
    assert_float_equal(b[1].row0, 64, 1e-3);
    assert_float_equal(b[1].row1, 96, 1e-3);
    assert_float_equal(b[1].bin0, 95 * 16, 1e-3);
    assert_float_equal(b[1].bin1, 105 * 16, 1e-3);
    assert_int_equal(g20_yolo_decode(y, out, 256, 0.4f, &b), 3);
    g20_yolo_destroy(y);
}

static void both_layouts_say_the_same(void **state)
{
    (void)state;
    a_candidate_becomes_a_box_of_its_class(G20_YOLO_V8);
    a_candidate_becomes_a_box_of_its_class(G20_YOLO_V5);
}

static void the_score_of_the_box_counts_in_v5(void **state)
{
    struct g20_yolo *y = begin(G20_YOLO_V5);
    struct g20_hydra_box *b;

    (void)state;
    set(0, 100, 20, 10, 8, 1, 0.8f);
    put(0, 4, 0.5f);
    assert_int_equal(g20_yolo_decode(y, out, 256, 0.5f, &b), 0);
    assert_int_equal(g20_yolo_decode(y, out, 256, 0.39f, &b), 1);
    assert_float_equal(b[0].score, 0.4f, 1e-6);
    g20_yolo_destroy(y);
}

static void boxes_of_one_class_that_overlap_too_much_are_one(void **state)
{
    struct g20_yolo *y = begin(G20_YOLO_V8);
    struct g20_hydra_box *b;

    (void)state;
    set(0, 100, 20, 10, 8, 1, 0.7f);
    set(1, 101, 20, 10, 8, 1, 0.9f); /* IoU 9 / 11 */
    set(2, 100, 20, 10, 8, 2, 0.8f); /* another class */
    set(3, 105, 20, 10, 8, 1, 0.6f); /* IoU with the surest 6 / 14: over 0.4 */
    set(4, 106, 20, 10, 8, 1, 0.6f); /* 5 / 15: under it */
    assert_int_equal(g20_yolo_decode(y, out, 256, 0.5f, &b), 3);
    assert_float_equal(b[0].score, 0.9f, 1e-6);
    assert_int_equal(b[1].class_id, 2);
    assert_float_equal(b[2].bin0, 101 * 16, 1e-3);
    g20_yolo_destroy(y);
}

static void only_the_surest_are_kept(void **state)
{
    struct g20_yolo *y = begin(G20_YOLO_V8);
    struct g20_hydra_box *b;

    (void)state;
    for (uint32_t i = 0; i < N; i++)
        set(i, 10.0f + 20.0f * (float)i, 30, 4, 4, 1, 0.5f + 0.03f * (float)i);
    assert_int_equal(g20_yolo_decode(y, out, 256, 0.1f, &b), MOST);
    for (uint32_t i = 0; i < MOST; i++)
        assert_float_equal(b[i].score, 0.5f + 0.03f * (float)(N - 1 - i), 1e-6);
    g20_yolo_destroy(y);
}

static void what_lies_outside_or_is_no_number_is_no_box(void **state)
{
    static const float odd[] = {NAN, INFINITY, -INFINITY};
    struct g20_yolo *y = begin(G20_YOLO_V8);
    struct g20_hydra_box *b;

    (void)state;
    set(0, 100, 50, 10, 8, 1, 0.8f); /* rows 184 to 216, and the tile has 100 */
    set(1, -100, 5, 10, 8, 1, 0.8f);
    set(2, 100, 5, -10, 8, 1, 0.8f);
    set(3, 100, 5, 10, 0, 1, 0.8f);
    for (uint32_t i = 0; i < 3; i++) {
        set(4 + i, 100, 5, 10, 8, 1, 0.8f);
        put(4 + i, i, odd[i]);
        set(7 + i, 100, 5, 10, 8, 1, odd[i]);
    }
    assert_int_equal(g20_yolo_decode(y, out, 100, 0.5f, &b), 0);
    set(10, 250, 23, 100, 8, 1, 3.0f); /* cut at both ends; a score over 1 */
    assert_int_equal(g20_yolo_decode(y, out, 100, 0.5f, &b), 1);
    assert_float_equal(b[0].bin1, 4096, 1e-3);
    assert_float_equal(b[0].row1, 100, 1e-3);
    assert_float_equal(b[0].score, 1.0f, 1e-6);
    g20_yolo_destroy(y);
}

static int recognise(struct g20_yolo_shape *s, int64_t second, int64_t third, uint32_t classes,
                     const char *layout)
{
    const struct g20_ort_shape o = {3, {1, second, third}};

    return g20_yolo_recognise(s, &o, classes, layout, &err);
}

static void a_layout_is_known_by_its_sizes(void **state)
{
    const struct g20_ort_shape flat = {2, {6, 100}}, many = {3, {8, 6, 100}};
    struct g20_yolo_shape s;

    (void)state;
    assert_int_equal(recognise(&s, 6, 8400, 2, NULL), 0);
    assert_true(s.layout == G20_YOLO_V8 && s.classes == 2 && s.candidates == 8400);
    assert_int_equal(recognise(&s, 25200, 7, 2, NULL), 0);
    assert_true(s.layout == G20_YOLO_V5 && s.classes == 2 && s.candidates == 25200);
    assert_int_equal(recognise(&s, 84, 8400, 0, NULL), 0);
    assert_true(s.layout == G20_YOLO_V8 && s.classes == 80);
    assert_int_equal(recognise(&s, 25200, 85, 0, NULL), 0);
    assert_true(s.layout == G20_YOLO_V5 && s.classes == 80);
    assert_int_equal(recognise(&s, 6, 7, 2, NULL), G20_ESHAPE); /* both */
    assert_int_equal(recognise(&s, 6, 7, 2, "yolov8"), 0);
    assert_int_equal(s.candidates, 7);
    assert_int_equal(recognise(&s, 6, 7, 2, "yolov5"), 0);
    assert_int_equal(s.candidates, 6);
    assert_int_equal(recognise(&s, 9, 9, 0, NULL), G20_ESHAPE);
    assert_int_equal(recognise(&s, 6, 8400, 3, NULL), G20_ESHAPE);
    assert_non_null(strstr(err.msg, "1x6x8400 has neither 4 + 3"));
    assert_int_equal(recognise(&s, 6, 8400, 3, "yolov8"), G20_ESHAPE);
    assert_non_null(strstr(err.msg, "has 2 classes, the file names 3"));
    assert_int_equal(recognise(&s, 4, 8400, 0, NULL), G20_ESHAPE);
    assert_int_equal(recognise(&s, 500, 8400, 0, NULL), G20_ESHAPE);
    assert_int_equal(recognise(&s, 84, INT64_C(1) << 40, 0, NULL), G20_ESHAPE);
    assert_int_equal(recognise(&s, 0, 10, 0, NULL), G20_ESHAPE);
    assert_int_equal(recognise(&s, 6, 8400, 2, "ssd"), G20_ESHAPE);
    assert_int_equal(g20_yolo_recognise(&s, &flat, 2, NULL, &err), G20_ESHAPE);
    assert_int_equal(g20_yolo_recognise(&s, &many, 2, NULL, &err), G20_ESHAPE);
    assert_non_null(strstr(err.msg, "an output of 8x6x100"));
}

static void every_failed_allocation_is_an_error_and_leaks_nothing(void **state)
{
    const int64_t before = g20_alloc_live();
    struct g20_yolo *y = NULL;
    uint64_t n = 0;
    int r = -ENOMEM;

    (void)state;
    for (; r == -ENOMEM; n++) {
        g20_alloc_fail_at(n);
        r = g20_yolo_create(&y, &shape, MOST, 0.4f);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
    }
    assert_int_equal(r, 0);
    assert_int_equal(n, 4);
    g20_yolo_destroy(y);
    assert_int_equal(g20_alloc_live(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_layouts_say_the_same),
        cmocka_unit_test(the_score_of_the_box_counts_in_v5),
        cmocka_unit_test(boxes_of_one_class_that_overlap_too_much_are_one),
        cmocka_unit_test(only_the_surest_are_kept),
        cmocka_unit_test(what_lies_outside_or_is_no_number_is_no_box),
        cmocka_unit_test(a_layout_is_known_by_its_sizes),
        cmocka_unit_test(every_failed_allocation_is_an_error_and_leaks_nothing),
    };

    return cmocka_run_group_tests_name("yolo", tests, NULL, NULL);
}
