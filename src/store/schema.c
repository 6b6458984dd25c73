/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "store/schema.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const migrations[] = {
    /* 1: emissions. state: 0 open, 1 closed, 2 unfinished. The last index finds the longest
     * emission, without which no query by time could start anywhere but at the beginning. */
    "CREATE TABLE emissions("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 2),"
    " channel INTEGER NOT NULL,"
    " class TEXT NOT NULL,"
    " class_id INTEGER NOT NULL,"
    " confidence REAL,"
    " start_us INTEGER NOT NULL,"
    " end_us INTEGER NOT NULL,"
    " duration_s REAL NOT NULL,"
    " f_lo_hz REAL NOT NULL,"
    " f_hi_hz REAL NOT NULL,"
    " absolute INTEGER NOT NULL,"
    " level_dbfs REAL,"
    " peak_dbfs REAL,"
    " snr_db REAL,"
    " duty REAL,"
    " model TEXT NOT NULL,"
    " model_version TEXT NOT NULL) STRICT;"
    "CREATE INDEX emissions_time ON emissions(start_us, id);"
    "CREATE INDEX emissions_class ON emissions(class, start_us, id);"
    "CREATE INDEX emissions_open ON emissions(id) WHERE state = 0;"
    "CREATE INDEX emissions_length ON emissions(end_us - start_us);",
    /* 2: what operators name and plan. */
    "CREATE TABLE signals("
    " n INTEGER PRIMARY KEY AUTOINCREMENT,"
    " id TEXT NOT NULL UNIQUE,"
    " created_us INTEGER NOT NULL,"
    " updated_us INTEGER NOT NULL,"
    " name TEXT NOT NULL UNIQUE,"
    " notes TEXT,"
    " modulation TEXT,"
    " bandwidth_hz REAL) STRICT;"
    "CREATE TABLE missions("
    " n INTEGER PRIMARY KEY AUTOINCREMENT,"
    " id TEXT NOT NULL UNIQUE,"
    " created_us INTEGER NOT NULL,"
    " updated_us INTEGER NOT NULL,"
    " name TEXT NOT NULL UNIQUE,"
    " notes TEXT,"
    " enabled INTEGER CHECK (enabled IN (0, 1)),"
    " state TEXT,"
    " plan TEXT NOT NULL,"
    " progress TEXT) STRICT;",
    /* 3: files that others write: the index of them. */
    "CREATE TABLE captures("
    " n INTEGER PRIMARY KEY AUTOINCREMENT,"
    " id TEXT NOT NULL UNIQUE,"
    " created_us INTEGER NOT NULL,"
    " updated_us INTEGER NOT NULL,"
    " state TEXT NOT NULL,"
    " path TEXT NOT NULL,"
    " start_us INTEGER NOT NULL,"
    " duration_s REAL,"
    " center_hz REAL,"
    " sample_rate_hz REAL,"
    " bandwidth_hz REAL,"
    " datatype TEXT,"
    " samples INTEGER,"
    " bytes INTEGER,"
    " dropped INTEGER,"
    " sha512 TEXT,"
    " channel INTEGER,"
    " origin TEXT,"
    " emission_id INTEGER,"
    " mission_id TEXT REFERENCES missions(id) ON DELETE SET NULL,"
    " class TEXT,"
    " notes TEXT,"
    " keep INTEGER CHECK (keep IN (0, 1))) STRICT;"
    "CREATE INDEX captures_time ON captures(start_us, n);"
    "CREATE INDEX captures_mission ON captures(mission_id);"
    "CREATE TABLE samples("
    " n INTEGER PRIMARY KEY AUTOINCREMENT,"
    " id TEXT NOT NULL UNIQUE,"
    " created_us INTEGER NOT NULL,"
    " updated_us INTEGER NOT NULL,"
    " signal TEXT NOT NULL REFERENCES signals(name) ON UPDATE CASCADE,"
    " path TEXT NOT NULL,"
    " start_us INTEGER,"
    " duration_s REAL,"
    " center_hz REAL,"
    " sample_rate_hz REAL,"
    " samples INTEGER,"
    " split TEXT,"
    " recording TEXT,"
    " boxes TEXT,"
    " metadata TEXT) STRICT;"
    "CREATE INDEX samples_signal ON samples(signal, n);"
    "CREATE TABLE models("
    " n INTEGER PRIMARY KEY AUTOINCREMENT,"
    " id TEXT NOT NULL UNIQUE,"
    " created_us INTEGER NOT NULL,"
    " updated_us INTEGER NOT NULL,"
    " signal TEXT REFERENCES signals(name) ON UPDATE CASCADE,"
    " version INTEGER NOT NULL,"
    " path TEXT NOT NULL,"
    " state TEXT NOT NULL,"
    " preset TEXT,"
    " dataset_hash TEXT,"
    " seed INTEGER,"
    " metrics TEXT,"
    " settings TEXT) STRICT;"
    "CREATE INDEX models_signal ON models(signal, state);",
};

int g20_schema_version(void)
{
    return (int)G20_COUNT_OF(migrations);
}

const char *g20_schema_text(int number)
{
    return migrations[number - 1];
}

/* The version, after it is sure that the database is one of ours or an empty one. */
static int version_of(sqlite3 *db, int64_t *ret, struct g20_err *e)
{
    int64_t version = 0, application = 0, objects = 0;
    int r = g20_sql_number(db, "PRAGMA user_version", &version, e);

    if (r >= 0)
        r = g20_sql_number(db, "PRAGMA application_id", &application, e);
    if (r >= 0)
        r = g20_sql_number(db, "SELECT count(*) FROM sqlite_schema", &objects, e);
    if (r < 0)
        return r;
    if (application != G20_SCHEMA_APPLICATION && (application != 0 || version != 0 || objects != 0))
        return g20_fail(e, G20_EFORMAT, "a database of another program");
    if (version < 0)
        return g20_fail(e, G20_EFORMAT, "its version is negative");
    if (version > g20_schema_version())
        return g20_fail(e, G20_EVERSION,
                        "written by a newer g20 (its format is %lld, this program knows %d): use "
                        "that one, or another paths.data_dir",
                        (long long)version, g20_schema_version());
    *ret = version;
    return 0;
}

static int apply(sqlite3 *db, int number, struct g20_err *e)
{
    char end[128];

    snprintf(end, sizeof(end), "PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT",
             G20_SCHEMA_APPLICATION, number);
    int r = g20_sql_exec(db, "BEGIN IMMEDIATE", e);
    if (r < 0)
        return r;
    r = g20_sql_exec(db, migrations[number - 1], e);
    if (r >= 0)
        r = g20_sql_exec(db, end, e);
    if (r < 0) {
        if (!sqlite3_get_autocommit(db))
            sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
        return g20_fail_at(e, r, "migration %d", number);
    }
    return 0;
}

int g20_schema_migrate(sqlite3 *db, int to, struct g20_err *e)
{
    int64_t version = 0;
    int r = version_of(db, &version, e);

    if (r < 0)
        return r;
    if (to == 0)
        to = g20_schema_version();
    for (int number = (int)version + 1; number <= to; number++) {
        r = apply(db, number, e);
        if (r < 0)
            return r;
    }
    return 0;
}

static const char all_objects[] = "SELECT type || name || tbl_name || coalesce(sql, '') "
                                  "FROM sqlite_schema ORDER BY type, name";

static int compare(sqlite3_stmt *a, sqlite3_stmt *b, struct g20_err *e)
{
    for (;;) {
        const int x = g20_sql_step(a, e), y = g20_sql_step(b, e);

        if (x < 0 || y < 0)
            return G20_MIN(x, y);
        if (x == 0 && y == 0)
            return 0;
        const char *s = x ? (const char *)sqlite3_column_text(a, 0) : NULL;
        const char *t = y ? (const char *)sqlite3_column_text(b, 0) : NULL;
        if (!s || !t || strcmp(s, t) != 0)
            return g20_fail(e, G20_EFORMAT, "its tables are not those of g20: %.120s",
                            s ? s : "one is missing");
    }
}

int g20_schema_verify(sqlite3 *db, struct g20_err *e)
{
    sqlite3_stmt *is = NULL, *want = NULL;
    sqlite3 *fresh = NULL;
    int r = g20_sql_open(&fresh, ":memory:", G20_SQL_WRITE, e);

    if (r >= 0)
        r = g20_schema_migrate(fresh, 0, e);
    if (r >= 0)
        r = g20_sql_prepare(fresh, all_objects, &want, e);
    if (r >= 0)
        r = g20_sql_prepare(db, all_objects, &is, e);
    if (r >= 0)
        r = compare(is, want, e);
    sqlite3_finalize(is);
    sqlite3_finalize(want);
    g20_sql_close(fresh);
    return r;
}
