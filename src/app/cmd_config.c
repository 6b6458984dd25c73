/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* g20 config show | check FILE... | doc */
#include "app/app.h"

#include "base/log.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static void show_table(const struct g20_config *cfg)
{
    size_t count;
    const struct g20_option *o = g20_config_options(&count);
    char value[G20_CONFIG_PATH_MAX], from[G20_CONFIG_PATH_MAX + 32];

    for (size_t i = 0; i < count; i++) {
        g20_config_format(cfg, &o[i], value, sizeof(value));
        g20_config_origin(cfg, &o[i], from, sizeof(from));
        printf("%-34s %-24s %s\n", o[i].key, *value ? value : "\"\"", from);
    }
}

static json_t *value_json(const struct g20_config *cfg, const struct g20_option *o)
{
    char text[G20_CONFIG_PATH_MAX];

    switch (o->type) {
    case G20_OPT_BOOL:
        return json_boolean(g20_config_bool(cfg, o));
    case G20_OPT_INT:
        return json_integer(g20_config_int(cfg, o));
    case G20_OPT_NUM:
        return json_real(g20_config_num(cfg, o));
    case G20_OPT_STR:
    case G20_OPT_PATH:
        break;
    }
    g20_config_format(cfg, o, text, sizeof(text)); /* masks secrets */
    return json_string(text);
}

/* {"server.ws_port": {"value": 50052, "origin": "default", "live": false}, ...} */
static int show_json(const struct g20_config *cfg)
{
    size_t count;
    const struct g20_option *o = g20_config_options(&count);
    char from[G20_CONFIG_PATH_MAX + 32];
    json_t *all = json_object();
    int r = all ? 0 : -1;

    for (size_t i = 0; i < count && r == 0; i++) {
        g20_config_origin(cfg, &o[i], from, sizeof(from));
        r = json_object_set_new(all, o[i].key,
                                json_pack("{s:o, s:s, s:b}", "value", value_json(cfg, &o[i]),
                                          "origin", from, "live",
                                          (o[i].flags & G20_OPT_LIVE) != 0));
    }
    if (r == 0)
        r = json_dumpf(all, stdout, JSON_INDENT(2));
    json_decref(all);
    if (r < 0)
        return g20_cli_fail("config", G20_EXIT_FAILED, "out of memory");
    putchar('\n');
    return G20_EXIT_DONE;
}

static void log_fault(const char *message, void *user)
{
    bool *told = user;

    g20_log(G20_LOG_ERROR, "config", message);
    *told = true;
}

/* A file by itself: neither the environment nor the command line can hide its faults. */
static int check_file(const char *path)
{
    const char *const no_env[] = {NULL};
    struct g20_config cfg;
    struct g20_err err = {0};
    bool told = false;

    g20_config_default(&cfg);
    int r = g20_config_read_file(&cfg, path, log_fault, &told, &err);
    if (r >= 0) {
        r = g20_config_resolve_paths(&cfg, no_env, &err);
        if (r >= 0)
            r = g20_config_check(&cfg, &err);
    }
    if (r < 0 && !told) /* it could not be read at all, or its keys do not go together */
        g20_log(G20_LOG_ERROR, "config", err.msg, G20_F_STR("file", path));
    if (r < 0)
        return g20_exit_of(r);
    printf("%s: ok\n", path);
    return G20_EXIT_DONE;
}

static void put_stdout(const char *text, void *user)
{
    (void)user;
    fputs(text, stdout);
}

static int cmd_show(int argc, char **argv)
{
    struct g20_config cfg;
    bool json = false;
    int first;
    const struct g20_cli_opt opts[] = {
        {"json", 'j', G20_CLI_NONE, &json, .help = "as JSON instead of a table"},
    };
    const struct g20_cli cli = {
        .name = "config show",
        .args = "",
        .summary = "The settings in effect and where each one came from; secrets are masked.",
        .opts = opts,
        .count = G20_COUNT_OF(opts),
        .config = &cfg,
    };
    const int r = g20_cli_parse(&cli, argc, argv, &first);

    if (r != G20_CLI_RUN)
        return r;
    if (json)
        return show_json(&cfg);
    show_table(&cfg);
    return G20_EXIT_DONE;
}

static int cmd_check(int argc, char **argv)
{
    int first, code = G20_EXIT_DONE;
    const struct g20_cli cli = {
        .name = "config check",
        .args = "FILE...",
        .summary = "Report every fault of the files. Environment and command line do not count.",
        .min_args = 1,
        .max_args = SIZE_MAX,
    };
    const int r = g20_cli_parse(&cli, argc, argv, &first);

    if (r != G20_CLI_RUN)
        return r;
    for (int i = first; i < argc; i++) {
        const int one = check_file(argv[i]);
        code = one == G20_EXIT_DONE ? code : one;
    }
    return code;
}

static int cmd_doc(int argc, char **argv)
{
    const char *format = "markdown";
    int first;
    const struct g20_cli_opt opts[] = {
        {"format", 'f', G20_CLI_WORD, &format, .value = "FORMAT", .words = "markdown|man|yaml",
         .help = "docs/configuration.md, g20.yaml(5), or a file to start from"},
    };
    const struct g20_cli cli = {
        .name = "config doc",
        .args = "",
        .summary = "Write the manual of all settings.",
        .opts = opts,
        .count = G20_COUNT_OF(opts),
    };
    const int r = g20_cli_parse(&cli, argc, argv, &first);

    if (r != G20_CLI_RUN)
        return r;
    g20_config_write_doc(strcmp(format, "man") == 0    ? G20_DOC_MAN
                         : strcmp(format, "yaml") == 0 ? G20_DOC_YAML
                                                       : G20_DOC_MARKDOWN,
                         put_stdout, NULL);
    return G20_EXIT_DONE;
}

int g20_cmd_config(int argc, char **argv)
{
    int first;
    const struct g20_cli cli = {
        .name = "config",
        .args = "show | check FILE... | doc",
        .summary = "Settings of g20.",
        .about = "  show   the settings in effect and where each one came from\n"
                 "  check  report every fault of a file\n"
                 "  doc    write the manual of all settings\n"
                 "\n'g20 config show --help' and so on show their options.\n",
        .max_args = 1,
    };

    if (argc > 1 && strcmp(argv[1], "show") == 0)
        return cmd_show(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "check") == 0)
        return cmd_check(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "doc") == 0)
        return cmd_doc(argc - 1, argv + 1);
    const int r = g20_cli_parse(&cli, argc, argv, &first);
    if (r != G20_CLI_RUN)
        return r;
    if (first < argc)
        return g20_cli_fail("config", G20_EXIT_INPUT, "unknown '%.40s'; want %s", argv[first],
                            cli.args);
    return g20_cli_fail("config", G20_EXIT_INPUT, "want %s", cli.args);
}
