/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/answer.h"

#include "base/alloc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 16384, PATH_MAX_BYTES = 2048 };

static bool header_has(struct lws *wsi, enum lws_token_indexes token, const char *what)
{
    char buf[512];

    return lws_hdr_copy(wsi, buf, sizeof(buf), token) > 0 && strstr(buf, what) != NULL;
}

static void static_answer(struct g20_server *s, struct lws *wsi, const char *path,
                          struct g20_answer *a)
{
    const struct g20_static_file *f = g20_static_find(s->files, path);

    if (!f && strcmp(path, "/") == 0) {
        g20_answer_text(
            a, 503,
            "The web UI is not built. Run 'make' in the source folder (or 'ninja -C "
            "build'),\nthen start g20 again. Rows are at /ws/pipeline, state at /health.\n");
        return;
    }
    if (!f) {
        g20_answer_text(a, 404, "not found\n");
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

static bool only_reads(struct lws *wsi)
{
    return lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) > 0 ||
           lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI) > 0;
}

/* Does the request name this machine? A page elsewhere, whose name was made to point here (DNS
 * rebinding), has no token, but where none is wanted it could read everything. */
static bool names_us(struct g20_server *s, struct lws *wsi)
{
    char host[256] = "";

    if (s->cfg.tokens)
        return true;
    if (lws_hdr_total_length(wsi, WSI_TOKEN_HOST) > 0 &&
        lws_hdr_copy(wsi, host, sizeof(host), WSI_TOKEN_HOST) <= 0)
        return false;
    return g20_route_host_ok(host, s->is_loopback);
}

/* The page itself is for everybody, since a browser must load it before it can show a token; all
 * else wants one, and whatever is no GET one that controls. false: *a is the answer. */
static bool is_allowed(struct g20_server *s, struct lws *wsi, const char *path,
                       struct g20_answer *a)
{
    const bool reads = only_reads(wsi);
    const enum g20_role role = g20_access_role(s, wsi, path);

    if (!names_us(s, wsi)) {
        g20_answer_text(a, 403,
                        "ask for localhost or 127.0.0.1: without tokens another name is "
                        "refused (docs/security.md)\n");
        a->close = true; /* whatever body follows is not read */
        return false;
    }
    if (role >= (reads ? G20_ROLE_READ : G20_ROLE_CONTROL) ||
        (reads && (strcmp(path, "/") == 0 || g20_static_find(s->files, path))))
        return true;
    if (reads && strcmp(path, "/health") == 0) { /* a probe's question */
        g20_answer_json(a, g20_server_healthy(s) ? 200 : 503, g20_health_brief(s));
        return false;
    }
    g20_access_refused(s, wsi, path);
    if (role == G20_ROLE_NONE)
        g20_answer_text(a, 401, "a token is wanted (docs/security.md)\n");
    else
        g20_answer_text(a, 403, "this token may only read\n");
    a->challenge = g20_access_challenge(wsi, role);
    a->close = true; /* whatever body follows is not read */
    return false;
}

static void make_answer(struct g20_server *s, struct lws *wsi, const char *path,
                        struct g20_answer *a)
{
    const bool reads = only_reads(wsi);

    if (g20_route_ws(path) != G20_WS_UNKNOWN) {
        g20_answer_text(a, 426, "this path speaks WebSocket\n");
        return;
    }
    if (!reads) {
        a->close = true; /* whatever body follows is not read */
        if (g20_answer_is_route(path) || g20_static_find(s->files, path) ||
            strcmp(path, "/") == 0) {
            g20_answer_text(a, 405, "only GET and HEAD\n");
            a->allow = "GET, HEAD";
        } else {
            g20_answer_text(a, 404, "not found\n");
        }
        return;
    }
    if (g20_answer_route(s, wsi, path, a))
        return;
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

static int send_headers(struct lws *wsi, const struct g20_answer *a, bool no_body)
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
    put_token(&h, WSI_TOKEN_HTTP_WWW_AUTHENTICATE, a->challenge);
    put_token(&h, WSI_TOKEN_HTTP_VARY, a->vary ? "accept-encoding" : NULL);
    put_token(&h, WSI_TOKEN_CONNECTION, a->close ? "close" : NULL);
    if (a->file_name) {
        char text[300];
        const int n = snprintf(text, sizeof(text), "attachment; filename=\"%s\"", a->file_name);
        h.failed |= lws_add_http_header_by_name(wsi, (const unsigned char *)"content-disposition:",
                                                (const unsigned char *)text, n, &h.p, h.end) != 0;
    }
    if (a->status == 426)
        put_token(&h, WSI_TOKEN_UPGRADE, "websocket");
    put_token(&h, WSI_TOKEN_HTTP_TRANSFER_ENCODING, a->chunked ? "chunked" : NULL);
    if (a->status != 304 && a->status != 204 && !a->no_length)
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

int g20_http_begin(struct lws *wsi, const struct g20_http_head *head)
{
    const struct g20_answer a = {.status = head->status,
                                 .type = head->type,
                                 .allow = head->allow,
                                 .file_name = head->file_name,
                                 .len = (size_t)G20_MAX(head->len, 0),
                                 .no_length = head->len < 0,
                                 .chunked = head->chunked,
                                 .close = head->close};

    return send_headers(wsi, &a, head->no_body);
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

/* 1: the stream of pictures has begun; 0: @a is the answer; -1: close. */
static int begin_video(struct g20_server *s, struct lws *wsi, struct g20_session *session,
                       struct g20_answer *a)
{
    const bool head = lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI) > 0;
    struct g20_err e = {0};
    char *text;

    if (!head && lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) <= 0) {
        a->close = true;
        g20_answer_text(a, 405, "only GET and HEAD\n");
        a->allow = "GET, HEAD";
        return 0;
    }
    const int r = g20_mjpeg_open(s, wsi, session, head, &e);
    if (r == 0 && !head)
        return g20_mjpeg_start(wsi) < 0 ? -1 : 1;
    g20_answer_text(a, r == -EINVAL ? 400 : r == 0 ? 200 : 503, "");
    text = g20_calloc(1, sizeof(e.msg) + 2);
    if (text)
        snprintf(text, sizeof(e.msg) + 2, "%s\n", e.msg);
    a->owned = text;
    a->len = text ? strlen(text) : 0;
    return 0;
}

static int on_request(struct g20_server *s, struct lws *wsi, struct g20_session *session,
                      const char *path, size_t len)
{
    struct g20_answer a = {0};

    reply_free(session);
    g20_api_gone(session);
    g20_mjpeg_close(s, session);
    if (len > PATH_MAX_BYTES || strnlen(path, len) != len)
        g20_answer_text(&a, len > PATH_MAX_BYTES ? 414 : 400, "bad path\n");
    else if (is_allowed(s, wsi, path, &a)) {
        if (g20_api_owns(path))
            return g20_api_request(s, wsi, session, path);
        const int video = strcmp(path, "/video.mjpeg") == 0 ? begin_video(s, wsi, session, &a) : 0;

        if (video != 0)
            return video < 0 ? -1 : 0;
        if (a.status == 0)
            make_answer(s, wsi, path, &a);
    }
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

    if (session && session->mjpeg)
        return g20_mjpeg_writable(s, session);
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
        return session && session->job ? g20_api_writable(s, wsi, session)
                                       : on_writable(s, wsi, session);
    case LWS_CALLBACK_HTTP_BODY: /* of a request that was refused: thrown away, and the */
        return session ? g20_api_body(session, in, len) : 0; /* connection closed after that */
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        return session ? g20_api_body_done(s, wsi, session) : 0;
    case LWS_CALLBACK_CLOSED_HTTP:
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
        g20_api_gone(session);
        reply_free(session);
        g20_mjpeg_close(s, session);
        return 0;
    default:
        return 0;
    }
}
