/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/alloc.h"
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/g20-file-XXXXXX";

static const char *in_dir(const char *name)
{
    static char path[256];

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return path;
}

static int entries(void)
{
    DIR *d = opendir(dir);
    int n = 0;

    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));)
        n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(d);
    return n;
}

static void expect(const char *path, const char *want)
{
    char *text = NULL;
    size_t len = 0;

    assert_int_equal(g20_file_read(path, 100, &text, &len, NULL), 0);
    assert_int_equal(len, strlen(want));
    assert_string_equal(text, want); /* NUL-terminated */
    g20_free(text);
}

static void what_was_written_is_read(void **state)
{
    (void)state;
    struct stat st;

    assert_non_null(mkdtemp(dir));
    umask(022);
    assert_int_equal(g20_file_write(in_dir("a"), "first", 5, NULL), 0);
    expect(in_dir("a"), "first");
    assert_int_equal(g20_file_write(in_dir("a"), "", 0, NULL), 0);
    expect(in_dir("a"), "");
    assert_int_equal(stat(in_dir("a"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0644);
    assert_int_equal(entries(), 1); /* nothing beside it */
}

static void a_write_that_fails_leaves_the_old_file_and_nothing_else(void **state)
{
    (void)state;
    static char big[65536];
    struct rlimit old, small;
    struct g20_err e = {0};

    assert_int_equal(g20_file_write(in_dir("a"), "old", 3, NULL), 0);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = old;
    small.rlim_cur = 1000; /* as a full disk: part of it goes in, the rest does not */
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    const int r = g20_file_write(in_dir("a"), big, sizeof(big), &e);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(r, -EFBIG);
    assert_non_null(strstr(e.msg, in_dir("a")));
    expect(in_dir("a"), "old");
    assert_int_equal(entries(), 1);

    assert_int_equal(g20_file_write(in_dir("no/folder"), "x", 1, &e), -ENOENT);
    assert_non_null(strstr(e.msg, "no/folder"));
    assert_int_equal(mkdir(in_dir("sub"), 0755), 0);
    assert_true(g20_file_write(in_dir("sub"), "x", 1, &e) < 0); /* a folder stands there */
    assert_int_equal(entries(), 2);
}

static void a_pipe_and_a_link_stay_what_they_are(void **state)
{
    (void)state;
    struct stat st;
    char got[8] = {0};

    assert_int_equal(mkfifo(in_dir("pipe"), 0600), 0);
    const int fd = open(in_dir("pipe"), O_RDWR | O_NONBLOCK);
    assert_true(fd >= 0);
    assert_int_equal(g20_file_can_write(in_dir("pipe"), NULL), 0);
    assert_int_equal(g20_file_write(in_dir("pipe"), "hello", 5, NULL), 0);
    assert_int_equal(read(fd, got, sizeof(got)), 5);
    assert_string_equal(got, "hello");
    assert_true(stat(in_dir("pipe"), &st) == 0 && S_ISFIFO(st.st_mode));
    close(fd);
    unlink(in_dir("pipe"));

    assert_int_equal(g20_file_write(in_dir("a"), "old", 3, NULL), 0);
    assert_int_equal(symlink("a", in_dir("link")), 0);
    assert_int_equal(g20_file_write(in_dir("link"), "new", 3, NULL), 0);
    expect(in_dir("a"), "new");
    assert_true(lstat(in_dir("link"), &st) == 0 && S_ISLNK(st.st_mode));
    unlink(in_dir("link"));
}

static void what_cannot_be_written_is_told_before(void **state)
{
    (void)state;
    struct g20_err e = {0};

    assert_int_equal(g20_file_can_write(in_dir("new"), &e), 0);
    assert_int_equal(g20_file_can_write(in_dir("a"), &e), 0);
    assert_int_equal(g20_file_can_write("new", &e), 0); /* here */
    assert_int_equal(g20_file_can_write(in_dir("no/folder"), &e), -ENOENT);
    assert_non_null(strstr(e.msg, "no/folder"));
    assert_int_equal(g20_file_can_write(in_dir("sub"), &e), -EISDIR);
    assert_int_equal(g20_file_can_write(in_dir("a/x"), &e), -ENOTDIR);
    assert_int_equal(entries(), 2); /* asking leaves nothing */
}

static void room_is_that_of_the_folders_disk(void **state)
{
    (void)state;
    struct g20_err e;
    uint64_t room = 0, here = 0;

    assert_int_equal(g20_file_room(in_dir("not-there-yet"), &room, &e), 0);
    assert_true(room > 0);
    assert_int_equal(g20_file_room("here", &here, &e), 0);
    assert_true(here > 0);
    assert_int_equal(g20_file_room(in_dir("no/such"), &room, &e), -ENOENT);
    assert_non_null(strstr(e.msg, "no/such"));
}

static void reading_is_bounded_and_says_what_is_wrong(void **state)
{
    (void)state;
    char *text = (char *)1;
    size_t len = 77;
    struct g20_err e = {0};

    assert_int_equal(g20_file_write(in_dir("a"), "12345", 5, NULL), 0);
    assert_int_equal(g20_file_read(in_dir("a"), 4, &text, &len, &e), -EFBIG);
    assert_non_null(strstr(e.msg, in_dir("a")));
    assert_int_equal(g20_file_read(in_dir("none"), 4, &text, &len, &e), -ENOENT);
    assert_int_equal(g20_file_read(in_dir("sub"), 4, &text, &len, &e), -EISDIR);
    g20_alloc_fail_at(0);
    assert_int_equal(g20_file_read(in_dir("a"), 9, &text, &len, &e), -ENOMEM);
    g20_alloc_fail_at(G20_ALLOC_NEVER);
    assert_true(text == (char *)1 && len == 77); /* untouched by any failure */
    assert_int_equal(g20_alloc_live(), 0);
    unlink(in_dir("a"));
    rmdir(in_dir("sub"));
    assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(room_is_that_of_the_folders_disk),
        cmocka_unit_test(a_write_that_fails_leaves_the_old_file_and_nothing_else),
        cmocka_unit_test(a_pipe_and_a_link_stay_what_they_are),
        cmocka_unit_test(what_cannot_be_written_is_told_before),
        cmocka_unit_test(reading_is_bounded_and_says_what_is_wrong),
    };

    return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
