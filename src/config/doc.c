/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "config/config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct out {
    g20_config_put_fn *put;
    void *user;
};

static void G20_PRINTF(2, 3) putf(const struct out *out, const char *fmt, ...)
{
    char text[1024];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    out->put(text, out->user);
}

/* "server" of "server.bind" into @buf, "" at the root. */
static void section_of(const char *key, char *buf, size_t size)
{
    const char *dot = strchr(key, '.');

    snprintf(buf, size, "%.*s", dot ? (int)(dot - key) : 0, key);
}

static const char *const intro[] = {
    "Strongest first: command line (--set KEY=VALUE), environment, YAML file (--config FILE, else "
    "/etc/g20/config.yaml if there is one), built-in default.",
    "The variable of a key is G20_SECTION__KEY, of a key at the root G20_KEY: "
    "G20_SERVER__WS_PORT=0, G20_LOG_LEVEL=DEBUG. Names that begin with G20_ and are no setting are "
    "refused, but for G20_SHARED and G20_TEST_*, which belong to the tests.",
    "An unknown key, a key given twice, a wrong type or a value out of range is an error that names "
    "file and line, key, what was found and what is allowed; the daemon does not start.",
    "A key marked live may change while the daemon runs: SIGHUP reads the file again, applies those "
    "and logs which others take a restart. A file with a fault changes nothing. What a viewer gets "
    "at first (display.*) changes for those that connect from then on. A locked key must keep its "
    "value: the models were trained with it.",
    "Frequencies and rates take the suffixes k, M and G (2.4M is 2.4e6); sizes in bytes also Ki, Mi "
    "and Gi.",
};

static const char *mark_of(const struct g20_option *o)
{
    return o->flags & G20_OPT_LOCKED ? "locked" : o->flags & G20_OPT_LIVE ? "live" : "";
}

static void write_markdown(const struct out *out)
{
    size_t count;
    const struct g20_option *o = g20_config_options(&count);
    char section[32], before[32] = "?", allowed[200];

    putf(out, "# Configuration\n\nWritten by `g20 config doc` from the table in "
              "`src/config/options.c`; do not edit.\n");
    for (size_t i = 0; i < G20_COUNT_OF(intro); i++)
        putf(out, "\n%s\n", intro[i]);
    for (size_t i = 0; i < count; i++) {
        section_of(o[i].key, section, sizeof(section));
        if (strcmp(section, before) != 0)
            putf(out, "\n## %s\n\n| key | default | allowed | | meaning |\n|---|---|---|---|---|\n",
                 *section ? section : "at the root");
        snprintf(before, sizeof(before), "%s", section);
        g20_config_allowed(&o[i], allowed, sizeof(allowed));
        putf(out, "| `%s` | %s%s%s | %s | %s | %s |\n", o[i].key, *o[i].dflt ? "`" : "", o[i].dflt,
             *o[i].dflt ? "`" : "", allowed, mark_of(&o[i]), o[i].help);
    }
}

/* man(7) text: a leading dot or quote would be a request, a backslash an escape. */
static void put_roff(const struct out *out, const char *text)
{
    char line[1024];
    size_t n = 0;

    if (*text == '.' || *text == '\'')
        n = (size_t)snprintf(line, sizeof(line), "\\&");
    for (; *text && n + 3 < sizeof(line); text++) {
        if (*text == '\\' || *text == '-')
            line[n++] = '\\';
        line[n++] = *text;
        if (*text == '\\')
            line[n - 1] = 'e';
    }
    line[n] = '\0';
    out->put(line, out->user);
}

static void write_man(const struct out *out)
{
    size_t count;
    const struct g20_option *o = g20_config_options(&count);
    char allowed[200], env[80];

    putf(out,
         ".\\\" Written by `g20 config doc --format man`; do not edit.\n"
         ".TH G20.YAML 5 2026 \"g20 %s\" \"G20\"\n.SH NAME\ng20.yaml \\- settings of g20\n"
         ".SH DESCRIPTION\n",
         G20_VERSION);
    for (size_t i = 0; i < G20_COUNT_OF(intro); i++) {
        put_roff(out, intro[i]);
        putf(out, "\n.PP\n");
    }
    putf(out, ".SH KEYS\n");
    for (size_t i = 0; i < count; i++) {
        g20_config_allowed(&o[i], allowed, sizeof(allowed));
        g20_config_env_name(&o[i], env, sizeof(env));
        putf(out, ".TP\n.B ");
        put_roff(out, o[i].key);
        putf(out, "\n");
        put_roff(out, o[i].help);
        putf(out, ".\n.br\nDefault: ");
        put_roff(out, *o[i].dflt ? o[i].dflt : "empty");
        putf(out, ". Allowed: ");
        put_roff(out, allowed);
        putf(out, ".%s%s%s Variable: %s.\n", *mark_of(&o[i]) ? " " : "", mark_of(&o[i]),
             *mark_of(&o[i]) ? "." : "", env);
    }
    putf(out, ".SH FILES\n.I /etc/g20/config.yaml\n.SH SEE ALSO\n.BR g20 (1),\n"
              ".BR g20\\-config (1)\n");
}

/* A file to start from: every key with its default, commented out. */
static void write_yaml(const struct out *out)
{
    size_t count;
    const struct g20_option *o = g20_config_options(&count);
    char section[32], before[32] = "", allowed[200];

    putf(out, "# Settings of g20, all at their defaults. See g20.yaml(5).\n");
    for (size_t i = 0; i < count; i++) {
        const bool text = o[i].type == G20_OPT_STR || o[i].type == G20_OPT_PATH;
        const char *indent, *name = strchr(o[i].key, '.');

        section_of(o[i].key, section, sizeof(section));
        if (strcmp(section, before) != 0)
            putf(out, "\n%s:\n", section);
        snprintf(before, sizeof(before), "%s", section);
        indent = *section ? "  " : "";
        g20_config_allowed(&o[i], allowed, sizeof(allowed));
        putf(out, "%s# %s (%s)\n", indent, o[i].help, allowed);
        putf(out, "%s#%s: %s%s%s\n", indent, name ? name + 1 : o[i].key, text ? "\"" : "",
             o[i].dflt, text ? "\"" : "");
    }
}

void g20_config_write_doc(enum g20_config_doc kind, g20_config_put_fn *put, void *user)
{
    const struct out out = {.put = put, .user = user};

    switch (kind) {
    case G20_DOC_MARKDOWN:
        write_markdown(&out);
        return;
    case G20_DOC_MAN:
        write_man(&out);
        return;
    case G20_DOC_YAML:
        write_yaml(&out);
        return;
    }
}
