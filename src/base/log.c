/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/log.h"

#include "base/clock.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static atomic_int min_level = G20_LOG_INFO;
static atomic_bool as_text;
static atomic_int out_fd = 2;

static const char *const names[] = {"DEBUG", "INFO", "WARNING", "ERROR"};
static const char *const colours[] = {"\033[2m", "\033[32m", "\033[33m", "\033[31m"};

/* A line under construction; what does not fit is cut, never written past the end. */
struct line {
    char text[4096];
    size_t len;
};

static void put(struct line *l, const char *text, size_t n)
{
    const size_t room = sizeof(l->text) - 8 - l->len; /* the end of the line always fits */

    n = G20_MIN(n, room);
    memcpy(l->text + l->len, text, n);
    l->len += n;
}

static void puts_(struct line *l, const char *text)
{
    put(l, text, strlen(text));
}

/* A JSON string: quotes, backslashes and control bytes escaped, bad UTF-8 replaced by '?'. */
static void put_json(struct line *l, const char *text)
{
    puts_(l, "\"");
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        char esc[8];
        if (*p == '"' || *p == '\\') {
            esc[0] = '\\';
            esc[1] = (char)*p;
            put(l, esc, 2);
        } else if (*p < 0x20 || *p == 0x7f) {
            put(l, esc, (size_t)snprintf(esc, sizeof(esc), "\\u%04x", *p));
        } else if (*p < 0x80) {
            put(l, (const char *)p, 1);
        } else {
            int more = *p >= 0xf0 && *p < 0xf5 ? 3 : *p >= 0xe0 ? 2 : *p >= 0xc2 ? 1 : 0;
            int have = 0;
            while (have < more && *p < 0xf5 && (p[have + 1] & 0xc0) == 0x80)
                have++;
            if (more > 0 && have == more) {
                put(l, (const char *)p, (size_t)more + 1);
                p += more;
            } else {
                puts_(l, "?");
            }
        }
    }
    puts_(l, "\"");
}

static void put_value(struct line *l, const struct g20_field *f, bool json)
{
    char num[40];

    switch (f->type) {
    case G20_FIELD_STR:
        if (json)
            put_json(l, f->str ? f->str : "");
        else
            puts_(l, f->str ? f->str : "");
        break;
    case G20_FIELD_INT:
        put(l, num, (size_t)snprintf(num, sizeof(num), "%lld", (long long)f->i));
        break;
    case G20_FIELD_NUM: /* JSON has no NaN or infinity */
        put(l, num,
            (size_t)snprintf(num, sizeof(num), isfinite(f->num) || !json ? "%.9g" : "null",
                             f->num));
        break;
    case G20_FIELD_BOOL:
        puts_(l, f->b ? "true" : "false");
        break;
    }
}

static void format_json(struct line *l, const char *when, enum g20_log_level level,
                        const char *module, const char *message, const struct g20_field *fields,
                        size_t count)
{
    puts_(l, "{\"timestamp\":\"");
    puts_(l, when);
    puts_(l, "\",\"level\":\"");
    puts_(l, names[level]);
    puts_(l, "\",\"module\":");
    put_json(l, module);
    puts_(l, ",\"message\":");
    put_json(l, message);
    for (size_t i = 0; i < count; i++) {
        const size_t before = l->len;
        puts_(l, ",");
        put_json(l, fields[i].key);
        puts_(l, ":");
        put_value(l, &fields[i], true);
        if (l->len >= sizeof(l->text) - 8) { /* it did not fit: leave the whole field out */
            l->len = before;
            break;
        }
    }
    memcpy(l->text + l->len, "}\n", 2);
    l->len += 2;
}

static void format_text(struct line *l, const char *when, enum g20_log_level level,
                        const char *module, const char *message, const struct g20_field *fields,
                        size_t count)
{
    char head[96];

    put(l, head,
        (size_t)snprintf(head, sizeof(head), "%.12s %s%-7s\033[0m %-9s ", when + 11, colours[level],
                         names[level], module));
    puts_(l, message);
    for (size_t i = 0; i < count; i++) {
        puts_(l, "  \033[2m");
        puts_(l, fields[i].key);
        puts_(l, "=\033[0m");
        put_value(l, &fields[i], false);
    }
    memcpy(l->text + l->len, "\n", 1);
    l->len += 1;
}

void g20_log_setup(enum g20_log_format format, int fd)
{
    atomic_store(&out_fd, fd);
    atomic_store(&as_text, format == G20_LOG_TEXT || (format == G20_LOG_AUTO && isatty(fd)));
}

void g20_log_set_level(enum g20_log_level level)
{
    atomic_store(&min_level, level);
}

enum g20_log_level g20_log_get_level(void)
{
    return (enum g20_log_level)atomic_load_explicit(&min_level, memory_order_relaxed);
}

int g20_log_parse_level(const char *text, enum g20_log_level *ret)
{
    for (size_t i = 0; i < G20_COUNT_OF(names); i++) {
        if (strcasecmp(text, names[i]) == 0) {
            *ret = (enum g20_log_level)i;
            return 0;
        }
    }
    return -EINVAL;
}

const char *g20_log_level_name(enum g20_log_level level)
{
    return names[level];
}

void g20_log_fields(enum g20_log_level level, const char *module, const char *message,
                    const struct g20_field *fields, size_t count)
{
    struct line l = {.len = 0};
    char when[40];

    g20_clock_format(g20_clock_utc_us(), when, sizeof(when));
    if (atomic_load(&as_text))
        format_text(&l, when, level, module, message, fields, count);
    else
        format_json(&l, when, level, module, message, fields, count);

    /* Nowhere to report that the log itself cannot be written. */
    ssize_t done = write(atomic_load(&out_fd), l.text, l.len);
    (void)done;
}

void g20_log_list(enum g20_log_level level, const char *module, const char *message, ...)
{
    struct g20_field fields[24]; /* more are cut */
    size_t n = 0;
    va_list ap;

    va_start(ap, message);
    for (struct g20_field f = va_arg(ap, struct g20_field); f.key && n < G20_COUNT_OF(fields);
         f = va_arg(ap, struct g20_field))
        fields[n++] = f;
    va_end(ap);
    g20_log_fields(level, module, message, fields, n);
}
