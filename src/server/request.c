/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/request.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int g20_request_bad(struct g20_command_error *err, const char *code, const char *fmt, ...)
{
    va_list ap;

    err->code = code;
    va_start(ap, fmt);
    vsnprintf(err->message, sizeof(err->message), fmt, ap);
    va_end(ap);
    return -EINVAL;
}

int g20_request_missing(struct g20_command_error *err, const char *field)
{
    return g20_request_bad(err, "missing_field", "%s required", field);
}

int g20_request_wrong(struct g20_command_error *err, const char *field, const char *want)
{
    return g20_request_bad(err, "invalid_field", "%s: %s", field, want);
}

/* Length of @text cut to at most @most bytes without splitting a UTF-8 character. */
static int cut(const char *text, size_t most)
{
    size_t n = strnlen(text, most + 1);

    if (n > most)
        for (n = most; n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80;)
            n--;
    return (int)n;
}

int g20_request_unknown(struct g20_command_error *err, const char *command)
{
    return g20_request_bad(err, "unknown_command", "Unknown command: %.*s", cut(command, 64),
                           command);
}

int g20_request_number(const json_t *o, const char *field, double lo, double hi, double *ret,
                       bool *ret_null, struct g20_command_error *err)
{
    const json_t *v = json_object_get(o, field);
    char want[96];

    if (!v)
        return 0;
    if (json_is_null(v) && ret_null) {
        *ret_null = true;
        return 0;
    }
    if (!json_is_number(v))
        return g20_request_wrong(err, field, "want a number");
    const double x = json_number_value(v);
    if (!isfinite(x) || x < lo || x > hi) {
        snprintf(want, sizeof(want), "want %.15g to %.15g", lo, hi);
        return g20_request_wrong(err, field, want);
    }
    *ret = x;
    return 1;
}

int g20_request_whole(const json_t *o, const char *field, uint32_t lo, uint32_t hi, uint32_t *ret,
                      struct g20_command_error *err)
{
    double x = 0;
    int r = g20_request_number(o, field, lo, hi, &x, NULL, err);

    if (r <= 0)
        return r;
    if (x != floor(x))
        return g20_request_wrong(err, field, "want a whole number");
    *ret = (uint32_t)x;
    return 1;
}

int g20_request_parse(const char *text, size_t len, struct g20_request *ret,
                      struct g20_command_error *err)
{
    json_error_t why;

    *err = (struct g20_command_error){0};
    json_t *o = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
    if (!o)
        return g20_request_bad(err, "invalid_json", "Invalid JSON: %.*s (line %d, column %d)",
                               cut(why.text, 150), why.text, why.line, why.column);
    if (!json_is_object(o)) {
        json_decref(o);
        return g20_request_bad(err, "invalid_json", "Invalid JSON: want an object");
    }
    json_t *id = json_object_get(o, "id");
    const json_t *name = json_object_get(o, "command");
    if (!json_is_string(name)) {
        err->id = json_incref(id);
        json_decref(o);
        return name ? g20_request_wrong(err, "command", "want a string")
                    : g20_request_missing(err, "command");
    }
    *ret = (struct g20_request){.json = o, .command = json_string_value(name), .id = id};
    return 0;
}

void g20_request_fini(struct g20_request *r)
{
    json_decref(r->json);
    *r = (struct g20_request){0};
}

void g20_command_error_fini(struct g20_command_error *err)
{
    json_decref(err->id);
    err->id = NULL;
}
