/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/app.h"

#include "base/log.h"

#include <stdio.h>
#include <string.h>

/* clang-format off */
static const struct command {
    const char *name;
    int (*run)(int argc, char **argv); /* NULL: planned, not there yet */
    const char *summary;
} commands[] = {
    {"serve", g20_cmd_serve, "the daemon: live pipeline, web UI, WebSocket"},
    {"detect", g20_cmd_detect, "recordings to emissions: table, JSON lines, CSV, SigMF"},
    {"eval", g20_cmd_eval, "detectors against labelled recordings: recall, precision, false alarms"},
    {"bench", g20_cmd_bench, "latency and throughput, compared with a baseline"},
    {"config", g20_cmd_config, "settings: show, check, doc"},
    {"train", g20_cmd_train, "teach a signal (head); the networks it stands on (trunk, backbone)"},
    {"model", g20_cmd_model, "models: list, info, export, quantize"},
    {"synth", g20_cmd_synth, "labelled scenes to SigMF"},
    {"ctl", g20_cmd_ctl, "talk to a running daemon"},
    {"capture", g20_cmd_capture, "record from a source, or from a daemon, to SigMF"},
};
/* clang-format on */

static void usage(void)
{
    printf("Usage: g20 COMMAND [OPTION]...\n"
           "\n"
           "Watches radio spectrum, finds the signals in it and shows them.\n"
           "\n"
           "Commands:\n");
    for (size_t i = 0; i < G20_COUNT_OF(commands); i++)
        printf("  %-9s %s\n", commands[i].name, commands[i].summary);
    printf("\n"
           "Options:\n"
           "  -h, --help     show this; 'g20 COMMAND --help' shows a command's options\n"
           "      --version  show the version\n"
           "\n"
           "Exit codes: 0 done; 2 wrong usage or bad input; 1 anything else.\n");
}

static int run_command(int argc, char **argv)
{
    for (size_t i = 0; i < G20_COUNT_OF(commands); i++) {
        if (strcmp(argv[0], commands[i].name) == 0)
            return commands[i].run(argc, argv);
    }
    return g20_cli_fail("g20", G20_EXIT_INPUT, "unknown command '%.40s'; see 'g20 --help'",
                        argv[0]);
}

int main(int argc, char **argv)
{
    int code = G20_EXIT_DONE;

    if (argc < 2)
        return g20_cli_fail("g20", G20_EXIT_INPUT, "no command; see 'g20 --help'");
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0)
        usage();
    else if (strcmp(argv[1], "--version") == 0)
        printf("g20 %s\n", G20_VERSION);
    else
        code = run_command(argc - 1, argv + 1);

    /* Output that did not reach its file or pipe is no success. */
    if (fflush(stdout) != 0 || ferror(stdout))
        return g20_cli_fail("g20", code == G20_EXIT_DONE ? G20_EXIT_FAILED : (enum g20_exit)code,
                            "cannot write to standard output");
    return code;
}
