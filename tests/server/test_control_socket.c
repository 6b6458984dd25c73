/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/control_socket.h"

#include "base/alloc.h"

#include <errno.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static char path[64];
static struct g20_control_socket *server;
static struct g20_err err;

static sem_t obeying, released;

static json_t *echo(const char *command, const json_t *request, void *user)
{
    (void)user;
    if (strcmp(command, "wait") == 0) {
        sem_post(&obeying);
        sem_wait(&released);
    }
    if (strcmp(command, "fail") == 0)
        return g20_control_error("as asked");
    return json_pack("{s:s, s:O}", "heard", command, "request", (json_t *)(uintptr_t)request);
}

static int set_up(void **state)
{
    (void)state;
    snprintf(path, sizeof(path), "/tmp/g20-control-%d", (int)getpid());
    return g20_control_socket_open(&server, path, echo, NULL, &err);
}

static int tear_down(void **state)
{
    (void)state;
    g20_control_socket_close(server);
    return access(path, F_OK) == 0; /* it takes its file along */
}

static int dial(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    const struct timeval limit = {.tv_sec = 10};
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    memcpy(a.sun_path, path, strlen(path) + 1);
    assert_int_equal(connect(fd, (const struct sockaddr *)&a, sizeof(a)), 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    return fd;
}

/* The next line, without its end; "" when the other side closed. */
static const char *line(int fd)
{
    static char buf[1 << 17];
    size_t n = 0;

    while (n + 1 < sizeof(buf) && recv(fd, buf + n, 1, 0) == 1 && buf[n] != '\n')
        n++;
    buf[n] = '\0';
    return buf;
}

static void say(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

static void a_line_is_answered_by_a_line(void **state)
{
    struct stat st;
    json_t *reply;

    (void)state;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0660);
    assert_int_equal(g20_control_ask(path, "{\"command\":\"x\",\"n\":3}", 5000, &reply, &err), 0);
    assert_string_equal(json_string_value(json_object_get(reply, "heard")), "x");
    assert_int_equal(json_integer_value(json_object_get(json_object_get(reply, "request"), "n")),
                     3);
    json_decref(reply);
    const int fd = dial(); /* three at once, in pieces */
    say(fd, "{\"command\":\"a\"}\n\n{\"command\":\"b\"}\n{\"comm");
    assert_non_null(strstr(line(fd), "\"a\""));
    assert_non_null(strstr(line(fd), "\"b\""));
    say(fd, "and\":\"fail\"}\n");
    assert_string_equal(line(fd), "{\"error\":\"as asked\"}");
    close(fd);
}

static void garbage_gets_an_error_and_the_next_line_an_answer(void **state)
{
    static const char *const bad[][2] = {{"hello", "Invalid JSON"},
                                         {"{\"command\":\"x\",\"command\":\"y\"}", "Invalid JSON"},
                                         {"[1]", "want a JSON object"},
                                         {"{}", "command required"},
                                         {"{\"command\":7}", "command required"},
                                         {"\xff\xfe", "Invalid JSON"}};
    const int fd = dial();

    (void)state;
    for (size_t i = 0; i < G20_COUNT_OF(bad); i++) {
        say(fd, bad[i][0]);
        say(fd, "\n");
        assert_non_null(strstr(line(fd), bad[i][1]));
    }
    say(fd, "{\"command\":\"still there\"}\n");
    assert_non_null(strstr(line(fd), "still there"));
    close(fd);
}

static void a_line_that_is_too_long_ends_the_connection_only(void **state)
{
    const int fd = dial(), other = dial();
    char *text = g20_calloc(G20_CONTROL_LINE + 100, 1);

    (void)state;
    assert_non_null(text);
    memset(text, 'x', G20_CONTROL_LINE + 50);
    send(fd, text, G20_CONTROL_LINE + 50, MSG_NOSIGNAL);
    assert_non_null(strstr(line(fd), "longer than 65536"));
    assert_string_equal(line(fd), "");
    memset(text, ' ', G20_CONTROL_LINE); /* as long as it may be */
    memcpy(text, "{\"command\":\"long\"}", 18);
    text[G20_CONTROL_LINE] = '\n';
    send(other, text, G20_CONTROL_LINE + 1, MSG_NOSIGNAL);
    assert_non_null(strstr(line(other), "long"));
    g20_free(text);
    close(fd);
    close(other);
}

static void too_many_clients_are_told_so(void **state)
{
    int fd[G20_CONTROL_CLIENTS + 1];

    (void)state;
    for (int i = 0; i < G20_CONTROL_CLIENTS; i++) {
        fd[i] = dial();
        say(fd[i], "{\"command\":\"hello\"}\n");
        assert_non_null(strstr(line(fd[i]), "hello"));
    }
    fd[G20_CONTROL_CLIENTS] = dial();
    assert_non_null(strstr(line(fd[G20_CONTROL_CLIENTS]), "connected already"));
    for (int i = 0; i <= G20_CONTROL_CLIENTS; i++)
        close(fd[i]);
    /* One has gone, and its place is free again once that was noticed. */
    const char *heard = "";
    for (int i = 0; i < 200 && !strstr(heard, "again"); i++) {
        const int again = dial();
        send(again, "{\"command\":\"again\"}\n", 20, MSG_NOSIGNAL);
        heard = line(again);
        close(again);
        usleep(10000);
    }
    assert_non_null(strstr(heard, "again"));
}

static void nobody_waits_for_the_command_of_another(void **state)
{
    const int slow = dial(), quick = dial();

    (void)state;
    sem_init(&obeying, 0, 0);
    sem_init(&released, 0, 0);
    say(slow, "{\"command\":\"wait\"}\n{\"command\":\"after\"}\n");
    sem_wait(&obeying);
    say(quick, "{\"command\":\"quick\"}\n");
    assert_non_null(strstr(line(quick), "quick"));
    sem_post(&released);
    assert_non_null(strstr(line(slow), "wait")); /* its own lines are answered in their order */
    assert_non_null(strstr(line(slow), "after"));
    close(slow);
    close(quick);
}

static void a_socket_in_use_is_not_taken_and_a_dead_one_is(void **state)
{
    struct g20_control_socket *second = NULL;
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    json_t *reply;

    (void)state;
    assert_int_equal(g20_control_socket_open(&second, path, echo, NULL, &err), -EADDRINUSE);
    assert_non_null(strstr(err.msg, path));
    snprintf(a.sun_path, sizeof(a.sun_path), "%.50s-dead", path);
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&a, sizeof(a)), 0);
    close(fd); /* as kill -9 leaves it */
    assert_true(g20_control_ask(a.sun_path, "{}", 1000, &reply, &err) < 0);
    assert_int_equal(g20_control_socket_open(&second, a.sun_path, echo, NULL, &err), 0);
    assert_int_equal(g20_control_ask(a.sun_path, "{\"command\":\"x\"}", 5000, &reply, &err), 0);
    json_decref(reply);
    g20_control_socket_close(second);
    FILE *f = fopen(a.sun_path, "w");
    fclose(f);
    assert_int_equal(g20_control_socket_open(&second, a.sun_path, echo, NULL, &err), -EEXIST);
    unlink(a.sun_path);
    char far[300];
    memset(far, 'x', sizeof(far) - 1);
    far[0] = '/';
    far[sizeof(far) - 1] = '\0';
    assert_int_equal(g20_control_socket_open(&second, far, echo, NULL, &err), -ENAMETOOLONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_line_is_answered_by_a_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(garbage_gets_an_error_and_the_next_line_an_answer, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_line_that_is_too_long_ends_the_connection_only, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(too_many_clients_are_told_so, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nobody_waits_for_the_command_of_another, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_socket_in_use_is_not_taken_and_a_dead_one_is, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
