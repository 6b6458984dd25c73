/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/log.h"

#include "base/clock.h"
#include "base/text.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static atomic_int min_level = G20_LOG_INFO;
static atomic_bool as_text, as_colour;
static atomic_int out_fd = 2;

static pthread_mutex_t tap_lock = PTHREAD_MUTEX_INITIALIZER;
static void (*tap)(const char *line, size_t len, void *user);
static void *tap_user;
static atomic_bool tapped; /* spares a second formatting when nobody listens */

static const char *const names[] = {"DEBUG", "INFO", "WARNING", "ERROR"};
static const char *const colours[] = {"\033[2m", "\033[32m", "\033[33m", "\033[31m"};

/* Longer strings are cut here; escaped they grow sixfold at most. */
enum { MAX_STRING = 1024, MAX_LINE = 16384, END = 2 };

/* A line under construction in a buffer of its own: what does not fit is left out whole. */
struct line {
    char buf[MAX_LINE];
    struct g20_text text;
};

static void put_string(struct line *l, const char *text, bool json)
{
    char cut[MAX_STRING + 1];

    snprintf(cut, sizeof(cut), "%s", text ? text : "");
    if (json)
        g20_text_json(&l->text, cut);
    else
        g20_text_plain(&l->text, cut); /* a file name must not drive the terminal */
}

static void put_value(struct line *l, const struct g20_field *f, bool json)
{
    switch (f->type) {
    case G20_FIELD_STR:
        put_string(l, f->str, json);
        break;
    case G20_FIELD_INT:
        g20_text_printf(&l->text, "%lld", (long long)f->i);
        break;
    case G20_FIELD_NUM: /* JSON has no NaN or infinity */
        if (isfinite(f->num) || !json)
            g20_text_printf(&l->text, "%.9g", f->num);
        else
            g20_text_puts(&l->text, "null");
        break;
    case G20_FIELD_BOOL:
        g20_text_puts(&l->text, f->b ? "true" : "false");
        break;
    }
}

static void put_json_field(struct line *l, const struct g20_field *f)
{
    g20_text_puts(&l->text, ",");
    put_string(l, f->key, true);
    g20_text_puts(&l->text, ":");
    put_value(l, f, true);
}

static void put_text_field(struct line *l, const struct g20_field *f)
{
    const bool colour = atomic_load(&as_colour);

    g20_text_puts(&l->text, colour ? "  \033[2m" : "  ");
    put_string(l, f->key, false);
    g20_text_puts(&l->text, colour ? "=\033[0m" : "=");
    put_value(l, f, false);
}

static void put_fields(struct line *l, const struct g20_field *fields, size_t count,
                       void (*put)(struct line *, const struct g20_field *))
{
    for (size_t i = 0; i < count; i++) {
        const size_t before = l->text.len;
        put(l, &fields[i]);
        if (l->text.failed) { /* it did not fit: leave it and the rest out */
            l->text.failed = false;
            l->text.len = before;
            return;
        }
    }
}

static void format_json(struct line *l, const char *when, enum g20_log_level level,
                        const char *module, const char *message)
{
    g20_text_printf(&l->text, "{\"timestamp\":\"%s\",\"level\":\"%s\",\"module\":", when,
                    names[level]);
    put_string(l, module, true);
    g20_text_puts(&l->text, ",\"message\":");
    put_string(l, message, true);
}

static void format_text(struct line *l, const char *when, enum g20_log_level level,
                        const char *module, const char *message)
{
    const bool colour = atomic_load(&as_colour);

    g20_text_printf(&l->text, "%.12s %s%-7s%s ", when + 11, colour ? colours[level] : "",
                    names[level], colour ? "\033[0m" : "");
    const size_t before = l->text.len;
    put_string(l, module, false);
    size_t n = l->text.len - before;
    do /* at least one blank, however long the name */
        g20_text_puts(&l->text, " ");
    while (++n < 10);
    put_string(l, message, false);
}

void g20_log_setup(enum g20_log_format format, int fd)
{
    atomic_store(&out_fd, fd);
    atomic_store(&as_text, format == G20_LOG_TEXT || (format == G20_LOG_AUTO && isatty(fd)));
    atomic_store(&as_colour, isatty(fd));
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

void g20_log_tap(void (*take)(const char *line, size_t len, void *user), void *user)
{
    pthread_mutex_lock(&tap_lock);
    tap = take;
    tap_user = user;
    atomic_store(&tapped, take != NULL);
    pthread_mutex_unlock(&tap_lock);
}

static void build(struct line *l, bool json, const char *when, enum g20_log_level level,
                  const char *module, const char *message, const struct g20_field *fields,
                  size_t count)
{
    g20_text_fixed(&l->text, l->buf, sizeof(l->buf) - END); /* the end of the line always fits */
    if (json) {
        format_json(l, when, level, module, message);
        put_fields(l, fields, count, put_json_field);
        memcpy(l->buf + l->text.len, "}\n", 2);
        l->text.len += 2;
    } else {
        format_text(l, when, level, module, message);
        put_fields(l, fields, count, put_text_field);
        memcpy(l->buf + l->text.len, "\n", 1);
        l->text.len += 1;
    }
}

void g20_log_fields(enum g20_log_level level, const char *module, const char *message,
                    const struct g20_field *fields, size_t count)
{
    struct line l;
    char when[40];
    const bool json = !atomic_load(&as_text);

    g20_clock_format(g20_clock_utc_us(), when, sizeof(when));
    build(&l, json, when, level, module, message, fields, count);

    /* Nowhere to report that the log itself cannot be written. */
    ssize_t done = write(atomic_load(&out_fd), l.buf, l.text.len);
    (void)done;
    if (!atomic_load(&tapped))
        return;
    if (!json)
        build(&l, true, when, level, module, message, fields, count);
    pthread_mutex_lock(&tap_lock);
    if (tap)
        tap(l.buf, l.text.len - 1, tap_user);
    pthread_mutex_unlock(&tap_lock);
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
