/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* A model of every kind of layer to a file and back; files cut short and bent. */
#include "base/alloc.h"
#include "base/file.h"
#include "base/rng.h"
#include "nn/onnx.h"
#include "nn/pb.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char path[64];
static struct g20_err err;

static const struct g20_net_layer layers[] = {
    {.kind = G20_NET_INPUT, .channels = 32},
    {.kind = G20_NET_CONV, .from = 0, .channels = 16, .kh = 1, .kw = 1, .relu = true},
    {.kind = G20_NET_PATCH, .from = 1, .channels = 32, .kh = 2, .kw = 2, .relu = true},
    {.kind = G20_NET_CONV, .from = 2, .channels = 32, .kh = 3, .kw = 3, .relu = true},
    {.kind = G20_NET_ADD, .from = 2, .with = 3},
    {.kind = G20_NET_CONV, .from = 4, .channels = 16, .kh = 1, .kw = 1},
    {.kind = G20_NET_UP, .from = 1, .with = 5},
};

static void make(struct g20_model *m)
{
    *m = (struct g20_model){.height = 4, .width = 6};
    assert_int_equal(g20_net_init(&m->net, layers, G20_COUNT_OF(layers), &err), 0);
    assert_int_equal(g20_model_alloc(m, &err), 0);
    g20_net_draw(&m->net, 5, m->params);
    for (size_t i = 0; i < m->net.params; i++) /* what float16 can say, biases too */
        m->params[i] = g20_half_to(g20_half_of(m->params[i] + 0.125f));
    assert_int_equal(g20_model_set(m, "g20.name", "small", &err), 0);
    assert_int_equal(g20_model_set(m, "g20.kind", "none", &err), 0);
}

static int set_up(void **state)
{
    struct g20_model m;

    (void)state;
    snprintf(path, sizeof(path), "/tmp/g20-onnx-%d", (int)getpid());
    make(&m);
    const int r = g20_onnx_write(&m, path, &err);
    g20_model_fini(&m);
    return r;
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path);
}

static void what_was_written_is_read(void **state)
{
    struct g20_model a, b;

    (void)state;
    make(&a);
    assert_int_equal(g20_onnx_read(&b, path, &err), 0);
    assert_int_equal(b.net.count, a.net.count);
    for (uint32_t i = 0; i < a.net.count; i++) {
        assert_int_equal(b.net.layer[i].kind, a.net.layer[i].kind);
        assert_int_equal(b.net.layer[i].from, a.net.layer[i].from);
        assert_int_equal(b.net.layer[i].relu, a.net.layer[i].relu);
        assert_int_equal(b.net.channels[i], a.net.channels[i]);
    }
    assert_int_equal(b.net.params, a.net.params);
    assert_memory_equal(b.params, a.params, a.net.params * sizeof(*a.params));
    assert_int_equal(b.height, 4);
    assert_int_equal(b.width, 6);
    assert_string_equal(g20_model_prop(&b, "g20.name"), "small");
    assert_null(g20_model_prop(&b, "g20.other"));
    g20_model_fini(&a);
    g20_model_fini(&b);
}

static void a_file_cut_short_is_refused(void **state)
{
    char *data;
    size_t len;
    struct g20_model m;

    (void)state;
    assert_int_equal(g20_file_read(path, 1 << 20, &data, &len, &err), 0);
    for (size_t n = 0; n < len; n += n < 3000 ? 1 : 97) {
        char *cut = g20_calloc(1, n + 1); /* so that a sanitizer sees one byte too many */
        memcpy(cut, data, n);
        const int r = g20_onnx_parse(&m, cut, n, "cut", &err);
        /* The properties come last: without some of them it is still a network. */
        if (r == 0)
            assert_true(n > len - 200);
        else
            assert_non_null(strstr(err.msg, "cut"));
        if (r == 0)
            g20_model_fini(&m);
        g20_free(cut);
    }
    g20_free(data);
}

static void bent_files_never_crash(void **state)
{
    char *data;
    size_t len;
    struct g20_rng rng;
    uint32_t refused = 0;

    (void)state;
    g20_rng_init(&rng, 9);
    assert_int_equal(g20_file_read(path, 1 << 20, &data, &len, &err), 0);
    for (int k = 0; k < 3000; k++) {
        struct g20_model m;
        const size_t at =
            g20_rng_below(&rng, 2) ? g20_rng_below(&rng, len) : len - 1 - g20_rng_below(&rng, 700);
        const char was = data[at];
        data[at] = (char)(uint8_t)g20_rng_below(&rng, 256);
        if (g20_onnx_parse(&m, data, len, "bent", &err) == 0)
            g20_model_fini(&m);
        else
            refused++;
        data[at] = was;
    }
    assert_true(refused > 100);
    g20_free(data);
}

/* One of the operators' names changed in place. */
static void an_operator_not_known_is_named(void **state)
{
    char *data;
    size_t len;
    struct g20_model m;

    (void)state;
    assert_int_equal(g20_file_read(path, 1 << 20, &data, &len, &err), 0);
    char *at = memmem(data, len, "\"\006Resize", 8);
    assert_non_null(at);
    memcpy(at + 2, "Gather", 6);
    assert_int_equal(g20_onnx_parse(&m, data, len, "x.onnx", &err), G20_EUNSUPPORTED);
    assert_non_null(strstr(err.msg, "Gather"));
    g20_free(data);
}

static void a_size_that_does_not_fit_is_refused(void **state)
{
    struct g20_model m;

    (void)state;
    make(&m);
    m.width = 7; /* odd: its half twice is not it */
    assert_int_equal(g20_onnx_write(&m, path, &err), 0);
    g20_model_fini(&m);
    assert_int_equal(g20_onnx_read(&m, path, &err), G20_ESHAPE);
}

static void files_that_are_none_are_refused(void **state)
{
    struct g20_model m;

    (void)state;
    assert_int_equal(g20_onnx_read(&m, "/nonexistent/x.onnx", &err), -ENOENT);
    assert_int_equal(g20_onnx_parse(&m, "hello, world", 12, "x", &err), -EBADMSG);
    assert_int_equal(g20_onnx_parse(&m, "", 0, "x", &err), -EBADMSG);
    assert_non_null(strstr(err.msg, "no graph"));
}

static void halves_are_exact(void **state)
{
    (void)state;
    for (uint32_t h = 0; h < 65536; h++) {
        const float x = g20_half_to((uint16_t)h);
        if (isnan(x))
            assert_true(isnan(g20_half_to(g20_half_of(x))));
        else
            assert_int_equal(g20_half_of(x), h);
    }
    assert_int_equal(g20_half_of(1.0f + 0x1p-11f), 0x3c00); /* a tie goes to even */
    assert_int_equal(g20_half_of(1.0f + 0x1.8p-10f), 0x3c02);
    assert_int_equal(g20_half_of(1e9f), 0x7c00);
    assert_int_equal(g20_half_of(-65504.0f), 0xfbff);
}

static void properties_have_limits(void **state)
{
    struct g20_model m = {.props = 0};
    char key[16], value[G20_MODEL_VALUE + 1];

    (void)state;
    memset(value, 'x', sizeof(value));
    value[G20_MODEL_VALUE] = '\0';
    assert_int_equal(g20_model_set(&m, "long", value, &err), -EOVERFLOW);
    for (int i = 0; i < G20_MODEL_PROPS; i++) {
        snprintf(key, sizeof(key), "k%d", i);
        assert_int_equal(g20_model_set(&m, key, "v", &err), 0);
    }
    assert_int_equal(g20_model_set(&m, "one more", "v", &err), -EOVERFLOW);
    assert_int_equal(g20_model_set(&m, "k3", "again", &err), 0);
    assert_string_equal(g20_model_prop(&m, "k3"), "again");
}

static void the_wire_format_is_that_of_protocol_buffers(void **state)
{
    static const uint8_t want[] = {0x08, 0x96, 0x01, 0x12, 0x02, 'h', 'i', 0x1d, 0, 0, 0x80, 0x3f};
    struct g20_text t = {0};
    struct g20_pb_field f;

    (void)state;
    g20_pb_put_int(&t, 1, 150); /* the example of the encoding's description */
    g20_pb_put_string(&t, 2, "hi");
    g20_pb_put_float(&t, 3, 1.0f);
    assert_int_equal(t.len, sizeof(want));
    assert_memory_equal(t.data, want, sizeof(want));
    struct g20_pb p = {(const uint8_t *)t.data, t.len};
    assert_int_equal(g20_pb_next(&p, &f), 1);
    assert_int_equal(f.value, 150);
    assert_int_equal(g20_pb_next(&p, &f), 1);
    assert_int_equal(f.sub.len, 2);
    assert_int_equal(g20_pb_next(&p, &f), 1);
    assert_int_equal(f.value, 0x3f800000);
    assert_int_equal(g20_pb_next(&p, &f), 0);
    static const uint8_t faults[][3] = {
        {0x08, 0x80, 0x80}, {0x12, 5, 'x'}, {0x00, 1, 0}, {0x0b, 0, 0}};
    for (size_t i = 0; i < G20_COUNT_OF(faults); i++) {
        p = (struct g20_pb){faults[i], 3};
        assert_int_equal(g20_pb_next(&p, &f), -EBADMSG);
    }
    g20_text_fini(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_written_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_cut_short_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bent_files_never_crash, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_operator_not_known_is_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_size_that_does_not_fit_is_refused, set_up, tear_down),
        cmocka_unit_test(files_that_are_none_are_refused),
        cmocka_unit_test(halves_are_exact),
        cmocka_unit_test(properties_have_limits),
        cmocka_unit_test(the_wire_format_is_that_of_protocol_buffers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
