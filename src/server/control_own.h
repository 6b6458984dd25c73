/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* control_own: what the files of the control socket share. */
#ifndef G20_SERVER_CONTROL_OWN_H
#define G20_SERVER_CONTROL_OWN_H

#include "base/thread.h"
#include "server/control_socket.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/un.h>

/* One that is connected, with the thread that hears it. */
struct g20_control_client {
    pthread_mutex_t *lock; /* the socket's, for these three */
    int fd;                /* -1: a free place, or its thread has ended */
    bool busy;             /* a command of its own is being obeyed */
    uint64_t heard_ns;
    char *line; /* (G20_CONTROL_LINE + 1), kept for the next one */

    size_t len;
    struct g20_thread thread;
    g20_control_fn *fn;
    void *user;
};

/* Obeys the lines of @c->fd, which it owns from now on, until that is closed or ended. Of the
 * thread that accepts, as the next one. */
G20_MUST_USE int g20_control_client_start(struct g20_control_client *c, int fd, struct g20_err *e);

/* The connection ends, and when its last command has been obeyed, the thread. */
void g20_control_client_end(struct g20_control_client *c);

/* The whole of it, within two seconds: a client that does not read is let go. */
bool g20_control_send(int fd, const char *data, size_t len);

/* {..} and a line's end; takes the reference. */
bool g20_control_answer(int fd, json_t *o);

/* -ENAMETOOLONG: @path does not fit. */
G20_MUST_USE int g20_control_address(struct sockaddr_un *a, const char *path, struct g20_err *e);

#endif
