/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "capture/trigger.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "capture/trigger_run.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    OWNERS = 16,
    EVENTS = 1024, /* waiting for the thread */
    TICK_MS = 200,
};

struct owner {
    char name[72];
    struct g20_record_rule rule[G20_RECORD_RULES]; /* (rules) */
    size_t rules;
    double left[G20_RECORD_RULES]; /* captures that each may start now */
    uint64_t refilled_ns;
};

struct g20_triggers {
    struct g20_tap *tap;
    struct g20_tap_sink sink;
    struct g20_thread thread;

    pthread_mutex_t lock; /* of all down to @stats */
    pthread_cond_t woken;
    struct g20_hub_event *event; /* (EVENTS) */
    size_t first, events;
    bool stopping;
    struct owner *owner; /* (OWNERS) rules 0: free */
    struct g20_triggers_stats stats;

    struct g20_trigger_runs runs; /* the thread's */
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
    if (g20_trigger_goes_on(&t->runs, name, ev))
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
    const bool merged = g20_trigger_join(&t->runs, name, &r, ev);
    const bool known = g20_trigger_knows(&t->runs, name, ev->em.id);
    int rc = 0;

    pthread_mutex_lock(&t->lock);
    const bool may = !merged && !known && take_budget(o, i);
    t->stats.limited += !merged && !known && !may;
    pthread_mutex_unlock(&t->lock);
    if (may)
        rc = g20_trigger_start(&t->runs, name, &r, ev);
    if (known)
        return;
    g20_trigger_remember(&t->runs, name, ev->em.id);
    pthread_mutex_lock(&t->lock);
    t->stats.merged += merged;
    t->stats.started += may && rc >= 0;
    t->stats.limited += rc == -EUSERS;
    t->stats.failed += rc < 0 && rc != -EUSERS;
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
            const uint32_t running = g20_trigger_look_after(&t->runs);

            pthread_mutex_lock(&t->lock);
            t->stats.running = running;
            pthread_mutex_unlock(&t->lock);
            looked_ns = g20_clock_mono_ns();
        }
    }
    return NULL;
}

/* ---- its life ---- */

void g20_triggers_destroy(struct g20_triggers *t)
{
    if (!t)
        return;
    if (t->sink.user)
        g20_tap_remove(t->tap, &t->sink);
    pthread_mutex_lock(&t->lock);
    t->stopping = true;
    pthread_cond_signal(&t->woken);
    pthread_mutex_unlock(&t->lock);
    g20_thread_join(&t->thread);
    g20_trigger_runs_stop(&t->runs);
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
    t->runs.captures = captures;
    t->runs.max_bytes = max_bytes;
    t->tap = tap;
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
