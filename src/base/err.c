/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int g20_fail(struct g20_err *e, int code, const char *fmt, ...)
{
    if (!e)
        return code;

    va_list ap;
    va_start(ap, fmt);
    e->code = code;
    vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
    va_end(ap);
    return code;
}

int g20_fail_at(struct g20_err *e, int code, const char *fmt, ...)
{
    if (!e)
        return code;

    char old[sizeof(e->msg)], where[sizeof(e->msg)];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(where, sizeof(where), fmt, ap);
    va_end(ap);
    memcpy(old, e->msg, sizeof(old));
    e->code = code;
    /* A message too long for its buffer is cut at the end, where it says least. */
    size_t n = strnlen(where, sizeof(where));
    memcpy(e->msg, where, n);
    snprintf(e->msg + n, sizeof(e->msg) - n, ": %s", old);
    return code;
}

const char *g20_strerror(int code)
{
    static _Thread_local char text[96];

    switch (code) {
#define X(name, value, str) \
    case value:             \
        return str;
        G20_ERR_MAP(X)
#undef X
    default:
        break;
    }
    if (code >= 0)
        return "success";
    /* The GNU form returns a pointer that may or may not be our buffer. */
    return strerror_r(-code, text, sizeof(text));
}
