/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "teach/service.h"

#include "base/alloc.h"
#include "base/log.h"
#include "teach/index.h"
#include "teach/jobs.h"
#include "teach/registry.h"
#include "teach/review.h"
#include "teach/trainer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* What of a running job the trainer's callbacks need. */
struct turn {
    struct g20_teach *teach;
    struct g20_job job; /* a copy: the list moves */
};

static void wake(struct g20_teach *t)
{
    const uint64_t one = 1;

    if (write(t->wake_fd, &one, sizeof(one)) < 0) /* full: it is awake already */
        return;
}

static void tell(struct g20_teach *t, json_t *o)
{
    if (t->cfg.news && o)
        t->cfg.news(o, t->cfg.news_user);
    else
        json_decref(o);
}

int g20_teach_activate(struct g20_teach *t, const char *signal, struct g20_err *e)
{
    char path[G20_FOLDER_PATH];
    uint32_t version = 0;
    int r = g20_version_active(t->training_dir, signal, &version, e);

    if (r < 0 || !t->cfg.heads)
        return r;
    if (version == 0)
        return G20_MAX(g20_heads_remove(t->cfg.heads, signal, NULL), 0); /* or was not there */
    r = g20_version_path(t->training_dir, signal, version, path, e);
    return r < 0 ? r : g20_heads_put(t->cfg.heads, path, signal, e);
}

void g20_teach_index_result(int r, const struct g20_err *e)
{
    if (r < 0)
        g20_log(G20_LOG_WARNING, "teach",
                "the database lacks samples or versions until the next start",
                G20_F_STR("why", e->msg));
}

void g20_teach_index(struct g20_teach *t, const char *signal)
{
    struct g20_err e = {0};

    if (!t->cfg.store)
        return;
    pthread_mutex_lock(&t->index_lock);
    const int r = signal ? g20_index_signal(t->cfg.store, t->samples, signal, &e)
                         : g20_index_all(t->cfg.store, t->samples, &e);
    pthread_mutex_unlock(&t->index_lock);
    g20_teach_index_result(r, &e);
}

static int asked_to_stop(void *user)
{
    const struct turn *turn = user;
    struct g20_teach *t = turn->teach;
    int how;

    pthread_mutex_lock(&t->lock);
    const struct g20_job *j = g20_job_find(t, turn->job.id);
    how = t->stopping ? 2 : j && j->cancel ? 1 : 0;
    pthread_mutex_unlock(&t->lock);
    return how;
}

static void take_line(const char *line, void *user)
{
    struct turn *turn = user;
    struct g20_teach *t = turn->teach;
    json_t *o = json_loads(line, 0, NULL);
    const char *type = json_string_value(json_object_get(o, "type"));
    struct g20_err e;

    if (type && strcmp(type, "done") == 0) {
        turn->job.version = (uint32_t)json_integer_value(json_object_get(o, "version"));
        turn->job.promoted = json_is_true(json_object_get(o, "promoted"));
        json_decref(turn->job.progress);
        turn->job.progress = o;
        if (turn->job.promoted && g20_teach_activate(t, turn->job.signal, &e) < 0)
            g20_log(G20_LOG_ERROR, "teach", "cannot put a version to work",
                    G20_F_STR("why", e.msg));
        return;
    }
    if (type && strcmp(type, "review") == 0 && turn->job.progress)
        json_object_set(turn->job.progress, "review_items", json_object_get(o, "items"));
    if (!type || strcmp(type, "progress") != 0) {
        json_decref(o);
        return;
    }
    json_object_set_new(o, "job_id", json_string(turn->job.id));
    json_object_set_new(o, "signal_name", json_string(turn->job.signal));
    pthread_mutex_lock(&t->lock);
    struct g20_job *j = g20_job_find(t, turn->job.id);
    if (j) {
        json_decref(j->progress);
        j->progress = json_deep_copy(o);
    }
    pthread_mutex_unlock(&t->lock);
    tell(t, o);
}

static void set_state(struct g20_teach *t, const struct g20_job *now)
{
    struct g20_err e;

    pthread_mutex_lock(&t->lock);
    struct g20_job *j = g20_job_find(t, now->id);
    if (j) {
        j->state = now->state;
        t->ended[now->state] += now->state >= G20_JOB_DONE;
        j->version = now->version;
        j->promoted = now->promoted;
        memcpy(j->message, now->message, sizeof(j->message));
        /* A full disk: the job goes on, and would be taken up again by the next daemon. */
        if (g20_job_save(t, j, &e) < 0)
            g20_log(G20_LOG_WARNING, "teach", "cannot note a job's state", G20_F_STR("why", e.msg));
    }
    pthread_mutex_unlock(&t->lock);
}

/* The last message about a training, and what the log says of it. */
static void finish(struct turn *turn, int r, const char *why)
{
    struct g20_teach *t = turn->teach;
    struct g20_job *j = &turn->job;
    static const char *const types[] = {[G20_JOB_DONE] = "training_done",
                                        [G20_JOB_FAILED] = "training_failed",
                                        [G20_JOB_CANCELLED] = "training_cancelled"};
    struct g20_err e;

    j->state = r >= 0 ? G20_JOB_DONE : r == -ECANCELED ? G20_JOB_CANCELLED : G20_JOB_FAILED;
    snprintf(j->message, sizeof(j->message), "%.199s", r >= 0 ? "" : why);
    if (r >= 0 && !j->version &&
        g20_version_of_job(t->training_dir, j->signal, j->id, &j->version, &e) < 0)
        g20_log(G20_LOG_WARNING, "teach", "versions", G20_F_STR("why", e.msg));
    if (r >= 0 && g20_teach_activate(t, j->signal, &e) < 0)
        g20_log(G20_LOG_ERROR, "teach", "cannot put a version to work", G20_F_STR("why", e.msg));
    g20_teach_index(t, j->signal);
    set_state(t, j);
    json_t *o = json_pack("{s:s, s:s, s:s}", "type", types[j->state], "job_id", j->id,
                          "signal_name", j->signal);
    if (r < 0) {
        json_object_set_new(o, "message", json_string(j->message));
    } else {
        json_object_update_missing(o, j->progress);
        json_object_set_new(o, "version", json_integer(j->version));
        json_object_set_new(o, "promoted", json_boolean(j->promoted));
    }
    g20_log(r >= 0 || r == -ECANCELED ? G20_LOG_INFO : G20_LOG_ERROR, "teach", types[j->state],
            G20_F_STR("signal", j->signal), G20_F_STR("job", j->id),
            G20_F_INT("version", j->version), G20_F_STR("why", j->message));
    tell(t, o);
}

static void carry_out(struct turn *turn)
{
    struct g20_teach *t = turn->teach;
    const struct g20_trainer_cfg cfg = {.exe = t->exe,
                                        .training_dir = t->training_dir,
                                        .models_dir = t->models_dir,
                                        .capture_dir = t->capture_dir,
                                        .signal = turn->job.signal,
                                        .preset = turn->job.preset,
                                        .job_id = turn->job.id,
                                        .seed = turn->job.seed,
                                        .wake_fd = t->wake_fd,
                                        .stop = asked_to_stop,
                                        .line = take_line,
                                        .user = turn};
    char heard[G20_FOLDER_PATH];
    struct g20_err e = {0};
    uint64_t unused;

    turn->job.progress = NULL;
    turn->job.state = G20_JOB_RUNNING;
    set_state(t, &turn->job);
    while (read(t->wake_fd, &unused, sizeof(unused)) > 0) /* wakes that are over */
        continue;
    if (t->cfg.keep && g20_folder_path(heard, &e, "%s/" G20_TEACH_HEARD, t->training_dir) >= 0)
        t->cfg.keep(heard, t->cfg.keep_user);
    const int r = g20_trainer_run(&cfg, &e);
    pthread_mutex_lock(&t->lock);
    const bool stopping = t->stopping;
    pthread_mutex_unlock(&t->lock);
    if (!stopping || r >= 0) /* else it stays running on disk: the next daemon takes it up */
        finish(turn, r, e.msg);
    json_decref(turn->job.progress);
}

static void *service(void *arg)
{
    struct g20_teach *t = arg;

    g20_teach_index(t, NULL); /* what changed while nobody looked */
    for (;;) {
        struct turn turn = {.teach = t};
        bool found = false;

        pthread_mutex_lock(&t->lock);
        while (!t->stopping && !found) {
            for (size_t i = 0; i < t->jobs && !found; i++) {
                if (t->job[i].state != G20_JOB_QUEUED)
                    continue;
                turn.job = t->job[i];
                found = true;
            }
            if (!found)
                pthread_cond_wait(&t->changed, &t->lock);
        }
        const bool stopping = t->stopping;
        pthread_mutex_unlock(&t->lock);
        if (stopping)
            return NULL;
        carry_out(&turn);
    }
}

int g20_jobs_cancel(struct g20_teach *t, const char *id, struct g20_err *e)
{
    struct g20_job gone = {.id = ""};
    int r = -ENOENT;

    pthread_mutex_lock(&t->lock);
    for (size_t i = 0; i < t->jobs && r < 0; i++) {
        struct g20_job *j = &t->job[i];
        if (*id ? strcmp(j->id, id) != 0 : j->state != G20_JOB_RUNNING)
            continue;
        if (j->state == G20_JOB_RUNNING) {
            j->cancel = true;
            wake(t);
            r = 0;
        } else if (j->state == G20_JOB_QUEUED) {
            j->state = G20_JOB_CANCELLED;
            t->ended[G20_JOB_CANCELLED]++;
            r = g20_job_save(t, j, e);
            gone = *j;
        }
    }
    pthread_mutex_unlock(&t->lock);
    if (r == -ENOENT)
        return g20_fail(e, r, *id ? "no job \"%s\" is waiting or running" : "no training runs%s",
                        id);
    if (gone.id[0])
        tell(t, json_pack("{s:s, s:s, s:s}", "type", "training_cancelled", "job_id", gone.id,
                          "signal_name", gone.signal));
    return r;
}

static void activate_all(struct g20_teach *t)
{
    struct g20_names names = {.item = NULL};
    struct g20_err e = {0};
    int r = g20_signals_list(t->samples, &names, &e);

    for (size_t i = 0; i < names.count; i++)
        if (g20_teach_activate(t, names.item[i], &e) < 0)
            r = g20_fail(NULL, -EIO, "-");
    if (r < 0)
        g20_log(G20_LOG_WARNING, "teach", "a version does not work", G20_F_STR("why", e.msg));
    g20_names_free(&names);
}

int g20_teach_create(struct g20_teach **ret, const struct g20_teach_cfg *cfg, struct g20_err *e)
{
    struct g20_teach *t = g20_calloc(1, sizeof(*t));

    if (!t)
        return g20_fail(e, -ENOMEM, "teach: out of memory");
    t->cfg = *cfg;
    snprintf(t->presets, sizeof(t->presets), "%s",
             cfg->presets ? cfg->presets : "quick balanced quality");
    t->cfg.presets = t->presets;
    pthread_mutex_init(&t->lock, NULL);
    pthread_mutex_init(&t->index_lock, NULL);
    pthread_cond_init(&t->changed, NULL);
    t->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int r = t->wake_fd < 0 ? g20_fail(e, -errno, "teach: %s", g20_strerror(-errno)) : 0;
    if (r >= 0 && (r = g20_folder_path(t->training_dir, e, "%s", cfg->training_dir)) >= 0 &&
        (r = g20_folder_path(t->models_dir, e, "%s", cfg->models_dir)) >= 0 &&
        (r = g20_folder_path(t->capture_dir, e, "%s", cfg->capture_dir ? cfg->capture_dir : "")) >=
            0 &&
        (r = g20_folder_path(t->exe, e, "%s", cfg->exe ? cfg->exe : "/proc/self/exe")) >= 0 &&
        (r = g20_samples_open(&t->samples, t->training_dir, e)) >= 0)
        r = g20_jobs_load(t, e);
    if (r < 0) {
        g20_teach_destroy(t);
        return r;
    }
    activate_all(t);
    *ret = t;
    return 0;
}

int g20_teach_start(struct g20_teach *t, struct g20_err *e)
{
    return g20_thread_start(&t->thread, "g20-teach", service, t, e);
}

void g20_teach_stats(struct g20_teach *t, struct g20_teach_stats *ret)
{
    *ret = (struct g20_teach_stats){0};
    pthread_mutex_lock(&t->lock);
    for (size_t i = 0; i < t->jobs; i++) {
        ret->running += t->job[i].state == G20_JOB_RUNNING;
        ret->queued += t->job[i].state == G20_JOB_QUEUED;
    }
    ret->done = t->ended[G20_JOB_DONE];
    ret->failed = t->ended[G20_JOB_FAILED];
    ret->cancelled = t->ended[G20_JOB_CANCELLED];
    pthread_mutex_unlock(&t->lock);
}

void g20_teach_stop(struct g20_teach *t)
{
    if (!t)
        return;
    pthread_mutex_lock(&t->lock);
    t->stopping = true;
    pthread_cond_signal(&t->changed);
    pthread_mutex_unlock(&t->lock);
    wake(t);
    g20_thread_join(&t->thread);
}

void g20_teach_destroy(struct g20_teach *t)
{
    if (!t)
        return;
    g20_teach_stop(t);
    for (size_t i = 0; i < t->jobs; i++)
        json_decref(t->job[i].progress);
    g20_samples_close(t->samples);
    if (t->wake_fd >= 0)
        close(t->wake_fd);
    pthread_cond_destroy(&t->changed);
    pthread_mutex_destroy(&t->index_lock);
    pthread_mutex_destroy(&t->lock);
    g20_free(t);
}
