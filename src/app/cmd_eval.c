/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* g20 eval: detectors against recordings whose signals are known. */
#include "app/app.h"
#include "app/found.h"

#include "base/alloc.h"
#include "base/file.h"
#include "eval/score.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct options {
    const char *json;
    double threshold;
    bool quiet;
    int count;
    char *const *metas;
};

/* One recording: truth, emissions, score. */
static int one(const char *meta, const char *model, const struct options *o, struct g20_score *s,
               struct g20_score_file *ret, struct g20_err *e)
{
    struct g20_truth *t = NULL;
    struct g20_found f = {0};
    const struct g20_found_cfg how = {
        .command = "eval", .model = model, .threshold = o->threshold, .quiet = o->quiet};
    int r = g20_truth_load(&t, meta, e);

    if (r >= 0)
        r = g20_found_run(&f, meta, &how, e);
    if (r >= 0 && !g20_interrupted()) {
        r = g20_score_add(s, t, f.item, f.count, ret);
        if (r < 0)
            g20_fail(e, r, "%s: %s", meta, g20_strerror(r));
    }
    g20_found_fini(&f);
    g20_truth_destroy(t);
    return r;
}

/* All recordings with one model: the table goes to stdout, the JSON object to @json. */
static int one_model(const char *model, const struct options *o, struct g20_text *json)
{
    struct g20_score_file *files = g20_calloc((size_t)o->count, sizeof(*files));
    struct g20_score_total *total = g20_calloc(1, sizeof(*total));
    struct g20_score *s = NULL;
    struct g20_text table = {0};
    int code = G20_EXIT_DONE;
    size_t done = 0;

    if (!files || !total || g20_score_create(&s) < 0) {
        code = g20_cli_fail("eval", G20_EXIT_FAILED, "out of memory");
        goto out;
    }
    for (int i = 0; i < o->count && code != G20_EXIT_FAILED && !g20_interrupted(); i++) {
        struct g20_err e = {0};
        const int r = one(o->metas[i], model, o, s, &files[done], &e);
        if (r >= 0)
            done++;
        else /* the others are still looked at */
            code =
                g20_cli_fail("eval", r == -ENOMEM ? G20_EXIT_FAILED : G20_EXIT_INPUT, "%s", e.msg);
    }
    if (g20_interrupted() || code == G20_EXIT_FAILED) {
        code = G20_EXIT_FAILED;
        goto out;
    }
    g20_score_total(s, total);
    g20_text_printf(&table, "model %s\n", model);
    g20_score_table_head(&table);
    for (size_t i = 0; i < done; i++)
        g20_score_table_file(&files[i], &table);
    g20_score_table_total(total, &table);
    g20_score_json(model, files, done, total, json);
    if (table.failed || json->failed || !table.data)
        code = g20_cli_fail("eval", G20_EXIT_FAILED, "out of memory");
    else
        fputs(table.data, stdout);
out:
    g20_text_fini(&table);
    g20_score_destroy(s);
    g20_free(total);
    g20_free(files);
    return code;
}

static int run(const struct g20_cli_list *models, const struct options *o)
{
    struct g20_text json = {0};
    int code = G20_EXIT_DONE;

    g20_interrupt_install();
    g20_text_puts(&json, "[");
    for (size_t i = 0; i < models->count && code != G20_EXIT_FAILED; i++) {
        g20_text_puts(&json, i ? ",\n" : "");
        const int c = one_model(models->item[i], o, &json);
        code = code == G20_EXIT_DONE || c == G20_EXIT_FAILED ? c : code;
    }
    g20_text_puts(&json, "]\n");
    if (o->json && code != G20_EXIT_FAILED) {
        struct g20_err e = {0};
        if (json.failed)
            code = g20_cli_fail("eval", G20_EXIT_FAILED, "out of memory");
        else if (g20_file_write(o->json, json.data, json.len, &e) < 0)
            code = g20_cli_fail("eval", G20_EXIT_FAILED, "%s", e.msg);
    }
    g20_text_fini(&json);
    return code;
}

int g20_cmd_eval(int argc, char **argv)
{
    struct g20_cli_list models = {.count = 0};
    struct options o = {.threshold = 0.5};
    const char *plot = NULL;
    int first;
    const struct g20_cli_opt opts[] = {
        {"model", 'm', G20_CLI_LIST, &models, "NAME", .help = "detector, may be repeated (energy)"},
        {"json", 'j', G20_CLI_STR, &o.json, "OUT",
         .help = "all figures as JSON, an object a model"},
        {"plot", 0, G20_CLI_STR, &plot, "OUT.png", .help = "not implemented yet"},
        {"score-threshold", 's', G20_CLI_NUM, &o.threshold, "P", 0.0, 1.0,
         .help = "leave out emissions of less confidence (0.5)"},
    };
    const struct g20_cli cli = {
        .name = "eval",
        .args = "META...",
        .summary = "Score detectors on recordings whose signals are known.",
        .about = "META is a SigMF recording whose annotations are the truth. docs/eval.md says\n"
                 "what is counted and with what tolerance.\n",
        .opts = opts,
        .count = G20_COUNT_OF(opts),
        .min_args = 1,
        .max_args = 100000,
        .quiet = &o.quiet,
    };
    const int r = g20_cli_parse(&cli, argc, argv, &first);

    if (r != G20_CLI_RUN)
        return r;
    if (plot)
        return g20_cli_fail("eval", G20_EXIT_FAILED, "--plot: not implemented yet");
    if (models.count == 0)
        models.item[models.count++] = "energy";
    for (size_t i = 0; i < models.count; i++)
        if (strcmp(models.item[i], "energy") != 0)
            return g20_cli_fail("eval", G20_EXIT_FAILED,
                                "--model %s: not implemented, only 'energy' is", models.item[i]);
    o.count = argc - first;
    o.metas = argv + first;
    return run(&models, &o);
}
