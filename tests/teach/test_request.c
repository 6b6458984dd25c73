/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "teach/request.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct g20_err err;

static int parse(const char *command, const char *text, struct g20_teach_request *q)
{
    json_t *o = json_loads(text, JSON_ALLOW_NUL, NULL);
    assert_non_null(o);
    const int r = g20_teach_request_parse(command, o, q, &err);
    json_decref(o);
    return r;
}

/* 64 complex samples of zeros: 512 bytes. */
#define ZEROS "\"iq_data\":\"%s\""
static char zeros[700];

static void make_zeros(void)
{
    memset(zeros, 'A', 683);
    memcpy(zeros + 683, "=", 2);
}

static void a_sample_is_read(void **state)
{
    struct g20_teach_request q;
    char text[2000];

    (void)state;
    make_zeros();
    snprintf(text, sizeof(text),
             "{\"signal_name\":\"door\"," ZEROS
             ",\"metadata\":{\"sample_rate_hz\":1e6,\"center_freq_hz\":433e6,\"time_us\":5,"
             "\"complete\":true,\"recording\":\"r1\"},"
             "\"boxes\":[{\"x_min\":0,\"x_max\":1,\"y_min\":0,\"y_max\":1},"
             "{\"f_lo_hz\":-1e5,\"f_hi_hz\":1e5,\"t_start_s\":0,\"t_stop_s\":6.4e-5}]}",
             zeros);
    if (parse("save_sample", text, &q) < 0)
        fail_msg("%s", err.msg);
    assert_int_equal(q.kind, G20_TEACH_SAVE);
    assert_string_equal(q.signal, "door");
    assert_int_equal(q.samples, 64);
    assert_int_equal(q.boxes, 2);
    assert_true(q.box[1].y_max == 1.0 && q.box[1].x_min > 0.39 && q.box[1].x_max < 0.61);
    assert_true(q.complete && q.time_us == 5 && q.center_hz == 433e6);
    g20_teach_request_fini(&q);
}

static void each_fault_has_its_name(void **state)
{
    static const struct {
        const char *command, *text;
        int code;
        const char *want;
    } bad[] = {
        {"nonsense", "{}", -ENOSYS, "Unknown command: nonsense"},
        {"save_sample", "{}", -ENODATA, "signal_name required"},
        {"save_sample", "{\"signal_name\":7}", -EINVAL, "signal_name"},
        {"save_sample", "{\"signal_name\":\"a/b\"}", -EINVAL, "signal_name"},
        {"save_sample", "{\"signal_name\":\"a\\u0000b\"}", -EINVAL, "signal_name"},
        {"save_sample", "{\"signal_name\":\"a\"}", -ENODATA, "metadata required"},
        {"save_sample", "{\"signal_name\":\"a\",\"metadata\":[]}", -EINVAL, "metadata"},
        {"save_sample", "{\"signal_name\":\"a\",\"metadata\":{}}", -ENODATA,
         "metadata.sample_rate_hz required"},
        {"save_sample", "{\"signal_name\":\"a\",\"metadata\":{\"sample_rate_hz\":1e6}}", -ENODATA,
         "metadata.center_freq_hz required"},
        {"save_sample",
         "{\"signal_name\":\"a\",\"metadata\":{\"sample_rate_hz\":-1,\"center_freq_hz\":0}}",
         -EINVAL, "sample_rate_hz"},
#define META "\"signal_name\":\"a\",\"metadata\":{\"sample_rate_hz\":1e6,\"center_freq_hz\":0}"
        {"save_sample", "{" META "}", -ENODATA, "iq_data or capture required"},
        {"save_sample", "{" META ",\"capture\":{\"start_us\":1,\"duration_us\":2}}", -ENODATA,
         "boxes required"},
        {"save_sample", "{" META ",\"capture\":{\"start_us\":1}}", -ENODATA,
         "capture.duration_us required"},
        {"save_sample", "{" META ",\"capture\":{\"start_us\":-1,\"duration_us\":2}}", -EINVAL,
         "start_us"},
        {"save_sample", "{" META ",\"capture\":7}", -EINVAL, "capture: want an object"},
        {"save_sample", "{" META ",\"capture\":{},\"iq_data\":\"\"}", -EINVAL, "capture"},
        {"save_sample", "{" META ",\"iq_data\":\"A\"}", -EINVAL, "iq_data"},
        {"save_sample", "{" META ",\"iq_data\":\"AAAA\"}", -EINVAL, "3 bytes"},
        {"save_sample", "{" META ",\"iq_data\":\"\"}", -EINVAL, "0 bytes"},
        {"save_sample", "{" META ",\"iq_data\":\"AAAAAAAAAAA=\"}", -ENODATA, "boxes required"},
        {"save_sample", "{" META ",\"iq_data\":\"AAAAAAAAAAA=\",\"boxes\":[]}", -EINVAL, "boxes"},
        {"save_sample", "{" META ",\"iq_data\":\"AAAAAAAAAAA=\",\"boxes\":[3]}", -EINVAL,
         "boxes[0]"},
        {"train_signal", "{\"signal_name\":\"a\",\"preset\":\"fast\"}", -EINVAL, "preset"},
        {"train_signal", "{\"signal_name\":\"a\",\"seed\":1.5}", -EINVAL, "seed"},
        {"promote_version", "{\"signal_name\":\"a\"}", -ENODATA, "version required"},
        {"promote_version", "{\"signal_name\":\"a\",\"version\":0}", -EINVAL, "version"},
        {"rename_signal", "{\"signal_name\":\"a\"}", -ENODATA, "new_name required"},
        {"rename_signal", "{\"signal_name\":\"a\",\"new_name\":\"..\"}", -EINVAL, ""},
        {"get_sample", "{}", -ENODATA, "sample_id required"},
        {"get_sample", "{\"sample_id\":\"x\",\"with_iq\":1}", -EINVAL, "with_iq"},
        {"get_sample", "{\"sample_id\":\"x\",\"part\":{\"start_s\":1}}", -ENODATA,
         "part.duration_s required"},
        {"get_sample", "{\"sample_id\":\"x\",\"part\":{\"start_s\":-1,\"duration_s\":1}}", -EINVAL,
         "part.start_s"},
        {"job_status", "{\"job_id\":\"0123456789012345678901234567890\"}", -EINVAL, "job_id"},
    };
    struct g20_teach_request q = {.version = 42};

    (void)state;
    for (size_t i = 0; i < G20_COUNT_OF(bad); i++) {
        const int r = parse(bad[i].command, bad[i].text, &q);
        if (r != bad[i].code || !strstr(err.msg, bad[i].want))
            fail_msg("%s: %d %s", bad[i].text, r, err.msg);
        assert_int_equal(q.version, 42);
    }
}

static void what_may_be_left_out_is_filled_in(void **state)
{
    struct g20_teach_request q;

    (void)state;
    assert_int_equal(parse("train_signal", "{\"signal_name\":\"a\"}", &q), 0);
    assert_string_equal(q.preset, "quick");
    assert_int_equal(q.seed, 1);
    assert_int_equal(parse("list_samples", "{}", &q), 0);
    assert_string_equal(q.signal, "");
    assert_int_equal(parse("export_model", "{\"signal_name\":\"a\",\"version\":3}", &q), 0);
    assert_int_equal(q.version, 3);
    assert_int_equal(parse("cancel_training", "{\"job_id\":\"j1\"}", &q), 0);
    assert_string_equal(q.job_id, "j1");
    assert_int_equal(parse("get_registry", "{}", &q), 0);
}

static void boxes_of_a_time_wait_for_its_samples(void **state)
{
    struct g20_teach_request q;
    struct g20_err e = {0};

    (void)state;
    assert_int_equal(
        parse("save_sample",
              "{\"signal_name\":\"a\",\"capture\":{\"start_us\":5,\"duration_us\":1000},"
              "\"metadata\":{\"center_freq_hz\":101e6},\"boxes\":[{\"f_lo_hz\":-1e5,"
              "\"f_hi_hz\":1e5,\"t_start_s\":0,\"t_stop_s\":5e-4}]}",
              &q),
        0);
    assert_int_equal(q.start_us, 5);
    assert_int_equal(q.duration_us, 1000);
    assert_int_equal(q.boxes, 0);
    assert_null(q.iq);
    q.samples = 1000;
    q.rate_hz = 1e6;
    q.time_us = 6; /* a sample may lie between two microseconds */
    assert_int_equal(g20_teach_request_boxes(&q, 100.8e6, &e), 0); /* 200 kHz lower */
    assert_int_equal(q.boxes, 1);
    assert_true(q.box[0].x_min > 0.5999 && q.box[0].x_min < 0.6001);
    assert_true(q.box[0].x_max > 0.7999 && q.box[0].x_max < 0.8001);
    assert_true(q.box[0].y_max > 0.4999 && q.box[0].y_max < 0.5001);
    assert_true(q.center_hz == 100.8e6);
    g20_teach_request_fini(&q);

    assert_int_equal(
        parse("save_sample",
              "{\"signal_name\":\"a\",\"capture\":{\"start_us\":5,\"duration_us\":1000},"
              "\"boxes\":[3]}",
              &q),
        0);
    q.samples = 1000;
    q.rate_hz = 1e6;
    assert_int_equal(g20_teach_request_boxes(&q, 1e6, &e), -EINVAL);
    assert_non_null(strstr(e.msg, "boxes[0]"));
    g20_teach_request_fini(&q);
}

static void boxes_are_moved_to_samples_that_begin_later(void **state)
{
    static const char *const boxes[2][2] = {
        {"{\"f_lo_hz\":-1e5,\"f_hi_hz\":1e5,\"t_start_s\":4e-4,\"t_stop_s\":6e-4}",
         "{\"f_lo_hz\":-1e5,\"f_hi_hz\":1e5,\"t_start_s\":1e-4,\"t_stop_s\":6e-4}"},
        {"{\"x_min\":0.4,\"x_max\":0.6,\"y_min\":0.4,\"y_max\":0.6}",
         "{\"x_min\":0.4,\"x_max\":0.6,\"y_min\":0.1,\"y_max\":0.6}"}};

    (void)state;
    for (int form = 0; form < 2; form++)
        for (int lost = 0; lost < 2; lost++) {
            char text[256];
            struct g20_teach_request q;
            struct g20_err e = {0};

            snprintf(text, sizeof(text),
                     "{\"signal_name\":\"a\",\"capture\":{\"start_us\":5,\"duration_us\":1000},"
                     "\"boxes\":[%s]}",
                     boxes[form][lost]);
            assert_int_equal(parse("save_sample", text, &q), 0);
            q.samples = 800; /* the first fifth is not there */
            q.rate_hz = 1e6;
            q.time_us = 205;
            assert_int_equal(g20_teach_request_boxes(&q, 1e6, &e), lost ? -ENOENT : 0);
            if (lost)
                assert_non_null(strstr(e.msg, "boxes[0]"));
            else
                assert_true(fabs(q.box[0].y_min - 0.25) < 1e-6 &&
                            fabs(q.box[0].y_max - 0.5) < 1e-6);
            g20_teach_request_fini(&q);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sample_is_read),
        cmocka_unit_test(each_fault_has_its_name),
        cmocka_unit_test(what_may_be_left_out_is_filled_in),
        cmocka_unit_test(boxes_of_a_time_wait_for_its_samples),
        cmocka_unit_test(boxes_are_moved_to_samples_that_begin_later),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
