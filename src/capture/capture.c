/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "capture/capture.h"

#include "base/alloc.h"
#include "base/log.h"
#include "capture/intake.h"
#include "capture/notes.h"
#include "capture/place.h"
#include "capture/record.h"
#include "capture/session.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { TABLE = 64, RECENT = 2048 };

struct g20_captures {
    pthread_mutex_t lock; /* of all below, but not held while a capture writes its last */
    struct g20_captures_cfg cfg;
    char *folder;
    struct g20_tap *tap;
    struct g20_control control;
    struct g20_session_capture *session[TABLE]; /* NULL: free */
    bool ending[TABLE];                         /* somebody waits for its end and frees it */
    struct g20_captures_stats past;             /* of those that were taken out of the table */

    struct g20_tap_sink sink; /* of emissions: what begins in the past wants them */
    pthread_mutex_t recent_lock;
    struct g20_notes recent;
};

const char *g20_capture_state_name(enum g20_capture_state state)
{
    static const char *const names[] = {"recording", "done", "disk full", "failed"};

    return names[state];
}

static void on_failed(const char *path, const struct g20_err *e, void *user)
{
    (void)user;
    g20_log(G20_LOG_DEBUG, "capture", "cannot be recovered", G20_F_STR("path", path),
            G20_F_STR("why", e->msg));
}

static void on_event(const struct g20_hub_event *ev, void *user)
{
    struct g20_captures *c = user;

    pthread_mutex_lock(&c->recent_lock);
    g20_notes_put(&c->recent, &ev->em);
    pthread_mutex_unlock(&c->recent_lock);
}

int g20_captures_create(struct g20_captures **ret, const struct g20_captures_cfg *cfg,
                        struct g20_tap *tap, const struct g20_control *control,
                        uint32_t *ret_recovered, struct g20_err *e)
{
    int r = g20_place_make(cfg->folder, e);

    if (r < 0)
        return r;
    struct g20_captures *c = g20_calloc(1, sizeof(*c));
    char *folder = g20_strdup(cfg->folder);
    if (!c || !folder || g20_notes_init(&c->recent, RECENT) < 0) {
        g20_free(c);
        g20_free(folder);
        return g20_fail(e, -ENOMEM, "out of memory");
    }
    pthread_mutex_init(&c->lock, NULL);
    pthread_mutex_init(&c->recent_lock, NULL);
    c->cfg = *cfg;
    c->cfg.folder = c->folder = folder;
    c->tap = tap;
    c->control = *control;
    r = cfg->leave_unfinished ? 0 : g20_record_recover(folder, on_failed, NULL);
    if (ret_recovered)
        *ret_recovered = (uint32_t)r;
    c->sink = (struct g20_tap_sink){.event = on_event, .user = c};
    g20_tap_add(tap, &c->sink);
    *ret = c;
    return 0;
}

/* Out of the table, one whose end was waited for; what it did is counted on. */
static void take_out(struct g20_captures *c, size_t i, struct g20_capture_info *ret)
{
    struct g20_capture_info info;

    g20_session_info(c->session[i], &info);
    g20_session_destroy(c->session[i]);
    c->session[i] = NULL;
    c->ending[i] = false;
    c->past.bytes += info.bytes;
    c->past.dropped += info.dropped;
    c->past.failed += info.state == G20_CAPTURE_FAILED || info.state == G20_CAPTURE_DISK_FULL;
    if (ret)
        *ret = info;
}

void g20_captures_destroy(struct g20_captures *c)
{
    if (!c)
        return;
    g20_tap_remove(c->tap, &c->sink);
    for (size_t i = 0; i < TABLE; i++) {
        if (c->session[i])
            g20_session_destroy(c->session[i]);
    }
    g20_notes_fini(&c->recent);
    pthread_mutex_destroy(&c->recent_lock);
    pthread_mutex_destroy(&c->lock);
    g20_free(c->folder);
    g20_free(c);
}

static bool runs(struct g20_session_capture *s)
{
    struct g20_capture_info info;

    g20_session_info(s, &info);
    return info.state == G20_CAPTURE_RUNNING;
}

static int find(struct g20_captures *c, const char *id)
{
    struct g20_capture_info info;

    for (int i = 0; i < TABLE; i++) {
        if (!c->session[i])
            continue;
        g20_session_info(c->session[i], &info);
        if (strcmp(info.session_id, id) == 0)
            return i;
    }
    return -ENOENT;
}

/* One that writes no more: nothing is waited for. */
static void end_now(struct g20_captures *c, size_t i)
{
    g20_session_finish(c->session[i], 0);
    take_out(c, i, NULL);
}

/* A place in the table; one that has ended unasked goes when there is no other. */
static int place_for(struct g20_captures *c, const char *id, struct g20_err *e)
{
    const int same = find(c, id);
    uint32_t running = 0;
    int ended = -1, empty = -1;

    if (same >= 0 && (c->ending[same] || runs(c->session[same])))
        return g20_fail(e, -EEXIST, "session_id: \"%s\" is in use", id);
    if (same >= 0)
        end_now(c, (size_t)same);
    for (int i = 0; i < TABLE; i++) {
        if (!c->session[i])
            empty = i;
        else if (runs(c->session[i]))
            running++;
        else if (!c->ending[i])
            ended = i;
    }
    if (running >= c->cfg.sessions)
        return g20_fail(e, -EUSERS, "limits.sessions: %u captures run already", running);
    if (empty < 0 && ended >= 0) {
        end_now(c, (size_t)ended);
        empty = ended;
    }
    return empty >= 0 ? empty : g20_fail(e, -EUSERS, "too many captures");
}

/* The annotations of a recording as what was seen in it. */
static int notes_of_file(const struct g20_captures *c, const char *name, struct g20_notes *n,
                         struct g20_err *e)
{
    char path[PATH_MAX];

    snprintf(path, sizeof(path), "%s/%s.sigmf-meta", c->folder, name);
    return g20_notes_load(n, RECENT, path, e);
}

static int notes_of_now(struct g20_captures *c, struct g20_notes *n, struct g20_err *e)
{
    if (g20_notes_init(n, RECENT) < 0)
        return g20_fail(e, -ENOMEM, "out of memory");
    pthread_mutex_lock(&c->recent_lock);
    memcpy(n->em, c->recent.em, c->recent.count * sizeof(*n->em));
    n->count = c->recent.count;
    pthread_mutex_unlock(&c->recent_lock);
    return 0;
}

/* With the lock: tells the store, then begins; @cfg's stretch moves on success. */
static int begin(struct g20_captures *c, size_t at, struct g20_session_cfg *cfg,
                 const struct g20_intake *f, struct g20_capture_info *info, struct g20_err *e)
{
    const struct g20_capture_request *q = &cfg->request;
    struct g20_ring_state st = {.to_us = 0};

    *info =
        (struct g20_capture_info){.start_us = f->start_us,
                                  .end_us = q->end_us,
                                  .rate_hz = f->rate_hz,
                                  .center_hz = q->bandwidth_hz > 0 ? q->center_hz : f->center_hz,
                                  .bandwidth_hz = q->bandwidth_hz,
                                  .about = q->about};
    if (info->start_us == 0 && c->cfg.ring) {
        g20_ring_state(c->cfg.ring, &st);
        info->start_us = st.to_us;
    }
    snprintf(info->session_id, sizeof(info->session_id), "%s", q->session_id);
    snprintf(info->path, sizeof(info->path), "%s", cfg->base);
    if (c->cfg.begun)
        c->cfg.begun(info, c->cfg.user);
    cfg->request.about = info->about;
    cfg->center_hz = info->center_hz;
    const int r = g20_session_start(&c->session[at], cfg, c->tap, e);
    if (r < 0 && c->cfg.done) {
        info->state = G20_CAPTURE_FAILED;
        snprintf(info->why, sizeof(info->why), "%s", e ? e->msg : g20_strerror(r));
        c->cfg.done(info, c->cfg.user);
    }
    return r;
}

int g20_captures_start(struct g20_captures *c, const struct g20_capture_request *q,
                       struct g20_capture_info *ret, struct g20_err *e)
{
    char base[PATH_MAX];
    struct g20_session_cfg cfg = {.request = *q,
                                  .base = base,
                                  .past = q->from != NULL,
                                  .done = c->cfg.done,
                                  .user = c->cfg.user};
    struct g20_notes notes = {.em = NULL};
    struct g20_capture_info info;
    struct g20_intake f;
    const struct g20_intake_from from = {c->folder, c->cfg.ring, &c->control};
    int r = g20_intake_check(q, from.ring, e);

    if (r < 0 || (r = g20_intake_find(&from, q, &f, e)) < 0)
        return r;
    r = q->from ? notes_of_file(c, q->from, &notes, e) : notes_of_now(c, &notes, e);
    cfg.note = notes.em;
    cfg.notes = notes.count;
    cfg.stretch = f.stretch;
    cfg.byte_rate = q->bandwidth_hz > 0 ? q->bandwidth_hz * 1.5 * 8 : f.rate_hz * f.each;
    if (f.stretch) /* the buffer has a block at a time */
        cfg.byte_rate = 0;
    pthread_mutex_lock(&c->lock);
    const int at = r < 0 ? r : place_for(c, q->session_id, e);
    r = at < 0 ? at : g20_place_find(c->folder, q->output_path, base, 1000, e);
    if (at >= 0 && r >= 0)
        r = begin(c, (size_t)at, &cfg, &f, &info, e);
    c->past.started += r >= 0;
    pthread_mutex_unlock(&c->lock);
    g20_notes_fini(&notes);
    if (r < 0)
        g20_stretch_destroy(f.stretch);
    else if (ret)
        *ret = info;
    return r;
}

int g20_captures_end_at(struct g20_captures *c, const char *id, uint64_t end_us, struct g20_err *e)
{
    pthread_mutex_lock(&c->lock);
    const int at = find(c, id);
    if (at >= 0)
        g20_session_end_at(c->session[at], end_us);
    pthread_mutex_unlock(&c->lock);
    return at >= 0 ? 0 : g20_fail(e, -ENOENT, "session_id: no capture \"%.63s\"", id);
}

int g20_captures_stop(struct g20_captures *c, const char *id, struct g20_capture_info *ret,
                      struct g20_err *e)
{
    struct g20_ring_state st = {.to_us = 0};

    if (c->cfg.ring) /* up to now, although it may be behind */
        g20_ring_state(c->cfg.ring, &st);
    pthread_mutex_lock(&c->lock);
    int at = find(c, id);
    if (at >= 0 && c->ending[at])
        at = -ENOENT; /* somebody else ends it */
    struct g20_session_capture *s = at >= 0 ? c->session[at] : NULL;
    if (s)
        c->ending[at] = true;
    pthread_mutex_unlock(&c->lock);
    if (s) {
        g20_session_finish(s, st.to_us); /* as long as the disk takes: nobody else waits for it */
        pthread_mutex_lock(&c->lock);
        take_out(c, (size_t)at, ret);
        pthread_mutex_unlock(&c->lock);
    }
    return at >= 0 ? 0 : g20_fail(e, -ENOENT, "session_id: no capture \"%.63s\"", id);
}

size_t g20_captures_list(struct g20_captures *c, struct g20_capture_info *ret, size_t cap)
{
    size_t n = 0;

    pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < TABLE && n < cap; i++) {
        if (c->session[i])
            g20_session_info(c->session[i], &ret[n++]);
    }
    pthread_mutex_unlock(&c->lock);
    return n;
}

void g20_captures_stats(struct g20_captures *c, struct g20_captures_stats *ret)
{
    struct g20_capture_info info;

    pthread_mutex_lock(&c->lock);
    *ret = c->past;
    for (size_t i = 0; i < TABLE; i++) {
        if (!c->session[i])
            continue;
        g20_session_info(c->session[i], &info);
        ret->running += info.state == G20_CAPTURE_RUNNING;
        ret->bytes += info.bytes;
        ret->dropped += info.dropped;
        ret->failed += info.state == G20_CAPTURE_FAILED || info.state == G20_CAPTURE_DISK_FULL;
    }
    pthread_mutex_unlock(&c->lock);
}
