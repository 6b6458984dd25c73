/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The plans that are enabled: as the store has them, and what is noted there. */
#include "app/missions_own.h"

#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const char *const g20_mission_words[] = {"idle", "waiting", "running", "done", "failed"};

struct g20_mission_entry *g20_missions_find(struct g20_missions *m, const char *id)
{
    for (size_t i = 0; i <= G20_MISSIONS_ENABLED; i++)
        if (m->entry[i].there && strcmp(m->entry[i].id, id) == 0)
            return &m->entry[i];
    return NULL;
}

void g20_missions_note(struct g20_missions *m, const char *id, json_t *fields)
{
    struct g20_err e = {0};
    const int r = fields ? g20_store_change(m->cfg.store, G20_MISSIONS, id, fields, NULL, &e)
                         : g20_fail(&e, -ENOMEM, "out of memory");

    if (r < 0 && r != -ENOENT) /* deleted: nobody asks any more */
        g20_log(G20_LOG_WARNING, "mission", "not in the database", G20_F_STR("id", id),
                G20_F_STR("why", e.msg));
    json_decref(fields);
}

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
            g20_missions_note(m, id, json_pack("{s:s}", "state", g20_mission_words[G20_PLAN_IDLE]));
    }
    for (size_t i = 1; i <= G20_MISSIONS_ENABLED; i++)
        if (m->entry[i].there && !m->entry[i].seen)
            g20_missions_forget(m, &m->entry[i]);
    return whole;
}

void g20_missions_reload(struct g20_missions *m)
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
