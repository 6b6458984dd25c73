/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/missions_own.h"

#include "app/mission_account.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOOK_MS = 1000 };

const char *const g20_mission_words[] = {"idle", "waiting", "running", "done", "failed"};

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

struct g20_mission_entry *g20_missions_find(struct g20_missions *m, const char *id)
{
    for (size_t i = 0; i <= G20_MISSIONS_ENABLED; i++)
        if (m->entry[i].there && strcmp(m->entry[i].id, id) == 0)
            return &m->entry[i];
    return NULL;
}

static bool is_on(const struct g20_mission_entry *en)
{
    return g20_mission_plan_wait(&en->plan, g20_clock_utc_us()) <= 0;
}

/* ---- the store ---- */

static void write_record(struct g20_missions *m, const char *id, json_t *fields)
{
    struct g20_err e = {0};
    const int r = fields ? g20_store_change(m->cfg.store, G20_MISSIONS, id, fields, NULL, &e)
                         : g20_fail(&e, -ENOMEM, "out of memory");

    if (r < 0 && r != -ENOENT) /* deleted: nobody asks any more */
        g20_log(G20_LOG_WARNING, "mission", "not in the database", G20_F_STR("id", id),
                G20_F_STR("why", e.msg));
    json_decref(fields);
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
        write_record(
            m, en->id,
            json_pack("{s:s, s:o}", "state", g20_mission_words[word], "progress",
                      mine ? g20_missions_progress(m, why) : json_pack("{s:s}", "why", why)));
    else if (en->id[0])
        write_record(m, en->id, json_pack("{s:s}", "state", g20_mission_words[word]));
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
        write_record(m, en->id, json_pack("{s:b}", "enabled", 0));
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

/* It is not enabled any more, or deleted, or changed. */
static void forget(struct g20_missions *m, struct g20_mission_entry *en)
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

/* ---- the records ---- */

/* False: its plan was changed; it is to be read again once the old one has gone. */
static bool take_in(struct g20_missions *m, const char *id, const json_t *record)
{
    json_t *plan = json_object_get(record, "plan");
    const char *state = json_string_value(json_object_get(record, "state"));
    const char *name = json_string_value(json_object_get(record, "name"));
    struct g20_mission_entry *en = g20_missions_find(m, id), fresh = {.there = true, .seen = true};
    struct g20_err e = {0};

    if (en && json_equal(en->text, plan))
        en->seen = true;
    if (en)
        return en->seen;
    for (size_t i = G20_MISSIONS_ENABLED; i >= 1; i--)
        en = m->entry[i].there ? en : &m->entry[i];
    if (!en) {
        g20_log(G20_LOG_WARNING, "mission", "too many are enabled", G20_F_STR("id", id));
        return true;
    }
    snprintf(fresh.id, sizeof(fresh.id), "%s", id);
    fresh.failed = g20_mission_plan_read(&fresh.plan, plan, &e) < 0;
    snprintf(fresh.why, sizeof(fresh.why), "%s", fresh.failed ? e.msg : "");
    snprintf(fresh.plan.name, sizeof(fresh.plan.name), "%.63s", name ? name : id);
    fresh.text = json_deep_copy(plan);
    for (size_t i = 0; state && i < G20_PLAN_WORDS; i++)
        if (strcmp(state, g20_mission_words[i]) == 0)
            fresh.written = (enum g20_mission_word)i;
    pthread_mutex_lock(&m->lock);
    *en = fresh;
    pthread_mutex_unlock(&m->lock);
    return true;
}

/* False: something was changed, they are to be read again. */
static bool take_stock(struct g20_missions *m, json_t *list)
{
    bool whole = true;

    for (size_t i = 1; i <= G20_MISSIONS_ENABLED; i++)
        m->entry[i].seen = false;
    for (size_t i = json_array_size(list); i-- > 0;) { /* the oldest first */
        const json_t *record = json_array_get(list, i);
        const char *id = json_string_value(json_object_get(record, "id"));
        const char *state = json_string_value(json_object_get(record, "state"));

        if (json_is_true(json_object_get(record, "enabled")))
            whole &= take_in(m, id, record);
        else if (!g20_missions_find(m, id) && state && /* a killed daemon left it so */
                 (strcmp(state, g20_mission_words[G20_PLAN_RUNNING]) == 0 ||
                  strcmp(state, g20_mission_words[G20_PLAN_WAITING]) == 0))
            write_record(m, id, json_pack("{s:s}", "state", g20_mission_words[G20_PLAN_IDLE]));
    }
    for (size_t i = 1; i <= G20_MISSIONS_ENABLED; i++)
        if (m->entry[i].there && !m->entry[i].seen)
            forget(m, &m->entry[i]);
    return whole;
}

static void reload(struct g20_missions *m)
{
    const struct g20_record_query q = {.limit = G20_RECORDS_MOST};
    struct g20_err e = {0};

    for (bool whole = false; !whole;) {
        json_t *list = NULL;
        bool more = false;
        int64_t us = 0, n = 0;

        if (g20_store_reader_list(m->reader, G20_MISSIONS, &q, &list, &more, &us, &n, &e) < 0) {
            g20_log(G20_LOG_WARNING, "mission", "plans cannot be read", G20_F_STR("why", e.msg));
            return;
        }
        whole = take_stock(m, list);
        json_decref(list);
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
        forget(m, &m->entry[0]);
}

static void look(struct g20_missions *m, bool stale)
{
    bool others_wait = false;

    if (stale)
        reload(m);
    if (m->entry[0].there && m->entry[0].seen)
        forget(m, &m->entry[0]);
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
        write_record(m, m->current, json_pack("{s:o}", "progress", g20_missions_progress(m, "")));
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
