/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "engine/mission.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MAILBOX = 16, AWAY_MS = 500, SILENT_MS = 3000 };

struct visits {
    uint64_t count, first_ns, last_ns; /* monotonic, of the ends of the first and last */
    double watched_s;
};

struct g20_mission {
    struct g20_hub *hub;
    const struct g20_control *control;
    struct g20_hub_sub *sub;
    struct g20_thread thread;

    pthread_mutex_t start_lock; /* one start or stop at a time */
    pthread_mutex_t lock;       /* of all below */
    pthread_cond_t changed;
    bool stopping, mail;
    struct g20_mission_plan plan;
    struct g20_mission_state state;
    uint64_t began_ns, ended_ns;
    struct g20_mission_step step[G20_MISSION_STEPS];
    struct visits visit[G20_MISSION_STEPS];
};

int g20_mission_create(struct g20_mission **ret, struct g20_hub *hub,
                       const struct g20_control *control)
{
    pthread_condattr_t attr;
    struct g20_mission *m = g20_calloc(1, sizeof(*m));

    if (!m)
        return -ENOMEM;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&m->start_lock, NULL);
    pthread_mutex_init(&m->lock, NULL);
    pthread_cond_init(&m->changed, &attr);
    pthread_condattr_destroy(&attr);
    m->hub = hub;
    m->control = control;
    *ret = m;
    return 0;
}

static void on_mail(void *user)
{
    struct g20_mission *m = user;

    pthread_mutex_lock(&m->lock);
    m->mail = true;
    pthread_cond_broadcast(&m->changed);
    pthread_mutex_unlock(&m->lock);
}

/* True when it was stopped meanwhile. */
static bool wait_s(struct g20_mission *m, double s, enum g20_mission_run as)
{
    const struct timespec until = g20_clock_deadline((int)G20_CLAMP(s * 1000, 1, 3600e3));

    pthread_mutex_lock(&m->lock);
    m->state.run = as;
    while (!m->stopping && pthread_cond_timedwait(&m->changed, &m->lock, &until) != ETIMEDOUT)
        ;
    const bool stopped = m->stopping;
    pthread_mutex_unlock(&m->lock);
    return stopped;
}

static bool is_stopping(struct g20_mission *m)
{
    pthread_mutex_lock(&m->lock);
    const bool stopping = m->stopping;
    pthread_mutex_unlock(&m->lock);
    return stopping;
}

/* Seconds of @center_hz among what has come; what is of another frequency is thrown away. */
static double take(struct g20_mission *m, double center_hz)
{
    struct g20_block *b;
    double s = 0;

    while ((b = g20_hub_take_block(m->sub))) {
        if (b->center_hz == center_hz && b->rate_hz > 0)
            s += b->len / b->rate_hz;
        g20_block_unref(&b);
    }
    return s;
}

/* Until @want_s of samples have come: seconds watched; < want_s when it was stopped, or nothing of
 * that frequency comes any more (a radio that went away comes back at its first one). */
static double watch(struct g20_mission *m, double center_hz, double want_s)
{
    uint64_t good_ns = g20_clock_mono_ns(); /* when some came last */
    double s = 0;

    for (;;) {
        const struct timespec until = g20_clock_deadline(SILENT_MS);
        const double more_s = take(m, center_hz);
        const uint64_t now_ns = g20_clock_mono_ns();
        int r = 0;

        s += more_s;
        good_ns = more_s > 0 ? now_ns : good_ns;
        if (s >= want_s || now_ns - good_ns > SILENT_MS * 1000000ull)
            return s;
        pthread_mutex_lock(&m->lock);
        while (!m->mail && !m->stopping && r == 0)
            r = pthread_cond_timedwait(&m->changed, &m->lock, &until);
        m->mail = false;
        const bool stopping = m->stopping;
        pthread_mutex_unlock(&m->lock);
        if (stopping || r == ETIMEDOUT)
            return s;
    }
}

static void account(struct g20_mission *m, size_t i, double watched_s)
{
    const uint64_t now_ns = g20_clock_mono_ns();
    struct visits *v = &m->visit[i];

    pthread_mutex_lock(&m->lock);
    v->first_ns = v->count == 0 ? now_ns : v->first_ns;
    v->last_ns = now_ns;
    v->count++;
    v->watched_s += watched_s;
    m->state.visits++;
    m->state.visited += v->count == 1;
    pthread_mutex_unlock(&m->lock);
}

/* One step; 0, or why the mission cannot go on. */
static int visit(struct g20_mission *m, size_t i, struct g20_err *e)
{
    const struct g20_tune wanted = {.center_hz = m->step[i].center_hz,
                                    .bandwidth_hz = m->plan.bandwidth_hz,
                                    .gain_db = m->plan.gain_db};
    struct g20_tune actual;

    pthread_mutex_lock(&m->lock);
    m->state.run = G20_MISSION_SWEEPING;
    m->state.step = i;
    m->state.center_hz = m->step[i].center_hz;
    pthread_mutex_unlock(&m->lock);
    const int r = m->control->tune(&wanted, &actual, e, m->control->user);
    if (r == -ERANGE || r == -EOPNOTSUPP)
        return r;
    if (r < 0) { /* away, or it did not lock: the next one */
        pthread_mutex_lock(&m->lock);
        m->state.tune_failures++;
        pthread_mutex_unlock(&m->lock);
        if (r == -ENODEV || r == -ETIMEDOUT || r == -EBUSY)
            wait_s(m, AWAY_MS * 1e-3, G20_MISSION_WAITING);
        return 0;
    }
    const double s = watch(m, actual.center_hz, m->plan.dwell_s);
    if (s >= m->plan.dwell_s)
        account(m, i, s);
    return 0;
}

/* One round through all steps. */
static int go_round(struct g20_mission *m, bool *ret_whole, struct g20_err *e)
{
    for (size_t i = 0; i < m->state.steps && !is_stopping(m); i++) {
        if (g20_mission_plan_wait(&m->plan, g20_clock_utc_us()) > 0)
            return 0;
        const int r = visit(m, i, e);
        if (r < 0)
            return r;
    }
    *ret_whole = true;
    return 0;
}

static void *mission_main(void *arg)
{
    struct g20_mission *m = arg;
    struct g20_err e = {0};
    int r = 0;

    bool done = false;

    while (r == 0 && !done && !is_stopping(m)) {
        const double off_s = g20_mission_plan_wait(&m->plan, g20_clock_utc_us());
        if (off_s > 0) {
            wait_s(m, off_s, G20_MISSION_WAITING);
            continue;
        }
        const uint64_t t0 = g20_clock_mono_ns();
        bool whole = false;
        r = go_round(m, &whole, &e);
        pthread_mutex_lock(&m->lock);
        m->state.rounds += r == 0 && whole && !m->stopping;
        done = m->plan.rounds > 0 && m->state.rounds >= m->plan.rounds;
        pthread_mutex_unlock(&m->lock);
        const double left_s = m->plan.revisit_s - (double)(g20_clock_mono_ns() - t0) * 1e-9;
        if (r == 0 && !done && left_s > 0)
            wait_s(m, left_s, G20_MISSION_WAITING);
    }
    pthread_mutex_lock(&m->lock);
    m->ended_ns = g20_clock_mono_ns();
    m->state.run = r < 0 ? G20_MISSION_FAILED : done ? G20_MISSION_DONE : G20_MISSION_IDLE;
    snprintf(m->state.error, sizeof(m->state.error), "%s", r < 0 ? e.msg : "");
    pthread_mutex_unlock(&m->lock);
    if (r < 0)
        g20_log(G20_LOG_ERROR, "mission", "cannot go on", G20_F_STR("why", e.msg));
    return NULL;
}

/* What can be said before it starts. */
static int check(const struct g20_mission_plan *plan, const struct g20_control_state *st,
                 struct g20_err *e)
{
    const struct g20_source_caps *c = &st->source.caps;

    if (st->run != G20_RUN_RUNNING || !st->has_source)
        return g20_fail(e, -ENODEV, "no source is running");
    if (!c->can_tune)
        return g20_fail(e, -EOPNOTSUPP, "source %s cannot be tuned", st->source.driver);
    if (plan->hands_over && c->channels < 2)
        return g20_fail(e, -EOPNOTSUPP, "hand_over: this source has one receiver");
    return 0;
}

static int prepare(struct g20_mission *m, const struct g20_mission_plan *plan, struct g20_err *e)
{
    struct g20_control_state st;

    m->control->state(&st, m->control->user);
    int r = check(plan, &st, e);
    if (r < 0)
        return r;
    const int steps = g20_mission_plan_steps(plan, st.source.rate_hz, m->step, e);
    if (steps < 0)
        return steps;
    const struct g20_source_caps *c = &st.source.caps;
    for (int i = 0; i < steps; i++) {
        if (c->ncenters > 0 && !g20_spans_have(c->centers_hz, c->ncenters, m->step[i].center_hz))
            return g20_fail(e, -ERANGE, "ranges[%zu]: %.15g Hz: this source has %.15g to %.15g",
                            m->step[i].range, m->step[i].center_hz, c->min_hz, c->max_hz);
    }
    pthread_mutex_lock(&m->lock);
    memset(m->visit, 0, sizeof(m->visit));
    m->plan = *plan;
    m->state = (struct g20_mission_state){
        .run = G20_MISSION_WAITING, .started_us = g20_clock_utc_us(), .steps = (size_t)steps};
    snprintf(m->state.name, sizeof(m->state.name), "%s", plan->name);
    m->began_ns = g20_clock_mono_ns();
    m->ended_ns = 0;
    m->stopping = m->mail = false;
    pthread_mutex_unlock(&m->lock);
    return 0;
}

/* With the start lock held. */
static void end(struct g20_mission *m)
{
    pthread_mutex_lock(&m->lock);
    m->stopping = true;
    pthread_cond_broadcast(&m->changed);
    pthread_mutex_unlock(&m->lock);
    g20_thread_join(&m->thread);
    g20_hub_unsubscribe(m->hub, m->sub);
    m->sub = NULL;
}

/* With the start lock held, and nothing running. */
static int begin(struct g20_mission *m, const struct g20_mission_plan *plan, struct g20_err *e)
{
    const struct g20_hub_sub_cfg sub = {.blocks = MAILBOX, .wake = on_mail, .user = m};

    end(m); /* one that failed is still to be joined */
    int r = prepare(m, plan, e);
    if (r < 0)
        return r;
    r = g20_hub_subscribe(m->hub, &sub, &m->sub);
    if (r < 0)
        g20_fail(e, r, "mission: %s", g20_strerror(r));
    if (r >= 0)
        r = g20_thread_start(&m->thread, "g20-mission", mission_main, m, e);
    if (r >= 0)
        return 0;
    end(m);
    pthread_mutex_lock(&m->lock);
    m->state.run = G20_MISSION_IDLE;
    pthread_mutex_unlock(&m->lock);
    return r;
}

int g20_mission_start(struct g20_mission *m, const struct g20_mission_plan *plan, struct g20_err *e)
{
    pthread_mutex_lock(&m->start_lock);
    pthread_mutex_lock(&m->lock);
    const bool runs = m->state.run == G20_MISSION_WAITING || m->state.run == G20_MISSION_SWEEPING;
    pthread_mutex_unlock(&m->lock);
    const int r =
        runs ? g20_fail(e, -EBUSY, "the mission \"%s\" runs", m->plan.name) : begin(m, plan, e);
    pthread_mutex_unlock(&m->start_lock);
    return r;
}

void g20_mission_stop(struct g20_mission *m)
{
    pthread_mutex_lock(&m->start_lock);
    end(m);
    pthread_mutex_unlock(&m->start_lock);
}

static void fill_band(const struct g20_mission *m, size_t range, double seconds,
                      struct g20_mission_band *b)
{
    static const double burst_s[] = {1e-3, 10e-3, 100e-3};
    double between_s = 0;
    uint64_t pairs = 0;

    *b = (struct g20_mission_band){.band = m->plan.ranges[range]};
    for (size_t i = 0; i < m->state.steps; i++) {
        const struct visits *v = &m->visit[i];
        if (m->step[i].range != range)
            continue;
        b->steps++;
        b->visits += v->count;
        b->watched_s += v->watched_s;
        if (v->count > 1) {
            between_s += (double)(v->last_ns - v->first_ns) * 1e-9;
            pairs += v->count - 1;
        }
    }
    if (b->visits == 0)
        return;
    b->share = seconds > 0 ? b->watched_s / (double)b->steps / seconds : 0;
    b->dwell_s = b->watched_s / (double)b->visits;
    b->revisit_s = pairs > 0 ? between_s / (double)pairs : 0;
    for (size_t k = 0; k < G20_COUNT_OF(burst_s); k++)
        b->intercept[k] = g20_mission_intercept(b->dwell_s, b->revisit_s, burst_s[k]);
}

void g20_mission_state(struct g20_mission *m, struct g20_mission_state *ret)
{
    double seen_hz = 0;

    pthread_mutex_lock(&m->lock);
    *ret = m->state;
    const uint64_t until_ns = m->ended_ns ? m->ended_ns : g20_clock_mono_ns();
    ret->seconds = m->began_ns ? (double)(until_ns - m->began_ns) * 1e-9 : 0;
    ret->nbands = m->plan.nranges;
    for (size_t i = 0; i < m->plan.nranges; i++)
        fill_band(m, i, ret->seconds, &ret->bands[i]);
    for (size_t i = 0; i < m->state.steps; i++)
        seen_hz += (double)m->visit[i].count * (m->step[i].hi_hz - m->step[i].lo_hz);
    ret->speed_hz_per_s = ret->seconds > 0 ? seen_hz / ret->seconds : 0;
    pthread_mutex_unlock(&m->lock);
}

void g20_mission_destroy(struct g20_mission *m)
{
    if (!m)
        return;
    g20_mission_stop(m);
    pthread_cond_destroy(&m->changed);
    pthread_mutex_destroy(&m->lock);
    pthread_mutex_destroy(&m->start_lock);
    g20_free(m);
}
