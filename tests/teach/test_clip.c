/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "teach/clip.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "recording_of_test.h"

#define BEGIN UINT64_C(1767225600000000) /* 2026-01-01 */

static struct g20_err err;

static int make(void **state)
{
    if (make_test_dir(state) < 0)
        return -1;
    return write_test_recording("tone", 200000, "[]");
}

static void path_of(char *buf, const char *name)
{
    assert_int_equal(g20_folder_path(buf, &err, "%s/%s", test_dir, name), 0);
}

static void a_stretch_is_read(void **state)
{
    char path[G20_FOLDER_PATH];
    struct g20_clip c;

    (void)state;
    path_of(path, "tone.sigmf-meta");
    assert_int_equal(g20_clip_read(&c, path, 65530, 80000, &err), 0);
    assert_int_equal(c.samples, 80000);
    for (uint64_t i = 0; i < c.samples; i++)
        assert_true(fabsf(c.iq[2 * i] - (float)((65530 + i) % 100) / 128.0f) < 1e-6f);
    assert_int_equal(c.time_us, BEGIN + 65530);
    assert_true(c.rate_hz == 1e6 && c.center_hz == 100e6);
    assert_string_equal(c.recording, "tone");
    g20_clip_fini(&c);
    assert_int_equal(g20_clip_read(&c, path, 199990, 100, &err), 0); /* as much as there is */
    assert_int_equal(c.samples, 10);
    g20_clip_fini(&c);
    assert_int_equal(g20_clip_read(&c, path, 200000, 100, &err), -ENODATA);
    path_of(path, "none.sigmf-meta");
    assert_int_equal(g20_clip_read(&c, path, 0, 100, &err), -ENOENT);
}

static void a_time_and_a_band_find_one(void **state)
{
    struct g20_clip c;

    (void)state;
    assert_int_equal(
        g20_clip_find(&c, test_dir, BEGIN + 100000, 0.01, 100.1e6, 100.2e6, 0.002, &err), 0);
    assert_int_equal(c.sample_start, 98000);
    assert_int_equal(c.samples, 14001);
    g20_clip_fini(&c);
    static const struct {
        uint64_t time_us;
        double f_lo, f_hi;
    } none[] = {{BEGIN - 1, 100e6, 100.1e6},
                {BEGIN + 300000, 100e6, 100.1e6},
                {BEGIN + 1000, 100.4e6, 100.6e6},
                {0, 100e6, 100.1e6}};
    for (size_t i = 0; i < G20_COUNT_OF(none); i++)
        assert_int_equal(
            g20_clip_find(&c, test_dir, none[i].time_us, 0.01, none[i].f_lo, none[i].f_hi, 0, &err),
            -ENODATA);
    assert_int_equal(g20_clip_find(&c, "/nowhere", BEGIN, 0.01, 100e6, 100e6, 0, &err), -ENODATA);
}

static void names_are_clean(void **state)
{
    char name[8];

    (void)state;
    g20_clip_name(name, sizeof(name), "/a/b.c/d.sigmf-meta");
    assert_string_equal(name, "d");
    g20_clip_name(name, sizeof(name), "x\nyz.iq");
    assert_string_equal(name, "x_yz");
    g20_clip_name(name, sizeof(name), ".abcdefghijk");
    assert_string_equal(name, ".abcdef");
}

static void it_says_when_memory_is_out(void **state)
{
    char path[G20_FOLDER_PATH];
    const int64_t before = g20_alloc_live();
    struct g20_clip c;
    int r = -ENOMEM;

    (void)state;
    path_of(path, "tone.sigmf-meta");
    for (uint64_t n = 0; r < 0; n++) {
        g20_alloc_fail_at(n);
        r = g20_clip_read(&c, path, 10, 100, &err);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        assert_true(r == 0 || g20_alloc_live() == before);
    }
    g20_clip_fini(&c);
    assert_int_equal(g20_alloc_live(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stretch_is_read),
        cmocka_unit_test(a_time_and_a_band_find_one),
        cmocka_unit_test(names_are_clean),
        cmocka_unit_test(it_says_when_memory_is_out),
    };

    return cmocka_run_group_tests(tests, make, remove_test_dir);
}
