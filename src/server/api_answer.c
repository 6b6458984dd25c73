/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/api.h"

#include <stdio.h>
#include <string.h>

enum { PIECE = 16384 };

/* The next bytes of the piece, framed when the length of the whole is not known. */
static int send_piece(struct lws *wsi, struct g20_api_job *job, bool framed, bool *ret_final)
{
    uint8_t buf[LWS_PRE + PIECE + 32];
    const size_t n = G20_MIN(job->out.len - job->sent, (size_t)PIECE);
    const bool ends = job->sent + n == job->out.len && job->last;
    size_t len = 0;

    if (framed && n > 0)
        len += (size_t)snprintf((char *)buf + LWS_PRE, 16, "%zx\r\n", n);
    if (n > 0)
        memcpy(buf + LWS_PRE + len, job->out.data + job->sent, n);
    len += n;
    if (framed && n > 0) {
        memcpy(buf + LWS_PRE + len, "\r\n", 2);
        len += 2;
    }
    if (framed && ends) {
        memcpy(buf + LWS_PRE + len, "0\r\n\r\n", 5);
        len += 5;
    }
    job->sent += n;
    *ret_final = ends;
    if (len == 0 && !ends)
        return 0;
    return lws_write(wsi, buf + LWS_PRE, len, ends ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) <
                   (int)len
               ? -1
               : 0;
}

static int finish(struct lws *wsi, struct g20_session *session)
{
    const bool close = session->job->close;

    g20_api_gone(session);
    return close || lws_http_transaction_completed(wsi) ? -1 : 0;
}

int g20_api_writable(struct g20_server *s, struct lws *wsi, struct g20_session *session)
{
    struct g20_api_job *job = session->job;
    bool final = false;

    if (!job || job->busy || job->status == 0)
        return 0; /* not yet */
    if (!job->head_sent) {
        const bool whole = job->last && !job->has_length;
        const bool empty = job->no_body || job->status == 204;
        const struct g20_http_head head = {.status = job->status,
                                           .type = job->type,
                                           .allow = job->allow,
                                           .file_name = job->has_length ? job->file_name : NULL,
                                           .len = whole             ? (int64_t)job->out.len
                                                  : job->has_length ? job->length
                                                                    : -1,
                                           .chunked = !whole && !job->has_length && !job->plain,
                                           .close = job->close,
                                           .no_body = empty};

        job->head_sent = true;
        job->plain |= whole || job->has_length;
        if (g20_http_begin(wsi, &head) < 0)
            return -1;
        if (empty)
            return finish(wsi, session);
        lws_callback_on_writable(wsi);
        return 0;
    }
    if (job->close && job->started && job->status >= 400)
        return -1; /* failed in the middle of an export */
    if (send_piece(wsi, job, !job->plain, &final) < 0)
        return -1;
    if (final)
        return finish(wsi, session);
    lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, G20_API_ANSWER_S);
    if (job->sent < job->out.len) {
        lws_callback_on_writable(wsi);
        return 0;
    }
    job->sent = 0;
    return g20_api_submit(s->api, job) ? 0 : -1;
}
