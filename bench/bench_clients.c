/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The rows of many WebSocket clients: what a hundred of them, one of which reads nothing, cost the
 * server's thread, and the pipeline. */
#include "base/alloc.h"
#include "base/clock.h"
#include "bench.h"
#include "daemon.h"
#include "scene_file.h"
#include "server/wire.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern const struct g20_bench_row g20_bench_clients_rows[];

enum { CLIENTS = 100, QUICK_CLIENTS = 5, ROWS_PER_S = 30, TILES = 400 };

struct crowd {
    struct bench_daemon daemon;
    struct g20_bench_env env;
    int n;
    uint64_t round_ns;
    char file[600];                      /* that is played; "": the scene is made */
    struct bench_client client[CLIENTS]; /* the first one is stalled */
    uint64_t rows[CLIENTS];
};

static void teardown(void *state)
{
    struct crowd *c = state;

    if (!c)
        return;
    for (int i = 0; i < CLIENTS; i++)
        bench_client_close(&c->client[i]);
    bench_daemon_stop(&c->daemon);
    if (c->file[0])
        unlink(c->file);
    g20_free(c);
}

static int start(struct crowd *c, bool played, struct g20_err *e)
{
    char args[700];
    uint64_t samples;

    if (!played)
        return bench_daemon_start(&c->daemon, &c->env, true, e);
    snprintf(c->file, sizeof(c->file), "%s/crowd.iq", c->env.tmp_dir);
    const int r = bench_scene_file(c->file, c->env.quick, &samples, e);
    snprintf(args, sizeof(args), "%s,format=ci16_le,rate=20e6", c->file);
    return r < 0 ? r : bench_daemon_play(&c->daemon, &c->env, args, e);
}

static int setup(void **ret_state, const struct g20_bench_env *env, bool played, struct g20_err *e)
{
    struct crowd *c = g20_calloc(1, sizeof(*c));
    const unsigned char *msg;
    size_t len;

    if (!c)
        return -ENOMEM;
    for (int i = 0; i < CLIENTS; i++)
        c->client[i].fd = -1;
    c->env = *env;
    c->n = env->quick ? QUICK_CLIENTS : CLIENTS;
    c->round_ns = (env->quick ? 1 : 5) * 1000000000ull;
    *ret_state = c;
    int r = start(c, played, e);
    for (int i = 0; i < c->n && r >= 0; i++)
        r = bench_client_open(&c->client[i], &c->daemon, e);
    if (r >= 0) /* the stream has begun */
        r = bench_client_next(&c->client[1], "WF01", &msg, &len, e);
    return r;
}

static int setup_made(void **ret_state, const struct g20_bench_env *env, struct g20_err *e)
{
    return setup(ret_state, env, false, e);
}

/* A radio takes no core for its samples: nor does a file. */
static int setup_played(void **ret_state, const struct g20_bench_env *env, struct g20_err *e)
{
    return setup(ret_state, env, true, e);
}

/* Processor time of the threads @name of process @pid in seconds; < 0 when there is none. */
static double thread_cpu_s(pid_t pid, const char *name)
{
    char path[64], file[400], line[512] = "";
    double found = -1;

    snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
    DIR *d = opendir(path);
    for (struct dirent *t; d && (t = readdir(d));) {
        snprintf(file, sizeof(file), "%s/%s/stat", path, t->d_name);
        FILE *f = fopen(file, "re");
        const bool read = f && fgets(line, sizeof(line), f);

        if (f)
            fclose(f);
        const char *begin = read ? strchr(line, '(') : NULL,
                   *end = read ? strrchr(line, ')') : NULL;
        if (!begin || !end || (size_t)(end - begin - 1) != strlen(name) ||
            strncmp(begin + 1, name, strlen(name)) != 0)
            continue;
        char *rest = line + (end - line) + 2; /* the state, ten numbers, then user and system */
        double ticks[2] = {0};
        for (int i = 0; i < 11 && rest; i++)
            rest = strchr(rest + 1, ' ');
        if (rest) {
            ticks[0] = strtod(rest, &rest);
            ticks[1] = strtod(rest, NULL);
        }
        found = fmax(found, 0) + (ticks[0] + ticks[1]) / (double)sysconf(_SC_CLK_TCK);
    }
    if (d)
        closedir(d);
    return found;
}

static void count_rows(struct crowd *c, int i)
{
    const unsigned char *msg;
    size_t len;

    while (bench_client_try(&c->client[i], "WF01", &msg, &len))
        c->rows[i]++;
}

/* Percent of one core over five seconds, at 30 rows a second. Fails when a client that reads missed
 * rows. */
static int run(void *state, struct g20_bench_samples *out, struct g20_err *e)
{
    struct crowd *c = state;
    uint64_t before[CLIENTS], most = 0;

    for (int i = 1; i < c->n; i++)
        count_rows(c, i);
    memcpy(before, c->rows, sizeof(before));
    const uint64_t start_ns = g20_clock_mono_ns();
    const double start_s = thread_cpu_s(c->daemon.pid, "g20-server");
    while (g20_clock_mono_ns() - start_ns < c->round_ns) {
        for (int i = 1; i < c->n; i++)
            count_rows(c, i);
        g20_sleep_ns(10000000);
    }
    const double took_s = g20_bench_ns(start_ns, g20_clock_mono_ns()) * 1e-9;
    const double stop_s = thread_cpu_s(c->daemon.pid, "g20-server");
    if (start_s < 0 || stop_s < 0)
        return g20_fail(e, -ENOENT, "the server's thread is not in /proc");
    for (int i = 1; i < c->n; i++)
        most = G20_MAX(most, c->rows[i] - before[i]);
    for (int i = 1; i < c->n; i++)
        if (c->rows[i] - before[i] + 3 < most) /* the edges of the round are not sharp */
            return g20_fail(e, -EIO, "client %d got %llu rows, another one %llu", i,
                            (unsigned long long)(c->rows[i] - before[i]), (unsigned long long)most);
    if (most == 0)
        return g20_fail(e, -EIO, "no rows came");
    /* On a busy machine the source is late: what fewer rows cost is not what was asked. */
    const double due = ROWS_PER_S * took_s;
    g20_bench_add(out, 100 * (stop_s - start_s) / took_s * G20_MAX(due / (double)most, 1.0));
    return 0;
}

/* --- the pipeline, with the clients and (the peer) without --- */

static int gather(struct crowd *c, bool wanted, struct g20_err *e)
{
    int r = 0;

    for (int i = 0; i < c->n && r >= 0; i++) {
        if (wanted && c->client[i].fd < 0)
            r = bench_client_open(&c->client[i], &c->daemon, e);
        else if (!wanted && c->client[i].fd >= 0)
            bench_client_close(&c->client[i]);
    }
    return r;
}

static double pipeline_cpu_s(const struct crowd *c)
{
    static const char *const names[] = {"g20-detect", "g20-nn", "g20-waterfall"};
    double sum = 0;

    for (size_t i = 0; i < G20_COUNT_OF(names); i++)
        sum += fmax(thread_cpu_s(c->daemon.pid, names[i]), 0);
    return sum;
}

/* How long each tile of a round took, in ms, to @ms (TILES); the tiles that there were to @tiles.
 */
static int watch(struct crowd *c, double *ms, int *ret_n, double *tiles, struct g20_err *e)
{
    const uint64_t until_ns = g20_clock_mono_ns() + 2 * c->round_ns;
    json_int_t seen = -1, first = -1;
    int n = 0;

    while (g20_clock_mono_ns() < until_ns && n < TILES) {
        json_t *status = NULL;
        const int r = bench_daemon_status(&c->env, &status, e);
        if (r < 0)
            return r;
        const json_t *p = json_object_get(status, "pipeline");
        const json_int_t now = json_integer_value(json_object_get(p, "tiles"));
        if (seen >= 0 && now != seen)
            ms[n++] = 1e-3 * (double)json_integer_value(json_object_get(p, "tile_latency_us"));
        first = first < 0 ? now : first;
        seen = now;
        json_decref(status);
        for (int i = 1; i < c->n; i++)
            if (c->client[i].fd >= 0)
                bench_client_drain(&c->client[i]);
        g20_sleep_ns(20000000);
    }
    *ret_n = n;
    *tiles = (double)(seen - first);
    return n > 0 && seen > first ? 0 : g20_fail(e, -EIO, "no tiles came");
}

/* One sample a round: the 99th percentile of its tiles. */
static int latency(struct crowd *c, bool clients, struct g20_bench_samples *out, struct g20_err *e)
{
    double ms[TILES], tiles;
    int n = 0, r = gather(c, clients, e);

    if (r >= 0)
        r = watch(c, ms, &n, &tiles, e);
    if (r >= 0)
        g20_bench_add(out, g20_bench_quantile(ms, (size_t)n, 0.99));
    return r;
}

static int latency_with(void *state, struct g20_bench_samples *out, struct g20_err *e)
{
    return latency(state, true, out, e);
}

static int latency_without(void *state, struct g20_bench_samples *out, struct g20_err *e)
{
    return latency(state, false, out, e);
}

/* Processor time: other programs hardly change it, however busy they keep the machine. */
static int cpu(struct crowd *c, bool clients, struct g20_bench_samples *out, struct g20_err *e)
{
    double ms[TILES], tiles;
    int n = 0, r = gather(c, clients, e);
    const double before_s = pipeline_cpu_s(c);

    if (r >= 0)
        r = watch(c, ms, &n, &tiles, e);
    if (r >= 0)
        g20_bench_add(out, 1e3 * (pipeline_cpu_s(c) - before_s) / tiles);
    return r;
}

static int cpu_with(void *state, struct g20_bench_samples *out, struct g20_err *e)
{
    return cpu(state, true, out, e);
}

static int cpu_without(void *state, struct g20_bench_samples *out, struct g20_err *e)
{
    return cpu(state, false, out, e);
}

const struct g20_bench_row g20_bench_clients_rows[] = {
    {.name = "ws_100_clients",
     .what = "the server's thread with 100 WebSocket clients, one stalled, 30 rows/s x 2048 bins",
     .unit = "% core",
     .target = 30.0,
     .setup = setup_made,
     .run = run,
     .teardown = teardown,
     .rounds = 4},
    {.name = "ws_100_clients_p99",
     .what = "99th percentile of the tiles' latency with these clients, 20 MS/s",
     .unit = "ms",
     .target_ratio = 1.1,
     .peer = "no client",
     .setup = setup_played,
     .run = latency_with,
     .run_peer = latency_without,
     .teardown = teardown,
     .rounds = 7},
    {.name = "ws_100_clients_pipeline",
     .what = "processor time of detector and waterfall for each tile with these clients",
     .unit = "ms/tile",
     .target_ratio = 1.1,
     .peer = "no client",
     .setup = setup_played,
     .run = cpu_with,
     .run_peer = cpu_without,
     .teardown = teardown,
     .rounds = 5},
    {.name = NULL},
};
