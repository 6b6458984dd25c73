/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* g20 bench: the rows of bench/, measured, reported and compared with an earlier run. */
#include "app/app.h"
#include "app/models.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/log.h"
#include "bench.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_RESULTS = 64, MAX_OLD_BYTES = 1 << 20 };

struct options {
    const char *json, *compare;
    double worse_pct;
    bool quick, list;
};

static bool wanted(const struct g20_bench_row *row, int n, char *const *names)
{
    for (int i = 0; i < n; i++)
        if (strcmp(row->name, names[i]) == 0)
            return true;
    return n == 0;
}

/* A name that no row has is a usage error, found before anything is timed. */
static int check_names(int n, char *const *names)
{
    size_t count;
    const struct g20_bench_row *const *rows = g20_bench_rows(&count);

    for (int i = 0; i < n; i++) {
        size_t k = 0;
        while (k < count && strcmp(rows[k]->name, names[i]) != 0)
            k++;
        if (k == count)
            return g20_cli_fail("bench", G20_EXIT_INPUT, "no row '%s'; see g20 bench --list",
                                names[i]);
    }
    return G20_EXIT_DONE;
}

static size_t measure(const struct g20_bench_env *env, int n, char *const *names,
                      struct g20_bench_result *res)
{
    size_t count, done = 0;
    const struct g20_bench_row *const *rows = g20_bench_rows(&count);
    const bool show = isatty(STDERR_FILENO) == 1;

    for (size_t i = 0; i < count && done < MAX_RESULTS && !g20_interrupted(); i++) {
        if (!wanted(rows[i], n, names))
            continue;
        if (show)
            fprintf(stderr, "\r\033[K%zu/%zu %s", i + 1, count, rows[i]->name);
        g20_bench_run(rows[i], env, &res[done++]);
    }
    if (show)
        fprintf(stderr, "\r\033[K");
    return done;
}

static int compare(const struct options *o, const struct g20_bench_result *res, size_t n)
{
    struct g20_text out = {0};
    struct g20_err e = {0};
    char *old = NULL;
    size_t len = 0;
    int worse = g20_file_read(o->compare, MAX_OLD_BYTES, &old, &len, &e);

    if (worse < 0)
        return g20_cli_fail("bench", G20_EXIT_INPUT, "%s", e.msg);
    worse = g20_bench_compare(res, n, old, len, o->worse_pct, &out, &e);
    g20_free(old);
    if (worse >= 0 && out.data)
        printf("\n%s", out.data);
    g20_text_fini(&out);
    if (worse < 0)
        return g20_cli_fail("bench", G20_EXIT_INPUT, "%s: %s", o->compare, e.msg);
    if (worse > 0)
        return g20_cli_fail("bench", G20_EXIT_FAILED, "%d of the rows got over %g %% worse", worse,
                            o->worse_pct);
    return G20_EXIT_DONE;
}

static int report(const struct options *o, const struct g20_bench_result *res, size_t n)
{
    struct g20_text table = {0}, json = {0};
    int code = G20_EXIT_DONE;
    bool to_stdout = o->json && strcmp(o->json, "-") == 0;

    g20_bench_table(res, n, &table);
    g20_bench_json(res, n, &json);
    if (table.failed || json.failed || !table.data || !json.data) {
        code = g20_cli_fail("bench", G20_EXIT_FAILED, "out of memory");
    } else {
        fputs(to_stdout ? json.data : table.data, stdout);
        if (o->json && !to_stdout) {
            struct g20_err e = {0};
            const int r = g20_file_write(o->json, json.data, json.len, &e);
            if (r < 0)
                code = g20_cli_fail("bench", G20_EXIT_FAILED, "%s", e.msg);
        }
    }
    g20_text_fini(&json);
    g20_text_fini(&table);
    for (size_t i = 0; i < n; i++)
        if (res[i].state == G20_BENCH_FAILED)
            code = G20_EXIT_FAILED;
    return code;
}

/* What would be of no use after minutes of measuring. */
static int check_files(const struct options *o)
{
    struct g20_err e = {0};

    if (o->json && strcmp(o->json, "-") != 0 && g20_file_can_write(o->json, &e) < 0)
        return g20_cli_fail("bench", G20_EXIT_FAILED, "--json %s", e.msg);
    if (o->compare && access(o->compare, R_OK) < 0)
        return g20_cli_fail("bench", G20_EXIT_INPUT, "--compare %s: %s", o->compare,
                            g20_strerror(-errno));
    return G20_EXIT_DONE;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

static void remove_folder(const char *path)
{
    if (nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS) != 0)
        g20_log(G20_LOG_WARNING, "bench", "a folder is left behind", G20_F_STR("path", path));
}

int g20_cmd_bench(int argc, char **argv)
{
    struct options o = {.worse_pct = 15};
    int first;
    const struct g20_cli_opt opts[] = {
        {"json", 'j', G20_CLI_STR, &o.json, "OUT",
         .help = "write the figures as JSON; - is stdout"},
        {"compare", 'c', G20_CLI_STR, &o.compare, "FILE",
         .help = "JSON of an earlier run; exit 1 when a row got worse"},
        {"worse", 0, G20_CLI_NUM, &o.worse_pct, "PERCENT", 0.0, 1e6,
         .help = "how much worse is too much (15)"},
        {"quick", 0, G20_CLI_NONE, &o.quick,
         .help = "smallest work that gives a figure: tests the rows, not the speed"},
        {"list", 0, G20_CLI_NONE, &o.list, .help = "names of the rows and what they measure"},
    };
    const struct g20_cli cli = {
        .name = "bench",
        .args = "[ROW...]",
        .summary = "Measure latency and throughput on this machine.",
        .about = "Stop other work first. docs/benchmarks.md explains the rows.\n",
        .opts = opts,
        .count = G20_COUNT_OF(opts),
        .max_args = MAX_RESULTS,
    };
    const int r = g20_cli_parse(&cli, argc, argv, &first);

    if (r != G20_CLI_RUN)
        return r;
    if (o.list) {
        size_t count;
        const struct g20_bench_row *const *rows = g20_bench_rows(&count);
        for (size_t i = 0; i < count; i++)
            printf("%-24s %s%s\n", rows[i]->name, rows[i]->what,
                   rows[i]->run ? "" : " (not implemented)");
        return G20_EXIT_DONE;
    }
    int code = check_names(argc - first, argv + first);
    if (code == G20_EXIT_DONE)
        code = check_files(&o);
    if (code != G20_EXIT_DONE)
        return code;

    struct g20_bench_result *res = g20_calloc(MAX_RESULTS, sizeof(*res));
    if (!res)
        return g20_cli_fail("bench", G20_EXIT_FAILED, "out of memory");
    char tmp[] = "/tmp/g20-bench-XXXXXX";
    if (!mkdtemp(tmp)) {
        g20_free(res);
        return g20_cli_fail("bench", G20_EXIT_FAILED, "%s: %s", tmp, g20_strerror(-errno));
    }
    char model[2 * G20_CONFIG_PATH_MAX], int8[2 * G20_CONFIG_PATH_MAX];
    const bool found = g20_models_find("hydra", NULL, false, model, sizeof(model), NULL) >= 0 &&
                       g20_models_find("hydra-int8", NULL, false, int8, sizeof(int8), NULL) >= 0;
    struct g20_config cfg;
    g20_config_default(&cfg);
    if (g20_config_read_env(&cfg, (const char *const *)environ, NULL) < 0)
        g20_config_default(&cfg);
    const struct g20_bench_env env = {.quick = o.quick,
                                      .onnxruntime = cfg.inference.onnxruntime,
                                      .program = "/proc/self/exe",
                                      .tmp_dir = tmp,
                                      .model = found ? model : NULL,
                                      .model_int8 = found ? int8 : NULL};
    g20_interrupt_install();
    const size_t n = measure(&env, argc - first, argv + first, res);
    remove_folder(tmp);
    if (g20_interrupted())
        code = G20_EXIT_FAILED;
    else
        code = report(&o, res, n);
    if (code == G20_EXIT_DONE && o.compare)
        code = compare(&o, res, n);
    g20_free(res);
    return code;
}
