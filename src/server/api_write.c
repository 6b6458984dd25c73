/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Requests of the API that change something. */
#include "server/api.h"

#include "engine/mission_plan.h"

#include <errno.h>
#include <stdio.h>

static json_t *parse_body(struct g20_api_job *job)
{
    json_error_t why;
    char text[300];
    json_t *o = json_loadb(job->body ? job->body : "", job->body_len, JSON_REJECT_DUPLICATES, &why);

    if (!o) {
        snprintf(text, sizeof(text), "body: invalid JSON: %s (line %d)", why.text, why.line);
        g20_api_error(job, 400, text);
    }
    return o;
}

/* Samples and models of a signal are files under its name: whoever keeps those renames them. */
static int check_rename(struct g20_api_job *job, struct g20_store_reader *reader,
                        const json_t *fields, struct g20_err *e)
{
    json_t *now = NULL;

    if (job->kind != G20_SIGNALS || !json_object_get(fields, "name"))
        return 0;
    const int r = g20_store_reader_get(reader, G20_SIGNALS, job->id, &now, e);
    if (r < 0)
        return r;
    const bool has_files =
        json_integer_value(json_object_get(now, "samples")) > 0 || json_object_get(now, "metrics");
    const bool same = json_equal(json_object_get(now, "name"), json_object_get(fields, "name"));
    json_decref(now);
    return has_files && !same ? g20_fail(e, -EBUSY,
                                         "name: the signal has samples or models, rename it with "
                                         "rename_signal of /ws/training")
                              : 0;
}

/* PUT: what is not there is cleared. */
static void clear_rest(enum g20_kind kind, json_t *fields)
{
    const struct g20_kind_def *k = g20_kind(kind);

    for (size_t i = 0; i < k->count; i++)
        if ((k->field[i].flags & G20_FIELD_CLIENT) && !json_object_get(fields, k->field[i].name))
            json_object_set_new(fields, k->field[i].name, json_null());
}

/* The store keeps any JSON; a plan that could never run is not kept. */
static int check_plan(struct g20_api_job *job, const json_t *fields, struct g20_err *e)
{
    const json_t *o = json_object_get(fields, "plan");
    struct g20_mission_plan plan;

    if (job->kind != G20_MISSIONS || !o)
        return 0;
    const int r = g20_mission_plan_read(&plan, o, e);
    return r < 0 ? g20_fail_at(e, r, "plan") : 0;
}

static int store_record(struct g20_api_job *job, const struct g20_server_cfg *cfg,
                        struct g20_store_reader *reader, json_t *fields, json_t **ret,
                        struct g20_err *e)
{
    const enum g20_kind kind = (enum g20_kind)job->kind;
    const bool whole = job->method != G20_API_PATCH;
    int r = job->method == G20_API_PUT && json_object_get(fields, "id")
                ? g20_fail(e, -EINVAL, "id: cannot be changed")
                : g20_kind_check(kind, fields, whole, true, e);

    if (r >= 0)
        r = check_plan(job, fields, e);
    if (r >= 0 && job->method == G20_API_POST)
        return g20_store_put(cfg->store, kind, fields, ret, e);
    if (r >= 0)
        r = check_rename(job, reader, fields, e);
    if (r < 0)
        return r;
    if (whole)
        clear_rest(kind, fields);
    return g20_store_change(cfg->store, kind, job->id, fields, ret, e);
}

static void write_record(struct g20_api_job *job, const struct g20_server_cfg *cfg,
                         struct g20_store_reader *reader)
{
    struct g20_err e = {0};
    json_t *fields = parse_body(job), *stored = NULL;

    if (!fields)
        return;
    const int r = store_record(job, cfg, reader, fields, &stored, &e);
    json_decref(fields);
    if (r < 0) {
        g20_api_fail(job, r, &e);
        return;
    }
    g20_api_fill(job, cfg, stored);
    g20_api_answer(job, job->method == G20_API_POST ? 201 : 200, stored);
}

/* A capture is not put in but made. */
static void make_capture(struct g20_api_job *job, const struct g20_server_cfg *cfg,
                         struct g20_store_reader *reader)
{
    json_t *request = parse_body(job), *stored = NULL;
    struct g20_err e = {0};
    char id[72] = "";

    if (!request)
        return;
    int r = cfg->capture ? cfg->capture(request, id, sizeof(id), &e, cfg->api_user)
                         : g20_fail(&e, G20_EUNSUPPORTED, "captures are not made here");
    json_decref(request);
    if (r >= 0)
        r = g20_store_reader_get(reader, G20_CAPTURES, id, &stored, &e);
    if (r < 0)
        g20_api_fail(job, r, &e);
    else
        g20_api_answer(job, 201, stored);
}

void g20_api_triggers(struct g20_api_job *job, const struct g20_server_cfg *cfg)
{
    const bool asks = job->method == G20_API_GET;
    struct g20_err e = {0};
    json_t *request = asks ? NULL : parse_body(job), *answer = NULL;

    if (!asks && !request)
        return;
    int r = asks ? g20_query_only(&job->query, NULL, 0, &e) : 0;
    if (r >= 0)
        r = cfg->ask_triggers ? cfg->ask_triggers(request, &answer, &e, cfg->api_user)
                              : g20_fail(&e, G20_EUNSUPPORTED, "there are no triggers here");
    json_decref(request);
    if (r < 0)
        g20_api_fail(job, r, &e);
    else
        g20_api_answer(job, 200, answer);
}

static void delete_record(struct g20_api_job *job, struct g20_store *store)
{
    const enum g20_kind kind = (enum g20_kind)job->kind;
    struct g20_err e = {0};
    const int r = kind == G20_CAPTURES ? g20_store_remove_capture(store, job->id, &e)
                                       : g20_store_delete(store, kind, job->id, &e);

    if (r < 0) {
        g20_api_fail(job, r, &e);
        return;
    }
    job->status = 204;
    job->last = true;
}

/* POST .../start and .../stop: the record as it is then. */
static void act(struct g20_api_job *job, const struct g20_server_cfg *cfg,
                struct g20_store_reader *reader)
{
    struct g20_err e = {0};
    json_t *o = NULL;
    int r = cfg->missions.enable ? cfg->missions.enable(job->id, job->action == G20_API_START, &e,
                                                        cfg->missions.user)
                                 : g20_fail(&e, -EBUSY, "nothing carries missions out");

    if (r >= 0)
        r = g20_store_reader_get(reader, (enum g20_kind)job->kind, job->id, &o, &e);
    if (r < 0) {
        g20_api_fail(job, r, &e);
        return;
    }
    g20_api_fill(job, cfg, o);
    g20_api_answer(job, 200, o);
}

void g20_api_write(struct g20_api_job *job, const struct g20_server_cfg *cfg,
                   struct g20_store_reader *reader)
{
    if (job->action != G20_API_NONE)
        act(job, cfg, reader);
    else if (job->method == G20_API_DELETE)
        delete_record(job, cfg->store);
    else if (job->kind == G20_API_TRIGGERS)
        g20_api_triggers(job, cfg);
    else if (job->kind == G20_CAPTURES && job->method == G20_API_POST)
        make_capture(job, cfg, reader);
    else
        write_record(job, cfg, reader);
    if (job->kind == G20_MISSIONS && job->action == G20_API_NONE && job->status < 300 &&
        cfg->missions.changed)
        cfg->missions.changed(cfg->missions.user);
}
