/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* route: which handler a WebSocket path belongs to, and which origins may connect. Pure. */
#ifndef G20_SERVER_ROUTE_H
#define G20_SERVER_ROUTE_H

#include "base/base.h"

#include <stdbool.h>

enum g20_ws_route {
    G20_WS_UNKNOWN,
    G20_WS_PIPELINE,
    G20_WS_INFERENCE,
    G20_WS_VIDEO,
    G20_WS_IQ,
    G20_WS_TRAINING,
};

/* The longest registered prefix of whole path segments wins; trailing slashes are ignored. */
enum g20_ws_route g20_route_ws(const char *path);

/* May a browser page of @origin connect? @origin NULL: not a browser, yes. Yes also when it is
 * the server itself (same host and port as in @host, the Host header) or in @allowed, a list
 * separated by commas or spaces (NULL or "": none; "*": any). When the server listens on a
 * loopback address only (@is_loopback), the host must also name this machine itself: a foreign
 * name that resolves to 127.0.0.1 is an attack (DNS rebinding), not the same host. */
bool g20_route_origin_ok(const char *origin, const char *host, const char *allowed,
                         bool is_loopback);

/* The same attack with a request that only reads, which has no Origin: may one that was sent to
 * @host (the Host header; "": there was none, so no browser) be answered? */
bool g20_route_host_ok(const char *host, bool is_loopback);

#endif
