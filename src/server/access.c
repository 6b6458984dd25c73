/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Who may do what: tokens in a request's headers (docs/security.md). */
#include "server/internal.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdio.h>
#include <string.h>

static const uint64_t LOG_PAUSE_NS = 10000000000u; /* between two log lines about refusals */

static const char SCHEME[] = "bearer."; /* in front of a token among the subprotocols */

/* Browsers cannot set headers of a WebSocket, but subprotocols: "g20, bearer.TOKEN". */
static enum g20_role role_of_protocols(struct g20_tokens *t, const char *list)
{
    const size_t scheme = sizeof(SCHEME) - 1;

    while (*list) {
        list += strspn(list, ", \t");
        const size_t n = strcspn(list, ", \t");

        if (n > scheme && strncmp(list, SCHEME, scheme) == 0)
            return g20_tokens_role(t, list + scheme, n - scheme);
        list += n;
    }
    return G20_ROLE_NONE;
}

/* An <img> and most players cannot set headers either. */
static enum g20_role role_of_query(struct g20_tokens *t, struct lws *wsi)
{
    char value[G20_TOKEN_MAX + 16];
    const char *token = lws_get_urlarg_by_name(wsi, "token=", value, sizeof(value));

    return token ? g20_tokens_role(t, token, strlen(token)) : G20_ROLE_NONE;
}

enum g20_role g20_access_role(struct g20_server *s, struct lws *wsi, const char *path)
{
    char text[512];

    if (!s->cfg.tokens)
        return G20_ROLE_CONTROL;
    int n = lws_hdr_copy(wsi, text, sizeof(text), WSI_TOKEN_HTTP_AUTHORIZATION);
    if (n > 0)
        return g20_tokens_bearer(s->cfg.tokens, text, (size_t)n);
    n = lws_hdr_copy(wsi, text, sizeof(text), WSI_TOKEN_PROTOCOL);
    if (n > 0)
        return role_of_protocols(s->cfg.tokens, text);
    if (strcmp(path, "/video.mjpeg") == 0)
        return role_of_query(s->cfg.tokens, wsi);
    return G20_ROLE_NONE;
}

const char *g20_access_challenge(struct lws *wsi, enum g20_role role)
{
    if (role != G20_ROLE_NONE)
        return "Bearer realm=\"g20\", error=\"insufficient_scope\"";
    if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_AUTHORIZATION) > 0)
        return "Bearer realm=\"g20\", error=\"invalid_token\"";
    return "Bearer realm=\"g20\"";
}

void g20_access_refused(struct g20_server *s, struct lws *wsi, const char *path)
{
    const uint64_t now_ns = g20_clock_mono_ns();
    char peer[64] = "";

    atomic_fetch_add(&s->unauthorized, 1);
    if (s->refusal_logged_ns != 0 && now_ns - s->refusal_logged_ns < LOG_PAUSE_NS)
        return;
    s->refusal_logged_ns = now_ns;
    lws_get_peer_simple(wsi, peer, sizeof(peer));
    g20_log(G20_LOG_WARNING, "server", "request without a token that allows it",
            G20_F_STR("path", path), G20_F_STR("peer", peer),
            G20_F_INT("refused_so_far", atomic_load(&s->unauthorized)));
}

int g20_access_refuse_ws(struct g20_server *s, struct lws *wsi, const char *path)
{
    static const char body[] = "a token is wanted (docs/security.md)\n";
    unsigned char buf[LWS_PRE + 1024], *p = buf + LWS_PRE, *const end = buf + sizeof(buf);
    const char *challenge = g20_access_challenge(wsi, G20_ROLE_NONE);

    g20_access_refused(s, wsi, path);
    if (lws_add_http_header_status(wsi, HTTP_STATUS_UNAUTHORIZED, &p, end) != 0 ||
        lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_WWW_AUTHENTICATE,
                                     (const unsigned char *)challenge, (int)strlen(challenge), &p,
                                     end) != 0 ||
        lws_add_http_header_by_token(wsi, WSI_TOKEN_CONNECTION, (const unsigned char *)"close", 5,
                                     &p, end) != 0 ||
        lws_add_http_header_content_length(wsi, sizeof(body) - 1, &p, end) != 0 ||
        lws_finalize_http_header(wsi, &p, end) != 0 || (size_t)(end - p) < sizeof(body))
        return -1;
    memcpy(p, body, sizeof(body) - 1);
    p += sizeof(body) - 1;
    lws_write(wsi, buf + LWS_PRE, (size_t)(p - (buf + LWS_PRE)), LWS_WRITE_HTTP_HEADERS);
    return -1;
}
