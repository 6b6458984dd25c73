/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "rpc/internal.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "config/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <grpc/grpc_security.h>
#include <grpc/support/log.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HANDSHAKE_MS = 10000, PING_MS = 20000, IDLE_MS = 600000, HEADER_BYTES = 8192 };

void g20_rpc_cfg_default(struct g20_rpc_cfg *cfg)
{
    *cfg = (struct g20_rpc_cfg){.bind = "127.0.0.1",
                                .max_workers = 10,
                                .max_connections = 192,
                                .max_calls = 128,
                                .max_streams = 16,
                                .max_message_bytes = 65536};
}

/* What it calls an error is mostly what a client's behaviour brings about. */
static void to_log(gpr_log_func_args *args)
{
    char text[256];

    snprintf(text, sizeof(text), "%.*s", (int)strcspn(args->message, "\n"), args->message);
    g20_log(G20_LOG_DEBUG, "grpc", text, G20_F_STR("file", args->file),
            G20_F_INT("line", args->line));
}

/* gRPC starts threads of its own in any call: they must not get the process's signals. */
static void block_signals(sigset_t *old)
{
    sigset_t all;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, old);
}

static void create_server(struct g20_rpc *s)
{
    grpc_arg args[] = {
        {.key = (char[]){GRPC_ARG_ALLOW_REUSEPORT}, .value.integer = 0}, /* or two share a port */
        {.key = (char[]){GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH},
         .value.integer = (int)s->cfg.max_message_bytes},
        {.key = (char[]){GRPC_ARG_MAX_CONCURRENT_STREAMS}, .value.integer = (int)s->cfg.max_calls},
        {.key = (char[]){GRPC_ARG_MAX_METADATA_SIZE}, .value.integer = HEADER_BYTES},
        {.key = (char[]){GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS}, .value.integer = HANDSHAKE_MS},
        {.key = (char[]){GRPC_ARG_KEEPALIVE_TIME_MS}, .value.integer = PING_MS},
        {.key = (char[]){GRPC_ARG_KEEPALIVE_TIMEOUT_MS}, .value.integer = PING_MS},
        {.key = (char[]){GRPC_ARG_MAX_CONNECTION_IDLE_MS}, .value.integer = IDLE_MS},
    };
    const grpc_channel_args all = {.num_args = G20_COUNT_OF(args), .args = args};

    for (size_t i = 0; i < G20_COUNT_OF(args); i++)
        args[i].type = GRPC_ARG_INTEGER;
    s->cq = grpc_completion_queue_create_for_next(NULL);
    s->server = grpc_server_create(&all, NULL);
    grpc_server_register_completion_queue(s->server, s->cq, NULL);
}

/* 0 when somebody can listen there, or why not, which gRPC does not say. Asked before gRPC is
 * begun, too: one that could not listen at times waits for ever for its own threads when it is
 * ended. */
static int try_port(const char *bind_to, int port)
{
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    const bool is_v6 = inet_pton(AF_INET6, bind_to, &v6.sin6_addr) == 1;
    const int on = 1, fd = socket(is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int r = 0;

    if (fd < 0 || (!is_v6 && inet_pton(AF_INET, bind_to, &v4.sin_addr) != 1)) {
        r = fd < 0 ? -errno : -EINVAL;
    } else {
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        if (bind(fd, is_v6 ? (void *)&v6 : (void *)&v4, is_v6 ? sizeof(v6) : sizeof(v4)) < 0 ||
            listen(fd, 1) < 0)
            r = -errno;
    }
    if (fd >= 0)
        close(fd);
    return r;
}

static int fail_listen(int why, const char *address, struct g20_err *e)
{
    return g20_fail(e, why, "cannot listen on %s: %s", address, g20_strerror(why));
}

static int listen_on(struct g20_rpc *s, const struct g20_rpc_cfg *cfg, const char *address,
                     struct g20_err *e)
{
    grpc_server_credentials *creds;

    if (cfg->tls && cfg->tls->cert) {
        grpc_ssl_pem_key_cert_pair pair = {.private_key = cfg->tls->key,
                                           .cert_chain = cfg->tls->cert};
        creds = grpc_ssl_server_credentials_create(NULL, &pair, 1, 0, NULL);
    } else {
        creds = grpc_insecure_server_credentials_create();
    }
    s->port = creds ? grpc_server_add_http2_port(s->server, address, creds) : 0;
    grpc_server_credentials_release(creds);
    if (s->port > 0)
        return 0;
    const int why = creds ? try_port(cfg->bind, cfg->port) : -EINVAL;
    return fail_listen(why < 0 ? why : -EADDRINUSE, address, e);
}

static int check_cfg(const struct g20_rpc_cfg *c, struct g20_err *e)
{
    if (c->port < 0 || c->port > 65535)
        return g20_fail(e, -EINVAL, "port %d", c->port);
    if (c->max_workers < 1 || c->max_workers > 256 || c->max_connections < 1 || c->max_calls < 1 ||
        c->max_calls > 65536 || c->max_message_bytes < 64 || c->max_message_bytes > 64u << 20)
        return g20_fail(e, -EINVAL, "a limit is out of range");
    return 0;
}

static void init_lock(struct g20_rpc *s)
{
    pthread_condattr_t attr;

    pthread_mutex_init(&s->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&s->changed, &attr);
    pthread_condattr_destroy(&attr);
    s->has_lock = true;
}

int g20_rpc_create(struct g20_rpc **ret, const struct g20_rpc_cfg *cfg, struct g20_hub *hub,
                   const struct g20_control *control, const struct g20_rpc_ops *ops,
                   struct g20_err *e)
{
    char address[96];
    sigset_t old;
    int r = check_cfg(cfg, e);

    if (r < 0)
        return r;
    snprintf(address, sizeof(address), strchr(cfg->bind, ':') ? "[%s]:%d" : "%s:%d", cfg->bind,
             cfg->port);
    if ((r = try_port(cfg->bind, cfg->port)) < 0)
        return fail_listen(r, address, e);
    struct g20_rpc *s = g20_calloc(1, sizeof(*s));
    if (!s)
        return g20_fail(e, -ENOMEM, "out of memory");
    s->cfg = *cfg;
    s->cfg.bind = NULL;
    s->cfg.tls = NULL;
    s->hub = hub;
    s->control = *control;
    s->ops = *ops;
    init_lock(s);
    s->workers = g20_calloc(cfg->max_workers, sizeof(*s->workers));
    r = s->workers ? g20_queue_create(&s->work, cfg->max_calls + 1, G20_FULL_REJECT, NULL)
                   : -ENOMEM;
    if (r < 0) {
        g20_rpc_destroy(s);
        return g20_fail(e, r, "%s", g20_strerror(r));
    }
    block_signals(&old);
    gpr_set_log_function(to_log);
    gpr_set_log_verbosity(GPR_LOG_SEVERITY_ERROR);
    grpc_init();
    s->has_init = true;
    create_server(s);
    r = listen_on(s, cfg, address, e);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (r >= 0 && (r = g20_connections_create(&s->connections, s->port)) < 0)
        g20_fail(e, r, "%s", g20_strerror(r));
    if (r < 0) {
        g20_rpc_destroy(s);
        return r;
    }
    *ret = s;
    return 0;
}

int g20_rpc_port(const struct g20_rpc *s)
{
    return s->port;
}

static void *events_main(void *arg)
{
    struct g20_rpc *s = arg;

    for (;;) {
        const grpc_event ev =
            grpc_completion_queue_next(s->cq, gpr_inf_future(GPR_CLOCK_REALTIME), NULL);
        struct g20_rpc_tag *tag = ev.tag;

        if (ev.type == GRPC_QUEUE_SHUTDOWN)
            return NULL;
        if (ev.type != GRPC_OP_COMPLETE)
            continue;
        if (tag) {
            g20_rpc_call_event(tag, ev.success != 0);
            continue;
        }
        pthread_mutex_lock(&s->lock); /* without a tag: the server is shut down */
        s->down = true;
        pthread_cond_broadcast(&s->changed);
        pthread_mutex_unlock(&s->lock);
    }
}

static void *worker_main(void *arg)
{
    struct g20_rpc *s = arg;
    struct g20_rpc_call *c;

    while ((c = g20_queue_pop(s->work)))
        g20_rpc_call_work(c);
    return NULL;
}

int g20_rpc_start(struct g20_rpc *s, struct g20_err *e)
{
    sigset_t old;

    block_signals(&old);
    grpc_server_start(s->server);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    int r = g20_thread_start(&s->events, "g20-rpc", events_main, s, e);
    if (r >= 0)
        r = g20_thread_start(&s->streamer, "g20-rpc-stream", g20_rpc_stream_main, s, e);
    for (uint32_t i = 0; i < s->cfg.max_workers && r >= 0; i++)
        r = g20_thread_start(&s->workers[i], "g20-rpc-work", worker_main, s, e);
    if (r >= 0 && g20_rpc_call_next(s) < 0)
        r = g20_fail(e, -ENOMEM, "out of memory");
    return r;
}

void g20_rpc_stats(struct g20_rpc *s, struct g20_rpc_stats *ret)
{
    pthread_mutex_lock(&s->lock);
    *ret = s->totals;
    ret->calls = s->ncalls;
    ret->streams = s->nstreams;
    pthread_mutex_unlock(&s->lock);
}

void g20_rpc_drain(struct g20_rpc *s)
{
    pthread_mutex_lock(&s->lock);
    s->draining = true;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

/* Until the server is down and no call is left; false: @timeout_ms are over (-1: never). */
static bool wait_down(struct g20_rpc *s, int timeout_ms)
{
    const struct timespec until = g20_clock_deadline(G20_MAX(timeout_ms, 0));
    int r = 0;

    pthread_mutex_lock(&s->lock);
    while ((!s->down || s->ncalls > 0) && r != ETIMEDOUT)
        r = timeout_ms < 0 ? pthread_cond_wait(&s->changed, &s->lock)
                           : pthread_cond_timedwait(&s->changed, &s->lock, &until);
    const bool down = s->down && s->ncalls == 0;
    pthread_mutex_unlock(&s->lock);
    return down;
}

void g20_rpc_stop(struct g20_rpc *s, int timeout_ms)
{
    sigset_t old;

    if (!s->events.running)
        return;
    g20_rpc_drain(s);
    block_signals(&old);
    grpc_server_shutdown_and_notify(s->server, s->cq, NULL);
    if (!wait_down(s, timeout_ms)) {
        grpc_server_cancel_all_calls(s->server);
        wait_down(s, -1);
    }
    pthread_mutex_lock(&s->lock);
    s->stop_streams = true;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    g20_queue_close(s->work);
    for (uint32_t i = 0; i < s->cfg.max_workers; i++)
        g20_thread_join(&s->workers[i]);
    g20_thread_join(&s->streamer);
    grpc_completion_queue_shutdown(s->cq);
    g20_thread_join(&s->events);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
}

/* A server that never got its thread: nobody else takes its events. */
static void stop_unstarted(struct g20_rpc *s)
{
    if (s->down)
        return;
    grpc_server_shutdown_and_notify(s->server, s->cq, NULL);
    grpc_completion_queue_shutdown(s->cq);
    while (grpc_completion_queue_next(s->cq, gpr_inf_future(GPR_CLOCK_REALTIME), NULL).type !=
           GRPC_QUEUE_SHUTDOWN)
        ;
}

void g20_rpc_destroy(struct g20_rpc *s)
{
    sigset_t old;

    if (!s)
        return;
    g20_rpc_stop(s, 1000);
    block_signals(&old);
    if (s->server)
        stop_unstarted(s);
    if (s->server)
        grpc_server_destroy(s->server);
    if (s->cq)
        grpc_completion_queue_destroy(s->cq);
    if (s->has_init)
        grpc_shutdown_blocking();
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    g20_connections_destroy(s->connections);
    g20_queue_destroy(s->work);
    g20_free(s->workers);
    if (s->has_lock) {
        pthread_cond_destroy(&s->changed);
        pthread_mutex_destroy(&s->lock);
    }
    g20_free(s);
}
