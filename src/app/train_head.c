/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* g20 train head */
#include "app/head_job.h"
#include "app/models.h"
#include "app/train.h"
#include "base/file.h"

#include <stdio.h>

int g20_train_head(int argc, char **argv)
{
    struct g20_head_job j = {
        .version = "1", .seed = 1, .model = "hydra", .trunk = G20_MODELS_TRUNK};
    const char *preset = "quick";
    struct g20_head_result result;
    char text[640];
    uint64_t scenes = UINT64_MAX;
    struct g20_err e = {0};
    int first;
    const struct g20_cli_opt opts[] = {
        {"out", 'o', G20_CLI_STR, &j.out, "FILE", .help = "the ONNX file to write"},
        {"preset", 0, G20_CLI_WORD, &preset, "PRESET", .words = "quick|balanced|quality",
         .help = "how long and how varied it learns"},
        {"trunk", 0, G20_CLI_STR, &j.trunk, "NAME",
         .help = "the second look's network, a name or a file (hydra-look)"},
        {"detector", 0, G20_CLI_STR, &j.model, "NAME",
         .help = "the model whose finds the head is to name (hydra)"},
        {"scenes", 0, G20_CLI_U64, &scenes, "N", 0, 10000,
         .help = "of a second, for signals that are not meant (by preset: 12, 40, 120)"},
        {"without", 0, G20_CLI_STR, &j.without, "KIND",
         .help = "leave a kind of the generator out of what is not meant"},
        {"model-version", 0, G20_CLI_STR, &j.version, "TEXT", .help = "of the head (1)"},
        {"seed", 0, G20_CLI_U64, &j.seed, "N", .help = "(1)"},
    };
    const struct g20_cli cli = {
        .name = "train head",
        .args = "NAME META...",
        .summary = "Teach a signal from labelled recordings.",
        .about =
            "META is a SigMF recording; its annotations labelled NAME are the signal, all others\n"
            "are not. Prints a line of JSON with what it scores on examples that it was not\n"
            "shown: whole recordings where there are three with the signal, else single emissions.\n"
            "g20 detect --head FILE then names what it finds.\n",
        .opts = opts,
        .count = G20_COUNT_OF(opts),
        .min_args = 2,
        .max_args = 100000,
        .quiet = &j.quiet,
    };
    int r = g20_cli_parse(&cli, argc, argv, &first);

    if (r != G20_CLI_RUN)
        return r;
    if (!j.out)
        return g20_cli_fail("train", G20_EXIT_INPUT, "head: --out FILE is missing");
    if (g20_file_can_write(j.out, &e) < 0)
        return g20_cli_fail("train", G20_EXIT_FAILED, "head: --out %s", e.msg);
    j.name = argv[first];
    struct g20_head_preset chosen = *g20_head_preset(preset);
    if (scenes != UINT64_MAX)
        chosen.scenes = (uint32_t)scenes;
    j.preset = &chosen;
    j.own = argc - first - 1;
    g20_interrupt_install();
    r = g20_head_job_run(&j, argc - first - 1, argv + first + 1, &result, &e);
    if (r < 0)
        return g20_cli_fail("train", g20_exit_of(r), "head: %s", e.msg);
    g20_head_result_text(&result, text, sizeof(text));
    printf("{\"head\":\"%s\",%s}\n", j.name, text);
    return G20_EXIT_DONE;
}
