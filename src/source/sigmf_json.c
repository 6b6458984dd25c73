/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "source/sigmf_json.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* A value as a person would recognise it, in few characters. */
static void describe(const json_t *v, char *buf, size_t size)
{
    if (!v)
        snprintf(buf, size, "nothing");
    else if (json_is_string(v))
        snprintf(buf, size, "\"%.40s%s\"", json_string_value(v),
                 json_string_length(v) > 40 ? "..." : "");
    else if (json_is_integer(v))
        snprintf(buf, size, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
    else if (json_is_real(v))
        snprintf(buf, size, "%.12g", json_real_value(v));
    else if (json_is_boolean(v))
        snprintf(buf, size, json_is_true(v) ? "true" : "false");
    else
        snprintf(buf, size,
                 json_is_array(v)    ? "an array"
                 : json_is_object(v) ? "an object"
                                     : "null");
}

int g20_sigmf_want(const struct g20_sigmf_at *at, const char *key, const char *want)
{
    char found[64];

    describe(json_object_get(at->object, key), found, sizeof(found));
    return g20_fail(at->e, G20_EFORMAT, "%s: %s%s%s: want %s, found %s", at->name, at->where,
                    at->where[0] ? "." : "", key, want, found);
}

int g20_sigmf_get_u64(const struct g20_sigmf_at *at, const char *key, bool required, uint64_t max,
                      uint64_t *ret)
{
    const json_t *v = json_object_get(at->object, key);
    char want[64] = "a whole number >= 0";

    if (!v && !required)
        return 0;
    if (max < INT64_MAX)
        snprintf(want, sizeof(want), "a whole number in 0..%llu", (unsigned long long)max);
    if (json_is_integer(v) && json_integer_value(v) >= 0 &&
        (uint64_t)json_integer_value(v) <= max) {
        *ret = (uint64_t)json_integer_value(v);
        return 1;
    }
    /* Some writers put every number as a float; beyond 2^53 it would be a guess. */
    const double d = json_is_real(v) ? json_real_value(v) : -1;
    if (d >= 0 && d <= 0x1p53 && d == floor(d) && (uint64_t)d <= max) {
        *ret = (uint64_t)d;
        return 1;
    }
    return g20_sigmf_want(at, key, want);
}

int g20_sigmf_get_num(const struct g20_sigmf_at *at, const char *key, double min, double max,
                      double *ret)
{
    const json_t *v = json_object_get(at->object, key);
    char want[64];

    if (!v)
        return 0;
    const double d = json_is_number(v) ? json_number_value(v) : NAN;
    if (!(d >= min && d <= max)) {
        snprintf(want, sizeof(want), "a number in %g..%g", min, max);
        return g20_sigmf_want(at, key, want);
    }
    *ret = d;
    return 1;
}

int g20_sigmf_get_bool(const struct g20_sigmf_at *at, const char *key, bool *ret)
{
    const json_t *v = json_object_get(at->object, key);

    if (!v)
        return 0;
    if (!json_is_boolean(v))
        return g20_sigmf_want(at, key, "true or false");
    *ret = json_is_true(v);
    return 1;
}

int g20_sigmf_get_str(const struct g20_sigmf_at *at, const char *key, bool cut, char *buf,
                      size_t size)
{
    const json_t *v = json_object_get(at->object, key);
    char want[64];

    if (!v)
        return 0;
    if (!json_is_string(v))
        return g20_sigmf_want(at, key, "a text");
    size_t n = json_string_length(v);
    const char *s = json_string_value(v);
    if (n >= size && !cut) {
        snprintf(want, sizeof(want), "a text of at most %zu bytes", size - 1);
        return g20_sigmf_want(at, key, want);
    }
    if (n >= size) {
        n = size - 1;
        while (n > 0 && ((unsigned char)s[n] & 0xC0) == 0x80)
            n--; /* not in the middle of a UTF-8 character */
    }
    memcpy(buf, s, n);
    buf[n] = '\0';
    return 1;
}

/* Exactly @n digits at *@s, which moves past them; -1 when there are not. */
static int digits(const char **s, int n)
{
    int v = 0;

    for (; n > 0; n--, (*s)++) {
        if (**s < '0' || **s > '9')
            return -1;
        v = v * 10 + (**s - '0');
    }
    return v;
}

static bool skip_char(const char **s, char a, char b)
{
    if (**s != a && **s != b)
        return false;
    (*s)++;
    return true;
}

int g20_sigmf_parse_time(const char *s, uint64_t *ret_us)
{
    struct tm tm = {0}, check;
    uint64_t us = 0;

    const int year = digits(&s, 4);
    const bool ok1 = year >= 1970 && skip_char(&s, '-', '-');
    const int month = ok1 ? digits(&s, 2) : -1;
    const bool ok2 = month >= 1 && skip_char(&s, '-', '-');
    tm.tm_mday = ok2 ? digits(&s, 2) : -1;
    if (tm.tm_mday < 1 || !skip_char(&s, 'T', 't'))
        return -EINVAL;
    tm.tm_hour = digits(&s, 2);
    if (tm.tm_hour < 0 || tm.tm_hour > 23 || !skip_char(&s, ':', ':'))
        return -EINVAL;
    tm.tm_min = digits(&s, 2);
    if (tm.tm_min < 0 || tm.tm_min > 59 || !skip_char(&s, ':', ':'))
        return -EINVAL;
    tm.tm_sec = digits(&s, 2);
    if (tm.tm_sec < 0 || tm.tm_sec > 60) /* 60: a leap second, counted as the next one */
        return -EINVAL;
    if (*s == '.') {
        uint64_t unit = 100000;
        for (s++; *s >= '0' && *s <= '9'; s++, unit /= 10)
            us += (uint64_t)(*s - '0') * unit;
    }
    if (!(skip_char(&s, 'Z', 'z') || strcmp(s, "+00:00") == 0) || (*s && *s != '+'))
        return -EINVAL;

    tm.tm_year = year - 1900;
    tm.tm_mon = month - 1;
    const int sec = tm.tm_sec;
    tm.tm_sec = 0;
    const time_t t = timegm(&tm);
    if (!gmtime_r(&t, &check) || check.tm_mday != tm.tm_mday || check.tm_mon != month - 1)
        return -EINVAL; /* 31 February */
    *ret_us = ((uint64_t)t + (uint64_t)sec) * 1000000u + us;
    return 0;
}

int g20_sigmf_get_time(const struct g20_sigmf_at *at, const char *key, uint64_t *ret)
{
    const json_t *v = json_object_get(at->object, key);

    if (!v)
        return 0;
    if (!json_is_string(v) || g20_sigmf_parse_time(json_string_value(v), ret) < 0)
        return g20_sigmf_want(at, key, "a UTC time such as \"2026-11-23T22:15:00.123Z\"");
    return 1;
}
