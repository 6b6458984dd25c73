/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The commands of /ws/training: what is done before and after each, those of samples and jobs. */
#include "teach/service_own.h"

#include "teach/index.h"
#include "teach/registry.h"

#include <errno.h>
#include <string.h>

typedef const struct g20_teach_request request_t;

static const char *code_of(int r)
{
    switch (r) {
    case -ENODATA:
        return "missing_field";
    case -EINVAL:
        return "invalid_field";
    case -ENOSYS:
        return "unknown_command";
    case G20_EUNSUPPORTED:
        return "not_implemented";
    case -ENOENT:
        return "not_found";
    case -EEXIST:
        return "already_exists";
    case -EBUSY:
        return "busy";
    case -ESTALE:
        return "no_iq";
    case -EFBIG:
        return "too_big";
    case -ENOSPC:
    case -EDQUOT:
        return "disk_full";
    default:
        return "failed";
    }
}

/* Is @preset (NULL: none) one of those that the settings allow? They go to @list (NULL: nowhere).
 */
static bool presets(const struct g20_teach *t, const char *preset, json_t *list)
{
    bool found = false;

    for (const char *p = t->presets; *p; p += strspn(p, " ")) {
        const size_t n = strcspn(p, " ");

        found = found || (preset && strlen(preset) == n && strncmp(p, preset, n) == 0);
        if (list)
            json_array_append_new(list, json_stringn(p, n));
        p += n;
    }
    return found;
}

static int get_registry(struct g20_teach *t, request_t *q, json_t **ret, struct g20_err *e)
{
    struct g20_names names = {.item = NULL};
    json_t *signals = json_array();
    int r = g20_signals_list(t->samples, &names, e);

    (void)q;
    for (size_t i = 0; i < names.count && r >= 0; i++) {
        struct g20_names paths = {.item = NULL};
        json_t *versions = NULL;
        uint32_t active = 0;
        r = g20_samples_paths(t->samples, names.item[i], false, &paths, e);
        if (r >= 0 && (r = g20_version_active(t->training_dir, names.item[i], &active, e)) >= 0 &&
            (r = g20_versions_list(t->training_dir, names.item[i], &versions, e)) >= 0)
            json_array_append_new(signals,
                                  json_pack("{s:s, s:i, s:i, s:o}", "signal_name", names.item[i],
                                            "samples", (int)paths.count, "active_version",
                                            (int)active, "versions", versions));
        g20_names_free(&paths);
    }
    g20_names_free(&names);
    if (r < 0) {
        json_decref(signals);
        return r;
    }
    json_t *list = json_array();
    presets(t, NULL, list);
    *ret = json_pack("{s:s, s:o, s:o, s:o}", "type", "registry", "signals", signals, "jobs",
                     g20_jobs_describe(t, NULL), "presets", list);
    return 0;
}

/* The samples that a client named by their time. */
static int fetch(struct g20_teach *t, struct g20_teach_request *q, struct g20_err *e)
{
    struct g20_teach_iq x = {.iq = NULL};
    int r = t->cfg.fetch ? t->cfg.fetch(q->start_us, q->duration_us, G20_SAMPLE_MOST, &x, e,
                                        t->cfg.fetch_user)
                         : g20_fail(e, -ENOENT, "capture: nothing of the past is kept");

    if (r < 0)
        return g20_fail_at(e, r == -ENODATA ? -ENOENT : r, "capture");
    q->iq = x.iq;
    q->samples = x.samples;
    q->rate_hz = x.rate_hz;
    q->time_us = x.time_us;
    return g20_teach_request_boxes(q, x.center_hz, e);
}

static int save_sample(struct g20_teach *t, request_t *q, json_t **ret, struct g20_err *e)
{
    const struct g20_sample x = {.signal = q->signal,
                                 .iq = q->iq,
                                 .samples = q->samples,
                                 .rate_hz = q->rate_hz,
                                 .center_hz = q->center_hz,
                                 .time_us = q->time_us,
                                 .box = q->box,
                                 .boxes = q->boxes,
                                 .complete = q->complete,
                                 .recording = q->recording,
                                 .comment = q->comment};
    char id[G20_SAMPLE_ID];
    bool is_new = false;
    const int r = g20_samples_save(t->samples, &x, id, &is_new, e);

    if (r >= 0)
        *ret = json_pack("{s:s, s:s, s:b, s:s}", "type", "sample_saved", "sample_id", id, "is_new",
                         is_new, "signal_name", q->signal);
    return r;
}

static int list_samples(struct g20_teach *t, request_t *q, json_t **ret, struct g20_err *e)
{
    json_t *list = NULL;
    const int r = g20_samples_list(t->samples, q->signal[0] ? q->signal : NULL, &list, e);

    if (r >= 0)
        *ret = json_pack("{s:s, s:o}", "type", "samples", "samples", list);
    return r;
}

static int get_sample(struct g20_teach *t, request_t *q, json_t **ret, struct g20_err *e)
{
    const struct g20_sample_part iq = {
        .start_s = q->part_start_s, .duration_s = q->part_s, .most = t->cfg.most_iq};
    json_t *o = NULL;
    const int r = g20_samples_get(t->samples, q->sample_id, q->with_iq ? &iq : NULL, &o, e);

    if (r < 0)
        return r;
    json_object_set_new(o, "type", json_string("sample"));
    *ret = o;
    return 0;
}

static int delete_sample(struct g20_teach *t, request_t *q, json_t **ret, struct g20_err *e)
{
    const bool deletes = q->kind == G20_TEACH_DELETE_SAMPLE;
    const int r = deletes ? g20_samples_delete(t->samples, q->sample_id, e)
                          : g20_samples_restore(t->samples, q->sample_id, e);

    if (r >= 0)
        *ret = json_pack("{s:s, s:s}", "type", deletes ? "sample_deleted" : "sample_restored",
                         "sample_id", q->sample_id);
    return r;
}

static int train_signal(struct g20_teach *t, request_t *q, json_t **ret, struct g20_err *e)
{
    struct g20_names paths = {.item = NULL};
    char id[G20_JOB_ID];

    if (!presets(t, q->preset, NULL))
        return g20_fail(e, -EINVAL, "preset: want one of training.presets: %s", t->presets);
    int r = g20_samples_paths(t->samples, q->signal, false, &paths, e);

    if (r >= 0 && paths.count == 0)
        r = g20_fail(e, -ENOENT, "there is no sample of \"%s\"", q->signal);
    g20_names_free(&paths);
    if (r >= 0)
        r = g20_jobs_add(t, q, id, e);
    if (r >= 0)
        *ret = json_pack("{s:s, s:s, s:s, s:s}", "type", "training_started", "job_id", id,
                         "signal_name", q->signal, "preset", q->preset);
    return r;
}

static int cancel_training(struct g20_teach *t, request_t *q, json_t **ret, struct g20_err *e)
{
    const int r = g20_jobs_cancel(t, q->job_id, e);

    if (r >= 0)
        *ret = json_pack("{s:s, s:s}", "type", "cancelling", "job_id", q->job_id);
    return r;
}

static int job_status(struct g20_teach *t, request_t *q, json_t **ret, struct g20_err *e)
{
    json_t *o = g20_jobs_describe(t, q->job_id[0] ? q->job_id : NULL);

    if (!o)
        return g20_fail(e, -ENOENT, "there is no job \"%s\"", q->job_id);
    if (json_is_array(o))
        *ret = json_pack("{s:s, s:o}", "type", "jobs", "jobs", o);
    else {
        json_object_set_new(o, "type", json_string("job"));
        *ret = o;
    }
    return 0;
}

/* A signal that is being trained keeps its name and its place. */
static int check_idle(struct g20_teach *t, request_t *q, struct g20_err *e)
{
    int r = 0;

    if (q->kind != G20_TEACH_RENAME && q->kind != G20_TEACH_DELETE_SIGNAL)
        return 0;
    pthread_mutex_lock(&t->lock);
    for (size_t i = 0; i < t->jobs && r == 0; i++)
        if (strcmp(t->job[i].signal, q->signal) == 0 &&
            (t->job[i].state == G20_JOB_QUEUED || t->job[i].state == G20_JOB_RUNNING))
            r = g20_fail(e, -EBUSY, "\"%s\" is being trained: job %s", q->signal, t->job[i].id);
    pthread_mutex_unlock(&t->lock);
    return r;
}

/* The store hears of what a command changed. */
static void note(struct g20_teach *t, request_t *q, const json_t *answer)
{
    struct g20_store *store = t->cfg.store;
    const char *id = json_string_value(json_object_get(answer, "sample_id"));
    struct g20_err e = {0};
    int r = 0;

    if (!store)
        return;
    pthread_mutex_lock(&t->index_lock);
    switch (q->kind) {
    case G20_TEACH_SAVE:
    case G20_TEACH_DELETE_SAMPLE:
    case G20_TEACH_RESTORE_SAMPLE:
        r = id ? g20_index_sample(store, t->samples, id, &e) : 0;
        break;
    case G20_TEACH_RENAME:
        r = g20_index_renamed(store, t->samples, q->signal, q->new_name, &e);
        break;
    case G20_TEACH_PROMOTE:
    case G20_TEACH_ROLLBACK:
    case G20_TEACH_DELETE_SIGNAL:
    case G20_TEACH_RESTORE_SIGNAL:
        r = g20_index_signal(store, t->samples, q->signal, &e);
        break;
    default:
        break;
    }
    pthread_mutex_unlock(&t->index_lock);
    g20_teach_index_result(r, &e);
}

json_t *g20_teach_obey(const char *command, const json_t *request, void *user)
{
    static g20_teach_command *const obey[] = {
        [G20_TEACH_REGISTRY] = get_registry,
        [G20_TEACH_SAVE] = save_sample,
        [G20_TEACH_SAMPLES] = list_samples,
        [G20_TEACH_SAMPLE] = get_sample,
        [G20_TEACH_DELETE_SAMPLE] = delete_sample,
        [G20_TEACH_RESTORE_SAMPLE] = delete_sample,
        [G20_TEACH_TRAIN] = train_signal,
        [G20_TEACH_CANCEL] = cancel_training,
        [G20_TEACH_JOB] = job_status,
        [G20_TEACH_VERSIONS] = g20_teach_signal_versions,
        [G20_TEACH_PROMOTE] = g20_teach_signal_promote,
        [G20_TEACH_ROLLBACK] = g20_teach_signal_promote,
        [G20_TEACH_RENAME] = g20_teach_signal_rename,
        [G20_TEACH_DELETE_SIGNAL] = g20_teach_signal_delete,
        [G20_TEACH_RESTORE_SIGNAL] = g20_teach_signal_delete,
        [G20_TEACH_EXPORT] = g20_teach_signal_export,
        [G20_TEACH_REVIEW] = g20_seen_review,
        [G20_TEACH_ANSWER] = g20_seen_answer,
        [G20_TEACH_SIMILAR] = g20_seen_similar,
        [G20_TEACH_CLUSTERS] = g20_seen_clusters,
        [G20_TEACH_CLUSTER] = g20_seen_teach_cluster,
    };
    struct g20_teach_request q;
    json_t *answer = NULL;
    struct g20_err e = {0};
    int r = g20_teach_request_parse(command, request, &q, &e);

    if (r >= 0) {
        r = check_idle(user, &q, &e);
        if (r >= 0 && q.kind == G20_TEACH_SAVE && q.duration_us > 0)
            r = fetch(user, &q, &e);
        if (r >= 0)
            r = obey[q.kind](user, &q, &answer, &e);
        if (r >= 0)
            note(user, &q, answer);
        g20_teach_request_fini(&q);
    }
    if (r >= 0)
        return answer;
    return json_pack("{s:s, s:s, s:s}", "type", "error", "code", code_of(r), "message", e.msg);
}
