/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* video: draws and encodes the waterfall for those who watch, on a thread of its own that sleeps
 * while nobody does. Watchers of the same size and rate share each frame. */
#ifndef G20_SERVER_VIDEO_H
#define G20_SERVER_VIDEO_H

#include "engine/hub.h"
#include "server/feed.h"
#include "server/query.h"

struct g20_video;

enum { G20_VIDEO_QUEUED = 3 }; /* frames for one slow watcher; the oldest goes */

struct g20_video_cfg {
    uint32_t fps;   /* 10, 15, 20, 30 or 60 */
    uint32_t width; /* even, G20_SCREEN_WIDTH_MIN..MAX */
};

/* ?fps=...&width=... with defaults; -EINVAL names the parameter. */
G20_MUST_USE int g20_video_query(const struct g20_query *q, struct g20_video_cfg *ret,
                                 struct g20_err *e);

/* Nothing runs before the first watcher. @hub is borrowed and must outlive it. */
G20_MUST_USE int g20_video_create(struct g20_video **ret, struct g20_hub *hub, int colormap,
                                  float dynamic_range_db, struct g20_err *e);
void g20_video_destroy(struct g20_video *v); /* watchers may be left; NULL is fine */

/* From now on @feed gets binary messages, each one JPEG picture. -EBUSY: too many watchers or sizes
 * at once. The video keeps a reference of its own. */
G20_MUST_USE int g20_video_watch(struct g20_video *v, const struct g20_video_cfg *cfg,
                                 struct g20_feed *feed, struct g20_err *e);
void g20_video_leave(struct g20_video *v, const struct g20_feed *feed); /* unknown is fine */

struct g20_video_stats {
    uint32_t watchers, sizes;
    uint64_t frames;   /* drawn and encoded */
    uint64_t frame_ns; /* processor time of that */
    uint64_t bytes;
};
void g20_video_stats(struct g20_video *v, struct g20_video_stats *ret); /* any thread */

#endif
