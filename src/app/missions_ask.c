/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/missions_own.h"
#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { ANSWER_MS = 5000 };

void g20_missions_changed(struct g20_missions *m)
{
    pthread_mutex_lock(&m->lock);
    m->stale = true;
    pthread_cond_broadcast(&m->changed);
    pthread_mutex_unlock(&m->lock);
}

/* With the lock held: until the thread has looked at everything again. */
static void wait_for_look(struct g20_missions *m)
{
    const struct timespec until = g20_clock_deadline(ANSWER_MS);
    const uint64_t mine = ++m->asked;

    m->stale = true;
    pthread_cond_broadcast(&m->changed);
    while (!m->stopping && m->looked < mine &&
           pthread_cond_timedwait(&m->changed, &m->lock, &until) != ETIMEDOUT)
        ;
}

/* With the lock held: why the plan does not run although it should. */
static int verdict(struct g20_missions *m, const char *id, struct g20_err *e)
{
    const struct g20_mission_entry *en = g20_missions_find(m, id);

    if (!en)
        return m->stopping ? g20_fail(e, -EBUSY, "shutting down")
                           : g20_fail(e, -EBUSY, "too many missions are enabled");
    if (en->failed)
        return g20_fail(e, -EINVAL, "%s", en->why);
    return en->blocked ? g20_fail(e, -EBUSY, "%s", en->why) : 0;
}

int g20_missions_enable(struct g20_missions *m, const char *id, bool enabled, struct g20_err *e)
{
    json_t *yes = json_pack("{s:b}", "enabled", 1), *no = json_pack("{s:b}", "enabled", 0);
    int r = 0;

    pthread_mutex_lock(&m->lock);
    const struct g20_mission_entry *en = g20_missions_find(m, id);
    const bool was = en && !en->failed;
    pthread_mutex_unlock(&m->lock);
    if (!yes || !no)
        r = g20_fail(e, -ENOMEM, "out of memory");
    if (r == 0 && en && en->failed && enabled) { /* once more */
        r = g20_store_change(m->cfg.store, G20_MISSIONS, id, no, NULL, e);
        pthread_mutex_lock(&m->lock);
        wait_for_look(m);
        pthread_mutex_unlock(&m->lock);
    }
    if (r == 0)
        r = g20_store_change(m->cfg.store, G20_MISSIONS, id, enabled ? yes : no, NULL, e);
    if (r == 0) {
        pthread_mutex_lock(&m->lock);
        wait_for_look(m);
        r = enabled ? verdict(m, id, e) : 0;
        pthread_mutex_unlock(&m->lock);
    }
    if (r < 0 && enabled && !was && no) {
        struct g20_err ignored;

        if (g20_store_change(m->cfg.store, G20_MISSIONS, id, no, NULL, &ignored) == 0)
            g20_missions_changed(m);
    }
    json_decref(yes);
    json_decref(no);
    return r;
}

int g20_missions_run(struct g20_missions *m, const struct g20_mission_plan *plan, struct g20_err *e)
{
    int r = 0;

    pthread_mutex_lock(&m->lock);
    if (plan && m->has_current)
        r = g20_fail(e, -EBUSY, "the mission \"%s\" runs", m->last_name);
    else if (plan && (m->order.run || (m->entry[0].there && !m->entry[0].failed)))
        r = g20_fail(e, -EBUSY, "another mission is about to run");
    else if (plan)
        m->order.plan = *plan;
    if (r == 0) {
        m->order.run = plan != NULL;
        m->order.stop = plan == NULL;
        wait_for_look(m);
        r = plan ? verdict(m, "", e) : 0;
        m->order.stop = r < 0; /* with the next look */
    }
    pthread_mutex_unlock(&m->lock);
    return r;
}

void g20_missions_fill(struct g20_missions *m, json_t *o)
{
    const char *id = json_string_value(json_object_get(o, "id"));
    char why[320] = "";

    pthread_mutex_lock(&m->lock);
    const struct g20_mission_entry *en = id ? g20_missions_find(m, id) : NULL;
    const bool mine = en && m->has_current && strcmp(m->current, id) == 0;
    const bool there = en != NULL;
    const enum g20_mission_word word = en ? en->word : G20_PLAN_IDLE;
    if (en)
        memcpy(why, en->why, sizeof(why));
    pthread_mutex_unlock(&m->lock);
    if (there)
        json_object_set_new(o, "state", json_string(g20_mission_words[word]));
    if (mine)
        json_object_set_new(o, "progress", g20_missions_progress(m, why));
    else if (there && json_object_get(o, "progress"))
        json_object_set_new(json_object_get(o, "progress"), "why", json_string(why));
    else if (there)
        json_object_set_new(o, "progress", json_pack("{s:s}", "why", why));
    if (!json_object_get(o, "state"))
        json_object_set_new(o, "state", json_string(g20_mission_words[G20_PLAN_IDLE]));
}

json_t *g20_missions_status(struct g20_missions *m)
{
    char id[G20_MISSION_ID], name[64], why[320];

    pthread_mutex_lock(&m->lock);
    const enum g20_mission_word word = m->last_word;
    memcpy(id, m->current, sizeof(id));
    memcpy(name, m->last_name, sizeof(name));
    memcpy(why, m->last_why, sizeof(why));
    pthread_mutex_unlock(&m->lock);
    return json_pack("{s:s, s:s, s:s, s:o}", "id", id, "name", name, "state",
                     g20_mission_words[word], "progress", g20_missions_progress(m, why));
}

bool g20_missions_current(struct g20_missions *m, char ret[72])
{
    pthread_mutex_lock(&m->lock);
    const bool has = m->has_current;
    memcpy(ret, m->current, G20_MISSION_ID);
    pthread_mutex_unlock(&m->lock);
    return has;
}
