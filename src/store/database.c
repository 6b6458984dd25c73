/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "store/database.h"

#include "base/clock.h"
#include "store/schema.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PATH_BYTES = 4200, ASIDE_BYTES = 512 };

/* Up to this size all pages are checked at the start (a tenth of a second); what is wrong in a
 * larger one shows when it is used, and then the same is done. */
static const off_t CHECKED_BYTES = 32 << 20;

static bool is_small(const char *path)
{
    struct stat s;

    return stat(path, &s) == 0 && s.st_size <= CHECKED_BYTES;
}

static int check_pages(sqlite3 *db, struct g20_err *e)
{
    sqlite3_stmt *st = NULL;
    char text[200];
    int r = g20_sql_prepare(db, "PRAGMA quick_check(1)", &st, e);

    if (r < 0)
        return r;
    r = g20_sql_step(st, e);
    if (r == 1) {
        g20_sql_text(st, 0, text, sizeof(text));
        r = strcmp(text, "ok") == 0 ? 0 : g20_fail(e, G20_EFORMAT, "damaged: %s", text);
    }
    sqlite3_finalize(st);
    return r;
}

static int open_once(sqlite3 **ret, const char *path, struct g20_err *e)
{
    sqlite3 *db = NULL;
    int r = g20_sql_open(&db, path, G20_SQL_WRITE, e);

    if (r < 0)
        return r;
    r = g20_schema_migrate(db, 0, e);
    if (r >= 0)
        r = g20_schema_verify(db, e);
    if (r >= 0 && is_small(path))
        r = check_pages(db, e);
    if (r < 0) {
        g20_sql_close(db);
        return g20_fail_at(e, r, "%.150s", path);
    }
    *ret = db;
    return 0;
}

int g20_database_set_aside(const char *path, char *ret_name, size_t size, struct g20_err *e)
{
    static const char *const endings[] = {"-wal", "-shm", ""};
    char stamp[32], name[PATH_BYTES], from[PATH_BYTES], to[PATH_BYTES + 16];
    const time_t now = (time_t)(g20_clock_utc_us() / 1000000);
    struct tm tm;

    gmtime_r(&now, &tm);
    strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm);
    snprintf(name, sizeof(name), "%.4000s.damaged-%s", path, stamp);
    for (int i = 2; access(name, F_OK) == 0 && i < 1000; i++)
        snprintf(name, sizeof(name), "%.4000s.damaged-%s-%d", path, stamp, i);
    for (size_t i = 0; i < G20_COUNT_OF(endings); i++) {
        snprintf(from, sizeof(from), "%.4000s%s", path, endings[i]);
        snprintf(to, sizeof(to), "%s%s", name, endings[i]);
        if (rename(from, to) < 0 && errno != ENOENT) {
            const int r = -errno;
            return g20_fail(e, r, "%.150s: cannot be renamed: %s", from, g20_strerror(r));
        }
    }
    snprintf(ret_name, size, "%s", name);
    return 0;
}

int g20_database_open(sqlite3 **ret, const char *path, char *ret_aside, struct g20_err *e)
{
    struct g20_err why = {0};
    char name[300];
    int r = open_once(ret, path, &why);

    ret_aside[0] = '\0';
    if (r != G20_EFORMAT)
        return r < 0 ? g20_fail(e, r, "%s", why.msg) : 0;
    r = g20_database_set_aside(path, name, sizeof(name), e);
    if (r < 0)
        return r;
    snprintf(ret_aside, ASIDE_BYTES, "%.200s; kept as %.290s", why.msg, name);
    return open_once(ret, path, e);
}

bool g20_database_is_damaged(const char *path)
{
    sqlite3 *db = NULL;
    int r = g20_sql_open(&db, path, G20_SQL_READ, NULL);

    if (r >= 0)
        r = check_pages(db, NULL);
    g20_sql_close(db);
    return r == G20_EFORMAT;
}
