/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "config/value.h"

#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const void *field(const struct g20_config *cfg, const struct g20_option *o)
{
    return (const char *)cfg + o->at;
}

bool g20_config_bool(const struct g20_config *cfg, const struct g20_option *o)
{
    return *(const bool *)field(cfg, o);
}

int64_t g20_config_int(const struct g20_config *cfg, const struct g20_option *o)
{
    return *(const int64_t *)field(cfg, o);
}

double g20_config_num(const struct g20_config *cfg, const struct g20_option *o)
{
    return *(const double *)field(cfg, o);
}

const char *g20_config_str(const struct g20_config *cfg, const struct g20_option *o)
{
    return field(cfg, o);
}

static bool has_unit(const struct g20_option *o, const char *unit)
{
    return o->unit && strcmp(o->unit, unit) == 0;
}

/* What a suffix multiplies by; 0: not a suffix that @o takes. */
static double factor(const struct g20_option *o, const char *suffix)
{
    static const struct {
        const char *text;
        double by;
        bool bytes_only;
    } known[] = {{"", 1, false},       {"k", 1e3, false},    {"M", 1e6, false},   {"G", 1e9, false},
                 {"Ki", 0x1p10, true}, {"Mi", 0x1p20, true}, {"Gi", 0x1p30, true}};
    const bool bytes = has_unit(o, "bytes"), takes = bytes || has_unit(o, "Hz");

    for (size_t i = 0; i < G20_COUNT_OF(known); i++) {
        if (strcmp(suffix, known[i].text) == 0)
            return i == 0 || (takes && (bytes || !known[i].bytes_only)) ? known[i].by : 0;
    }
    return 0;
}

/* A decimal number, all of @text, with a suffix where the unit allows one. strtod() alone would
 * take leading blanks, hexadecimal, "inf" and "nan". */
static int parse_number(const struct g20_option *o, const char *text, double *ret)
{
    const char *p = text + (*text == '-' || *text == '+');
    char *end;

    if (!isdigit((unsigned char)*p) && *p != '.')
        return -EINVAL;
    if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X'))
        return -EINVAL;
    errno = 0;
    const double v = strtod(text, &end);
    if (end == text || !isfinite(v) || end[-1] == '.')
        return -EINVAL;
    const double by = factor(o, end);
    if (by == 0)
        return -EINVAL;
    *ret = v * by;
    return 0;
}

static int parse_bool(const char *text, bool *ret)
{
    const bool yes = strcmp(text, "true") == 0;

    if (!yes && strcmp(text, "false") != 0)
        return -EINVAL;
    *ret = yes;
    return 0;
}

/* The @i-th word of a list of options into @buf; false past the end. */
static bool option_word(const char *list, size_t i, char *buf, size_t size)
{
    const char *p = list;

    while (i > 0 && (p = strchr(p, ' '))) {
        p++;
        i--;
    }
    if (!p)
        return false;
    snprintf(buf, size, "%.*s", (int)strcspn(p, " "), p);
    return true;
}

static bool is_option(const struct g20_option *o, const char *text, double v)
{
    char word[32];

    for (size_t i = 0; option_word(o->options, i, word, sizeof(word)); i++) {
        if (o->type == G20_OPT_STR ? strcmp(word, text) == 0 : strtod(word, NULL) == v)
            return true;
    }
    return false;
}

void g20_config_allowed(const struct g20_option *o, char *buf, size_t size)
{
    char word[32];
    size_t n = 0;

    if (o->flags & G20_OPT_LOCKED) {
        snprintf(buf, size, "only %s", o->dflt);
    } else if (o->options) {
        n = (size_t)snprintf(buf, size, "one of");
        for (size_t i = 0; option_word(o->options, i, word, sizeof(word)) && n < size; i++)
            n += (size_t)snprintf(buf + n, size - n, "%s %s", i ? "," : "", word);
    } else if (o->type == G20_OPT_BOOL) {
        snprintf(buf, size, "true or false");
    } else if (o->type == G20_OPT_INT || o->type == G20_OPT_NUM) {
        snprintf(buf, size, "%s%.10g..%.10g%s%s", o->type == G20_OPT_INT ? "a whole number " : "",
                 o->min, o->max, o->unit ? " " : "", o->unit ? o->unit : "");
    } else {
        snprintf(buf, size, "at most %zu bytes of text", o->size - 1);
    }
}

static int wrong(const struct g20_option *o, int code, const char *text, const char *what,
                 struct g20_err *e)
{
    char allowed[160];

    g20_config_allowed(o, allowed, sizeof(allowed));
    if (o->flags & G20_OPT_SECRET)
        return g20_fail(e, code, "%s: the value %s; allowed: %s", o->key, what, allowed);
    return g20_fail(e, code, "%s: '%.40s' %s; allowed: %s", o->key, text, what, allowed);
}

static int store_text(struct g20_config *cfg, const struct g20_option *o, const char *text,
                      struct g20_err *e)
{
    const size_t n = strlen(text);

    if (!g20_text_is_clean(text))
        return g20_fail(e, -EINVAL, "%s: the value holds control characters or is not UTF-8",
                        o->key);
    if (n >= o->size)
        return g20_fail(e, -ERANGE, "%s: %zu bytes of text are too long; allowed: at most %zu",
                        o->key, n, o->size - 1);
    if (o->options && !is_option(o, text, 0))
        return wrong(o, -EINVAL, text, "is not known", e);
    char *to = (char *)cfg + o->at;
    memset(to, 0, o->size);
    memcpy(to, text, n);
    to[n] = '\0';
    return 0;
}

static int store_number(struct g20_config *cfg, const struct g20_option *o, const char *text,
                        struct g20_err *e)
{
    const bool whole = o->type == G20_OPT_INT;
    double v;

    if (parse_number(o, text, &v) < 0)
        return wrong(o, -EINVAL, text, "is not a number", e);
    if (whole && v != floor(v))
        return wrong(o, -EINVAL, text, "is not a whole number", e);
    if (o->flags & G20_OPT_LOCKED && v != strtod(o->dflt, NULL))
        return wrong(o, G20_ELOCKED, text,
                     "differs from what the models were trained with (locked)", e);
    if (o->options ? !is_option(o, text, v) : v < o->min || v > o->max)
        return wrong(o, -ERANGE, text, "is out of range", e);
    if (whole)
        *(int64_t *)((char *)cfg + o->at) = (int64_t)v;
    else
        *(double *)((char *)cfg + o->at) = v;
    return 0;
}

int g20_config_store(struct g20_config *cfg, const struct g20_option *o, const char *text,
                     struct g20_origin from, struct g20_err *e)
{
    size_t count;
    int r = 0;

    switch (o->type) {
    case G20_OPT_BOOL:
        r = parse_bool(text, (bool *)((char *)cfg + o->at));
        if (r < 0)
            wrong(o, r, text, "is not a truth value", e);
        break;
    case G20_OPT_INT:
    case G20_OPT_NUM:
        r = store_number(cfg, o, text, e);
        break;
    case G20_OPT_STR:
    case G20_OPT_PATH:
        r = store_text(cfg, o, text, e);
        break;
    }
    if (r >= 0)
        cfg->origin[o - g20_config_options(&count)] = from;
    return r;
}

void g20_config_format(const struct g20_config *cfg, const struct g20_option *o, char *buf,
                       size_t size)
{
    switch (o->type) {
    case G20_OPT_BOOL:
        snprintf(buf, size, "%s", g20_config_bool(cfg, o) ? "true" : "false");
        return;
    case G20_OPT_INT:
        snprintf(buf, size, "%lld", (long long)g20_config_int(cfg, o));
        return;
    case G20_OPT_NUM:
        snprintf(buf, size, "%.15g", g20_config_num(cfg, o));
        return;
    case G20_OPT_STR:
    case G20_OPT_PATH: {
        const char *text = g20_config_str(cfg, o);
        snprintf(buf, size, "%s", *text && o->flags & G20_OPT_SECRET ? "********" : text);
        return;
    }
    }
}

void g20_config_env_name(const struct g20_option *o, char *buf, size_t size)
{
    size_t n = (size_t)snprintf(buf, size, "G20_");

    for (const char *p = o->key; *p && n + 3 < size; p++) {
        if (*p == '.')
            buf[n++] = '_';
        buf[n++] = *p == '.' ? '_' : (char)toupper((unsigned char)*p);
    }
    buf[n] = '\0';
}
