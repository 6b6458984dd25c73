/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The thread: which plan has the radio, and what becomes of each. */
#include "app/missions_own.h"

#include "app/mission_account.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { LOOK_MS = 1000 };

int g20_missions_create(struct g20_missions **ret, const struct g20_missions_cfg *cfg,
                        struct g20_err *e)
{
    struct g20_missions *m = g20_calloc(1, sizeof(*m));
    pthread_condattr_t attr;

    if (!m)
        return g20_fail(e, -ENOMEM, "missions: out of memory");
    m->cfg = *cfg;
    m->stale = true;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&m->lock, NULL);
    pthread_cond_init(&m->changed, &attr);
    pthread_condattr_destroy(&attr);
    int r = g20_mission_create(&m->runner, cfg->hub, cfg->control);
    if (r >= 0)
        r = g20_store_reader_create(&m->reader, cfg->store);
    if (r < 0) {
        g20_missions_destroy(m);
        return g20_fail(e, r, "missions: %s", g20_strerror(r));
    }
    *ret = m;
    return 0;
}

static bool is_on(const struct g20_mission_entry *en)
{
    return g20_mission_plan_wait(&en->plan, g20_clock_utc_us()) <= 0;
}

json_t *g20_missions_progress(struct g20_missions *m, const char *why)
{
    struct g20_mission_state st;

    g20_mission_state(m->runner, &st);
    json_t *o = g20_mission_account(&st);
    pthread_mutex_lock(&m->lock);
    if (m->collect)
        g20_collect_state(m->collect, &m->handed);
    const bool hands_over = m->hands_over;
    const struct g20_collect_state handed = m->handed;
    pthread_mutex_unlock(&m->lock);
    if (hands_over)
        json_object_set_new(o, "hand_over", g20_mission_collected(&handed));
    json_object_set_new(o, "why", json_string(why));
    return o;
}

/* ---- what runs ---- */

static void tell(struct g20_missions *m, const char *id, const char *name,
                 enum g20_mission_word word, const char *why)
{
    if (m->cfg.news)
        m->cfg.news(json_pack("{s:s, s:s, s:s, s:s, s:o}", "type", "mission", "id", id, "name",
                              name, "state", g20_mission_words[word], "progress",
                              g20_missions_progress(m, why)),
                    m->cfg.user);
}

/* Notes what a plan does now; a change goes to the store and to those who listen. */
static void set_word(struct g20_missions *m, struct g20_mission_entry *en,
                     enum g20_mission_word word, bool blocked, const char *why)
{
    const bool mine = m->has_current && strcmp(m->current, en->id) == 0;

    pthread_mutex_lock(&m->lock);
    en->word = word;
    en->blocked = blocked;
    snprintf(en->why, sizeof(en->why), "%s", why);
    if (mine) {
        m->last_word = word;
        memcpy(m->last_why, en->why, sizeof(m->last_why));
        memcpy(m->last_name, en->plan.name, sizeof(m->last_name));
    }
    pthread_mutex_unlock(&m->lock);
    if (word == en->written)
        return;
    en->written = word;
    if (en->id[0] && (mine || word == G20_PLAN_FAILED))
        g20_missions_note(
            m, en->id,
            json_pack("{s:s, s:o}", "state", g20_mission_words[word], "progress",
                      mine ? g20_missions_progress(m, why) : json_pack("{s:s}", "why", why)));
    else if (en->id[0])
        g20_missions_note(m, en->id, json_pack("{s:s}", "state", g20_mission_words[word]));
    tell(m, en->id, en->plan.name, word, why);
}

static void stop_all(struct g20_missions *m)
{
    g20_mission_stop(m->runner);
    g20_missions_record_stop(m);
    g20_missions_collect_stop(m);
    g20_mission_heads_restore(&m->heads, m->cfg.heads);
}

/* The radio is free again. @word: what has become of the plan. */
static void release(struct g20_missions *m, struct g20_mission_entry *en,
                    enum g20_mission_word word, const char *why)
{
    stop_all(m);
    if (word == G20_PLAN_DONE && en->id[0])
        g20_missions_note(m, en->id, json_pack("{s:b}", "enabled", 0));
    set_word(m, en, word, false, why);
    g20_log(G20_LOG_INFO, "mission", g20_mission_words[word], G20_F_STR("name", en->plan.name),
            G20_F_STR("why", why));
    pthread_mutex_lock(&m->lock);
    m->has_current = false;
    m->stale |= word == G20_PLAN_DONE; /* it is enabled no longer */
    en->seen |= word == G20_PLAN_DONE && en == &m->entry[0];
    en->failed = word == G20_PLAN_FAILED;
    pthread_mutex_unlock(&m->lock);
}

void g20_missions_forget(struct g20_missions *m, struct g20_mission_entry *en)
{
    const bool over = en->word == G20_PLAN_DONE || en->word == G20_PLAN_FAILED;
    const enum g20_mission_word word = over ? en->word : G20_PLAN_IDLE;

    if (m->has_current && strcmp(m->current, en->id) == 0)
        release(m, en, word, "");
    else
        set_word(m, en, word, false, over ? en->why : "");
    json_decref(en->text);
    pthread_mutex_lock(&m->lock);
    *en = (struct g20_mission_entry){.there = false};
    pthread_mutex_unlock(&m->lock);
}

static int start(struct g20_missions *m, struct g20_mission_entry *en, struct g20_err *e)
{
    int r = g20_mission_heads_load(&m->heads, m->cfg.heads, m->cfg.models_dir, &en->plan, e);
    const uint64_t since_us = g20_clock_utc_us();

    if (r >= 0)
        r = g20_mission_start(m->runner, &en->plan, e);
    if (r >= 0 && en->plan.hands_over)
        r = g20_missions_collect(m, en, since_us, e);
    if (r >= 0 && en->plan.record.when == G20_RECORD_ALWAYS)
        r = g20_missions_record(m, en, e);
    if (r >= 0 && en->plan.record.when == G20_RECORD_EMISSIONS)
        r = g20_missions_trigger(m, en, e);
    if (r < 0) {
        stop_all(m);
        return r;
    }
    pthread_mutex_lock(&m->lock);
    m->has_current = true;
    m->hands_over = en->plan.hands_over;
    memcpy(m->current, en->id, sizeof(m->current));
    pthread_mutex_unlock(&m->lock);
    g20_log(G20_LOG_INFO, "mission", "started", G20_F_STR("name", en->plan.name));
    return 0;
}

/* The one that has the radio: does it keep it? */
static void check_current(struct g20_missions *m, bool others_wait)
{
    struct g20_mission_entry *en = g20_missions_find(m, m->current);
    struct g20_mission_state st;
    struct g20_control_state now;

    g20_mission_state(m->runner, &st);
    m->cfg.control->state(&now, m->cfg.control->user);
    if (st.run == G20_MISSION_FAILED)
        release(m, en, G20_PLAN_FAILED, st.error);
    else if (st.run == G20_MISSION_DONE)
        release(m, en, G20_PLAN_DONE, "");
    else if (is_on(en))
        set_word(m, en, now.run == G20_RUN_RUNNING ? G20_PLAN_RUNNING : G20_PLAN_WAITING, false,
                 now.run == G20_RUN_RUNNING ? "" : "no source is running");
    else if (others_wait)
        release(m, en, G20_PLAN_WAITING, "not its time");
    else
        set_word(m, en, G20_PLAN_WAITING, false, "not its time");
}

/* A plan that has not got the radio. */
static void check_other(struct g20_missions *m, struct g20_mission_entry *en)
{
    struct g20_err e = {0};
    char why[320];

    if (en->word == G20_PLAN_DONE)
        return; /* it goes as soon as its record is read */
    if (en->failed) {
        set_word(m, en, G20_PLAN_FAILED, false, en->why);
    } else if (!is_on(en)) {
        set_word(m, en, G20_PLAN_WAITING, false, "not its time");
    } else if (m->has_current) {
        snprintf(why, sizeof(why), "the mission \"%s\" runs",
                 g20_missions_find(m, m->current)->plan.name);
        set_word(m, en, G20_PLAN_WAITING, true, why);
    } else {
        const int r = start(m, en, &e);
        if (r >= 0)
            set_word(m, en, G20_PLAN_RUNNING, false, "");
        else if (r == -ENODEV)
            set_word(m, en, G20_PLAN_WAITING, false, e.msg);
        else {
            en->failed = true;
            set_word(m, en, G20_PLAN_FAILED, false, e.msg);
        }
    }
}

/* ---- the thread ---- */

/* What somebody wants of the plan that is in no store. */
static void take_order(struct g20_missions *m)
{
    pthread_mutex_lock(&m->lock);
    const bool stop = m->order.stop, run = m->order.run;
    if (run)
        m->entry[0] = (struct g20_mission_entry){.there = true, .plan = m->order.plan};
    m->order.stop = m->order.run = false;
    pthread_mutex_unlock(&m->lock);
    if (stop && m->entry[0].there && !run)
        g20_missions_forget(m, &m->entry[0]);
}

static void look(struct g20_missions *m, bool stale)
{
    bool others_wait = false;

    if (stale)
        g20_missions_reload(m);
    if (m->entry[0].there && m->entry[0].seen)
        g20_missions_forget(m, &m->entry[0]);
    take_order(m);
    for (size_t i = 0; i <= G20_MISSIONS_ENABLED; i++) {
        const struct g20_mission_entry *en = &m->entry[i];
        others_wait |= en->there && !en->failed && strcmp(en->id, m->current) != 0 && is_on(en);
    }
    if (m->has_current)
        check_current(m, others_wait);
    for (size_t i = 0; i <= G20_MISSIONS_ENABLED; i++)
        if (m->entry[i].there && !(m->has_current && strcmp(m->current, m->entry[i].id) == 0))
            check_other(m, &m->entry[i]);
    if (m->has_current)
        tell(m, m->current, g20_missions_find(m, m->current)->plan.name, m->last_word, m->last_why);
}

static void *missions_main(void *arg)
{
    struct g20_missions *m = arg;

    pthread_mutex_lock(&m->lock);
    while (!m->stopping) {
        const struct timespec until = g20_clock_deadline(LOOK_MS);
        const uint64_t asked = m->asked;
        const bool stale = m->stale;

        m->stale = false;
        pthread_mutex_unlock(&m->lock);
        look(m, stale);
        pthread_mutex_lock(&m->lock);
        m->looked = asked;
        pthread_cond_broadcast(&m->changed);
        while (!m->stopping && m->asked == asked && !m->stale &&
               pthread_cond_timedwait(&m->changed, &m->lock, &until) != ETIMEDOUT)
            ;
    }
    pthread_mutex_unlock(&m->lock);
    if (m->has_current && m->current[0]) /* it goes on after the restart */
        g20_missions_note(m, m->current,
                          json_pack("{s:o}", "progress", g20_missions_progress(m, "")));
    stop_all(m);
    return NULL;
}

int g20_missions_start(struct g20_missions *m, struct g20_err *e)
{
    return g20_thread_start(&m->thread, "g20-missions", missions_main, m, e);
}

void g20_missions_stop(struct g20_missions *m)
{
    pthread_mutex_lock(&m->lock);
    m->stopping = true;
    pthread_cond_broadcast(&m->changed);
    pthread_mutex_unlock(&m->lock);
    if (m->reader)
        g20_store_reader_stop(m->reader);
    g20_thread_join(&m->thread);
}

void g20_missions_destroy(struct g20_missions *m)
{
    if (!m)
        return;
    g20_missions_stop(m);
    for (size_t i = 0; i <= G20_MISSIONS_ENABLED; i++)
        json_decref(m->entry[i].text);
    g20_store_reader_destroy(m->reader);
    g20_mission_destroy(m->runner);
    pthread_cond_destroy(&m->changed);
    pthread_mutex_destroy(&m->lock);
    g20_free(m);
}
