/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The list of trainings, in memory and on disk. */
#include "teach/jobs.h"

#include "base/clock.h"
#include "base/log.h"
#include "train/head.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const states[] = {
    [G20_JOB_QUEUED] = "queued", [G20_JOB_RUNNING] = "running",     [G20_JOB_DONE] = "done",
    [G20_JOB_FAILED] = "failed", [G20_JOB_CANCELLED] = "cancelled",
};

static bool is_over(const struct g20_job *j)
{
    return j->state != G20_JOB_QUEUED && j->state != G20_JOB_RUNNING;
}

static json_t *describe(const struct g20_job *j)
{
    json_t *o =
        json_pack("{s:s, s:s, s:s, s:I, s:s}", "job_id", j->id, "signal_name", j->signal, "preset",
                  j->preset, "seed", (json_int_t)j->seed, "state", states[j->state]);

    if (j->message[0])
        json_object_set_new(o, "message", json_string(j->message));
    if (j->version) {
        json_object_set_new(o, "version", json_integer(j->version));
        json_object_set_new(o, "promoted", json_boolean(j->promoted));
    }
    if (j->progress)
        json_object_set(o, "progress", j->progress);
    return o;
}

static int path_of(const struct g20_teach *t, const char *id, char *path, struct g20_err *e)
{
    return g20_folder_path(path, e, "%s/jobs/%s.json", t->training_dir, id);
}

int g20_job_save(struct g20_teach *t, const struct g20_job *j, struct g20_err *e)
{
    char path[G20_FOLDER_PATH];
    int r = path_of(t, j->id, path, e);

    if (r < 0)
        return r;
    json_t *o = describe(j);
    json_object_del(o, "progress");
    r = g20_json_write(path, o, e);
    json_decref(o);
    return r;
}

/* One that is over may go for a new one. */
static void drop(struct g20_teach *t, size_t i)
{
    char path[G20_FOLDER_PATH];

    if (path_of(t, t->job[i].id, path, NULL) >= 0)
        unlink(path);
    json_decref(t->job[i].progress);
    memmove(&t->job[i], &t->job[i + 1], (--t->jobs - i) * sizeof(t->job[0]));
}

static bool make_room(struct g20_teach *t)
{
    for (size_t i = 0; i < t->jobs && t->jobs >= G20_JOBS_KEPT; i++)
        if (is_over(&t->job[i]))
            drop(t, i--);
    return t->jobs < G20_COUNT_OF(t->job);
}

static int check_new(const struct g20_teach *t, const char *signal, struct g20_err *e)
{
    size_t waiting = 0;

    for (size_t i = 0; i < t->jobs; i++) {
        if (is_over(&t->job[i]))
            continue;
        waiting++;
        if (strcmp(t->job[i].signal, signal) == 0)
            return g20_fail(e, -EBUSY, "\"%s\" is being trained: job %s", signal, t->job[i].id);
    }
    return waiting > G20_TEACH_QUEUE
               ? g20_fail(e, -EBUSY, "%zu trainings are waiting already", waiting - 1)
               : 0;
}

int g20_jobs_add(struct g20_teach *t, const struct g20_teach_request *r, char *id,
                 struct g20_err *e)
{
    struct g20_job j = {.seed = r->seed, .state = G20_JOB_QUEUED};

    memcpy(j.signal, r->signal, sizeof(j.signal));
    memcpy(j.preset, r->preset, sizeof(j.preset));
    pthread_mutex_lock(&t->lock);
    int rc = check_new(t, r->signal, e);
    if (rc >= 0 && !make_room(t))
        rc = g20_fail(e, -EBUSY, "too many trainings");
    /* One after the other gets another number: the clock may stand still for two. */
    uint64_t now = g20_clock_utc_us();
    for (size_t i = 0; i < t->jobs; i++) {
        snprintf(j.id, sizeof(j.id), "j%016llx", (unsigned long long)now);
        if (strcmp(t->job[i].id, j.id) >= 0)
            now++;
    }
    snprintf(j.id, sizeof(j.id), "j%016llx", (unsigned long long)now);
    if (rc >= 0)
        rc = g20_job_save(t, &j, e);
    if (rc >= 0) {
        t->job[t->jobs++] = j;
        memcpy(id, j.id, sizeof(j.id));
        pthread_cond_signal(&t->changed);
    }
    pthread_mutex_unlock(&t->lock);
    return rc;
}

struct g20_job *g20_job_find(struct g20_teach *t, const char *id)
{
    for (size_t i = 0; i < t->jobs; i++)
        if (strcmp(t->job[i].id, id) == 0)
            return &t->job[i];
    return NULL;
}

json_t *g20_jobs_describe(struct g20_teach *t, const char *id)
{
    json_t *o = id ? NULL : json_array();

    pthread_mutex_lock(&t->lock);
    for (size_t i = 0; i < t->jobs; i++) {
        if (!id)
            json_array_append_new(o, describe(&t->job[i]));
        else if (strcmp(t->job[i].id, id) == 0)
            o = describe(&t->job[i]);
    }
    pthread_mutex_unlock(&t->lock);
    return o;
}

static void get_text(const json_t *o, const char *key, char *buf, size_t size)
{
    const char *text = json_string_value(json_object_get(o, key));

    snprintf(buf, size, "%s", text ? text : "");
}

/* A job from its file; false: it makes no sense. */
static bool read_job(const json_t *o, struct g20_job *j)
{
    char state[12];

    *j = (struct g20_job){.seed = (uint64_t)json_integer_value(json_object_get(o, "seed"))};
    get_text(o, "job_id", j->id, sizeof(j->id));
    get_text(o, "signal_name", j->signal, sizeof(j->signal));
    get_text(o, "preset", j->preset, sizeof(j->preset));
    get_text(o, "message", j->message, sizeof(j->message));
    get_text(o, "state", state, sizeof(state));
    j->version = (uint32_t)json_integer_value(json_object_get(o, "version"));
    j->promoted = json_is_true(json_object_get(o, "promoted"));
    for (size_t i = 0; i < G20_COUNT_OF(states); i++)
        if (strcmp(states[i], state) == 0)
            j->state = (enum g20_job_state)i;
    if (j->state == G20_JOB_RUNNING)
        j->state = G20_JOB_QUEUED; /* the daemon ended: once more */
    return j->id[0] && g20_signal_check(j->signal, NULL) >= 0 && g20_head_preset(j->preset);
}

int g20_jobs_load(struct g20_teach *t, struct g20_err *e)
{
    char folder[G20_FOLDER_PATH], path[G20_FOLDER_PATH];
    struct g20_names ids = {.item = NULL};
    int r = g20_folder_path(folder, e, "%s/jobs", t->training_dir);

    if (r < 0 || (r = g20_folder_make(folder, e)) < 0)
        return r;
    r = g20_folder_list(&ids, folder, ".json", false, e);
    for (size_t i = 0; i < ids.count && r >= 0; i++) {
        struct g20_job j;
        json_t *o = NULL;
        r = path_of(t, ids.item[i], path, e);
        if (r < 0 || g20_json_load(&o, path, NULL) < 0)
            continue;
        if (read_job(o, &j) && strcmp(j.id, ids.item[i]) == 0 && make_room(t))
            t->job[t->jobs++] = j;
        json_decref(o);
    }
    g20_names_free(&ids);
    return r;
}
