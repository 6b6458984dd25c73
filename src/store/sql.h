/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* sql: SQLite with our errors.
 *
 * Full disk: -ENOSPC (a quota and a file size limit too). Damaged or no database: G20_EFORMAT. A
 * record that is there already: -EEXIST. A statement that ran too long: -ETIME. A connection
 * belongs to one thread at a time. */
#ifndef G20_STORE_SQL_H
#define G20_STORE_SQL_H

#include "base/err.h"

#include <sqlite3.h>
#include <stdint.h>

enum g20_sql_mode {
    G20_SQL_WRITE, /* made when it is missing; WAL */
    G20_SQL_READ,
};

/* Closing is the caller's, by g20_sql_close(). */
G20_MUST_USE int g20_sql_open(sqlite3 **ret, const char *path, enum g20_sql_mode mode,
                              struct g20_err *e);
void g20_sql_close(sqlite3 *db); /* NULL is fine; statements are finished first */

/* What @rc, the last failure of @db (NULL: unknown), is in our terms. */
int g20_sql_code(sqlite3 *db, int rc);
int g20_sql_fail(sqlite3 *db, int rc, struct g20_err *e, const char *what);

G20_MUST_USE int g20_sql_exec(sqlite3 *db, const char *sql, struct g20_err *e);
/* First column of the first row; 0 when there is none. */
G20_MUST_USE int g20_sql_number(sqlite3 *db, const char *sql, int64_t *ret, struct g20_err *e);
G20_MUST_USE int g20_sql_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **ret,
                                 struct g20_err *e);
/* 1: a row, 0: done; the statement is reset when it is not a row. */
G20_MUST_USE int g20_sql_step(sqlite3_stmt *st, struct g20_err *e);

/* The text of a column, cut to @size - 1 bytes. */
void g20_sql_text(sqlite3_stmt *st, int column, char *buf, size_t size);

#endif
