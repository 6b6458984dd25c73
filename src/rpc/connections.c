/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "rpc/connections.h"

#include "base/alloc.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct g20_connections {
    int port;
    DIR *fds;       /* /proc/self/fd */
    int none, hold; /* /dev/null; the same, or the connection being looked at */
};

int g20_connections_create(struct g20_connections **ret, int port)
{
    struct g20_connections *c = g20_calloc(1, sizeof(*c));

    if (!c)
        return -ENOMEM;
    c->port = port;
    c->none = open("/dev/null", O_RDONLY | O_CLOEXEC);
    c->hold = open("/dev/null", O_RDONLY | O_CLOEXEC);
    c->fds = opendir("/proc/self/fd");
    if (c->none < 0 || c->hold < 0 || !c->fds) {
        const int r = -errno;
        g20_connections_destroy(c);
        return r;
    }
    *ret = c;
    return 0;
}

void g20_connections_destroy(struct g20_connections *c)
{
    if (!c)
        return;
    if (c->fds)
        closedir(c->fds);
    if (c->none >= 0)
        close(c->none);
    if (c->hold >= 0)
        close(c->hold);
    g20_free(c);
}

/* A connection that came to @port, not the socket that waits for them. */
static bool is_ours(int fd, int port)
{
    struct sockaddr_storage at = {0}, peer = {0};
    socklen_t n = sizeof(at), m = sizeof(peer);

    if (getsockname(fd, (struct sockaddr *)&at, &n) < 0 ||
        getpeername(fd, (struct sockaddr *)&peer, &m) < 0)
        return false;
    if (at.ss_family == AF_INET)
        return ntohs(((const struct sockaddr_in *)&at)->sin_port) == port;
    return at.ss_family == AF_INET6 && ntohs(((const struct sockaddr_in6 *)&at)->sin6_port) == port;
}

/* Its number may be another's by now: what is looked at is held. */
static void end(struct g20_connections *c, int fd)
{
    if (dup3(fd, c->hold, O_CLOEXEC) >= 0 && is_ours(c->hold, c->port))
        shutdown(c->hold, SHUT_RDWR);
    dup3(c->none, c->hold, O_CLOEXEC);
}

uint32_t g20_connections_check(struct g20_connections *c, uint32_t most, uint64_t *ret_closed)
{
    const struct dirent *entry;
    uint32_t n = 0;

    rewinddir(c->fds);
    while ((entry = readdir(c->fds))) { /* rising */
        const int fd = (int)strtol(entry->d_name, NULL, 10);

        if (entry->d_name[0] == '.' || fd == c->hold || !is_ours(fd, c->port))
            continue;
        if (n < most) {
            n++;
            continue;
        }
        end(c, fd);
        ++*ret_closed;
    }
    return n;
}
