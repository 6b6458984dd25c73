/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* What is too old, or too much, goes: emissions by age, captures by age and by size. */
#include "store/internal.h"

#include "base/clock.h"
#include "store/emissions.h"
#include "store/records.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { ROWS = 500, CAPTURES = 32 }; /* in one go: the writer has other things to do */

static const double DAY_US = 86400e6;

struct limits {
    uint64_t before_us, max_bytes;
    int (*remove)(const char *id, const char *path, void *user);
    void *user;
};

static void get_limits(struct g20_store *s, struct limits *l)
{
    const double now_us = (double)g20_clock_utc_us();

    pthread_mutex_lock(&s->lock);
    const double age_us = s->retention_days * DAY_US;
    l->before_us = age_us > 0 && age_us < now_us ? (uint64_t)(now_us - age_us) : 0;
    l->max_bytes = s->max_bytes;
    l->remove = s->remove_capture;
    l->user = s->remove_user;
    pthread_mutex_unlock(&s->lock);
}

static void count(struct g20_store *s, uint64_t emissions, uint64_t captures)
{
    pthread_mutex_lock(&s->lock);
    s->stats.emissions_deleted += emissions;
    s->stats.captures_deleted += captures;
    pthread_mutex_unlock(&s->lock);
}

struct victim {
    char id[80], path[1100];
};

/* Files first: a record without files is found and deleted the next time, files without a record
 * would stay for ever. */
static int remove_one(struct g20_store *s, const struct limits *l, const struct victim *v,
                      struct g20_err *e)
{
    if (!l->remove)
        return g20_fail(e, G20_EUNSUPPORTED, "deleting captures: not implemented");
    const int r = l->remove(v->id, v->path, l->user);

    if (r < 0 && r != -ENOENT)
        return g20_fail(e, r, "capture %s: its files cannot be deleted: %s", v->id,
                        g20_strerror(r));
    return g20_records_delete(s->db, G20_CAPTURES, v->id, e);
}

int g20_store_remove_now(struct g20_store *s, const char *id, struct g20_err *e)
{
    struct victim v;
    struct limits l;
    json_t *o = NULL;
    int r = g20_records_get(s->db, G20_CAPTURES, id, &o, e);

    if (r < 0)
        return r;
    const char *state = json_string_value(json_object_get(o, "state"));
    const char *path = json_string_value(json_object_get(o, "path"));
    get_limits(s, &l);
    if (!state || !path || strcmp(state, "recording") == 0)
        r = g20_fail(e, -EBUSY, "capture %.64s is still being recorded", id);
    if (r >= 0) {
        snprintf(v.id, sizeof(v.id), "%.79s", id);
        snprintf(v.path, sizeof(v.path), "%.1099s", path ? path : "");
        r = remove_one(s, &l, &v, e);
    }
    json_decref(o);
    return r;
}

/* The oldest captures that may go: for their age, or while all together are too large. Those that
 * could not be deleted are stepped over with @after_n. */
static int oldest(struct g20_store *s, const struct limits *l, bool for_room, struct victim *v,
                  int most, struct g20_err *e)
{
    sqlite3_stmt *st = NULL;
    int64_t total = 0;
    int n = 0;
    int r = g20_sql_number(s->db, "SELECT sum(bytes) FROM captures", &total, e);

    if (r >= 0)
        r = g20_sql_prepare(s->db,
                            "SELECT id, path, coalesce(bytes,0), start_us FROM captures WHERE"
                            " state<>'recording' AND coalesce(keep,0)=0 ORDER BY start_us, n",
                            &st, e);
    if (r < 0)
        return r;
    while (n < most && (r = g20_sql_step(st, e)) == 1) {
        const bool go = for_room ? total > (int64_t)G20_MIN(l->max_bytes, (uint64_t)INT64_MAX)
                                 : (uint64_t)sqlite3_column_int64(st, 3) < l->before_us;

        if (!go)
            break;
        g20_sql_text(st, 0, v[n].id, sizeof(v[n].id));
        g20_sql_text(st, 1, v[n].path, sizeof(v[n].path));
        total -= sqlite3_column_int64(st, 2);
        n++;
    }
    sqlite3_finalize(st);
    return r < 0 ? r : n;
}

static int remove_captures(struct g20_store *s, const struct limits *l, bool for_room,
                           struct g20_err *e)
{
    struct victim v[CAPTURES];
    const int n = oldest(s, l, for_room, v, CAPTURES, e);
    int r = 0;

    for (int i = 0; i < n && r >= 0; i++) {
        r = remove_one(s, l, &v[i], e);
        if (r >= 0)
            count(s, 0, 1);
    }
    return n < 0 ? n : r < 0 ? r : n == CAPTURES;
}

int g20_store_retain(struct g20_store *s, struct g20_err *e)
{
    struct limits l;
    int r = 0, more = 0;

    get_limits(s, &l);
    if (l.before_us > 0) {
        r = g20_emissions_delete_before(s->db, l.before_us, ROWS, e);
        if (r > 0)
            count(s, (uint64_t)r, 0);
        more |= r == ROWS;
    }
    if (r >= 0 && l.before_us > 0 && l.remove) {
        r = remove_captures(s, &l, false, e);
        more |= r > 0;
    }
    if (r >= 0 && l.max_bytes > 0 && l.remove) {
        r = remove_captures(s, &l, true, e);
        more |= r > 0;
    }
    if (r >= 0)
        r = g20_sql_exec(s->db, "PRAGMA incremental_vacuum(256)", e);
    return r < 0 ? r : more;
}
