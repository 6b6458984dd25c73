/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* control_socket: a Unix socket for the machine's owner: one JSON object a line each way.
 *
 * A thread accepts; a few clients at a time, each with a thread, a bounded line and a bounded time
 * to read its answers, so that nobody waits for a command of somebody else that takes long. What
 * commands do is the caller's business. */
#ifndef G20_SERVER_CONTROL_SOCKET_H
#define G20_SERVER_CONTROL_SOCKET_H

#include "base/err.h"

#include <jansson.h>

enum {
    G20_CONTROL_LINE = 65536, /* bytes of a line at most, its end not counted */
    G20_CONTROL_CLIENTS = 16,
};

/* The answer to @request, an object with a "command" that is a string; the caller owns it, NULL is
 * out of memory. Called on threads of the socket, several at a time. */
typedef json_t *g20_control_fn(const char *command, const json_t *request, void *user);

struct g20_control_socket;

/* @path: a socket file that a dead process left is replaced; -EADDRINUSE a live one serves it;
 * -ENAMETOOLONG; other errors of the system. Mode 0660. */
G20_MUST_USE int g20_control_socket_open(struct g20_control_socket **ret, const char *path,
                                         g20_control_fn *fn, void *user, struct g20_err *e);
void g20_control_socket_close(struct g20_control_socket *s); /* NULL is fine */

/* {"error": ...} with @format. */
json_t *g20_control_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* @o in one line of text, for g20_free(); NULL: out of memory. */
char *g20_control_text(const json_t *o);

/* As a client: @line (without its end) to the socket @path, its answer into *ret, for the caller to
 * json_decref(). At most @timeout_ms. */
G20_MUST_USE int g20_control_ask(const char *path, const char *line, int timeout_ms, json_t **ret,
                                 struct g20_err *e);

#endif
