/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "store/sql.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { BUSY_MS = 5000, LONGEST_VALUE = 4 << 20 };

int g20_sql_code(sqlite3 *db, int rc)
{
    const int os = db ? sqlite3_system_errno(db) : 0;

    switch (rc & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return 0;
    case SQLITE_FULL:
        return -ENOSPC;
    case SQLITE_IOERR:
        return os == ENOSPC || os == EDQUOT || os == EFBIG ? -ENOSPC : -EIO;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return G20_EFORMAT;
    case SQLITE_NOMEM:
        return -ENOMEM;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return -EBUSY;
    case SQLITE_READONLY:
        return -EROFS;
    case SQLITE_CANTOPEN:
        return os > 0 ? -os : -EIO;
    case SQLITE_INTERRUPT:
        return -ETIME;
    case SQLITE_TOOBIG:
        return -E2BIG;
    case SQLITE_CONSTRAINT:
        return rc == SQLITE_CONSTRAINT_UNIQUE || rc == SQLITE_CONSTRAINT_PRIMARYKEY ? -EEXIST
                                                                                    : -EINVAL;
    default:
        return -EIO;
    }
}

int g20_sql_fail(sqlite3 *db, int rc, struct g20_err *e, const char *what)
{
    const int code = g20_sql_code(db, rc);

    return g20_fail(e, code < 0 ? code : -EIO, "%.60s: %s", what,
                    db ? sqlite3_errmsg(db) : sqlite3_errstr(rc));
}

static int set_up(sqlite3 *db, enum g20_sql_mode mode, struct g20_err *e)
{
    sqlite3_busy_timeout(db, BUSY_MS);
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, LONGEST_VALUE);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    if (mode == G20_SQL_READ)
        return g20_sql_exec(db, "PRAGMA query_only=ON; PRAGMA cell_size_check=ON", e);
    /* The way of giving pages back can only be chosen before there is a table. */
    return g20_sql_exec(db,
                        "PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL;"
                        "PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
                        "PRAGMA cell_size_check=ON; PRAGMA journal_size_limit=67108864;"
                        "PRAGMA temp_store=MEMORY",
                        e);
}

int g20_sql_open(sqlite3 **ret, const char *path, enum g20_sql_mode mode, struct g20_err *e)
{
    const int flags =
        SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
        (mode == G20_SQL_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    sqlite3 *db = NULL;
    const int rc = sqlite3_open_v2(path, &db, flags, NULL);
    int r = rc == SQLITE_OK ? set_up(db, mode, e) : g20_sql_fail(db, rc, e, "open");

    if (r < 0) {
        g20_sql_close(db);
        return g20_fail_at(e, r, "%.150s", path);
    }
    *ret = db;
    return 0;
}

void g20_sql_close(sqlite3 *db)
{
    sqlite3_stmt *st;

    if (!db)
        return;
    while ((st = sqlite3_next_stmt(db, NULL)))
        sqlite3_finalize(st);
    sqlite3_close(db);
}

int g20_sql_exec(sqlite3 *db, const char *sql, struct g20_err *e)
{
    const int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);

    return rc == SQLITE_OK ? 0 : g20_sql_fail(db, rc, e, sql);
}

int g20_sql_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **ret, struct g20_err *e)
{
    sqlite3_stmt *st = NULL;
    const int rc = sqlite3_prepare_v2(db, sql, -1, &st, NULL);

    if (rc != SQLITE_OK)
        return g20_sql_fail(db, rc, e, sql);
    *ret = st;
    return 0;
}

int g20_sql_step(sqlite3_stmt *st, struct g20_err *e)
{
    const int rc = sqlite3_step(st);

    if (rc == SQLITE_ROW)
        return 1;
    sqlite3 *db = sqlite3_db_handle(st);
    const int r = rc == SQLITE_DONE ? 0 : g20_sql_fail(db, rc, e, "statement");
    sqlite3_reset(st);
    return r;
}

int g20_sql_number(sqlite3 *db, const char *sql, int64_t *ret, struct g20_err *e)
{
    sqlite3_stmt *st = NULL;
    int r = g20_sql_prepare(db, sql, &st, e);

    if (r < 0)
        return r;
    r = g20_sql_step(st, e);
    if (r >= 0)
        *ret = r == 1 ? sqlite3_column_int64(st, 0) : 0;
    sqlite3_finalize(st);
    return r < 0 ? r : 0;
}

void g20_sql_text(sqlite3_stmt *st, int column, char *buf, size_t size)
{
    const unsigned char *text = sqlite3_column_text(st, column);

    snprintf(buf, size, "%s", text ? (const char *)text : "");
}
