/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "teach/box.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct g20_err err;
static const struct g20_box_span span = {.rate_hz = 2e6, .duration_s = 0.5, .samples = 1000000};

static int parse(const char *text, struct g20_teach_box *ret)
{
    json_t *o = json_loads(text, JSON_DECODE_ANY, NULL);
    assert_non_null(o);
    const int r = g20_box_parse(o, 3, &span, ret, &err);
    json_decref(o);
    return r;
}

static void both_ways_of_saying_it_are_the_same(void **state)
{
    struct g20_teach_box drawn, real;
    struct g20_text a = {0}, b = {0};

    (void)state;
    assert_int_equal(parse("{\"x_min\":0.25,\"x_max\":0.75,\"y_min\":0.1,\"y_max\":1}", &drawn), 0);
    assert_int_equal(parse("{\"f_lo_hz\":-500000,\"f_hi_hz\":5e5,\"t_start_s\":0.05,"
                           "\"t_stop_s\":0.5}",
                           &real),
                     0);
    g20_boxes_text(&drawn, 1, &a);
    g20_boxes_text(&real, 1, &b);
    assert_string_equal(a.data, b.data);
    assert_string_equal(a.data, "250000000 750000000 100000000 1000000000 \n");
    g20_text_fini(&a);
    g20_text_fini(&b);
}

static void what_is_no_box_is_refused_by_name(void **state)
{
    static const struct {
        const char *text, *want;
    } bad[] = {
        {"{\"x_min\":0.5,\"x_max\":0.5,\"y_min\":0,\"y_max\":1}", "boxes[3]: x_min"},
        {"{\"x_min\":0.6,\"x_max\":0.5,\"y_min\":0,\"y_max\":1}", "boxes[3]: x_min"},
        {"{\"x_min\":0.1,\"x_max\":0.5,\"y_min\":1,\"y_max\":0}", "boxes[3]: y_min"},
        {"{\"x_min\":-0.1,\"x_max\":0.5,\"y_min\":0,\"y_max\":1}", "boxes[3].x_min"},
        {"{\"x_min\":0.1,\"x_max\":1.5,\"y_min\":0,\"y_max\":1}", "boxes[3].x_max"},
        {"{\"x_min\":0.1,\"x_max\":0.5,\"y_min\":0,\"y_max\":1e300}", "boxes[3].y_max"},
        {"{\"x_min\":0.1,\"x_max\":0.5,\"y_min\":0}", "boxes[3].y_max required"},
        {"{\"x_min\":0.1,\"x_max\":\"0.5\",\"y_min\":0,\"y_max\":1}",
         "boxes[3].x_max: want a number"},
        {"{\"x_min\":0.1,\"x_max\":0.5,\"y_min\":0.5,\"y_max\":0.50001}", "samples long"},
        {"{\"f_lo_hz\":-1.1e6,\"f_hi_hz\":0,\"t_start_s\":0,\"t_stop_s\":0.1}", "boxes[3].x_min"},
        {"{\"f_lo_hz\":-1e5,\"f_hi_hz\":0,\"t_start_s\":0,\"t_stop_s\":0.6}", "boxes[3].y_max"},
        {"[0,1,0,1]", "boxes[3]: want an object"},
        {"{}", "x_min required"},
    };
    struct g20_teach_box b = {.x_min = 42};

    (void)state;
    for (size_t i = 0; i < G20_COUNT_OF(bad); i++) {
        assert_int_equal(parse(bad[i].text, &b), -EINVAL);
        if (!strstr(err.msg, bad[i].want))
            fail_msg("%s: %s", bad[i].text, err.msg);
        assert_true(b.x_min == 42);
    }
    b = (struct g20_teach_box){.x_min = NAN, .x_max = 1, .y_max = 1};
    assert_int_equal(g20_box_check(&b, 0, 1000, &err), -EINVAL);
    b = (struct g20_teach_box){.x_max = 1, .y_max = NAN};
    assert_int_equal(g20_box_check(&b, 0, 1000, &err), -EINVAL);
}

static void order_does_not_matter(void **state)
{
    struct g20_teach_box a[] = {
        {0.1, 0.2, 0.3, 0.4, ""}, {0.1, 0.2, 0.1, 0.2, ""}, {0, 1, 0, 1, "x"}};
    struct g20_teach_box b[] = {a[2], a[0], a[1]};
    struct g20_text s = {0}, t = {0};

    (void)state;
    g20_boxes_sort(a, 3);
    g20_boxes_sort(b, 3);
    g20_boxes_text(a, 3, &s);
    g20_boxes_text(b, 3, &t);
    assert_string_equal(s.data, t.data);
    assert_string_equal(a[0].label, "x");
    g20_text_fini(&s);
    g20_text_fini(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways_of_saying_it_are_the_same),
        cmocka_unit_test(what_is_no_box_is_refused_by_name),
        cmocka_unit_test(order_does_not_matter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
