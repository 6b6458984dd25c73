/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* /ws/training: samples, signals and jobs.
 *
 * Commands may take their time (a sample is megabytes), so a worker's thread carries them out one
 * after the other and answers through the client's feed. */
#include "server/internal.h"

#include "base/alloc.h"
#include "base/queue.h"

#include <errno.h>
#include <string.h>

enum {
    JOBS = 16,       /* commands waiting, of all clients */
    CLIENT_JOBS = 8, /* of one; its feed is longer, so that no answer is ever dropped */
    FEED = 16,
};

struct g20_training {
    struct g20_server *server;
    struct g20_queue *jobs;
    struct g20_thread thread;
};

struct job {
    json_t *request;
    struct g20_feed *feed;
};

static const struct {
    const char *name;
    enum g20_role role; /* that it takes */
} commands[] = {
    {"get_registry", G20_ROLE_READ},
    {"save_sample", G20_ROLE_CONTROL},
    {"list_samples", G20_ROLE_READ},
    {"get_sample", G20_ROLE_READ},
    {"delete_sample", G20_ROLE_CONTROL},
    {"train_signal", G20_ROLE_CONTROL},
    {"cancel_training", G20_ROLE_CONTROL},
    {"job_status", G20_ROLE_READ},
    {"list_versions", G20_ROLE_READ},
    {"promote_version", G20_ROLE_CONTROL},
    {"rollback_version", G20_ROLE_CONTROL},
    {"rename_signal", G20_ROLE_CONTROL},
    {"delete_signal", G20_ROLE_CONTROL},
    {"export_model", G20_ROLE_READ},
    {"restore_sample", G20_ROLE_CONTROL},
    {"restore_signal", G20_ROLE_CONTROL},
    {"review", G20_ROLE_READ},
    {"review_answer", G20_ROLE_CONTROL},
    {"similar", G20_ROLE_READ},
    {"clusters", G20_ROLE_READ},
    {"teach_cluster", G20_ROLE_CONTROL},
};

static void job_free(void *item)
{
    struct job *j = item;

    json_decref(j->request);
    g20_feed_unref(&j->feed);
    g20_free(j);
}

static void carry_out(const struct g20_server_cfg *cfg, struct job *j)
{
    const char *command = json_string_value(json_object_get(j->request, "command"));
    json_t *id = json_object_get(j->request, "id");
    json_t *o = cfg->training(command, j->request, cfg->training_user);

    if (!o)
        o = g20_status_error("not_implemented", "not implemented yet", NULL);
    if (o && id)
        json_object_set(o, "id", id);
    g20_feed_push(j->feed, g20_status_text(o));
}

static void *worker(void *arg)
{
    struct g20_training *t = arg;

    for (struct job *j; (j = g20_queue_pop(t->jobs));) {
        carry_out(&t->server->cfg, j);
        job_free(j);
    }
    return NULL;
}

int g20_training_create(struct g20_training **ret, struct g20_server *s, struct g20_err *e)
{
    struct g20_training *t = g20_calloc(1, sizeof(*t));

    if (!t)
        return g20_fail(e, -ENOMEM, "out of memory");
    t->server = s;
    int r = g20_queue_create(&t->jobs, JOBS, G20_FULL_REJECT, job_free);
    if (r < 0)
        g20_fail(e, r, "out of memory");
    else if (s->cfg.training)
        r = g20_thread_start(&t->thread, "g20-lessons", worker, t, e);
    if (r < 0) {
        g20_training_destroy(t);
        return r;
    }
    *ret = t;
    return 0;
}

void g20_training_destroy(struct g20_training *t)
{
    if (!t)
        return;
    if (t->jobs)
        g20_queue_close(t->jobs);
    g20_thread_join(&t->thread);
    g20_queue_destroy(t->jobs);
    g20_free(t);
}

/* NULL: @c may ask for it. */
static json_t *refusal(const struct g20_ws_client *c, const char *command)
{
    for (size_t i = 0; i < G20_COUNT_OF(commands); i++)
        if (strcmp(command, commands[i].name) == 0)
            return c->role >= commands[i].role
                       ? NULL
                       : g20_status_error("forbidden", "this token may only read", NULL);
    return g20_ws_refuse(g20_request_unknown, command);
}

static json_t *on_command(struct g20_server *s, struct g20_ws_client *c, struct g20_request *r)
{
    json_t *no = refusal(c, r->command);

    if (no)
        return no;
    if (!s->cfg.training)
        return g20_status_error("not_implemented", "not implemented yet", NULL);
    struct job *j = c->asked < CLIENT_JOBS ? g20_calloc(1, sizeof(*j)) : NULL;
    if (!j)
        return g20_status_error("busy", "too many requests wait for an answer", NULL);
    j->request = r->json;
    j->feed = g20_feed_ref(c->feed);
    if (g20_queue_push(s->training->jobs, j) < 0) {
        j->request = NULL;
        job_free(j);
        return g20_status_error("busy", "too many requests wait for an answer", NULL);
    }
    *r = (struct g20_request){0}; /* the worker's: two threads must not count its references */
    c->asked++;
    return NULL;
}

static int on_established(struct g20_server *s, struct g20_ws_client *c, const struct g20_query *q,
                          struct g20_err *e)
{
    int r = g20_query_only(q, NULL, 0, e);

    if (r < 0)
        return r;
    r = g20_feed_create(&c->feed, FEED, g20_server_wake, s);
    if (r < 0)
        return g20_fail(e, r, "out of memory");
    c->wants = G20_WANTS_TRAINING;
    return 0;
}

const struct g20_ws_ops g20_ws_training = {
    .established = on_established, .command = on_command, .big = true};
