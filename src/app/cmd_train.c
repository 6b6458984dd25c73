/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* g20 train: weights from scenes. */
#include "app/app.h"
#include "app/train.h"
#include "app/train_tell.h"

#include "base/file.h"
#include "base/log.h"
#include "config/config.h"
#include "train/backbone.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool on_step(const struct g20_backbone_report *r, void *user)
{
    return g20_train_tell_step(user, r->step, r->steps);
}

/* One JSON object a line: what a program that starts a training reads. */
static bool on_report(const struct g20_backbone_report *r, void *user)
{
    return g20_train_tell_line(
        user,
        "\"step\":%llu,\"steps\":%llu,\"train_loss\":%.6f,\"loss\":%.6f,\"recall\":%.5f,"
        "\"wrong\":%.7f,\"rate\":%.3e,\"steps_per_s\":%.2f,\"best\":%s",
        (unsigned long long)r->step, (unsigned long long)r->steps, r->train_loss, r->loss,
        r->recall, r->wrong, r->rate, r->steps_per_s, r->best ? "true" : "false");
}

static int run(const struct g20_backbone_cfg *cfg, bool quiet)
{
    struct g20_train_tell t = {.path = cfg->path, .quiet = quiet};
    struct g20_err e = {0};

    g20_interrupt_install();
    g20_train_tell_begin(&t);
    const int r = g20_backbone_train(cfg, on_step, on_report, &t, &e);
    g20_progress_end(&t.progress);
    return r < 0 ? g20_cli_fail("train", g20_exit_of(r), "%s", e.msg) : G20_EXIT_DONE;
}

int g20_cmd_train(int argc, char **argv)
{
    struct g20_backbone_cfg cfg;
    bool quiet = false;
    int first;

    if (argc > 1 && strcmp(argv[1], "trunk") == 0)
        return g20_train_trunk(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "head") == 0)
        return g20_train_head(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "import") == 0)
        return g20_train_import(argc - 1, argv + 1);
    if (argc > 1 && (strcmp(argv[1], "signal") == 0 || strcmp(argv[1], "--signal") == 0))
        return g20_train_signal(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "review") == 0)
        return g20_train_review(argc - 1, argv + 1);
    g20_backbone_cfg_default(&cfg);
    uint64_t width = cfg.width, batch = cfg.batch, rows = cfg.rows, bins = cfg.bins;
    uint64_t pool = cfg.pool, fresh = cfg.fresh_every, threads = cfg.threads;
    uint64_t patience = cfg.patience, validation = cfg.validation;
    const struct g20_cli_opt opts[] = {
        {"out", 'o', G20_CLI_STR, &cfg.path, "FILE",
         .help = "checkpoint; gone on with when it is there (backbone.ckpt)"},
        {"from", 0, G20_CLI_STR, &cfg.from, "FILE",
         .help = "begin with the weights of this checkpoint or model, not with drawn ones"},
        {"hold", 0, G20_CLI_U64, &cfg.hold, "N", 0, 1e9,
         .help = "steps for which weights of a model stay, while other layers learn (0)"},
        {"seed", 0, G20_CLI_U64, &cfg.seed, "N", .help = "of weights and scenes (1)"},
        {"steps", 'n', G20_CLI_U64, &cfg.steps, "N", 1, 1e9, .help = "in all (30000)"},
        {"rate", 0, G20_CLI_NUM, &cfg.rate, "X", 1e-6, 1, .help = "highest learning rate (1e-3)"},
        {"width", 0, G20_CLI_U64, &width, "N", 16, 128,
         .help = "channels at the finest scale (32)"},
        {"batch", 0, G20_CLI_U64, &batch, "N", 1, 1024, .help = "windows a step (8)"},
        {"rows", 0, G20_CLI_U64, &rows, "N", 64, 256, .help = "of a window (128)"},
        {"bins", 0, G20_CLI_U64, &bins, "N", 256, 4096, .help = "of a window (2048)"},
        {"pool", 0, G20_CLI_U64, &pool, "N", 2, 8192, .help = "tiles in memory, 2 MB each (256)"},
        {"fresh", 0, G20_CLI_U64, &fresh, "N", 1, 1e6,
         .help = "steps after which one tile gives way to a new one (2)"},
        {"check", 0, G20_CLI_U64, &cfg.check_every, "N", 1, 1e9,
         .help = "steps between validations and checkpoints (500)"},
        {"validation", 0, G20_CLI_U64, &validation, "N", 1, 1024,
         .help = "tiles that it validates with (16)"},
        {"patience", 0, G20_CLI_U64, &patience, "N", 0, 1e6,
         .help = "stop after so many validations without a better one; 0: never (0)"},
        {"threads", 0, G20_CLI_U64, &threads, "N", 1, 64, .help = "(2)"},
    };
    const struct g20_cli cli = {
        .name = "train",
        .args = "backbone | trunk | head | import | signal | review",
        .summary =
            "Train the networks: the tile's, the second look's, a head for a signal of yours.",
        .about =
            "Prints a line of JSON after each validation. A training that was stopped or killed\n"
            "goes on from FILE when it is started again with the same options, and ends with\n"
            "the same weights. FILE.best has those that validated best. docs/training.md.\n"
            "The options below are of 'backbone', the tile network on synthetic scenes; see\n"
            "'g20 train import --help' (samples of a signal), 'g20 train signal --help' (teach it),\n"
            "'g20 train review --help' (what it would have found),\n"
            "'g20 train head --help' (a head in a file) and 'g20 train trunk --help'.\n",
        .opts = opts,
        .count = G20_COUNT_OF(opts),
        .min_args = 1,
        .max_args = 1,
        .quiet = &quiet,
    };
    const int r = g20_cli_parse(&cli, argc, argv, &first);

    if (r != G20_CLI_RUN)
        return r;
    if (strcmp(argv[first], "backbone") != 0)
        return g20_cli_fail(
            "train", G20_EXIT_INPUT,
            "want 'backbone', or first of all 'trunk', 'head', 'import', 'signal' or 'review'; found '%.40s'",
            argv[first]);
    cfg.width = (uint32_t)width;
    cfg.batch = (uint32_t)batch;
    cfg.rows = (uint32_t)rows;
    cfg.bins = (uint32_t)bins;
    cfg.pool = (uint32_t)pool;
    cfg.fresh_every = (uint32_t)fresh;
    cfg.threads = (uint32_t)threads;
    cfg.patience = (uint32_t)patience;
    cfg.validation = (uint32_t)validation;
    struct g20_err e = {0};
    if (g20_file_can_write(cfg.path, &e) < 0)
        return g20_cli_fail("train", G20_EXIT_FAILED, "backbone: --out %s", e.msg);
    return run(&cfg, quiet);
}
