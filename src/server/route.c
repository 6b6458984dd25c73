/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/route.h"

#include <string.h>
#include <strings.h>

static const struct {
    const char *path;
    enum g20_ws_route route;
} routes[] = {
    {"/ws/pipeline", G20_WS_PIPELINE},   {"/ws/unified", G20_WS_PIPELINE},
    {"/ws/inference", G20_WS_INFERENCE}, {"/ws/video", G20_WS_VIDEO},
    {"/ws/training", G20_WS_TRAINING},   {"/ws/iq", G20_WS_IQ},
};

enum g20_ws_route g20_route_ws(const char *path)
{
    enum g20_ws_route best = G20_WS_UNKNOWN;
    size_t best_len = 0;

    for (size_t i = 0; i < G20_COUNT_OF(routes); i++) {
        const size_t n = strlen(routes[i].path);

        if (n > best_len && strncmp(path, routes[i].path, n) == 0 &&
            (path[n] == '\0' || path[n] == '/')) {
            best = routes[i].route;
            best_len = n;
        }
    }
    return best;
}

static bool in_list(const char *origin, const char *list)
{
    const size_t n = strlen(origin);

    while (list && *list) {
        const size_t len = strcspn(list, ", ");

        if ((len == n && strncasecmp(list, origin, n) == 0) || (len == 1 && *list == '*'))
            return true;
        list += len;
        list += strspn(list, ", ");
    }
    return false;
}

/* "host" or "host:port" or "[::1]:port" names this machine. */
static bool names_this_machine(const char *host)
{
    const size_t n = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");

    return (n == 9 && strncasecmp(host, "localhost", n) == 0) ||
           (n == 5 && strncmp(host, "[::1]", n) == 0) ||
           (n >= 7 && strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == n);
}

bool g20_route_origin_ok(const char *origin, const char *host, const char *allowed,
                         bool is_loopback)
{
    if (!origin)
        return true;
    if (in_list(origin, allowed))
        return true;
    const char *own = strstr(origin, "://");
    if (!own || !host || *host == '\0')
        return false;
    if ((size_t)(own - origin) != 4 && (size_t)(own - origin) != 5)
        return false;
    if (strncasecmp(origin, "http", 4) != 0)
        return false;
    return strcasecmp(own + 3, host) == 0 && (!is_loopback || names_this_machine(host));
}

bool g20_route_host_ok(const char *host, bool is_loopback)
{
    return !is_loopback || *host == '\0' || names_this_machine(host);
}
