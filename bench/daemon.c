/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "daemon.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "server/control_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LIMIT_MS = 20000, POLL_NS = 1000000 };

int bench_spawn(const struct g20_bench_env *env, const char *const *args, pid_t *ret,
                struct g20_err *e)
{
    posix_spawn_file_actions_t files;

    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    const int r =
        posix_spawn(ret, env->program, &files, NULL, (char *const *)(uintptr_t)args, environ);
    posix_spawn_file_actions_destroy(&files);
    return r == 0 ? 0 : g20_fail(e, -r, "%s: %s", env->program, g20_strerror(-r));
}

int bench_wait(pid_t pid, struct g20_err *e)
{
    int status = 0;

    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return g20_fail(e, -errno, "waitpid: %s", g20_strerror(-errno));
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return g20_fail(e, -EIO, "g20 ended with status 0x%x", (unsigned)status);
    return 0;
}

/* The port once ports.json is there; 0 not yet. */
static int port_of(const char *path)
{
    json_t *o = json_load_file(path, 0, NULL);
    const int port = (int)json_integer_value(json_object_get(o, "http"));

    json_decref(o);
    return port;
}

static int start(struct bench_daemon *d, const struct g20_bench_env *env, const char *driver,
                 const char *source, bool has_ring, struct g20_err *e)
{
    char runtime[512], cache[512], base[512], ports[600];

    *d = (struct bench_daemon){0};
    if (!env->program || !env->tmp_dir)
        return g20_fail(e, -EINVAL, "the program or a folder for it is not known");
    snprintf(runtime, sizeof(runtime), "paths.runtime_dir=%s", env->tmp_dir);
    snprintf(cache, sizeof(cache), "paths.cache_dir=%s", env->tmp_dir);
    snprintf(base, sizeof(base), "paths.base_dir=%s", env->tmp_dir);
    snprintf(ports, sizeof(ports), "%s/ports.json", env->tmp_dir);
    const char *const set[] = {
        runtime,
        cache,
        base,
        "server.ws_port=0",
        "server.grpc_port=0",
        "limits.clients=128",
        driver,
        source,
        has_ring ? NULL : "storage.ring_bytes=0",
    };
    const char *args[4 + 2 * G20_COUNT_OF(set) + 1] = {"g20", "serve", "--log-level", "ERROR"};
    for (size_t i = 0, n = 4; i < G20_COUNT_OF(set) && set[i]; i++) {
        args[n++] = "--set";
        args[n++] = set[i];
    }
    const int r = bench_spawn(env, args, &d->pid, e);
    if (r < 0)
        return r;
    const uint64_t until_ns = g20_clock_mono_ns() + LIMIT_MS * 1000000ull;
    while ((d->port = port_of(ports)) == 0) {
        if (g20_clock_mono_ns() > until_ns || waitpid(d->pid, NULL, WNOHANG) != 0) {
            bench_daemon_stop(d);
            return g20_fail(e, -ETIMEDOUT, "g20 serve did not become ready");
        }
        g20_sleep_ns(POLL_NS);
    }
    return 0;
}

int bench_daemon_start(struct bench_daemon *d, const struct g20_bench_env *env, bool has_ring,
                       struct g20_err *e)
{
    return start(d, env, "source.driver=scene", "source.args=", has_ring, e);
}

int bench_daemon_play(struct bench_daemon *d, const struct g20_bench_env *env, const char *args,
                      struct g20_err *e)
{
    char source[800];

    snprintf(source, sizeof(source), "source.args=%s", args);
    return start(d, env, "source.driver=file", source, true, e);
}

int bench_daemon_status(const struct g20_bench_env *env, json_t **ret, struct g20_err *e)
{
    char path[600];

    snprintf(path, sizeof(path), "%s/g20.sock", env->tmp_dir);
    return g20_control_ask(path, "{\"command\":\"status\"}", LIMIT_MS, ret, e);
}

int bench_daemon_work(const struct bench_daemon *d, const struct g20_bench_env *env,
                      double *ret_samples, double *ret_cpu_s, struct g20_err *e)
{
    char path[600], line[1024];
    json_t *status = NULL;
    int r;

    r = bench_daemon_status(env, &status, e);
    if (r < 0)
        return r;
    const json_t *samples = json_object_get(json_object_get(status, "source"), "samples");
    *ret_samples = (double)json_integer_value(samples);
    r = json_is_integer(samples) ? 0 : g20_fail(e, -EIO, "the daemon tells no samples");
    json_decref(status);
    snprintf(path, sizeof(path), "/proc/%d/stat", (int)d->pid);
    FILE *f = fopen(path, "r");
    const char *name_end = f && fgets(line, sizeof(line), f) ? strrchr(line, ')') : NULL;
    if (f)
        fclose(f);
    const char *at = name_end;
    for (int field = 2; at && field < 14; field++) /* utime is the 14th, stime the 15th */
        at = strchr(at + 1, ' ');
    if (r < 0 || !at)
        return r < 0 ? r : g20_fail(e, -EIO, "%s tells no processor time", path);
    char *end;
    const double user = strtod(at, &end), kernel = strtod(end, NULL);
    *ret_cpu_s = (user + kernel) / (double)sysconf(_SC_CLK_TCK);
    return 0;
}

void bench_daemon_stop(struct bench_daemon *d)
{
    if (d->pid <= 0)
        return;
    kill(d->pid, SIGTERM); /* ends within 5 s by itself */
    while (waitpid(d->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    d->pid = 0;
}

static int receive(struct bench_client *c, int timeout_ms)
{
    struct pollfd p = {.fd = c->fd, .events = POLLIN};

    if (c->used > 0) {
        memmove(c->buf, c->buf + c->used, c->have - c->used);
        c->have -= c->used;
        c->used = 0;
    }
    if (c->have == BENCH_CLIENT_BYTES)
        return -EMSGSIZE;
    if (poll(&p, 1, timeout_ms) <= 0)
        return -ETIMEDOUT;
    const ssize_t n = recv(c->fd, c->buf + c->have, BENCH_CLIENT_BYTES - c->have, 0);
    if (n <= 0)
        return n < 0 ? -errno : -ECONNRESET;
    c->have += (size_t)n;
    return 0;
}

int bench_client_open(struct bench_client *c, const struct bench_daemon *d, struct g20_err *e)
{
    const struct sockaddr_in to = {.sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)d->port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char ask[256];

    *c = (struct bench_client){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    c->buf = g20_calloc(BENCH_CLIENT_BYTES + 1, 1);
    if (c->fd < 0 || !c->buf)
        return g20_fail(e, -ENOMEM, "no socket");
    if (connect(c->fd, (const struct sockaddr *)&to, sizeof(to)) < 0)
        return g20_fail(e, -errno, "connect: %s", g20_strerror(-errno));
    const int n =
        snprintf(ask, sizeof(ask),
                 "GET /ws/pipeline HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
                 "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                 "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
                 d->port);
    if (send(c->fd, ask, (size_t)n, MSG_NOSIGNAL) != n)
        return g20_fail(e, -EIO, "handshake: %s", g20_strerror(-errno));
    for (;;) {
        const int r = receive(c, LIMIT_MS);
        if (r < 0)
            return g20_fail(e, r, "handshake: %s", g20_strerror(r));
        c->buf[c->have] = '\0';
        const char *end = strstr((const char *)c->buf, "\r\n\r\n");
        if (!end)
            continue;
        c->used = (size_t)(end + 4 - (const char *)c->buf);
        return strncmp((const char *)c->buf, "HTTP/1.1 101", 12) == 0
                   ? 0
                   : g20_fail(e, -EPROTO, "handshake refused");
    }
}

void bench_client_close(struct bench_client *c)
{
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
    g20_free(c->buf);
    c->buf = NULL;
}

/* One whole frame (RFC 6455, from a server: not masked) if it has come: its payload. */
static bool take_frame(struct bench_client *c, const unsigned char **ret, size_t *ret_len)
{
    const unsigned char *p = c->buf + c->used;
    const size_t have = c->have - c->used;
    size_t head = 2, len;

    if (have < 2)
        return false;
    len = p[1] & 127;
    if (len >= 126) {
        const size_t bytes = len == 126 ? 2 : 8;
        if (have < head + bytes)
            return false;
        len = 0;
        for (size_t i = 0; i < bytes; i++)
            len = len << 8 | p[2 + i];
        head += bytes;
    }
    if (len > BENCH_CLIENT_BYTES || have < head + len)
        return false;
    *ret = p + head;
    *ret_len = len;
    c->used += head + len;
    return true;
}

int bench_client_next(struct bench_client *c, const char *magic, const unsigned char **ret,
                      size_t *ret_len, struct g20_err *e)
{
    const uint64_t until_ns = g20_clock_mono_ns() + LIMIT_MS * 1000000ull;

    for (;;) {
        while (take_frame(c, ret, ret_len))
            if (*ret_len >= 4 && memcmp(*ret, magic, 4) == 0)
                return 0;
        if (g20_clock_mono_ns() > until_ns)
            return g20_fail(e, -ETIMEDOUT, "no %s message came", magic);
        const int r = receive(c, LIMIT_MS);
        if (r < 0)
            return g20_fail(e, r, "waiting for %s: %s", magic, g20_strerror(r));
    }
}

bool bench_client_try(struct bench_client *c, const char *magic, const unsigned char **ret,
                      size_t *ret_len)
{
    do {
        while (take_frame(c, ret, ret_len))
            if (*ret_len >= 4 && memcmp(*ret, magic, 4) == 0)
                return true;
    } while (receive(c, 0) == 0);
    return false;
}

void bench_client_drain(struct bench_client *c)
{
    const unsigned char *p;
    size_t len;

    do {
        while (take_frame(c, &p, &len))
            ;
    } while (receive(c, 0) == 0);
}
