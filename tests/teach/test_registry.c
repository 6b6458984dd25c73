/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "teach/registry.h"

#include "base/alloc.h"
#include "detect/heads.h"
#include "nn/onnx.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "folder_of_test.h"

static struct g20_err err;

/* A signal's folder must be there before it has versions. */
static void make_signal(const char *name)
{
    char path[G20_FOLDER_PATH];

    assert_int_equal(g20_folder_path(path, &err, "%s/signals/%s", test_dir, name), 0);
    assert_int_equal(g20_folder_make(path, &err), 0);
}

static void write_head(const char *work, const char *name)
{
    char path[G20_FOLDER_PATH];
    struct g20_model m = {.params = NULL};

    assert_int_equal(g20_head_net(&m.net, &err), 0);
    assert_int_equal(g20_model_alloc(&m, &err), 0);
    assert_int_equal(g20_head_describe(&m, name, 1, 0.5, &err), 0);
    assert_int_equal(g20_folder_path(path, &err, "%s/head.onnx", work), 0);
    assert_int_equal(g20_onnx_write(&m, path, &err), 0);
    g20_model_fini(&m);
}

/* A version of @name with this F1; was it promoted? */
static bool add(const char *name, double f1, int kept, uint32_t *version)
{
    char work[G20_FOLDER_PATH];
    json_t *info =
        json_pack("{s:f, s:i, s:i, s:s}", "f1", f1, "asked", 100, "kept", kept, "job_id", "j1");

    assert_int_equal(g20_version_begin(test_dir, name, work, &err), 0);
    write_head(work, name);
    if (g20_version_commit(test_dir, name, work, info, &err) < 0)
        fail_msg("%s", err.msg);
    const bool promoted = json_is_true(json_object_get(info, "promoted"));
    if (version)
        *version = (uint32_t)json_integer_value(json_object_get(info, "version"));
    json_decref(info);
    return promoted;
}

static uint32_t active(const char *name)
{
    uint32_t n = 99;

    assert_int_equal(g20_version_active(test_dir, name, &n, &err), 0);
    return n;
}

static void better_ones_are_promoted(void **state)
{
    uint32_t v, back;

    (void)state;
    make_signal("a");
    assert_int_equal(active("a"), 0);
    assert_false(add("a", 0.99, 94, &v)); /* the invariance check */
    assert_int_equal(v, 1);
    assert_int_equal(active("a"), 0);
    assert_true(add("a", 0.80, 95, &v));
    assert_false(add("a", 0.81, 100, &v));
    assert_int_equal(active("a"), 2);
    assert_true(add("a", 0.96, 100, &v));
    assert_false(add("a", 0.955, 100, &v));
    assert_true(add("a", 0.96, 100, &v)); /* no worse is enough up there */
    assert_int_equal(v, 6);
    assert_int_equal(active("a"), 6);
    assert_int_equal(g20_version_rollback(test_dir, "a", &back, &err), 0);
    assert_int_equal(back, 4);
    assert_int_equal(g20_version_rollback(test_dir, "a", &back, &err), 0);
    assert_int_equal(back, 2);
    assert_int_equal(g20_version_rollback(test_dir, "a", &back, &err), -ENOENT);
    assert_int_equal(active("a"), 2);
    assert_int_equal(g20_version_promote(test_dir, "a", 5, &err), 0);
    assert_int_equal(active("a"), 5);
    assert_int_equal(g20_version_promote(test_dir, "a", 77, &err), -ENOENT);
    assert_int_equal(g20_version_promote(test_dir, "../a", 1, &err), -EINVAL);
}

static void five_are_kept_and_the_active_one(void **state)
{
    json_t *list, *o;
    char path[G20_FOLDER_PATH];
    uint32_t v = 0;

    (void)state;
    make_signal("b");
    assert_true(add("b", 0.9, 100, &v));
    for (int i = 0; i < 7; i++)
        assert_false(add("b", 0.5, 100, &v));
    assert_int_equal(v, 8);
    assert_int_equal(g20_versions_list(test_dir, "b", &list, &err), 0);
    assert_int_equal(json_array_size(list), 5);
    o = json_array_get(list, 0);
    assert_int_equal(json_integer_value(json_object_get(o, "version")), 1);
    assert_true(json_is_true(json_object_get(o, "active")));
    o = json_array_get(list, 4);
    assert_int_equal(json_integer_value(json_object_get(o, "version")), 8);
    assert_true(json_is_false(json_object_get(o, "active")));
    json_decref(list);
    assert_int_equal(g20_version_path(test_dir, "b", 8, path, &err), 0);
    struct g20_model m = {.params = NULL};
    assert_int_equal(g20_onnx_read(&m, path, &err), 0);
    assert_string_equal(g20_model_prop(&m, "g20.version"), "8");
    g20_model_fini(&m);
    assert_int_equal(g20_version_of_job(test_dir, "b", "j1", &v, &err), 0);
    assert_int_equal(v, 8);
    assert_int_equal(g20_version_of_job(test_dir, "b", "j2", &v, &err), 0);
    assert_int_equal(v, 0);
}

/* What a kill leaves: a half-made version, a damaged or missing active.json. */
static void a_kill_leaves_a_version_that_works(void **state)
{
    char work[G20_FOLDER_PATH], path[G20_FOLDER_PATH];
    uint32_t v, back = 0;

    (void)state;
    make_signal("c");
    assert_true(add("c", 0.9, 100, &v));
    assert_int_equal(g20_version_begin(test_dir, "c", work, &err), 0);
    write_head(work, "c"); /* and here it is killed */
    assert_int_equal(active("c"), 1);
    assert_int_equal(g20_folder_path(path, &err, "%s/signals/c/versions/.old-0009", test_dir), 0);
    assert_int_equal(g20_folder_make(path, &err), 0);
    assert_true(add("c", 0.95, 100, &v)); /* the next one takes the rest away */
    assert_int_equal(v, 2);
    assert_false(g20_folder_has(path));
    assert_false(g20_folder_has(work));
    assert_int_equal(g20_version_begin(test_dir, "none", work, &err), -ENOENT);
    /* active.json never is half written, but disks fail. */
    assert_int_equal(g20_folder_path(path, &err, "%s/signals/c/active.json", test_dir), 0);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs("{\"hist", f);
    fclose(f);
    assert_int_equal(active("c"), 0);
    assert_int_equal(g20_version_rollback(test_dir, "c", &back, &err), -ENOENT);
    assert_int_equal(g20_version_promote(test_dir, "c", 2, &err), 0);
    assert_int_equal(active("c"), 2);
}

static void the_rule_has_words(void **state)
{
    json_t *o = json_pack("{s:f, s:i, s:i}", "f1", 1.0, "asked", 0, "kept", 0);
    const char *why = NULL;

    (void)state;
    assert_false(g20_version_better(o, NULL, &why));
    assert_non_null(strstr(why, "does not name"));
    json_object_set_new(o, "asked", json_integer(20));
    json_object_set_new(o, "kept", json_integer(19));
    assert_true(g20_version_better(o, NULL, &why));
    json_object_set_new(o, "kept", json_integer(18));
    assert_false(g20_version_better(o, NULL, &why));
    assert_non_null(strstr(why, "invariance"));
    json_decref(o);
    o = json_pack("{s:f, s:i, s:i, s:i, s:i}", "f1", 0.4, "asked", 20, "kept", 20, "held_meant", 20,
                  "held_lost", 10);
    assert_false(g20_version_better(o, NULL, &why));
    assert_string_equal(why, "F1 is under one half");
    json_object_set_new(o, "held_lost", json_integer(11));
    assert_false(g20_version_better(o, NULL, &why));
    assert_non_null(strstr(why, "the detector itself does not find"));
    json_decref(o);
}

/* What an F1 was measured on counts beside it. */
static void a_score_of_few_recordings_is_trusted_less(void **state)
{
    static const struct {
        double f1;
        const char *basis;
        double before; /* < 0: there is none */
        const char *active;
        bool better;
    } cases[] = {
        {0.9, "time", -1, "", true},
        {0.45, "time", -1, "", false},
        {0.9, "none", -1, "", false},
        {0.99, "time", 0.7, "recordings", false},
        {0.99, "two_recordings", 0.7, "recordings", false},
        {0.9, "recordings", 0.97, "time", true},
        {0.8, "recordings", 0.97, "two_recordings", false},
        {0.72, "recordings", 0.7, "recordings", true},
        {0.9, "time", 0.91, "time", false},
    };

    (void)state;
    for (size_t i = 0; i < G20_COUNT_OF(cases); i++) {
        json_t *o = json_pack("{s:f, s:s, s:i, s:i}", "f1", cases[i].f1, "f1_basis", cases[i].basis,
                              "asked", 20, "kept", 20);
        json_t *a = cases[i].before < 0.0 ? NULL
                                          : json_pack("{s:f, s:s}", "f1", cases[i].before,
                                                      "f1_basis", cases[i].active);
        const char *why = NULL;
        assert_int_equal(g20_version_better(o, a, &why), cases[i].better);
        assert_non_null(why);
        json_decref(o);
        json_decref(a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(better_ones_are_promoted),
        cmocka_unit_test(five_are_kept_and_the_active_one),
        cmocka_unit_test(a_kill_leaves_a_version_that_works),
        cmocka_unit_test(the_rule_has_words),
        cmocka_unit_test(a_score_of_few_recordings_is_trusted_less),
    };

    return cmocka_run_group_tests(tests, make_test_dir, remove_test_dir);
}
