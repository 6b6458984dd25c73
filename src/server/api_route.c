/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/api.h"

#include <string.h>

/* One line a route; docs/openapi.yaml has the same (tests/app/api.py). */
static const struct {
    const char *path;
    const char *list, *one; /* methods of the list and of one by its id; NULL: no such path */
    int kind;
    bool runs; /* one can be started and stopped */
} routes[] = {
    {"/api/emissions", "GET, HEAD", NULL, G20_API_EMISSIONS, false},
    {"/api/signals", "GET, HEAD, POST", "GET, HEAD, PATCH, DELETE", G20_SIGNALS, false},
    {"/api/missions", "GET, HEAD, POST", "GET, HEAD, PUT, PATCH, DELETE", G20_MISSIONS, true},
    {"/api/captures", "GET, HEAD, POST", "GET, HEAD, PATCH, DELETE", G20_CAPTURES, false},
    {"/api/triggers", "GET, HEAD, POST", NULL, G20_API_TRIGGERS, false},
    {"/api/samples", "GET, HEAD", "GET, HEAD", G20_SAMPLES, false},
};

static const char *action_methods(enum g20_api_action action)
{
    return action == G20_API_START || action == G20_API_STOP ? "POST" : "GET, HEAD";
}

/* "ID", of what runs "ID/start" and "ID/stop", of captures "ID/data" and "ID/meta". */
static bool split(const char *rest, int kind, bool runs, char *ret_id, size_t size,
                  enum g20_api_action *ret_action)
{
    static const char *const actions[] = {[G20_API_NONE] = "",
                                          [G20_API_START] = "/start",
                                          [G20_API_STOP] = "/stop",
                                          [G20_API_DATA] = "/data",
                                          [G20_API_META] = "/meta"};
    const size_t n = strcspn(rest, "/");

    if (n >= size)
        return false;
    memcpy(ret_id, rest, n);
    ret_id[n] = '\0';
    for (size_t i = 0; i < G20_COUNT_OF(actions); i++) {
        const bool has = i == G20_API_NONE || (i >= G20_API_DATA ? kind == G20_CAPTURES : runs);
        if (has && strcmp(rest + n, actions[i]) == 0) {
            *ret_action = (enum g20_api_action)i;
            return g20_kind_id_ok(ret_id);
        }
    }
    return false;
}

const char *g20_api_methods(const char *path, int *ret_kind, char *ret_id, size_t size,
                            enum g20_api_action *ret_action)
{
    for (size_t i = 0; i < G20_COUNT_OF(routes); i++) {
        const size_t n = strlen(routes[i].path);

        if (strncmp(path, routes[i].path, n) != 0)
            continue;
        *ret_kind = routes[i].kind;
        ret_id[0] = '\0';
        *ret_action = G20_API_NONE;
        if (path[n] == '\0')
            return routes[i].list;
        if (path[n] == '/' &&
            split(path + n + 1, routes[i].kind, routes[i].runs, ret_id, size, ret_action))
            return *ret_action == G20_API_NONE ? routes[i].one : action_methods(*ret_action);
    }
    return NULL;
}

bool g20_api_owns(const char *path)
{
    for (size_t i = 0; i < G20_COUNT_OF(routes); i++) {
        const size_t n = strlen(routes[i].path);

        if (strncmp(path, routes[i].path, n) == 0 && (path[n] == '\0' || path[n] == '/'))
            return true;
    }
    return false;
}
