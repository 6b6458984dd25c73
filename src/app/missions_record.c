/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* What a mission that has the radio records: its whole band, emissions of its rule, and what its
 * second receiver is handed. */
#include "app/missions_own.h"

#include "base/clock.h"
#include "base/log.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FOLDER_BYTES = 4096 + 16 };

/* Of the device's receivers the one that @args do not open. */
static uint32_t other_channel(const char *args)
{
    const char *own = strstr(args ? args : "", "g20:channel=");

    return own && strtol(own + strlen("g20:channel="), NULL, 10) > 0 ? 0 : 1;
}

int g20_missions_collect(struct g20_missions *m, const struct g20_mission_entry *en,
                         uint64_t since_us, struct g20_err *e)
{
    char folder[FOLDER_BYTES];
    const struct g20_collect_cfg c = {.source = m->cfg.source,
                                      .channel = other_channel(m->cfg.source->args),
                                      .scan = m->cfg.hub,
                                      .plan = &en->plan,
                                      .since_us = since_us,
                                      .folder = folder,
                                      .mission_id = en->id,
                                      .begun = m->cfg.begun,
                                      .done = m->cfg.done,
                                      .user = m->cfg.user};
    struct g20_collect *collect = NULL;

    snprintf(folder, sizeof(folder), "%s/collected", m->cfg.capture_dir);
    const int r = g20_collect_create(&collect, &c, e);
    if (r < 0)
        return r;
    pthread_mutex_lock(&m->lock);
    m->collect = collect;
    m->handed = (struct g20_collect_state){.collecting = false};
    pthread_mutex_unlock(&m->lock);
    return 0;
}

void g20_missions_collect_stop(struct g20_missions *m)
{
    pthread_mutex_lock(&m->lock);
    struct g20_collect *collect = m->collect;
    if (collect)
        g20_collect_state(collect, &m->handed);
    m->collect = NULL;
    pthread_mutex_unlock(&m->lock);
    g20_collect_destroy(collect);
}

/* The whole band from now on. */
int g20_missions_record(struct g20_missions *m, const struct g20_mission_entry *en,
                        struct g20_err *e)
{
    const unsigned long long now_us = (unsigned long long)g20_clock_utc_us();
    char session[64], path[64];
    struct g20_capture_request q = {.session_id = session,
                                    .output_path = path,
                                    .max_s = en->plan.record.rule.max_s,
                                    .max_bytes = m->cfg.capture_bytes,
                                    .about = {.origin = "mission"}};

    snprintf(session, sizeof(session), "mission-%llu", now_us);
    snprintf(path, sizeof(path), "missions/%llu", now_us);
    memcpy(q.about.mission_id, en->id, sizeof(en->id));
    const int r = g20_captures_start(m->cfg.captures, &q, NULL, e);
    if (r >= 0)
        memcpy(m->recording, session, sizeof(session));
    return r < 0 ? g20_fail_at(e, r, "record") : 0;
}

/* Emissions of the plan's rule, where the plan's ranges lie: what was received before the mission
 * tuned may be told after. */
int g20_missions_trigger(struct g20_missions *m, const struct g20_mission_entry *en,
                         struct g20_err *e)
{
    struct g20_record_rule rule = en->plan.record.rule;
    const char *owner = en->id[0] ? en->id : "mission";

    snprintf(rule.name, sizeof(rule.name), "%s", en->plan.name);
    if (rule.f_hi_hz == 0) {
        rule.f_lo_hz = INFINITY;
        for (size_t i = 0; i < en->plan.nranges; i++) {
            rule.f_lo_hz = fmin(rule.f_lo_hz, en->plan.ranges[i].lo);
            rule.f_hi_hz = fmax(rule.f_hi_hz, en->plan.ranges[i].hi);
        }
    }
    const int r = g20_triggers_set(m->cfg.triggers, owner, &rule, 1, e);
    if (r < 0)
        return g20_fail_at(e, r, "record");
    snprintf(m->trigger, sizeof(m->trigger), "%s", owner);
    return 0;
}

void g20_missions_record_stop(struct g20_missions *m)
{
    struct g20_capture_info info;
    struct g20_err e;

    if (m->trigger[0] && g20_triggers_set(m->cfg.triggers, m->trigger, NULL, 0, &e) < 0)
        g20_log(G20_LOG_WARNING, "mission", "its rule stays", G20_F_STR("why", e.msg));
    m->trigger[0] = '\0';

    if (m->recording[0] && g20_captures_stop(m->cfg.captures, m->recording, &info, &e) < 0)
        g20_log(G20_LOG_WARNING, "mission", "its recording is gone", G20_F_STR("why", e.msg));
    m->recording[0] = '\0';
}
