/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* g20 eval: detectors against recordings and scenes whose signals are known. */
#include "app/app.h"
#include "app/eval_inputs.h"
#include "app/found.h"
#include "app/models.h"

#include "base/alloc.h"
#include "base/file.h"
#include "eval/score.h"
#include "render/plot.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define LOW 0.05 /* confidence from which a threshold is looked for */

struct options {
    const char *json, *plot;
    double threshold, rate_hz;
    double false_alarms; /* a minute, at most, by choice of the threshold; < 0: as it is */
    bool quiet;
    struct g20_eval_inputs in;
};

/* What is told of all models together: recall over SNR for the plot, totals for the last table. */
struct curves {
    double recall[G20_PLOT_CURVES][G20_EVAL_SNR_STEPS]; /* NAN: no box of that SNR */
    size_t count;
    struct g20_text table;
};

/* What a model found in a recording or a scene. */
struct seen {
    const struct g20_truth *truth; /* borrowed */
    struct g20_found found;
};

static int look(const struct g20_eval_input *in, const char *model, const struct options *o,
                struct seen *ret, struct g20_err *e)
{
    const struct g20_found_cfg how = {.command = "eval",
                                      .model = model,
                                      .driver = in->is_scene ? "scene" : NULL,
                                      .rate_hz = in->is_scene ? o->rate_hz : 0,
                                      .threshold = o->threshold,
                                      .quiet = o->quiet};

    ret->truth = in->truth;
    return g20_found_run(&ret->found, in->what, &how, e);
}

/* All of @seen (n) scored, emissions of at least @least only. */
static int score(struct g20_score *s, const struct seen *seen, size_t n, float least,
                 struct g20_score_file *files)
{
    int r = 0;

    for (size_t i = 0; i < n && r >= 0; i++) {
        size_t kept = 0;
        struct g20_emission *item =
            g20_calloc(G20_MAX(seen[i].found.count, (size_t)1), sizeof(*item));
        if (!item)
            return -ENOMEM;
        for (size_t k = 0; k < seen[i].found.count; k++)
            if (seen[i].found.item[k].confidence >= least)
                item[kept++] = seen[i].found.item[k];
        r = g20_score_add(s, seen[i].truth, item, kept, &files[i]);
        g20_free(item);
    }
    return r;
}

/* The same into *total, from nothing. */
static int score_at(const struct seen *seen, size_t n, float least, struct g20_score_file *files,
                    struct g20_score_total *total)
{
    struct g20_score *s = NULL;
    int r = g20_score_create(&s);

    if (r >= 0)
        r = score(s, seen, n, least, files);
    if (r >= 0)
        g20_score_total(s, total);
    g20_score_destroy(s);
    return r;
}

/* The least confidence at which there are no more false emissions than @rate a minute. */
static int find_threshold(const struct seen *seen, size_t n, double rate,
                          struct g20_score_file *files, struct g20_score_total *total,
                          double *ret_least)
{
    double lo = 0.0, hi = 1.0;
    int r = 0;

    for (int i = 0; i < 12 && r >= 0; i++) {
        const double mid = i ? 0.5 * (lo + hi) : 0.0;
        r = score_at(seen, n, (float)mid, files, total);
        const bool fits = isnan(total->false_per_min) || total->false_per_min <= rate;
        if (i == 0 && fits) {
            hi = 0.0;
            break;
        }
        *(fits ? &hi : &lo) = mid;
    }
    *ret_least = hi;
    return r < 0 ? r : score_at(seen, n, (float)hi, files, total);
}

static void keep_curve(struct curves *c, const struct g20_score_total *t)
{
    if (c->count == G20_PLOT_CURVES)
        return;
    for (int i = 0; i < G20_EVAL_SNR_STEPS; i++)
        c->recall[c->count][i] =
            t->snr_boxes[i] > 0 ? (double)t->snr_found[i] / t->snr_boxes[i] : (double)NAN;
    c->count++;
}

static void tell_threshold(struct g20_text *t, double wanted, double least, double got)
{
    if (isnan(got))
        g20_text_printf(t, "no complete truth: false emissions are not known\n");
    else if (got <= wanted)
        g20_text_printf(t, "emissions of at least %.3f: no more than %g false a minute\n", least,
                        wanted);
    else
        g20_text_printf(t, "emissions of %.3f only, and still more than %g false a minute: %.1f\n",
                        least, wanted, got);
}

/* A line of the table of all models. */
static void add_line(struct g20_text *t, const char *model, const struct g20_score_total *total)
{
    const double values[] = {total->ap50,
                             total->ap50_95,
                             total->recall,
                             total->false_per_min,
                             total->boxes ? (double)total->fragments / total->boxes : (double)NAN,
                             total->median_iou};

    g20_text_printf(t, "%-24.60s", model);
    for (size_t i = 0; i < G20_COUNT_OF(values); i++)
        if (isnan(values[i]))
            g20_text_printf(t, " %9s", "-");
        else
            g20_text_printf(t, i == 3 ? " %9.1f" : " %9.3f", values[i]);
    g20_text_puts(t, "\n");
}

/* What was seen with one model: the table goes to stdout, the JSON object to @json. */
static int report(const char *model, const struct options *o, const struct seen *seen, size_t n,
                  struct curves *curves, struct g20_text *json)
{
    struct g20_score_file *files = g20_calloc(G20_MAX(n, (size_t)1), sizeof(*files));
    struct g20_score_total *total = g20_calloc(1, sizeof(*total));
    struct g20_text table = {0};
    double least = 0.0;
    int r = -ENOMEM;

    if (files && total)
        r = o->false_alarms >= 0 ? find_threshold(seen, n, o->false_alarms, files, total, &least)
                                 : score_at(seen, n, 0.0f, files, total);
    if (r >= 0) {
        keep_curve(curves, total);
        g20_text_printf(&table, "model %s\n", model);
        if (o->false_alarms >= 0)
            tell_threshold(&table, o->false_alarms, least, total->false_per_min);
        add_line(&curves->table, model, total);
        g20_score_table_head(&table);
        for (size_t i = 0; i < n; i++)
            g20_score_table_file(&files[i], &table);
        g20_score_table_total(total, &table);
        g20_text_puts(json, json->len ? ",\n" : "[");
        g20_score_json(model, files, n, total, json);
        if (table.failed || json->failed || !table.data)
            r = -ENOMEM;
        else
            fputs(table.data, stdout);
    }
    g20_text_fini(&table);
    g20_free(total);
    g20_free(files);
    return r < 0 ? g20_cli_fail("eval", G20_EXIT_FAILED, "%s", g20_strerror(r)) : G20_EXIT_DONE;
}

/* All recordings with one model. */
static int one_model(const char *model, const struct options *o, struct curves *curves,
                     struct g20_text *json)
{
    struct seen *seen = g20_calloc(o->in.count, sizeof(*seen));
    int code = G20_EXIT_DONE;
    size_t done = 0;

    if (!seen)
        return g20_cli_fail("eval", G20_EXIT_FAILED, "out of memory");
    for (size_t i = 0; i < o->in.count && code != G20_EXIT_FAILED && !g20_interrupted(); i++) {
        struct g20_err e = {0};
        const int r = look(&o->in.input[i], model, o, &seen[done], &e);
        if (r >= 0) {
            done++;
            continue;
        }
        g20_found_fini(&seen[done].found); /* the others are still looked at */
        code = g20_cli_fail("eval", r == -ENOMEM ? G20_EXIT_FAILED : G20_EXIT_INPUT, "%s", e.msg);
    }
    if (g20_interrupted())
        code = G20_EXIT_FAILED;
    if (code != G20_EXIT_FAILED && done > 0) {
        const int c = report(model, o, seen, done, curves, json);
        code = c == G20_EXIT_DONE ? code : c;
    }
    for (size_t i = 0; i < done; i++)
        g20_found_fini(&seen[i].found);
    g20_free(seen);
    return code;
}

static int plot(const struct options *o, const struct g20_cli_list *models, const struct curves *c)
{
    double x[G20_EVAL_SNR_STEPS];
    size_t lo = G20_EVAL_SNR_STEPS, hi = 0;
    struct g20_err e = {0};
    struct g20_plot p = {.title = "Share of the true emissions that were found",
                         .x_label = "in-band SNR, dB (bins of 2 dB, from)",
                         .y_label = "recall",
                         .x_step = 2 * G20_EVAL_SNR_STEP,
                         .y_lo = 0,
                         .y_hi = 1,
                         .y_step = 0.1,
                         .curves = c->count};

    for (size_t i = 0; i < G20_EVAL_SNR_STEPS; i++) {
        x[i] = G20_EVAL_SNR_LO_DB + (double)i * G20_EVAL_SNR_STEP;
        for (size_t k = 0; k < c->count; k++)
            if (!isnan(c->recall[k][i])) {
                lo = G20_MIN(lo, i);
                hi = i;
            }
    }
    if (lo > hi)
        return g20_cli_fail("eval", G20_EXIT_INPUT,
                            "--plot: no true emission has a known SNR; add --scene");
    p.x = x + lo;
    p.n = hi - lo + 1;
    for (size_t k = 0; k < c->count; k++)
        p.curve[k] = (struct g20_plot_curve){models->item[k], c->recall[k] + lo};
    if (g20_plot_write(&p, o->plot, &e) < 0)
        return g20_cli_fail("eval", G20_EXIT_FAILED, "--plot %s", e.msg);
    return G20_EXIT_DONE;
}

/* What would be known after the work only: outputs can be written, models are there. */
static int check(const struct g20_cli_list *models, const struct options *o)
{
    char path[2 * PATH_MAX];
    int code = G20_EXIT_DONE;
    struct g20_err e = {0};

    if (o->json && g20_file_can_write(o->json, &e) < 0)
        return g20_cli_fail("eval", G20_EXIT_FAILED, "--json %s", e.msg);
    if (o->plot && g20_file_can_write(o->plot, &e) < 0)
        return g20_cli_fail("eval", G20_EXIT_FAILED, "--plot %s", e.msg);
    for (size_t i = 0; i < models->count; i++) {
        const int r = g20_models_find(models->item[i], NULL, false, path, sizeof(path), &e);
        if (r < 0)
            code = g20_cli_fail("eval", G20_EXIT_INPUT, "%s", e.msg);
    }
    return code;
}

static int run(const struct g20_cli_list *models, const struct options *o)
{
    struct g20_text json = {0};
    struct curves curves = {.count = 0};
    int code = G20_EXIT_DONE;
    struct g20_err e = {0};

    for (size_t i = 0; i < models->count && code != G20_EXIT_FAILED; i++) {
        const int c = one_model(models->item[i], o, &curves, &json);
        code = code == G20_EXIT_DONE || c == G20_EXIT_FAILED ? c : code;
    }
    g20_text_puts(&json, json.len ? "]\n" : "[]\n");
    if (o->json && code != G20_EXIT_FAILED) {
        if (json.failed)
            code = g20_cli_fail("eval", G20_EXIT_FAILED, "out of memory");
        else if (g20_file_write(o->json, json.data, json.len, &e) < 0)
            code = g20_cli_fail("eval", G20_EXIT_FAILED, "--json %s", e.msg);
    }
    if (models->count > 1 && code != G20_EXIT_FAILED && curves.table.data)
        printf("\n%-24s %9s %9s %9s %9s %9s %9s\n%s", "all models", "AP50", "AP50-95", "recall",
               "false/min", "frag/evt", "IoU", curves.table.data);
    if (o->plot && code != G20_EXIT_FAILED) {
        const int c = plot(o, models, &curves);
        code = c == G20_EXIT_DONE ? code : c;
    }
    g20_text_fini(&curves.table);
    g20_text_fini(&json);
    return code;
}

int g20_cmd_eval(int argc, char **argv)
{
    struct g20_cli_list models = {.count = 0};
    struct g20_cli_list scenes = {.count = 0};
    struct options o = {.threshold = NAN, .rate_hz = 20e6, .false_alarms = -1};
    int first;
    const struct g20_cli_opt opts[] = {
        {"model", 'm', G20_CLI_LIST, &models, "NAME",
         .help = "a model's name or file; may be repeated (energy, hydra and hydra-int8)"},
        {"json", 'j', G20_CLI_STR, &o.json, "OUT",
         .help = "all figures as JSON, an object a model"},
        {"plot", 0, G20_CLI_STR, &o.plot, "OUT.png", .help = "recall over SNR, a curve a model"},
        {"scene", 0, G20_CLI_LIST, &scenes, "ARGS",
         .help = "a synthetic scene, 'seed=1,seconds=10'; may be repeated; see docs/scene.md"},
        {"rate", 0, G20_CLI_NUM, &o.rate_hz, "HZ", 1e5, 100e6,
         .help = "sample rate of the scenes (20e6)"},
        {"score-threshold", 's', G20_CLI_NUM, &o.threshold, "P", 0.0, 1.0,
         .help = "leave out emissions of less confidence (0.5; 0.05 with --false-alarms)"},
        {"false-alarms", 0, G20_CLI_NUM, &o.false_alarms, "N", 0, 1e9,
         .help = "of each model only emissions sure enough for so many false ones a minute"},
    };
    const struct g20_cli cli = {
        .name = "eval",
        .args = "[META...]",
        .summary = "Score detectors on recordings and scenes whose signals are known.",
        .about = "META is a SigMF recording whose annotations are the truth. docs/eval.md says\n"
                 "what is counted and with what tolerance.\n",
        .opts = opts,
        .count = G20_COUNT_OF(opts),
        .max_args = 100000,
        .quiet = &o.quiet,
    };
    const int r = g20_cli_parse(&cli, argc, argv, &first);

    if (r != G20_CLI_RUN)
        return r;
    if (first == argc && scenes.count == 0)
        return g20_cli_fail("eval", G20_EXIT_INPUT, "wants META or --scene; see 'g20 eval --help'");
    if (models.count == 0)
        models = (struct g20_cli_list){.item = {"energy", "hydra", "hydra-int8"}, .count = 3};
    if (isnan(o.threshold))
        o.threshold = o.false_alarms >= 0 ? LOW : 0.5;
    int code = check(&models, &o);
    if (code != G20_EXIT_DONE)
        return code;
    g20_interrupt_install();
    code = g20_eval_inputs_load(&o.in, argv + first, (size_t)(argc - first), &scenes, o.rate_hz);
    if (code == G20_EXIT_DONE)
        code = run(&models, &o);
    g20_eval_inputs_fini(&o.in);
    return code;
}
