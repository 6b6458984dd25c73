/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* kinds: the kinds of records beside emissions, their fields, and what each may hold.
 *
 * One table drives the checks, the SQL and the HTTP API; tests hold it against the schema and
 * docs/openapi.yaml. Pure. */
#ifndef G20_STORE_KINDS_H
#define G20_STORE_KINDS_H

#include "base/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum g20_kind { G20_SIGNALS, G20_MISSIONS, G20_CAPTURES, G20_SAMPLES, G20_MODELS, G20_KINDS };

enum g20_value_type {
    G20_VALUE_TEXT,  /* UTF-8 without control characters */
    G20_VALUE_NOTES, /* likewise, line breaks and tabs too */
    G20_VALUE_INT,
    G20_VALUE_REAL,
    G20_VALUE_FLAG, /* true or false */
    G20_VALUE_JSON, /* any object or list */
};

enum {
    G20_FIELD_NEEDED = 1, /* a record cannot be without */
    G20_FIELD_CLIENT = 2, /* clients may set it over HTTP; others are set by the daemon's parts */
    G20_FIELD_FILTER = 4, /* a list may be asked for by its value */
    G20_FIELD_NAME = 8,   /* text that is a file's name too: g20_text_is_name() */
};

struct g20_field_def {
    const char *name;
    enum g20_value_type type;
    unsigned flags;
    double min, max;   /* numbers: range; text and JSON: least and most bytes */
    const char *words; /* NULL, or the only values: "idle running" */
};

struct g20_kind_def {
    const char *name;          /* the table's, and the path's behind /api/ */
    const char *one;           /* for messages: "signal" */
    const char *time_field;    /* lists are in its order: "created_us" or "start_us" */
    const char *computed;      /* more columns of the SELECT, each "x AS name"; "" for none */
    const char *computed_json; /* that of them which is JSON, or NULL */
    const struct g20_field_def *field; /* (count) */
    size_t count;
};

const struct g20_kind_def *g20_kind(enum g20_kind kind);
const struct g20_field_def *g20_kind_field(enum g20_kind kind, const char *name); /* or NULL */

/* May this be an id? 1 to 64 of letters, digits and . _ - : and no dot in front. */
bool g20_kind_id_ok(const char *id);

/* Is @fields (an object) a whole record (@whole) or a change of one? @client: as a client may send
 * it. "id" may be there in a whole one. null stands for 'not there'. -EINVAL: the message names
 * the field, what was found and what is wanted. */
G20_MUST_USE int g20_kind_check(enum g20_kind kind, const json_t *fields, bool whole, bool client,
                                struct g20_err *e);

#endif
