/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/internal.h"

#include "base/clock.h"

#include <stdio.h>

/* No sample for this long while the source is said to run: something hangs. */
static const uint64_t STALL_NS = 5000000000u;

/* From this share of the samples on it is said that they are lost. Not a reason for 503: who
 * restarts a slow machine's daemon for it gains nothing and loses what it still hears. */
static const double LOSS_LIMIT = 0.01;

static void add_problem(json_t *problems, const char *part, const char *why)
{
    char text[480];

    snprintf(text, sizeof(text), "%s: %s", part, why);
    json_array_append_new(problems, g20_status_string(text));
}

static void say(char *out, size_t size, bool ok, const char *what, const char *why)
{
    if (ok)
        snprintf(out, size, "ok");
    else
        snprintf(out, size, "%s%s%s", what, why && *why ? ": " : "", why ? why : "");
}

static void loss_health(const struct g20_loss *loss, struct g20_health *ret)
{
    double s;
    const double share = g20_loss_share(loss, &s);

    ret->losing = ret->pipeline_ok && share >= LOSS_LIMIT;
    if (ret->losing)
        snprintf(
            ret->pipeline, sizeof(ret->pipeline),
            "losing samples: %.0f %% of the last %.0f s; this rate is more than the machine or its link to the radio carries",
            share * 100, s);
}

/* A full queue alone is no fault: it is what carries over a slow disk. */
static void storage_health(struct g20_server *s, struct g20_health *ret)
{
    struct g20_store_stats st;

    ret->storage_ok = true;
    if (!s->cfg.store) {
        snprintf(ret->storage, sizeof(ret->storage), "off");
        return;
    }
    g20_store_stats(s->cfg.store, &st);
    ret->storage_ok = st.state == G20_STORE_OK;
    snprintf(ret->storage, sizeof(ret->storage), "%s", ret->storage_ok ? "ok" : st.text);
}

/* Why a part is not at work that nothing is known to be wrong with. */
static const char *why_not(const struct g20_control_state *st, enum g20_pipeline_part part)
{
    static const char *const runs[] = {"starting", "not running", "the recording is over",
                                       "failed"};

    return st->run == G20_RUN_FAILED && st->failed != part ? "not running" : runs[st->run];
}

/* What is known to be wrong with it; NULL: nothing is. */
static const char *error_of(const struct g20_control_state *st, enum g20_pipeline_part part)
{
    if (st->run == G20_RUN_RUNNING)
        return st->stats.error;
    return st->failed == part ? st->error : NULL;
}

void g20_health_get(struct g20_server *s, const struct g20_control_state *st,
                    struct g20_health *ret)
{
    const struct g20_pipeline_stats *p = &st->stats;
    const bool running = st->run == G20_RUN_RUNNING;
    pthread_mutex_lock(&s->lock);
    const struct health_facts seen = s->seen;
    pthread_mutex_unlock(&s->lock);
    const bool stalled = running && seen.samples_ns != 0 && seen.samples_in == p->samples_in &&
                         g20_clock_mono_ns() - seen.samples_ns > STALL_NS;

    *ret = (struct g20_health){0};
    ret->source_ok = running && p->source_ok && !stalled;
    say(ret->source, sizeof(ret->source), ret->source_ok,
        stalled ? "no samples for more than 5 s" : why_not(st, G20_PART_SOURCE),
        error_of(st, G20_PART_SOURCE));
    ret->pipeline_ok = running && p->waterfall_ok && !stalled;
    say(ret->pipeline, sizeof(ret->pipeline), ret->pipeline_ok,
        running ? "waterfall stopped" : why_not(st, G20_PART_PIPELINE),
        error_of(st, G20_PART_PIPELINE));
    loss_health(&seen.loss, ret);
    ret->model_ok = running && p->detector_ok;
    say(ret->model, sizeof(ret->model), ret->model_ok,
        running ? "detector stopped" : why_not(st, G20_PART_MODEL), error_of(st, G20_PART_MODEL));
    storage_health(s, ret);
    ret->ok = ret->source_ok && ret->pipeline_ok && ret->model_ok && ret->storage_ok &&
              !atomic_load(&s->draining);
}

static const char *status_of(const struct g20_health *h)
{
    return !h->ok ? "unavailable" : h->losing ? "degraded" : "ok";
}

json_t *g20_health_json(struct g20_server *s)
{
    struct g20_control_state st;
    struct g20_health h;

    s->control.state(&st, s->control.user);
    g20_health_get(s, &st, &h);
    json_t *problems = json_array();
    if (!h.source_ok)
        add_problem(problems, "source", h.source);
    if (!h.pipeline_ok || h.losing)
        add_problem(problems, "pipeline", h.pipeline);
    if (!h.model_ok)
        add_problem(problems, "model", h.model);
    if (!h.storage_ok)
        add_problem(problems, "storage", h.storage);
    if (atomic_load(&s->draining))
        add_problem(problems, "server", "shutting down");
    return json_pack("{s:s, s:o, s:{s:o, s:o, s:o, s:o}, s:s, s:f}", "status", status_of(&h),
                     "problems", problems, "parts", "source", g20_status_string(h.source),
                     "pipeline", g20_status_string(h.pipeline), "model", g20_status_string(h.model),
                     "storage", g20_status_string(h.storage), "version", G20_VERSION, "uptime_s",
                     (double)(g20_clock_mono_ns() - s->start_ns) * 1e-9);
}

json_t *g20_health_brief(struct g20_server *s)
{
    struct g20_control_state st;
    struct g20_health h;

    s->control.state(&st, s->control.user);
    g20_health_get(s, &st, &h);
    return json_pack("{s:s}", "status", status_of(&h));
}

bool g20_server_healthy(struct g20_server *s)
{
    struct g20_control_state st;
    struct g20_health h;

    s->control.state(&st, s->control.user);
    g20_health_get(s, &st, &h);
    return h.ok;
}

bool g20_health_tick(struct g20_server *s)
{
    struct g20_control_state st;
    struct g20_health h;

    s->control.state(&st, s->control.user);
    g20_health_get(s, &st, &h);
    pthread_mutex_lock(&s->lock);
    const bool changed = (int)st.run != s->seen.run || h.ok != s->seen.ok ||
                         h.losing != s->seen.losing || st.stats.center_hz != s->seen.center_hz;
    g20_loss_note(&s->seen.loss, g20_clock_mono_ns(), st.stats.samples_in, st.stats.samples_lost);
    if (st.stats.samples_in != s->seen.samples_in || st.run != G20_RUN_RUNNING ||
        s->seen.samples_ns == 0) {
        s->seen.samples_in = st.stats.samples_in;
        s->seen.samples_ns = g20_clock_mono_ns();
    }
    s->seen.run = (int)st.run;
    s->seen.ok = h.ok;
    s->seen.losing = h.losing;
    s->seen.center_hz = st.stats.center_hz;
    pthread_mutex_unlock(&s->lock);
    return changed;
}
