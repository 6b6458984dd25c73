/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "base/text.h"

#include "base/alloc.h"

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define REPLACEMENT 0xfffdu

void g20_text_fixed(struct g20_text *t, char *buf, size_t size)
{
    *t = (struct g20_text){.data = buf, .cap = size, .borrowed = true};
    buf[0] = 0;
}

void g20_text_fini(struct g20_text *t)
{
    if (!t->borrowed)
        g20_free(t->data);
    *t = (struct g20_text){0};
}

static bool make_room(struct g20_text *t, size_t n)
{
    if (t->failed)
        return false;
    if (n < t->cap - t->len) /* one byte stays for the NUL */
        return true;
    if (!t->borrowed && n < SIZE_MAX / 4 && t->len < SIZE_MAX / 4) {
        const size_t cap = G20_MAX((t->len + n) * 2, (size_t)256);
        char *data = g20_realloc(t->data, cap, 1);
        if (data) {
            t->data = data;
            t->cap = cap;
            return true;
        }
    }
    t->failed = true;
    return false;
}

void g20_text_put(struct g20_text *t, const char *bytes, size_t n)
{
    if (!make_room(t, n))
        return;
    memcpy(t->data + t->len, bytes, n);
    t->len += n;
    t->data[t->len] = 0;
}

void g20_text_puts(struct g20_text *t, const char *text)
{
    g20_text_put(t, text, strlen(text));
}

void g20_text_printf(struct g20_text *t, const char *fmt, ...)
{
    va_list ap, again;

    va_start(ap, fmt);
    va_copy(again, ap);
    const int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0)
        t->failed = true;
    else if (make_room(t, (size_t)n))
        t->len += (size_t)vsnprintf(t->data + t->len, t->cap - t->len, fmt, again);
    va_end(again);
}

void g20_text_pad(struct g20_text *t, size_t spaces)
{
    for (; spaces > 0; spaces--)
        g20_text_put(t, " ", 1);
}

unsigned g20_text_next(const char **p)
{
    const unsigned char *s = (const unsigned char *)*p;
    static const unsigned lowest[] = {0, 0x80, 0x800, 0x10000};
    int more;
    unsigned c;

    if (!s[0])
        return 0;
    (*p)++;
    if (s[0] < 0x80)
        return s[0];
    if (s[0] >= 0xc2 && s[0] < 0xe0) {
        more = 1;
        c = s[0] & 0x1fu;
    } else if (s[0] >= 0xe0 && s[0] < 0xf0) {
        more = 2;
        c = s[0] & 0x0fu;
    } else if (s[0] >= 0xf0 && s[0] < 0xf5) {
        more = 3;
        c = s[0] & 0x07u;
    } else {
        return REPLACEMENT;
    }
    for (int i = 1; i <= more; i++) {
        if ((s[i] & 0xc0) != 0x80) /* a NUL stops here too */
            return REPLACEMENT;
        c = c << 6 | (s[i] & 0x3fu);
    }
    if (c < lowest[more] || (c >= 0xd800 && c < 0xe000) || c > 0x10ffff)
        return REPLACEMENT;
    *p += more;
    return c;
}

/* The bytes from @from to @to when they decoded well, else U+FFFD. */
static void put_char(struct g20_text *t, const char *from, const char *to, unsigned c)
{
    if (c == REPLACEMENT)
        g20_text_puts(t, "\xef\xbf\xbd");
    else
        g20_text_put(t, from, (size_t)(to - from));
}

void g20_text_json(struct g20_text *t, const char *text)
{
    unsigned c;

    g20_text_puts(t, "\"");
    for (const char *p = text, *at = p; (c = g20_text_next(&p)); at = p) {
        if (c == '"' || c == '\\')
            g20_text_printf(t, "\\%c", (int)c);
        else if (c == '\n')
            g20_text_puts(t, "\\n");
        else if (c < 0x20 || c == 0x7f || c == 0x2028 || c == 0x2029)
            g20_text_printf(t, "\\u%04x", c);
        else
            put_char(t, at, p, c);
    }
    g20_text_puts(t, "\"");
}

void g20_text_num(struct g20_text *t, double v, int decimals)
{
    char buf[352]; /* the longest finite double is 309 digits before the point */

    if (!isfinite(v)) {
        g20_text_puts(t, "null");
        return;
    }
    int n = snprintf(buf, sizeof(buf), "%.*f", G20_CLAMP(decimals, 0, 17), v);
    if (strchr(buf, '.')) {
        while (buf[n - 1] == '0')
            n--;
        if (buf[n - 1] == '.')
            n--;
        buf[n] = 0;
    }
    g20_text_puts(t, strcmp(buf, "-0") == 0 ? "0" : buf);
}

void g20_text_csv(struct g20_text *t, const char *text)
{
    const bool quote =
        strpbrk(text, "\",\r\n") || text[0] == ' ' || (text[0] && text[strlen(text) - 1] == ' ');
    unsigned c;

    if (quote)
        g20_text_puts(t, "\"");
    for (const char *p = text, *at = p; (c = g20_text_next(&p)); at = p) {
        if (c == '"')
            g20_text_puts(t, "\"\"");
        else if ((c < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7f)
            g20_text_puts(t, "?");
        else
            put_char(t, at, p, c);
    }
    if (quote)
        g20_text_puts(t, "\"");
}

void g20_text_plain(struct g20_text *t, const char *text)
{
    unsigned c;

    for (const char *p = text, *at = p; (c = g20_text_next(&p)); at = p) {
        const bool control = c < 0x20 || (c >= 0x7f && c < 0xa0);
        const bool moves = (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
                           (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
        if (control || moves)
            g20_text_puts(t, "?");
        else
            put_char(t, at, p, c);
    }
}

bool g20_text_is_clean(const char *text)
{
    unsigned c;

    for (const char *p = text, *at = p; (c = g20_text_next(&p)); at = p) {
        if (c < 0x20 || (c >= 0x7f && c < 0xa0) || (c == REPLACEMENT && p - at == 1))
            return false;
    }
    return true;
}

bool g20_text_is_name(const char *text)
{
    const size_t n = strlen(text);

    return n > 0 && g20_text_is_clean(text) && !strchr(text, '/') && text[0] != '.' &&
           text[0] != ' ' && text[n - 1] != ' ';
}

/* Blocks, not the full tables of Unicode: enough to align names that people give signals. */
static size_t char_columns(unsigned c)
{
    if ((c >= 0x300 && c < 0x370) || (c >= 0x1ab0 && c < 0x1b00) || (c >= 0x20d0 && c < 0x2100) ||
        (c >= 0xfe00 && c < 0xfe10) || (c >= 0xfe20 && c < 0xfe30))
        return 0;
    if ((c >= 0x1100 && c < 0x1160) || (c >= 0x2e80 && c < 0xa4d0) || (c >= 0xac00 && c < 0xd7a4) ||
        (c >= 0xf900 && c < 0xfb00) || (c >= 0xfe30 && c < 0xfe70) || (c >= 0xff00 && c < 0xff61) ||
        (c >= 0x1f300 && c < 0x1f650) || (c >= 0x1f900 && c < 0x1fa00) ||
        (c >= 0x20000 && c < 0x40000))
        return 2;
    return 1;
}

size_t g20_text_columns(const char *text)
{
    size_t n = 0;
    unsigned c;

    while ((c = g20_text_next(&text)))
        n += char_columns(c);
    return n;
}
