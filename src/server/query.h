/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* query: the parameters of a path, "?name=value&name=value", read strictly.
 *
 * A parameter without "=", without a name, given twice, too long or with control characters in it
 * is an error, never ignored. Percent escapes are undone by g20_query_parse(); libwebsockets has
 * done so already for what it hands out, which goes in one by one with g20_query_add().
 * Pure: plain memory, no allocation. This is a fuzz target. */
#ifndef G20_SERVER_QUERY_H
#define G20_SERVER_QUERY_H

#include "base/err.h"

#include <stdint.h>

enum { G20_QUERY_MAX = 16, G20_QUERY_BYTES = 1024 };

struct g20_query { /* start with {0}; names and values lie in @text one after the other */
    uint32_t count, used;
    uint16_t name[G20_QUERY_MAX], value[G20_QUERY_MAX]; /* offsets into @text */
    char text[G20_QUERY_BYTES];
};

/* One decoded "name=value". -EINVAL: refused, *q is as it was. */
G20_MUST_USE int g20_query_add(struct g20_query *q, const char *item, size_t len,
                               struct g20_err *e);

/* A whole query string without its "?", as it came: "+" is a space, "%41" an A. Empty is fine.
 * On failure (-EINVAL) *ret is untouched. */
G20_MUST_USE int g20_query_parse(const char *text, size_t len, struct g20_query *ret,
                                 struct g20_err *e);

/* The value, NULL when there is none; valid as long as @q. */
const char *g20_query_get(const struct g20_query *q, const char *name);

/* 1: *ret is the value; 0: absent; -EINVAL: no finite number from @lo to @hi, *ret untouched and
 * the parameter named in @e. */
G20_MUST_USE int g20_query_number(const struct g20_query *q, const char *name, double lo, double hi,
                                  double *ret, struct g20_err *e);
G20_MUST_USE int g20_query_whole(const struct g20_query *q, const char *name, uint32_t lo,
                                 uint32_t hi, uint32_t *ret, struct g20_err *e);

/* The same for one word of @words (@n): *ret is its index. */
G20_MUST_USE int g20_query_word(const struct g20_query *q, const char *name,
                                const char *const *words, uint32_t n, uint32_t *ret,
                                struct g20_err *e);

/* -EINVAL when there is a parameter that is not one of @names (@n). */
G20_MUST_USE int g20_query_only(const struct g20_query *q, const char *const *names, uint32_t n,
                                struct g20_err *e);

#endif
