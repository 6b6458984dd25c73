/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/api.h"

#include "base/alloc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { JOBS_WAITING = 64 };

struct g20_api {
    struct g20_server *server;
    struct g20_store_reader *reader;
    struct g20_stored_emission *rows; /* (G20_EMISSIONS_MOST) the worker's */
    struct g20_thread thread;

    pthread_mutex_t lock; /* of the rest */
    pthread_cond_t wake;
    struct g20_api_job *queue, **queue_end, *done;
    unsigned waiting;
    bool stopping;
};

static void job_free(struct g20_api_job *job)
{
    if (job->fd >= 0)
        close(job->fd);
    g20_text_fini(&job->out);
    g20_free(job->body);
    g20_free(job);
}

static void *worker_main(void *arg)
{
    struct g20_api *a = arg;

    pthread_mutex_lock(&a->lock);
    for (;;) {
        while (!a->queue && !a->stopping)
            pthread_cond_wait(&a->wake, &a->lock);
        if (a->stopping)
            break;
        struct g20_api_job *job = a->queue;
        a->queue = job->next;
        if (!a->queue)
            a->queue_end = &a->queue;
        a->waiting--;
        pthread_mutex_unlock(&a->lock);
        g20_api_run(job, &a->server->cfg, a->reader, a->rows);
        pthread_mutex_lock(&a->lock);
        job->next = a->done;
        a->done = job;
        lws_cancel_service(a->server->lws);
    }
    pthread_mutex_unlock(&a->lock);
    return NULL;
}

int g20_api_create(struct g20_api **ret, struct g20_server *s, struct g20_err *e)
{
    struct g20_api *a = g20_calloc(1, sizeof(*a));

    if (!a)
        return g20_fail(e, -ENOMEM, "out of memory");
    a->server = s;
    a->queue_end = &a->queue;
    pthread_mutex_init(&a->lock, NULL);
    pthread_cond_init(&a->wake, NULL);
    a->rows = g20_calloc(G20_EMISSIONS_MOST, sizeof(*a->rows));
    int r = a->rows ? g20_store_reader_create(&a->reader, s->cfg.store) : -ENOMEM;
    if (r < 0)
        g20_fail(e, r, "%s", g20_strerror(r));
    else
        r = g20_thread_start(&a->thread, "g20-api", worker_main, a, e);
    if (r < 0) {
        g20_api_destroy(a);
        return r;
    }
    *ret = a;
    return 0;
}

static void free_list(struct g20_api_job *job)
{
    for (struct g20_api_job *next; job; job = next) {
        next = job->next;
        job->busy = false;
        if (!job->wsi) /* those with a client go with it */
            job_free(job);
    }
}

void g20_api_destroy(struct g20_api *a)
{
    if (!a)
        return;
    if (a->reader)
        g20_store_reader_stop(a->reader);
    pthread_mutex_lock(&a->lock);
    a->stopping = true;
    pthread_cond_signal(&a->wake);
    pthread_mutex_unlock(&a->lock);
    g20_thread_join(&a->thread);
    free_list(a->queue);
    free_list(a->done);
    g20_store_reader_destroy(a->reader);
    g20_free(a->rows);
    pthread_cond_destroy(&a->wake);
    pthread_mutex_destroy(&a->lock);
    g20_free(a);
}

bool g20_api_submit(struct g20_api *a, struct g20_api_job *job)
{
    pthread_mutex_lock(&a->lock);
    const bool room = a->waiting < JOBS_WAITING;
    if (room) {
        job->next = NULL;
        job->busy = true;
        *a->queue_end = job;
        a->queue_end = &job->next;
        a->waiting++;
        pthread_cond_signal(&a->wake);
    }
    pthread_mutex_unlock(&a->lock);
    return room;
}

void g20_api_drain(struct g20_api *a)
{
    if (!a)
        return;
    pthread_mutex_lock(&a->lock);
    struct g20_api_job *job = a->done;
    a->done = NULL;
    pthread_mutex_unlock(&a->lock);
    for (struct g20_api_job *next; job; job = next) {
        next = job->next;
        job->busy = false;
        if (job->wsi)
            lws_callback_on_writable(job->wsi);
        else
            job_free(job);
    }
}

void g20_api_gone(struct g20_session *session)
{
    struct g20_api_job *job = session ? session->job : NULL;

    if (!job)
        return;
    session->job = NULL;
    job->wsi = NULL;
    if (!job->busy)
        job_free(job);
}

/* ---- the request ---- */

static int method_of(struct lws *wsi)
{
    static const struct {
        enum lws_token_indexes token;
        int method;
    } methods[] = {
        {WSI_TOKEN_GET_URI, G20_API_GET},     {WSI_TOKEN_HEAD_URI, G20_API_GET},
        {WSI_TOKEN_POST_URI, G20_API_POST},   {WSI_TOKEN_PUT_URI, G20_API_PUT},
        {WSI_TOKEN_PATCH_URI, G20_API_PATCH}, {WSI_TOKEN_DELETE_URI, G20_API_DELETE},
    };

    for (size_t i = 0; i < G20_COUNT_OF(methods); i++)
        if (lws_hdr_total_length(wsi, methods[i].token) > 0)
            return methods[i].method;
    return -1;
}

/* A page of another origin may not write, and a form of one cannot say that it sends JSON. */
static bool may_write(struct g20_server *s, struct lws *wsi)
{
    char origin[512], host[256];
    const bool has = lws_hdr_total_length(wsi, WSI_TOKEN_ORIGIN) > 0;

    if (has && lws_hdr_copy(wsi, origin, sizeof(origin), WSI_TOKEN_ORIGIN) <= 0)
        return false;
    if (lws_hdr_copy(wsi, host, sizeof(host), WSI_TOKEN_HOST) <= 0)
        host[0] = '\0';
    return g20_route_origin_ok(has ? origin : NULL, host, s->allowed_origins, s->is_loopback);
}

/* The length of the body; fills in the refusal and returns -1. */
static long body_length(struct lws *wsi, struct g20_api_job *job)
{
    char type[128] = "", text[24] = "", *end;
    const bool has_body =
        job->action == G20_API_NONE &&
        (job->method == G20_API_POST || job->method == G20_API_PUT || job->method == G20_API_PATCH);

    if (lws_hdr_copy(wsi, text, sizeof(text), WSI_TOKEN_HTTP_CONTENT_LENGTH) <= 0) {
        if (!has_body) {
            job->close |= job->action != G20_API_NONE; /* nobody says whether one follows */
            return 0;
        }
        g20_api_error(job, 411, "Content-Length: required");
        return -1;
    }
    const long n = strtol(text, &end, 10);
    if (*end || n < 0 || n > G20_API_BODY_BYTES) {
        g20_api_error(job, 413, "body: longer than 131072 bytes");
        return -1;
    }
    if (!has_body && n > 0) {
        g20_api_error(job, 400, "body: want none");
        return -1;
    }
    if (!has_body)
        return 0;
    if (lws_hdr_copy(wsi, type, sizeof(type), WSI_TOKEN_HTTP_CONTENT_TYPE) < 0 ||
        strncmp(type, "application/json", 16) != 0) {
        g20_api_error(job, 415, "Content-Type: want application/json");
        return -1;
    }
    if (n == 0) {
        g20_api_error(job, 400, "body: want a JSON object");
        return -1;
    }
    return n;
}

/* Everything that can be said without the store; true: the job goes on. */
static bool admit(struct g20_server *s, struct lws *wsi, struct g20_api_job *job, const char *path)
{
    static const char *const names[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
    const int method = method_of(wsi);
    const char *allowed = g20_api_methods(path, &job->kind, job->id, sizeof(job->id), &job->action);
    struct g20_err e = {0};

    if (!allowed) {
        g20_api_error(job, 404, "not found");
        return false;
    }
    if (method < 0 || !strstr(allowed, names[method])) {
        g20_api_error(job, 405, "the method is not allowed here");
        job->allow = allowed;
        return false;
    }
    job->method = (enum g20_api_method)method;
    if (!s->api)
        g20_api_error(job, 503, "storage is off");
    else if (job->method != G20_API_GET && !may_write(s, wsi))
        g20_api_error(job, 403, "Origin: not allowed");
    else if (g20_read_query(wsi, &job->query, &e) < 0)
        g20_api_error(job, 400, e.msg);
    else if (job->method != G20_API_GET && job->query.count > 0)
        g20_api_error(job, 400, "query: want none");
    else
        return true;
    return false;
}

static bool speaks_1_0(struct lws *wsi)
{
    char version[16] = "";

    return lws_hdr_copy(wsi, version, sizeof(version), WSI_TOKEN_HTTP) > 0 &&
           strcmp(version, "HTTP/1.0") == 0;
}

int g20_api_request(struct g20_server *s, struct lws *wsi, struct g20_session *session,
                    const char *path)
{
    struct g20_api_job *job = g20_calloc(1, sizeof(*job));

    g20_api_gone(session);
    if (!job)
        return -1;
    session->job = job;
    job->fd = -1;
    job->wsi = wsi;
    job->no_body = lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI) > 0;
    /* Over HTTP/2 and to a client of HTTP/1.0 a body of unknown length goes without frames. */
    job->close = speaks_1_0(wsi);
    job->plain = job->close || lws_get_network_wsi(wsi) != wsi;
    lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, G20_API_ANSWER_S);
    const bool goes_on = admit(s, wsi, job, path);
    const long n = goes_on ? body_length(wsi, job) : -1;
    if (n > 0) {
        job->body = g20_calloc(1, (size_t)n);
        job->body_want = (size_t)n;
        if (job->body)
            return 0; /* the body comes */
        g20_api_error(job, 500, "out of memory");
    } else if (n == 0) {
        if (g20_api_submit(s->api, job))
            return 0;
        g20_api_error(job, 503, "too many questions at a time");
    }
    job->close |= method_of(wsi) != G20_API_GET; /* whatever body follows is not read */
    lws_callback_on_writable(wsi);
    return 0;
}

int g20_api_body(struct g20_session *session, const void *in, size_t len)
{
    struct g20_api_job *job = session->job;

    if (!job || !job->body)
        return 0; /* of a request that was refused */
    if (len > job->body_want - job->body_len)
        return -1;
    if (len > 0)
        memcpy(job->body + job->body_len, in, len);
    job->body_len += len;
    return 0;
}

int g20_api_body_done(struct g20_server *s, struct lws *wsi, struct g20_session *session)
{
    struct g20_api_job *job = session->job;

    if (!job || !job->body || job->busy || job->status != 0)
        return 0;
    if (job->body_len != job->body_want) {
        g20_api_error(job, 400, "body: shorter than Content-Length says");
        job->close = true;
    } else if (g20_api_submit(s->api, job)) {
        return 0;
    } else {
        g20_api_error(job, 503, "too many questions at a time");
    }
    lws_callback_on_writable(wsi);
    return 0;
}
