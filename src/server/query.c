/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/query.h"

#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int wrong(struct g20_err *e, const char *name, const char *want)
{
    return g20_fail(e, -EINVAL, "%.60s: want %s", name, want);
}

int g20_query_add(struct g20_query *q, const char *item, size_t len, struct g20_err *e)
{
    char copy[G20_QUERY_BYTES];

    if (len >= sizeof(copy) - q->used)
        return g20_fail(e, -EINVAL, "query: too long");
    if (q->count == G20_QUERY_MAX)
        return g20_fail(e, -EINVAL, "query: more than %d parameters", G20_QUERY_MAX);
    if (len > 0)
        memcpy(copy, item, len);
    copy[len] = '\0';
    if (strlen(copy) != len || !g20_text_is_clean(copy))
        return g20_fail(e, -EINVAL, "query: not plain text");
    char *value = strchr(copy, '=');
    if (!value || value == copy)
        return g20_fail(e, -EINVAL, "query: want name=value");
    *value++ = '\0';
    if (g20_query_get(q, copy))
        return g20_fail(e, -EINVAL, "%.60s: given twice", copy);
    memcpy(q->text + q->used, copy, len + 1);
    q->name[q->count] = (uint16_t)q->used;
    q->value[q->count] = (uint16_t)(q->used + (uint32_t)(value - copy));
    q->count++;
    q->used += (uint32_t)len + 1;
    return 0;
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Undoes the escapes of @n bytes into @out (n); the length, or -EINVAL. */
static int unescape(const char *in, size_t n, char *out)
{
    size_t m = 0;

    for (size_t i = 0; i < n; i++) {
        if (in[i] != '%') {
            out[m++] = in[i] == '+' ? ' ' : in[i];
            continue;
        }
        const int high = i + 2 < n ? hex(in[i + 1]) : -1, low = i + 2 < n ? hex(in[i + 2]) : -1;
        if (high < 0 || low < 0)
            return -EINVAL;
        out[m++] = (char)(high << 4 | low);
        i += 2;
    }
    return (int)m;
}

int g20_query_parse(const char *text, size_t len, struct g20_query *ret, struct g20_err *e)
{
    struct g20_query q = {0};
    char item[G20_QUERY_BYTES];
    size_t at = 0;

    if (len >= sizeof(item))
        return g20_fail(e, -EINVAL, "query: too long");
    while (at < len) {
        const char *end = memchr(text + at, '&', len - at);
        const size_t n = end ? (size_t)(end - text) - at : len - at;
        const int m = unescape(text + at, n, item);

        if (m < 0)
            return g20_fail(e, -EINVAL, "query: bad %% escape");
        const int r = g20_query_add(&q, item, (size_t)m, e);
        if (r < 0)
            return r;
        at += n + 1;
    }
    *ret = q;
    return 0;
}

const char *g20_query_get(const struct g20_query *q, const char *name)
{
    for (uint32_t i = 0; i < q->count; i++)
        if (strcmp(q->text + q->name[i], name) == 0)
            return q->text + q->value[i];
    return NULL;
}

int g20_query_number(const struct g20_query *q, const char *name, double lo, double hi, double *ret,
                     struct g20_err *e)
{
    const char *text = g20_query_get(q, name);
    char *end = NULL;

    if (!text)
        return 0;
    /* Not what strtod() also takes: blanks, hexadecimals, "nan" and "inf". */
    const bool plain = text[0] && strspn(text, "0123456789+-.eE") == strlen(text);
    const double x = plain ? strtod(text, &end) : NAN;
    if (!end || *end || !isfinite(x))
        return wrong(e, name, "a number");
    if (x < lo || x > hi)
        return g20_fail(e, -EINVAL, "%.60s: want %.15g to %.15g", name, lo, hi);
    *ret = x;
    return 1;
}

int g20_query_whole(const struct g20_query *q, const char *name, uint32_t lo, uint32_t hi,
                    uint32_t *ret, struct g20_err *e)
{
    double x = 0;
    const int r = g20_query_number(q, name, lo, hi, &x, e);

    if (r <= 0)
        return r;
    if (x != floor(x))
        return wrong(e, name, "a whole number");
    *ret = (uint32_t)x;
    return 1;
}

int g20_query_word(const struct g20_query *q, const char *name, const char *const *words,
                   uint32_t n, uint32_t *ret, struct g20_err *e)
{
    const char *text = g20_query_get(q, name);
    char buf[160];
    struct g20_text list;

    if (!text)
        return 0;
    g20_text_fixed(&list, buf, sizeof(buf));
    for (uint32_t i = 0; i < n; i++) {
        if (strcmp(text, words[i]) == 0) {
            *ret = i;
            return 1;
        }
        g20_text_printf(&list, "%s%s", i == 0 ? "" : i + 1 == n ? " or " : ", ", words[i]);
    }
    return wrong(e, name, buf);
}

int g20_query_only(const struct g20_query *q, const char *const *names, uint32_t n,
                   struct g20_err *e)
{
    for (uint32_t i = 0; i < q->count; i++) {
        const char *name = q->text + q->name[i];
        bool known = false;

        for (uint32_t k = 0; k < n && !known; k++)
            known = strcmp(name, names[k]) == 0;
        if (!known)
            return g20_fail(e, -EINVAL, "%.60s: unknown parameter", name);
    }
    return 0;
}
