/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* records: signals, missions, captures, samples and models in their tables, as JSON objects.
 *
 * A record as it is read: "id", "created_us", "updated_us", the fields of its kind that are set,
 * and what is computed. @db belongs to the calling thread; writing happens in the caller's
 * transaction, and a write that fails may leave a part of itself there: roll back to a savepoint.
 */
#ifndef G20_STORE_RECORDS_H
#define G20_STORE_RECORDS_H

#include "store/kinds.h"
#include "store/sql.h"

enum { G20_RECORD_FILTERS = 4, G20_RECORDS_MOST = 1000 };

/* Zero every field for 'all, the newest first'. Strings are borrowed. */
struct g20_record_query {
    struct {
        const struct g20_field_def *field; /* with G20_FIELD_FILTER */
        const char *value;                 /* of a number: its digits; of a flag: "0" or "1" */
    } filter[G20_RECORD_FILTERS];
    uint32_t filters;
    uint64_t from_us, to_us; /* of the kind's time_field, [from, to); to 0: no end */
    bool ascending;
    uint32_t limit; /* 1 to G20_RECORDS_MOST; 0: 100 */
    bool has_cursor;
    int64_t cursor_us, cursor_n;
};

/* @fields has been checked (kinds.h). Without "id" one is made up. A sample or model of a signal
 * that is not known makes it known. The record as stored goes to *ret (owned by the caller).
 * -EEXIST: the id or the name is taken. */
G20_MUST_USE int g20_records_put(sqlite3 *db, enum g20_kind kind, const json_t *fields,
                                 uint64_t now_us, json_t **ret, struct g20_err *e);
/* -ENOENT: no such record. */
G20_MUST_USE int g20_records_change(sqlite3 *db, enum g20_kind kind, const char *id,
                                    const json_t *fields, uint64_t now_us, json_t **ret,
                                    struct g20_err *e);
/* -EBUSY: others refer to it (a signal with samples or models). */
G20_MUST_USE int g20_records_delete(sqlite3 *db, enum g20_kind kind, const char *id,
                                    struct g20_err *e);

G20_MUST_USE int g20_records_get(sqlite3 *db, enum g20_kind kind, const char *id, json_t **ret,
                                 struct g20_err *e);
/* A list of records to *ret; when there are more, *ret_more is true and the cursor of the next
 * page goes to *ret_us and *ret_n. */
G20_MUST_USE int g20_records_list(sqlite3 *db, enum g20_kind kind, const struct g20_record_query *q,
                                  json_t **ret, bool *ret_more, int64_t *ret_us, int64_t *ret_n,
                                  struct g20_err *e);

#endif
