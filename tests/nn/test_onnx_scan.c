/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "nn/onnx_scan.h"

#include "nn/onnx_file.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct g20_onnx_scan scan;
static struct g20_err err;
static struct g20_text file;

static void put_prop(const char *key, const char *value)
{
    struct g20_text p = {0};

    g20_pb_put_string(&p, 1, key);
    g20_pb_put_string(&p, 2, value);
    g20_pb_put_message(&file, ONNX_MODEL_PROP, &p);
}

/* A graph of one node @op and one tensor, whose weights are elsewhere or not. */
static void put_graph(const char *op, bool elsewhere)
{
    struct g20_text graph = {0}, node = {0}, tensor = {0};

    g20_pb_put_string(&node, ONNX_NODE_OP, op);
    g20_pb_put_message(&graph, ONNX_GRAPH_NODE, &node);
    g20_pb_put_string(&tensor, ONNX_TENSOR_NAME, "w");
    if (elsewhere)
        g20_pb_put_string(&tensor, 13, "location");
    g20_pb_put_message(&graph, ONNX_GRAPH_TENSOR, &tensor);
    g20_pb_put_message(&file, ONNX_MODEL_GRAPH, &graph);
}

static int read(size_t len)
{
    return g20_onnx_scan(&scan, file.data, len, "x.onnx", &err);
}

static int tear_down(void **state)
{
    (void)state;
    g20_text_fini(&file);
    file = (struct g20_text){0};
    return 0;
}

static void properties_are_found_by_their_keys(void **state)
{
    char text[8];

    (void)state;
    put_graph("Conv", false);
    put_prop("names", "a b");
    put_prop("empty", "");
    assert_int_equal(read(file.len), 0);
    assert_false(scan.is_quantized);
    assert_int_equal(g20_onnx_scan_prop(&scan, "names", text, sizeof(text)), 3);
    assert_string_equal(text, "a b");
    assert_int_equal(g20_onnx_scan_prop(&scan, "empty", text, sizeof(text)), 0);
    assert_string_equal(text, "");
    assert_int_equal(g20_onnx_scan_prop(&scan, "name", text, sizeof(text)), -1);
    assert_int_equal(g20_onnx_scan_prop(&scan, "names", text, 3), -EOVERFLOW);
}

static void more_properties_than_are_kept_are_no_harm(void **state)
{
    (void)state;
    put_graph("Conv", false);
    for (int i = 0; i < G20_ONNX_SCAN_PROPS + 9; i++)
        put_prop("k", "v");
    assert_int_equal(read(file.len), 0);
    assert_int_equal(scan.props, G20_ONNX_SCAN_PROPS);
}

static void a_quantized_network_and_weights_elsewhere_are_seen(void **state)
{
    (void)state;
    put_graph("DequantizeLinear", false);
    assert_int_equal(read(file.len), 0);
    assert_true(scan.is_quantized);
    put_graph("Conv", true);
    assert_int_equal(read(file.len), G20_EUNSUPPORTED);
    assert_non_null(strstr(err.msg, "x.onnx: its weights are in another file"));
}

static void what_is_cut_or_no_model_is_refused(void **state)
{
    (void)state;
    put_prop("names", "a b");
    assert_int_equal(read(file.len), -EBADMSG);
    assert_non_null(strstr(err.msg, "no graph"));
    assert_int_equal(read(0), -EBADMSG);
    put_graph("Conv", false);
    const size_t whole = file.len;
    for (size_t i = 1; i < whole; i++)
        assert_int_equal(read(i), -EBADMSG);
    assert_int_equal(read(whole), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(properties_are_found_by_their_keys, tear_down),
        cmocka_unit_test_teardown(more_properties_than_are_kept_are_no_harm, tear_down),
        cmocka_unit_test_teardown(a_quantized_network_and_weights_elsewhere_are_seen, tear_down),
        cmocka_unit_test_teardown(what_is_cut_or_no_model_is_refused, tear_down),
    };

    return cmocka_run_group_tests_name("onnx_scan", tests, NULL, NULL);
}
