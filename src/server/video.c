/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/video.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "render/jpeg.h"
#include "render/screen.h"
#include "server/view.h"

#include <errno.h>
#include <string.h>
#include <time.h>

enum { SIZES = 4, WATCHERS = 32, ROWS = 8, EVENTS = 256, QUALITY = 80 };

struct size { /* one picture for all who want it like this */
    bool used;
    struct g20_video_cfg cfg;
    struct g20_screen *screen; /* the worker's, as is all below, once @used */
    struct g20_jpeg *jpeg;
    uint64_t due_ns;
    bool has_news;
};

struct watcher {
    struct g20_feed *feed; /* NULL: free */
    int size;
};

struct g20_video {
    struct g20_hub *hub;
    int colormap;
    struct g20_view_range range;
    struct g20_thread thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stop, woken;
    struct watcher watcher[WATCHERS];
    struct size size[SIZES];
    uint32_t watchers;
    struct g20_video_stats stats;
};

int g20_video_query(const struct g20_query *q, struct g20_video_cfg *ret, struct g20_err *e)
{
    static const char *const names[] = {"fps", "width"}, *const rates[] = {"10", "15", "20", "30",
                                                                           "60"};
    static const uint32_t fps[] = {10, 15, 20, 30, 60};
    struct g20_video_cfg c = {.fps = 15, .width = 1280};
    uint32_t rate = 1;

    int r = g20_query_only(q, names, G20_COUNT_OF(names), e);
    if (r == 0)
        r = g20_query_word(q, "fps", rates, G20_COUNT_OF(rates), &rate, e);
    if (r >= 0)
        r = g20_query_whole(q, "width", G20_SCREEN_WIDTH_MIN, G20_SCREEN_WIDTH_MAX, &c.width, e);
    if (r < 0)
        return r;
    if (c.width % 2 != 0)
        return g20_fail(e, -EINVAL, "width: want an even number");
    c.fps = fps[rate];
    *ret = c;
    return 0;
}

static void on_hub(void *user)
{
    struct g20_video *v = user;

    pthread_mutex_lock(&v->lock);
    v->woken = true;
    pthread_cond_signal(&v->wake);
    pthread_mutex_unlock(&v->lock);
}

static void size_close(struct size *z)
{
    g20_jpeg_destroy(z->jpeg);
    g20_screen_destroy(z->screen);
    *z = (struct size){0};
}

static bool is_watched(const struct g20_video *v, int size)
{
    for (int i = 0; i < WATCHERS; i++)
        if (v->watcher[i].feed && v->watcher[i].size == size)
            return true;
    return false;
}

/* Under the lock: forgets sizes that nobody watches, which the worker alone may do. */
static void tidy(struct g20_video *v)
{
    for (int i = 0; i < SIZES; i++)
        if (v->size[i].used && !is_watched(v, i))
            size_close(&v->size[i]);
}

static void hand_out(struct g20_video *v, int size, const uint8_t *data, size_t len)
{
    struct g20_msg *m = g20_msg_create(len, true);

    if (!m)
        return;
    memcpy(g20_msg_data(m), data, len);
    pthread_mutex_lock(&v->lock);
    for (int i = 0; i < WATCHERS; i++)
        if (v->watcher[i].feed && v->watcher[i].size == size)
            g20_feed_push(v->watcher[i].feed, g20_msg_ref(m));
    pthread_mutex_unlock(&v->lock);
    g20_msg_unref(m);
}

static uint64_t cpu_ns(void)
{
    struct timespec t;

    return clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t) == 0
               ? (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec
               : 0;
}

static void show(struct g20_video *v, int at, uint64_t now_ns)
{
    struct size *z = &v->size[at];
    const uint64_t every_ns = 1000000000u / z->cfg.fps;
    const uint8_t *data;
    size_t len;

    /* Rows come at their own pace: a frame may be a little early rather than a row late. */
    if (!z->has_news || now_ns + every_ns / 8 < z->due_ns)
        return;
    z->due_ns = now_ns > z->due_ns + every_ns ? now_ns + every_ns : z->due_ns + every_ns;
    z->has_news = false;
    const uint64_t start_ns = cpu_ns();
    if (g20_jpeg_encode(z->jpeg, g20_screen_draw(z->screen), &data, &len, NULL) < 0)
        return;
    const uint64_t took_ns = cpu_ns() - start_ns;
    hand_out(v, at, data, len);
    pthread_mutex_lock(&v->lock);
    v->stats.frames++;
    v->stats.frame_ns += took_ns;
    v->stats.bytes += len;
    pthread_mutex_unlock(&v->lock);
}

/* @used (SIZES): what there was when the turn began; only this thread takes one away. */
static void take_in(struct g20_video *v, struct g20_hub_sub *sub, const bool *used)
{
    struct g20_hub_event *ev;
    struct g20_wf_row *row;
    uint32_t flags;

    while ((row = g20_hub_take_row(sub, &flags))) {
        g20_view_range_update(&v->range, row->noise_floor_db);
        for (int i = 0; i < SIZES; i++) {
            if (!used[i])
                continue;
            g20_screen_push(v->size[i].screen, row, v->range.db_min, v->range.db_max);
            v->size[i].has_news = true;
        }
        g20_wf_row_unref(&row);
    }
    while ((ev = g20_hub_take_event(sub))) {
        for (int i = 0; i < SIZES; i++)
            if (used[i])
                g20_screen_emission(v->size[i].screen, ev->kind, &ev->em);
        g20_hub_event_unref(ev);
    }
}

/* Waits for something to do. False: the end. */
static bool wait_turn(struct g20_video *v, struct g20_hub_sub **sub, bool *used)
{
    pthread_mutex_lock(&v->lock);
    while (!v->stop && !(v->watchers > 0 ? v->woken || !*sub : *sub != NULL))
        pthread_cond_wait(&v->wake, &v->lock);
    v->woken = false;
    tidy(v);
    for (int i = 0; i < SIZES; i++)
        used[i] = v->size[i].used;
    const bool stop = v->stop, watched = v->watchers > 0;
    pthread_mutex_unlock(&v->lock);

    const struct g20_hub_sub_cfg cfg = {.rows = ROWS, .events = EVENTS, .wake = on_hub, .user = v};
    if (watched && !stop && !*sub && g20_hub_subscribe(v->hub, &cfg, sub) < 0) {
        g20_log(G20_LOG_ERROR, "video", "no place at the hub");
        g20_sleep_ns(1000000000u); /* rare: as many subscribers as there can be */
    }
    if ((!watched || stop) && *sub) {
        g20_hub_unsubscribe(v->hub, *sub);
        *sub = NULL;
    }
    return !stop;
}

static void *worker(void *arg)
{
    struct g20_video *v = arg;
    struct g20_hub_sub *sub = NULL;
    bool used[SIZES];

    while (wait_turn(v, &sub, used)) {
        if (!sub)
            continue;
        take_in(v, sub, used);
        for (int i = 0; i < SIZES; i++)
            if (used[i])
                show(v, i, g20_clock_mono_ns());
    }
    return NULL;
}

int g20_video_create(struct g20_video **ret, struct g20_hub *hub, int colormap,
                     float dynamic_range_db, struct g20_err *e)
{
    struct g20_video *v = g20_calloc(1, sizeof(*v));

    if (!v)
        return g20_fail(e, -ENOMEM, "video: out of memory");
    v->hub = hub;
    v->colormap = colormap;
    v->range.dynamic_db = dynamic_range_db;
    pthread_mutex_init(&v->lock, NULL);
    pthread_cond_init(&v->wake, NULL);
    *ret = v;
    return 0;
}

void g20_video_destroy(struct g20_video *v)
{
    if (!v)
        return;
    pthread_mutex_lock(&v->lock);
    v->stop = true;
    pthread_cond_signal(&v->wake);
    pthread_mutex_unlock(&v->lock);
    g20_thread_join(&v->thread);
    for (int i = 0; i < WATCHERS; i++)
        g20_feed_unref(&v->watcher[i].feed);
    for (int i = 0; i < SIZES; i++)
        size_close(&v->size[i]);
    pthread_cond_destroy(&v->wake);
    pthread_mutex_destroy(&v->lock);
    g20_free(v);
}

/* Under the lock: the size as wanted, made when there is none; < 0 when it cannot be. */
static int size_for(struct g20_video *v, const struct g20_video_cfg *cfg, struct g20_err *e)
{
    const int height = (int)cfg->width * 9 / 16 / 2 * 2;
    int at = -1;

    for (int i = 0; i < SIZES; i++) {
        const struct size *z = &v->size[i];

        if (z->used && z->cfg.fps == cfg->fps && z->cfg.width == cfg->width)
            return i;
        if (!z->used && at < 0)
            at = i;
    }
    if (at < 0)
        return g20_fail(e, -EBUSY, "video: %d different sizes and rates are watched already",
                        SIZES);
    struct size z = {.used = true, .cfg = *cfg};
    int r = g20_screen_create(&z.screen, (int)cfg->width, v->colormap, e);
    if (r == 0)
        r = g20_jpeg_create(&z.jpeg, (int)cfg->width, height, QUALITY, e);
    if (r < 0) {
        size_close(&z);
        return r;
    }
    v->size[at] = z;
    return at;
}

static int watch(struct g20_video *v, const struct g20_video_cfg *cfg, struct g20_feed *feed,
                 struct g20_err *e)
{
    int at = 0;

    while (at < WATCHERS && v->watcher[at].feed)
        at++;
    if (at == WATCHERS)
        return g20_fail(e, -EBUSY, "video: too many watch");
    const int size = size_for(v, cfg, e);
    if (size < 0)
        return size;
    if (!v->thread.running) {
        const int r = g20_thread_start(&v->thread, "g20-video", worker, v, e);
        if (r < 0)
            return r;
    }
    v->watcher[at] = (struct watcher){.feed = g20_feed_ref(feed), .size = size};
    v->watchers++;
    pthread_cond_signal(&v->wake);
    return 0;
}

int g20_video_watch(struct g20_video *v, const struct g20_video_cfg *cfg, struct g20_feed *feed,
                    struct g20_err *e)
{
    pthread_mutex_lock(&v->lock);
    const int r = watch(v, cfg, feed, e);
    pthread_mutex_unlock(&v->lock);
    return r;
}

void g20_video_leave(struct g20_video *v, const struct g20_feed *feed)
{
    pthread_mutex_lock(&v->lock);
    for (int i = 0; i < WATCHERS; i++) {
        if (v->watcher[i].feed != feed || !feed)
            continue;
        g20_feed_unref(&v->watcher[i].feed);
        v->watchers--;
        v->woken = true;
        pthread_cond_signal(&v->wake);
    }
    pthread_mutex_unlock(&v->lock);
}

void g20_video_stats(struct g20_video *v, struct g20_video_stats *ret)
{
    pthread_mutex_lock(&v->lock);
    *ret = v->stats;
    ret->watchers = v->watchers;
    ret->sizes = 0;
    for (int i = 0; i < SIZES; i++)
        ret->sizes += v->size[i].used;
    pthread_mutex_unlock(&v->lock);
}
