/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* GET /video.mjpeg: the pictures of /ws/video as multipart/x-mixed-replace, for <img>, VLC, ffplay.
 *
 * A picture is written whole and the next one asked for only when the socket has room again; what
 * comes meanwhile waits in a short feed, whose oldest goes first. */
#include "server/internal.h"

#include "base/alloc.h"
#include "server/video.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct g20_mjpeg {
    struct g20_mjpeg *next, **link;
    struct lws *wsi;
    struct g20_feed *feed;
};

void g20_mjpeg_close(struct g20_server *s, struct g20_session *session)
{
    struct g20_mjpeg *m = session ? session->mjpeg : NULL;

    if (!m)
        return;
    session->mjpeg = NULL;
    g20_video_leave(s->video, m->feed);
    g20_feed_close(m->feed);
    g20_feed_unref(&m->feed);
    *m->link = m->next;
    if (m->next)
        m->next->link = m->link;
    g20_free(m);
}

static int send_head(struct lws *wsi)
{
    static const char type[] = "multipart/x-mixed-replace; boundary=g20";
    unsigned char buf[LWS_PRE + 1024], *p = buf + LWS_PRE, *end = buf + sizeof(buf);

    if (lws_add_http_header_status(wsi, HTTP_STATUS_OK, &p, end) != 0 ||
        lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_CONTENT_TYPE, (const unsigned char *)type,
                                     sizeof(type) - 1, &p, end) != 0 ||
        lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_CACHE_CONTROL,
                                     (const unsigned char *)"no-store", 8, &p, end) != 0 ||
        lws_add_http_header_by_token(wsi, WSI_TOKEN_CONNECTION, (const unsigned char *)"close", 5,
                                     &p, end) != 0 ||
        lws_finalize_http_header(wsi, &p, end) != 0)
        return -1;
    const size_t n = (size_t)(p - (buf + LWS_PRE));
    return lws_write(wsi, buf + LWS_PRE, n, LWS_WRITE_HTTP_HEADERS) < (int)n ? -1 : 0;
}

int g20_mjpeg_open(struct g20_server *s, struct lws *wsi, struct g20_session *session,
                   bool head_only, struct g20_err *e)
{
    struct g20_query q = {0};
    struct g20_video_cfg cfg;

    int r = g20_read_query(wsi, &q, e);
    if (r == 0)
        r = g20_video_query(&q, &cfg, e);
    if (r < 0)
        return r;
    struct g20_mjpeg *m = head_only ? NULL : g20_calloc(1, sizeof(*m));
    if (!m)
        return head_only ? 0 : g20_fail(e, -ENOMEM, "out of memory");
    r = g20_feed_create(&m->feed, G20_VIDEO_QUEUED, g20_server_wake, s);
    if (r == 0)
        r = g20_video_watch(s->video, &cfg, m->feed, e);
    if (r < 0) {
        g20_feed_unref(&m->feed);
        g20_free(m);
        return r;
    }
    m->wsi = wsi;
    m->next = s->viewers;
    m->link = &s->viewers;
    if (m->next)
        m->next->link = &m->next;
    s->viewers = m;
    session->mjpeg = m;
    return 0;
}

int g20_mjpeg_start(struct lws *wsi)
{
    if (send_head(wsi) < 0)
        return -1;
    lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0); /* as long as it likes; check() sets one anew */
    return 0;
}

int g20_mjpeg_writable(struct g20_server *s, struct g20_session *session)
{
    struct g20_mjpeg *v = session->mjpeg;
    uint8_t head[LWS_PRE + 96];

    if (atomic_load(&s->draining))
        return -1;
    struct g20_msg *m = g20_feed_take(v->feed);
    if (!m)
        return 0;
    const int n =
        snprintf((char *)head + LWS_PRE, sizeof(head) - LWS_PRE,
                 "--g20\r\nContent-Type: image/jpeg\r\nContent-Length: %zu\r\n\r\n", m->len);
    bool ok = lws_write(v->wsi, head + LWS_PRE, (size_t)n, LWS_WRITE_HTTP) >= n;
    ok = ok && lws_write(v->wsi, g20_msg_data(m), m->len, LWS_WRITE_HTTP) >= (int)m->len;
    memcpy(head + LWS_PRE, "\r\n", 2);
    ok = ok && lws_write(v->wsi, head + LWS_PRE, 2, LWS_WRITE_HTTP) >= 2;
    g20_msg_unref(m);
    lws_set_timeout(v->wsi, NO_PENDING_TIMEOUT, 0);
    return ok ? 0 : -1;
}

void g20_mjpeg_check(struct g20_server *s)
{
    struct g20_feed_stats st;

    for (struct g20_mjpeg *m = s->viewers; m; m = m->next) {
        g20_feed_stats(m->feed, &st);
        if (st.len == 0 && !atomic_load(&s->draining))
            continue;
        if (st.len <= 1) /* one whose queue is full has been waiting: its time runs already */
            lws_set_timeout(m->wsi, PENDING_TIMEOUT_HTTP_CONTENT, (int)s->cfg.request_s);
        lws_callback_on_writable(m->wsi);
    }
}
