/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/static.h"

#include "base/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/g20-test-static-XXXXXX";
static struct g20_err err;

static void place(char path[256], const char *name)
{
    assert_true(snprintf(path, 256, "%s/%s", dir, name) < 256);
}

static void put(const char *name, const char *text)
{
    char path[256];

    place(path, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void folder(const char *name)
{
    char path[256];

    place(path, name);
    assert_int_equal(mkdir(path, 0700), 0);
}

static int begin(void **state)
{
    (void)state;
    memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
    return mkdtemp(dir) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

static int end(void **state)
{
    (void)state;
    return nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void files_are_found_by_their_names(void **state)
{
    struct g20_static *s = NULL;
    char path[256];

    (void)state;
    folder("assets");
    put("index.html", "<p>");
    put("index.html.gz", "packed");
    put("assets/a-1.js", "1;");
    put("assets/odd", "");
    put(".hidden", "no");
    place(path, "link.html");
    assert_int_equal(symlink("/etc/hostname", path), 0);
    place(path, "pipe.html");
    assert_int_equal(mkfifo(path, 0600), 0); /* would hold up who opens it to read */
    assert_int_equal(g20_static_load(&s, dir, &err), 0);

    const struct g20_static_file *f = g20_static_find(s, "/");
    assert_non_null(f);
    assert_ptr_equal(f, g20_static_find(s, "/index.html"));
    assert_int_equal(f->len, 3);
    assert_memory_equal(f->data, "<p>", 3);
    assert_int_equal(f->gz_len, 6);
    assert_memory_equal(f->gz, "packed", 6);
    assert_string_equal(f->type, "text/html; charset=utf-8");
    assert_false(f->immutable);

    const struct g20_static_file *js = g20_static_find(s, "/assets/a-1.js");
    assert_non_null(js);
    assert_true(js->immutable);
    assert_null(js->gz);
    assert_string_equal(js->type, "text/javascript; charset=utf-8");
    assert_int_equal(strlen(js->etag), 18);
    assert_string_not_equal(js->etag, f->etag);
    const struct g20_static_file *odd = g20_static_find(s, "/assets/odd");
    assert_non_null(odd);
    assert_int_equal(odd->len, 0);
    assert_string_equal(odd->type, "application/octet-stream");

    static const char *const none[] = {
        "/.hidden", "/link.html", "/pipe.html", "/assets",    "/assets/",
        "",         "//",         "/none",      "/../etc",    "index.html",
        "/%2e",     "/a-1.js",    "/assets/..", "/index.htm", "/assets/../index.html"};
    for (size_t i = 0; i < G20_COUNT_OF(none); i++)
        assert_null(g20_static_find(s, none[i]));
    g20_static_destroy(s);
    assert_null(g20_static_find(NULL, "/"));
    g20_static_destroy(NULL);
}

static void the_tag_follows_the_content(void **state)
{
    struct g20_static *s = NULL;
    char was[20];

    (void)state;
    put("index.html", "one");
    assert_int_equal(g20_static_load(&s, dir, &err), 0);
    memcpy(was, g20_static_find(s, "/")->etag, sizeof(was));
    g20_static_destroy(s);
    assert_int_equal(g20_static_load(&s, dir, &err), 0);
    assert_string_equal(g20_static_find(s, "/")->etag, was);
    g20_static_destroy(s);
    put("index.html", "two");
    assert_int_equal(g20_static_load(&s, dir, &err), 0);
    assert_string_not_equal(g20_static_find(s, "/")->etag, was);
    g20_static_destroy(s);
}

static void folders_that_do_not_serve_are_refused(void **state)
{
    struct g20_static *s = NULL;
    char path[256];

    (void)state;
    assert_int_equal(g20_static_load(&s, dir, &err), -ENOENT);
    assert_non_null(strstr(err.msg, "index.html"));
    assert_int_equal(g20_static_load(&s, "/tmp/g20-none", &err), -ENOENT);
    put("index.html", "x");
    place(path, "big");
    const int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600); /* sparse: no disk is filled */
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, G20_STATIC_MAX_BYTES), 0);
    close(fd);
    assert_int_equal(g20_static_load(&s, dir, &err), -EFBIG);
    assert_int_equal(unlink(path), 0);

    char deep[2 * G20_STATIC_MAX_DEPTH + 4] = "a";
    for (size_t i = 0; i <= G20_STATIC_MAX_DEPTH; i++) {
        folder(deep);
        memcpy(deep + 2 * i + 1, "/a", 3);
    }
    assert_int_equal(g20_static_load(&s, dir, &err), -EFBIG);
    assert_null(s);
}

static void too_many_files_are_refused(void **state)
{
    struct g20_static *s = NULL;
    char name[32];

    (void)state;
    put("index.html", "x");
    for (int i = 0; i < G20_STATIC_MAX_FILES - 1; i++) {
        snprintf(name, sizeof(name), "%d.txt", i);
        put(name, "");
    }
    assert_int_equal(g20_static_load(&s, dir, &err), 0);
    assert_non_null(g20_static_find(s, "/0.txt"));
    assert_non_null(g20_static_find(s, "/510.txt"));
    g20_static_destroy(s);
    s = NULL;
    put("more.txt", "");
    assert_int_equal(g20_static_load(&s, dir, &err), -EFBIG);
    assert_null(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_are_found_by_their_names, begin, end),
        cmocka_unit_test_setup_teardown(the_tag_follows_the_content, begin, end),
        cmocka_unit_test_setup_teardown(folders_that_do_not_serve_are_refused, begin, end),
        cmocka_unit_test_setup_teardown(too_many_files_are_refused, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
