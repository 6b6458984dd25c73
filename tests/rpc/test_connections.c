/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "rpc/connections.h"

#include "base/alloc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { SOCKETS = 12 };

struct crowd {
    int port, listener, client[SOCKETS], server[SOCKETS];
};

static void gather(struct crowd *c)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof(at);

    c->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(c->listener, (struct sockaddr *)&at, n), 0);
    assert_int_equal(listen(c->listener, SOCKETS), 0);
    assert_int_equal(getsockname(c->listener, (struct sockaddr *)&at, &n), 0);
    c->port = ntohs(at.sin_port);
    for (int i = 0; i < SOCKETS; i++) {
        c->client[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(connect(c->client[i], (struct sockaddr *)&at, sizeof(at)), 0);
        c->server[i] = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC);
        assert_true(c->server[i] >= 0);
    }
}

static void scatter(struct crowd *c)
{
    for (int i = 0; i < SOCKETS; i++) {
        close(c->client[i]);
        close(c->server[i]);
    }
    close(c->listener);
}

static bool is_over(int fd)
{
    char byte;

    return recv(fd, &byte, 1, MSG_DONTWAIT) == 0;
}

static void the_last_ones_are_shut_down(void **state)
{
    (void)state;
    struct g20_connections *c;
    struct crowd crowd;
    uint64_t closed = 0;
    int over = 0;

    gather(&crowd);
    assert_int_equal(g20_connections_create(&c, crowd.port), 0);
    assert_int_equal(g20_connections_check(c, SOCKETS, &closed), SOCKETS);
    assert_int_equal(closed, 0);
    assert_int_equal(g20_connections_check(c, 5, &closed), 5);
    assert_int_equal(closed, SOCKETS - 5);
    for (int i = 0; i < SOCKETS; i++) { /* both ends see it, and nobody's descriptor is gone */
        assert_true(fcntl(crowd.server[i], F_GETFD) >= 0);
        assert_int_equal(is_over(crowd.server[i]), is_over(crowd.client[i]));
        over += is_over(crowd.client[i]);
    }
    assert_int_equal(over, SOCKETS - 5);
    g20_connections_destroy(c);
    scatter(&crowd);
}

static void other_sockets_are_left_alone(void **state)
{
    (void)state;
    struct g20_connections *c;
    struct crowd crowd;
    uint64_t closed = 0;
    int pair[2];

    gather(&crowd);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    assert_int_equal(g20_connections_create(&c, 1), 0); /* nobody's port */
    assert_int_equal(g20_connections_check(c, 0, &closed), 0);
    assert_int_equal(closed, 0);
    g20_connections_destroy(c);
    for (int i = 0; i < SOCKETS; i++)
        assert_false(is_over(crowd.client[i]));
    close(pair[0]);
    close(pair[1]);
    scatter(&crowd);
}

/* When the descriptors are used up is when it is needed most. */
static void it_works_without_a_free_descriptor(void **state)
{
    (void)state;
    struct rlimit old, few;
    struct g20_connections *c;
    struct crowd crowd;
    uint64_t closed = 0;

    gather(&crowd);
    assert_int_equal(g20_connections_create(&c, crowd.port), 0);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    few = (struct rlimit){.rlim_cur = 64, .rlim_max = old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    int spare[64], n = 0;
    while (n < 64 && (spare[n] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
        n++;
    assert_int_equal(errno, EMFILE);
    assert_int_equal(g20_connections_check(c, 0, &closed), 0);
    assert_int_equal(closed, SOCKETS);
    while (n > 0)
        close(spare[--n]);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
    g20_connections_destroy(c);
    scatter(&crowd);
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    struct g20_connections *c = NULL;
    const int64_t live = g20_alloc_live();

    g20_alloc_fail_at(0);
    assert_int_equal(g20_connections_create(&c, 1), -ENOMEM);
    g20_alloc_fail_at(G20_ALLOC_NEVER);
    assert_null(c);
    assert_int_equal(g20_alloc_live(), live);
    g20_connections_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_ones_are_shut_down),
        cmocka_unit_test(other_sockets_are_left_alone),
        cmocka_unit_test(it_works_without_a_free_descriptor),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };

    return cmocka_run_group_tests_name("connections", tests, NULL, NULL);
}
