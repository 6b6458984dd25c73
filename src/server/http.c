/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/internal.h"

#include "base/alloc.h"
#include "server/metrics.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 16384, PATH_MAX_BYTES = 2048 };

struct answer {
    unsigned status;
    const char *type;
    const uint8_t *body; /* borrowed from static memory */
    char *owned;         /* or g20 memory */
    size_t len;
    const char *etag, *cache, *encoding, *allow;
    bool vary, close;
};

static void text_answer(struct answer *a, unsigned status, const char *text)
{
    a->status = status;
    a->type = "text/plain; charset=utf-8";
    a->body = (const uint8_t *)text;
    a->len = strlen(text);
}

static void json_answer(struct answer *a, unsigned status, json_t *o)
{
    const size_t len = o ? json_dumpb(o, NULL, 0, JSON_COMPACT) : 0;

    a->owned = len > 0 ? g20_calloc(1, len + 1) : NULL;
    if (a->owned) {
        a->len = json_dumpb(o, a->owned, len, JSON_COMPACT);
        a->status = status;
        a->type = "application/json";
    } else {
        text_answer(a, HTTP_STATUS_INTERNAL_SERVER_ERROR, "out of memory\n");
    }
    json_decref(o);
}

static void get_health(struct g20_server *s, struct answer *a)
{
    json_t *o = g20_health_json(s);
    const char *status = json_string_value(json_object_get(o, "status"));

    json_answer(a, status && strcmp(status, "ok") == 0 ? 200 : 503, o);
}

static void get_capabilities(struct g20_server *s, struct answer *a)
{
    if (s->cfg.capabilities)
        json_answer(a, 200, s->cfg.capabilities(s->cfg.api_user));
    else
        text_answer(a, 404, "not found\n");
}

static void get_config(struct g20_server *s, struct answer *a)
{
    if (s->cfg.config)
        json_answer(a, 200, s->cfg.config(s->cfg.api_user));
    else
        text_answer(a, 404, "not found\n");
}

static void get_metrics(struct g20_server *s, struct answer *a)
{
    struct g20_text t = {0};

    g20_metrics_text(s, &t);
    if (t.failed || !t.data) {
        g20_text_fini(&t);
        text_answer(a, 503, "out of memory\n");
        return;
    }
    a->status = 200;
    a->type = "text/plain; version=0.0.4; charset=utf-8";
    a->len = t.len;
    a->owned = t.data; /* the answer's now */
}

static void get_models(struct g20_server *s, struct answer *a)
{
    if (s->cfg.models)
        json_answer(a, 200, s->cfg.models(s->cfg.api_user));
    else
        text_answer(a, 404, "not found\n");
}

static const struct {
    const char *path;
    void (*get)(struct g20_server *s, struct answer *a);
} routes[] = {
    {"/health", get_health},
    {"/metrics", get_metrics},
    {"/api/capabilities", get_capabilities},
    {"/api/config", get_config},
    {"/api/models", get_models},
};

static bool header_has(struct lws *wsi, enum lws_token_indexes token, const char *what)
{
    char buf[512];

    return lws_hdr_copy(wsi, buf, sizeof(buf), token) > 0 && strstr(buf, what) != NULL;
}

static void static_answer(struct g20_server *s, struct lws *wsi, const char *path, struct answer *a)
{
    const struct g20_static_file *f = g20_static_find(s->files, path);

    if (!f && strcmp(path, "/") == 0) {
        text_answer(
            a, 503,
            "The web UI is not built. Run 'make' in the source folder (or 'ninja -C "
            "build'),\nthen start g20 again. Rows are at /ws/pipeline, state at /health.\n");
        return;
    }
    if (!f) {
        text_answer(a, 404, "not found\n");
        return;
    }
    a->type = f->type;
    a->etag = f->etag;
    a->cache = f->immutable ? "public, max-age=31536000, immutable" : "no-cache";
    a->vary = f->gz != NULL;
    if (header_has(wsi, WSI_TOKEN_HTTP_IF_NONE_MATCH, f->etag)) {
        a->status = 304;
        return;
    }
    a->status = 200;
    a->body = f->data;
    a->len = f->len;
    if (f->gz && header_has(wsi, WSI_TOKEN_HTTP_ACCEPT_ENCODING, "gzip")) {
        a->encoding = "gzip";
        a->body = f->gz;
        a->len = f->gz_len;
    }
}

static bool is_route(const char *path)
{
    for (size_t i = 0; i < G20_COUNT_OF(routes); i++)
        if (strcmp(path, routes[i].path) == 0)
            return true;
    return false;
}

static void make_answer(struct g20_server *s, struct lws *wsi, const char *path, struct answer *a)
{
    const bool reads = lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) > 0 ||
                       lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI) > 0;

    if (g20_route_ws(path) != G20_WS_UNKNOWN) {
        text_answer(a, 426, "this path speaks WebSocket\n");
        return;
    }
    if (!reads) {
        a->close = true; /* whatever body follows is not read */
        if (is_route(path) || g20_static_find(s->files, path) || strcmp(path, "/") == 0) {
            text_answer(a, 405, "only GET and HEAD\n");
            a->allow = "GET, HEAD";
        } else {
            text_answer(a, 404, "not found\n");
        }
        return;
    }
    for (size_t i = 0; i < G20_COUNT_OF(routes); i++) {
        if (strcmp(path, routes[i].path) == 0) {
            routes[i].get(s, a);
            a->cache = "no-store";
            return;
        }
    }
    static_answer(s, wsi, path, a);
}

struct head {
    struct lws *wsi;
    unsigned char buf[LWS_PRE + 2048], *p, *end;
    bool failed;
};

static void put_token(struct head *h, enum lws_token_indexes token, const char *value)
{
    if (value)
        h->failed |= lws_add_http_header_by_token(h->wsi, token, (const unsigned char *)value,
                                                  (int)strlen(value), &h->p, h->end) != 0;
}

static int send_headers(struct lws *wsi, const struct answer *a, bool no_body)
{
    struct head h = {.wsi = wsi};

    h.p = h.buf + LWS_PRE;
    h.end = h.buf + sizeof(h.buf);
    h.failed = lws_add_http_header_status(wsi, a->status, &h.p, h.end) != 0;
    put_token(&h, WSI_TOKEN_HTTP_CONTENT_TYPE, a->type);
    put_token(&h, WSI_TOKEN_HTTP_CACHE_CONTROL, a->cache ? a->cache : "no-store");
    put_token(&h, WSI_TOKEN_HTTP_ETAG, a->etag);
    put_token(&h, WSI_TOKEN_HTTP_CONTENT_ENCODING, a->encoding);
    put_token(&h, WSI_TOKEN_HTTP_ALLOW, a->allow);
    put_token(&h, WSI_TOKEN_HTTP_VARY, a->vary ? "accept-encoding" : NULL);
    put_token(&h, WSI_TOKEN_CONNECTION, a->close ? "close" : NULL);
    if (a->status == 426)
        put_token(&h, WSI_TOKEN_UPGRADE, "websocket");
    if (a->status != 304)
        h.failed |= lws_add_http_header_content_length(wsi, a->len, &h.p, h.end) != 0;
    h.failed |= lws_finalize_http_header(wsi, &h.p, h.end) != 0;
    if (h.failed)
        return -1;
    const size_t n = (size_t)(h.p - (h.buf + LWS_PRE));
    return lws_write(wsi, h.buf + LWS_PRE, n,
                     no_body ? LWS_WRITE_HTTP_HEADERS | LWS_WRITE_H2_STREAM_END
                             : LWS_WRITE_HTTP_HEADERS) < (int)n
               ? -1
               : 0;
}

static void reply_free(struct g20_session *session)
{
    if (!session || !session->reply)
        return;
    g20_free(session->reply->owned);
    g20_free(session->reply);
    session->reply = NULL;
}

static int complete(struct lws *wsi, bool close)
{
    return close || lws_http_transaction_completed(wsi) ? -1 : 0;
}

static int on_request(struct g20_server *s, struct lws *wsi, struct g20_session *session,
                      const char *path, size_t len)
{
    struct answer a = {0};

    reply_free(session);
    if (len > PATH_MAX_BYTES || strnlen(path, len) != len)
        text_answer(&a, len > PATH_MAX_BYTES ? 414 : 400, "bad path\n");
    else
        make_answer(s, wsi, path, &a);
    const bool no_body = a.len == 0 || lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI) > 0;

    if (send_headers(wsi, &a, no_body) < 0) {
        g20_free(a.owned);
        return -1;
    }
    if (no_body) {
        g20_free(a.owned);
        return complete(wsi, a.close);
    }
    struct g20_http_reply *r = g20_calloc(1, sizeof(*r));
    if (!r) {
        g20_free(a.owned);
        return -1;
    }
    r->owned = a.owned;
    r->body = a.owned ? (const uint8_t *)a.owned : a.body;
    r->len = a.len;
    r->close = a.close;
    session->reply = r;
    lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, (int)s->cfg.request_s);
    lws_callback_on_writable(wsi);
    return 0;
}

static int on_writable(struct g20_server *s, struct lws *wsi, struct g20_session *session)
{
    struct g20_http_reply *r = session ? session->reply : NULL;
    uint8_t buf[LWS_PRE + PIECE];

    if (!r)
        return 0;
    const size_t n = G20_MIN(r->len - r->sent, (size_t)PIECE);
    const bool last = r->sent + n == r->len;
    memcpy(buf + LWS_PRE, r->body + r->sent, n);
    if (lws_write(wsi, buf + LWS_PRE, n, last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) < (int)n)
        return -1;
    r->sent += n;
    if (last) {
        const bool close = r->close;

        reply_free(session);
        return complete(wsi, close);
    }
    lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, (int)s->cfg.request_s);
    lws_callback_on_writable(wsi);
    return 0;
}

int g20_http_callback(struct g20_server *s, struct lws *wsi, enum lws_callback_reasons reason,
                      struct g20_session *session, void *in, size_t len)
{
    switch (reason) {
    case LWS_CALLBACK_HTTP:
        return on_request(s, wsi, session, in, len);
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return on_writable(s, wsi, session);
    case LWS_CALLBACK_HTTP_BODY: /* of a request that was refused: thrown away, and the */
    case LWS_CALLBACK_HTTP_BODY_COMPLETION: /* connection is closed once the refusal is sent */
        return 0;
    case LWS_CALLBACK_CLOSED_HTTP:
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
        reply_free(session);
        return 0;
    default:
        return 0;
    }
}
