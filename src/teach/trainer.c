/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "teach/trainer.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINE = 4096, GRACE_MS = 3000, FIRST_FREE_FD = 3 };

struct reader {
    int fd;
    char line[LINE];
    size_t len; /* > LINE: the line is too long, it is dropped */
};

struct run {
    const struct g20_trainer_cfg *cfg;
    struct reader out, err;
    char last[200]; /* message of its last line on standard error */
    pid_t pid;
    int stopped; /* what .stop() said */
    uint64_t kill_ns;
};

static void take_error(struct run *x, const char *line)
{
    json_t *o = json_loads(line, 0, NULL);
    const char *text = json_string_value(json_object_get(o, "message"));

    if (text && strncmp(text, "signal: ", 8) == 0)
        text += 8;
    snprintf(x->last, sizeof(x->last), "%.199s", text ? text : line);
    json_decref(o);
}

static void end_line(struct run *x, struct reader *r)
{
    if (r->len < LINE) {
        r->line[r->len] = '\0';
        if (r == &x->err)
            take_error(x, r->line);
        else
            x->cfg->line(r->line, x->cfg->user);
    }
    r->len = 0;
}

/* false: its end was closed. */
static bool take(struct run *x, struct reader *r)
{
    char buf[1024];
    const ssize_t n = read(r->fd, buf, sizeof(buf));

    if (n < 0)
        return errno == EINTR || errno == EAGAIN;
    for (ssize_t i = 0; i < n; i++) {
        if (buf[i] == '\n')
            end_line(x, r);
        else if (r->len < LINE)
            r->line[r->len++] = buf[i];
    }
    return n > 0;
}

static void stop(struct run *x)
{
    const int how = x->cfg->stop(x->cfg->user);

    if (how > x->stopped) {
        kill(x->pid, how == 2 ? SIGKILL : SIGTERM);
        x->kill_ns = g20_clock_mono_ns() + (uint64_t)GRACE_MS * 1000000;
        x->stopped = how;
    }
    if (x->stopped == 1 && g20_clock_mono_ns() >= x->kill_ns) {
        kill(x->pid, SIGKILL);
        x->stopped = 2;
    }
}

static void watch(struct run *x)
{
    struct pollfd p[] = {{.fd = x->out.fd, .events = POLLIN},
                         {.fd = x->err.fd, .events = POLLIN},
                         {.fd = x->cfg->wake_fd, .events = POLLIN}};

    while (p[0].fd >= 0 || p[1].fd >= 0) {
        stop(x);
        if (x->stopped == 2) /* what it says no longer counts */
            break;
        if (poll(p, 3, x->stopped == 1 ? GRACE_MS : -1) < 0 && errno != EINTR)
            break;
        if (p[0].revents && !take(x, &x->out))
            p[0].fd = -1;
        if (p[1].revents && !take(x, &x->err))
            p[1].fd = -1;
        if (x->stopped) /* asked once more when the time is up */
            p[2].fd = -1;
    }
}

static int prepare(posix_spawn_file_actions_t *files, posix_spawnattr_t *attr, const int *out,
                   const int *err)
{
    sigset_t all, ignored;

    sigemptyset(&all);
    sigemptyset(&ignored);
    sigaddset(&ignored, SIGPIPE);
    if (posix_spawn_file_actions_addopen(files, 0, "/dev/null", O_RDONLY, 0) != 0 ||
        posix_spawn_file_actions_adddup2(files, out[1], 1) != 0 ||
        posix_spawn_file_actions_adddup2(files, err[1], 2) != 0 ||
        posix_spawn_file_actions_addclosefrom_np(files, FIRST_FREE_FD) != 0 ||
        posix_spawnattr_setsigmask(attr, &all) != 0 ||
        posix_spawnattr_setsigdefault(attr, &ignored) != 0 ||
        posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) != 0)
        return -ENOMEM;
    return 0;
}

static int start(struct run *x, const int *out, const int *err, struct g20_err *e)
{
    const struct g20_trainer_cfg *c = x->cfg;
    char seed[32], parent[32], training[4200], models[4200], captures[4200];
    const char *argv[] = {
        "g20",          "train", "signal",  c->signal,  "--preset", c->preset,    "--seed",
        seed,           "--job", c->job_id, "--parent", parent,     "--progress", "--gentle",
        "--log-format", "json",  "--set",   training,   "--set",    captures,     NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    size_t n = 0;

    snprintf(seed, sizeof(seed), "%llu", (unsigned long long)c->seed);
    snprintf(parent, sizeof(parent), "%ld", (long)getpid());
    snprintf(training, sizeof(training), "paths.training_dir=%.4096s", c->training_dir);
    snprintf(captures, sizeof(captures), "paths.capture_dir=%.4096s",
             c->capture_dir ? c->capture_dir : "");
    snprintf(models, sizeof(models), "G20_PATHS__MODELS_DIR=%.4096s", c->models_dir);
    while (environ[n])
        n++;
    char **env = g20_calloc(n + 2, sizeof(*env));
    if (!env)
        return g20_fail(e, -ENOMEM, "training: out of memory");
    env[0] = models; /* the first of a name counts */
    memcpy(env + 1, environ, n * sizeof(*env));
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attr);
    int r = prepare(&files, &attr, out, err);
    if (r == 0)
        r = -posix_spawn(&x->pid, c->exe, &files, &attr, (char *const *)argv, env);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attr);
    g20_free(env);
    return r < 0 ? g20_fail(e, r, "cannot start the training: %s", g20_strerror(r)) : 0;
}

int g20_trainer_run(const struct g20_trainer_cfg *cfg, struct g20_err *e)
{
    struct run *x = g20_calloc(1, sizeof(*x));
    int out[2] = {-1, -1}, err[2] = {-1, -1}, status = 0;
    int r = 0;

    if (!x)
        return g20_fail(e, -ENOMEM, "training: out of memory");
    x->cfg = cfg;
    if (pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
        r = g20_fail(e, -errno, "cannot start the training: %s", g20_strerror(-errno));
    else
        r = start(x, out, err, e);
    for (int i = 0; i < 2; i++) {
        int *fd = i ? err : out;
        if (fd[1] >= 0)
            close(fd[1]);
    }
    if (r >= 0) {
        x->out.fd = out[0];
        x->err.fd = err[0];
        watch(x);
        while (waitpid(x->pid, &status, 0) < 0 && errno == EINTR)
            continue;
        if (x->stopped)
            r = g20_fail(e, -ECANCELED, "cancelled");
        else if (!WIFEXITED(status))
            r = g20_fail(e, -ECHILD, "the training was killed (signal %d)", WTERMSIG(status));
        else if (WEXITSTATUS(status) != 0)
            r = g20_fail(e, -ECHILD, "%s",
                         x->last[0] ? x->last : "the training failed without a word");
    }
    if (out[0] >= 0)
        close(out[0]);
    if (err[0] >= 0)
        close(err[0]);
    g20_free(x);
    return r;
}
