/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "teach/request_own.h"

#include "base/alloc.h"
#include "teach/fields.h"
#include "train/head.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

typedef struct g20_teach_request request_t;

static int parse_sample(const json_t *o, request_t *r, struct g20_err *e)
{
    const json_t *part = json_object_get(o, "part");
    int rc = g20_field_need(g20_field_text(o, "sample_id", r->sample_id, sizeof(r->sample_id), e),
                            "sample_id", e);

    if (rc < 0 || (rc = g20_field_bool(o, "with_iq", &r->with_iq, e)) < 0 || !part)
        return rc;
    rc = g20_field_number(part, "part", "start_s", 0, 1e6, &r->part_start_s, e);
    return rc < 0 ? rc : g20_field_number(part, "part", "duration_s", 1e-9, 1e6, &r->part_s, e);
}

static int parse_signal(const json_t *o, request_t *r, struct g20_err *e)
{
    return g20_field_name(o, "signal_name", r->signal, true, e);
}

static int parse_maybe_signal(const json_t *o, request_t *r, struct g20_err *e)
{
    return g20_field_name(o, "signal_name", r->signal, false, e);
}

static int parse_train(const json_t *o, request_t *r, struct g20_err *e)
{
    int rc = parse_signal(o, r, e);

    snprintf(r->preset, sizeof(r->preset), "quick");
    r->seed = 1;
    if (rc < 0 || (rc = g20_field_text(o, "preset", r->preset, sizeof(r->preset), e)) < 0 ||
        (rc = g20_field_whole(o, "seed", 1e9, &r->seed, e)) < 0)
        return rc;
    return g20_head_preset(r->preset)
               ? 0
               : g20_fail(e, -EINVAL, "preset: want quick, balanced or quality");
}

static int parse_job(const json_t *o, request_t *r, struct g20_err *e)
{
    return g20_field_text(o, "job_id", r->job_id, sizeof(r->job_id), e);
}

static int parse_version(const json_t *o, request_t *r, struct g20_err *e)
{
    uint64_t version = 0;
    int rc = parse_signal(o, r, e);

    if (rc >= 0)
        rc = g20_field_whole(o, "version", 1e6, &version, e);
    r->version = (uint32_t)version;
    return rc < 0 || version || r->kind != G20_TEACH_PROMOTE ? rc : g20_field_need(0, "version", e);
}

static int parse_answer(const json_t *o, request_t *r, struct g20_err *e)
{
    char answer[8];
    int rc = parse_version(o, r, e);

    if (rc < 0 ||
        (rc = g20_field_need(g20_field_text(o, "item_id", r->item_id, sizeof(r->item_id), e),
                             "item_id", e)) < 0 ||
        (rc = g20_field_need(g20_field_text(o, "answer", answer, sizeof(answer), e), "answer", e)) <
            0)
        return rc;
    r->accept = strcmp(answer, "accept") == 0;
    return r->accept || strcmp(answer, "reject") == 0
               ? 0
               : g20_fail(e, -EINVAL, "answer: want accept or reject");
}

static int get_limit(const json_t *o, uint32_t dflt, request_t *r, struct g20_err *e)
{
    uint64_t limit = dflt;
    const int rc = g20_field_whole(o, "limit", G20_TEACH_LIST_MOST, &limit, e);

    r->limit = (uint32_t)limit;
    return rc;
}

/* A box of the air. */
static int parse_place(const json_t *b, request_t *r, struct g20_err *e)
{
    double time = 0.0;
    int rc;

    if (!json_is_object(b))
        return g20_fail(e, -EINVAL, "box: want an object");
    if ((rc = g20_field_number(b, "box", "time_us", 1, 9007199254740992.0, &time, e)) < 0 ||
        (rc = g20_field_number(b, "box", "duration_s", 0, 1e6, &r->duration_s, e)) < 0 ||
        (rc = g20_field_number(b, "box", "f_lo_hz", -1e15, 1e15, &r->f_lo_hz, e)) < 0 ||
        (rc = g20_field_number(b, "box", "f_hi_hz", -1e15, 1e15, &r->f_hi_hz, e)) < 0)
        return rc;
    r->time_us = (uint64_t)time;
    r->has_place = true;
    return r->f_hi_hz > r->f_lo_hz ? 0 : g20_fail(e, -EINVAL, "box: f_hi_hz is not above f_lo_hz");
}

static int parse_similar(const json_t *o, request_t *r, struct g20_err *e)
{
    const json_t *box = json_object_get(o, "box");
    int rc = get_limit(o, 20, r, e), given;

    if (rc < 0 || (rc = g20_field_text(o, "item_id", r->item_id, sizeof(r->item_id), e)) < 0)
        return rc;
    given = rc + (box ? 1 : 0);
    if ((rc = g20_field_text(o, "sample_id", r->sample_id, sizeof(r->sample_id), e)) < 0)
        return rc;
    given += rc;
    if (given != 1)
        return given ? g20_fail(e, -EINVAL, "want one of item_id, sample_id and box")
                     : g20_fail(e, -ENODATA, "item_id, sample_id or box required");
    return box ? parse_place(box, r, e) : 0;
}

static int parse_clusters(const json_t *o, request_t *r, struct g20_err *e)
{
    return get_limit(o, 32, r, e);
}

static int parse_cluster(const json_t *o, request_t *r, struct g20_err *e)
{
    int rc = parse_train(o, r, e);

    if (rc < 0 ||
        (rc = g20_field_whole(o, "cluster_id", 9007199254740992.0, &r->cluster_id, e)) < 0)
        return rc;
    return r->cluster_id ? 0 : g20_field_need(0, "cluster_id", e);
}

static int parse_rename(const json_t *o, request_t *r, struct g20_err *e)
{
    const int rc = parse_signal(o, r, e);

    return rc < 0 ? rc : g20_field_name(o, "new_name", r->new_name, true, e);
}

int g20_teach_request_parse(const char *command, const json_t *request,
                            struct g20_teach_request *ret, struct g20_err *e)
{
    static const struct {
        const char *name;
        enum g20_teach_kind kind;
        int (*parse)(const json_t *o, request_t *r, struct g20_err *e);
    } commands[] = {
        {"get_registry", G20_TEACH_REGISTRY, NULL},
        {"save_sample", G20_TEACH_SAVE, g20_teach_request_save},
        {"list_samples", G20_TEACH_SAMPLES, parse_maybe_signal},
        {"get_sample", G20_TEACH_SAMPLE, parse_sample},
        {"delete_sample", G20_TEACH_DELETE_SAMPLE, parse_sample},
        {"restore_sample", G20_TEACH_RESTORE_SAMPLE, parse_sample},
        {"train_signal", G20_TEACH_TRAIN, parse_train},
        {"cancel_training", G20_TEACH_CANCEL, parse_job},
        {"job_status", G20_TEACH_JOB, parse_job},
        {"list_versions", G20_TEACH_VERSIONS, parse_signal},
        {"promote_version", G20_TEACH_PROMOTE, parse_version},
        {"rollback_version", G20_TEACH_ROLLBACK, parse_signal},
        {"rename_signal", G20_TEACH_RENAME, parse_rename},
        {"delete_signal", G20_TEACH_DELETE_SIGNAL, parse_signal},
        {"restore_signal", G20_TEACH_RESTORE_SIGNAL, parse_signal},
        {"export_model", G20_TEACH_EXPORT, parse_version},
        {"review", G20_TEACH_REVIEW, parse_version},
        {"review_answer", G20_TEACH_ANSWER, parse_answer},
        {"similar", G20_TEACH_SIMILAR, parse_similar},
        {"clusters", G20_TEACH_CLUSTERS, parse_clusters},
        {"teach_cluster", G20_TEACH_CLUSTER, parse_cluster},
    };

    for (size_t i = 0; i < G20_COUNT_OF(commands); i++) {
        if (strcmp(command, commands[i].name) != 0)
            continue;
        request_t r = {.kind = commands[i].kind};
        const int rc = commands[i].parse ? commands[i].parse(request, &r, e) : 0;
        if (rc < 0)
            g20_teach_request_fini(&r);
        else
            *ret = r;
        return rc < 0 ? rc : 0;
    }
    return g20_fail(e, -ENOSYS, "Unknown command: %.60s", command);
}

void g20_teach_request_fini(struct g20_teach_request *r)
{
    g20_free(r->iq);
    g20_free(r->box);
    json_decref(r->box_list);
    r->box_list = NULL;
    r->iq = NULL;
    r->box = NULL;
}
