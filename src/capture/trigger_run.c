/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "capture/trigger_run.h"

#include "base/alloc.h"
#include "base/log.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TRIES = 8 }; /* of a free name */

#define LEAST_BAND_HZ 1000.0 /* a carrier is recorded with so much around it */

static uint64_t end_of(const struct g20_emission *em)
{
    return em->start_us + (uint64_t)llround(em->duration_s * 1e6);
}

static size_t find_open(const struct g20_trigger_run *a, uint64_t id)
{
    size_t i = 0;

    while (i < a->opens && a->open[i] != id)
        i++;
    return i;
}

/* What is known of one of its emissions now: until when it records. */
static void follow(struct g20_trigger_runs *t, struct g20_trigger_run *a,
                   const struct g20_hub_event *ev)
{
    const size_t at = find_open(a, ev->em.id);
    struct g20_err e = {0};

    if (ev->kind == G20_EMISSION_CLOSE && at < a->opens)
        a->open[at] = a->open[--a->opens];
    else if (ev->kind != G20_EMISSION_CLOSE && at == a->opens && a->opens < G20_TRIGGER_OPEN)
        a->open[a->opens++] = ev->em.id;
    a->last_us = G20_MAX(a->last_us, end_of(&ev->em));
    const uint64_t end_us = a->last_us + (uint64_t)(a->post_s * 1e6);
    if (g20_captures_end_at(t->captures, a->session,
                            a->opens > 0 ? a->most_us : G20_MIN(end_us, a->most_us), &e) < 0)
        g20_log(G20_LOG_DEBUG, "capture", "trigger", G20_F_STR("why", e.msg));
}

bool g20_trigger_knows(const struct g20_trigger_runs *t, const char *owner, uint64_t id)
{
    for (size_t i = 0; i < G20_TRIGGER_DONE; i++)
        if (t->done[i].id == id && strcmp(t->done[i].owner, owner) == 0)
            return true;
    return false;
}

void g20_trigger_remember(struct g20_trigger_runs *t, const char *owner, uint64_t id)
{
    t->done[t->next_done].id = id;
    snprintf(t->done[t->next_done].owner, sizeof(t->done[0].owner), "%s", owner);
    t->next_done = (t->next_done + 1) % G20_TRIGGER_DONE;
}

/* A capture of @owner that has the emission's band, and is still on when it begins. */
static struct g20_trigger_run *running(struct g20_trigger_runs *t, const char *owner,
                                       const struct g20_record_rule *r,
                                       const struct g20_emission *em)
{
    for (size_t i = 0; i < G20_TRIGGER_ACTIVE; i++) {
        struct g20_trigger_run *a = &t->run[i];
        const bool has_band =
            a->whole || (!r->whole_band && em->f_lo_hz >= a->f_lo_hz && em->f_hi_hz <= a->f_hi_hz);

        if (a->session[0] && strcmp(a->owner, owner) == 0 && has_band &&
            em->start_us <= (a->opens > 0 ? a->most_us : a->last_us + (uint64_t)(a->post_s * 1e6)))
            return a;
    }
    return NULL;
}

bool g20_trigger_join(struct g20_trigger_runs *t, const char *owner,
                      const struct g20_record_rule *r, const struct g20_hub_event *ev)
{
    struct g20_trigger_run *a = running(t, owner, r, &ev->em);

    if (a)
        follow(t, a, ev);
    return a != NULL;
}

uint32_t g20_trigger_look_after(struct g20_trigger_runs *t)
{
    struct g20_capture_info *all = g20_calloc(64, sizeof(*all));
    struct g20_err e = {0};
    uint32_t n = 0;

    if (!all)
        return 0;
    const size_t count = g20_captures_list(t->captures, all, 64);
    for (size_t i = 0; i < G20_TRIGGER_ACTIVE; i++) {
        struct g20_trigger_run *a = &t->run[i];
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
    return n;
}

static void set_request(const struct g20_trigger_runs *t, const char *owner,
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
static int start_some(struct g20_trigger_runs *t, const struct g20_record_rule *r,
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

int g20_trigger_start(struct g20_trigger_runs *t, const char *owner,
                      const struct g20_record_rule *r, const struct g20_hub_event *ev)
{
    struct g20_capture_request q;
    struct g20_capture_info info;
    struct g20_trigger_run *a = t->run;
    struct g20_err e = {0};
    char path[96], session[64];
    int rc = -EUSERS;

    while (a < t->run + G20_TRIGGER_ACTIVE && a->session[0])
        a++;
    set_request(t, owner, r, &ev->em, &q);
    q.session_id = session;
    q.output_path = path;
    for (unsigned i = 0; i < TRIES && a < t->run + G20_TRIGGER_ACTIVE; i++) {
        snprintf(session, sizeof(session), "%s-%llu-%llu-%u", q.about.origin,
                 (unsigned long long)ev->em.start_us, (unsigned long long)ev->em.id, i);
        snprintf(path, sizeof(path), "%s/%s", q.about.origin, session);
        rc = start_some(t, r, &ev->em, &q, &info, &e);
        if (rc != -EEXIST)
            break;
    }
    if (rc < 0) {
        g20_log(G20_LOG_DEBUG, "capture", "a trigger could not record", G20_F_STR("rule", r->name),
                G20_F_STR("why", e.msg));
        return rc;
    }
    *a = (struct g20_trigger_run){.whole = r->whole_band,
                                  .f_lo_hz = q.center_hz - q.bandwidth_hz / 2,
                                  .f_hi_hz = q.center_hz + q.bandwidth_hz / 2,
                                  .post_s = r->post_s,
                                  .most_us = info.start_us + (uint64_t)(r->max_s * 1e6)};
    snprintf(a->session, sizeof(a->session), "%s", session);
    snprintf(a->owner, sizeof(a->owner), "%s", owner);
    follow(t, a, ev);
    return 0;
}

bool g20_trigger_goes_on(struct g20_trigger_runs *t, const char *owner,
                         const struct g20_hub_event *ev)
{
    bool found = false;

    for (size_t i = 0; i < G20_TRIGGER_ACTIVE; i++) {
        struct g20_trigger_run *a = &t->run[i];
        if (!a->session[0] || strcmp(a->owner, owner) != 0 || find_open(a, ev->em.id) == a->opens)
            continue;
        follow(t, a, ev);
        found = true;
    }
    return found;
}

void g20_trigger_runs_stop(struct g20_trigger_runs *t)
{
    struct g20_err e = {0};

    for (size_t i = 0; i < G20_TRIGGER_ACTIVE; i++)
        if (t->run[i].session[0] && g20_captures_stop(t->captures, t->run[i].session, NULL, &e) < 0)
            g20_log(G20_LOG_DEBUG, "capture", "trigger", G20_F_STR("why", e.msg));
}
