/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* request: one text message of a WebSocket client as far as all paths agree, and its fields.
 *
 * {"command": "...", "id": anything, ...}. Every fault has a code for programs and a text that
 * names the field: "Invalid JSON: ...", "Unknown command: ...", "<field> required". Pure. */
#ifndef G20_SERVER_REQUEST_H
#define G20_SERVER_REQUEST_H

#include "base/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct g20_command_error {
    const char *code; /* static: "invalid_json", "unknown_command", "missing_field", ... */
    char message[256];
    json_t *id; /* owned; NULL when it could not be read */
};

struct g20_request {
    json_t *json;        /* owned; an object */
    const char *command; /* of @json */
    json_t *id;          /* of @json; NULL when the request has none */
};

/* 0, or -EINVAL with *err filled in and *ret untouched. */
G20_MUST_USE int g20_request_parse(const char *text, size_t len, struct g20_request *ret,
                                   struct g20_command_error *err);
void g20_request_fini(struct g20_request *r);
void g20_command_error_fini(struct g20_command_error *err);

/* These fill in *err and return -EINVAL. */
int g20_request_bad(struct g20_command_error *err, const char *code, const char *fmt, ...)
    G20_PRINTF(3, 4);
int g20_request_missing(struct g20_command_error *err, const char *field);
int g20_request_wrong(struct g20_command_error *err, const char *field, const char *want);
int g20_request_unknown(struct g20_command_error *err, const char *command);

/* 1: present and from @lo to @hi; 0: absent; -EINVAL. null is no number, but when @ret_null is
 * given it counts as absent and is told there. */
G20_MUST_USE int g20_request_number(const json_t *o, const char *field, double lo, double hi,
                                    double *ret, bool *ret_null, struct g20_command_error *err);
G20_MUST_USE int g20_request_whole(const json_t *o, const char *field, uint32_t lo, uint32_t hi,
                                   uint32_t *ret, struct g20_command_error *err);

#endif
