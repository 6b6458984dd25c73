/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Rows that time the program as a user runs it: `g20 detect` on a recording, `g20 serve` on the
 * scene at 20 MS/s (made in the same process, or played from a file) and its clients. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/rng.h"
#include "bench.h"
#include "daemon.h"
#include "scene_file.h"
#include "server/wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern const struct g20_bench_row g20_bench_program_rows[];

enum { CLIENTS = 4, BOXES = 10, DECODES = 1000 };

struct program {
    struct g20_bench_env env;
    char file[640];
    uint64_t samples; /* in @file */
    struct bench_daemon daemon;
    struct bench_client client[CLIENTS];
};

static void teardown(void *state)
{
    struct program *p = state;

    if (!p)
        return;
    for (int i = 0; i < CLIENTS; i++)
        bench_client_close(&p->client[i]);
    bench_daemon_stop(&p->daemon);
    if (p->file[0])
        unlink(p->file);
    g20_free(p);
}

static int setup(void **ret_state, const struct g20_bench_env *env, struct g20_err *e)
{
    struct program *p = g20_calloc(1, sizeof(*p));

    if (!p)
        return -ENOMEM;
    for (int i = 0; i < CLIENTS; i++)
        p->client[i].fd = -1;
    p->env = *env;
    *ret_state = p;
    return env->program && env->tmp_dir ? 0 : g20_fail(e, -EINVAL, "no folder to work in");
}

/* --- g20 detect --- */

static int setup_detect(void **ret_state, const struct g20_bench_env *env, struct g20_err *e)
{
    const int r = setup(ret_state, env, e);
    struct program *p = *ret_state;

    if (r < 0)
        return r;
    snprintf(p->file, sizeof(p->file), "%s/scene.iq", env->tmp_dir);
    return bench_scene_file(p->file, env->quick, &p->samples, e);
}

static int run_detect(void *state, struct g20_bench_samples *out, struct g20_err *e)
{
    struct program *p = state;
    char file[700];
    pid_t pid = 0;

    snprintf(file, sizeof(file), "%s,format=ci16_le,rate=20e6", p->file);
    const char *const args[] = {"g20", "detect", "-q", "--format", "jsonl", file, NULL};
    const uint64_t start_ns = g20_clock_mono_ns();
    int r = bench_spawn(&p->env, args, &pid, e);
    if (r >= 0)
        r = bench_wait(pid, e);
    if (r < 0)
        return r;
    g20_bench_add(out, (double)p->samples * 1e3 / g20_bench_ns(start_ns, g20_clock_mono_ns()));
    return 0;
}

/* --- g20 train head --- */

/* Three recordings with some twenty labelled emissions. */
static int setup_lesson(void **ret_state, const struct g20_bench_env *env, struct g20_err *e)
{
    int r = setup(ret_state, env, e);
    struct program *p = *ret_state;
    pid_t pid = 0;

    if (r < 0)
        return r;
    const char *const args[] = {"g20",
                                "synth",
                                "-q",
                                "-o",
                                env->tmp_dir,
                                "--scene",
                                "kind=ssb,seed=11,seconds=0.25,density=0.5,snr_min=5",
                                "--scene",
                                "kind=ssb,seed=12,seconds=0.25,density=0.5,snr_min=5",
                                "--scene",
                                "kind=ssb,seed=13,seconds=0.25,density=0.5,snr_min=5",
                                NULL};
    r = bench_spawn(&p->env, args, &pid, e);
    return r < 0 ? r : bench_wait(pid, e);
}

static int run_lesson(void *state, struct g20_bench_samples *out, struct g20_err *e)
{
    struct program *p = state;
    char lesson[3][640], head[640];
    pid_t pid = 0;

    for (int i = 0; i < 3; i++)
        snprintf(lesson[i], sizeof(lesson[i]), "%s/scene-%d", p->env.tmp_dir, i + 1);
    snprintf(head, sizeof(head), "%s/ssb.onnx", p->env.tmp_dir);
    const char *const args[] = {"g20",
                                "train",
                                "head",
                                "ssb",
                                "-q",
                                "-o",
                                head,
                                lesson[0],
                                lesson[1],
                                lesson[2],
                                p->env.quick ? "--scenes" : NULL,
                                "4",
                                NULL};
    const uint64_t start_ns = g20_clock_mono_ns();
    int r = bench_spawn(&p->env, args, &pid, e);
    if (r >= 0)
        r = bench_wait(pid, e);
    if (r >= 0)
        g20_bench_add(out, g20_bench_ns(start_ns, g20_clock_mono_ns()) * 1e-9);
    return r;
}

/* --- g20 serve --- */

static int run_start(void *state, struct g20_bench_samples *out, struct g20_err *e)
{
    struct program *p = state;
    const unsigned char *row;
    size_t len;
    const uint64_t start_ns = g20_clock_mono_ns();
    int r = bench_daemon_start(&p->daemon, &p->env, true, e);

    if (r >= 0)
        r = bench_client_open(&p->client[0], &p->daemon, e);
    if (r >= 0)
        r = bench_client_next(&p->client[0], "WF01", &row, &len, e);
    if (r >= 0)
        g20_bench_add(out, g20_bench_ns(start_ns, g20_clock_mono_ns()) * 1e-9);
    bench_client_close(&p->client[0]);
    bench_daemon_stop(&p->daemon);
    return r;
}

static int setup_memory(void **ret_state, const struct g20_bench_env *env, struct g20_err *e)
{
    int r = setup(ret_state, env, e);
    struct program *p = *ret_state;

    if (r >= 0)
        r = bench_daemon_start(&p->daemon, env, false, e);
    for (int i = 0; i < CLIENTS && r >= 0; i++)
        r = bench_client_open(&p->client[i], &p->daemon, e);
    return r;
}

/* The most that was ever resident, with its four clients served for a while. */
static int run_memory(void *state, struct g20_bench_samples *out, struct g20_err *e)
{
    struct program *p = state;
    char path[64], line[256];
    double kib = 0;
    const uint64_t until_ns = g20_clock_mono_ns() + (p->env.quick ? 1 : 20) * 1000000000ull;

    while (g20_clock_mono_ns() < until_ns) {
        for (int k = 0; k < CLIENTS; k++)
            bench_client_drain(&p->client[k]);
        g20_sleep_ns(10000000);
    }
    snprintf(path, sizeof(path), "/proc/%d/status", (int)p->daemon.pid);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof(line), f))
        if (strncmp(line, "VmHWM:", 6) == 0)
            kib = strtod(line + 6, NULL);
    if (f)
        fclose(f);
    if (kib <= 0)
        return g20_fail(e, -EIO, "%s tells no VmHWM", path);
    g20_bench_add(out, kib * 1024 * 1e-6);
    return 0;
}

/* A recording of the scene's samples, played as if it had been taken at @rate, to four clients. */
static int setup_live(void **ret_state, const struct g20_bench_env *env, const char *rate,
                      struct g20_err *e)
{
    char args[720];
    int r = setup_detect(ret_state, env, e);
    struct program *p = *ret_state;

    if (r < 0)
        return r;
    snprintf(args, sizeof(args), "%s,format=ci16_le,rate=%s", p->file, rate);
    r = bench_daemon_play(&p->daemon, env, args, e);
    for (int i = 0; i < CLIENTS && r >= 0; i++)
        r = bench_client_open(&p->client[i], &p->daemon, e);
    return r;
}

static int setup_live_20m(void **ret_state, const struct g20_bench_env *env, struct g20_err *e)
{
    return setup_live(ret_state, env, "20e6", e);
}

static int setup_live_61m(void **ret_state, const struct g20_bench_env *env, struct g20_err *e)
{
    return setup_live(ret_state, env, "61.44e6", e);
}

/* From the UTC of the tile's last sample to the UTC at which a client has its boxes. Played, not
 * made: a radio takes no core for its samples. */
static int run_end_to_end(void *state, struct g20_bench_samples *out, struct g20_err *e)
{
    struct program *p = state;
    const int tiles = p->env.quick ? 1 : 40;

    for (int i = 0; i < tiles; i++) {
        const unsigned char *msg;
        struct g20_wire_box box[1];
        struct g20_dt01 h;
        size_t len;
        int r = bench_client_next(&p->client[0], "DT01", &msg, &len, e);

        const uint64_t now_us = g20_clock_utc_us();
        if (r >= 0)
            r = g20_dt01_decode(msg, len, &h, box, G20_COUNT_OF(box), e);
        if (r < 0)
            return r;
        g20_bench_add(out, ((double)now_us - (double)h.time_us) * 1e-3 - h.duration_s * 1e3);
        for (int k = 1; k < CLIENTS; k++)
            bench_client_drain(&p->client[k]);
    }
    return 0;
}

/* What the daemon takes in and what that costs, after it has found its pace and the default's ring
 * of IQ has been round once: until then the system clears its pages. */
static int watch_live(struct program *p, double *ret_samples_per_s, double *ret_cores,
                      struct g20_err *e)
{
    double samples[2] = {0}, cpu_s[2] = {0};
    uint64_t at_ns[2] = {0};

    for (int i = 0; i < 2; i++) {
        const int seconds = p->env.quick ? 1 : i == 0 ? 15 : 30;
        const uint64_t until_ns = g20_clock_mono_ns() + (uint64_t)seconds * 1000000000u;

        while (g20_clock_mono_ns() < until_ns) {
            for (int k = 0; k < CLIENTS; k++)
                bench_client_drain(&p->client[k]);
            g20_sleep_ns(10000000);
        }
        at_ns[i] = g20_clock_mono_ns();
        const int r = bench_daemon_work(&p->daemon, &p->env, &samples[i], &cpu_s[i], e);
        if (r < 0)
            return r;
    }
    const double s = g20_bench_ns(at_ns[0], at_ns[1]) * 1e-9;
    *ret_samples_per_s = (samples[1] - samples[0]) / s;
    *ret_cores = (cpu_s[1] - cpu_s[0]) / s;
    return 0;
}

static int run_live_rate(void *state, struct g20_bench_samples *out, struct g20_err *e)
{
    double rate, cores;
    const int r = watch_live(state, &rate, &cores, e);

    if (r >= 0)
        g20_bench_add(out, rate * 1e-6);
    return r;
}

static int run_live_cpu(void *state, struct g20_bench_samples *out, struct g20_err *e)
{
    double rate, cores;
    const int r = watch_live(state, &rate, &cores, e);

    if (r >= 0 && rate < 19.8e6 && !((struct program *)state)->env.quick)
        return g20_fail(e, -EIO, "it did not keep up: %.1f MS/s", rate * 1e-6);
    if (r >= 0)
        g20_bench_add(out, 100.0 * cores);
    return r;
}

/* --- messages --- */

static int run_decode(void *state, struct g20_bench_samples *out, struct g20_err *e)
{
    struct g20_wire_box box[BOXES], got[BOXES];
    struct g20_dt01 h = {.time_us = 1, .span_hz = 20e6, .duration_s = 0.1, .count = BOXES}, back;
    uint8_t msg[G20_DT01_BYTES + BOXES * G20_WIRE_BOX_BYTES];
    float sum = 0;

    (void)state;
    for (int i = 0; i < BOXES; i++)
        box[i] = (struct g20_wire_box){.x1 = 0.1f * (float)i, .x2 = 1, .y2 = 1, .confidence = 1};
    g20_dt01_encode(&h, box, msg);
    const uint64_t start_ns = g20_clock_mono_ns();
    for (int i = 0; i < DECODES; i++) {
        msg[4] = (uint8_t)i; /* not the same message twice */
        const int r = g20_dt01_decode(msg, sizeof(msg), &back, got, BOXES, e);
        if (r < 0)
            return r;
        sum += got[i % BOXES].x1;
    }
    const uint64_t stop_ns = g20_clock_mono_ns();
    if (!(sum > 0))
        return g20_fail(e, -EIO, "the boxes came back wrong");
    g20_bench_add(out, g20_bench_ns(start_ns, stop_ns) / DECODES);
    return 0;
}

const struct g20_bench_row g20_bench_program_rows[] = {
    {.name = "detections_decode",
     .what = "a DT01 message with 10 boxes to plain structs",
     .unit = "ns",
     .target = 50,
     .run = run_decode},
    {.name = "recorded_detect",
     .what = "g20 detect on 4 s of the scene at 20 MS/s, process start to end",
     .unit = "MS/s",
     .higher_is_better = true,
     .target = 100,
     .setup = setup_detect,
     .run = run_detect,
     .teardown = teardown,
     .rounds = 4},
    {.name = "start_first_row",
     .what = "g20 serve: start of the process to the first row at a client",
     .unit = "s",
     .target = 0.5,
     .setup = setup,
     .run = run_start,
     .teardown = teardown,
     .rounds = 6},
    {.name = "end_to_end",
     .what = "a tile's last sample to its DT01 at a client, 20 MS/s, 4 clients",
     .unit = "ms",
     .target = 5,
     .target_p99 = 10,
     .setup = setup_live_20m,
     .run = run_end_to_end,
     .teardown = teardown,
     .rounds = 4},
    {.name = "serve_memory",
     .what = "most resident memory of g20 serve, ring off, scene at 20 MS/s, 4 clients, 20 s",
     .unit = "MB",
     .target = 300,
     .setup = setup_memory,
     .run = run_memory,
     .teardown = teardown,
     .rounds = 1},
    {.name = "live_20M_cpu",
     .what = "g20 serve at 20 MS/s with the network, 4 clients: share of one core, 30 s",
     .unit = "%",
     .target = 60,
     .setup = setup_live_20m,
     .run = run_live_cpu,
     .teardown = teardown,
     .rounds = 1},
    {.name = "live_61M44",
     .what = "what g20 serve takes in of 61.44 MS/s, 4 clients, 30 s",
     .unit = "MS/s",
     .higher_is_better = true,
     .target = 61.4,
     .setup = setup_live_61m,
     .run = run_live_rate,
     .teardown = teardown,
     .rounds = 1},
    {.name = "training_quick",
     .what = "training on device, preset quick, 20 examples",
     .unit = "s",
     .target = 60.0,
     .rounds = 1,
     .setup = setup_lesson,
     .run = run_lesson,
     .teardown = teardown},
    {.name = NULL},
};
