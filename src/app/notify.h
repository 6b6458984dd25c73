/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* notify: tells the service manager how the daemon is.
 *
 * The protocol of sd_notify(3): one datagram of KEY=VALUE lines to the socket in $NOTIFY_SOCKET.
 * Written out here as that page recommends for programs that need nothing else of libsystemd.
 * One thread at a time. */
#ifndef G20_APP_NOTIFY_H
#define G20_APP_NOTIFY_H

#include "base/err.h"

struct g20_notify {
    int fd;           /* -1: nobody wants to know */
    int watchdog_ms;  /* a WATCHDOG=1 is due at least this often; 0: none wanted */
    char status[200]; /* the STATUS told last */
};

/* Reads $NOTIFY_SOCKET, $WATCHDOG_USEC and $WATCHDOG_PID. Without a service manager @n stays
 * closed, which is success. */
G20_MUST_USE int g20_notify_open(struct g20_notify *n, struct g20_err *e);
void g20_notify_close(struct g20_notify *n);

/* "READY=1" and so on. A manager that is not listening is its own problem: nothing is returned. */
void g20_notify_send(const struct g20_notify *n, const char *state);

/* Ready again after a reload: RELOADING=1 goes first, with the clock that the protocol wants. */
void g20_notify_reloading(const struct g20_notify *n);

/* One line for `systemctl status`; sent only when it differs from the last. */
void g20_notify_status(struct g20_notify *n, const char *fmt, ...) G20_PRINTF(2, 3);

#endif
