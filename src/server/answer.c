/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/answer.h"

#include "base/alloc.h"
#include "base/log_ring.h"
#include "server/metrics.h"

#include <string.h>

enum { LOG_LINES = 1000 };

static const char LOGS[] = "/api/logs"; /* the one of these that has parameters */

void g20_answer_text(struct g20_answer *a, unsigned status, const char *text)
{
    a->status = status;
    a->type = "text/plain; charset=utf-8";
    a->body = (const uint8_t *)text;
    a->len = strlen(text);
}

void g20_answer_json(struct g20_answer *a, unsigned status, json_t *o)
{
    const size_t len = o ? json_dumpb(o, NULL, 0, JSON_COMPACT) : 0;

    a->owned = len > 0 ? g20_calloc(1, len + 1) : NULL;
    if (a->owned) {
        a->len = json_dumpb(o, a->owned, len, JSON_COMPACT);
        a->status = status;
        a->type = "application/json";
    } else {
        g20_answer_text(a, HTTP_STATUS_INTERNAL_SERVER_ERROR, "out of memory\n");
    }
    json_decref(o);
}

static void get_health(struct g20_server *s, struct g20_answer *a)
{
    json_t *o = g20_health_json(s);
    const char *status = json_string_value(json_object_get(o, "status"));

    g20_answer_json(a, status && strcmp(status, "unavailable") != 0 ? 200 : 503, o);
}

static void from_daemon(struct g20_server *s, json_t *(*get)(void *user), struct g20_answer *a)
{
    if (get)
        g20_answer_json(a, 200, get(s->cfg.api_user));
    else
        g20_answer_text(a, 404, "not found\n");
}

static void get_capabilities(struct g20_server *s, struct g20_answer *a)
{
    from_daemon(s, s->cfg.capabilities, a);
}

static void get_config(struct g20_server *s, struct g20_answer *a)
{
    from_daemon(s, s->cfg.config, a);
}

static void get_metrics(struct g20_server *s, struct g20_answer *a)
{
    struct g20_text t = {0};

    g20_metrics_text(s, &t);
    if (t.failed || !t.data) {
        g20_text_fini(&t);
        g20_answer_text(a, 503, "out of memory\n");
        return;
    }
    a->status = 200;
    a->type = "text/plain; version=0.0.4; charset=utf-8";
    a->len = t.len;
    a->owned = t.data; /* the answer's now */
}

static void get_devices(struct g20_server *s, struct g20_answer *a)
{
    from_daemon(s, s->cfg.devices, a);
}

static void get_models(struct g20_server *s, struct g20_answer *a)
{
    from_daemon(s, s->cfg.models, a);
}

static void error_answer(struct g20_answer *a, unsigned status, const char *why)
{
    g20_answer_json(a, status, json_pack("{s:o}", "error", g20_status_string(why)));
}

/* The lines are JSON already: a big log is put together, not parsed. */
static void get_logs(struct g20_server *s, struct lws *wsi, struct g20_answer *a)
{
    static const char *const names[] = {"after", "limit"};
    struct g20_query q = {0};
    struct g20_log_page page;
    struct g20_text t = {0};
    struct g20_err e = {0};
    uint32_t most = LOG_LINES;
    double after = 0;

    if (g20_read_query(wsi, &q, &e) < 0 || g20_query_only(&q, names, 2, &e) < 0 ||
        g20_query_number(&q, "after", 0, 9e15, &after, &e) < 0 ||
        g20_query_whole(&q, "limit", 1, LOG_LINES, &most, &e) < 0) {
        error_answer(a, 400, e.msg);
        return;
    }
    g20_text_puts(&t, "{\"lines\":[");
    g20_log_ring_read(s->cfg.logs, (uint64_t)after, most, &t, &page);
    g20_text_printf(&t, "],\"next\":%llu,\"missed\":%llu}", (unsigned long long)page.next,
                    (unsigned long long)page.missed);
    if (t.failed) {
        g20_text_fini(&t);
        error_answer(a, 503, "out of memory");
        return;
    }
    a->status = 200;
    a->type = "application/json";
    a->len = t.len;
    a->owned = t.data; /* the answer's now */
}

static void get_ring(struct g20_server *s, struct g20_answer *a)
{
    if (s->cfg.ring)
        g20_answer_json(a, 200, g20_status_ring(s->cfg.ring));
    else
        g20_answer_text(a, 404, "no IQ is kept: storage.ring_bytes is 0\n");
}

static const struct {
    const char *path;
    void (*get)(struct g20_server *s, struct g20_answer *a);
} routes[] = {
    {"/health", get_health},
    {"/metrics", get_metrics},
    {"/api/capabilities", get_capabilities},
    {"/api/config", get_config},
    {"/api/devices", get_devices},
    {"/api/models", get_models},
    {"/api/ring", get_ring},
};

bool g20_answer_is_route(const char *path)
{
    for (size_t i = 0; i < G20_COUNT_OF(routes); i++)
        if (strcmp(path, routes[i].path) == 0)
            return true;
    return strcmp(path, LOGS) == 0;
}

bool g20_answer_route(struct g20_server *s, struct lws *wsi, const char *path, struct g20_answer *a)
{
    if (strcmp(path, LOGS) == 0 && s->cfg.logs) {
        get_logs(s, wsi, a);
        a->cache = "no-store";
        return true;
    }
    for (size_t i = 0; i < G20_COUNT_OF(routes); i++) {
        if (strcmp(path, routes[i].path) == 0) {
            routes[i].get(s, a);
            a->cache = "no-store";
            return true;
        }
    }
    return false;
}
