/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/alloc.h"
#include "base/file.h"
#include "config/tokens.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define READER  "reader-0123456789abcdef"
#define KEEPER  "keeper~0123456789.ABC+_"
#define FILE_OK "# who\n\nread " READER " # the wall display\r\n\tcontrol\t" KEEPER

static enum g20_role role_of(struct g20_tokens *t, const char *token)
{
    return g20_tokens_role(t, token, strlen(token));
}

static enum g20_role bearer(struct g20_tokens *t, const char *value)
{
    return g20_tokens_bearer(t, value, strlen(value));
}

static void roles_come_from_the_lines(void **state)
{
    (void)state;
    struct g20_tokens *t = NULL;
    char longer[G20_TOKEN_MAX + 2];

    assert_int_equal(g20_tokens_parse(&t, "f", FILE_OK, strlen(FILE_OK), NULL), 0);
    assert_int_equal(g20_tokens_count(t), 2);
    assert_int_equal(role_of(t, READER), G20_ROLE_READ);
    assert_int_equal(role_of(t, KEEPER), G20_ROLE_CONTROL);
    assert_int_equal(role_of(t, "reader-0123456789abcdeF"), G20_ROLE_NONE);
    assert_int_equal(role_of(t, "reader-0123456789abcde"), G20_ROLE_NONE); /* a shorter one */
    assert_int_equal(role_of(t, READER "0"), G20_ROLE_NONE);
    assert_int_equal(role_of(t, ""), G20_ROLE_NONE);
    assert_int_equal(g20_tokens_role(t, READER "\0", strlen(READER) + 1), G20_ROLE_NONE);
    assert_int_equal(g20_tokens_role(t, NULL, 0), G20_ROLE_NONE);
    memset(longer, 'a', sizeof(longer));
    assert_int_equal(g20_tokens_role(t, longer, sizeof(longer)), G20_ROLE_NONE);

    assert_int_equal(bearer(t, "Bearer " READER), G20_ROLE_READ);
    assert_int_equal(bearer(t, "bearer   " KEEPER), G20_ROLE_CONTROL);
    assert_int_equal(bearer(t, READER), G20_ROLE_NONE);
    assert_int_equal(bearer(t, "Basic " READER), G20_ROLE_NONE);
    assert_int_equal(bearer(t, "Bearer "), G20_ROLE_NONE);
    assert_int_equal(g20_tokens_bearer(t, NULL, 0), G20_ROLE_NONE);
    assert_int_equal(g20_tokens_reload(t, NULL), -EINVAL); /* from no file */
    g20_tokens_destroy(t);

    assert_int_equal(role_of(NULL, ""), G20_ROLE_CONTROL); /* no authentication */
    assert_int_equal(g20_tokens_bearer(NULL, NULL, 0), G20_ROLE_CONTROL);
    assert_int_equal(g20_tokens_count(NULL), 0);
}

static void faults_name_the_line_and_no_token(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"", "holds no token"},
        {"# nothing\n", "holds no token"},
        {"read\n", "f:1: want one token after 'read'"},
        {"read " READER "\nwrite " KEEPER "\n", "f:2: want 'read TOKEN'"},
        {"control " KEEPER " more\n", "f:1: want one token"},
        {"read short\n", "f:1: a token has 16 to 128"},
        {"read with/slash/0123456789\n", "f:1: a token is made of"},
        {"read " READER "\n\nread " READER "\n", "f:3: the same token"},
        {"read " READER "\ncontrol " READER "\n", "f:2: the same token"},
    };
    struct g20_tokens *t = NULL;
    char many[300 * 24] = "";

    for (size_t i = 0; i < G20_COUNT_OF(cases); i++) {
        struct g20_err e = {0};
        const char *text = cases[i].text;

        assert_int_equal(g20_tokens_parse(&t, "f", text, strlen(text), &e), -EINVAL);
        assert_null(t);
        if (!strstr(e.msg, cases[i].want) || strstr(e.msg, "0123456789"))
            fail_msg("%s: %s", text, e.msg);
    }
    for (int i = 0; i < 257; i++)
        snprintf(many + 22 * i, 23, "read 0123456789ab%04d\n", i);
    struct g20_err e = {0};
    assert_int_equal(g20_tokens_parse(&t, "f", many, strlen(many), &e), -EINVAL);
    assert_non_null(strstr(e.msg, "f:257: more than 256"));
}

static void only_a_private_file_is_read(void **state)
{
    (void)state;
    char path[] = "/tmp/g20-tokens-XXXXXX", fifo[64];
    struct g20_tokens *t = NULL;
    struct g20_err e = {0};

    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(g20_file_write(path, FILE_OK, strlen(FILE_OK), NULL), 0);
    for (unsigned mode = 0; mode < 0100; mode++) {
        assert_int_equal(chmod(path, 0600 | mode), 0);
        const int r = g20_tokens_open(&t, path, &e);
        assert_int_equal(r, mode & 027 ? -EACCES : 0);
        if (r < 0)
            assert_non_null(strstr(e.msg, "chmod 600"));
        g20_tokens_destroy(t);
        t = NULL;
    }

    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(g20_tokens_open(&t, path, NULL), 0);
    assert_int_equal(g20_file_write(path, "read " KEEPER "\n", strlen("read " KEEPER "\n"), NULL),
                     0);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(g20_tokens_reload(t, &e), -EACCES); /* nothing changes */
    assert_int_equal(role_of(t, READER), G20_ROLE_READ);
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(g20_tokens_reload(t, &e), 0);
    assert_int_equal(role_of(t, READER), G20_ROLE_NONE);
    assert_int_equal(role_of(t, KEEPER), G20_ROLE_READ);
    g20_tokens_destroy(t);
    t = NULL;

    assert_int_equal(truncate(path, G20_TOKENS_FILE_MAX + 1), 0);
    assert_int_equal(g20_tokens_open(&t, path, &e), -EFBIG);
    unlink(path);
    assert_int_equal(g20_tokens_open(&t, path, &e), -ENOENT);
    snprintf(fifo, sizeof(fifo), "%s.fifo", path);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_int_equal(g20_tokens_open(&t, fifo, &e), -EINVAL);
    unlink(fifo);
    assert_null(t);
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    char path[] = "/tmp/g20-tokens-XXXXXX";

    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(g20_file_write(path, FILE_OK, strlen(FILE_OK), NULL), 0);
    assert_int_equal(chmod(path, 0600), 0);
    for (unsigned nth = 0; nth < 100; nth++) {
        struct g20_tokens *t = NULL;
        const int64_t live = g20_alloc_live();

        g20_alloc_fail_at(nth);
        const int r = g20_tokens_open(&t, path, NULL);
        g20_alloc_fail_at(G20_ALLOC_NEVER);
        assert_true(r == 0 || (r == -ENOMEM && !t));
        g20_tokens_destroy(t);
        assert_int_equal(g20_alloc_live(), live);
        if (r == 0) {
            assert_true(nth >= 3);
            unlink(path);
            return;
        }
    }
    fail_msg("open() never succeeded");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roles_come_from_the_lines),
        cmocka_unit_test(faults_name_the_line_and_no_token),
        cmocka_unit_test(only_a_private_file_is_read),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
