/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "capture/trigger.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    OWNERS = 16,
    EVENTS = 1024, /* waiting for the thread */
    ACTIVE = 32,   /* captures of triggers at a time */
    OPEN = 32,     /* emissions that are on, of one capture */
    DONE = 256,    /* emissions that were recorded, not to be recorded again */
    TICK_MS = 200,
    TRIES = 8, /* of a free name */
};

#define LEAST_BAND_HZ 1000.0 /* a carrier is recorded with so much around it */

struct owner {
    char name[72];
    struct g20_record_rule rule[G20_RECORD_RULES]; /* (rules) */
    size_t rules;
    double left[G20_RECORD_RULES]; /* captures that each may start now */
    uint64_t refilled_ns;
};

struct active { /* a capture that runs; "" is a free place */
    char session[64], owner[72];
    bool whole;
    double f_lo_hz, f_hi_hz; /* what it records, if not the whole band */
    double post_s;
    uint64_t most_us;    /* it ends then at the latest */
    uint64_t last_us;    /* end of its last emission that has ended */
    uint64_t open[OPEN]; /* (opens) ids of those that are on */
    size_t opens;
};

struct g20_triggers {
    struct g20_captures *captures;
    struct g20_tap *tap;
    struct g20_tap_sink sink;
    uint64_t max_bytes;
    struct g20_thread thread;

    pthread_mutex_t lock; /* of all down to @stats */
    pthread_cond_t woken;
    struct g20_hub_event *event; /* (EVENTS) */
    size_t first, events;
    bool stopping;
    struct owner *owner; /* (OWNERS) rules 0: free */
    struct g20_triggers_stats stats;

    /* The thread's. */
    struct active active[ACTIVE];
    struct {
        uint64_t id;
        char owner[72];
    } done[DONE];
    size_t next_done;
};

static void on_event(const struct g20_hub_event *ev, void *user)
{
    struct g20_triggers *t = user;

    pthread_mutex_lock(&t->lock);
    if (t->events == EVENTS) {
        t->first = (t->first + 1) % EVENTS;
        t->events--;
        t->stats.missed++;
    }
    t->event[(t->first + t->events++) % EVENTS] = *ev;
    pthread_cond_signal(&t->woken);
    pthread_mutex_unlock(&t->lock);
}

/* ---- captures that run; the thread's ---- */

static uint64_t end_of(const struct g20_emission *em)
{
    return em->start_us + (uint64_t)llround(em->duration_s * 1e6);
}

static size_t find_open(const struct active *a, uint64_t id)
{
    size_t i = 0;

    while (i < a->opens && a->open[i] != id)
        i++;
    return i;
}

/* What is known of one of its emissions now: until when it records. */
static void follow(struct g20_triggers *t, struct active *a, const struct g20_hub_event *ev)
{
    const size_t at = find_open(a, ev->em.id);
    struct g20_err e = {0};

    if (ev->kind == G20_EMISSION_CLOSE && at < a->opens)
        a->open[at] = a->open[--a->opens];
    else if (ev->kind != G20_EMISSION_CLOSE && at == a->opens && a->opens < OPEN)
        a->open[a->opens++] = ev->em.id;
    a->last_us = G20_MAX(a->last_us, end_of(&ev->em));
    const uint64_t end_us = a->last_us + (uint64_t)(a->post_s * 1e6);
    if (g20_captures_end_at(t->captures, a->session,
                            a->opens > 0 ? a->most_us : G20_MIN(end_us, a->most_us), &e) < 0)
        g20_log(G20_LOG_DEBUG, "capture", "trigger", G20_F_STR("why", e.msg));
}

static bool is_done(const struct g20_triggers *t, const char *owner, uint64_t id)
{
    for (size_t i = 0; i < DONE; i++)
        if (t->done[i].id == id && strcmp(t->done[i].owner, owner) == 0)
            return true;
    return false;
}

static void remember(struct g20_triggers *t, const char *owner, uint64_t id)
{
    t->done[t->next_done].id = id;
    snprintf(t->done[t->next_done].owner, sizeof(t->done[0].owner), "%s", owner);
    t->next_done = (t->next_done + 1) % DONE;
}

/* A capture of @owner that has the emission's band, and is still on when it begins. */
static struct active *running(struct g20_triggers *t, const char *owner,
                              const struct g20_record_rule *r, const struct g20_emission *em)
{
    for (size_t i = 0; i < ACTIVE; i++) {
        struct active *a = &t->active[i];
        const bool has_band =
            a->whole || (!r->whole_band && em->f_lo_hz >= a->f_lo_hz && em->f_hi_hz <= a->f_hi_hz);

        if (a->session[0] && strcmp(a->owner, owner) == 0 && has_band &&
            em->start_us <= (a->opens > 0 ? a->most_us : a->last_us + (uint64_t)(a->post_s * 1e6)))
            return a;
    }
    return NULL;
}

/* Those that have ended by themselves leave their places. */
static void look_after(struct g20_triggers *t)
{
    struct g20_capture_info *all = g20_calloc(64, sizeof(*all));
    struct g20_err e = {0};
    uint32_t n = 0;

    if (!all)
        return;
    const size_t count = g20_captures_list(t->captures, all, 64);
    for (size_t i = 0; i < ACTIVE; i++) {
        struct active *a = &t->active[i];
        size_t k = 0;

        if (!a->session[0])
            continue;
        while (k < count && strcmp(all[k].session_id, a->session) != 0)
            k++;
        const bool runs = k < count && all[k].state == G20_CAPTURE_RUNNING;
        if (!runs && k < count && g20_captures_stop(t->captures, a->session, &all[k], &e) < 0)
            g20_log(G20_LOG_DEBUG, "capture", "trigger", G20_F_STR("why", e.msg));
        if (runs)
            n++;
        else
            a->session[0] = '\0';
    }
    g20_free(all);
    pthread_mutex_lock(&t->lock);
    t->stats.running = n;
    pthread_mutex_unlock(&t->lock);
}

/* ---- starting one ---- */

static void set_request(const struct g20_triggers *t, const char *owner,
                        const struct g20_record_rule *r, const struct g20_emission *em,
                        struct g20_capture_request *q)
{
    const double width = em->f_hi_hz - em->f_lo_hz;
    const uint64_t pre_us = (uint64_t)(r->pre_s * 1e6);

    *q = (struct g20_capture_request){.max_s = r->max_s, .max_bytes = t->max_bytes};
    q->start_us = em->start_us > pre_us ? em->start_us - pre_us : 1;
    q->end_us = q->start_us + (uint64_t)(r->max_s * 1e6);
    if (!r->whole_band) {
        q->center_hz = (em->f_lo_hz + em->f_hi_hz) / 2;
        q->bandwidth_hz = fmax(width * (1 + r->margin), LEAST_BAND_HZ);
    }
    snprintf(q->about.origin, sizeof(q->about.origin), "%s", owner[0] ? "mission" : "trigger");
    snprintf(q->about.mission_id, sizeof(q->about.mission_id), "%s", owner);
    snprintf(q->about.class_name, sizeof(q->about.class_name), "%s", em->class_name);
    q->about.emission_id = em->id;
}

/* As much of what was wanted as there is: a shorter pre-roll, no margin at the stream's edge. */
static int start_some(struct g20_triggers *t, const struct g20_record_rule *r,
                      const struct g20_emission *em, struct g20_capture_request *q,
                      struct g20_capture_info *info, struct g20_err *e)
{
    int rc = g20_captures_start(t->captures, q, info, e);

    if (rc == -ENODATA && r->pre_s > 0) {
        q->start_us = em->start_us;
        rc = g20_captures_start(t->captures, q, info, e);
    }
    if (rc == -ENODATA) { /* no ring, or it is too short: from now on */
        q->start_us = q->end_us = 0;
        rc = g20_captures_start(t->captures, q, info, e);
    }
    if (rc == -ERANGE && q->bandwidth_hz > em->f_hi_hz - em->f_lo_hz) {
        q->bandwidth_hz = fmax(em->f_hi_hz - em->f_lo_hz, 1);
        rc = g20_captures_start(t->captures, q, info, e);
    }
    return rc;
}

static void start(struct g20_triggers *t, const char *owner, const struct g20_record_rule *r,
                  const struct g20_hub_event *ev)
{
    struct g20_capture_request q;
    struct g20_capture_info info;
    struct active *a = t->active;
    struct g20_err e = {0};
    char path[96], session[64];
    int rc = -EUSERS;

    while (a < t->active + ACTIVE && a->session[0])
        a++;
    set_request(t, owner, r, &ev->em, &q);
    q.session_id = session;
    q.output_path = path;
    for (unsigned i = 0; i < TRIES && a < t->active + ACTIVE; i++) {
        snprintf(session, sizeof(session), "%s-%llu-%llu-%u", q.about.origin,
                 (unsigned long long)ev->em.start_us, (unsigned long long)ev->em.id, i);
        snprintf(path, sizeof(path), "%s/%s", q.about.origin, session);
        rc = start_some(t, r, &ev->em, &q, &info, &e);
        if (rc != -EEXIST)
            break;
    }
    pthread_mutex_lock(&t->lock);
    t->stats.started += rc >= 0;
    t->stats.limited += rc == -EUSERS;
    t->stats.failed += rc < 0 && rc != -EUSERS;
    pthread_mutex_unlock(&t->lock);
    if (rc < 0) {
        g20_log(G20_LOG_DEBUG, "capture", "a trigger could not record", G20_F_STR("rule", r->name),
                G20_F_STR("why", e.msg));
        return;
    }
    *a = (struct active){.whole = r->whole_band,
                         .f_lo_hz = q.center_hz - q.bandwidth_hz / 2,
                         .f_hi_hz = q.center_hz + q.bandwidth_hz / 2,
                         .post_s = r->post_s,
                         .most_us = info.start_us + (uint64_t)(r->max_s * 1e6)};
    snprintf(a->session, sizeof(a->session), "%s", session);
    snprintf(a->owner, sizeof(a->owner), "%s", owner);
    follow(t, a, ev);
}

/* With the lock: one capture of that rule's budget, which fills up again within the hour. */
static bool take_budget(struct owner *o, size_t rule)
{
    const uint64_t now = g20_clock_mono_ns();
    const double hours = (double)(now - o->refilled_ns) / 3.6e12;

    for (size_t i = 0; i < o->rules; i++)
        o->left[i] = fmin(o->left[i] + hours * o->rule[i].max_per_hour, o->rule[i].max_per_hour);
    o->refilled_ns = now;
    if (o->left[rule] < 1)
        return false;
    o->left[rule] -= 1;
    return true;
}

/* Whatever it is called now: an emission that is being recorded. */
static bool goes_on(struct g20_triggers *t, const char *owner, const struct g20_hub_event *ev)
{
    bool found = false;

    for (size_t i = 0; i < ACTIVE; i++) {
        struct active *a = &t->active[i];
        if (!a->session[0] || strcmp(a->owner, owner) != 0 || find_open(a, ev->em.id) == a->opens)
            continue;
        follow(t, a, ev);
        found = true;
    }
    return found;
}

/* One owner's view of an event. */
static void judge(struct g20_triggers *t, size_t at, const struct g20_hub_event *ev)
{
    struct owner *o = &t->owner[at];
    struct g20_record_rule r;
    char name[sizeof(o->name)];
    size_t i = 0;

    pthread_mutex_lock(&t->lock);
    memcpy(name, o->name, sizeof(name));
    pthread_mutex_unlock(&t->lock);
    if (goes_on(t, name, ev))
        return;
    pthread_mutex_lock(&t->lock);
    while (i < o->rules && !g20_record_rule_matches(&o->rule[i], &ev->em))
        i++;
    const bool wanted = i < o->rules;
    if (wanted)
        r = o->rule[i];
    pthread_mutex_unlock(&t->lock);
    if (!wanted)
        return;
    struct active *a = running(t, name, &r, &ev->em);
    const bool known = is_done(t, name, ev->em.id);
    if (a) {
        follow(t, a, ev);
    } else if (!known) {
        pthread_mutex_lock(&t->lock);
        const bool may = take_budget(o, i);
        t->stats.limited += !may;
        pthread_mutex_unlock(&t->lock);
        if (may)
            start(t, name, &r, ev);
    }
    if (known)
        return;
    remember(t, name, ev->em.id);
    pthread_mutex_lock(&t->lock);
    t->stats.merged += a != NULL;
    pthread_mutex_unlock(&t->lock);
}

static bool next_event(struct g20_triggers *t, struct g20_hub_event *ret, bool *ret_stopping)
{
    const struct timespec until = g20_clock_deadline(TICK_MS);

    pthread_mutex_lock(&t->lock);
    while (t->events == 0 && !t->stopping &&
           pthread_cond_timedwait(&t->woken, &t->lock, &until) != ETIMEDOUT)
        ;
    const bool has = t->events > 0 && !t->stopping;
    if (has) {
        *ret = t->event[t->first];
        t->first = (t->first + 1) % EVENTS;
        t->events--;
    }
    *ret_stopping = t->stopping;
    pthread_mutex_unlock(&t->lock);
    return has;
}

static void *triggers_main(void *arg)
{
    struct g20_triggers *t = arg;
    struct g20_hub_event ev;
    uint64_t looked_ns = 0;
    bool stopping = false;

    while (!stopping) {
        if (next_event(t, &ev, &stopping))
            for (size_t i = 0; i < OWNERS; i++)
                judge(t, i, &ev);
        if (g20_clock_mono_ns() - looked_ns > TICK_MS * 1000000ull) {
            look_after(t);
            looked_ns = g20_clock_mono_ns();
        }
    }
    return NULL;
}

/* ---- its life ---- */

void g20_triggers_destroy(struct g20_triggers *t)
{
    struct g20_err e = {0};

    if (!t)
        return;
    if (t->sink.user)
        g20_tap_remove(t->tap, &t->sink);
    pthread_mutex_lock(&t->lock);
    t->stopping = true;
    pthread_cond_signal(&t->woken);
    pthread_mutex_unlock(&t->lock);
    g20_thread_join(&t->thread);
    for (size_t i = 0; i < ACTIVE; i++)
        if (t->active[i].session[0] &&
            g20_captures_stop(t->captures, t->active[i].session, NULL, &e) < 0)
            g20_log(G20_LOG_DEBUG, "capture", "trigger", G20_F_STR("why", e.msg));
    pthread_cond_destroy(&t->woken);
    pthread_mutex_destroy(&t->lock);
    g20_free(t->event);
    g20_free(t->owner);
    g20_free(t);
}

int g20_triggers_create(struct g20_triggers **ret, struct g20_captures *captures,
                        struct g20_tap *tap, uint64_t max_bytes, struct g20_err *e)
{
    struct g20_triggers *t = g20_calloc(1, sizeof(*t));
    pthread_condattr_t attr;

    if (!t)
        return g20_fail(e, -ENOMEM, "triggers: out of memory");
    t->captures = captures;
    t->tap = tap;
    t->max_bytes = max_bytes;
    pthread_mutex_init(&t->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&t->woken, &attr);
    pthread_condattr_destroy(&attr);
    t->event = g20_calloc(EVENTS, sizeof(*t->event));
    t->owner = g20_calloc(OWNERS, sizeof(*t->owner));
    const int r = t->event && t->owner
                      ? g20_thread_start(&t->thread, "g20-triggers", triggers_main, t, e)
                      : g20_fail(e, -ENOMEM, "triggers: out of memory");
    if (r < 0) {
        g20_triggers_destroy(t);
        return r;
    }
    t->sink = (struct g20_tap_sink){.event = on_event, .user = t};
    g20_tap_add(tap, &t->sink);
    *ret = t;
    return 0;
}

static struct owner *owner_of(struct g20_triggers *t, const char *name)
{
    for (size_t i = 0; i < OWNERS; i++)
        if (t->owner[i].rules > 0 && strcmp(t->owner[i].name, name) == 0)
            return &t->owner[i];
    return NULL;
}

int g20_triggers_set(struct g20_triggers *t, const char *owner, const struct g20_record_rule *rules,
                     size_t n, struct g20_err *e)
{
    pthread_mutex_lock(&t->lock);
    struct owner *o = owner_of(t, owner);
    for (size_t i = 0; i < OWNERS && !o; i++)
        o = t->owner[i].rules == 0 ? &t->owner[i] : NULL;
    if (o && n > 0) {
        snprintf(o->name, sizeof(o->name), "%s", owner);
        memcpy(o->rule, rules, n * sizeof(*rules));
        for (size_t i = 0; i < n; i++)
            o->left[i] = rules[i].max_per_hour;
        o->refilled_ns = g20_clock_mono_ns();
    }
    if (o)
        o->rules = n;
    pthread_mutex_unlock(&t->lock);
    return o ? 0 : g20_fail(e, -ENOSPC, "triggers: at most %d missions with rules", OWNERS - 1);
}

size_t g20_triggers_get(struct g20_triggers *t, const char *owner, struct g20_record_rule *ret)
{
    pthread_mutex_lock(&t->lock);
    const struct owner *o = owner_of(t, owner);
    const size_t n = o ? o->rules : 0;
    if (n > 0)
        memcpy(ret, o->rule, n * sizeof(*ret));
    pthread_mutex_unlock(&t->lock);
    return n;
}

void g20_triggers_stats(struct g20_triggers *t, struct g20_triggers_stats *ret)
{
    pthread_mutex_lock(&t->lock);
    *ret = t->stats;
    pthread_mutex_unlock(&t->lock);
}
