/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/control_socket.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    BACKLOG = 16,
    SEND_MS = 2000,
    SILENT_S =
        30, /* a client that says nothing for so long goes when another one needs its place */
};

struct client {
    int fd;     /* -1: free */
    char *line; /* (G20_CONTROL_LINE + 1) */
    size_t len;
    uint64_t heard_ns;
};

struct g20_control_socket {
    int fd, wake; /* wake: an eventfd, written to end the thread */
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
    g20_control_fn *fn;
    void *user;
    struct g20_thread thread;
    struct client client[G20_CONTROL_CLIENTS];
};

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

static void drop(struct client *c)
{
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
    c->len = 0;
}

/* The whole of it, within SEND_MS: a client that does not read is let go. */
static bool send_all(int fd, const char *data, size_t len)
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

char *g20_control_text(const json_t *o)
{
    const size_t len = o ? json_dumpb(o, NULL, 0, JSON_COMPACT) : 0;
    char *text = len > 0 ? g20_calloc(len + 1, 1) : NULL;

    if (text)
        json_dumpb(o, text, len, JSON_COMPACT);
    return text;
}

static bool answer(struct client *c, json_t *o)
{
    char *text = g20_control_text(o);
    const bool sent = text && send_all(c->fd, text, strlen(text)) && send_all(c->fd, "\n", 1);

    g20_free(text);
    json_decref(o);
    return sent;
}

static json_t *obey(const struct g20_control_socket *s, const char *line, size_t len)
{
    json_error_t why;
    json_t *request = json_loadb(line, len, JSON_REJECT_DUPLICATES, &why);

    if (!request)
        return g20_control_error("Invalid JSON: %s", why.text);
    const char *command = json_string_value(json_object_get(request, "command"));
    json_t *reply = command ? s->fn(command, request, s->user)
                            : g20_control_error(json_is_object(request) ? "command required"
                                                                        : "want a JSON object");
    json_decref(request);
    return reply;
}

/* Whole lines in what has come; false: the client is to be let go. */
static bool take_lines(const struct g20_control_socket *s, struct client *c)
{
    for (char *end; (end = memchr(c->line, '\n', c->len));) {
        const size_t len = (size_t)(end - c->line);
        if (len > 0 && !answer(c, obey(s, c->line, len)))
            return false;
        c->len -= len + 1;
        memmove(c->line, end + 1, c->len);
    }
    if (c->len <= G20_CONTROL_LINE)
        return true;
    answer(c, g20_control_error("a line is longer than %d bytes", G20_CONTROL_LINE));
    return false;
}

static bool hear(const struct g20_control_socket *s, struct client *c)
{
    const ssize_t n = recv(c->fd, c->line + c->len, G20_CONTROL_LINE + 1 - c->len, MSG_DONTWAIT);

    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    c->len += (size_t)n;
    c->heard_ns = g20_clock_mono_ns();
    return n > 0 && take_lines(s, c);
}

/* A free place; the one that was silent for longest is freed when there is none. */
static struct client *place(struct g20_control_socket *s)
{
    struct client *oldest = s->client;

    for (struct client *c = s->client; c < s->client + G20_CONTROL_CLIENTS; c++) {
        if (c->fd < 0)
            return c;
        if (c->heard_ns < oldest->heard_ns)
            oldest = c;
    }
    if (g20_clock_mono_ns() - oldest->heard_ns < SILENT_S * UINT64_C(1000000000))
        return NULL;
    drop(oldest);
    return oldest;
}

static void welcome(struct g20_control_socket *s)
{
    const int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC);

    if (fd < 0)
        return;
    struct client *c = place(s);
    if (c && !c->line)
        c->line = g20_calloc(G20_CONTROL_LINE + 1, 1);
    if (c && c->line) {
        c->fd = fd;
        c->heard_ns = g20_clock_mono_ns();
        return;
    }
    struct client late = {.fd = fd};
    answer(&late, g20_control_error("%d clients are connected already", G20_CONTROL_CLIENTS));
    drop(&late);
}

static void *serve(void *arg)
{
    struct g20_control_socket *s = arg;

    for (;;) {
        struct pollfd p[2 + G20_CONTROL_CLIENTS] = {{.fd = s->wake, .events = POLLIN},
                                                    {.fd = s->fd, .events = POLLIN}};
        for (int i = 0; i < G20_CONTROL_CLIENTS; i++)
            p[2 + i] = (struct pollfd){.fd = s->client[i].fd, .events = POLLIN};
        if (poll(p, G20_COUNT_OF(p), -1) < 0)
            continue;
        if (p[0].revents)
            return NULL;
        for (int i = 0; i < G20_CONTROL_CLIENTS; i++)
            if (p[2 + i].revents && !hear(s, &s->client[i]))
                drop(&s->client[i]);
        if (p[1].revents)
            welcome(s);
    }
}

static int address(struct sockaddr_un *a, const char *path, struct g20_err *e)
{
    *a = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(a->sun_path))
        return g20_fail(e, -ENAMETOOLONG, "control socket %.200s: longer than %zu bytes", path,
                        sizeof(a->sun_path) - 1);
    memcpy(a->sun_path, path, strlen(path) + 1);
    return 0;
}

static bool is_served(const struct sockaddr_un *a)
{
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool served = fd >= 0 && connect(fd, (const struct sockaddr *)a, sizeof(*a)) == 0;

    if (fd >= 0)
        close(fd);
    return served;
}

static int bind_to(struct g20_control_socket *s, const char *path, struct g20_err *e)
{
    struct sockaddr_un a;
    struct stat st;
    int r = address(&a, path, e);

    if (r < 0)
        return r;
    if (lstat(path, &st) == 0) {
        if (!S_ISSOCK(st.st_mode))
            return g20_fail(e, -EEXIST, "control socket %s: there is something else", path);
        if (is_served(&a))
            return g20_fail(e, -EADDRINUSE, "control socket %s: another g20 serves it", path);
        unlink(path); /* a dead process left it */
    }
    s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (s->fd < 0 || bind(s->fd, (const struct sockaddr *)&a, sizeof(a)) < 0 ||
        chmod(path, 0660) < 0 || listen(s->fd, BACKLOG) < 0) {
        r = -errno;
        return g20_fail(e, r, "control socket %s: %s", path, strerror(-r));
    }
    snprintf(s->path, sizeof(s->path), "%s", path);
    return 0;
}

int g20_control_socket_open(struct g20_control_socket **ret, const char *path, g20_control_fn *fn,
                            void *user, struct g20_err *e)
{
    struct g20_control_socket *s = g20_calloc(1, sizeof(*s));

    if (!s)
        return g20_fail(e, -ENOMEM, "control socket: out of memory");
    s->fn = fn;
    s->user = user;
    s->fd = -1;
    for (int i = 0; i < G20_CONTROL_CLIENTS; i++)
        s->client[i].fd = -1;
    s->wake = eventfd(0, EFD_CLOEXEC);
    int r = s->wake < 0 ? g20_fail(e, -errno, "control socket: %s", strerror(errno)) : 0;
    if (r >= 0)
        r = bind_to(s, path, e);
    if (r >= 0)
        r = g20_thread_start(&s->thread, "g20-control", serve, s, e);
    if (r < 0)
        g20_control_socket_close(s);
    else
        *ret = s;
    return r;
}

void g20_control_socket_close(struct g20_control_socket *s)
{
    if (!s)
        return;
    if (s->thread.running && eventfd_write(s->wake, 1) == 0)
        g20_thread_join(&s->thread);
    if (s->path[0])
        unlink(s->path);
    if (s->fd >= 0)
        close(s->fd);
    if (s->wake >= 0)
        close(s->wake);
    for (int i = 0; i < G20_CONTROL_CLIENTS; i++) {
        drop(&s->client[i]);
        g20_free(s->client[i].line);
    }
    g20_free(s);
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
    ssize_t n = address(&a, path, e);

    if (n < 0)
        return (int)n;
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&a, sizeof(a)) < 0) {
        n = -errno;
        if (fd >= 0)
            close(fd);
        return g20_fail(e, (int)n, "%s: %s: is the daemon running?", path, strerror((int)-n));
    }
    if (!send_all(fd, line, strlen(line)) || !send_all(fd, "\n", 1))
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
