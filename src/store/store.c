/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "store/internal.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { QUEUE = 8192, BATCH_MS = 500 };

/* Two writers would mark each other's open emissions unfinished, and give ids twice. */
static int lock_file(struct g20_store *s, struct g20_err *e)
{
    char path[4200];

    snprintf(path, sizeof(path), "%.4000s.lock", s->path);
    const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0 && errno == ENOSPC)
        return 0;
    if (fd < 0) {
        const int r = -errno;
        return g20_fail(e, r, "%.200s: %s", path, g20_strerror(r));
    }
    s->lock_fd = fd;
    if (flock(fd, LOCK_EX | LOCK_NB) < 0)
        return g20_fail(e, -EBUSY, "%.200s: another g20 writes this database", s->path);
    return 0;
}

static void init_sync(struct g20_store *s)
{
    pthread_condattr_t attr;

    pthread_mutex_init(&s->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&s->wake, &attr);
    pthread_cond_init(&s->done, NULL);
    pthread_condattr_destroy(&attr);
}

/* The view goes on when the disk is full; the writer tries again. Where the ids have got to is not
 * known then: the time is beyond any of them. */
static int open_first(struct g20_store *s, struct g20_err *e)
{
    struct g20_err why = {0};
    int64_t last = 0;
    const int r = g20_store_open(s, &last, &why);

    s->last_id = r < 0 ? g20_clock_utc_us() : (uint64_t)G20_MAX(last, 0);
    if (r == -ENOSPC)
        g20_store_set_state(s, r, why.msg);
    else if (r < 0)
        return g20_fail(e, r, "%s", why.msg);
    return 0;
}

int g20_store_create(struct g20_store **ret, const struct g20_store_cfg *cfg, struct g20_err *e)
{
    if (!cfg->path || !cfg->path[0] || cfg->queue > 1u << 20 || cfg->batch_ms < 0 ||
        !(cfg->retention_days >= 0))
        return g20_fail(e, -EINVAL, "store: a setting is out of range");
    struct g20_store *s = g20_calloc(1, sizeof(*s));
    if (!s)
        return g20_fail(e, -ENOMEM, "store: out of memory");
    init_sync(s);
    s->lock_fd = -1;
    atomic_init(&s->generation, 0);
    s->ops_end = &s->ops;
    s->queue_cap = cfg->queue ? cfg->queue : QUEUE;
    s->batch_ms = cfg->batch_ms ? cfg->batch_ms : BATCH_MS;
    s->retention_days = cfg->retention_days;
    s->max_bytes = cfg->max_bytes;
    s->remove_capture = cfg->remove_capture;
    s->remove_user = cfg->user;
    s->say = cfg->say;
    s->say_user = cfg->user;
    s->path = g20_strdup(cfg->path);
    int r = s->path ? 0 : -ENOMEM;
    if (r == 0)
        r = g20_pending_create(&s->pending, s->queue_cap);
    if (r == 0)
        r = g20_pending_create(&s->batch, s->queue_cap);
    if (r < 0)
        g20_fail(e, r, "store: %s", g20_strerror(r));
    if (r == 0)
        r = lock_file(s, e);
    if (r == 0)
        r = open_first(s, e);
    if (r >= 0)
        r = g20_thread_start(&s->thread, "g20-store", g20_store_main, s, e);
    if (r < 0) {
        g20_store_destroy(s);
        return r;
    }
    *ret = s;
    return 0;
}

void g20_store_destroy(struct g20_store *s)
{
    if (!s)
        return;
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    pthread_cond_signal(&s->wake);
    pthread_mutex_unlock(&s->lock);
    g20_thread_join(&s->thread);
    g20_store_shut(s);
    if (s->lock_fd >= 0)
        close(s->lock_fd);
    g20_pending_destroy(s->batch);
    g20_pending_destroy(s->pending);
    pthread_cond_destroy(&s->done);
    pthread_cond_destroy(&s->wake);
    pthread_mutex_destroy(&s->lock);
    g20_free(s->path);
    g20_free(s);
}

void g20_store_queue(struct g20_store *s, bool closed, bool newer, const struct g20_emission *em)
{
    switch (g20_pending_put(s->pending, closed, newer, em)) {
    case G20_PENDING_TAKEN:
        break;
    case G20_PENDING_UPDATE_DROPPED:
        s->stats.updates_dropped++;
        break;
    case G20_PENDING_LOST:
        s->stats.emissions_lost++;
        break;
    }
}

void g20_store_emission(struct g20_store *s, enum g20_emission_event event,
                        const struct g20_emission *em)
{
    pthread_mutex_lock(&s->lock);
    const bool first = g20_pending_count(s->pending) == 0;
    g20_store_queue(s, event == G20_EMISSION_CLOSE, true, em);
    if (first) {
        s->pending_ns = g20_clock_mono_ns();
        pthread_cond_signal(&s->wake);
    }
    pthread_mutex_unlock(&s->lock);
}

void g20_store_missed(struct g20_store *s, uint64_t events)
{
    pthread_mutex_lock(&s->lock);
    s->stats.events_missed += events;
    pthread_mutex_unlock(&s->lock);
}

static int submit(struct g20_store *s, struct g20_store_op *op, json_t **ret, struct g20_err *e)
{
    pthread_mutex_lock(&s->lock);
    if (s->stopping) {
        pthread_mutex_unlock(&s->lock);
        return g20_fail(e, -ESHUTDOWN, "shutting down");
    }
    *s->ops_end = op;
    s->ops_end = &op->next;
    pthread_cond_signal(&s->wake);
    while (!op->done)
        pthread_cond_wait(&s->done, &s->lock);
    pthread_mutex_unlock(&s->lock);
    if (op->r < 0) {
        json_decref(op->out);
        return g20_fail(e, op->r, "%s", op->err.msg[0] ? op->err.msg : g20_strerror(op->r));
    }
    if (ret)
        *ret = op->out;
    else
        json_decref(op->out);
    return 0;
}

int g20_store_flush(struct g20_store *s, struct g20_err *e)
{
    struct g20_store_op op = {.what = G20_OP_FLUSH};

    return submit(s, &op, NULL, e);
}

int g20_store_trim(struct g20_store *s, struct g20_err *e)
{
    struct g20_store_op op = {.what = G20_OP_TRIM};

    return submit(s, &op, NULL, e);
}

int g20_store_put(struct g20_store *s, enum g20_kind kind, const json_t *fields, json_t **ret,
                  struct g20_err *e)
{
    struct g20_store_op op = {.what = G20_OP_PUT, .kind = kind, .fields = fields};
    const int r = g20_kind_check(kind, fields, true, false, e);

    return r < 0 ? r : submit(s, &op, ret, e);
}

int g20_store_change(struct g20_store *s, enum g20_kind kind, const char *id, const json_t *fields,
                     json_t **ret, struct g20_err *e)
{
    struct g20_store_op op = {.what = G20_OP_CHANGE, .kind = kind, .id = id, .fields = fields};
    const int r = g20_kind_check(kind, fields, false, false, e);

    return r < 0 ? r : submit(s, &op, ret, e);
}

int g20_store_delete(struct g20_store *s, enum g20_kind kind, const char *id, struct g20_err *e)
{
    struct g20_store_op op = {.what = G20_OP_DELETE, .kind = kind, .id = id};

    return submit(s, &op, NULL, e);
}

int g20_store_remove_capture(struct g20_store *s, const char *id, struct g20_err *e)
{
    struct g20_store_op op = {.what = G20_OP_REMOVE, .kind = G20_CAPTURES, .id = id};

    return submit(s, &op, NULL, e);
}

uint64_t g20_store_last_id(const struct g20_store *s)
{
    return s->last_id;
}

void g20_store_set_limits(struct g20_store *s, double retention_days, uint64_t max_bytes)
{
    pthread_mutex_lock(&s->lock);
    s->retention_days = retention_days;
    s->max_bytes = max_bytes;
    s->limits_changed = true;
    pthread_cond_signal(&s->wake);
    pthread_mutex_unlock(&s->lock);
}

void g20_store_on_remove(struct g20_store *s,
                         int (*remove_capture)(const char *id, const char *path, void *user),
                         void *user)
{
    pthread_mutex_lock(&s->lock);
    s->remove_capture = remove_capture;
    s->remove_user = user;
    pthread_mutex_unlock(&s->lock);
}

void g20_store_stats(struct g20_store *s, struct g20_store_stats *ret)
{
    pthread_mutex_lock(&s->lock);
    *ret = s->stats;
    ret->queue = g20_pending_count(s->pending);
    ret->queue_cap = s->queue_cap;
    pthread_mutex_unlock(&s->lock);
}
