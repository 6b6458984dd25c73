/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/notify.h"

#include "base/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Half of the manager's time-out, as sd_watchdog_enabled(3) advises. */
static int watchdog_ms(void)
{
    const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    char *end;

    if (!usec || (pid && strtol(pid, NULL, 10) != (long)getpid()))
        return 0;
    const unsigned long long v = strtoull(usec, &end, 10);
    if (end == usec || *end || v < 2000 || v > 86400000000u)
        return 0;
    return (int)(v / 2000);
}

int g20_notify_open(struct g20_notify *n, struct g20_err *e)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    const size_t len = path ? strlen(path) : 0;

    *n = (struct g20_notify){.fd = -1};
    if (len == 0)
        return 0;
    if ((path[0] != '/' && path[0] != '@') || len < 2 || len >= sizeof(to.sun_path))
        return g20_fail(e, -EINVAL, "NOTIFY_SOCKET %.120s is no address of a local socket", path);
    memcpy(to.sun_path, path, len);
    if (path[0] == '@')
        to.sun_path[0] = '\0'; /* an abstract address */
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return g20_fail(e, -errno, "NOTIFY_SOCKET: %s", g20_strerror(-errno));
    const socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    if (connect(fd, (const struct sockaddr *)&to, size) < 0) {
        const int r = -errno;
        close(fd);
        return g20_fail(e, r, "NOTIFY_SOCKET %.120s: %s", path, g20_strerror(r));
    }
    n->fd = fd;
    n->watchdog_ms = watchdog_ms();
    return 0;
}

void g20_notify_close(struct g20_notify *n)
{
    if (n->fd >= 0)
        close(n->fd);
    n->fd = -1;
}

void g20_notify_send(const struct g20_notify *n, const char *state)
{
    if (n->fd >= 0)
        (void)!send(n->fd, state, strlen(state), MSG_NOSIGNAL);
}

void g20_notify_reloading(const struct g20_notify *n)
{
    char text[64];

    snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
             g20_clock_mono_ns() / 1000);
    g20_notify_send(n, text);
}

void g20_notify_status(struct g20_notify *n, const char *fmt, ...)
{
    char text[sizeof(n->status)], message[sizeof(n->status) + 8];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    if (n->fd < 0 || strcmp(text, n->status) == 0)
        return;
    memcpy(n->status, text, sizeof(text));
    snprintf(message, sizeof(message), "STATUS=%s", text);
    g20_notify_send(n, message);
}
