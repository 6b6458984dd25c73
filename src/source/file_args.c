/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "source/file_args.h"

#include "source/sigmf_json.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int g20_file_args_number(const char *text, size_t len, double *ret)
{
    char buf[48], *end;
    double scale = 1;

    /* strtod() also takes "nan", "inf", "0x10" and spaces: only plain decimals are meant. */
    if (len == 0 || len >= sizeof(buf) || strspn(text, "0123456789.eE+-kKMG") < len)
        return -EINVAL;
    memcpy(buf, text, len);
    buf[len] = '\0';
    switch (buf[len - 1]) {
    case 'k':
    case 'K':
        scale = 1e3;
        break;
    case 'M':
        scale = 1e6;
        break;
    case 'G':
        scale = 1e9;
        break;
    default:
        break;
    }
    if (scale > 1)
        buf[len - 1] = '\0';
    const double v = strtod(buf, &end) * scale;
    if (end == buf || *end || !isfinite(v))
        return -EINVAL;
    *ret = v;
    return 0;
}

static int parse_bool(const char *s, bool *ret)
{
    if (strcmp(s, "true") != 0 && strcmp(s, "false") != 0)
        return -EINVAL;
    *ret = s[0] == 't';
    return 0;
}

static int bad_value(const char *key, const char *value, const char *want, struct g20_err *e)
{
    return g20_fail(e, -EINVAL, "option %s: want %s, found \"%.60s\"", key, want, value);
}

static int number_in(const char *key, const char *value, double lo, double hi, bool whole,
                     double *ret, struct g20_err *e)
{
    char want[64];

    if (g20_file_args_number(value, strlen(value), ret) == 0 && *ret >= lo && *ret <= hi &&
        (!whole || *ret == floor(*ret)))
        return 0;
    snprintf(want, sizeof(want), "a %snumber in %g..%g", whole ? "whole " : "", lo, hi);
    return bad_value(key, value, want, e);
}

static int set_option(struct g20_file_args *a, const char *key, const char *value,
                      struct g20_err *e)
{
    double v = 0;
    int r;

    if (strcmp(key, "format") == 0) {
        if (g20_datatype_parse(&a->type, value, false) < 0)
            return bad_value(key, value, "a sample format such as ci16_le, cu8 or cf32_be", e);
        a->has_type = true;
        return 0;
    }
    if (strcmp(key, "rate") == 0)
        return number_in(key, value, 1e-3, 1e12, false, &a->rate_hz, e);
    if (strcmp(key, "center") == 0) {
        a->has_center = true;
        return number_in(key, value, -1e15, 1e15, false, &a->center_hz, e);
    }
    if (strcmp(key, "channel") == 0) {
        r = number_in(key, value, 0, 1023, true, &v, e);
        if (r >= 0)
            a->channel = (uint32_t)v;
        return r;
    }
    if (strcmp(key, "header_bytes") == 0) {
        r = number_in(key, value, 0, 1e15, true, &v, e);
        if (r >= 0)
            a->header_bytes = (uint64_t)v;
        return r;
    }
    if (strcmp(key, "time") == 0) {
        if (g20_sigmf_parse_time(value, &a->time_us) < 0)
            return bad_value(key, value, "a UTC time such as 2026-11-23T22:15:00Z", e);
        return 0;
    }
    if (strcmp(key, "verify") == 0 || strcmp(key, "truncated") == 0) {
        if (parse_bool(value, key[0] == 'v' ? &a->verify : &a->truncated) < 0)
            return bad_value(key, value, "true or false", e);
        return 0;
    }
    return g20_fail(e, -EINVAL,
                    "unknown option \"%s\" (want format, rate, center, time, channel, "
                    "header_bytes, verify or truncated; a comma in a file name is written \\,)",
                    key);
}

/* Length of "word=" at @s without the '=', 0 when there is none. */
static size_t key_length(const char *s)
{
    const size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz_");

    return s[n] == '=' && n < 32 ? n : 0;
}

/* Copy one escaped piece, up to a comma before `word=` or to the end; NULL when it is too long. */
static const char *take_piece(const char *s, char *buf, size_t size)
{
    size_t n = 0;

    while (*s && !(*s == ',' && key_length(s + 1) > 0)) {
        if (*s == '\\' && (s[1] == ',' || s[1] == '\\'))
            s++;
        if (n + 1 >= size)
            return NULL;
        buf[n++] = *s++;
    }
    buf[n] = '\0';
    return s;
}

int g20_file_args_parse(struct g20_file_args *ret, const char *text, struct g20_err *e)
{
    struct g20_file_args a = {0};
    char key[32], value[64];
    const char *s = take_piece(text, a.path, sizeof(a.path));
    int r;

    if (!s)
        return g20_fail(e, -ENAMETOOLONG, "%.100s...: file name too long", text);
    if (a.path[0] == '\0')
        return g20_fail(e, -EINVAL, "want a file name before the options");
    while (*s == ',') {
        const size_t n = key_length(++s);
        snprintf(key, sizeof(key), "%.*s", (int)n, s);
        s = take_piece(s + n + 1, value, sizeof(value));
        if (!s)
            return g20_fail(e, -EINVAL, "%.200s: option %s: value too long", a.path, key);
        if ((r = set_option(&a, key, value, e)) < 0)
            return g20_fail_at(e, r, "%.200s", a.path);
    }
    *ret = a;
    return 0;
}

int g20_file_args_escape(const char *path, char *buf, size_t size)
{
    size_t n = 0;

    for (; *path; path++) {
        const bool escape =
            *path == ',' || (*path == '\\' && (path[1] == ',' || path[1] == '\\' || !path[1]));
        if (n + 2 + escape > size)
            return -ENAMETOOLONG;
        if (escape)
            buf[n++] = '\\';
        buf[n++] = *path;
    }
    if (n >= size)
        return -ENAMETOOLONG;
    buf[n] = '\0';
    return 0;
}

int g20_file_args_for(const char *name, char *buf, size_t size)
{
    const size_t n = strlen(name);

    if (access(name, F_OK) == 0)
        return g20_file_args_escape(name, buf, size);
    if (n >= size)
        return -ENAMETOOLONG;
    memcpy(buf, name, n + 1);
    return 0;
}
