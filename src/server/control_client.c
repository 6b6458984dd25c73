/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/control_own.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

bool g20_control_answer(int fd, json_t *o)
{
    char *text = g20_control_text(o);
    const bool sent =
        text && g20_control_send(fd, text, strlen(text)) && g20_control_send(fd, "\n", 1);

    g20_free(text);
    json_decref(o);
    return sent;
}

static json_t *obey(const struct g20_control_client *c, const char *line, size_t len)
{
    json_error_t why;
    json_t *request = json_loadb(line, len, JSON_REJECT_DUPLICATES, &why);

    if (!request)
        return g20_control_error("Invalid JSON: %s", why.text);
    const char *command = json_string_value(json_object_get(request, "command"));
    json_t *reply = command ? c->fn(command, request, c->user)
                            : g20_control_error(json_is_object(request) ? "command required"
                                                                        : "want a JSON object");
    json_decref(request);
    return reply;
}

static void set_busy(struct g20_control_client *c, bool busy)
{
    pthread_mutex_lock(c->lock);
    c->busy = busy;
    c->heard_ns = g20_clock_mono_ns();
    pthread_mutex_unlock(c->lock);
}

/* Whole lines in what has come; false: the client is to be let go. */
static bool take_lines(struct g20_control_client *c)
{
    for (char *end; (end = memchr(c->line, '\n', c->len));) {
        const size_t len = (size_t)(end - c->line);
        if (len > 0 && !g20_control_answer(c->fd, obey(c, c->line, len)))
            return false;
        c->len -= len + 1;
        memmove(c->line, end + 1, c->len);
    }
    if (c->len <= G20_CONTROL_LINE)
        return true;
    g20_control_answer(c->fd,
                       g20_control_error("a line is longer than %d bytes", G20_CONTROL_LINE));
    return false;
}

static void *hear(void *arg)
{
    struct g20_control_client *c = arg;

    for (;;) { /* only this thread writes fd while it runs, so it may read it without the lock */
        const ssize_t n = recv(c->fd, c->line + c->len, G20_CONTROL_LINE + 1 - c->len, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        set_busy(c, true);
        c->len += (size_t)n;
        const bool stays = take_lines(c);
        set_busy(c, false);
        if (!stays)
            break;
    }
    pthread_mutex_lock(c->lock);
    close(c->fd);
    c->fd = -1;
    pthread_mutex_unlock(c->lock);
    return NULL;
}

int g20_control_client_start(struct g20_control_client *c, int fd, struct g20_err *e)
{
    g20_thread_join(&c->thread); /* of who was here before */
    if (!c->line)
        c->line = g20_calloc(G20_CONTROL_LINE + 1, 1);
    if (!c->line)
        return g20_fail(e, -ENOMEM, "out of memory");
    c->fd = fd;
    c->len = 0;
    c->heard_ns = g20_clock_mono_ns();
    const int r = g20_thread_start(&c->thread, "g20-control", hear, c, e);
    if (r < 0)
        c->fd = -1;
    return r;
}

void g20_control_client_end(struct g20_control_client *c)
{
    pthread_mutex_lock(c->lock);
    if (c->fd >= 0)
        shutdown(c->fd, SHUT_RDWR);
    pthread_mutex_unlock(c->lock);
    g20_thread_join(&c->thread);
}
