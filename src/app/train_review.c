/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* g20 train review: what a version would have found, accepted or rejected item by item. */
#include "app/models.h"
#include "app/review_run.h"
#include "app/train.h"

#include "base/alloc.h"
#include "teach/registry.h"
#include "teach/review.h"

#include <errno.h>
#include <stdio.h>

struct options {
    struct g20_review_run run;
    const char *accept, *reject;
    bool list;
};

static int answer(const struct options *o, struct g20_err *e)
{
    struct g20_review_answered done = {.left = 0};
    const char *id = o->accept ? o->accept : o->reject;
    struct g20_samples *s = NULL;
    int r = g20_samples_open(&s, o->run.training_dir, e);

    if (r >= 0)
        r = g20_review_answer(s, o->run.signal, o->run.version, id, o->accept, &done, e);
    g20_samples_close(s);
    if (r >= 0)
        printf("{\"item_id\":\"%s\",\"answer\":\"%s\",\"sample_id\":\"%s\",\"left\":%u}\n", id,
               o->accept ? "accept" : "reject", done.sample_id, done.left);
    return r;
}

/* A line for each item, without its picture. */
static int list(const struct options *o, struct g20_err *e)
{
    json_t *review = NULL, *item;
    size_t i;
    const int r = g20_review_load(o->run.training_dir, o->run.signal, o->run.version, &review, e);

    json_array_foreach(json_object_get(review, "items"), i, item)
    {
        json_object_del(item, "picture");
        json_dumpf(item, stdout, JSON_COMPACT | JSON_REAL_PRECISION(12));
        putchar('\n');
    }
    json_decref(review);
    return r;
}

static int newest(struct g20_review_run *run, struct g20_err *e)
{
    json_t *versions = NULL;
    const int r = g20_versions_list(run->training_dir, run->signal, &versions, e);
    const size_t n = json_array_size(versions);

    if (n > 0)
        run->version = (uint32_t)json_integer_value(
            json_object_get(json_array_get(versions, n - 1), "version"));
    json_decref(versions);
    return r >= 0 && n == 0 ? g20_fail(e, -ENOENT, "\"%s\" has no version", run->signal) : r;
}

static int look(struct g20_review_run *run, struct g20_err *e)
{
    uint32_t items = 0;
    int r = run->version ? 0 : newest(run, e);

    if (r >= 0)
        r = g20_review_run(run, &items, e);
    if (r >= 0)
        printf("{\"signal_name\":\"%s\",\"version\":%u,\"items\":%u}\n", run->signal, run->version,
               items);
    return r;
}

int g20_train_review(int argc, char **argv)
{
    struct options o = {.run = {.model = "hydra", .trunk = G20_MODELS_TRUNK}};
    struct g20_config *cfg = g20_calloc(1, sizeof(*cfg));
    uint64_t version = 0;
    struct g20_err e = {0};
    int first;
    const struct g20_cli_opt opts[] = {
        {"version", 0, G20_CLI_U64, &version, "N", 1, 1e6, .help = "(the newest)"},
        {"list", 0, G20_CLI_NONE, &o.list, .help = "the items, a line of JSON each"},
        {"accept", 0, G20_CLI_STR, &o.accept, "ITEM", .help = "it is the signal: a sample is kept"},
        {"reject", 0, G20_CLI_STR, &o.reject, "ITEM",
         .help = "it is not: a sample is kept, from which the next version learns it"},
    };
    const struct g20_cli cli = {
        .name = "train review",
        .args = "NAME",
        .summary = "What a version would have found, to be accepted or rejected.",
        .about =
            "Plays what the daemon received when its last two trainings began, the captures in\n"
            "paths.capture_dir and the samples to a version of a signal's head and keeps what\n"
            "it names there, but for what is labelled already. A training does that by itself\n"
            "when it is done.\n",
        .opts = opts,
        .count = G20_COUNT_OF(opts),
        .min_args = 1,
        .max_args = 1,
        .config = cfg,
    };

    if (!cfg)
        return g20_cli_fail("train", G20_EXIT_FAILED, "review: out of memory");
    int code = g20_cli_parse(&cli, argc, argv, &first);
    if (code == G20_CLI_RUN) {
        g20_interrupt_install();
        o.run.signal = argv[first];
        o.run.training_dir = cfg->paths.training_dir;
        o.run.capture_dir = cfg->paths.capture_dir;
        o.run.version = (uint32_t)version;
        int r = g20_signal_check(o.run.signal, &e);
        if (r >= 0 && o.accept && o.reject)
            r = g20_fail(&e, -EINVAL, "--accept and --reject: one of them");
        if (r >= 0)
            r = o.accept || o.reject ? answer(&o, &e) : o.list ? list(&o, &e) : look(&o.run, &e);
        code = r < 0 ? (int)g20_cli_fail("train", g20_exit_of(r), "review: %s", e.msg)
                     : (int)G20_EXIT_DONE;
    }
    g20_free(cfg);
    return code;
}
