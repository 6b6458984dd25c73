/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* sigmf_json: checked access to the fields of a SigMF document, private to sigmf*.c.
 *
 * Each getter leaves *ret alone when the key is missing and not required, and fails with a message
 * that names file, place and key: "x.sigmf-meta: captures[2].core:frequency: want ..., found ...".
 */
#ifndef G20_SOURCE_SIGMF_JSON_H
#define G20_SOURCE_SIGMF_JSON_H

#include "base/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct g20_sigmf_at {
    const char *name; /* of the file, for messages */
    const json_t *object;
    char where[48]; /* "global", "captures[2]" */
    struct g20_err *e;
};

/* "x.sigmf-meta: where.key: want @want, found ..." from the value that is there. */
int g20_sigmf_want(const struct g20_sigmf_at *at, const char *key, const char *want);

G20_MUST_USE int g20_sigmf_get_u64(const struct g20_sigmf_at *at, const char *key, bool required,
                                   uint64_t max, uint64_t *ret);
/* Finite numbers only. Returns 1 when the key is there, 0 when not. */
G20_MUST_USE int g20_sigmf_get_num(const struct g20_sigmf_at *at, const char *key, double min,
                                   double max, double *ret);
G20_MUST_USE int g20_sigmf_get_bool(const struct g20_sigmf_at *at, const char *key, bool *ret);
/* Too long a text is an error unless @cut, then it is cut between two characters. */
G20_MUST_USE int g20_sigmf_get_str(const struct g20_sigmf_at *at, const char *key, bool cut,
                                   char *buf, size_t size);
/* RFC 3339 in UTC, as core:datetime, to microseconds since 1970. */
G20_MUST_USE int g20_sigmf_get_time(const struct g20_sigmf_at *at, const char *key, uint64_t *ret);

/* "2026-11-23T22:15:00.123456Z" (also lower case, or +00:00); -EINVAL for anything else. */
G20_MUST_USE int g20_sigmf_parse_time(const char *text, uint64_t *ret_us);

#endif
