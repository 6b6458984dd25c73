/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/alloc.h"
#include "rpc/request.h"

#include <control.pb-c.h>
#include <errno.h>
#include <inference.pb-c.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static uint8_t buf[4096];

static int parse(enum g20_rpc_method method, const ProtobufCMessage *m, struct g20_rpc_request *q,
                 struct g20_err *e)
{
    assert_true(protobuf_c_message_get_packed_size(m) <= sizeof(buf));
    return g20_rpc_request_parse(method, buf, protobuf_c_message_pack(m, buf), q, e);
}

static void refused(enum g20_rpc_method method, const ProtobufCMessage *m, const char *field)
{
    struct g20_rpc_request q, before;
    struct g20_err e = {0};

    memset(&q, 0x5a, sizeof(q));
    before = q;
    assert_int_equal(parse(method, m, &q, &e), -EINVAL);
    if (strncmp(e.msg, field, strlen(field)) != 0)
        fail_msg("want %s: %s", field, e.msg);
    assert_memory_equal(&q, &before, sizeof(q));
}

static void tune_wants_numbers(void **state)
{
    (void)state;
    G20__V1__TuneChannelRequest m = G20__V1__TUNE_CHANNEL_REQUEST__INIT;
    struct g20_rpc_request q;

    refused(G20_RPC_TUNE_CHANNEL, &m.base, "center_freq_hz: it is missing");
    m.center_freq_hz = 1e8;
    assert_int_equal(parse(G20_RPC_TUNE_CHANNEL, &m.base, &q, NULL), 0);
    assert_true(q.tune.center_hz == 1e8 && isnan(q.tune.bandwidth_hz) && isnan(q.tune.gain_db));
    m.gain_case = G20__V1__TUNE_CHANNEL_REQUEST__GAIN_GAIN_DB;
    assert_int_equal(parse(G20_RPC_TUNE_CHANNEL, &m.base, &q, NULL), 0);
    assert_true(q.tune.gain_db == 0); /* 0 dB is not "not given" */
    const double bad[] = {(double)NAN, (double)INFINITY, -(double)INFINITY, -1e9, 1e13};
    for (size_t i = 0; i < G20_COUNT_OF(bad); i++) {
        m.gain_db = bad[i];
        refused(G20_RPC_TUNE_CHANNEL, &m.base, "gain_db: ");
        m.gain_db = 0;
        m.bandwidth_hz = bad[i];
        refused(G20_RPC_TUNE_CHANNEL, &m.base, "bandwidth_hz: ");
        m.bandwidth_hz = 0;
        m.center_freq_hz = bad[i];
        refused(G20_RPC_TUNE_CHANNEL, &m.base, "center_freq_hz: ");
        m.center_freq_hz = 1e8;
    }
    m.channel_id = 256;
    refused(G20_RPC_TUNE_CHANNEL, &m.base, "channel_id: ");
}

static void captures_stay_in_their_folder(void **state)
{
    (void)state;
    static const char *const good[] = {"a", "a/b.c", "a b/ü"};
    static const char *const bad[] = {"/etc/passwd", "..", "a/../b",  "a/..", "./a",
                                      "a//b",        "a/", ".hidden", "a\nb", "\xff\xfe"};
    static const char *const bad_names[] = {"a/b", ".a", "a b", "\xc3\x28", "ü"};
    G20__V1__StartCaptureRequest m = G20__V1__START_CAPTURE_REQUEST__INIT;
    struct g20_rpc_request q;
    char longest[300];

    assert_int_equal(parse(G20_RPC_START_CAPTURE, &m.base, &q, NULL), 0);
    for (size_t i = 0; i < G20_COUNT_OF(good); i++) {
        m.output_path = (char *)(uintptr_t)good[i];
        assert_int_equal(parse(G20_RPC_START_CAPTURE, &m.base, &q, NULL), 0);
        assert_string_equal(q.capture.output_path, good[i]);
    }
    for (size_t i = 0; i < G20_COUNT_OF(bad); i++) {
        m.output_path = (char *)(uintptr_t)bad[i];
        refused(G20_RPC_START_CAPTURE, &m.base, "output_path: ");
    }
    memset(longest, 'a', sizeof(longest));
    longest[256] = '\0';
    m.output_path = longest;
    refused(G20_RPC_START_CAPTURE, &m.base, "output_path: 256 bytes");
    m.output_path = (char *)(uintptr_t)good[0];
    for (size_t i = 0; i < G20_COUNT_OF(bad_names); i++) {
        m.session_id = (char *)(uintptr_t)bad_names[i];
        refused(G20_RPC_START_CAPTURE, &m.base, "session_id: ");
    }
    m.session_id = (char *)(uintptr_t)good[0];
    m.duration_s = (double)NAN;
    refused(G20_RPC_START_CAPTURE, &m.base, "duration_s: ");
    m.duration_s = 1;
    m.center_freq_hz = 1e6;
    refused(G20_RPC_START_CAPTURE, &m.base, "bandwidth_hz: it is missing");
}

static void names_and_streams_are_checked(void **state)
{
    (void)state;
    G20__V1__LoadModelRequest load = G20__V1__LOAD_MODEL_REQUEST__INIT;
    G20__V1__UnloadModelRequest unload = G20__V1__UNLOAD_MODEL_REQUEST__INIT;
    G20__V1__StreamDetectionsRequest stream = G20__V1__STREAM_DETECTIONS_REQUEST__INIT;
    G20__V1__StopCaptureRequest stop = G20__V1__STOP_CAPTURE_REQUEST__INIT;
    struct g20_rpc_request q;

    refused(G20_RPC_LOAD_MODEL, &load.base, "name: it is missing");
    refused(G20_RPC_UNLOAD_MODEL, &unload.base, "name: it is missing");
    refused(G20_RPC_STOP_CAPTURE, &stop.base, "session_id: it is missing");
    load.name = (char *)(uintptr_t) "../x";
    refused(G20_RPC_LOAD_MODEL, &load.base, "name: ");
    unload.name = (char *)(uintptr_t) "\xed\xa0\x80";
    refused(G20_RPC_UNLOAD_MODEL, &unload.base, "name: it is no UTF-8");
    stream.min_confidence = 1.5f;
    refused(G20_RPC_STREAM_DETECTIONS, &stream.base, "min_confidence: ");
    stream.min_confidence = NAN;
    refused(G20_RPC_STREAM_DETECTIONS, &stream.base, "min_confidence: ");
    stream.min_confidence = 0.5f;
    assert_int_equal(parse(G20_RPC_STREAM_DETECTIONS, &stream.base, &q, NULL), 0);
    assert_true(q.stream.tiles && !q.stream.emissions);
    stream.no_tiles = true;
    refused(G20_RPC_STREAM_DETECTIONS, &stream.base, "no_tiles: ");
}

static void bytes_that_are_no_message_are_refused(void **state)
{
    (void)state;
    static const uint8_t cut[] = {0x12, 0x7f, 1}, wire[] = {0x17};
    struct g20_rpc_request q;
    struct g20_err e = {0};

    assert_int_equal(g20_rpc_request_parse(G20_RPC_LOAD_MODEL, cut, sizeof(cut), &q, &e), -EINVAL);
    assert_non_null(strstr(e.msg, "g20.v1.LoadModelRequest"));
    assert_int_equal(g20_rpc_request_parse(G20_RPC_TUNE_CHANNEL, wire, 1, &q, &e), -EINVAL);
    assert_int_equal(g20_rpc_request_parse(G20_RPC_REFLECTION, cut, 0, &q, &e), -EINVAL);
    assert_int_equal(g20_rpc_request_parse(G20_RPC_LIST_MODELS, NULL, 0, &q, &e), 0);
}

static void failed_allocations_are_survived(void **state)
{
    (void)state;
    G20__V1__StartCaptureRequest m = G20__V1__START_CAPTURE_REQUEST__INIT;
    struct g20_rpc_request q;

    m.session_id = (char *)(uintptr_t) "abc";
    m.output_path = (char *)(uintptr_t) "def";
    const size_t n = protobuf_c_message_pack(&m.base, buf);
    for (unsigned nth = 0; nth < 20; nth++) {
        const int64_t live = g20_alloc_live();

        g20_alloc_fail_at(nth);
        const int r = g20_rpc_request_parse(G20_RPC_START_CAPTURE, buf, n, &q, NULL);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        assert_int_equal(g20_alloc_live(), live);
        if (r == 0) {
            assert_true(nth >= 3);
            return;
        }
    }
    fail_msg("parse() never succeeded");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tune_wants_numbers),
        cmocka_unit_test(captures_stay_in_their_folder),
        cmocka_unit_test(names_and_streams_are_checked),
        cmocka_unit_test(bytes_that_are_no_message_are_refused),
        cmocka_unit_test(failed_allocations_are_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
