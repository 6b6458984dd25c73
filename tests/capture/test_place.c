/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "capture/place.h"
#include "folder.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>

static char folder[256];

static int find(const char *path, char *buf, struct g20_err *e)
{
    *e = (struct g20_err){0};
    return g20_place_find(folder, path, buf, PATH_MAX, e);
}

static void paths_that_lead_out_are_refused(void **state)
{
    static char longer[1200];
    static const char *const bad[] = {"",        "/etc/x", "../x", "a/../../x", "a//x",   "a/",
                                      ".hidden", "a/.b/x", "a\nb", "\xff\xfe",  "link/x", longer};
    char buf[PATH_MAX] = "untouched", link[400];
    struct g20_err e;

    (void)state;
    memset(longer, 'a', sizeof(longer) - 1);
    snprintf(link, sizeof(link), "%s/link", folder);
    assert_int_equal(symlink("/tmp", link), 0);
    for (size_t i = 0; i < G20_COUNT_OF(bad); i++) {
        if (find(bad[i], buf, &e) != -EINVAL || !strstr(e.msg, "output_path"))
            fail_msg("\"%s\": %s", bad[i], e.msg);
    }
}

static void names_lose_their_ending_and_folders_are_made(void **state)
{
    static const char *const good[] = {"a/b/one", "a/b/one.sigmf-data", "a/b/one.sigmf-meta",
                                       "a/b/one.sigmf"};
    char buf[PATH_MAX], want[400];
    struct g20_err e;
    struct stat st;

    (void)state;
    snprintf(want, sizeof(want), "%s/a/b/one", folder);
    for (size_t i = 0; i < G20_COUNT_OF(good); i++) {
        assert_int_equal(find(good[i], buf, &e), 0);
        assert_string_equal(buf, want);
    }
    snprintf(want, sizeof(want), "%s/a/b", folder);
    assert_true(stat(want, &st) == 0 && S_ISDIR(st.st_mode));
    assert_int_equal(find("a/b", buf, &e), 0); /* a recording may be called as a folder is */
}

static void a_name_tells_the_time(void **state)
{
    char buf[64];

    (void)state;
    g20_place_name("box-", 1700000000123456, 433.92e6, 2, buf, sizeof(buf));
    assert_string_equal(buf, "box-20231114T221320.123-433920000Hz-2");
    g20_place_name("", 1700000000000000, 0, 0, buf, sizeof(buf));
    assert_string_equal(buf, "20231114T221320.000");
}

static void what_is_there_is_not_written_over(void **state)
{
    static const char *const names[] = {"x.sigmf-data", "x.sigmf-meta", ".x.part", ".x.open"};
    char buf[PATH_MAX], path[400];
    struct g20_err e;

    (void)state;
    for (size_t i = 0; i < G20_COUNT_OF(names); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        FILE *f = fopen(path, "we");
        assert_non_null(f);
        fclose(f);
        assert_int_equal(find("x", buf, &e), -EEXIST);
        assert_non_null(strstr(e.msg, *names[i] == '.' ? "another capture writes x" : names[i]));
        unlink(path);
    }
    assert_int_equal(find("x", buf, &e), 0);
}

static void missing_folders_are_made_or_told_of(void **state)
{
    char path[400];
    struct g20_err e = {0};
    struct stat st;

    (void)state;
    snprintf(path, sizeof(path), "%s/p/q/r", folder);
    assert_int_equal(g20_place_make(path, &e), 0);
    assert_true(stat(path, &st) == 0 && S_ISDIR(st.st_mode));
    assert_int_equal(g20_place_make(path, &e), 0);
    assert_true(g20_place_make("/dev/null/x", &e) < 0);
    assert_non_null(strstr(e.msg, "/dev/null"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_that_lead_out_are_refused),
        cmocka_unit_test(names_lose_their_ending_and_folders_are_made),
        cmocka_unit_test(a_name_tells_the_time),
        cmocka_unit_test(what_is_there_is_not_written_over),
        cmocka_unit_test(missing_folders_are_made_or_told_of),
    };
    make_folder(folder, sizeof(folder));
    const int r = cmocka_run_group_tests_name("place", tests, NULL, NULL);
    remove_folder(folder);
    return r;
}
