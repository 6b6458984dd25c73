/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* g20 train import */
#include "app/train.h"

#include "base/alloc.h"
#include "teach/import.h"

#include <errno.h>
#include <stdio.h>

static int run(const struct g20_config *cfg, const struct g20_import *how, int count, char **files)
{
    struct g20_import_report done = {0};
    struct g20_samples *s = NULL;
    struct g20_err e = {0};
    int r = g20_samples_open(&s, cfg->paths.training_dir, &e);

    for (int i = 0; i < count && r >= 0; i++) {
        r = g20_import_file(s, files[i], how, &done, &e);
        if (r >= 0 && g20_interrupted())
            r = g20_fail(&e, -ECANCELED, "interrupted");
    }
    g20_samples_close(s);
    if (done.samples > 0)
        printf("{\"samples\":%u,\"new\":%u,\"boxes\":%u}\n", done.samples,
               done.samples - done.known, done.boxes);
    return r < 0 ? g20_cli_fail("train", g20_exit_of(r), "import: %s", e.msg) : G20_EXIT_DONE;
}

int g20_train_import(int argc, char **argv)
{
    struct g20_import how = {.signal = NULL};
    struct g20_config *cfg = g20_calloc(1, sizeof(*cfg));
    int first;
    const struct g20_cli_opt opts[] = {
        {"signal", 0, G20_CLI_STR, &how.signal, "NAME", .help = "whose samples they become"},
        {"label", 0, G20_CLI_STR, &how.label, "TEXT",
         .help = "of the annotations that are the signal (NAME, or all when none is)"},
        {"complete", 0, G20_CLI_NONE, &how.complete,
         .help = "all of the signal that is there is annotated: the rest is something else"},
    };
    const struct g20_cli cli = {
        .name = "train import",
        .args = "FILE...",
        .summary = "Make samples of a signal from recordings that exist already.",
        .about = "FILE is a SigMF recording, whose annotations are the boxes, or a capture of the\n"
                 "prototype (RFCAP). Samples go to paths.training_dir; the same one again changes\n"
                 "nothing. Prints a line of JSON with their numbers.\n",
        .opts = opts,
        .count = G20_COUNT_OF(opts),
        .min_args = 1,
        .max_args = 100000,
        .config = cfg,
    };

    if (!cfg)
        return g20_cli_fail("train", G20_EXIT_FAILED, "import: out of memory");
    int code = g20_cli_parse(&cli, argc, argv, &first);
    if (code == G20_CLI_RUN) {
        g20_interrupt_install();
        code = run(cfg, &how, argc - first, argv + first);
    }
    g20_free(cfg);
    return code;
}
