/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The library that tests/onnxruntime/package.json names, where it is installed; libraries that are
 * not what they say; and the places of functions against the real header, where there is one. */
#include "nn/ort.h"

#include "base/alloc.h"
#include "base/file.h"
#include "nn/onnx.h"
#include "nn/ort_api.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#ifdef HAVE_ORT_HEADER
#include <onnxruntime_c_api.h>
#define X(place, type, name, args) \
    _Static_assert(offsetof(OrtApi, name) == (place) * sizeof(void *), #name);
ORT_ENTRIES(X)
#undef X
_Static_assert(ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT == ORT_ELEMENT_FLOAT, "element type");
_Static_assert(ORT_ENABLE_ALL == ORT_OPTIMIZE_ALL, "optimisation");
_Static_assert(ORT_LOGGING_LEVEL_ERROR == ORT_LOG_ERROR, "log level");
_Static_assert(OrtArenaAllocator == ORT_ARENA_ALLOCATOR, "allocator");
#endif

static struct g20_err err;
static struct g20_ort *ort; /* NULL: it is not installed */

static int set_up(void **state)
{
    const char *path = getenv("G20_TEST_ONNXRUNTIME");

    (void)state;
    if (!path || access(path, R_OK) != 0)
        return 0;
    const int r = g20_ort_open(&ort, path, &err);
    if (r < 0)
        print_error("%s\n", err.msg);
    return r;
}

static int tear_down(void **state)
{
    (void)state;
    g20_ort_close(ort);
    return 0;
}

static void need_library(void)
{
    if (!ort) {
        print_message("skipped: ONNX Runtime is not installed (npm ci in tests/onnxruntime)\n");
        skip();
    }
}

static void refused(const char *how, const char *want)
{
    struct g20_ort *none = NULL;

    assert_int_equal(setenv("FAKE_ORT", how, 1), 0);
    assert_int_equal(g20_ort_open(&none, FAKE_ORT, &err), G20_EUNSUPPORTED);
    assert_null(none);
    if (!strstr(err.msg, want))
        fail_msg("%s: %s", how, err.msg);
}

static void a_library_that_is_not_what_it_says_is_refused(void **state)
{
    struct g20_ort *none = NULL;

    (void)state;
    refused("no base", "of no version");
    refused("old", "ONNX Runtime 1.15.1, want 1.16 or a later 1.x");
    refused("new", "ONNX Runtime 2.0.0");
    refused("odd", "ONNX Runtime 1.x");
    refused("no table", "table of functions");
    refused("empty", "table of functions");
    refused("foreign", "table of functions");
    refused("fails", "ONNX Runtime: nothing works");
    assert_int_equal(g20_ort_open(&none, "libm.so.6", &err), G20_EUNSUPPORTED);
    assert_non_null(strstr(err.msg, "libm.so.6: it has no OrtGetApiBase"));
    assert_int_equal(g20_ort_open(&none, "/nowhere/libonnxruntime.so.1", &err), -ENOENT);
    assert_non_null(strstr(err.msg, "/nowhere/libonnxruntime.so.1"));
    assert_null(none);
}

static void a_library_that_fits_says_what_it_is_and_what_it_offers(void **state)
{
    (void)state;
    need_library();
    assert_int_equal(strncmp(g20_ort_version(ort), "1.", 2), 0);
    assert_true(g20_ort_has(ort, G20_ORT_CPU));
    assert_non_null(strstr(g20_ort_offers(ort), "CPUExecutionProvider"));
}

static void a_provider_that_is_not_there_is_refused_by_name(void **state)
{
    const struct g20_ort_cfg cfg = {.provider = G20_ORT_TENSORRT, .threads = 1, .use_dla = true};
    struct g20_ort_session *s = NULL;

    (void)state;
    need_library();
    /* Offered or not: there is none here, and a session must not begin on another. */
    assert_int_equal(g20_ort_session_create(&s, ort, "", 0, &cfg, "x", &err), G20_EUNSUPPORTED);
    assert_null(s);
    assert_true(strstr(err.msg, "tensorrt") || strstr(err.msg, "TensorRT"));
}

static const struct g20_net_layer layers[] = {
    {.kind = G20_NET_INPUT, .channels = 32},
    {.kind = G20_NET_CONV, .from = 0, .channels = 16, .kh = 3, .kw = 3, .relu = true},
    {.kind = G20_NET_PATCH, .from = 1, .channels = 32, .kh = 2, .kw = 2, .relu = true},
    {.kind = G20_NET_CONV, .from = 2, .channels = 32, .kh = 3, .kw = 3, .relu = true},
    {.kind = G20_NET_ADD, .from = 2, .with = 3},
    {.kind = G20_NET_CONV, .from = 4, .channels = 16, .kh = 1, .kw = 1},
    {.kind = G20_NET_UP, .from = 1, .with = 5},
};

enum { HEIGHT = 8, WIDTH = 12, IN = 32, OUT = 16 };

/* A model of every kind of layer as the bytes of its file, which the caller frees. */
static char *write_model(struct g20_model *m, size_t *ret_len)
{
    char path[64], *data;

    *m = (struct g20_model){.height = HEIGHT, .width = WIDTH};
    assert_int_equal(g20_net_init(&m->net, layers, G20_COUNT_OF(layers), &err), 0);
    assert_int_equal(g20_model_alloc(m, &err), 0);
    g20_net_draw(&m->net, 5, m->params);
    for (size_t i = 0; i < m->net.params; i++) /* what float16 can say */
        m->params[i] = g20_half_to(g20_half_of(m->params[i]));
    snprintf(path, sizeof(path), "/tmp/g20-ort-%d", (int)getpid());
    assert_int_equal(g20_onnx_write(m, path, &err), 0);
    assert_int_equal(g20_file_read(path, 1 << 20, &data, ret_len, &err), 0);
    assert_int_equal(unlink(path), 0);
    return data;
}

/* Channel @c of pixel (@y, @x). */
static float *pixel(const struct g20_image *m, uint32_t c, uint32_t y, uint32_t x)
{
    return g20_image_row(m, c / G20_NN_BLOCK, y) + x * G20_NN_BLOCK + c % G20_NN_BLOCK;
}

static void both_runners_of_a_model_agree(void **state)
{
    const struct g20_ort_cfg cfg = {.provider = G20_ORT_CPU, .threads = 2};
    static float in[IN * HEIGHT * WIDTH];
    struct g20_ort_shape shape;
    struct g20_ort_session *s = NULL;
    struct g20_net_run *run = NULL;
    struct g20_model m;
    const float *out = NULL;
    char text[64];
    size_t len;

    (void)state;
    need_library();
    char *data = write_model(&m, &len);
    assert_int_equal(g20_net_run_create(&run, &m.net, HEIGHT, WIDTH, false, &err), 0);
    for (uint32_t c = 0; c < IN; c++)
        for (uint32_t y = 0; y < HEIGHT; y++)
            for (uint32_t x = 0; x < WIDTH; x++)
                *pixel(g20_net_input(run), c, y, x) = in[(c * HEIGHT + y) * WIDTH + x] =
                    sinf((float)(c * 7 + y * 3 + x));
    g20_net_forward(run, m.params);
    assert_int_equal(g20_ort_session_create(&s, ort, data, len, &cfg, "every.onnx", &err), 0);
    g20_ort_show(g20_ort_input(s), text, sizeof(text));
    assert_string_equal(text, "1x32x8x12");
    for (int again = 0; again < 2; again++) {
        assert_int_equal(g20_ort_run(s, in, g20_ort_input(s), &out, &shape, &err), 0);
        g20_ort_show(&shape, text, sizeof(text));
        assert_string_equal(text, "1x16x8x12");
        for (uint32_t c = 0; c < OUT; c++)
            for (uint32_t y = 0; y < HEIGHT; y++)
                for (uint32_t x = 0; x < WIDTH; x++)
                    assert_float_equal(out[(c * HEIGHT + y) * WIDTH + x],
                                       *pixel(g20_net_output(run), c, y, x), 1e-3);
    }
    g20_ort_session_destroy(s);
    g20_net_run_destroy(run);
    g20_model_fini(&m);
    g20_free(data);
}

static void files_cut_short_and_inputs_of_another_size_are_errors(void **state)
{
    const struct g20_ort_cfg cfg = {.provider = G20_ORT_CPU, .threads = 1};
    const struct g20_ort_shape wrong = {.dims = 4, .dim = {1, IN, HEIGHT, WIDTH - 2}};
    static float in[IN * HEIGHT * WIDTH];
    struct g20_ort_session *s = NULL;
    struct g20_ort_shape shape;
    const float *out = NULL;
    struct g20_model m;
    size_t len;

    (void)state;
    need_library();
    char *data = write_model(&m, &len);
    for (size_t part = 0; part < len; part += 1 + len / 23) {
        assert_true(g20_ort_session_create(&s, ort, data, part, &cfg, "cut.onnx", &err) < 0);
        assert_int_equal(strncmp(err.msg, "cut.onnx", 8), 0);
        assert_null(s);
    }
    assert_int_equal(g20_ort_session_create(&s, ort, data, len, &cfg, "whole.onnx", &err), 0);
    assert_int_equal(g20_ort_run(s, in, &wrong, &out, &shape, &err), -EIO);
    assert_non_null(strstr(err.msg, "whole.onnx: ONNX Runtime: "));
    assert_int_equal(g20_ort_run(s, in, g20_ort_input(s), &out, &shape, &err), 0);
    g20_ort_session_destroy(s);
    g20_model_fini(&m);
    g20_free(data);
}

static void every_failed_allocation_is_an_error_and_leaks_nothing(void **state)
{
    const struct g20_ort_cfg cfg = {.provider = G20_ORT_CPU, .threads = 1};
    const char *path = getenv("G20_TEST_ONNXRUNTIME");
    struct g20_ort *again = NULL;
    struct g20_ort_session *s = NULL;
    struct g20_model m;
    size_t len;
    uint64_t n = 0;
    int r = -ENOMEM;

    (void)state;
    need_library();
    const int64_t before = g20_alloc_live();
    for (; r == -ENOMEM; n++) {
        g20_alloc_fail_at(n);
        r = g20_ort_open(&again, path, &err);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
    }
    assert_int_equal(r, 0);
    assert_true(n > 2);
    g20_ort_close(again);
    assert_int_equal(g20_alloc_live(), before);
    char *data = write_model(&m, &len);
    g20_alloc_fail_at(0);
    assert_int_equal(g20_ort_session_create(&s, ort, data, len, &cfg, "x", &err), -ENOMEM);
    g20_alloc_fail_at(G20_ALLOC_NEVER);
    assert_null(s);
    g20_model_fini(&m);
    g20_free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_library_that_is_not_what_it_says_is_refused),
        cmocka_unit_test(a_library_that_fits_says_what_it_is_and_what_it_offers),
        cmocka_unit_test(a_provider_that_is_not_there_is_refused_by_name),
        cmocka_unit_test(both_runners_of_a_model_agree),
        cmocka_unit_test(files_cut_short_and_inputs_of_another_size_are_errors),
        cmocka_unit_test(every_failed_allocation_is_an_error_and_leaks_nothing),
    };

    return cmocka_run_group_tests_name("ort", tests, set_up, tear_down);
}
