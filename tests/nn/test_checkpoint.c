/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "nn/checkpoint.h"

#include "base/alloc.h"
#include "base/file.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { N = 32 };
static float weights[N], moments[2 * N];
static char path[64];
static struct g20_err err;

static struct g20_checkpoint make(void)
{
    for (int i = 0; i < N; i++) {
        weights[i] = (float)i;
        moments[i] = (float)-i;
        moments[N + i] = 0.5f;
    }
    return (struct g20_checkpoint){7, 99, N, weights, moments, 1.5, 4};
}

static int set_up(void **state)
{
    (void)state;
    snprintf(path, sizeof(path), "/tmp/g20-checkpoint-%d", (int)getpid());
    const struct g20_checkpoint c = make();
    return g20_checkpoint_write(&c, path, &err);
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path);
}

static void what_was_written_is_read(void **state)
{
    float w[N], m[2 * N];
    struct g20_checkpoint c = {.settings = 7, .params = N, .weights = w, .moments = m};
    uint64_t params = 0;

    (void)state;
    assert_int_equal(g20_checkpoint_read(&c, path, &err), 0);
    assert_int_equal(c.step, 99);
    assert_true(c.best > 1.49 && c.best < 1.51);
    assert_int_equal(c.worse, 4);
    assert_memory_equal(w, weights, sizeof(w));
    assert_memory_equal(m, moments, sizeof(m));
    assert_int_equal(g20_checkpoint_params(path, &params, &err), 0);
    assert_int_equal(params, N);
}

static void another_training_or_network_is_refused(void **state)
{
    float w[N + 1] = {0}, m[2 * N + 2];
    struct g20_checkpoint c = {.settings = 8, .params = N, .weights = w, .moments = m};

    (void)state;
    assert_int_equal(g20_checkpoint_read(&c, path, &err), -EBADMSG);
    assert_non_null(strstr(err.msg, "settings"));
    c.settings = 0; /* any */
    assert_int_equal(g20_checkpoint_read(&c, path, &err), 0);
    c.params = N + 1;
    assert_int_equal(g20_checkpoint_read(&c, path, &err), -EBADMSG);
    assert_non_null(strstr(err.msg, "32 parameters"));
    assert_int_equal(g20_checkpoint_read(&c, "/nowhere/x", &err), -ENOENT);
}

static void every_truncation_and_changed_byte_is_refused(void **state)
{
    char *data, other[80];
    size_t len;
    float w[N], m[2 * N];
    struct g20_checkpoint c = {.params = N, .weights = w, .moments = m};

    (void)state;
    snprintf(other, sizeof(other), "%s.x", path);
    assert_int_equal(g20_file_read(path, 1 << 20, &data, &len, &err), 0);
    for (size_t i = 0; i < len; i += 5) {
        assert_int_equal(g20_file_write(other, data, i, &err), 0);
        assert_int_equal(g20_checkpoint_read(&c, other, &err), -EBADMSG);
        data[i] ^= 0x40;
        assert_int_equal(g20_file_write(other, data, len, &err), 0);
        assert_int_equal(g20_checkpoint_read(&c, other, &err), -EBADMSG);
        data[i] ^= 0x40;
    }
    assert_int_equal(g20_file_write(other, "G20TRAIX", 8, &err), 0);
    uint64_t params;
    assert_int_equal(g20_checkpoint_params(other, &params, &err), -EBADMSG);
    unlink(other);
    g20_free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(another_training_or_network_is_refused),
        cmocka_unit_test(every_truncation_and_changed_byte_is_refused),
    };

    return cmocka_run_group_tests_name("checkpoint", tests, set_up, tear_down);
}
