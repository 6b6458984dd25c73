/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* app: the subcommands of g20, and what they share.
 *
 * A command is `int g20_cmd_<name>(int argc, char **argv)` in cmd_<name>.c plus one row in main.c;
 * argv[0] is the command's name, the result is the exit code. */
#ifndef G20_APP_APP_H
#define G20_APP_APP_H

#include "base/err.h"
#include "config/config.h"

#include <stdbool.h>
#include <stdint.h>

enum g20_exit {
    G20_EXIT_DONE = 0,
    G20_EXIT_FAILED = 1, /* anything that is not the input's fault; interrupted */
    G20_EXIT_INPUT = 2,  /* wrong usage, or an input that is missing or bad */
};

/* The exit code for a negative return value. */
enum g20_exit g20_exit_of(int code);

/* One option of a command. @to by type: NONE bool (set to true), STR const char * (borrowed from
 * argv), U64 uint64_t, NUM double, WORD const char * (one of @words), LIST struct g20_cli_list. */
struct g20_cli_opt {
    const char *name; /* "score-threshold", without dashes */
    char letter;      /* 0: no short form */
    enum { G20_CLI_NONE, G20_CLI_STR, G20_CLI_U64, G20_CLI_NUM, G20_CLI_WORD, G20_CLI_LIST } type;
    void *to;          /* untouched when the option is not given */
    const char *value; /* name of the value in the help, "FILE" */
    double min, max;   /* of U64 and NUM; both 0: no limit but the type's */
    const char *words; /* "table|jsonl|csv" */
    const char *help;
};

enum { G20_CLI_LIST_MAX = 64 };

struct g20_cli_list {
    const char *item[G20_CLI_LIST_MAX]; /* borrowed from argv */
    size_t count;
};

/* What the command line said of the settings, kept to load them again. Not to be copied: a set may
 * be the text in @level. */
struct g20_cli_reload {
    struct g20_cli_list sets; /* --set, and --log-level as one more */
    const char *file;         /* --config; NULL: none */
    char level[32];
    bool fixed_level; /* --log-level or --quiet were given: log_level and debug do not count */
};

/* A command's face: parsing, errors and --help come from this alone. Added to every command are
 * --log-level, --log-format, -q/--quiet, -h/--help and --version; and with @config -c/--config FILE
 * and --set KEY=VALUE, after which *config is loaded and the logger set up by it. */
struct g20_cli {
    const char *name;    /* "detect" */
    const char *args;    /* "FILE..." or "" */
    const char *summary; /* one line */
    const char *about;   /* more for --help, whole lines; may be NULL */
    const struct g20_cli_opt *opts;
    size_t count;
    size_t min_args, max_args;     /* of those that are not options */
    struct g20_config *config;     /* NULL: the command reads no settings */
    struct g20_cli_reload *reload; /* with @config: what a reload needs; may be NULL */
    bool *quiet;                   /* may be NULL */
};

#define G20_CLI_RUN (-1)

/* G20_CLI_RUN: go on, *ret_first is the index in argv of the first that is no option (argv is
 * reordered). Otherwise the exit code: help was shown, or a fault logged. */
int g20_cli_parse(const struct g20_cli *cli, int argc, char **argv, int *ret_first) G20_MUST_USE;

/* Log "@fmt" as an error of command @name; gives @code back. */
enum g20_exit g20_cli_fail(const char *name, enum g20_exit code, const char *fmt, ...)
    G20_PRINTF(3, 4);

/* From here on the first SIGINT or SIGTERM only sets what g20_interrupted() tells, the second ends
 * the program at once. Between the two, base/file.h leaves no half-written file. */
void g20_interrupt_install(void);
bool g20_interrupted(void);

/* For a daemon: as g20_interrupt_install(), and SIGHUP asks for a reload. */
void g20_wait_install(void);

enum g20_wake {
    G20_WAKE_TIME,   /* the time is over */
    G20_WAKE_STOP,   /* SIGINT or SIGTERM, now or before */
    G20_WAKE_PARENT, /* the process of @parent_fd is gone */
    G20_WAKE_RELOAD, /* SIGHUP since the last call */
};

/* Wait for one of them; the main thread only. @parent_fd: of g20_wait_parent(), -1: none.
 * @timeout_ms < 0: no limit. */
enum g20_wake g20_wait(int parent_fd, int timeout_ms);

/* A descriptor that becomes readable when process @pid ends, closed by the caller. -ESRCH: there is
 * no such process. A number taken by another process later is not mistaken for it. */
G20_MUST_USE int g20_wait_parent(int64_t pid, struct g20_err *e);

int g20_cmd_bench(int argc, char **argv);
int g20_cmd_capture(int argc, char **argv);
int g20_cmd_config(int argc, char **argv);
int g20_cmd_ctl(int argc, char **argv);
int g20_cmd_detect(int argc, char **argv);
int g20_cmd_eval(int argc, char **argv);
int g20_cmd_model(int argc, char **argv);
int g20_cmd_serve(int argc, char **argv);
int g20_cmd_synth(int argc, char **argv);
int g20_cmd_train(int argc, char **argv);

#endif
