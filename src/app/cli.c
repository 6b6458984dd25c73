/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/app.h"

#include "base/log.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPTS_MAX = 48, COMMON_MAX = 8 };

enum g20_exit g20_exit_of(int code)
{
    switch (code) {
    case -ENOENT:
    case -ENOTDIR:
    case -EISDIR:
    case -EACCES:
    case -EINVAL:
    case -ERANGE:
    case -EEXIST:
    case -EFBIG:
    case -ENAMETOOLONG:
    case -ENODATA:
    case -EILSEQ:
    case -EBADMSG:
    case -EOVERFLOW:
    case G20_EFORMAT:
    case G20_EVERSION:
    case G20_ESHAPE:
    case G20_EUNSUPPORTED:
    case G20_ELOCKED:
        return G20_EXIT_INPUT;
    default:
        return code < 0 ? G20_EXIT_FAILED : G20_EXIT_DONE;
    }
}

enum g20_exit g20_cli_fail(const char *name, enum g20_exit code, const char *fmt, ...)
{
    char text[1024];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    g20_log(G20_LOG_ERROR, name, text);
    return code;
}

/* Values of the options that every command has. */
struct common {
    bool help, version, quiet;
    const char *log_level, *log_format, *config;
    struct g20_cli_list sets;
};

static size_t common_opts(const struct g20_cli *cli, struct common *c, struct g20_cli_opt *ret)
{
    size_t n = 0;

    if (cli->config) {
        ret[n++] = (struct g20_cli_opt){
            "config",        'c',
            G20_CLI_STR,     &c->config,
            .value = "FILE", .help = "settings, instead of " G20_CONFIG_SYSTEM};
        ret[n++] = (struct g20_cli_opt){"set",
                                        's',
                                        G20_CLI_LIST,
                                        &c->sets,
                                        .value = "KEY=VALUE",
                                        .help = "one setting, over file and environment; may be "
                                                "given again"};
    }
    ret[n++] = (struct g20_cli_opt){"log-level",
                                    0,
                                    G20_CLI_WORD,
                                    &c->log_level,
                                    .value = "LEVEL",
                                    .words = "DEBUG|INFO|WARNING|ERROR",
                                    .help = "least level logged"};
    ret[n++] = (struct g20_cli_opt){"log-format",
                                    0,
                                    G20_CLI_WORD,
                                    &c->log_format,
                                    .value = "FORMAT",
                                    .words = "auto|text|json",
                                    .help = "of messages on standard error; auto: text on a "
                                            "terminal, else JSON lines"};
    ret[n++] = (struct g20_cli_opt){"quiet", 'q', G20_CLI_NONE, &c->quiet,
                                    .help = "no progress, only warnings and errors"};
    ret[n++] = (struct g20_cli_opt){"help", 'h', G20_CLI_NONE, &c->help, .help = "show this"};
    ret[n++] =
        (struct g20_cli_opt){"version", 0, G20_CLI_NONE, &c->version, .help = "show the version"};
    return n;
}

static void print_opt(const struct g20_cli_opt *o)
{
    const char letter[] = {'-', o->letter, ',', ' ', '\0'};
    char left[64];

    const int n = snprintf(left, sizeof(left), "  %s--%s%s%s", o->letter ? letter : "    ", o->name,
                           o->value ? " " : "", o->value ? o->value : "");
    if (n > 30)
        printf("%s\n%-32s%s", left, "", o->help);
    else
        printf("%-32s%s", left, o->help);
    if (o->words) {
        printf(" (");
        for (const char *p = o->words; *p; p++)
            *p == '|' ? printf(", ") : putchar(*p);
        const char *without = *(const char **)o->to; /* NULL: something else decides */
        without ? printf("; default %s)", without) : printf(")");
    } else if (o->min < o->max) {
        printf(" (%.10g..%.10g)", o->min, o->max);
    }
    putchar('\n');
}

static void print_help(const struct g20_cli *cli, const struct g20_cli_opt *common, size_t ncommon)
{
    printf("Usage: g20 %s [OPTION]...%s%s\n\n%s\n", cli->name, *cli->args ? " " : "", cli->args,
           cli->summary);
    if (cli->about)
        printf("\n%s", cli->about);
    printf("\nOptions:\n");
    for (size_t i = 0; i < cli->count; i++)
        print_opt(&cli->opts[i]);
    for (size_t i = 0; i < ncommon; i++)
        print_opt(&common[i]);
    printf("\nExit codes: 0 done; 2 wrong usage or bad input; 1 anything else.\n");
}

static bool is_word(const char *words, const char *text)
{
    const size_t n = strlen(text);

    for (const char *p = words; p; p = strchr(p, '|')) {
        p += *p == '|';
        if (n > 0 && strncmp(p, text, n) == 0 && (p[n] == '|' || p[n] == '\0'))
            return true;
    }
    return false;
}

/* A value that cannot be read or is out of range: -EINVAL, -ERANGE. */
static int store(const struct g20_cli_opt *o, const char *text)
{
    const bool limited = o->min < o->max;
    char *end;

    errno = 0;
    switch (o->type) {
    case G20_CLI_NONE:
        *(bool *)o->to = true;
        return 0;
    case G20_CLI_STR:
        *(const char **)o->to = text;
        return 0;
    case G20_CLI_WORD:
        if (!is_word(o->words, text))
            return -EINVAL;
        *(const char **)o->to = text;
        return 0;
    case G20_CLI_U64: {
        if (!isdigit((unsigned char)*text)) /* strtoull would take blanks and a minus sign */
            return -EINVAL;
        const unsigned long long v = strtoull(text, &end, 10);
        if (*end)
            return -EINVAL;
        if (errno || (limited && ((double)v < o->min || (double)v > o->max)))
            return -ERANGE;
        *(uint64_t *)o->to = v;
        return 0;
    }
    case G20_CLI_NUM: {
        if (!isdigit((unsigned char)*text) && !strchr("+-.", *text))
            return -EINVAL;
        const double v = strtod(text, &end);
        if (end == text || *end || !isfinite(v))
            return -EINVAL;
        if (limited && (v < o->min || v > o->max))
            return -ERANGE;
        *(double *)o->to = v;
        return 0;
    }
    case G20_CLI_LIST: {
        struct g20_cli_list *list = o->to;
        if (list->count == G20_CLI_LIST_MAX)
            return -E2BIG;
        list->item[list->count++] = text;
        return 0;
    }
    }
    return -EINVAL;
}

static int bad_value(const struct g20_cli *cli, const struct g20_cli_opt *o, const char *text,
                     int code)
{
    if (code == -E2BIG)
        return g20_cli_fail(cli->name, G20_EXIT_INPUT, "--%s is given more than %d times", o->name,
                            G20_CLI_LIST_MAX);
    if (o->words)
        return g20_cli_fail(cli->name, G20_EXIT_INPUT, "--%s: '%.40s' is not one of %s", o->name,
                            text, o->words);
    if (code == -ERANGE)
        return g20_cli_fail(cli->name, G20_EXIT_INPUT, "--%s: %.40s is not within %.10g..%.10g",
                            o->name, text, o->min, o->max);
    return g20_cli_fail(cli->name, G20_EXIT_INPUT, "--%s: '%.40s' is not a number", o->name, text);
}

/* Run getopt over all options; G20_CLI_RUN or an exit code. */
static int parse(const struct g20_cli *cli, const struct g20_cli_opt *all, size_t count, int argc,
                 char **argv)
{
    struct option longs[OPTS_MAX + 1] = {{0}};
    char shorts[2 * OPTS_MAX + 2] = ":";
    size_t n = 1;

    for (size_t i = 0; i < count; i++) {
        const bool wants = all[i].type != G20_CLI_NONE;
        longs[i] = (struct option){all[i].name, wants ? required_argument : no_argument, NULL,
                                   256 + (int)i};
        if (all[i].letter)
            shorts[n++] = all[i].letter;
        if (all[i].letter && wants)
            shorts[n++] = ':';
    }
    opterr = 0;
    optind = 0; /* starts over, also in the GNU parser's hidden state */
    for (;;) {
        const int c = getopt_long(argc, argv, shorts, longs, NULL);
        size_t i;

        if (c == -1)
            return G20_CLI_RUN;
        if (c == ':')
            return g20_cli_fail(cli->name, G20_EXIT_INPUT,
                                "%.60s wants a value; see 'g20 %s --help'", argv[optind - 1],
                                cli->name);
        if (c == '?')
            return g20_cli_fail(cli->name, G20_EXIT_INPUT,
                                "unknown option '%.60s'; see 'g20 %s --help'", argv[optind - 1],
                                cli->name);
        for (i = 0; i < count && c != 256 + (int)i && c != all[i].letter; i++)
            ;
        const int r = store(&all[i], optarg);
        if (r < 0)
            return bad_value(cli, &all[i], optarg, r);
    }
}

static void set_log_format(const char *format)
{
    g20_log_setup(format && strcmp(format, "json") == 0   ? G20_LOG_JSON
                  : format && strcmp(format, "text") == 0 ? G20_LOG_TEXT
                                                          : G20_LOG_AUTO,
                  STDERR_FILENO);
}

/* --log-level is --set log_level; --quiet raises the level unless one was asked for by hand. */
static int load_config(const struct g20_cli *cli, struct common *c)
{
    struct g20_cli_reload own, *from = cli->reload ? cli->reload : &own;
    struct g20_err err = {0};

    *from = (struct g20_cli_reload){
        .sets = c->sets, .file = c->config, .fixed_level = c->log_level || c->quiet};
    if (c->log_level && from->sets.count < G20_CLI_LIST_MAX) {
        snprintf(from->level, sizeof(from->level), "log_level=%s", c->log_level);
        from->sets.item[from->sets.count++] = from->level;
    }
    const struct g20_config_from settings = {
        .file = from->file, .sets = from->sets.item, .set_count = from->sets.count};
    const int r = g20_config_load(cli->config, &settings, &err);
    if (r < 0)
        return g20_cli_fail(cli->name, G20_EXIT_INPUT, "%s", err.msg);
    if (!c->log_level && !c->quiet)
        c->log_level = g20_config_log_level(cli->config);
    return G20_CLI_RUN;
}

int g20_cli_parse(const struct g20_cli *cli, int argc, char **argv, int *ret_first)
{
    struct common c = {0};
    struct g20_cli_opt all[OPTS_MAX], *common;
    enum g20_log_level level = G20_LOG_INFO;

    if (cli->count + COMMON_MAX > OPTS_MAX)
        return g20_cli_fail(cli->name, G20_EXIT_FAILED, "too many options in its table");
    if (cli->count)
        memcpy(all, cli->opts, cli->count * sizeof(*all));
    common = all + cli->count;
    const size_t ncommon = common_opts(cli, &c, common);

    set_log_format(NULL);
    int r = parse(cli, all, cli->count + ncommon, argc, argv);
    if (r != G20_CLI_RUN)
        return r;
    set_log_format(c.log_format);
    if (c.help) {
        print_help(cli, common, ncommon);
        return G20_EXIT_DONE;
    }
    if (c.version) {
        printf("g20 %s\n", G20_VERSION);
        return G20_EXIT_DONE;
    }
    const size_t args = (size_t)(argc - optind);
    if (args < cli->min_args)
        return g20_cli_fail(cli->name, G20_EXIT_INPUT, "wants %s; see 'g20 %s --help'", cli->args,
                            cli->name);
    if (args > cli->max_args)
        return g20_cli_fail(cli->name, G20_EXIT_INPUT, "does not want '%.60s'; see 'g20 %s --help'",
                            argv[optind + (int)cli->max_args], cli->name);
    *ret_first = optind;
    if (cli->config)
        r = load_config(cli, &c);
    if (r != G20_CLI_RUN)
        return r;
    if (c.quiet)
        level = G20_LOG_WARNING;
    if (c.log_level && g20_log_parse_level(c.log_level, &level) < 0)
        return G20_EXIT_INPUT;
    g20_log_set_level(level);
    if (cli->quiet)
        *cli->quiet = c.quiet;
    return G20_CLI_RUN;
}
