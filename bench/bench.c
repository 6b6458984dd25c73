/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "bench.h"

#include "base/alloc.h"

#include <errno.h>
#include <stdlib.h>

/* Every @step-th value offered is kept; when the room is full, every other one is thrown out. */
struct g20_bench_samples {
    double *v;
    size_t n;
    uint64_t offered, step;
};

void g20_bench_add(struct g20_bench_samples *s, double value)
{
    if (s->offered++ % s->step != 0)
        return;
    if (s->n == G20_BENCH_MAX_SAMPLES) {
        for (size_t i = 0; i < s->n / 2; i++)
            s->v[i] = s->v[2 * i];
        s->n /= 2;
        s->step *= 2;
    }
    s->v[s->n++] = value;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double g20_bench_quantile(double *v, size_t n, double q)
{
    qsort(v, n, sizeof(*v), by_value);

    const double at = q * (double)(n - 1);
    const size_t i = (size_t)at;
    if (i + 1 >= n)
        return v[n - 1];
    return v[i] + (v[i + 1] - v[i]) * (at - (double)i);
}

static int measure(const struct g20_bench_row *row, void *state, bool quick,
                   struct g20_bench_samples *ours, struct g20_bench_samples *peers,
                   struct g20_err *e)
{
    const uint32_t rounds =
        quick ? G20_MIN(2u, row->rounds ? row->rounds : 2u) : (row->rounds ? row->rounds : 20u);

    for (uint32_t i = 0; i < rounds; i++) {
        int r = row->run(state, ours, e);
        if (r >= 0 && row->run_peer)
            r = row->run_peer(state, peers, e);
        if (r < 0)
            return r;
        if (i == 0 && rounds > 1) { /* the warm-up */
            ours->n = peers->n = 0;
            ours->offered = peers->offered = 0;
        }
    }
    return ours->n > 0 ? 0 : g20_fail(e, -ENODATA, "no samples");
}

static bool reaches(const struct g20_bench_row *row, double value, double target)
{
    return row->higher_is_better ? value >= target : value <= target;
}

static void judge(const struct g20_bench_row *row, struct g20_bench_result *ret)
{
    const bool done = ret->state == G20_BENCH_DONE;

    ret->has_target = row->target > 0 || row->target_p99 > 0 || row->target_ratio > 0;
    if (row->target > 0)
        ret->target = row->target;
    else if (row->target_p99 > 0)
        ret->target = row->target_p99;
    else if (row->target_ratio > 0)
        ret->target = row->target_ratio * ret->peer_median; /* NAN as long as unmeasured */
    ret->met = done && ret->has_target;
    if (row->target > 0 && !reaches(row, ret->median, row->target))
        ret->met = false;
    if (row->target_p99 > 0 && !reaches(row, ret->p99, row->target_p99))
        ret->met = false;
    if (row->target_ratio > 0 && !reaches(row, ret->ratio, row->target_ratio))
        ret->met = false;
}

void g20_bench_run(const struct g20_bench_row *row, const struct g20_bench_env *env,
                   struct g20_bench_result *ret)
{
    struct g20_bench_samples ours = {.step = 1}, peers = {.step = 1};
    void *state = NULL;
    int r = -ENOMEM;

    *ret = (struct g20_bench_result){.row = row,
                                     .state = G20_BENCH_MISSING,
                                     .median = NAN,
                                     .p99 = NAN,
                                     .peer_median = NAN,
                                     .ratio = NAN,
                                     .target = NAN};
    if (!row->run) {
        judge(row, ret);
        return;
    }
    ours.v = g20_calloc(G20_BENCH_MAX_SAMPLES, sizeof(double));
    peers.v = g20_calloc(G20_BENCH_MAX_SAMPLES, sizeof(double));
    if (ours.v && peers.v) {
        r = row->setup ? row->setup(&state, env, &ret->reason) : 0;
        if (r >= 0)
            r = measure(row, state, env->quick, &ours, &peers, &ret->reason);
        if (row->teardown)
            row->teardown(state);
    }
    ret->state = r >= 0 ? G20_BENCH_DONE : G20_BENCH_FAILED;
    if (r < 0 && !ret->reason.msg[0])
        g20_fail(&ret->reason, r, "%s", g20_strerror(r));
    if (r >= 0) {
        ret->median = g20_bench_quantile(ours.v, ours.n, 0.5);
        ret->p99 = g20_bench_quantile(ours.v, ours.n, row->higher_is_better ? 0.01 : 0.99);
        if (peers.n > 0) {
            ret->peer_median = g20_bench_quantile(peers.v, peers.n, 0.5);
            ret->ratio = ret->median / ret->peer_median;
        }
    }
    judge(row, ret);
    g20_free(peers.v);
    g20_free(ours.v);
}
