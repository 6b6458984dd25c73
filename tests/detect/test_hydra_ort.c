/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The shipped network by this program's code and by ONNX Runtime, where that is installed. */
#include "detect/hydra_ort.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/rng.h"
#include "detect/hydra.h"
#include "detect/hydra_model.h"
#include "detect/network.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct g20_err err;

static const char *library(void)
{
    const char *path = getenv("G20_TEST_ONNXRUNTIME");

    return path && access(path, R_OK) == 0 ? path : NULL;
}

static void draw(uint8_t *image)
{
    struct g20_rng rng;

    g20_rng_init(&rng, 1);
    for (size_t i = 0; i < G20_IMAGE_BYTES; i++) {
        const size_t bin = i / 2 % G20_TILE_BINS;
        image[i] = (uint8_t)(20 + g20_rng_below(&rng, 16) + (bin > 800 && bin < 960 ? 60 : 0));
    }
}

static void both_runners_of_the_shipped_network_agree(void **state)
{
    const struct g20_provider p = {.library = library()};
    struct g20_net_run *run = NULL;
    struct g20_hydra_ort *h = NULL;
    struct g20_model m;
    double most = 0.0;
    char *data;
    size_t len;

    (void)state;
    if (!p.library) {
        print_message("skipped: ONNX Runtime is not installed (npm ci in tests/onnxruntime)\n");
        skip();
    }
    uint8_t *image = g20_calloc_aligned(G20_IMAGE_BYTES, 1);
    draw(image);
    assert_int_equal(g20_hydra_load(&m, HYDRA, &err), 0);
    assert_int_equal(g20_net_run_create(&run, &m.net, m.height, m.width, false, &err), 0);
    g20_hydra_input(image, 0, 0, g20_net_input(run));
    g20_net_forward(run, m.params);
    assert_int_equal(g20_file_read(HYDRA, 1 << 24, &data, &len, &err), 0);
    assert_int_equal(g20_hydra_ort_create(&h, &m, data, len, HYDRA, &p, 2, &err), 0);
    g20_free(data);
    const struct g20_image *own = g20_net_output(run), *out = g20_hydra_ort_forward(h, image, &err);
    assert_non_null(out);
    for (uint32_t y = 0; y < G20_TILE_ROWS; y++)
        for (uint32_t x = 0; x < G20_TILE_BINS / G20_HYDRA_CELL_BINS; x++)
            for (uint32_t k = 0; k < G20_HYDRA_OUTPUTS; k++)
                most = fmax(most, fabs((double)*g20_hydra_value(own, y, x, k) -
                                       (double)*g20_hydra_value(out, y, x, k)));
    assert_true(most < 1e-2);
    g20_hydra_ort_destroy(h);
    g20_net_run_destroy(run);
    g20_model_fini(&m);
    g20_free(image);
}

static void a_provider_without_its_library_is_an_error(void **state)
{
    const struct g20_provider gpu = {.on = G20_ORT_CUDA, .library = "/nowhere/onnxruntime.so"};
    const struct g20_provider cpu = {.own_too = true, .library = "/nowhere/onnxruntime.so"};
    const struct g20_provider *each[] = {&gpu, &cpu};
    struct g20_network *n = NULL;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct g20_network_cfg cfg = {
            .path = HYDRA, .threads = 1, .nms_threshold = 0.3f, .provider = each[i]};
        assert_true(g20_network_needs_ort(HYDRA, each[i]));
        assert_int_equal(g20_network_load(&n, &cfg, &err), -ENOENT);
        assert_non_null(strstr(err.msg, "/nowhere/onnxruntime.so"));
        assert_null(n);
    }
    assert_false(g20_network_needs_ort(HYDRA, NULL));
    assert_false(g20_network_needs_ort("/nowhere/model.onnx", NULL));
}

static void every_failed_allocation_is_an_error_and_leaks_nothing(void **state)
{
    const struct g20_provider p = {.own_too = true, .library = library()};
    const struct g20_network_cfg cfg = {
        .path = HYDRA, .threads = 1, .nms_threshold = 0.3f, .provider = p.library ? &p : NULL};
    const int64_t before = g20_alloc_live();
    struct g20_network *n = NULL;
    uint64_t at = 0;
    int r = -ENOMEM;

    (void)state;
    for (; r == -ENOMEM; at++) {
        g20_alloc_fail_at(at);
        r = g20_network_load(&n, &cfg, &err);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
    }
    assert_int_equal(r, 0);
    assert_true(at > 5);
    g20_network_destroy(n);
    assert_int_equal(g20_alloc_live(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_runners_of_the_shipped_network_agree),
        cmocka_unit_test(a_provider_without_its_library_is_an_error),
        cmocka_unit_test(every_failed_allocation_is_an_error_and_leaks_nothing),
    };

    return cmocka_run_group_tests_name("hydra_ort", tests, NULL, NULL);
}
