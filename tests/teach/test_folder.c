/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/alloc.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "folder_of_test.h"

static struct g20_err err;

static void names_are_checked(void **state)
{
    static const char *const bad[] = {"",
                                      ".",
                                      "..",
                                      ".x",
                                      "a/b",
                                      " a",
                                      "a ",
                                      "a\nb",
                                      "a\x1b[1m",
                                      "\xff",
                                      "123456789012345678901234567890ab",
                                      "\xc2\x85"};

    (void)state;
    for (size_t i = 0; i < G20_COUNT_OF(bad); i++)
        assert_int_equal(g20_signal_check(bad[i], &err), -EINVAL);
    assert_int_equal(g20_signal_check("Türöffner 2", &err), 0);
    assert_int_equal(g20_signal_check("1234567890123456789012345678901", &err), 0);
}

static void folders_are_made_listed_moved_and_removed(void **state)
{
    struct g20_names n = {.item = NULL};
    char path[G20_FOLDER_PATH], to[G20_FOLDER_PATH];
    json_t *o = NULL;

    (void)state;
    assert_int_equal(g20_folder_path(path, &err, "%s/a/b/c", test_dir), 0);
    assert_int_equal(g20_folder_make(path, &err), 0);
    assert_int_equal(g20_folder_make(path, &err), 0);
    for (int i = 0; i < 40; i++) { /* grows, and comes sorted */
        assert_int_equal(g20_folder_path(to, &err, "%s/%02d.json", path, 39 - i), 0);
        o = json_pack("{s:i}", "n", i);
        assert_int_equal(g20_json_write(to, o, &err), 0);
        json_decref(o);
    }
    assert_int_equal(g20_folder_list(&n, path, ".json", false, &err), 0);
    assert_int_equal(n.count, 40);
    assert_string_equal(n.item[0], "00");
    assert_string_equal(n.item[39], "39");
    g20_names_free(&n);
    assert_int_equal(g20_json_load(&o, to, &err), 0);
    assert_int_equal(json_integer_value(json_object_get(o, "n")), 39);
    json_decref(o);
    assert_int_equal(g20_folder_list(&n, "/does/not/exist", "", false, &err), 0);
    assert_int_equal(n.count, 0);
    assert_int_equal(g20_folder_list(&n, to, "", false, &err), -ENOTDIR);
    g20_names_free(&n);
    assert_int_equal(g20_folder_path(to, &err, "%s/a/d", test_dir), 0);
    assert_int_equal(g20_folder_move(path, to, &err), 0);
    assert_false(g20_folder_has(path));
    assert_int_equal(g20_folder_move(path, to, &err), -ENOENT);
    assert_int_equal(g20_folder_path(path, &err, "%s/a", test_dir), 0);
    assert_int_equal(g20_folder_remove(path, &err), 0);
    assert_int_equal(g20_folder_remove(path, &err), 0);
    assert_false(g20_folder_has(path));
}

static void faults_have_names(void **state)
{
    char path[G20_FOLDER_PATH], big[G20_FOLDER_PATH + 8];
    json_t *o = NULL;
    FILE *f;

    (void)state;
    memset(big, 'x', sizeof(big));
    big[sizeof(big) - 1] = '\0';
    assert_int_equal(g20_folder_path(path, &err, "%s", big), -ENAMETOOLONG);
    assert_int_equal(g20_folder_path(path, &err, "%s/file", test_dir), 0);
    assert_int_equal(g20_json_load(&o, path, &err), -ENOENT);
    assert_non_null(f = fopen(path, "w"));
    fputs("[1]", f);
    fclose(f);
    assert_int_equal(g20_json_load(&o, path, &err), G20_EFORMAT);
    assert_non_null(f = fopen(path, "w"));
    fputs("{\"a\":", f);
    fclose(f);
    assert_int_equal(g20_json_load(&o, path, &err), G20_EFORMAT);
    assert_non_null(strstr(err.msg, "/file"));
    assert_int_equal(g20_json_write(path, NULL, &err), -ENOMEM);
    assert_int_equal(g20_folder_make(path, &err), 0); /* it is there, if only as a file */
    assert_int_equal(g20_folder_lock(path, &err), -ENOTDIR);
    assert_int_equal(g20_folder_sync("/does/not/exist", &err), -ENOENT);
    g20_folder_unlock(-1);
}

static void out_of_memory_is_said(void **state)
{
    const int64_t before = g20_alloc_live();
    struct g20_names n = {.item = NULL};

    (void)state;
    for (uint64_t nth = 0; nth < 2; nth++) {
        g20_alloc_fail_at(nth);
        assert_int_equal(g20_names_add(&n, "x"), -ENOMEM);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        g20_names_free(&n);
        assert_int_equal(g20_alloc_live(), before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_checked),
        cmocka_unit_test(folders_are_made_listed_moved_and_removed),
        cmocka_unit_test(faults_have_names),
        cmocka_unit_test(out_of_memory_is_said),
    };

    return cmocka_run_group_tests(tests, make_test_dir, remove_test_dir);
}
