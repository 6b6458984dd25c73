/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/control_own.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    BACKLOG = 16,
    SILENT_S =
        30, /* a client that says nothing for so long goes when another one needs its place */
};

struct g20_control_socket {
    int fd, wake; /* wake: an eventfd, written to end the thread */
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
    struct g20_thread thread;
    pthread_mutex_t lock;
    struct g20_control_client client[G20_CONTROL_CLIENTS];
};

/* A free place; the one that was silent for longest is freed when there is none. */
static struct g20_control_client *place(struct g20_control_socket *s)
{
    struct g20_control_client *oldest = NULL, *found = NULL;

    pthread_mutex_lock(&s->lock);
    for (struct g20_control_client *c = s->client; c < s->client + G20_CONTROL_CLIENTS; c++) {
        if (c->fd < 0)
            found = c;
        else if (!c->busy && (!oldest || c->heard_ns < oldest->heard_ns))
            oldest = c;
    }
    if (!found && oldest &&
        g20_clock_mono_ns() - oldest->heard_ns >= SILENT_S * UINT64_C(1000000000))
        found = oldest;
    pthread_mutex_unlock(&s->lock);
    if (found && found == oldest)
        g20_control_client_end(found);
    return found;
}

static void welcome(struct g20_control_socket *s)
{
    struct g20_err e = {0};
    const int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC);

    if (fd < 0)
        return;
    struct g20_control_client *c = place(s);
    if (c && g20_control_client_start(c, fd, &e) >= 0)
        return;
    g20_control_answer(
        fd, c ? g20_control_error("%s", e.msg)
              : g20_control_error("%d clients are connected already", G20_CONTROL_CLIENTS));
    close(fd);
}

static void *serve(void *arg)
{
    struct g20_control_socket *s = arg;

    for (;;) {
        struct pollfd p[] = {{.fd = s->wake, .events = POLLIN}, {.fd = s->fd, .events = POLLIN}};

        if (poll(p, G20_COUNT_OF(p), -1) < 0)
            continue;
        if (p[0].revents)
            return NULL;
        if (p[1].revents)
            welcome(s);
    }
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
    int r = g20_control_address(&a, path, e);

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
    pthread_mutex_init(&s->lock, NULL);
    s->fd = -1;
    for (int i = 0; i < G20_CONTROL_CLIENTS; i++)
        s->client[i] =
            (struct g20_control_client){.lock = &s->lock, .fd = -1, .fn = fn, .user = user};
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
        g20_control_client_end(&s->client[i]);
        g20_free(s->client[i].line);
    }
    pthread_mutex_destroy(&s->lock);
    g20_free(s);
}
