/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* What both ends of the control socket do, and its client. */
#include "server/control_own.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SEND_MS = 2000 };

json_t *g20_control_error(const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    json_t *o = json_object(), *s = json_string(text);
    json_object_set_new(o, "error", s ? s : json_string("an error whose text is no UTF-8"));
    return o;
}

char *g20_control_text(const json_t *o)
{
    const size_t len = o ? json_dumpb(o, NULL, 0, JSON_COMPACT) : 0;
    char *text = len > 0 ? g20_calloc(len + 1, 1) : NULL;

    if (text)
        json_dumpb(o, text, len, JSON_COMPACT);
    return text;
}

bool g20_control_send(int fd, const char *data, size_t len)
{
    const uint64_t until = g20_clock_mono_ns() + SEND_MS * UINT64_C(1000000);

    while (len > 0) {
        const ssize_t n = send(fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n > 0) {
            data += n;
            len -= (size_t)n;
            continue;
        }
        struct pollfd p = {.fd = fd, .events = POLLOUT};
        if ((n < 0 && errno != EAGAIN && errno != EINTR) || g20_clock_mono_ns() > until ||
            poll(&p, 1, 100) < 0)
            return false;
    }
    return true;
}

int g20_control_address(struct sockaddr_un *a, const char *path, struct g20_err *e)
{
    *a = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(a->sun_path))
        return g20_fail(e, -ENAMETOOLONG, "control socket %.200s: longer than %zu bytes", path,
                        sizeof(a->sun_path) - 1);
    memcpy(a->sun_path, path, strlen(path) + 1);
    return 0;
}

/* Up to the line's end; its length, or < 0. */
static ssize_t read_line(int fd, char **line, uint64_t until)
{
    size_t len = 0, cap = 0;

    for (;;) {
        if (len == cap) {
            cap = cap ? 2 * cap : 4096;
            char *grown = cap <= (64u << 20) ? g20_realloc(*line, cap, 1) : NULL;
            if (!grown)
                return -ENOMEM;
            *line = grown;
        }
        struct pollfd p = {.fd = fd, .events = POLLIN};
        const uint64_t now = g20_clock_mono_ns();
        if (now >= until || poll(&p, 1, (int)((until - now) / 1000000 + 1)) == 0)
            return -ETIMEDOUT;
        const ssize_t n = recv(fd, *line + len, cap - len, 0);
        if (n <= 0)
            return n < 0 ? -errno : -EPIPE;
        len += (size_t)n;
        if ((*line)[len - 1] == '\n')
            return (ssize_t)len;
    }
}

int g20_control_ask(const char *path, const char *line, int timeout_ms, json_t **ret,
                    struct g20_err *e)
{
    const uint64_t until = g20_clock_mono_ns() + (uint64_t)timeout_ms * UINT64_C(1000000);
    struct sockaddr_un a;
    char *reply = NULL;
    ssize_t n = g20_control_address(&a, path, e);

    if (n < 0)
        return (int)n;
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&a, sizeof(a)) < 0) {
        n = -errno;
        if (fd >= 0)
            close(fd);
        return g20_fail(e, (int)n, "%s: %s: is the daemon running?", path, strerror((int)-n));
    }
    if (!g20_control_send(fd, line, strlen(line)) || !g20_control_send(fd, "\n", 1))
        n = -EPIPE;
    else
        n = read_line(fd, &reply, until);
    close(fd);
    *ret = n > 0 ? json_loadb(reply, (size_t)n, JSON_REJECT_DUPLICATES, NULL) : NULL;
    g20_free(reply);
    if (n <= 0 || !*ret)
        return g20_fail(e, n < 0 ? (int)n : -EBADMSG, "%s: %s", path,
                        n < 0 ? strerror((int)-n) : "the answer is no JSON");
    return 0;
}
