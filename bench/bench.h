/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* bench: the rows of `g20 bench`, how they are run and how they are reported.
 *
 * A row is one figure with a unit and, where there is one, a target and a peer: another way of
 * doing the same work, timed in turn with ours in the same run so that both see the same machine.
 * A row without a run function is printed as "not implemented", never with a figure.
 *
 * To add rows: a table in bench/bench_<topic>.c ending in a row without a name, one line in
 * bench/rows.c. docs/benchmarks.md explains every row. Everything here is for one thread. */
#ifndef G20_BENCH_BENCH_H
#define G20_BENCH_BENCH_H

#include "base/err.h"
#include "base/text.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

/* What a row may need to know. Borrowed for the run. */
struct g20_bench_env {
    bool quick;          /* smoke test: smallest work that gives a figure; speed is not judged */
    const char *program; /* path of the running g20, to start another one; NULL unknown */
    const char *tmp_dir; /* an empty folder, removed with its files afterwards */
    const char *model, *model_int8; /* files of the shipped network; NULL: not found */
    const char *wisdom_dir;         /* FFT plan cache; NULL: none */
    const char *onnxruntime;        /* its library, as nn/ort.h has it */
};

struct g20_bench_samples;

/* One measured value in the row's unit. Room is taken before the clock runs: it never fails, what
 * is over G20_BENCH_MAX_SAMPLES is thinned out evenly. */
#define G20_BENCH_MAX_SAMPLES 65536
void g20_bench_add(struct g20_bench_samples *s, double value);

struct g20_bench_row {
    const char *name; /* stable key in the JSON, for example "fft_4096" */
    const char *what; /* one line for people */
    const char *unit; /* "us", "MS/s", "MB", "%" ... */
    bool higher_is_better;

    /* Each 0 when there is none (no row has a target of zero). All that are given must hold. */
    double target;       /* the median must reach it */
    double target_p99;   /* the 99th percentile (of the worse side) must reach it */
    double target_ratio; /* median / peer's median must reach it */

    const char *peer; /* name of the peer; NULL none */

    /* All but run may be NULL. *ret_state is NULL before; teardown copes with that. */
    int (*setup)(void **ret_state, const struct g20_bench_env *env, struct g20_err *e);
    /* One round: add one or more samples. Called @rounds times, in turn with run_peer. */
    int (*run)(void *state, struct g20_bench_samples *out, struct g20_err *e);
    int (*run_peer)(void *state, struct g20_bench_samples *out, struct g20_err *e);
    void (*teardown)(void *state);
    uint32_t rounds; /* 0: 20; the first round of each is not counted (caches, clocks) unless 1 */
};

enum g20_bench_state { G20_BENCH_DONE, G20_BENCH_MISSING, G20_BENCH_FAILED };

/* Figures are NAN where there is none. */
struct g20_bench_result {
    const struct g20_bench_row *row;
    enum g20_bench_state state;
    double median, p99, peer_median, ratio;
    double target;         /* in the row's unit: of the median, else of p99, else ratio x peer */
    bool has_target, met;  /* met is false unless every target given holds */
    struct g20_err reason; /* of a failure */
};

/* All rows in the order of printing; ends with a row without a name. */
const struct g20_bench_row *const *g20_bench_rows(size_t *ret_count);

/* Set up, run and tear down one row. Never fails: a failure is in *ret. */
void g20_bench_run(const struct g20_bench_row *row, const struct g20_bench_env *env,
                   struct g20_bench_result *ret);

/* protocol.md section 9: a JSON list; and the same for people. */
void g20_bench_json(const struct g20_bench_result *res, size_t n, struct g20_text *out);
void g20_bench_table(const struct g20_bench_result *res, size_t n, struct g20_text *out);

/* Compare @n results with the JSON of an earlier run. One line a row that both have into @out;
 * returns how many got worse by more than @worse_pct percent, G20_EFORMAT for a bad document. */
G20_MUST_USE int g20_bench_compare(const struct g20_bench_result *res, size_t n, const char *json,
                                   size_t len, double worse_pct, struct g20_text *out,
                                   struct g20_err *e);

/* The value below which the share @q (0..1) of the samples lies; sorts @v in place. n >= 1. */
double g20_bench_quantile(double *v, size_t n, double q);

static inline double g20_bench_ns(uint64_t from_ns, uint64_t to_ns)
{
    return (double)(to_ns - from_ns);
}

#endif
