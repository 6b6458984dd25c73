/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* /ws/video: a binary message for each JPEG picture of the waterfall. */
#include "server/internal.h"
#include "server/video.h"

static json_t *on_command(struct g20_server *s, struct g20_ws_client *c, struct g20_request *r)
{
    (void)s;
    (void)c;
    return g20_ws_refuse(g20_request_unknown, r->command);
}

static int on_established(struct g20_server *s, struct g20_ws_client *c, const struct g20_query *q,
                          struct g20_err *e)
{
    struct g20_video_cfg cfg;
    int r = g20_video_query(q, &cfg, e);

    if (r < 0)
        return r;
    r = g20_feed_create(&c->feed, G20_VIDEO_QUEUED, g20_server_wake, s);
    if (r < 0)
        return g20_fail(e, r, "out of memory");
    return g20_video_watch(s->video, &cfg, c->feed, e);
}

static void on_closed(struct g20_server *s, struct g20_ws_client *c)
{
    g20_video_leave(s->video, c->feed);
}

const struct g20_ws_ops g20_ws_video = {
    .established = on_established, .command = on_command, .closed = on_closed};
