/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* g20 train trunk */
#include "app/train.h"
#include "app/train_tell.h"
#include "base/file.h"

#include "nn/onnx.h"
#include "train/places.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool on_step(const struct g20_places_report *r, void *user)
{
    return g20_train_tell_step(user, r->step, r->steps);
}

static bool on_report(const struct g20_places_report *r, void *user)
{
    return g20_train_tell_line(
        user,
        "\"step\":%llu,\"steps\":%llu,\"train_loss\":%.6f,\"loss\":%.6f,\"right\":%.5f,"
        "\"examples\":%u,\"validation\":%u,\"rate\":%.3e,\"steps_per_s\":%.2f",
        (unsigned long long)r->step, (unsigned long long)r->steps, r->train_loss, r->loss, r->right,
        r->examples, r->validation, r->rate, r->steps_per_s);
}

static int export_model(const char *from, const char *to, const char *version, struct g20_err *e)
{
    struct g20_model m;
    int r = g20_places_model(&m, from, e);

    if (r < 0)
        return r;
    r = g20_model_set(&m, "g20.version", version, e);
    if (r >= 0)
        r = g20_onnx_write(&m, to, e);
    g20_model_fini(&m);
    return r;
}

int g20_train_trunk(int argc, char **argv)
{
    struct g20_places_cfg cfg;
    const char *model = NULL, *version = "1";
    bool quiet = false;
    int first;

    g20_places_cfg_default(&cfg);
    uint64_t scenes = cfg.scenes, validation = cfg.validation, batch = cfg.batch,
             threads = cfg.threads;
    const struct g20_cli_opt opts[] = {
        {"out", 'o', G20_CLI_STR, &cfg.path, "FILE",
         .help = "checkpoint; gone on with when it is there (trunk.ckpt)"},
        {"model", 'm', G20_CLI_STR, &model, "FILE", .help = "the ONNX file to write at the end"},
        {"model-version", 0, G20_CLI_STR, &version, "TEXT", .help = "of that file (1)"},
        {"seed", 0, G20_CLI_U64, &cfg.seed, "N", .help = "of weights and scenes (1)"},
        {"steps", 'n', G20_CLI_U64, &cfg.steps, "N", 1, 1e9, .help = "in all (6000)"},
        {"rate", 0, G20_CLI_NUM, &cfg.rate, "X", 1e-6, 1, .help = "highest learning rate (2e-3)"},
        {"scenes", 0, G20_CLI_U64, &scenes, "N", 1, 1e5,
         .help = "that examples come from, some 15 each, 8 kB an example (1500)"},
        {"validation", 0, G20_CLI_U64, &validation, "N", 1, 1e5,
         .help = "scenes that it validates with (150)"},
        {"batch", 0, G20_CLI_U64, &batch, "N", 1, 4096, .help = "examples a step (64)"},
        {"without", 0, G20_CLI_STR, &cfg.without, "KIND",
         .help = "leave a kind of signal out, to see what becomes of one never shown"},
        {"check", 0, G20_CLI_U64, &cfg.check_every, "N", 1, 1e9,
         .help = "steps between validations and checkpoints (500)"},
        {"threads", 0, G20_CLI_U64, &threads, "N", 1, 16, .help = "(2)"},
    };
    const struct g20_cli cli = {
        .name = "train trunk",
        .args = "",
        .summary = "Train the network that the second look's heads stand on, on synthetic scenes.",
        .about =
            "Prints a line of JSON after each validation. A training that was stopped or killed\n"
            "goes on from FILE when it is started again with the same options, and ends with\n"
            "the same weights.\n",
        .opts = opts,
        .count = G20_COUNT_OF(opts),
        .quiet = &quiet,
    };
    int r = g20_cli_parse(&cli, argc, argv, &first);

    if (r != G20_CLI_RUN)
        return r;
    cfg.scenes = (uint32_t)scenes;
    cfg.validation = (uint32_t)validation;
    cfg.batch = (uint32_t)batch;
    cfg.threads = (uint32_t)threads;
    struct g20_train_tell t = {.path = cfg.path, .quiet = quiet};
    struct g20_err e = {0};
    if (g20_file_can_write(cfg.path, &e) < 0)
        return g20_cli_fail("train", G20_EXIT_FAILED, "trunk: --out %s", e.msg);
    if (model && g20_file_can_write(model, &e) < 0)
        return g20_cli_fail("train", G20_EXIT_FAILED, "trunk: --model %s", e.msg);
    g20_interrupt_install();
    g20_train_tell_begin(&t);
    r = g20_places_train(&cfg, on_step, on_report, &t, &e);
    g20_progress_end(&t.progress);
    if (r >= 0 && model)
        r = export_model(cfg.path, model, version, &e);
    return r < 0 ? g20_cli_fail("train", g20_exit_of(r), "%s", e.msg) : G20_EXIT_DONE;
}
