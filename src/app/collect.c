/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/collect.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { EVENTS = 256, BLOCKS = 64, HELD = 64, TRIES = 20, TRY_MS = 250, ARRIVE_MS = 10 };

struct held {
    double f_lo_hz, f_hi_hz;
    uint64_t until_ns;
};

struct g20_collect {
    struct g20_record_rule rule;
    struct g20_span ranges[G20_MISSION_RANGES]; /* (nranges) */
    size_t nranges;
    uint64_t since_us;
    uint32_t channel;
    struct g20_hub *scan, *hub; /* of the first receiver; its own */
    struct g20_hub_sub *sub;    /* of scan */
    struct g20_live *live;
    struct g20_control control; /* of live */
    struct g20_tap *tap;
    struct g20_captures *captures;
    struct g20_thread thread;
    char mission_id[72];
    void (*begun)(struct g20_capture_info *info, void *user);
    void (*done)(const struct g20_capture_info *info, void *user);
    void *user;
    struct held held[HELD]; /* the thread's */
    size_t next_held;

    pthread_mutex_t lock; /* of the rest */
    pthread_cond_t changed;
    bool stopping, mail, over; /* over: the capture has ended */
    struct g20_collect_state state;
};

static void on_mail(void *user)
{
    struct g20_collect *c = user;

    pthread_mutex_lock(&c->lock);
    c->mail = true;
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->lock);
}

static void on_begun(struct g20_capture_info *info, void *user)
{
    struct g20_collect *c = user;

    if (c->begun)
        c->begun(info, c->user);
}

static void on_done(const struct g20_capture_info *info, void *user)
{
    struct g20_collect *c = user;

    if (c->done)
        c->done(info, c->user);
    pthread_mutex_lock(&c->lock);
    c->over = true;
    if (info->state == G20_CAPTURE_DONE && info->samples > 0)
        c->state.collected++;
    else {
        c->state.failed++;
        snprintf(c->state.why, sizeof(c->state.why), "%.199s", info->why);
    }
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->lock);
}

static bool overlap(const struct held *h, const struct g20_emission *em)
{
    const double both = fmin(h->f_hi_hz, em->f_hi_hz) - fmax(h->f_lo_hz, em->f_lo_hz);

    return both > 0.5 * fmin(h->f_hi_hz - h->f_lo_hz, em->f_hi_hz - em->f_lo_hz);
}

/* What was met before the mission tuned may lie elsewhere, or be news of a time before. */
static bool is_of_the_plan(const struct g20_collect *c, const struct g20_emission *em)
{
    const double center_hz = (em->f_lo_hz + em->f_hi_hz) / 2;

    if ((double)em->start_us + 1e6 * em->duration_s < (double)c->since_us)
        return false;
    for (size_t i = 0; i < c->nranges; i++)
        if (center_hz >= c->ranges[i].lo && center_hz <= c->ranges[i].hi)
            return true;
    return false;
}

static bool is_wanted(const struct g20_collect *c, const struct g20_emission *em)
{
    const uint64_t now_ns = g20_clock_mono_ns();

    if (!em->center_known || !is_of_the_plan(c, em) || !g20_record_rule_matches(&c->rule, em))
        return false;
    for (size_t i = 0; i < HELD; i++)
        if (c->held[i].until_ns > now_ns && overlap(&c->held[i], em))
            return false;
    return true;
}

/* True: stopped meanwhile. */
static bool pause_ms(struct g20_collect *c, int ms)
{
    const struct timespec until = g20_clock_deadline(ms);

    pthread_mutex_lock(&c->lock);
    while (!c->stopping && pthread_cond_timedwait(&c->changed, &c->lock, &until) != ETIMEDOUT)
        ;
    const bool stopping = c->stopping;
    pthread_mutex_unlock(&c->lock);
    return stopping;
}

/* Until samples of @center_hz come. */
static int wait_for_samples(struct g20_collect *c, double center_hz, struct g20_err *e)
{
    struct g20_control_state st;

    for (int i = 0; i < TRIES * TRY_MS / ARRIVE_MS; i++) {
        c->control.state(&st, c->control.user);
        if (fabs(st.stats.center_hz - center_hz) < 1)
            return 0;
        if (pause_ms(c, ARRIVE_MS))
            return -ECANCELED;
    }
    return g20_fail(e, -ETIMEDOUT, "no samples came after the second receiver was tuned");
}

static int tune(struct g20_collect *c, double center_hz, struct g20_err *e)
{
    const struct g20_tune wanted = {
        .channel = c->channel, .center_hz = center_hz, .bandwidth_hz = NAN, .gain_db = NAN};
    struct g20_tune actual;
    int r = -ENODEV;

    for (int i = 0; i < TRIES; i++) {
        r = c->control.tune(&wanted, &actual, e, c->control.user);
        if (r >= 0)
            return wait_for_samples(c, actual.center_hz, e);
        if (r != -ENODEV && r != -ETIMEDOUT && r != -EBUSY)
            return r;
        if (pause_ms(c, TRY_MS))
            return -ECANCELED;
    }
    return r;
}

static int record(struct g20_collect *c, const struct g20_emission *em, struct g20_err *e)
{
    char session[64], path[128];
    struct g20_capture_request q = {
        .session_id = session,
        .output_path = path,
        .center_hz = (em->f_lo_hz + em->f_hi_hz) / 2,
        .bandwidth_hz = (1 + c->rule.margin) * (em->f_hi_hz - em->f_lo_hz),
        .max_s = c->rule.max_s,
        .about = {.origin = "mission", .channel = c->channel, .emission_id = em->id}};
    struct g20_control_state st;

    c->control.state(&st, c->control.user);
    if (c->rule.whole_band || q.bandwidth_hz > 0.8 * st.source.rate_hz)
        q.bandwidth_hz = q.center_hz = 0; /* as it comes */
    snprintf(session, sizeof(session), "collect-%" PRIu64, em->id);
    snprintf(path, sizeof(path), "%" PRIu64 "-%" PRIu64, g20_clock_utc_us(), em->id);
    memcpy(q.about.class_name, em->class_name, sizeof(q.about.class_name));
    memcpy(q.about.mission_id, c->mission_id, sizeof(q.about.mission_id));
    pthread_mutex_lock(&c->lock);
    c->over = false;
    pthread_mutex_unlock(&c->lock);
    return g20_captures_start(c->captures, &q, NULL, e);
}

static void wait_until_over(struct g20_collect *c, uint64_t id)
{
    struct g20_capture_info info;
    struct g20_err e;
    char session[64];

    pthread_mutex_lock(&c->lock);
    while (!c->over && !c->stopping)
        pthread_cond_wait(&c->changed, &c->lock);
    pthread_mutex_unlock(&c->lock);
    snprintf(session, sizeof(session), "collect-%" PRIu64, id);
    if (g20_captures_stop(c->captures, session, &info, &e) < 0)
        g20_log(G20_LOG_WARNING, "collect", "the capture is gone", G20_F_STR("why", e.msg));
}

static void collect(struct g20_collect *c, const struct g20_emission *em)
{
    struct g20_err e = {0};

    pthread_mutex_lock(&c->lock);
    c->state.collecting = true;
    c->state.emission_id = em->id;
    c->state.f_lo_hz = em->f_lo_hz;
    c->state.f_hi_hz = em->f_hi_hz;
    pthread_mutex_unlock(&c->lock);
    int r = tune(c, (em->f_lo_hz + em->f_hi_hz) / 2, &e);
    if (r >= 0)
        r = record(c, em, &e);
    if (r >= 0)
        wait_until_over(c, em->id);
    c->held[c->next_held++ % HELD] =
        (struct held){.f_lo_hz = em->f_lo_hz,
                      .f_hi_hz = em->f_hi_hz,
                      .until_ns = g20_clock_mono_ns() + G20_COLLECT_HOLD_S * 1000000000ull};
    pthread_mutex_lock(&c->lock);
    c->state.collecting = false;
    if (r < 0) {
        c->state.failed++;
        snprintf(c->state.why, sizeof(c->state.why), "%.199s", e.msg);
    }
    pthread_mutex_unlock(&c->lock);
    if (r < 0 && r != -ECANCELED)
        g20_log(G20_LOG_WARNING, "collect", "an emission was not collected",
                G20_F_NUM("f_lo_hz", em->f_lo_hz), G20_F_STR("why", e.msg));
}

/* The newest of what waits; what came while it was busy has had its chance. */
static bool next(struct g20_collect *c, struct g20_emission *ret)
{
    struct g20_hub_event *ev;
    bool has = false;

    while ((ev = g20_hub_take_event(c->sub))) {
        if (ev->kind != G20_EMISSION_CLOSE && is_wanted(c, &ev->em)) {
            pthread_mutex_lock(&c->lock);
            c->state.passed += has && ret->id != ev->em.id;
            pthread_mutex_unlock(&c->lock);
            *ret = ev->em;
            has = true;
        }
        g20_hub_event_unref(ev);
    }
    return has;
}

static void *collect_main(void *arg)
{
    struct g20_collect *c = arg;
    struct g20_emission em = {.id = 0};

    for (bool stopping = false; !stopping;) {
        pthread_mutex_lock(&c->lock);
        while (!c->mail && !c->stopping)
            pthread_cond_wait(&c->changed, &c->lock);
        c->mail = false;
        stopping = c->stopping;
        pthread_mutex_unlock(&c->lock);
        if (!stopping && next(c, &em))
            collect(c, &em);
    }
    return NULL;
}

static int create_live(struct g20_collect *c, const struct g20_collect_cfg *cfg, struct g20_err *e)
{
    char args[2048];
    struct g20_pipeline_cfg p = {.source = *cfg->source};

    /* The last one of a key counts. */
    if (snprintf(args, sizeof(args), "%s,g20:channel=%u", cfg->source->args, cfg->channel) >=
        (int)sizeof(args))
        return g20_fail(e, -EINVAL, "source.args: too long for a second receiver");
    p.source.args = args;
    const int r = g20_live_create(&c->live, &p, c->hub);
    if (r < 0)
        return g20_fail(e, r, "second receiver: %s", g20_strerror(r));
    g20_live_control(c->live, &c->control);
    return 0;
}

static int create_parts(struct g20_collect *c, const struct g20_collect_cfg *cfg, struct g20_err *e)
{
    const struct g20_hub_sub_cfg sub = {.events = EVENTS, .wake = on_mail, .user = c};
    const struct g20_captures_cfg captures = {
        .folder = cfg->folder, .sessions = 2, .begun = on_begun, .done = on_done, .user = c};
    int r = g20_hub_create(&c->hub);

    if (r < 0)
        return g20_fail(e, r, "second receiver: %s", g20_strerror(r));
    if ((r = create_live(c, cfg, e)) < 0 || (r = g20_tap_create(&c->tap, c->hub, BLOCKS, e)) < 0 ||
        (r = g20_captures_create(&c->captures, &captures, c->tap, &c->control, NULL, e)) < 0)
        return r;
    r = g20_hub_subscribe(c->scan, &sub, &c->sub);
    if (r < 0)
        return g20_fail(e, r, "second receiver: %s", g20_strerror(r));
    r = g20_live_start(c->live, e);
    return r < 0 ? r : g20_thread_start(&c->thread, "g20-collect", collect_main, c, e);
}

int g20_collect_create(struct g20_collect **ret, const struct g20_collect_cfg *cfg,
                       struct g20_err *e)
{
    struct g20_collect *c = g20_calloc(1, sizeof(*c));
    pthread_condattr_t attr;

    if (!c)
        return g20_fail(e, -ENOMEM, "second receiver: out of memory");
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->changed, &attr);
    pthread_condattr_destroy(&attr);
    c->rule = cfg->plan->record.rule;
    memcpy(c->ranges, cfg->plan->ranges, sizeof(c->ranges));
    c->nranges = cfg->plan->nranges;
    c->since_us = cfg->since_us;
    c->channel = cfg->channel;
    snprintf(c->mission_id, sizeof(c->mission_id), "%s", cfg->mission_id);
    c->scan = cfg->scan;
    c->begun = cfg->begun;
    c->done = cfg->done;
    c->user = cfg->user;
    const int r = create_parts(c, cfg, e);
    if (r < 0) {
        g20_collect_destroy(c);
        return r;
    }
    *ret = c;
    return 0;
}

void g20_collect_destroy(struct g20_collect *c)
{
    if (!c)
        return;
    pthread_mutex_lock(&c->lock);
    c->stopping = true;
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->lock);
    g20_thread_join(&c->thread);
    g20_hub_unsubscribe(c->scan, c->sub);
    g20_captures_destroy(c->captures);
    g20_tap_destroy(c->tap);
    g20_live_destroy(c->live);
    g20_hub_destroy(c->hub);
    pthread_cond_destroy(&c->changed);
    pthread_mutex_destroy(&c->lock);
    g20_free(c);
}

void g20_collect_state(struct g20_collect *c, struct g20_collect_state *ret)
{
    pthread_mutex_lock(&c->lock);
    *ret = c->state;
    pthread_mutex_unlock(&c->lock);
}
