/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* text: a string under construction, and the escapes that JSON, CSV and terminals need.
 *
 * Growing (zero-initialised) or in a caller's buffer (g20_text_fixed). A failure to grow, or a
 * full buffer, sets @failed and later calls do nothing, so a writer checks once at its end.
 * Input strings may hold any bytes: what is no valid UTF-8 (overlong forms, surrogates and cut
 * sequences included) becomes U+FFFD, one a bad byte. */
#ifndef G20_BASE_TEXT_H
#define G20_BASE_TEXT_H

#include "base/base.h"

#include <stdbool.h>

struct g20_text {
    char *data; /* NUL-terminated once anything was put; NULL before */
    size_t len, cap;
    bool failed;   /* out of memory or out of room: the text is cut */
    bool borrowed; /* data is the caller's buffer */
};

/* Write into @buf (@size >= 1) and never grow. */
void g20_text_fixed(struct g20_text *t, char *buf, size_t size);
void g20_text_fini(struct g20_text *t); /* frees what grew; may be used again after */

void g20_text_put(struct g20_text *t, const char *bytes, size_t n);
void g20_text_puts(struct g20_text *t, const char *text);
void g20_text_printf(struct g20_text *t, const char *fmt, ...) G20_PRINTF(2, 3);
void g20_text_pad(struct g20_text *t, size_t spaces);

/* A quoted JSON string. */
void g20_text_json(struct g20_text *t, const char *text);
/* A JSON number with at most @decimals decimals, trailing zeros cut; null when not finite. */
void g20_text_num(struct g20_text *t, double v, int decimals);
/* A field of RFC 4180, quoted only when it must be. Control characters but line breaks go. */
void g20_text_csv(struct g20_text *t, const char *text);
/* For one line of a terminal: control characters (C1 and bidirectional ones too) become '?'. */
void g20_text_plain(struct g20_text *t, const char *text);

/* Valid UTF-8 without control characters (C0, DEL, C1), which a terminal would obey. */
bool g20_text_is_clean(const char *text);

/* Clean and fit to be a file's name too, as that of a signal is: not empty, no slash, no dot
 * first, no blank first or last. */
bool g20_text_is_name(const char *text);

/* Terminal columns that @text (valid UTF-8) takes: combining marks 0, wide East Asian 2. */
size_t g20_text_columns(const char *text);

/* The code point at *@p, which moves past it; U+FFFD and one byte on for anything invalid.
 * @p must point at a NUL-terminated string; returns 0 at its end without moving. */
unsigned g20_text_next(const char **p);

#endif
