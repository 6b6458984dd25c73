/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* daemon: a `g20 serve` of our own on the scene, and a WebSocket client of it, for the rows that
 * time the whole program. Loopback only; every wait is bounded. */
#ifndef G20_BENCH_DAEMON_H
#define G20_BENCH_DAEMON_H

#include "base/err.h"
#include "bench.h"

#include <jansson.h>
#include <sys/types.h>

struct bench_daemon {
    pid_t pid; /* 0: none runs */
    int port;
};

/* Runs @env->program, as argv up to a NULL; the child's id, or a negative error. */
G20_MUST_USE int bench_spawn(const struct g20_bench_env *env, const char *const *args, pid_t *ret,
                             struct g20_err *e);
/* Waits for it; 0 when it ended with exit code 0. */
G20_MUST_USE int bench_wait(pid_t pid, struct g20_err *e);

/* On any free port, ready when it returns; its folders are in @env->tmp_dir. The IQ ring has the
 * default's room, or none. */
G20_MUST_USE int bench_daemon_start(struct bench_daemon *d, const struct g20_bench_env *env,
                                    bool has_ring, struct g20_err *e);
/* The same on a recording, again and again at its own speed. @args: as source.args. */
G20_MUST_USE int bench_daemon_play(struct bench_daemon *d, const struct g20_bench_env *env,
                                   const char *args, struct g20_err *e);

/* Samples that its pipeline has taken in, and seconds of processor time that all its threads took.
 */
G20_MUST_USE int bench_daemon_work(const struct bench_daemon *d, const struct g20_bench_env *env,
                                   double *ret_samples, double *ret_cpu_s, struct g20_err *e);
/* What its control socket answers to "status"; the caller owns it. */
G20_MUST_USE int bench_daemon_status(const struct g20_bench_env *env, json_t **ret,
                                     struct g20_err *e);
void bench_daemon_stop(struct bench_daemon *d); /* one that never started is fine */

enum { BENCH_CLIENT_BYTES = 1 << 20 };

struct bench_client {
    int fd; /* -1: not connected */
    size_t have, used;
    unsigned char *buf; /* (BENCH_CLIENT_BYTES) received; @used of it handed out already */
};

/* /ws/pipeline of @d. bench_client_close() after a failure too. */
G20_MUST_USE int bench_client_open(struct bench_client *c, const struct bench_daemon *d,
                                   struct g20_err *e);
void bench_client_close(struct bench_client *c);

/* The payload of the next message that begins with the four bytes @magic, borrowed until the next
 * call; others are passed over. -ETIMEDOUT after 20 s. */
G20_MUST_USE int bench_client_next(struct bench_client *c, const char *magic,
                                   const unsigned char **ret, size_t *ret_len, struct g20_err *e);
/* The same of what has come already, without waiting; false when there is none. */
bool bench_client_try(struct bench_client *c, const char *magic, const unsigned char **ret,
                      size_t *ret_len);
/* Throw away what has come, without waiting. */
void bench_client_drain(struct bench_client *c);

#endif
