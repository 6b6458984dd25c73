/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/lifecycle.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"

#include <errno.h>

int g20_lifecycle_start(struct g20_lifecycle *l, struct g20_err *e)
{
    int r = 0;

    while (r >= 0 && l->started < l->count) {
        const struct g20_part *part = &l->parts[l->started++];

        if (!part->start)
            continue;
        r = part->start(l->user, e);
        if (r < 0)
            return g20_fail_at(e, r, "%s", part->name);
        g20_log(G20_LOG_DEBUG, "lifecycle", "started", G20_F_STR("part", part->name));
    }
    return 0;
}

struct watch {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    const struct g20_part *stopping; /* NULL: all are stopped */
    struct timespec until;
    g20_late_fn *on_late;
    void *user;
};

static void *watch_main(void *arg)
{
    struct watch *w = arg;
    int r = 0;

    pthread_mutex_lock(&w->lock);
    while (w->stopping && r != ETIMEDOUT)
        r = pthread_cond_timedwait(&w->changed, &w->lock, &w->until);
    const struct g20_part *late = w->stopping;
    pthread_mutex_unlock(&w->lock);
    if (late)
        w->on_late(late, w->user);
    return NULL;
}

static void now_stopping(struct watch *w, const struct g20_part *part)
{
    pthread_mutex_lock(&w->lock);
    w->stopping = part;
    pthread_cond_signal(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

static void watch_init(struct watch *w, const struct g20_lifecycle *l, int budget_ms,
                       g20_late_fn *on_late)
{
    pthread_condattr_t attr;

    pthread_mutex_init(&w->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&w->changed, &attr);
    pthread_condattr_destroy(&attr);
    w->until = g20_clock_deadline(budget_ms);
    w->on_late = on_late;
    w->user = l->user;
    w->stopping = &l->parts[l->started - 1];
}

void g20_lifecycle_stop(struct g20_lifecycle *l, int budget_ms, g20_late_fn *on_late)
{
    struct g20_thread thread = {0};
    struct watch w;

    if (l->started == 0)
        return;
    watch_init(&w, l, budget_ms, on_late);
    if (g20_thread_start(&thread, "g20-stop-watch", watch_main, &w, NULL) < 0)
        g20_log(G20_LOG_DEBUG, "lifecycle", "no thread to watch the time");
    while (l->started > 0) {
        const struct g20_part *part = &l->parts[--l->started];
        const uint64_t start_ns = g20_clock_mono_ns();

        now_stopping(&w, part);
        if (part->stop)
            part->stop(l->user);
        g20_log(G20_LOG_DEBUG, "lifecycle", "stopped", G20_F_STR("part", part->name),
                G20_F_NUM("ms", (double)(g20_clock_mono_ns() - start_ns) * 1e-6));
    }
    now_stopping(&w, NULL);
    g20_thread_join(&thread);
    pthread_cond_destroy(&w.changed);
    pthread_mutex_destroy(&w.lock);
}
